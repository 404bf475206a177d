"""The whole job over nights on which files are refused, missing, unreadable, mended and corrected."""

import csv
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import SAMPLES, World, corrections_of, run_job

pytestmark = pytest.mark.slow

BUDGET = "presupuesto/ejecucion_2024_12_02.csv"
REGISTER = "dte/rcv_compra_202306.csv"
AGREEMENTS = "core/acuerdos_20250131.csv"
TRANSFERS = ("sisrec/transferencias_20250131.csv", "sisrec/transferencias_20250205.csv")
COMMITMENTS = ("programa_gobierno/compromisos_20250131.csv", "programa_gobierno/compromisos_20250205.csv")
DATASETS = ("ejecucion_presupuestaria", "ficha_ciudadana", "pagos_proveedores", "pago_oportuno")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """Four nights of one warehouse: all good; a file refused, one gone, a cell corrected; besides, new transfers and
    commitments, of which the transfers cannot be read; all mended at the source.

    Each world's base is a copy of the release of its night.
    """
    base = tmp_path_factory.mktemp("nights")
    exports = base / "exports"
    shutil.copytree(SAMPLES, exports)
    worlds = {}
    for night in ("good", "bad", "broken", "healed"):
        if night == "bad":
            (exports / BUDGET).write_text("<html>Su sesion expiro</html>")
            (exports / REGISTER).unlink()
            said, right = _correct(base / "world")
        if night == "broken":
            in_the_way = _break_off(exports, base / "world")
        if night == "healed":
            in_the_way.rmdir()
            shutil.copy(SAMPLES / BUDGET, exports / BUDGET)
            shutil.copy(SAMPLES / REGISTER, exports / REGISTER)
            agreements = (exports / AGREEMENTS).read_bytes()
            (exports / AGREEMENTS).write_bytes(agreements.replace(f"{said};".encode(), f"{right};".encode()))
        world = run_job(exports, base / "world")
        assert world.code == (1 if night in ("broken", "healed") else 0), world.output
        shutil.copytree(world.release, base / night)
        worlds[night] = World(base / night, exports, world.code, world.output)
    return worlds


def _break_off(exports: Path, world: Path) -> Path:
    """New transfers and new commitments; returns the folder that lies where the copy of the transfers would go."""
    old, new = COMMITMENTS
    said = (exports / old).read_text("utf-8")
    assert "EN CURSO" in said
    (exports / new).write_text(said.replace("EN CURSO", "CUMPLIDO", 1), "utf-8")
    old, new = TRANSFERS
    *lines, last, total = (exports / old).read_bytes().splitlines(keepends=True)
    content = b"".join([*lines, last, last.replace(last[:12], b"T-2023-99999"), total])
    (exports / new).write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    in_the_way = world / "internal" / "archive" / sha256[:2] / sha256
    in_the_way.mkdir(parents=True)
    return in_the_way


def _correct(world: Path) -> tuple[str, str]:
    """Corrects a cell that the correction desk shows; returns what the source says there and what it must say."""
    with (world / "internal/rechazos/core_acuerdos.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(r for r in csv.DictReader(file, delimiter=";") if r["columna"] == "acuerdo")
    correction = {
        "export": "core_acuerdos",
        "donde": {"archivo": row["archivo"], "fila": row["fila"]},
        "columna": row["columna"],
        "dice": row["celda"],
        "debe_decir": "999/2023",
        "motivo": "El certificado lo dice así.",
        "autor": "Secretaría ejecutiva del consejo",
        "fecha": "2026-11-20",
    }
    said = json.dumps({"celdas": [correction]}, ensure_ascii=False)
    (corrections_of(world) / "core.yml").write_text(said, "utf-8")
    return row["celda"], "999/2023"


def rejected(world: World) -> list[list[str]]:
    return [line for line in rows(world, "filas_rechazadas") if AGREEMENTS in line]


def rows(world: World, dataset: str) -> list[list[str]]:
    with (world.base / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def source(world: World, path: str) -> dict[str, str]:
    header, *lines = rows(world, "fuentes")
    return next(dict(zip(header, line, strict=True)) for line in lines if path in line)


def warnings(world: World, dataset: str) -> dict[str, str]:
    report = json.loads((world.base / "calidad.json").read_text("utf-8"))
    return {c["check"]: c["observed"] for c in report["controles"] if c["dataset"] == dataset and not c["success"]}


def test_the_same_exports_in_another_folder_and_at_another_hour_give_the_same_bytes(
    nights: dict[str, World], sample_world: World
) -> None:
    here = {path.name: path.read_bytes() for path in sample_world.release.iterdir()}
    there = {path.name: path.read_bytes() for path in nights["good"].base.iterdir()}
    assert here.keys() == there.keys()
    assert [name for name, content in here.items() if there[name] != content] == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_refused_and_a_missing_file_leave_every_figure_as_it_was(nights: dict[str, World], dataset: str) -> None:
    assert rows(nights["bad"], dataset) == rows(nights["good"], dataset) == rows(nights["healed"], dataset)


def test_the_list_of_sources_says_what_stands_in(nights: dict[str, World]) -> None:
    good, bad = source(nights["good"], BUDGET), source(nights["bad"], BUDGET)
    assert (bad["estado"], bad["motivo"], bad["filas"], bad["presente"]) == ("RECHAZADO", "not_a_table", "", "true")
    assert bad["sha256_en_vigor"] == good["sha256"] == good["sha256_en_vigor"]
    gone = source(nights["bad"], REGISTER)
    assert (gone["estado"], gone["presente"], gone["filas"]) == (
        "ACEPTADO",
        "false",
        source(nights["good"], REGISTER)["filas"],
    )


def test_every_dataset_that_leans_on_them_says_so_and_no_other(nights: dict[str, World]) -> None:
    refused, missing = "origen_sin_archivos_rechazados", "origen_sin_archivos_faltantes"
    sheet = warnings(nights["bad"], "ficha_ciudadana")
    assert sheet[refused] == (
        f"{BUDGET}: no es una tabla, sino otra cosa, como una página web o un PDF (rige lo recibido antes)"
    )
    assert missing not in sheet
    assert REGISTER in warnings(nights["bad"], "pagos_proveedores")[missing]
    assert not [
        said for said in warnings(nights["bad"], "transferencias").values() if BUDGET in said or REGISTER in said
    ]


def test_the_end_of_the_run_says_what_stays_in_force(nights: dict[str, World]) -> None:
    words = " ".join(nights["bad"].output.split())
    assert f"stays in force: {BUDGET}" in words
    assert f"stays in force: {REGISTER}" in words


def test_the_next_good_files_heal_by_themselves(nights: dict[str, World]) -> None:
    good, healed = nights["good"], nights["healed"]
    assert "stays in force" not in healed.output
    for dataset in DATASETS:
        assert warnings(healed, dataset) == warnings(good, dataset)


def test_a_correction_is_followed_and_shown(nights: dict[str, World]) -> None:
    bad = nights["bad"]
    assert {night: source(world, AGREEMENTS)["celdas_corregidas"] for night, world in nights.items()} == {
        "good": "0",
        "bad": "1",
        "broken": "1",
        "healed": "0",
    }
    assert len(rejected(nights["good"])) == len(rejected(bad)) + 1
    assert f"{AGREEMENTS} (celdas corregidas: 1)" in warnings(bad, "acuerdos_core")["origen_sin_celdas_corregidas"]


def test_a_correction_that_the_source_has_overtaken_ends_the_run_non_zero(nights: dict[str, World]) -> None:
    healed = nights["healed"]
    assert healed.code == 1
    assert "to review: the correction of core_acuerdos" in " ".join(healed.output.split())


def kept(world: World) -> dict[str, str]:
    """The datasets that stand as an earlier release had them, each with the reason."""
    manifest = json.loads((world.base / "manifest.json").read_text("utf-8"))
    return {d["nombre"]: d["conservado"]["motivo"] for d in manifest["conjuntos"] if "conservado" in d}


def test_a_source_that_cannot_be_read_holds_back_what_leans_on_it_and_nothing_else(nights: dict[str, World]) -> None:
    bad, broken = nights["bad"], nights["broken"]
    held = kept(broken)
    assert held.keys() == {"transferencias", "conciliacion", "iniciativa_trazabilidad"}
    assert all("impidió leer sisrec_transferencias" in reason for reason in held.values())
    assert rows(broken, "transferencias") == rows(bad, "transferencias")
    assert rows(broken, "compromisos_programa") != rows(bad, "compromisos_programa")
    assert COMMITMENTS[1] in {name for line in rows(broken, "fuentes") for name in line}


def test_the_end_of_that_run_says_which_source_and_file_and_what_to_do(nights: dict[str, World]) -> None:
    words = " ".join(nights["broken"].output.split())
    assert f"not read: sisrec_transferencias could not be read ({TRANSFERS[1]}): IsADirectoryError" in words
    assert "if the disk or the network failed, run again" in words


def test_the_run_after_it_does_not_just_look_and_makes_all_new(nights: dict[str, World]) -> None:
    healed = nights["healed"]
    assert "new: there is no earlier run that took in everything" in healed.output
    assert kept(healed) == {}
    assert len(rows(healed, "transferencias")) == len(rows(nights["bad"], "transferencias")) + 1
