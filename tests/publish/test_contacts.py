"""Spellings of contacts that were met as leaks, and public figures that were met as false finds."""

import time

import pytest

from publish.privacy.emails import emails
from publish.privacy.folding import fold
from publish.privacy.phones import phones
from publish.privacy.scanning import MASK, Kind, Reserved, Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(Reserved.of([]))


@pytest.mark.parametrize(
    "email",
    [
        "vecina@gmail,com",
        "vecina@gmail com",
        "vecina@gmail, com",
        "vecina@gmail..com",
        "vecina@gmail",
        "vecina @ gmail",
        "vecina@correo",
        "vecina@correo_cl.com",
        "vecina arroba gmail",
        "vecina arroba gmail com",
        "vecina arroba hotmail.fr",
        "vecina -at- correo -dot- cl",
        "vecina (a) correo.cl",
    ],
)
@pytest.mark.parametrize("around", ["{}", "escriba a {}.", "de {}, Maipú", "({})"])
def test_an_email_is_found_whole_however_it_is_written(scanner: Scanner, email: str, around: str) -> None:
    text = around.format(email)
    assert scanner.mask(text) == around.format(MASK)
    assert {hit.kind for hit in scanner.hits(text)} == {Kind.EMAIL}


@pytest.mark.parametrize(
    "text",
    [
        "requisitos: (a) santiago.cl (b) correo.cl",
        "ver (a) www.correo.cl",
        "ver (a) correo.cl",
        "junto a (a) www.correo.cl",
        "informe (a) obra vial",
        "vecin@s y trabajador@es",
        "programa niñ@s, com. de Maipú",
        "cable 3x2.5 @ 10.5 mm",
        "10@metros",
        "síguenos en @gobsantiago",
        "una arroba de papas",
        "seminario at large",
        "https://www.google.com/maps/@-33.44,-70.65,15z",
    ],
)
def test_an_at_sign_alone_makes_no_email(text: str) -> None:
    assert list(emails(fold(text))) == []


# What comes before the phone and stays, and the phone.
PHONES = [
    ("teléfono(s): ", "22345678"),
    ("tlf. ", "22345678"),
    ("fonofax ", "22345678"),
    ("fono contacto ", "22345678"),
    ("fono", "987654321"),
    ("wsp", "987654321"),
    ("llamar por ", "987654321"),
    ("contactar al número ", "22345678"),
    ("whatsapp al ", "987654321"),
    ("al número ", "987654321"),
    ("fono ", "22345678"),
    # Some days, were it no phone.
    ("fono ", "22102012"),
    ("tel. ", "600 123 4567"),
    ("fono ", "9 2024 5678"),
    ("", "(02)-22345678"),
    ("", "(02) 2.234.56.78"),
    ("", "(2) 2 2345678"),
    ("", "(02) 234 5678"),
    ("", "02.2234.5678"),
    ("", "0987654321"),
    ("", "987654321/987654322"),
    ("", "987654321 / 0987654322"),
    ("", "9 8765 43 21"),
    ("", "98 765 43 21"),
    ("", "987.65.43.21"),
]


@pytest.mark.parametrize(("before", "phone"), PHONES)
@pytest.mark.parametrize("around", ["{}", "vecina {}, Maipú", "({})", "aviso: {}."])
def test_a_phone_is_found_whole_however_it_is_written(scanner: Scanner, before: str, phone: str, around: str) -> None:
    text = around.format(before + phone)
    assert scanner.mask(text) == around.format(before + MASK)
    assert {hit.kind for hit in scanner.hits(text)} == {Kind.PHONE}


def test_whose_phone_it_is_may_stand_behind_a_dash(scanner: Scanner) -> None:
    assert scanner.mask("987654321-casa") == f"{MASK}-casa"


def test_a_code_behind_a_phone_stays(scanner: Scanner) -> None:
    assert scanner.mask("fono 2345678 5482-123-SE24") == f"fono {MASK} 5482-123-SE24"


@pytest.mark.parametrize(
    "text",
    [
        "adquisición celulares 40048225-0",
        "adquisición celulares 40048225-17",
        "adquisición celulares 20111222-2",
        "adquisición 12 celulares 12 40048225-0",
        "celulares 5482-123-SE24",
        "teléfonos 608897-81-LP23",
        "teléfonos 1057439-20-LP25",
        "servicio teléfono 01-01-2024",
        "servicio teléfono 01-01-2024 31-12-2024",
        "servicio teléfono 2024-01-31",
        "fono 20240131",
        "celulares 2024-2025",
        "arriendo fax 2023-2024",
        "celulares 2500000",
        "celulares 12500000",
        "celulares 12 500 000",
        "celulares 2.500.000",
        "celulares 1234567 unidades",
        "celulares 22345678 pesos",
        "fax2024001.pdf",
        "asociado al número 987654321",
        "pagado al número 987654321",
        "factura al número 987654321",
        "llamado a licitación por 987654321",
        "llamar por 1234567",
        "(02) 20.234.567",
        "(02) 22-01-2024",
        "(2) 2024 2025",
        "31.02.2234.5678",
        "987654321-SE24",
        "987654321-2024",
        "folio 987654321/987654322",
        "9 2024 12 31",
        "$ 987.654.321",
        "9.876.543",
        "987.654.321",
    ],
)
def test_a_public_figure_is_no_phone(text: str) -> None:
    assert list(phones(fold(text))) == []


@pytest.mark.parametrize("dot", ["punto", "-dot-a"])
def test_the_search_of_an_address_ends_soon(scanner: Scanner, dot: str) -> None:
    # Each "punto" may be a dot or letters of the host: to try all ways to tell would take for ever.
    assert scanner.mask(f"vecina@correo{dot * 400} 1") == f"{MASK} 1"


@pytest.mark.parametrize("text", ["a" * 40_000 + " x@y", "vecina-at-dot" * 200, "a." * 20_000 + "@ b"])
def test_a_long_text_takes_time_in_keeping_with_its_length(scanner: Scanner, text: str) -> None:
    # Suppliers write what an invoice says: were each of its letters the start of an address to try, the first of these
    # would take minutes.
    begun = time.process_time()
    scanner.hits(text)
    assert time.process_time() - begun < 20
