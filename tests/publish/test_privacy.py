import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cl import rut as stdnum_rut

from publish.privacy import emails, folding, phones, ruts, scanning, surroundings
from publish.privacy.folding import fold, fold_with_places
from publish.privacy.ruts import verifying_digit
from publish.privacy.scanning import MASK, Kind, Reserved, Scanner, may_hold
from tests.planted import RUT_SPELLINGS, SPELLINGS, Planter

PORTFOLIO = ["40048130-0", "20111222-2"]
RESERVED = [
    ("nombre", "Rosa Elena Ñancupil Soto"),
    ("nombre", "Ana Soto"),
    ("nombre", "Quilodrán"),
    ("cuenta", "1005572437"),
    ("cuenta", "5482"),
    ("cuenta", "juan.sin.arroba"),
    ("nombre_rut", "Pedro Pablo Órdenes"),
    ("nombre_rut", "Municipalidad de Ñuñoa"),
    ("nombre_rut_publicable", "MUNICIPALIDAD  DE NUNOA"),
    ("nombre", "Servicio Andino"),
    ("nombre_rut", "Servicio Andino"),
    ("nombre_rut_publicable", "Servicio Andino"),
]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(Reserved.of(RESERVED), PORTFOLIO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("solicitante RUT 16.067.432-6", "solicitante RUT #"),
        ("solicitante RUT 16067432-6.", "solicitante RUT #."),
        ("RUT16067432-6", "RUT#"),
        ("rut: 160674326 del titular", "rut: # del titular"),
        ("R.U.T. Nº 16.067.432 - 6", "R.U.T. Nº #"),
        ("C.I. n° 160674326", "C.I. n° #"),
        ("cédula de identidad 16067432 6", "cédula de identidad #"),
        ("(18.102.609-k)", "(#)"),
        ("18102609K", "#"),
        ("18.102.609 – K", "#"),
        ("16 067 432-6", "#"),
        ("16. 067. 432 -6", "#"),
        ("16.067.4326", "#"),
        ("16,067,432-6", "#"),
        ("1\N{ZERO WIDTH SPACE}6.067.432\N{NON-BREAKING HYPHEN}6", "#"),
        ("１６.０６７.４３２-６", "#"),
        ("Nº16067432-6", "Nº#"),
        ("EXP-16067432-6", "EXP-#"),
        ("016067432-6", "#"),
        ("5.572.437-7", "#"),
        ("5572437-7/16.067.432-6", "#/#"),
        ("16.067.432-6,5.572.437-7", "#,#"),
        ("907.123-7", "#"),
        ("RUT 12345-5", "RUT #"),
        ("16067432-6-juan", "#-juan"),
        ("RUT 16-067-432-6", "RUT #"),
        ("doc_16_067_432_6.pdf", "doc_#.pdf"),
        ("16/067/432-6", "#"),
        ("5–572–437–7", "#"),
        ("titular (16067432)-6", "titular (#"),
        ("RUT: (16.067.432)-6", "RUT: (#"),
        ("RUT 16.067.432, 6 vecinos", "RUT # vecinos"),
        ("titular 16.067.432;6", "titular #"),
        ("titular 16067432\\6", "titular #"),
        ("16..067..432-6", "#"),
        ("16 .. 067 .. 432-6", "#"),
        ("16.067.432<br>-6", "#"),
        ("Pedro<br/>Pablo <b>Órdenes</b>", "#</b>"),
        ("34.567.890-5", "#"),
        ("21.000.470=K", "#"),
        ("21000581=1", "#"),
        ("21.000.655 --- 9", "#"),
        ("16.067.432 +6", "#"),
        ("16067432 #6", "#"),
        ("16.067.432>6", "#"),
        ('16067432 "6"', '#"'),
        ("16067432 “6”", "#”"),
        ("(12.345.678)(5)", "(#"),
        ("12345678, dígito verificador es 5", "#"),
        ("12.345.678 y dígito verificador 5", "#"),
        ("12:345:678-5", "#"),
        ("21\u201a000\u201a655-9", "#"),
        ("21\u066c000\u066c655-9", "#"),
        ("21\ua4f8000\ua4f8655-9", "#"),
        ("21.000.655\uff1d9", "#"),
        ("RUT 12345=5", "RUT #"),
        ("210006923,210001379", "#,#"),
        ("210006923/760057657/210001379", "#/760057657/#"),
        ("210006923-210001379", "#-#"),
        ("12345678 5 15777888 9", "# #"),
        ("cuentaRUT 21000544", "cuentaRUT #"),
        ("Cuenta R.U.T. N° 21.000.544", "Cuenta R.U.T. N° #"),
        ("CTA. RUT Banco Estado: 21 000 544", "CTA. RUT Banco Estado: #"),
        ("cuenta_rut_210005440", "cuenta_rut_#"),
        ("30000010-k", "#"),
        ("escriba a vecina.junta@correo.cl o venga", "escriba a # o venga"),
        ("JOSÉ_PÉREZ@Muni.Gob.CL", "#"),
        ("juan @ correo.cl", "#"),
        ("de juan_arroba_gmail_punto_com", "de #"),
        ("de juan-at-gmail-dot-com", "de #"),
        ("+56 9 8765 4321", "#"),
        ("fono +56987654321.", "fono #."),
        ("(+56) 9 8765-4321", "#"),
        ("56987654321", "#"),
        ("contacto 9 8765 4321, Ana", "contacto #, Ana"),
        ("9-8765-4321", "#"),
        ("09 87654321", "#"),
        ("llamar al 987654321", "llamar al #"),
        ("contacto: Rosa, 98 765 4321", "contacto: Rosa, #"),
        ("llamar 98-765-4321", "llamar #"),
        ("foto_9_8765_4321.jpg", "foto_#.jpg"),
        ("(56 32) 221 3456", "#"),
        ("02-23456789", "#"),
        ("(2) 2345 6789", "#"),
        ("2 2345 6789", "#"),
        ("teléfono: 223456789", "teléfono: #"),
        ("Tel. 2345678", "Tel. #"),
        ("fonos 22345678 / 22345679", "fonos # / #"),
        ("fonos 22345678, 2234 5679 o 2345678", "fonos #, # o #"),
        ("fonos 22345678-22345679-22345670", "fonos #-#-#"),
        ("tel. 22345678 y 22345679, folio 1234567", "tel. # y #, folio 1234567"),
        ("fono 22345678, 40048130-0", "fono #, 40048130-0"),
        ("fono 22345678 20240131", "fono # 20240131"),
        ("fono 22345678, 1500000 pesos", "fono #, 1500000 pesos"),
        ("2-22345678", "#"),
        ("987 65 4321", "#"),
        ("9 87 654 321", "#"),
        ("32-2213456", "#"),
        ("9876-54321", "#"),
        ("98-7654321", "#"),
        ("22 345 67 89", "#"),
        ("expone Rosa Elena Ñancupil Soto.", "expone #."),
        ("expone ROSA  ELENA\nNANCUPIL SOTO", "expone #"),
        ("RosA elena N\N{COMBINING TILDE}ancupil Soto", "#"),
        ("(Ana Soto)", "(#)"),
        ("Pedro Pablo Ordenes E.I.R.L.", "# E.I.R.L."),
        ("cuenta 1005572437, banco", "cuenta #, banco"),
        ("usuario juan.sin.arroba", "usuario #"),
        ("Servicio Andino", "#"),
        ("QUILODRAN", "#"),
    ],
)
def test_replaces_the_hit_and_nothing_else(scanner: Scanner, text: str, expected: str) -> None:
    assert scanner.mask(text) == expected.replace("#", MASK)


@pytest.mark.parametrize(
    "text",
    [
        "1057439-1-LP23",
        "1057439-20-LP25",
        "5482-1-SE23",
        "98765-4321-SE23",
        "1/2023",
        "907/2024",
        "907-2",
        "EXP-40048130-0",
        "40048130-0",
        "20111222-2",
        "20.111.222-2",
        "30449383-0",
        "44804511-7",
        "49999999-12",
        "2401SC0626",
        "SGD-2021-000001",
        "T-2023-00002",
        "PG-12",
        "00485",
        "2023-01",
        "2023-01-15",
        "15-01-2023",
        "2023-01-15 09:30:00",
        "programa 2 2023-2024",
        "años 9 2023 2024",
        "$ 1.234.567",
        "$ 1.234.567 - 4 cuotas",
        "entre 5.000.000-6.000.000",
        "M$817.390",
        "16067432",
        "16.067.432",
        "987.654.321",
        "$987654321",
        "987654321 pesos",
        "folio 987654321",
        "teléfonos 1.500.000",
        "$ 987 654 321",
        "987 654 321 pesos",
        "folio 987 654 321",
        "monto 98 765 4321",
        "empresa 959 785 198",
        "acuerdos 921 922 923",
        "987 654 321 000",
        "95-123-2024",
        "acta_9_2024_1234.pdf",
        "ord_9_8765_2024.pdf",
        "02-20240131",
        "16-067-432-5",
        "24-03-100-001",
        "16.067.432,6",
        "16.067.432, 6 cuotas",
        "$ 16.067.432; 6",
        "16.067.432; 6.543.210",
        "16.067.432;6;0;0",
        "enero;16.067.432;6;aprobada",
        "76.005.765-7",
        "76005765-7",
        "RUT 760057657",
        "cuentaRUT 76005765",
        "cuenta RUT $ 1.500.000",
        "210006923,210001370",
        "folios 210006923,210001379",
        "400481300,210006923",
        "20240131-20240215",
        "2401:345:678-5",
        "12.345.678=6",
        "16.067.432-5",
        "-33.393087",
        "223456789",
        "33-2213456",
        "987 65 2024",
        "folio 9876-54321",
        "monto 9 87 654 321",
        "orden 2-22345678",
        "etapa 2 29646119",
        "a1b2c3d4987654321ff16067432a6",
        "https://www.gobiernosantiago.cl/datos",
        "Mariana Soto",
        "Ana Sotomayor",
        "calle Quilodrán 123",
        "orden 5482",
        "Municipalidad de Ñuñoa",
        "11005572437",
        "1005572437-9-LP23",
        "",
    ],
)
def test_leaves_look_alikes_alone(scanner: Scanner, text: str) -> None:
    assert scanner.hits(text) == []


def test_a_reserved_word_alone_counts_only_where_anything_may_be_typed(scanner: Scanner) -> None:
    assert scanner.hits("Quilodrán", lone_words=True)
    assert not scanner.hits("Quilodrán", lone_words=False)


def test_a_name_beside_a_closed_column_too_is_reserved_though_it_is_published_elsewhere(scanner: Scanner) -> None:
    assert [hit.kind for hit in scanner.hits("Servicio Andino")] == [Kind.NAME]


def test_what_overlaps_is_one_hit() -> None:
    scanner = Scanner(Reserved.of([("nombre", "Ana Soto"), ("nombre", "Soto Rojas"), ("nombre", "Luis Soto Rojas")]))
    assert scanner.mask("Ana Soto Rojas y Luis Soto Rojas") == f"{MASK} y {MASK}"


def test_reserved_values_of_an_unknown_type_are_refused() -> None:
    with pytest.raises(ValueError, match="'alias'"):
        Reserved.of([("alias", "Ana Soto")])


def test_the_portfolio_alone_lets_an_old_code_pass() -> None:
    assert Scanner(Reserved.of([])).hits("20111222-2")


natural = st.one_of(
    st.integers(1_000_000, 29_999_999), st.integers(30_000_000, 49_999_999), st.integers(100_000, 999_999)
)
legal = st.integers(50_000_000, 99_999_999)
blank = st.sampled_from(["", " ", "  ", "\N{NO-BREAK SPACE}"])
dash = st.sampled_from(["-", "\N{EN DASH}", "\N{NON-BREAKING HYPHEN}", "\N{MINUS SIGN}"])
around = st.sampled_from([("", ""), ("solicita ", ", en Maipú"), ("(", ")"), ("RUT:", "."), ("«", "»"), ("n°", ";")])


@st.composite
def spelling(draw: st.DrawFn, number: int) -> str:
    dots = [".", " . ", ". ", ",", "..", ""]
    dot = draw(st.sampled_from(dots if number < 1_000_000 else [*dots, "-", "_", "/", "\N{EN DASH}"]))
    digits = f"{number:,}".replace(",", dot)
    dv = verifying_digit(number)
    dv = draw(st.sampled_from([dv, dv.upper()]))
    return f"{draw(st.sampled_from(['', '0', '00']))}{digits}{draw(blank)}{draw(dash)}{draw(blank)}{dv}"


def is_initiative_code(number: int, spelled: str) -> bool:
    return 30_000_000 <= number < 50_000_000 and str(number) in spelled


@given(st.data())
def test_every_rut_of_a_natural_person_is_found_in_every_spelling(data: st.DataObject) -> None:
    number = data.draw(natural)
    spelled = data.draw(spelling(number))
    before, after = data.draw(around)
    masked = Scanner(Reserved.of([])).mask(f"{before}{spelled}{after}")
    if is_initiative_code(number, spelled) and verifying_digit(number) != "k":
        assert MASK not in masked
    else:
        assert masked == f"{before}{MASK}{after}"


@given(st.data())
def test_no_rut_of_a_company_is_touched(data: st.DataObject) -> None:
    before, after = data.draw(around)
    text = f"{before}{data.draw(spelling(data.draw(legal)))}{after}"
    assert Scanner(Reserved.of([])).mask(text) == text


@given(natural, st.sampled_from(["RUT ", "rut n° ", "RUN:", "C.I. ", "cédula "]))
def test_beside_its_name_a_rut_is_found_without_dash(number: int, label: str) -> None:
    assert Scanner(Reserved.of([])).mask(f"{label}{number}{verifying_digit(number)}") == label + MASK


@given(st.integers(1, 99_999_999))
def test_the_verifying_digit_is_that_of_modulus_11(number: int) -> None:
    assert verifying_digit(number).upper() == stdnum_rut.calc_check_digit(f"{number:08d}")


@given(st.text())
def test_places_belong_to_the_same_folded_text(text: str) -> None:
    folded, places = fold_with_places(text)
    assert folded == fold(text)
    assert len(places) == len(folded)
    assert places == sorted(places)


@given(st.text(), st.text())
def test_a_reserved_name_is_found_between_any_two_texts(before: str, after: str) -> None:
    name = "Rosa Elena Ñancupil"
    scanner = Scanner(Reserved.of([("nombre", name)]))
    masked = scanner.mask(f"{before} {name.upper()} {after}")
    assert fold(name) not in fold(masked)


@given(st.text(alphabet="0123456789.-kK RUT,@+()ab", max_size=60))
def test_what_was_replaced_leaves_nothing_to_find(text: str) -> None:
    scanner = Scanner(Reserved.of([]))
    assert scanner.hits(scanner.mask(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "12345678-5-2024",
        "OC 12345678-5-CM24",
        "2024-12345678-5",
        "12345678-5A",
        "$12.345.678-5",
        "dte/F12345678-5T33.xml",
    ],
)
def test_a_natural_rut_inside_a_longer_code_is_found(scanner: Scanner, text: str) -> None:
    assert "345" not in scanner.mask(text)


@pytest.mark.parametrize("text", ["1057439-1-LP23", "5482-1-SE23", "1057439-20-LP25", "1005-2-2024"])
def test_the_code_of_a_tender_or_order_is_left_alone(scanner: Scanner, text: str) -> None:
    assert scanner.mask(text) == text


# ---- 47 spellings, and what only looks like them


NAMES = ["Rosa Elena Ñancupil Soto", "Juan Carlos Quezada Muñoz", "María José O'Ryan Díaz"]


@pytest.fixture(scope="module")
def planted() -> Scanner:
    return Scanner(Reserved.of([("nombre", name) for name in NAMES]), PORTFOLIO)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_replaced_whole_in_each_of_47_spellings(planted: Scanner, spelling: str) -> None:
    planter = Planter(NAMES, seed=7)
    for _ in range(25):
        secret = planter.secret(spelling)
        for around in ("vecino {}, de Maipú", "({})", "{}", "solicita {}.", "«{}»"):
            text = around.format(secret.before + secret.text)
            assert planted.mask(text) == around.format(secret.before + MASK), text


def test_two_thousand_look_alikes_are_left_alone(planted: Scanner) -> None:
    planter = Planter(NAMES, seed=7)
    touched = [text for _ in range(2_000) if planted.hits(text := f"obra, {planter.look_alike()}; y más")]
    assert touched == []


@pytest.mark.parametrize("write", [write for _, write in RUT_SPELLINGS.values()])
def test_the_rut_of_a_company_is_left_alone_in_every_spelling(planted: Scanner, write: Any) -> None:
    for number in (50_000_000, 59_999_999, 61_920_320, 76_005_765, 76_937_952, 89_999_999):
        text = write(number, verifying_digit(number).upper())
        assert planted.hits(f"empresa {text}, de Maipú") == [], text


@pytest.mark.parametrize(
    "text",
    [
        "Informe_Rosa_Elena_Ñancupil_Soto.pdf", "RosaElenaÑancupilSoto.pdf", "ROSA ELENA\u00a0ÑANCUPIL SOTO",
        "(Rosa  Elena, Ñancupil Soto)", "Rosa Elena Ñancupil Soto's", "Ñancupil Soto, Rosa Elena",
        "SOTO, Rosa Elena Ñancupil",
        "Rosa Elena\nÑancupil Soto", "rosa.elena.nancupil.soto", "Rоsa Elena Ñancupil Soto", "Maria Jose O´Ryan Diaz",
        "Rosa&nbsp;Elena%20%C3%91ancupil Soto", "Rosa\u2800Elena Ñancupil Soto",
        "ROSA ELENA ?ANCUPIL SOTO", "ROSA ELENA ¥ANCUPIL SOTO", "ROSA ELENA ÐANCUPIL SOTO",
        "Rosa Elena %F1ancupil Soto", "Soto, Rosa Elena \ufffdancupil", r"Rosa Elena \u00f1ancupil Soto",
        "ROSA ELENA Ã‘ANCUPIL SOTO", "Rosa Elena Ã±ancupil Soto", "ROSA ELENA Ã\x91ANCUPIL SOTO",
        "ROSA ELE\u039dA ÑANCUPIL SOTO",
        "Mar?a Jos? O'Ryan D?az", "MarÃ\xada JosÃ© O'Ryan DÃ­az",
    ],
)  # fmt: skip
def test_a_reserved_name_is_found_however_it_is_written(planted: Scanner, text: str) -> None:
    assert [hit.kind for hit in planted.hits(text)] == [Kind.NAME]
    assert "soto" not in fold(planted.mask(text))
    assert "diaz" not in fold(planted.mask(text))


def test_what_a_lost_letter_leaves_of_a_name_is_no_shorter_name() -> None:
    scanner = Scanner(Reserved.of([("nombre", "Rosa Ñ."), ("nombre", "Muñoz")]))
    assert scanner.hits("calle Rosa 12, mu oz") == []
    assert scanner.hits("calle Rosa Ñ.")


@pytest.mark.parametrize(
    "text", ["Rosa Elena", "Ñancupil Soto", "Rosa Elena y Ñancupil Soto", "Mariposa Elena Ñancupil Soto"]
)
def test_a_part_of_a_name_or_a_longer_word_is_no_name(planted: Scanner, text: str) -> None:
    assert planted.hits(text) == []


@pytest.mark.parametrize("text", ["100-557-2437", "cta. 1005 572 437", "1005.572.437", "0001005572437"])
def test_an_account_is_found_with_signs_between_its_digits(scanner: Scanner, text: str) -> None:
    assert MASK in scanner.mask(text)


def test_digits_alone_are_a_code_where_codes_stand(scanner: Scanner) -> None:
    assert scanner.hits("160674326")
    assert scanner.hits("160674326", bare_ruts=False) == []


@pytest.mark.parametrize("text", ["40048130", "400481300", "20111222", "201112222", "20240131", "31012024", "30449380"])
def test_bare_digits_that_are_a_code_of_an_initiative_or_a_date_are_no_rut(scanner: Scanner, text: str) -> None:
    assert scanner.hits(f"obra {text} en Maipú") == []


figures = st.text("0123456789", min_size=1, max_size=9)
between = st.sampled_from(
    [
        *("", " ", ".", "-", "/", ", ", "(", ") ", "k", "rut ", "c.i. n°", " guion ", " dv ", "@", "x", ":", "=", ")("),
        *("cuenta rut ", " digito es ", " --- ", ' "'),
    ]
)


@given(st.lists(st.tuples(figures, between), max_size=8))
def test_what_a_text_may_hold_does_not_hang_on_its_figures(parts: list[tuple[str, str]]) -> None:
    folded = fold("".join(before + digits for digits, before in parts))
    shape = re.sub(r"\d", "0", folded)
    assert all(of_shape >= of_text for of_text, of_shape in zip(may_hold(folded), may_hold(shape), strict=True))


# ---- each rule has a text that it alone finds


ONLY = {
    (ruts, "STRONG", "dashed"): "16067432-6",
    (ruts, "STRONG", "mixed_groups"): "16.067-432-6",
    (ruts, "STRONG", "dashed_groups"): "16-067-432-6",
    (ruts, "STRONG", "ends_in_k"): "18102609K",
    (ruts, "STRONG", "dotted"): "16.067.4326",
    (ruts, "STRONG", "spoken"): "16067432 guión 6",
    (ruts, "STRONG", "odd_dots"): "160674.32-6",
    (ruts, "STRONG", "odd_blanks"): "1606 7432-6",
    (ruts, "STRONG", "spaced_out"): "1 6 0 6 7 4 3 2 6",
    (ruts, "WEAK", "signed"): "16.067.432/6",
    (ruts, "WEAK", "parted"): "16.067.432, 6",
    (ruts, "WEAK", "bracketed"): "16.067.432 (6)",
    (ruts, "WEAK", "blank"): "16.067.432 6",
    (ruts, "IN_FILE_NAME", None): "F160674326T33.xml",
    (ruts, "BARE", None): "160674326",
    (ruts, "LABELLED", None): "RUT 12345-5",
    (ruts, "LISTED", None): "210006923,210001379",
    (ruts, "CUENTA_RUT", None): "cuentaRUT 21000544",
    (emails, "EMAILS", "plain"): "vecina@correo.museum",
    (emails, "EMAILS", "broken"): "vecina @ correo . cl",
    (emails, "EMAILS", "bare"): "vecina@correo",
    (emails, "EMAILS", "spoken"): "vecina [at] correo.cl",
    (emails, "EMAILS", "glued_item"): "vecina(a)correo.cl (b)",
    (emails, "EMAILS", "item"): "vecina (a) correo.cl",
    (phones, "PHONES", "plus"): "+56 32 2213456",
    (phones, "PHONES", "country"): "56-2-2345-6789",
    (phones, "PHONES", "country_in_brackets"): "(56-2) 2345 6789",
    (phones, "PHONES", "mobile"): "9 8765 4321",
    (phones, "PHONES", "mobile_threes"): "987-654-321",
    (phones, "PHONES", "mobile_small"): "9 876 54 321",
    (phones, "PHONES", "area"): "(32) 221 3456",
    (phones, "PHONES", "landline"): "2 2345 6789",
    (phones, "LABELLED_PHONE", None): "Tel. 2345678",
    (phones, "WEAK_PHONES", "bare"): "987654321",
    (phones, "WEAK_PHONES", "threes"): "987 654 321",
    (phones, "WEAK_PHONES", "in_three"): "98 765 4321",
    (phones, "WEAK_PHONES", "four_five"): "9876 54321",
    (phones, "WEAK_PHONES", "pairs"): "987 65 43 21",
    (phones, "WEAK_PHONES", "landline"): "2-22345678",
    (phones, "WEAK_PHONES", "in_files"): "9_8765_4321",
    (scanning, "_SPELLED_ACCOUNT", None): "100-557-2437",
    (folding, "_ESCAPED", None): "16.067.432&#45;6",
}
NOTHING = re.compile(r"(?!)")


@pytest.mark.parametrize(("rule", "text"), ONLY.items(), ids=[f"{name}_{form}" for _, name, form in ONLY])
def test_without_a_rule_the_text_that_it_alone_finds_would_be_published(
    monkeypatch: pytest.MonkeyPatch, rule: tuple[Any, str, str | None], text: str
) -> None:
    scanner = Scanner(Reserved.of(RESERVED))
    assert MASK in scanner.mask(f"vecino {text}, Maipú")
    module, name, form = rule
    if form is None:
        without = ruts.Form(NOTHING, NOTHING) if isinstance(getattr(module, name), ruts.Form) else NOTHING
        monkeypatch.setattr(module, name, without)
    else:
        monkeypatch.delitem(getattr(module, name), form)
    assert scanner.hits(f"vecino {text}, Maipú") == []


def test_every_rule_has_such_a_text() -> None:
    tables = [
        *((ruts, "STRONG"), (ruts, "WEAK")),
        *((emails, "EMAILS"), (phones, "PHONES"), (phones, "WEAK_PHONES")),
    ]
    rules = {(module, name, form) for module, name in tables for form in getattr(module, name)}
    alone = {(module, name) for module, name, form in ONLY if form is None}
    assert rules == {rule for rule in ONLY if rule[2] is not None}
    assert alone >= {(ruts, name) for name in ("BARE", "IN_FILE_NAME", "LABELLED", "LISTED", "CUENTA_RUT")}
    assert alone >= {(phones, "LABELLED_PHONE")}


@pytest.mark.parametrize("text", ["Díaz Soto, Rosa", "RosaDiazSoto"])
def test_without_its_other_spellings_a_name_would_be_published(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    values = [("nombre", "Rosa Díaz Soto")]
    assert Scanner(Reserved.of(values)).hits(text)
    monkeypatch.setattr(scanning, "_other_spellings", lambda _: iter(()))
    assert not Scanner(Reserved.of(values)).hits(text)


LISTED_WORDS = f"{surroundings._AMOUNTS}|{surroundings._PAPERS}".replace("\\", "").split("|")


@pytest.mark.parametrize("word", LISTED_WORDS)
def test_each_word_that_excuses_a_number_is_needed(scanner: Scanner, word: str) -> None:
    assert scanner.hits(f"obra {word} 160674326") == []
    assert scanner.hits(f"obra {word}x 160674326")


DASHES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Pd"]


@pytest.mark.parametrize("sign", [*DASHES, *folding._LOOKS_LIKE["-"]])
def test_every_dash_is_a_dash(scanner: Scanner, sign: str) -> None:
    assert scanner.mask(f"16.067.432{sign}6") == MASK


def test_the_words_of_the_project_itself_are_no_names_in_its_reports() -> None:
    reserved = Reserved.of([("nombre", "Consejo Regional"), ("nombre", "Ana Soto")])
    assert reserved.without("Acuerdos del consejo  regional.").names == Reserved.of([("nombre", "Ana Soto")]).names


@pytest.mark.parametrize(
    ("value", "text", "masked"),
    [
        (("nombre", "PEREZ,JUAN"), "Revisado por Perez, Juan en terreno", "Revisado por # en terreno"),
        (("nombre", "PEREZ,JUAN"), "Revisado por Juan Pérez", "Revisado por #"),
        (("nombre", "juan.perez"), "de juan.perez hoy", "de # hoy"),
        (("nombre", "Ana Soto Díaz / Luis Rojas Paz"), "vio Ana Soto Díaz", "vio #"),
        (("nombre", "Ana Soto Díaz; Luis Rojas Paz"), "vio Luis Rojas Paz", "vio #"),
        (("nombre", "Juan Vera Lagos (S)"), "vio Juan Vera Lagos", "vio #"),
        (("nombre", "Sr. Juan Vera Lagos"), "vio Juan Vera Lagos", "vio #"),
        (("nombre", "Nombre: Sra. Eva Paz Lobos"), "vio Eva Paz Lobos", "vio #"),
        (("nombre", "Ana (Anita) Rojas Vera"), "vio Ana Rojas Vera", "vio #"),
        (("nombre", "Carla Ruiz - DIPIR"), "vio Carla Ruiz, de DIPIR", "vio #, de DIPIR"),
        (("nombre", "Juan Vera Lagos, Jefe DIPIR"), "vio Juan Vera Lagos", "vio #"),
        (("nombre", "Ana Ruz Paz, Leo Ruz Paz"), "vio Leo Ruz Paz", "vio #"),
        (("nombre", "Ana Ruz, Leo Paz, Eva Vera"), "vio Leo Paz", "vio #"),
        (("nombre", "Ana Soto y Luis Paz Vera"), "vio Luis Paz Vera, y Ana Soto", "vio #, y #"),
        (("nombre", "Ana Soto e Inés Paz Vera"), "vio Inés Paz Vera", "vio #"),
        (("nombre", "Eva Paz Lobos\nIván Paz Lobos"), "vio Iván Paz Lobos, y Eva Paz Lobos", "vio #, y #"),
        (("nombre", "Paz Lillo, Marta <mlillo@muni.cl>"), "vio Marta Paz Lillo", "vio #"),
        (("nombre", "12.345.678-5 Marta Leal Paz"), "vio Marta Leal Paz", "vio #"),
        (("nombre", "Leal Paz Marta 12345678-5"), "vio Marta Leal Paz", "vio #"),
        (("nombre", "RUT 12.345.678-5 Marta Leal Paz, fono 987654321"), "vio Marta Leal Paz", "vio #"),
        (("nombre", "Bernardo O'Higgins Riquelme"), "vio BERNARDO OHIGGINS RIQUELME", "vio #"),
        (("nombre", "María-José Núñez Rojas"), "vio MARIAJOSE NUNEZ ROJAS", "vio #"),
        (("nombre_rut", "Juan Vera Lagos (Almacén)"), "vio Juan Vera Lagos", "vio #"),
        (("cuenta", "CTA CTE 1005572437"), "pagado a 1005572437", "pagado a #"),
        (("cuenta", "ANA SOTO ROJAS"), "pagado a Ana Soto Rojas", "pagado a #"),
        (("cuenta", "ana@correo"), "avisar a ana@correo", "avisar a #"),
        (("cuenta", "rosanancupil"), "RosaNancupil", "#"),
        # Codes are nobody's name, wherever a shifted row has put them.
        (("nombre", "1057439-20-LP25"), "licitación 1057439-20-LP25", "licitación 1057439-20-LP25"),
        (("nombre", "PG-01"), "compromiso PG-01", "compromiso PG-01"),
        (("cuenta", "CTA 5482"), "orden 5482", "orden 5482"),
    ],
)
def test_a_name_or_an_account_is_found_however_its_cell_was_filled_in(
    value: tuple[str, str], text: str, masked: str
) -> None:
    assert Scanner(Reserved.of([value])).mask(text).replace(MASK, "#") == masked


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Jefa de Unidad - Municipalidad de Til Til", "Jefa de Unidad de la Municipalidad de Til Til"),
        ("Carla Ruiz - Puente Alto", "plaza de Puente Alto"),
        ("Carla Ruiz - La Florida", "plaza de La Florida"),
        ("Carla Ruiz - Constructora Sur S.A.", "contrato de Constructora Sur S.A."),
        ("Carla Ruiz; Licencia Médica", "pago de licencia médica"),
        ("Carla Ruiz; Lote 12 Norte", "compra del lote 12 norte"),
        ("Ministerio de Vivienda y Urbanismo", "según el Ministerio de Vivienda"),
        ("Sr. Alcalde de Maipú", "oficio al Alcalde de Maipú"),
        # Surnames and given names of one person, and not two persons.
        ("Díaz Soto, Rosa Elena", "calle Rosa Elena, población Díaz Soto"),
        ("De la Fuente, Ana María", "pasaje Ana María, calle De la Fuente"),
        ("Juan E Paz Soto", "viuda de Paz Soto"),
    ],
)
def test_what_stands_beside_a_name_in_its_cell_is_no_name(value: str, text: str) -> None:
    assert Scanner(Reserved.of([("nombre", value)])).mask(text) == text


def test_a_part_of_a_cell_that_a_publishable_rut_has_for_its_name_is_public() -> None:
    values = [("nombre", "Carla Ruiz - Aguas Andinas Sur"), ("nombre_rut_publicable", "AGUAS ANDINAS SUR")]
    assert Scanner(Reserved.of(values)).mask("Aguas Andinas Sur, por Carla Ruiz") == f"Aguas Andinas Sur, por {MASK}"


def test_a_name_inside_that_of_a_company_is_not_made_public_by_it() -> None:
    values = [("nombre_rut", "Juan Vera Lagos"), ("nombre_rut_publicable", "Juan Vera Lagos y Ana Paz Soto")]
    assert Scanner(Reserved.of(values)).mask("vio Juan Vera Lagos") == f"vio {MASK}"


def test_what_names_no_person_is_not_sought() -> None:
    assert Scanner(Reserved.of([("no_es_persona", "Puente Alto")])).hits("Plaza de Puente Alto") == []


@pytest.mark.parametrize(
    "word",
    [
        *("NO TIENE", "TRANSFERENCIA", "proveedor", "ninguna", "pagada", "factura", "SIN INFORMACIÓN"),
        *("CUENTA CORRIENTE", "Banco Estado", "transferencia electrónica", "vale vista"),
    ],
)
def test_an_ordinary_word_in_the_place_of_an_account_hides_nothing(word: str) -> None:
    scanner = Scanner(Reserved.of([("cuenta", word), ("cuenta", "1005572437")]))
    assert scanner.mask(f"obra: {word}, y 1005572437") == f"obra: {word}, y {MASK}"
    assert scanner.hits(word, lone_words=False) == []
