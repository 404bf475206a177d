"""The main job on the embedded samples: what came in, what was refused, what came out."""

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import PROJECT, World, run_job
from tests.portal.pages import pages_below

pytestmark = pytest.mark.slow

EXPECTED = PROJECT.parent / "shared" / "samples" / "expected"


def needs_reference(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that compares with the reference answers."""
    absent = not EXPECTED.is_dir()
    reason = "the reference answers do not stand beside this checkout"
    marked: Callable[..., None] = pytest.mark.shared(pytest.mark.skipif(absent, reason=reason)(test))
    return marked


DATASETS = {
    "acuerdos_core",
    "compras",
    "compromisos_programa",
    "conciliacion",
    "indicadores_gestion",
    "iniciativa_trazabilidad",
    "contraste_fichas",
    "documentos",
    "ejecucion_presupuestaria",
    "ficha_ciudadana",
    "filas_rechazadas",
    "fuentes",
    "iniciativa_gasto",
    "iniciativa_hitos",
    "iniciativas",
    "iniciativas_comunas",
    "pago_oportuno",
    "pagos_proveedores",
    "rendiciones",
    "transferencias",
}


def test_the_job_ends_well_and_publishes_every_dataset(sample_world: World) -> None:
    assert sample_world.code == 0, sample_world.output
    assert sample_world.held == {}
    assert sample_world.published >= DATASETS


def test_the_end_of_the_run_says_what_came_in_and_what_was_refused(sample_world: World) -> None:
    words = " ".join(sample_world.output.split())
    assert "refused whole: dte/rcv_compra_202502.csv (not_a_table)" in words
    assert "refused whole: sagir/hitos_20250201.csv (empty)" in words
    assert "refused whole: dte/dte_9001.xml (truncated)" in words
    assert "refused whole: sisrec/rendiciones_20250202.csv (header_unknown)" in words
    assert str(sample_world.release) in words


def test_every_link_within_the_quality_report_leads_somewhere(sample_world: World) -> None:
    page = (sample_world.release / "calidad.html").read_text("utf-8")
    wanted, there = (set(re.findall(pattern, page)) for pattern in ('href="#([^"]+)"', 'id="([^"]+)"'))
    assert {"frescura", "controles-iniciativas"} <= wanted
    assert wanted - there == set()


def test_the_fates_of_every_file_add_up_to_its_rows(sample_world: World) -> None:
    assert (
        sample_world.query(
            """select archivo from {fuentes}
        where estado = 'ACEPTADO' and filas <> aceptadas + rechazadas + duplicadas + ignoradas"""
        )
        == []
    )


def test_a_refused_file_is_listed_without_counts_and_the_last_good_one_stays_in_force(sample_world: World) -> None:
    assert sample_world.query(
        "select motivo, filas, aceptadas from {fuentes} where archivo = 'sagir/hitos_20250201.csv'"
    ) == [("empty", None, None)]
    assert sample_world.query("select count(*) from {iniciativa_hitos}") == [(1120,)]


def test_a_dataset_that_leans_on_a_refused_file_says_so(sample_world: World) -> None:
    seen = sample_world.warnings("iniciativa_hitos")["origen_sin_archivos_rechazados"]
    assert seen == ("sagir/hitos_20250201.csv: viene vacío, o solo con el encabezado (no rige nada con ese nombre)")
    assert "origen_sin_archivos_rechazados" not in sample_world.warnings("ficha_ciudadana")


def test_the_december_ficha_equals_every_printed_subtitulo_but_the_misprints(sample_world: World) -> None:
    wrong = sample_world.query(
        """select programa, subtitulo, campo, cast(publicado as double), cast(calculado as double),
            cast(diferencia as double)
        from {contraste_fichas} where not coincide order by all"""
    )
    assert wrong == [
        ("01", "22", "porcentaje_ejecucion", 97.9, 88.68, 9.22),
        ("01", "29", "porcentaje_ejecucion", 83.55, 83.56, -0.01),
        ("01", "TOTAL", "ejecutado", 12693714.0, 12792716.0, -99002.0),
        ("01", "TOTAL", "porcentaje_ejecucion", 94.91, 95.65, -0.74),
        ("02", "TOTAL", "porcentaje_ejecucion", 99.85, 99.86, -0.01),
    ]


def test_no_rut_outside_the_public_range_is_published(sample_world: World) -> None:
    for dataset, column in (("pagos_proveedores", "rut_proveedor"), ("transferencias", "rut_ejecutor")):
        rows = sample_world.query(f"select distinct {column} from {{{dataset}}} where {column} is not null")
        assert rows
        assert [r for (r,) in rows if not 50_000_000 <= int(r.split("-")[0]) <= 99_999_999] == []


def test_every_initiative_with_a_point_is_in_both_geographic_files(sample_world: World) -> None:
    with_point = sample_world.query("select count(*) from {iniciativas} where latitud is not null")
    content = json.loads((sample_world.release / "iniciativas_geo.geojson").read_text("utf-8"))
    table = pq.read_table(sample_world.release / "iniciativas_geo.parquet")
    assert [(len(content["features"]),)] == [(table.num_rows,)] == with_point
    region = [f["geometry"]["coordinates"] for f in content["features"]]
    assert all(-72 < longitude < -69 and -35 < latitude < -32 for longitude, latitude in region)


def test_the_same_exports_again_make_no_second_release(sample_world: World) -> None:
    before = sample_world.release
    again = run_job(sample_world.exports, sample_world.base, "--again")
    assert again.code == 0, again.output
    assert again.release == before
    assert [p for p in again.releases.iterdir() if p.is_dir() and not p.is_symlink()] == [before]
    assert "nothing changed" in again.output


def test_the_pages_of_the_release_open_from_their_folder(sample_world: World) -> None:
    index = (sample_world.base / "portal" / "index.html").read_text("utf-8")
    assert "http://" not in index.replace("http://www.w3.org", "")
    for address in re.findall(r'href="([^"#]+)"', index):
        if not address.startswith(("http", "mailto", "data:")):
            assert (sample_world.base / "portal" / address).exists(), address


def _expected(name: str) -> list[dict[str, str]]:
    with (EXPECTED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _published(world: World, name: str) -> list[dict[str, str]]:
    with (world.release / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _plain(value: str) -> str:
    """A figure as both sides write it: true and 1, 5, 5.0 and 5.00."""
    value = {"true": "1", "false": "0"}.get(value, value)
    return value.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", value) else value


def _same(published: list[dict[str, str]], expected: list[dict[str, str]], ignore: tuple[str, ...] = ()) -> None:
    columns = [c for c in expected[0] if c not in ignore]
    assert set(columns) <= set(published[0])
    mine = sorted(tuple(_plain(row[c]) for c in columns) for row in published)
    theirs = sorted(tuple(_plain(row[c]) for c in columns) for row in expected)
    assert mine == theirs


@pytest.mark.parametrize(
    ("dataset", "ignore"),
    [
        # `n` and `nat` are the reference's own identity of a supplier: never published.
        ("pagos_proveedores", ("n", "nat")),
        ("transferencias", ("nat",)),
        ("pago_oportuno", ()),
        ("iniciativa_hitos", ()),
        ("iniciativa_gasto", ()),
        ("rendiciones", ()),
        ("documentos", ()),
        ("filas_rechazadas", ()),
        ("compras", ("nat",)),
        ("acuerdos_core", ()),
        ("compromisos_programa", ()),
        ("iniciativa_trazabilidad", ()),
    ],
)
@needs_reference
def test_a_dataset_equals_the_reference_row_by_row(sample_world: World, dataset: str, ignore: tuple[str, ...]) -> None:
    name = "rechazos.csv" if dataset == "filas_rechazadas" else f"{dataset}.csv"
    _same(_published(sample_world, dataset), _expected(name), ignore)


@needs_reference
def test_the_reconciliation_equals_the_reference_to_the_peso(sample_world: World) -> None:
    def miles(clp: str) -> str:
        return str(int(Decimal(clp) / 1000 + Decimal("0.5") * (1 if Decimal(clp) >= 0 else -1)))

    expected = [
        {
            **{k: row[k] for k in ("anio", "programa", "subtitulo", "item", "ejecutado")},
            "respaldo_dte": miles(row["dte_clp"]),
            "respaldo_transferencias": miles(row["transferencias_clp"]),
        }
        for row in _expected("conciliacion.csv")
    ]
    _same(_published(sample_world, "conciliacion"), expected)


@needs_reference
def test_the_indicators_equal_the_reference_to_numerator_and_denominator(sample_world: World) -> None:
    truth = json.loads((EXPECTED / "truth.json").read_text("utf-8"))["indicadores"]
    published = {
        f"{row['indicador']}/{row['anio']}": [int(row["numerador"]), int(row["denominador"])]
        for row in _published(sample_world, "indicadores_gestion")
        if row["numerador"] and row["denominador"]
    }
    assert published == truth


@needs_reference
def test_the_budget_equals_the_reference_row_by_row(sample_world: World) -> None:
    expenses = [r for r in _published(sample_world, "ejecucion_presupuestaria") if r["tipo"] == "GASTO"]
    _same(expenses, _expected("ejecucion_presupuestaria.csv"))


@needs_reference
def test_the_portfolio_equals_the_reference_row_by_row(sample_world: World) -> None:
    comunas: dict[str, list[str]] = {}
    for row in _published(sample_world, "iniciativas_comunas"):
        comunas.setdefault(row["codigo_iniciativa"], []).append(row["cut"])
    published = _published(sample_world, "iniciativas")
    for row in published:
        cuts = sorted(comunas.get(row["codigo_iniciativa"], []))
        row |= {"cuts": " ".join(cuts), "n_comunas": str(len(cuts))}
        # The reference leaves the point to the pipeline where it is not SAGIR's.
        if row["origen_punto"] != "SAGIR":
            row |= {"latitud": "", "longitud": ""}
    _same(published, _expected("iniciativas.csv"))


@needs_reference
def test_the_files_equal_the_reference(sample_world: World) -> None:
    accepted = [r for r in _published(sample_world, "fuentes") if r["estado"] == "ACEPTADO"]
    _same(accepted, _expected("archivos.csv"))
    refused = {r["archivo"]: r["motivo"] for r in _published(sample_world, "fuentes") if r["estado"] == "RECHAZADO"}
    assert refused == json.loads((EXPECTED / "truth.json").read_text("utf-8"))["bad_files"]


@needs_reference
def test_no_secret_is_in_any_published_file(sample_world: World) -> None:
    secrets = json.loads((EXPECTED / "truth.json").read_text("utf-8"))["secrets"]
    assert secrets
    found = []
    for path in [
        p for p in [*sample_world.release.rglob("*"), *(sample_world.base / "portal").rglob("*")] if p.is_file()
    ]:
        text = _text_of(path)
        # Accounts are digits alone: they must not stand as a number of their own.
        found += [
            (path.name, secret)
            for secret in secrets
            if (re.search(rf"(?<!\d){secret}(?!\d)", text) if secret.isdigit() else secret in text)
        ]
    assert found == []


def test_no_two_places_of_a_page_have_one_name(sample_world: World) -> None:
    for folder in (sample_world.release, sample_world.base / "portal"):
        pages = pages_below(folder)
        assert pages
        assert {path: page.repeated_ids for path, page in pages.items() if page.repeated_ids} == {}


def _text_of(path: Path) -> str:
    if path.suffix != ".parquet":
        return path.read_text("utf-8", "replace")
    file = pq.ParquetFile(path)
    return f"{file.metadata.metadata} {file.schema} {file.read().to_pylist()}"
