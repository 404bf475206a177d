"""What the privacy scan is told to look for."""

from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, PATHS, csv_file, document, dte, line, row

PERSON, COMPANY = "12.345.678-5", "76.163.209-4"


def shifted(export: str, number: int, /, **cells: str) -> str:
    """A row with more cells than the header has."""
    good = row(export, number, **cells)
    return line(export, [*(good[c.name] for c in CONTRACTS[export].columns), "sobra", "sobra"])


def test_names_and_accounts_of_closed_columns_are_reserved(ingest: Ingest) -> None:
    bench = ingest(
        {
            PATHS["sagir_hitos"]: csv_file("sagir_hitos", [row("sagir_hitos", responsable="Ana Soto")]),
            PATHS["dte_pagos"]: csv_file("dte_pagos", [row("dte_pagos", correo="a@b.cl", cuenta_bancaria="123")]),
            PATHS["dte_xml"]: dte(
                document().replace("</Contacto>", "</Contacto><CorreoRecep>c@d.cl</CorreoRecep>"),
            ),
        }
    )
    assert bench.reserved() == {
        ("nombre", "Ana Soto"),
        ("cuenta", "a@b.cl"),
        ("cuenta", "123"),
        ("nombre", "Juan Carlos Peñaloza"),
        ("cuenta", "c@d.cl"),
        ("nombre_rut_publicable", "Andes 7 Ltda."),
    }


def test_a_name_beside_a_rut_is_reserved_by_the_ruts_owner(ingest: Ingest) -> None:
    rows = [
        row("dte_rcv_compra", 1, rut_proveedor=PERSON, razon_social="Ana Soto"),
        row("dte_rcv_compra", 2, rut_proveedor=COMPANY, razon_social="Andes"),
        row("dte_rcv_compra", 3, rut_proveedor="50.000.000-7", razon_social="Justo en el borde"),
        row("dte_rcv_compra", 4, rut_proveedor="49.999.999-2", razon_social="Justo antes"),
        row("dte_rcv_compra", 5, rut_proveedor="malo", razon_social="Rut ilegible"),
    ]
    bench = ingest({PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", rows)})
    assert bench.reserved() == {
        ("nombre_rut", "Ana Soto"),
        ("nombre_rut_publicable", "Andes"),
        ("nombre_rut_publicable", "Justo en el borde"),
        ("nombre_rut", "Justo antes"),
        ("nombre_rut", "Rut ilegible"),
    }


def test_a_name_beside_a_rut_that_may_be_missing_is_reserved_only_where_there_is_one(ingest: Ingest) -> None:
    units = [
        ("Ana Soto", PERSON),
        ("Municipalidad de Buin", COMPANY),
        ("Rut ilegible", "malo"),
        ("Servicio de Salud Sur", ""),
        ("Corporación Cultural", "S/N"),
    ]
    rows = [
        # Another cell that cannot be read says nothing of the RUT.
        row("sagir_iniciativas", n, unidad_tecnica=name, rut_unidad_tecnica=rut, analista="", fecha_rate="x")
        for n, (name, rut) in enumerate(units)
    ]
    bench = ingest({PATHS["sagir_iniciativas"]: csv_file("sagir_iniciativas", rows)})
    assert bench.reserved() == {
        ("nombre_rut", "Ana Soto"),
        ("nombre_rut_publicable", "Municipalidad de Buin"),
        ("nombre_rut", "Rut ilegible"),
    }


def test_rejected_rows_and_older_files_count_too(ingest: Ingest) -> None:
    bad = row("sagir_hitos", 1, fecha="x", responsable="Ana Soto")
    bench = ingest({"sagir/hitos_20250101.csv": csv_file("sagir_hitos", [bad])})
    (bench.exports / "sagir/hitos_20250101.csv").unlink()
    bench.add({"sagir/hitos_20250201.csv": csv_file("sagir_hitos", [row("sagir_hitos", responsable="Eva Rojas")])})
    bench.run()
    assert bench.reserved() == {("nombre", "Ana Soto"), ("nombre", "Eva Rojas")}


def test_words_that_name_no_person_are_not_reserved(ingest: Ingest) -> None:
    words = (
        "MAIPU",
        "Puente Alto - La Florida",
        "Región Metropolitana",
        "Ejecución",
        "EN LICITACIÓN",
        "2024-05-01",
        "1 2",
    )
    rows = [row("sagir_hitos", n, responsable=word) for n, word in enumerate([*words, "Ana Soto"])]
    bench = ingest({PATHS["sagir_hitos"]: csv_file("sagir_hitos", rows)})
    assert bench.reserved() == {("nombre", "Ana Soto")} | {("no_es_persona", word) for word in words}


def test_what_a_shifted_row_has_in_a_persons_place_is_reserved_unless_it_is_known_to_be_no_person(
    ingest: Ingest,
) -> None:
    no_rut = {"rut_unidad_tecnica": ""}
    good = row("sagir_iniciativas", 1, unidad_tecnica="Servicio de Salud Sur", analista="Ana Soto", **no_rut)
    places = (
        *("Servicio de Salud Sur", "Construcción Plaza 12", "Plaza Norte 30449383-0", "Eva Rojas", "Ana Soto"),
        "Luz Paz 12.345.678-5",
    )
    moved = [shifted("sagir_iniciativas", n, analista=place, **no_rut) for n, place in enumerate(places, 2)]
    bench = ingest({PATHS["sagir_iniciativas"]: csv_file("sagir_iniciativas", [good, *moved])})
    assert bench.reserved() == {
        ("nombre", "Ana Soto"),
        ("nombre", "Eva Rojas"),
        ("nombre", "Luz Paz 12.345.678-5"),
        ("no_es_persona", "Plaza Norte 30449383-0"),
        ("no_es_persona", "Servicio de Salud Sur"),
        ("no_es_persona", "Construcción Plaza 12"),
    }


def test_an_amount_a_date_or_a_rut_in_the_place_of_an_account_is_no_account(ingest: Ingest) -> None:
    good = row("dte_pagos", 1, monto_pagado="7654321", cuenta_bancaria="00112233", correo="")
    moved = [
        shifted("dte_pagos", n, cuenta_bancaria=place, correo="")
        for n, place in enumerate((COMPANY, "30-12-2024", "7654321", "PAGADA", "99887755"), 2)
    ]
    bench = ingest({PATHS["dte_pagos"]: csv_file("dte_pagos", [good, *moved])})
    assert {v for tipo, v in bench.reserved() if tipo == "cuenta"} == {"00112233", "99887755"}


def test_a_shifted_row_makes_no_name_public(ingest: Ingest) -> None:
    good = row("dte_rcv_compra", 1, rut_proveedor=PERSON, razon_social="Ana Soto")
    moved = shifted("dte_rcv_compra", 2, rut_proveedor=COMPANY, razon_social="Ana Soto")
    bench = ingest({PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", [good, moved])})
    assert bench.reserved() == {("nombre_rut", "Ana Soto"), ("no_es_persona", "Ana Soto")}
