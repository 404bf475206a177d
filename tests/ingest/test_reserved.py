"""What the privacy scan is told to look for."""

from tests.ingest.conftest import Ingest
from tests.ingest.tables import PATHS, csv_file, document, dte, row

PERSON, COMPANY = "12.345.678-5", "76.163.209-4"


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


def test_rejected_rows_and_older_files_count_too(ingest: Ingest) -> None:
    bad = row("sagir_hitos", 1, fecha="x", responsable="Ana Soto")
    bench = ingest({"sagir/hitos_20250101.csv": csv_file("sagir_hitos", [bad])})
    (bench.exports / "sagir/hitos_20250101.csv").unlink()
    bench.add({"sagir/hitos_20250201.csv": csv_file("sagir_hitos", [row("sagir_hitos", responsable="Eva Rojas")])})
    bench.run()
    assert bench.reserved() == {("nombre", "Ana Soto"), ("nombre", "Eva Rojas")}
