"""What the quality report tells of a release: freshness by two clocks, what was rejected, what documents explain."""

import csv
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import contract
from publish.catalog import Column, Dataset, read_catalog
from publish.edition import Carried, Edition, Part, Publisher
from publish.errors import CatalogError
from publish.privacy.scanning import MASK, Reserved, Scanner
from publish.reports import quality
from publish.reports.freshness import Pace
from tests.conftest import World
from tests.publish.bench import Bench
from tests.publish.editions import edition_of

CUT_OFF = date(2025, 1, 31)
PAGE = "<html><body><header><h1>Comprobaciones</h1></header><main><p>Controles</p></main></body></html>"

FILES = """
    ('SAGIR', 'hitos', 'sagir/hitos_1.csv', '2024-12-31', '2025-03-01 10:00:00', 'ACEPTADO', null,
        10, 7, 2, 1, 0, 'a', 'a'),
    ('SAGIR', 'hitos', 'sagir/hitos_2.csv', '2025-01-31', '2025-02-01 08:30:00', 'ACEPTADO', null,
        5, 4, 0, 0, 1, 'b', 'b'),
    ('SAGIR', 'hitos', 'sagir/hitos_3.csv', '2025-02-28', '2025-03-02 09:00:00', 'RECHAZADO', 'empty',
        null, null, null, null, null, 'c', null),
    ('SAGIR', 'gasto', 'sagir/gasto_2024.xlsx', null, '2025-02-03 00:00:00', 'ACEPTADO', null, 3, 3, 0, 0, 0, 'd', 'd'),
    ('DTE', 'pagos', 'dte/pagos_1.csv', '2024-11-30', '2025-02-04 23:59:59', 'RECHAZADO', 'truncated',
        null, null, null, null, null, 'e', 'antes')
"""
REJECTED = """
    ('hitos', 'sagir/hitos_1.csv', 4, 'fecha', 'date_unreadable'),
    ('hitos', 'sagir/hitos_1.csv', 9, null, 'column_count'),
    ('pagos', 'dte/pagos_1.csv', 2, 'fecha', 'date_unreadable')
"""
RECONCILED = """
    (2023, '02', '31', '02', 1000, 1000, 0),
    (2023, '02', '33', '03', 1000, 999, 1),
    (2024, '02', '31', '02', 100000, 120000, -20000),
    (2024, '02', '33', '03', 100000, 79999, 20001),
    (2024, '02', '24', '01', null, 7, null),
    (2024, '01', '21', null, 0, 0, 0)
"""
MEANINGS = {
    "fuentes": {"empty": "Viene vacío.", "truncated": "Está cortado."},
    "filas_rechazadas": {"date_unreadable": "La fecha no se entiende.", "column_count": "Sobran o faltan celdas."},
}
PACES = dict.fromkeys(("hitos", "gasto", "pagos"), Pace(cadence_days=31, late_after_days=46))
REQUIRES: dict[str, tuple[str, ...]] = {
    "fuentes": (),
    "filas_rechazadas": (),
    "conciliacion": ("pagos", "hitos"),
    "iniciativa_gasto": ("gasto",),
    "iniciativas": ("gasto", "hitos | nunca_llego", "pagos"),
}


def dataset(name: str) -> Dataset:
    meanings = tuple(MEANINGS.get(name, {}).items())
    column = Column("motivo", "VARCHAR", "Motivo.", "código", "abierta", free_text=False, meanings=meanings)
    return Dataset(name, name.title(), "tema", "Conjunto.", ("motivo",), (), REQUIRES[name], (column,), f"marts.{name}")


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Gives the sections of a tiny release; `held` are not in it, `carried` are an earlier release's."""

    def sections(
        *,
        held: tuple[str, ...] = (),
        carried: tuple[str, ...] = (),
        files: str = FILES,
        rejected: str = REJECTED,
        paces: Mapping[str, Pace] = PACES,
    ) -> dict[str, Any]:
        tables = {
            "fuentes": f"""
                select * replace (fecha_dato::date as fecha_dato, recibido_en::timestamp as recibido_en)
                from (values {files}) as t (sistema, export, archivo, fecha_dato, recibido_en, estado, motivo, filas,
                    aceptadas, rechazadas, duplicadas, ignoradas, sha256, sha256_en_vigor)""",
            "filas_rechazadas": f"from (values {rejected}) as t (export, archivo, fila, columna, motivo)",
            "conciliacion": f"""
                from (values {RECONCILED}) as t (anio, programa, subtitulo, item, ejecutado, respaldo_total, diferencia)
            """,
        }
        earlier = Carried("2024-12-31-abc", date(2024, 12, 31), "No pasó un control.")
        parts = [
            Part(dataset(name), 1, (), datetime.min, earlier if name in carried else None)
            for name in REQUIRES
            if name not in held
        ]
        with duckdb.connect() as con:
            for name, query in tables.items():
                if name not in held:
                    con.execute(f"copy ({query}) to '{tmp_path / name}.parquet' (format parquet)")
            return quality.sections(con, tmp_path, Edition("2025-01-31-def", CUT_OFF, Publisher(), tuple(parts)), paces)

    return sections


def page_of(sections: dict[str, Any], *reserved: tuple[str, str]) -> str:
    return quality.Report({}, {}, Scanner(Reserved.of(reserved)), sections).complete_html(PAGE)


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


# ---- freshness


def test_a_source_has_two_clocks_that_are_never_mixed(tell: Callable[..., dict[str, Any]]) -> None:
    found = {each["fuente"]: each for each in tell()["frescura"]["fuentes"]}
    assert found["hitos"] == {
        "sistema": "SAGIR",
        "fuente": "hitos",
        "archivos": 3,
        "archivos_en_vigor": 2,
        "fecha_dato": "2025-01-31",  # the refused file of February is not in force
        "dias_hasta_corte": 0,
        "recibido_en": "2025-03-02T09:00:00Z",  # and yet it is what came last
        "recibido_en_del_dato": "2025-02-01T08:30:00Z",
        "cadencia_dias": 31,
        "plazo_dias": 46,
        "atrasada": False,
    }


def test_a_source_without_dates_has_none_and_is_not_fresh_by_its_arrival(tell: Callable[..., dict[str, Any]]) -> None:
    gasto = next(each for each in tell()["frescura"]["fuentes"] if each["fuente"] == "gasto")
    assert (gasto["fecha_dato"], gasto["dias_hasta_corte"], gasto["atrasada"]) == (None, None, None)
    assert gasto["recibido_en"] == "2025-02-03T00:00:00Z"


def test_content_older_than_a_refused_file_counts_and_its_arrival_is_unknown(
    tell: Callable[..., dict[str, Any]],
) -> None:
    pagos = next(each for each in tell()["frescura"]["fuentes"] if each["fuente"] == "pagos")
    assert (pagos["fecha_dato"], pagos["dias_hasta_corte"], pagos["archivos_en_vigor"]) == ("2024-11-30", 62, 1)
    assert (pagos["recibido_en"], pagos["recibido_en_del_dato"]) == ("2025-02-04T23:59:59Z", None)


def test_a_source_is_late_by_its_own_pace_and_the_cut_off_alone(tell: Callable[..., dict[str, Any]]) -> None:
    def late(days: int) -> Any:
        paces = {"pagos": Pace(cadence_days=31, late_after_days=days)}
        return next(s["atrasada"] for s in tell(paces=paces)["frescura"]["fuentes"] if s["fuente"] == "pagos")

    # The data of `pagos` end 62 days before the cut-off.
    assert (late(61), late(62)) == (True, False)
    unknown = next(s for s in tell(paces={})["frescura"]["fuentes"] if s["fuente"] == "pagos")
    assert (unknown["cadencia_dias"], unknown["plazo_dias"], unknown["atrasada"]) == (None, None, None)


def test_the_page_says_what_is_late_and_what_cannot_be_said(tell: Callable[..., dict[str, Any]]) -> None:
    text = text_of(page_of(tell()))
    assert re.search(r"pagos 30-11-2024 62 cada 31 días, a más tardar a los 46 ! Atrasada", text)
    assert re.search(r"hitos 31-01-2025 0 cada 31 días, a más tardar a los 46 ✓ A tiempo", text)
    assert re.search(r"gasto sin fecha sin dato cada 31 días, a más tardar a los 46 no se puede decir", text)


def test_a_dataset_names_its_source_that_lags_and_its_newest(tell: Callable[..., dict[str, Any]]) -> None:
    found = {each["conjunto"]: each for each in tell()["frescura"]["conjuntos"]}
    assert found["iniciativas"] == {
        "conjunto": "iniciativas",
        "titulo": "Iniciativas",
        "fuentes": ["gasto", "hitos", "nunca_llego", "pagos"],
        "version_anterior": False,
        "mas_atrasada": {
            "fuente": "pagos", "fecha_dato": "2024-11-30", "dias_hasta_corte": 62, "recibido_en": None,
        },
        "mas_al_dia": {
            "fuente": "hitos", "fecha_dato": "2025-01-31", "dias_hasta_corte": 0, "recibido_en": "2025-02-01T08:30:00Z",
        },
        "sin_fecha": ["gasto"],
        "atrasadas": ["pagos"],
    }  # fmt: skip
    assert (found["iniciativa_gasto"]["mas_atrasada"], found["iniciativa_gasto"]["sin_fecha"]) == (None, ["gasto"])
    assert (found["fuentes"]["fuentes"], found["fuentes"]["mas_al_dia"]) == ([], None)


# ---- rejected


def test_counts_are_per_source_and_a_refused_file_adds_to_none(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell()["rechazos"]
    assert list(told["por_fuente"][0]) == [
        "sistema", "fuente", "archivos", "archivos_rechazados",
        "filas", "aceptadas", "rechazadas", "duplicadas", "ignoradas",
    ]  # fmt: skip
    assert [tuple(each.values()) for each in told["por_fuente"]] == [
        ("DTE", "pagos", 1, 1, 0, 0, 0, 0, 0),
        ("SAGIR", "gasto", 1, 0, 3, 3, 0, 0, 0),
        ("SAGIR", "hitos", 3, 1, 15, 11, 2, 1, 1),
    ]
    assert [tuple(each.values()) for each in told["archivos_rechazados"]] == [
        ("hitos", "sagir/hitos_3.csv", "empty", False, "Viene vacío."),
        ("pagos", "dte/pagos_1.csv", "truncated", True, "Está cortado."),
    ]


def test_reasons_are_counted_per_source_and_told_in_words(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell()["rechazos"]["por_motivo"]
    assert [tuple(each.values()) for each in told] == [
        ("hitos", "column_count", 1, 0, "Sobran o faltan celdas."),
        ("hitos", "date_unreadable", 1, 0, "La fecha no se entiende."),
        ("pagos", "date_unreadable", 1, 1, "La fecha no se entiende."),
    ]


# ---- reconciliation


def test_spending_is_set_against_its_documents_and_almost_all_is_not_all(tell: Callable[..., dict[str, Any]]) -> None:
    told = {(each.pop("anio"), each.pop("programa")): each for each in tell()["conciliacion"]["programas"]}
    assert told[2023, "02"] == {
        "ejecutado": 2000,
        "respaldo": 1999,
        "diferencia": 1,
        "respaldo_sin_ejecucion": 0,
        "respaldo_en_exceso": 0,
        "lineas": 2,
        "lineas_con_exceso": 0,
        "porcentaje": 99.95,
    }
    # 199 999 of 200 000 would read 100,00; documents without spending are told apart, and so is what hides a gap.
    assert told[2024, "02"]["porcentaje"] == 99.99
    assert (told[2024, "02"]["respaldo_sin_ejecucion"], told[2024, "02"]["respaldo_en_exceso"]) == (7, 20000)
    assert (told[2024, "01"]["ejecutado"], told[2024, "01"]["porcentaje"]) == (0, None)


def test_no_row_is_lost_between_its_four_fates(tell: Callable[..., dict[str, Any]]) -> None:
    told = {each["fuente"]: each for each in tell()["conciliacion"]["filas"]}
    assert list(told) == ["gasto", "hitos", "TOTAL"]
    assert (told["TOTAL"]["filas"], told["TOTAL"]["rechazadas_detalladas"], told["TOTAL"]["cuadra"]) == (18, 2, True)


@pytest.mark.parametrize(
    ("files", "rejected"),
    [
        (FILES.replace("10, 7, 2, 1, 0", "10, 6, 2, 1, 0"), REJECTED),
        (FILES, REJECTED.replace("('hitos', 'sagir/hitos_1.csv', 9, null, 'column_count'),", "")),
        # One file has a row too many and another one too few: the sums alone would not tell.
        (FILES.replace("10, 7, 2, 1, 0", "10, 6, 2, 1, 0").replace("5, 4, 0, 0, 1", "5, 5, 0, 0, 1"), REJECTED),
    ],
)
def test_a_lost_row_is_told(tell: Callable[..., dict[str, Any]], files: str, rejected: str) -> None:
    sections = tell(files=files, rejected=rejected)
    told = {each["fuente"]: each["cuadra"] for each in sections["conciliacion"]["filas"]}
    assert told == {"gasto": True, "hitos": False, "TOTAL": False}
    assert "✗ No cuadra" in page_of(sections)


def test_a_lost_row_is_told_without_the_detail_of_the_rejected_ones_too(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell(files=FILES.replace("10, 7, 2, 1, 0", "10, 6, 2, 1, 0"), held=("filas_rechazadas",))
    assert {each["fuente"]: each["cuadra"] for each in told["conciliacion"]["filas"]} == {
        "gasto": None,
        "hitos": False,
        "TOTAL": False,
    }


# ---- what is not there


def test_without_the_list_of_files_nothing_is_made_up(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell(held=("fuentes",))
    assert (told["frescura"]["fuentes"], told["frescura"]["conjuntos"], told["conciliacion"]["filas"]) == (None,) * 3
    assert (told["rechazos"]["por_fuente"], told["rechazos"]["archivos_rechazados"]) == (None, None)
    assert [each["de_contenido_anterior"] for each in told["rechazos"]["por_motivo"]] == [None, None, None]
    assert "no hay una lista nueva de archivos recibidos" in page_of(told)


def test_without_rejected_rows_and_reconciliation_the_rest_is_told(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell(held=("filas_rechazadas", "conciliacion"))
    assert (told["rechazos"]["por_motivo"], told["conciliacion"]["programas"]) == (None, None)
    assert [each["rechazadas_detalladas"] for each in told["conciliacion"]["filas"]] == [None, None, None]
    assert [each["cuadra"] for each in told["conciliacion"]["filas"]] == [None, None, None]
    page = page_of(told)
    assert page.count("No se sabe: falta el detalle de las rechazadas") == 3
    assert "no hay una conciliación nueva" in page
    assert "no hay una lista nueva de filas rechazadas" in page


def test_what_is_kept_from_an_earlier_release_is_not_told_as_of_this_one(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell(carried=("iniciativas", "conciliacion"))
    assert told["versiones_anteriores"]["iniciativas"] == {
        "publicacion": "2024-12-31-abc", "fecha_corte": "2024-12-31", "motivo": "No pasó un control.",
    }  # fmt: skip
    kept = next(each for each in told["frescura"]["conjuntos"] if each["conjunto"] == "iniciativas")
    assert (kept["version_anterior"], kept["mas_al_dia"], kept["sin_fecha"]) == (True, None, [])
    assert told["conciliacion"]["programas"] is None
    assert "Versión anterior, con fecha de corte 31-12-2024" in text_of(page_of(told))


# ---- the report


def test_a_file_that_came_in_the_evening_came_that_day_and_not_on_the_next_as_utc_counts(
    tell: Callable[..., dict[str, Any]],
) -> None:
    files = FILES.replace("2025-03-02 09:00:00", "2025-03-02 02:59:00")
    assert "✓ A tiempo 01-03-2025 a las 23:59 3 2" in text_of(page_of(tell(files=files)))


def test_the_page_tells_each_section_ahead_of_the_checks(tell: Callable[..., dict[str, Any]]) -> None:
    page = page_of(tell())
    text = text_of(page)
    assert text.index("Hasta cuándo llegan los datos") < text.index("Controles")
    assert "SAGIR hitos 31-01-2025 0 cada 31 días, a más tardar a los 46 ✓ A tiempo 02-03-2025 a las 06:00 3 2" in text
    assert "SAGIR gasto sin fecha sin dato" in text
    assert "Está cortado. Sigue en vigor el último contenido bueno de ese nombre." in text
    assert "2024 02 200.000 199.999 1 99,99 20.000 7" in text
    assert "hitos 15 11 + 2 + 1 + 1 2 ✓ Cuadra" in text
    assert "<script" not in page


def test_personal_data_in_the_sections_are_replaced_in_page_and_json(tell: Callable[..., dict[str, Any]]) -> None:
    told = tell(files=FILES.replace("sagir/hitos_3.csv", "sagir/Rosa Elena Ñancupil Soto.csv"))
    report = quality.Report({}, {}, Scanner(Reserved.of([("nombre", "Rosa Elena Ñancupil Soto")])), told)
    content = json.loads(report.complete_json("{}"))
    assert content["rechazos"]["archivos_rechazados"][0]["archivo"] == f"sagir/{MASK}.csv"
    assert "ancupil" not in report.complete_html(PAGE)


def test_no_figure_or_moment_of_the_report_is_taken_for_a_person(tell: Callable[..., dict[str, Any]]) -> None:
    scanner = Scanner(Reserved.of([]))
    numbers = [*range(5_000_000, 30_000_000, 3_337), *range(920_000_000, 999_999_999, 333_337)]
    assert [n for n in numbers if scanner.hits(f"{n:,}".replace(",", "."), lone_words=False)] == []
    moments = [
        datetime(2020 + n % 9, 1 + n % 12, 1 + n % 28, n % 24, n * 7 % 60, n * 13 % 60).isoformat() + "Z"
        for n in range(5000)
    ]
    assert [each for each in moments if scanner.hits(each, lone_words=False)] == []


def test_every_accepted_code_is_explained_or_none(bench: Bench) -> None:
    bench.node("compras")["columns"]["codigo_oc"]["config"]["meta"]["significados"] = {"x": "Equis."}
    with pytest.raises(CatalogError, match=r"compras\.codigo_oc: `significados` must explain each"):
        read_catalog(bench.manifest())


# ---- the samples


@pytest.mark.slow
def test_the_sections_of_the_samples_agree_with_a_count_of_their_own(sample_world: World) -> None:
    release = sample_world.release
    edition = edition_of(release, sample_world.base / "internal" / "dbt" / "manifest.json")
    paces = {c.export: Pace(c.cadence_days, c.late_after_days) for c in contract.load().values()}
    with duckdb.connect() as con:
        told = quality.sections(con, release, edition, paces)
    said = json.loads((release / "calidad.json").read_text("utf-8"))
    assert said["frescura"] == told["frescura"]
    sources, rejected, reconciled = (_csv(release, name) for name in ("fuentes", "filas_rechazadas", "conciliacion"))

    reasons = Counter((row["export"], row["motivo"]) for row in rejected)
    assert {(each["fuente"], each["motivo"]): each["filas"] for each in told["rechazos"]["por_motivo"]} == reasons
    assert all(each["significado"] for each in told["rechazos"]["por_motivo"] + told["rechazos"]["archivos_rechazados"])
    refused = [row["archivo"] for row in sources if row["estado"] == "RECHAZADO"]
    assert sorted(each["archivo"] for each in told["rechazos"]["archivos_rechazados"]) == sorted(refused)

    for each in told["rechazos"]["por_fuente"]:
        own = [row for row in sources if row["export"] == each["fuente"]]
        assert each["archivos"] == len(own)
        for name in ("filas", "aceptadas", "rechazadas", "duplicadas", "ignoradas"):
            assert each[name] == sum(int(row[name] or 0) for row in own)
    total = told["conciliacion"]["filas"][-1]
    assert (total["fuente"], total["rechazadas_detalladas"]) == ("TOTAL", len(rejected))
    assert all(each["cuadra"] for each in told["conciliacion"]["filas"])

    for each in told["frescura"]["fuentes"]:
        own = [row for row in sources if row["export"] == each["fuente"]]
        dates = [date.fromisoformat(row["fecha_dato"]) for row in own if row["sha256_en_vigor"] and row["fecha_dato"]]
        newest = max(dates, default=None)
        assert each["fecha_dato"] == (newest and newest.isoformat())
        assert each["dias_hasta_corte"] == (newest and (edition.cut_off - newest).days)
        limit = paces[each["fuente"]].late_after_days
        assert each["atrasada"] == (newest and (edition.cut_off - newest).days > limit)
        assert each["recibido_en"] == max(row["recibido_en"] for row in own)[:19].replace(" ", "T") + "Z"

    for each in told["conciliacion"]["programas"]:
        own = [r for r in reconciled if (r["anio"], r["programa"]) == (str(each["anio"]), each["programa"])]
        spent = sum(int(row["ejecutado"]) for row in own)
        backed = sum(int(row["respaldo_total"]) for row in own)
        assert (each["ejecutado"], each["respaldo"]) == (spent, backed)
        assert abs(each["porcentaje"] - 100 * backed / spent) <= 0.005


def _csv(release: Path, dataset: str) -> list[dict[str, str]]:
    with (release / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
