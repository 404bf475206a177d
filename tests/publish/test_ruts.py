"""RUTs in file names, behind words that excuse other numbers, and in spellings that a keyboard or a file spoils."""

import pytest

from publish.privacy.scanning import MASK, Kind, Reserved, Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(Reserved.of([]), ["40048130-0"])


@pytest.mark.parametrize(
    "name",
    [
        "dte/160674326.xml",
        "dte/160674326_33_90002.xml",
        "dte/16067432_6_33_90004.xml",
        "dte/16.067.432_6.xml",
        "dte/dte_160674326_90005.xml",
        "dte/factura 160674326.xml",
        "dte/160674326-33-90008.xml",
        "dte/E160674326T33F90009.xml",
        "dte/F18102609-KT33F90003.xml",
        "dte/18102609K33F90007.xml",
        "dte/160674326_cortado.xml",
        "Está cortado: dte/160674326.xml, que llegó ayer",
    ],
)
def test_whoever_issued_a_document_is_not_told_by_the_name_of_its_file(scanner: Scanner, name: str) -> None:
    masked = scanner.mask(name)
    assert MASK in masked
    assert "06743" not in masked
    assert "067.432" not in masked
    assert "102609" not in masked
    assert masked.count("/") == name.count("/")


@pytest.mark.parametrize(
    "name",
    [
        "dte/dte_0001.xml",
        "dte/rcv_compra_202401.csv",
        "sagir/iniciativas_20240131.xlsx",
        "sagir/iniciativas_20240131_2.xlsx",
        "dte/76086428-5_33_90002.xml",
        "dte/760864285T33F90002.xml",
        "sagir/ficha_40048130-0.pdf",
        "sgd/documentos_20250131.csv",
        "presupuesto/ejecucion_2023_12_02.csv",
        "datos.12345678.5 en total",
    ],
)
def test_the_name_of_another_file_stays_what_it_is(scanner: Scanner, name: str) -> None:
    assert scanner.mask(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "solicitado por 160674326",
        "solicitud interpuesta por 16.067.432/6",
        "ingresada por 16067432 6",
        "RUT titular N° 160674326",
        "RUT del proveedor N° 160674326",
        "CI N° 160674326",
        "cédula chilena N° 160674326",
        "documento de identidad N° 160674326",
        "carné de identidad N° 160674326",
    ],
)
def test_a_number_that_is_said_to_be_a_persons_is_excused_by_no_other_word(scanner: Scanner, text: str) -> None:
    assert scanner.mask(f"{text}, Maipú").endswith(f"{MASK}, Maipú")


@pytest.mark.parametrize(
    "text",
    [
        "contrato por 160674326",
        "compra por 160674326",
        "monto por 160674326",
        "cheque 160674326",
        "garantía N° 160674326",
        "póliza 160674326",
        "estado de pago 160674326",
        "presupuesto vigente de 160674326",
        "recursos 160674326",
        "Res. Ex. 160674326",
        "RUT 76086428-5, factura N° 160674326",
    ],
)
def test_a_number_that_is_said_to_be_an_amount_or_a_papers_stays(scanner: Scanner, text: str) -> None:
    assert scanner.mask(text) == text


@pytest.mark.parametrize(
    "spelled",
    [
        "16.067.432.-6",
        "16.067.432-(6)",
        "16.067-432-6",
        "16-067.432-6",
        "16.067.432?6",
        "16.067.432â€“6",
        "16.067.432Â\xa0-Â\xa06",
        "16.067.432&amp;ndash;6",
        "16.067.432&amp;amp;#45;6",
        "16067432&dv=6",
        '16067432","dv":"6',
        '16067432, "dv": 6',
    ],
)
def test_a_rut_is_found_in_spellings_that_a_hand_or_a_file_has_spoilt(scanner: Scanner, spelled: str) -> None:
    hits = scanner.hits(f"vecino {spelled}, Maipú")
    assert [hit.kind for hit in hits] == [Kind.RUT]
    assert scanner.mask(f"vecino {spelled}, Maipú").replace(")", "") == f"vecino {MASK}, Maipú"


@pytest.mark.parametrize(
    "text", ["Pago de $ 16.067.432 - 6 cuotas", "$ 48.851.361 - 3 cuotas", "$16.067.432.- 6 cuotas"]
)
def test_an_amount_with_a_dash_behind_it_is_an_amount(scanner: Scanner, text: str) -> None:
    assert scanner.mask(text) == text
