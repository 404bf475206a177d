"""The persons in a cell of a closed column: what is sought in every text, and what must not be."""

import pytest

from publish.privacy.persons import folded_cell, persons
from publish.privacy.scanning import MASK, Reserved, Scanner

X, Y = "Tránsito Muñumil Soto", "Juan Paz Vera"


def masked(value: tuple[str, str], text: str) -> str:
    return Scanner(Reserved.of([value])).mask(text).replace(MASK, "#")


@pytest.mark.parametrize(
    "cell",
    [
        *(f"{title} {X}" for title in ("Señora", "Señor", "Prof.", "D.", "Dña.", "Att.", "Atte.", "Lic.", "Psic.")),
        *(f"Mg. {X}", f"Enf. {X}", f"{X}, PhD", f"A cargo de {X}", f"A cargo de la Sra. {X}"),
        *(f"{X}, Ing.", f"{X}, Ing. Civil", f"At. Sra. {X}"),
        *(f"1.- {X}", f"1) {X}", f"• {X}", f"12.345.678 {X}", f"16067432 {X}", f"RUT 12.345.678-9 {X}"),
        *(f"{X} 25-03-2024", f"{X} 25/03/2024", f"{X} (2024-03-25)", f"{X} 2024", f"{X} anexo 4321", f"{X} ext. N° 22"),
        *(f"DIPIR: {X}", f"{X}: DIPIR", f"Encargada: {X}", f"Jefa DIPIR: {X}"),
        *("Tr&aacute;nsito Mu&ntilde;umil Soto (S)", f"<b>{X}</b> (S)", f"<{X}>", "TRÃ\x81NSITO MUÃ‘UMIL SOTO (S)"),
    ],
)
def test_a_person_is_found_whatever_was_typed_around_the_name(cell: str) -> None:
    assert list(persons(folded_cell(cell))) == ["transito munumil soto"]
    assert masked(("nombre", cell), f"vio {X} hoy") == "vio # hoy"


@pytest.mark.parametrize(
    "cell",
    [
        *(f"{X}{between}{Y}" for between in (" & ", "&", "-", " + ", ". ", " y/o ", " • ", "; ", " -> ", "\n")),
        *(f"{X}{tag}{Y}" for tag in ("<br>", "<BR />", "</p><p>")),
        *(f"{X} (reemplaza a {Y})", f"{X} [reemplazo: {Y}]", f"{X} (en reemplazo de {Y})", f"{X} ({Y})"),
        *(f"{X}. Dra. {Y}", f"1.- {X} / 2.- {Y}"),
    ],
)
def test_each_of_two_persons_in_a_cell_is_found(cell: str) -> None:
    assert masked(("nombre", cell), f"vio {X}, y luego {Y}") == "vio #, y luego #"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Encargada Rosa Díaz Soto", ["rosa diaz soto"]),
        ("Jefa Subrogante Rosa Díaz", ["rosa diaz"]),
        ("Encargado Plan Rosa Díaz", []),
        ("Director Tránsito Maipú", []),
    ],
)
def test_behind_a_post_a_given_name_begins_a_person(cell: str, found: list[str]) -> None:
    assert list(persons(folded_cell(cell))) == found


def test_a_common_given_name_behind_a_dash_begins_another_person() -> None:
    assert list(persons("ana soto-luis paz")) == ["ana soto", "luis paz"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("María José Pérez-Soto Díaz", "pasaje Soto Díaz"),
        ("Ana Soto Paz-Vera", "viuda de Ana Soto"),
        ("Juan Luis A. Pérez Soto", "calle Pérez Soto, de Juan Luis"),
        ("Ana Luisa Sta. María Paz", "capilla María Paz"),
        ("Soto Paz, J.", "calle Soto Paz"),
        ("Díaz Soto (Rosa Elena)", "calle Rosa Elena"),
        ("Ana Soto Paz (Barrio Yungay)", "feria del Barrio Yungay"),
        ("Ana Soto Paz (Cerro Navia)", "feria de Cerro Navia"),
        ("Ana Soto Paz (Municipalidad de Maipú)", "la Municipalidad de Maipú"),
        ("Ana Soto Paz (licencia médica)", "por licencia médica"),
        ("Ana Soto Paz. Servicio Regional", "el Servicio Regional"),
        ("Ana Soto Paz + Fundación Aguas Claras", "la Fundación Aguas Claras"),
        ("Aguas Claras & Vientos Andinos Ltda.", "planta Aguas Claras"),
        ("Proyecto: Los Aromos Verdes", "villa Los Aromos Verdes"),
        ("Unidad: Plaza Norte", "mejora de Plaza Norte"),
        ("Municipalidad de Maipú: Alcaldía", "la Municipalidad de Maipú"),
        ("Ana Soto Paz; Lote Norte 12", "venta del lote norte"),
        ("Ana Soto Paz; Fiestas Patrias 2024", "las Fiestas Patrias"),
        ("Ana Soto Paz; Plaza Santa Ana Sur 2024", "mejora de Plaza Santa Ana Sur"),
        ("Ana Soto Paz<br>Puente Alto", "plaza de Puente Alto"),
    ],
)
def test_an_office_a_place_a_remark_or_a_part_of_a_name_is_not_sought(cell: str, text: str) -> None:
    assert masked(("nombre", cell), text) == text


@pytest.mark.parametrize(
    ("cell", "account"),
    [
        *(("7003334441, 7003334442", account) for account in ("7003334441", "7003334442")),
        ("7003334441;7003334442", "700-333-4442"),
        ("7003334441 / 7003334442", "7003334441"),
        ("7003334441 y 7003334442", "7003334442"),
        ("7003334441\n7003334442", "7003334442"),
        ("BCI 7003334441, Banco Estado 7003334442", "7003334442"),
        ("123456, 654321", "654321"),
        ("ana@correo, eva@correo", "eva@correo"),
    ],
)
def test_each_of_several_accounts_in_a_cell_is_sought(cell: str, account: str) -> None:
    assert masked(("cuenta", cell), f"pago a {account} hoy") == "pago a # hoy"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("7003334441, 25-03-2024", "acta del 25-03-2024"),
        ("7003334441, 25032024", "archivo 25032024"),
        ("7003334441, 76.163.209-4", "empresa 76163209-4"),
        ("7003334441, 761632094", "empresa 76.163.209-4"),
        ("7003334441, $ 1.500.000", "aporte 1.500.000"),
        ("7003334441, 1057439-20-LP25", "licitación 1057439-20-LP25"),
        ("7003334441, 54821", "orden 54821"),
        ("7003334441 y transferencia", "por transferencia"),
    ],
)
def test_what_stands_beside_an_account_is_none(cell: str, text: str) -> None:
    assert masked(("cuenta", cell), text) == text


OFFICIAL, COMPANY = "Rosamel Trecaman Lagos", "TRECAMAN LAGOS ROSAMEL"


def test_a_company_named_like_an_official_does_not_make_the_official_public() -> None:
    reserved = Reserved.of([("nombre", OFFICIAL), ("nombre_rut_publicable", COMPANY)])
    assert Scanner(reserved).mask("vio Trecaman Lagos, Rosamel") == f"vio {MASK}"


def test_a_name_that_stands_beside_a_rut_alone_is_public_where_a_company_has_it() -> None:
    reserved = Reserved.of([("nombre_rut", OFFICIAL), ("nombre_rut_publicable", COMPANY)])
    assert Scanner(reserved).hits("vende Trecaman Lagos Rosamel") == []
