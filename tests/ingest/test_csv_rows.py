"""What becomes of each row of a CSV file, in every export: its values, or exactly one fate with its reason."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ingest.contract import OPEN_END, Column
from tests.ingest.bench import Bench, Rejected
from tests.ingest.conftest import Ingest
from tests.ingest.tables import (
    CONTRACTS,
    CSV_EXPORTS,
    GOOD,
    PATHS,
    QUOTED_EXPORTS,
    csv_file,
    encoded,
    headers,
    key_column,
    line,
    lines_of,
    row,
)

# What GOOD says, typed.
VALUES: dict[str, dict[str, Any]] = {
    "core_acuerdos": {
        "tipo_sesion": "ORDINARIA",
        "fecha": date(2022, 6, 20),
        "monto": 277688,
        "votos_favor": 30,
        "votos_contra": 2,
        "abstenciones": 1,
        "sesion": 10,
    },
    "dte_pagos": {
        "rut_proveedor": "76163209-4",
        "folio": 1,
        "estado": "PAGADA",
        "programa": "02",
        "item": "02",
        "asignacion": "004",
        "codigo_iniciativa": "40048922-0",
        "fecha_devengo": date(2024, 2, 1),
        "fecha_pago": date(2024, 2, 15),
        "monto_pagado": 1190000,
        "rut_cesionario": "77627346-5",
    },
    "dte_rcv_compra": {
        "nro": 1,
        "folio": 1,
        "fecha_emision": date(2024, 2, 1),
        "fecha_recepcion": datetime(2024, 2, 2, 10, 30, 5),
        "fecha_acuse": datetime(2024, 2, 3, 8),
        "monto_exento": 0,
        "monto_neto": 1000000,
        "monto_iva": 190000,
        "monto_total": 1190000,
    },
    "presupuesto_ejecucion": {
        "programa": "02",
        "subtitulo": "01",
        "item": "02",
        "asignacion": "004",
        "denominacion": "OBRAS CIVILES",
        "presupuesto_inicial": 1000,
        "presupuesto_vigente": 1500,
        "ejecucion_acumulada": -250,
    },
    "programa_compromisos": {
        "estado": "EN CURSO",
        "fecha_cumplimiento": date(2025, 12, 31),
        "avance": Decimal("45.5"),
    },
    "sagir_hitos": {"codigo_iniciativa": "40000001-0", "hito": "APROBACIÓN CORE", "fecha": date(2024, 1, 1)},
    "sagir_iniciativas": {
        "codigo_iniciativa": "40000001-0",
        "tipo": "ESTUDIO BÁSICO",
        "etapa": "DISEÑO",
        "fecha_estado": date(2024, 5, 1),
        "comunas": "13101 13120",
        "latitud": Decimal("-33.447"),
        "longitud": Decimal("-70.6513"),
        "item": "02",
        "asignacion": None,
        "rut_unidad_tecnica": "69070500-1",
        "monto_total": 817390,
        "monto_fndr": None,
        "fecha_rate": None,
        "fecha_core": date(2024, 1, 1),
        "objetivo_erd": None,
        "rs_ciudadano": True,
    },
    "sga_ordenes_compra": {
        "es_trato_directo": False,
        "es_compra_agil": True,
        "fecha_envio": date(2023, 9, 16),
        "fecha_aceptacion": None,
        "monto_total": Decimal("1177000.5"),
        "rut_proveedor": "77627346-5",
        "id_licitacion": None,
        "id_item": 1,
        "cantidad": Decimal(1),
        "precio_neto": Decimal("362216.25"),
        "total_linea_neto": Decimal("362216.25"),
    },
    "sgd_documentos": {
        "tipo_documento": "RESOLUCIÓN EXENTA",
        "fecha_creacion": datetime(2024, 9, 1, 9, 30),
        "fecha_termino": datetime(2024, 9, 10, 18, 5, 9),
        "efectos_terceros": False,
    },
    "sisrec_rendiciones": {
        "periodo": "2024-12",
        "tipo": "REGULARIZACIÓN",
        "fecha_envio": date(2025, 1, 15),
        "monto_rendido": 51601,
        "monto_aprobado": 36120,
        "monto_observado": 0,
        "monto_rechazado": -15481,
        "monto_reintegrado": None,
    },
    "sisrec_transferencias": {
        "codigo_iniciativa": "40048922-1",
        "item": "03",
        "rut_ejecutor": "69070500-1",
        "fecha_resolucion": date(2023, 6, 11),
        "fecha_transferencia": date(2023, 6, 21),
        "monto_transferido": 941000,
    },
}


def good_values(export: str, fila: int) -> dict[str, Any]:
    return {"_fila": fila, **row(export), **VALUES[export]}


@pytest.fixture(scope="module")
def bench_of_good_rows(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One good row an export, with the columns backwards, odd headers, a banner, and one more column."""
    files = {}
    for export in CSV_EXPORTS:
        names = list(reversed(GOOD[export]))
        odd = [f"  {h.lower().replace(' ', '   ')} " for h in headers(export, names)]
        odd = [h.translate(str.maketrans("áéíóúñ°", "aeiouno")) for h in odd]
        cells = [row(export)[n] for n in names]
        records = ["Gobierno de Santiago", "", line(export, [*odd, "Otra"]), line(export, [*cells, "algo"])]
        files[PATHS[export]] = encoded(export, "\n".join(records) + "\n")
    return Bench(tmp_path_factory.mktemp("good"), files)


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_good_row_gets_its_types_wherever_its_columns_stand(bench_of_good_rows: Bench, export: str) -> None:
    assert bench_of_good_rows.accepted(export) == [good_values(export, 4)]
    assert bench_of_good_rows.counts(PATHS[export]) == (3, 1, 0, 0, 2)


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_an_unknown_column_is_named_in_the_ledger(bench_of_good_rows: Bench, export: str) -> None:
    assert bench_of_good_rows.ledger()[PATHS[export]]["detalle"] == "Columns that the contract does not know: Otra."


@pytest.mark.parametrize(("end", "noted"), [("\n", None), ("\r\n", None), ("", OPEN_END)])
def test_a_file_whose_last_line_has_no_end_is_taken_in_and_noted(ingest: Ingest, end: str, noted: str | None) -> None:
    lines = lines_of("core_acuerdos", [row("core_acuerdos")])
    bench = ingest({PATHS["core_acuerdos"]: "\n".join(lines) + end})
    assert bench.counts(PATHS["core_acuerdos"]) == (1, 1, 0, 0, 0)
    assert bench.ledger()[PATHS["core_acuerdos"]]["detalle"] == noted


def test_a_good_row_of_every_export_leaves_no_reject_nor_observation(bench_of_good_rows: Bench) -> None:
    assert all(f.reading.rechazadas == 0 for f in bench_of_good_rows.report.files)
    assert [bench_of_good_rows.observed(PATHS[export]) for export in CSV_EXPORTS] == [[]] * len(CSV_EXPORTS)
    assert bench_of_good_rows.report.unknown == {}


def bad_cell(column: Column) -> tuple[str, str]:
    """A cell that the column's type does not accept, and the contract's reason for it."""
    if isinstance(column.type, tuple):
        return "NADA DE ESO", "value_not_in_list"
    return {
        "text": ("#REF!", "value_not_in_list"),
        "comuna": ("Valparaíso", "value_not_in_list"),
        "flag": ("quizás", "value_not_in_list"),
        "code": ("A", "code_unreadable"),
        "initiative": ("123", "code_unreadable"),
        "integer": ("1,5", "code_unreadable"),
        "pesos": ("1,5", "amount_unreadable"),
        "miles": ("1,5", "amount_unreadable"),
        "decimal": ("doce", "amount_unreadable"),
        "date": ("31-02-2024", "date_unreadable"),
        "timestamp": ("31-02-2024 10:00", "date_unreadable"),
        "month": ("2024-13", "date_unreadable"),
        "rut": ("12.345.678-9", "rut_invalid"),
    }[column.type]


DAMAGES = [(export, column.name) for export in CSV_EXPORTS for column in CONTRACTS[export].columns]


@pytest.fixture(scope="module")
def bench_of_damages(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """In each export one row a column with an unreadable cell there, then one with an empty cell, then a good one."""
    files = {}
    for export in CSV_EXPORTS:
        columns = CONTRACTS[export].columns
        rows = [row(export, i, **{c.name: bad_cell(c)[0]}) for i, c in enumerate(columns, 1)]
        rows += [row(export, i, **{c.name: " "}) for i, c in enumerate(columns, len(columns) + 1)]
        files[PATHS[export]] = csv_file(export, [*rows, row(export, 99)])
    return Bench(tmp_path_factory.mktemp("damages"), files)


@pytest.mark.parametrize(("export", "name"), DAMAGES)
def test_an_unreadable_cell_rejects_the_row_or_is_observed(bench_of_damages: Bench, export: str, name: str) -> None:
    names = [c.name for c in CONTRACTS[export].columns]
    column = CONTRACTS[export].column(name)
    fault: Rejected = (names.index(name) + 2, name, bad_cell(column)[1])
    kept = next((r for r in bench_of_damages.accepted(export) if r["_fila"] == fault[0]), None)
    assert (fault in bench_of_damages.rejected(PATHS[export])) == column.need
    assert (fault in bench_of_damages.observed(PATHS[export])) == (not column.need)
    assert (kept is None) == column.need
    assert kept is None or kept[name] is None


@pytest.mark.parametrize(("export", "name"), DAMAGES)
def test_an_empty_cell_rejects_the_row_only_where_it_is_required(
    bench_of_damages: Bench, export: str, name: str
) -> None:
    names = [c.name for c in CONTRACTS[export].columns]
    fila = len(names) + names.index(name) + 2
    kept = next((r for r in bench_of_damages.accepted(export) if r["_fila"] == fila), None)
    required = CONTRACTS[export].column(name).need
    assert ((fila, name, "required_missing") in bench_of_damages.rejected(PATHS[export])) == required
    assert (kept is None) == required
    assert kept is None or kept[name] is None


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_one_damage_touches_one_row(bench_of_damages: Bench, export: str) -> None:
    required = sum(c.need for c in CONTRACTS[export].columns)
    optional = len(CONTRACTS[export].columns) - required
    expected = (2 * (required + optional) + 1, 2 * optional + 1, 2 * required, 0, 0)
    assert bench_of_damages.counts(PATHS[export]) == expected
    assert len(bench_of_damages.rejected(PATHS[export])) == 2 * required
    assert len(bench_of_damages.observed(PATHS[export])) == optional


def text_column(export: str) -> str:
    """A column that takes any text."""
    return next(c.name for c in CONTRACTS[export].columns if c.type == "text")


NO_TEXT = {"UTF-8": b"\xff", "windows-1252": b"\x81", "ISO-8859-1": b"\x93"}


def _shapes_file(export: str) -> bytes:
    """Banner, header, and a row for each fate that is not a cell's (see SHAPES)."""
    delimiter = CONTRACTS[export].format.delimiter
    text = text_column(export)
    whole = [line(export, list(row(export, i).values())) for i in range(10)]
    records = [
        "Gobierno de Santiago",  # 1
        "",  # 2
        line(export, headers(export)),  # 3
        whole[1],  # 4
        whole[2].rsplit(delimiter, 1)[0],  # 5: a cell is missing
        whole[3] + delimiter + "de más",  # 6
        whole[4] + delimiter * 3,  # 7
        whole[1],  # 8: row 4 again
        whole[5],  # 9
        line(export, list(row(export, 5, **{text: "Otra cosa"}).values())),  # 10: the key of row 9
        line(export, list(row(export, 6, **{text: "byte ~ malo"}).values())),  # 11
        whole[5],  # 12: row 9 again
        "",  # 13
        delimiter * 4,  # 14
        "   ",  # 15
        delimiter.join(["TOTAL", "", "1.234"]),  # 16
        delimiter.join(["", "Subtotal general", "1.234"]),  # 17
        "Resultado del período" + delimiter,  # 18
        "Fuente: elaboración propia",  # 19
        whole[2].rsplit(delimiter, 1)[0],  # 20: row 5 again
    ]
    return encoded(export, "\r\n".join(records) + "\r\n").replace(b"~", NO_TEXT[CONTRACTS[export].format.encoding])


@pytest.fixture(scope="module")
def bench_of_shapes(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("shapes"), {PATHS[e]: _shapes_file(e) for e in CSV_EXPORTS})


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_every_row_has_exactly_one_fate(bench_of_shapes: Bench, export: str) -> None:
    assert bench_of_shapes.rejected(PATHS[export]) == [
        (5, None, "column_count"),
        (6, None, "column_count"),
        (9, None, "key_conflict"),
        (10, None, "key_conflict"),
        (11, None, "bytes_unreadable"),
    ]
    assert [r["_fila"] for r in bench_of_shapes.accepted(export)] == [4, 7]
    # 19 rows beside the header: two of banner, three blank, three of totals, one note are ignored.
    assert bench_of_shapes.counts(PATHS[export]) == (19, 2, 5, 3, 9)


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_rejected_row_is_kept_word_for_word_for_whoever_mends_it(bench_of_shapes: Bench, export: str) -> None:
    kept = bench_of_shapes.table(
        f"select registro, celda from '{{raw}}/filas_rechazadas/{export}-*.parquet' where _fila = 6"
    )
    assert kept == [{"registro": line(export, list(row(export, 3).values())) + _extra(export), "celda": None}]


def _extra(export: str) -> str:
    return CONTRACTS[export].format.delimiter + "de más"


LINES = 'dos "líneas"; y\ncomas, también'


@pytest.fixture(scope="module")
def bench_of_lines(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """In each export a row whose text takes two lines, a good one, one without its key, a good one."""
    files = {}
    for export in QUOTED_EXPORTS:
        rows = [row(export, 1, **{text_column(export): LINES}), row(export, 2)]
        rows += [row(export, 3, **{key_column(export): ""}), row(export, 4)]
        files[PATHS[export]] = csv_file(export, rows)
    return Bench(tmp_path_factory.mktemp("lines"), files)


@pytest.mark.parametrize("export", QUOTED_EXPORTS)
def test_a_record_of_several_lines_is_one_row(bench_of_lines: Bench, export: str) -> None:
    accepted = bench_of_lines.accepted(export)
    assert [r["_fila"] for r in accepted] == [2, 3, 5]
    assert accepted[0][text_column(export)] == 'dos "líneas"; y comas, también'
    assert bench_of_lines.rejected(PATHS[export]) == [(4, key_column(export), "required_missing")]
    assert bench_of_lines.counts(PATHS[export]) == (4, 3, 1, 0, 0)


def test_the_cell_that_fails_is_kept_with_the_row(ingest: Ingest) -> None:
    bench = ingest({PATHS["dte_pagos"]: csv_file("dte_pagos", [row("dte_pagos", rut_proveedor="76.163.209-5")])})
    (reject,) = bench.table("select * from '{raw}/filas_rechazadas/*.parquet'")
    assert (reject["export"], reject["columna"], reject["celda"]) == ("dte_pagos", "rut_proveedor", "76.163.209-5")
    assert reject["registro"].startswith("76.163.209-5;33;1;Pagada")


def test_what_can_be_read_of_a_rejected_rows_key_is_kept(ingest: Ingest) -> None:
    export = "dte_pagos"
    good = row(export, folio="8")
    rows: list[dict[str, str] | str] = [
        row(export, rut_proveedor="76.163.209-4", folio="00007", estado="Nada"),
        row(export, rut_proveedor="76.163.209-5", folio="7"),
        row(export, rut_proveedor="76.163.209-4", folio="x"),
        line(export, [*row(export, folio="9").values(), "sobra"]),
        good,
        {**good, "programa": "02" if good["programa"] == "01" else "01"},
        row(export, folio="10"),
    ]
    bench = ingest({PATHS[export]: csv_file(export, rows)})
    keys = bench.table("select _fila, columna, valor from '{raw}/llaves_rechazadas/*.parquet' order by all")
    found = {
        n: {k["columna"]: k["valor"] for k in keys if k["_fila"] == n} for n, _, _ in bench.rejected(PATHS[export])
    }
    conflicting = {"rut_proveedor": "76163209-4", "tipo_documento": "33", "folio": "8"}
    assert found == {
        2: {"rut_proveedor": "76163209-4", "tipo_documento": "33", "folio": "7"},
        3: {"tipo_documento": "33", "folio": "7"},
        4: {"rut_proveedor": "76163209-4", "tipo_documento": "33"},
        5: {},
        6: conflicting,
        7: conflicting,
    }


def test_an_observed_cell_is_kept_as_it_stood(ingest: Ingest) -> None:
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", [row("core_acuerdos", monto="1,5")])})
    (observed,) = bench.table("select * exclude (_sha256) from '{raw}/observaciones/*.parquet'")
    assert observed == {
        "export": "core_acuerdos",
        "_fila": 2,
        "columna": "monto",
        "motivo": "amount_unreadable",
        "celda": "1,5",
    }


@pytest.mark.parametrize("year", ["0000", "0024"])
def test_a_year_that_cannot_be_rejects_its_row(ingest: Ingest, year: str) -> None:
    """Accepted, the year 0 would stop whoever reads the warehouse with Python."""
    rows = [row("core_acuerdos", 1), row("core_acuerdos", 2, fecha=f"01-01-{year}")]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", rows)})
    assert bench.rejected(PATHS["core_acuerdos"]) == [(3, "fecha", "date_unreadable")]
    assert bench.counts(PATHS["core_acuerdos"]) == (2, 1, 1, 0, 0)


def test_of_several_reasons_the_first_in_the_contracts_order_is_given(ingest: Ingest) -> None:
    short = "1/2022;x;;x;;;x"
    rows: list[dict[str, str] | str] = [
        row("core_acuerdos", 1, sesion="x", fecha="x", resultado="x"),
        row("core_acuerdos", 2, fecha="x", materia="", resultado="x"),
        row("core_acuerdos", 3, materia="", resultado="x"),
        row("core_acuerdos", 4, acuerdo="A-4", sesion=""),
        short,
        short + "~",
        line("core_acuerdos", list(row("core_acuerdos", 5, sesion="x", materia="byte ~ malo").values())),
    ]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", rows).replace(b"~", b"\xff")})
    assert bench.rejected(PATHS["core_acuerdos"]) == [
        (2, "sesion", "code_unreadable"),
        (3, "fecha", "date_unreadable"),
        (4, "materia", "required_missing"),
        (5, "acuerdo", "code_unreadable"),
        (6, None, "column_count"),
        (7, None, "bytes_unreadable"),
        (8, None, "bytes_unreadable"),
    ]


def test_the_order_of_reasons_is_the_contracts_not_the_files(ingest: Ingest) -> None:
    names = list(reversed(GOOD["core_acuerdos"]))
    bad = row("core_acuerdos", 1, sesion="x", resultado="x")
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", [bad], names=names)})
    assert bench.rejected(PATHS["core_acuerdos"]) == [(2, "sesion", "code_unreadable")]


def test_only_rows_that_nothing_else_rejects_are_compared_by_key(ingest: Ingest) -> None:
    rows = [row("core_acuerdos", 1), row("core_acuerdos", 1, fecha="x"), row("core_acuerdos", 2)]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", rows)})
    assert bench.rejected(PATHS["core_acuerdos"]) == [(3, "fecha", "date_unreadable")]
    assert [r["_fila"] for r in bench.accepted("core_acuerdos")] == [2, 4]


def test_keys_are_compared_by_value_not_by_spelling(ingest: Ingest) -> None:
    rows = [
        row("sisrec_rendiciones", 1, periodo="2024-03"),
        row("sisrec_rendiciones", 1, periodo="03-2024", tipo="Regularización"),
        row("sisrec_rendiciones", 1, periodo="202404"),
    ]
    bench = ingest({PATHS["sisrec_rendiciones"]: csv_file("sisrec_rendiciones", rows)})
    assert bench.rejected(PATHS["sisrec_rendiciones"]) == [(2, None, "key_conflict"), (3, None, "key_conflict")]


def test_keys_with_empty_parts_conflict_too(ingest: Ingest) -> None:
    rows = [row("presupuesto_ejecucion", 1, asignacion="", presupuesto_inicial=amount) for amount in ("1", "2")]
    rows += [row("presupuesto_ejecucion", 1, asignacion="1"), row("presupuesto_ejecucion", 1, item="", asignacion="")]
    bench = ingest({PATHS["presupuesto_ejecucion"]: csv_file("presupuesto_ejecucion", rows)})
    assert bench.rejected(PATHS["presupuesto_ejecucion"]) == [(2, None, "key_conflict"), (3, None, "key_conflict")]
    assert [r["_fila"] for r in bench.accepted("presupuesto_ejecucion")] == [4, 5]


def test_the_same_key_in_two_files_is_no_conflict(ingest: Ingest) -> None:
    bench = ingest(
        {
            "core/acuerdos_20250131.csv": csv_file("core_acuerdos", [row("core_acuerdos")]),
            "core/acuerdos_20250228.csv": csv_file("core_acuerdos", [row("core_acuerdos", materia="Otra")]),
        }
    )
    assert [f.reading.aceptadas for f in bench.report.files] == [1, 1]


def test_a_rejected_row_that_repeats_is_rejected_once(ingest: Ingest) -> None:
    bad = row("core_acuerdos", fecha="x")
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", [bad, bad, bad])})
    assert bench.rejected(PATHS["core_acuerdos"]) == [(2, "fecha", "date_unreadable")]
    assert bench.counts(PATHS["core_acuerdos"]) == (3, 0, 1, 2, 0)


def test_a_row_that_differs_in_one_blank_is_no_duplicate(ingest: Ingest) -> None:
    rows = [row("core_acuerdos"), row("core_acuerdos", materia=" " + GOOD["core_acuerdos"]["materia"])]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", rows)})
    assert bench.counts(PATHS["core_acuerdos"]) == (2, 0, 2, 0, 0)


def test_the_register_ends_its_rows_with_a_delimiter_and_has_columns_to_spare(ingest: Ingest) -> None:
    header, *rows = lines_of("dte_rcv_compra", [row("dte_rcv_compra", 1), row("dte_rcv_compra", 2)])
    spare = [f"Código Otro Impuesto {i}" for i in range(14)]
    content = ";".join([header, *spare]) + "\n" + "".join(f"{r}{';' * 14};\n" for r in rows)
    bench = ingest({PATHS["dte_rcv_compra"]: content})
    assert bench.counts(PATHS["dte_rcv_compra"]) == (2, 2, 0, 0, 0)
    assert "Código Otro Impuesto 13" in bench.ledger()[PATHS["dte_rcv_compra"]]["detalle"]


@pytest.mark.parametrize("whole", [1, 2, 150])
def test_a_register_row_one_cell_short_is_told_where_rows_end_in_a_delimiter(ingest: Ingest, whole: int) -> None:
    header, short, *rows = lines_of("dte_rcv_compra", [row("dte_rcv_compra", i) for i in range(whole + 1)])
    # Its exempt amount is lost, and the figure of a later column would be taken for its total.
    records = [f"{header};Monto Neto Activo Fijo", short.replace(";0;1000000;", ";1000000;") + ";1526231;"]
    bench = ingest({PATHS["dte_rcv_compra"]: "\n".join([*records, *(f"{r};1526231;" for r in rows)])})
    assert bench.rejected(PATHS["dte_rcv_compra"]) == [(2, None, "column_count")]
    assert {r["monto_total"] for r in bench.accepted("dte_rcv_compra")} == {1190000}


def test_a_register_that_a_spreadsheet_wrote_again_has_as_many_cells_as_its_header(ingest: Ingest) -> None:
    header, *rows = lines_of("dte_rcv_compra", [row("dte_rcv_compra", i) for i in range(4)])
    bench = ingest({PATHS["dte_rcv_compra"]: "\n".join([header, *rows[:3], f"{rows[3]};"])})
    assert bench.counts(PATHS["dte_rcv_compra"]) == (4, 4, 0, 0, 0)


def test_a_register_row_without_number_and_key_continues_the_row_above(ingest: Ingest) -> None:
    rows: list[dict[str, str] | str] = [
        row("dte_rcv_compra", 1),
        ";" * 9 + "14;19;1000;",
        ";-;;N/A" + ";" * 7 + "1000;",
        row("dte_rcv_compra", 3, nro="2"),
    ]
    bench = ingest({PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", rows)})
    assert bench.counts(PATHS["dte_rcv_compra"]) == (4, 2, 0, 0, 2)


def test_a_document_of_the_register_needs_no_number(ingest: Ingest) -> None:
    rows: list[dict[str, str] | str] = [row("dte_rcv_compra", i, nro="") for i in range(1, 6)]
    rows += [";" * 9 + "14;19;1000;", row("dte_rcv_compra", 7, nro="", rut_proveedor="")]
    bench = ingest({PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", rows)})
    assert bench.counts(PATHS["dte_rcv_compra"]) == (7, 5, 1, 0, 1)
    assert bench.rejected(PATHS["dte_rcv_compra"]) == [(8, "rut_proveedor", "required_missing")]


def test_a_register_without_the_number_column_has_no_continuation_rows(ingest: Ingest) -> None:
    names = [n for n in GOOD["dte_rcv_compra"] if n != "nro"]
    bench = ingest({PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", [row("dte_rcv_compra")], names=names)})
    assert bench.counts(PATHS["dte_rcv_compra"]) == (1, 1, 0, 0, 0)
    assert bench.accepted("dte_rcv_compra")[0]["nro"] is None


def test_a_missing_optional_column_is_null(ingest: Ingest) -> None:
    names = [n for n in GOOD["core_acuerdos"] if n not in ("monto", "votos_favor")]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", [row("core_acuerdos")], names=names)})
    (accepted,) = bench.accepted("core_acuerdos")
    assert (accepted["monto"], accepted["votos_favor"], accepted["votos_contra"]) == (None, None, 2)


NO_DATA = [
    "",
    ";",
    ";;;;;;;;;;",
    ";;;;;;;;;;;;;;;",
    '"";"";',
    "\t",
    "TOTAL;;;;;;277.688;30;2;1;",
    "total general;;;;;;277.688",
    '"SUBTOTAL";1',
    ";;;Subtotal;1",
    ' "" ;Total;',
    "RESULTADO",
    "Resultados del año;1;2;3;4;5;6;7;8;9;10;11;12;13",
    "Nota: cifras preliminares",
    "Nota: cifras preliminares;;;;;;;;;;",
    '"Nota: cifras; preliminares";;',
    '"Nota: cifras\npreliminares"',
    'Según "Informe" de enero;;',
    '"Nota: ""Informe"" de enero";',
    "A-1;;",
]
# A row that a program has put into its first cell, or cut otherwise than the rest.
ONE_CELL = "1/2022;10;Ordinaria;20/06/2022;Aprueba;;277;30;2;1;APROBADO"
DATA: list[tuple[str, Rejected]] = [
    ("1/2022;;;", (3, None, "column_count")),
    ("1/2022;;;;;;;;;;", (3, "sesion", "required_missing")),
    ("Nota;al pie;;;;;;;;;", (3, "acuerdo", "code_unreadable")),
    ("El TOTAL;1;;;;;;;;;", (3, "acuerdo", "code_unreadable")),
    (";1;;;;;;;;;", (3, "acuerdo", "required_missing")),
    ("-;Total;;;;;;;;;", (3, "acuerdo", "required_missing")),
    (f'"{ONE_CELL}"', (3, None, "column_count")),
    (f'"{ONE_CELL}";;;;;;;;;;', (3, "acuerdo", "code_unreadable")),
    (ONE_CELL.replace(";", ","), (3, None, "column_count")),
    ('"' + ONE_CELL.replace(";", '","') + '"', (3, None, "column_count")),
    (ONE_CELL.replace(";", "\t"), (3, None, "column_count")),
]


def core_path(number: int) -> str:
    """The number-th of many files of agreements."""
    return f"core/acuerdos_{date(2024, 1, 1) + timedelta(number):%Y%m%d}.csv"


@pytest.fixture(scope="module")
def bench_of_odd_rows(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One file an odd row, which stands between two good ones."""
    odd = [*NO_DATA, *(text for text, _ in DATA)]
    files = {
        core_path(i): csv_file("core_acuerdos", [row("core_acuerdos", 5), text, row("core_acuerdos", 6)])
        for i, text in enumerate(odd)
    }
    return Bench(tmp_path_factory.mktemp("odd"), files)


@pytest.mark.parametrize("ignored", NO_DATA)
def test_totals_notes_and_blank_lines_are_no_data(bench_of_odd_rows: Bench, ignored: str) -> None:
    assert bench_of_odd_rows.counts(core_path(NO_DATA.index(ignored))) == (3, 2, 0, 0, 1)


@pytest.mark.parametrize(("text", "rejected"), DATA)
def test_what_only_looks_like_a_note_or_a_total_is_data(
    bench_of_odd_rows: Bench, text: str, rejected: Rejected
) -> None:
    path = core_path(len(NO_DATA) + DATA.index((text, rejected)))
    assert bench_of_odd_rows.rejected(path) == [rejected]
    assert bench_of_odd_rows.counts(path) == (3, 2, 1, 0, 0)


@pytest.mark.parametrize("word", ["Total", "Subtotal", "Resultado"])
@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_row_with_its_key_is_data_whatever_word_its_first_cell_begins_with(
    ingest: Ingest, export: str, word: str
) -> None:
    first = text_column(export)
    names = [first, *(n for n in GOOD[export] if n != first)]
    rows = [row(export, 1, **{first: f"{word}mente nuevo"}), row(export, 2)]
    bench = ingest({PATHS[export]: csv_file(export, rows, names=names)})
    assert bench.counts(PATHS[export]) == (2, 2, 0, 0, 0)


def test_a_total_in_a_table_without_quotes_is_ignored(ingest: Ingest) -> None:
    rows: list[dict[str, str] | str] = [row("presupuesto_ejecucion"), ";;;;;;;RESULTADO                ;0;0;1"]
    bench = ingest({PATHS["presupuesto_ejecucion"]: csv_file("presupuesto_ejecucion", rows)})
    assert bench.counts(PATHS["presupuesto_ejecucion"]) == (2, 1, 0, 0, 1)


def test_where_quotes_mean_nothing_they_are_text(ingest: Ingest) -> None:
    rows: list[dict[str, str] | str] = [
        row("presupuesto_ejecucion", 1, denominacion='OBRAS "A'),
        row("presupuesto_ejecucion", 2, denominacion='"OBRAS" B'),
        'Nota "preliminar',
        '"Nota preliminar;;',
    ]
    bench = ingest({PATHS["presupuesto_ejecucion"]: csv_file("presupuesto_ejecucion", rows)})
    assert [r["denominacion"] for r in bench.accepted("presupuesto_ejecucion")] == ['OBRAS "A', '"OBRAS" B']
    assert bench.counts(PATHS["presupuesto_ejecucion"]) == (4, 2, 0, 0, 2)


QUOTES = [
    ('"a ""b"" c"', 'a "b" c'),
    ('a "b" c', 'a "b" c'),
    ('a "b', 'a "b'),
    ('"a" b', "a b"),
    ('"a"', "a"),
    ('"a;b"', "a;b"),
    ('"a;"', "a;"),
    ('";a"', ";a"),
    ('"a\n\nb"', "a b"),
    ('"\na\n"', "a"),
    ('""""', '"'),
    ("'a;", None),
]


@pytest.fixture(scope="module")
def bench_of_quotes(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One file a way to write a cell, with a good row below."""
    record = line("core_acuerdos", list(row("core_acuerdos", 1, materia="~").values()))
    files = {
        core_path(i): csv_file("core_acuerdos", [record.replace("~", written), row("core_acuerdos", 2)])
        for i, (written, _) in enumerate(QUOTES)
    }
    return Bench(tmp_path_factory.mktemp("quotes"), files)


@pytest.mark.parametrize(("written", "value"), QUOTES)
def test_quotes_are_read_as_a_spreadsheet_reads_them(bench_of_quotes: Bench, written: str, value: str | None) -> None:
    path = core_path(QUOTES.index((written, value)))
    accepted = bench_of_quotes.table(
        f"""select acuerdo, materia from '{{raw}}/core_acuerdos/*.parquet' as t
        inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256 where archivo = '{path}' order by acuerdo"""
    )
    assert [r["acuerdo"] for r in accepted] == (["1/2022", "2/2022"] if value else ["2/2022"])
    assert not value or accepted[0]["materia"] == value
    assert bench_of_quotes.rejected(path) == ([] if value else [(2, None, "column_count")])


def test_a_quote_left_open_takes_its_record_and_no_other(ingest: Ingest) -> None:
    rows: list[dict[str, str] | str] = [
        row("core_acuerdos", 1),
        '2/2022;1;ORDINARIA;20/06/2022;"abierta;;1;1;1;1;APROBADO',
        row("core_acuerdos", 3),
        row("core_acuerdos", 4, materia="cierra; aquí"),
        row("core_acuerdos", 5),
    ]
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", rows)})
    # The quote of row 5 closes the one of row 3, and what is between them is one cell.
    assert [r["acuerdo"] for r in bench.accepted("core_acuerdos")] == ["1/2022", "5/2022"]
    assert bench.rejected(PATHS["core_acuerdos"]) == [(3, None, "column_count")]
    assert bench.counts(PATHS["core_acuerdos"]) == (3, 2, 1, 0, 0)


@pytest.mark.parametrize("export", QUOTED_EXPORTS)
def test_a_quote_left_open_that_a_row_below_closes_in_the_same_column_hides_no_row(ingest: Ingest, export: str) -> None:
    delimiter = CONTRACTS[export].format.delimiter
    texts = enumerate(['"Plaza', "Calle", 'Tubo de 5"'], 1)
    cells = [row(export, i, **{text_column(export): text}).values() for i, text in texts]
    rows = [delimiter.join(cell.replace(delimiter, "") for cell in each) for each in cells]
    bench = ingest({PATHS[export]: csv_file(export, [*rows, row(export, 4)])})
    assert bench.rejected(PATHS[export]) == [(2, None, "column_count")]
    assert bench.counts(PATHS[export]) == (2, 1, 1, 0, 0)
    (kept,) = bench.table("select registro from '{raw}/filas_rechazadas/*.parquet'")
    assert kept["registro"].split("\n") == rows


@pytest.mark.parametrize("text", ["Salud\n", "Salud\ny deportes", "Salud\n;", "Salud\n\ny «deportes»"])
def test_a_line_break_in_the_cell_before_the_key_makes_no_second_row(ingest: Ingest, text: str) -> None:
    export = "programa_compromisos"
    bench = ingest({PATHS[export]: csv_file(export, [row(export, desafio=text)])})
    assert bench.rejected(PATHS[export]) == []
    assert [each["desafio"] for each in bench.accepted(export)] == [" ".join(text.split())]


@pytest.mark.parametrize("rows", [0, 6, 99])
def test_the_header_is_found_below_its_banner(ingest: Ingest, rows: int) -> None:
    banner = "".join(f"línea {i};Fecha;Materia\n" for i in range(rows))
    bench = ingest({PATHS["core_acuerdos"]: csv_file("core_acuerdos", [row("core_acuerdos")], banner=banner)})
    assert bench.counts(PATHS["core_acuerdos"]) == (rows + 1, 1, 0, 0, rows)
    assert bench.accepted("core_acuerdos")[0]["_fila"] == rows + 2


def test_files_of_one_batch_keep_their_own_order_of_columns(ingest: Ingest) -> None:
    names = list(GOOD["core_acuerdos"])
    orders = [names, names[::-1], names[3:] + names[:3]]
    bench = ingest(
        {
            f"core/acuerdos_2025010{i}.csv": csv_file("core_acuerdos", [row("core_acuerdos", i)], names=order)
            for i, order in enumerate(orders, 1)
        }
    )
    rows = bench.accepted("core_acuerdos")
    assert [r["acuerdo"] for r in rows] == ["1/2022", "2/2022", "3/2022"]
    assert rows[0] == rows[1] | {"acuerdo": "1/2022"} == rows[2] | {"acuerdo": "1/2022"}


def test_a_bad_file_in_a_batch_leaves_the_others_alone(ingest: Ingest) -> None:
    bench = ingest(
        {
            "core/acuerdos_20250101.csv": csv_file("core_acuerdos", [row("core_acuerdos", 1)]),
            "core/acuerdos_20250102.csv": "<html>",
            "core/acuerdos_20250103.csv": csv_file("core_acuerdos", [row("core_acuerdos", 3)]) + b'"',
            "core/acuerdos_20250104.csv": csv_file("core_acuerdos", [row("core_acuerdos", 4)]),
        }
    )
    assert [r["acuerdo"] for r in bench.accepted("core_acuerdos")] == ["1/2022", "4/2022"]


def test_the_months_header_may_name_any_month(ingest: Ingest) -> None:
    content = csv_file("presupuesto_ejecucion", [row("presupuesto_ejecucion")])
    files = {
        f"presupuesto/ejecucion_2025_{m:02d}_02.csv": content.replace(b"ENERO", month.encode())
        for m, month in ((4, "ABRIL"), (9, "septiembre"), (12, "Diciembre "))
    }
    bench = ingest(files)
    assert [r["ejecucion_acumulada"] for r in bench.accepted("presupuesto_ejecucion")] == [-250] * 3
