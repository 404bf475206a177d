"""The files that describe a release, as they are shipped: validators take them, and refuse a spoiled one."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import geoparquet_validator
import pyarrow.parquet as pq
import pytest
from frictionless import Report, validate
from pyshacl import validate as shacl
from rdflib import DCAT, RDF, Graph, Namespace

from publish.metadata.dcat import SERIALISATIONS
from publish.rows import MOMENT
from tests.conftest import World
from tests.portal.pages import Page
from tests.publish.test_dcat import shapes
from tests.publish.test_oc4ids import CLEAN, blemishes, verdict

pytestmark = pytest.mark.slow

SPDX = Namespace("http://spdx.org/rdf/terms#")
SCHEMA_ORG = "https://schema.org/"


@pytest.fixture
def copy(sample_world: World, tmp_path: Path) -> Path:
    """A copy of the samples' release, to be spoiled."""
    folder = tmp_path / "release"
    shutil.copytree(sample_world.release, folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    return folder


def spoil(path: Path, old: str, new: str) -> Path:
    """Changes the first such text of a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


# ---- catalogo.ttl, .jsonld, .rdf


def parsed(release: Path, name: str) -> Graph:
    return Graph().parse(release / name, format=SERIALISATIONS[name])


def judged(graph: Graph) -> str:
    """What the shapes of DCAT-AP and our own find wrong with a catalogue."""
    conforms, _, report = shacl(graph, shacl_graph=shapes())
    return "" if conforms else str(report)


def test_the_catalogue_conforms_and_its_three_forms_say_the_same(sample_world: World) -> None:
    turtle, *others = (parsed(sample_world.release, name) for name in SERIALISATIONS)
    assert all(set(other) == set(turtle) for other in others)
    assert len(set(turtle.subjects(RDF.type, DCAT.Dataset))) == len(sample_world.published)
    assert judged(turtle) == ""


def test_the_catalogue_tells_the_very_bytes_of_the_files_beside_it(sample_world: World) -> None:
    graph = parsed(sample_world.release, "catalogo.ttl")
    told = {
        str(graph.value(file, DCAT.downloadURL)).rpartition("/")[2]: (
            int(str(graph.value(file, DCAT.byteSize))),
            str(graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue)),
        )
        for file in graph.subjects(RDF.type, DCAT.Distribution)
    }
    assert len(told) >= 4 * len(sample_world.published)
    hashes = {file["nombre"]: (file["bytes"], file["sha256"]) for file in sample_world.manifest["archivos"]}
    assert told == {name: hashes[name] for name in told}


def test_a_spoiled_catalogue_is_refused(copy: Path) -> None:
    spoil(copy / "catalogo.ttl", 'spdx:checksumValue "', 'spdx:checksumValue "0')
    assert "the checksum is no sha256 of 64 hexadecimal digits" in judged(parsed(copy, "catalogo.ttl"))


# ---- datapackage.json


def checked(release: Path) -> Report:
    report: Report = validate(str(release / "datapackage.json"))
    return report


def errors(report: Report) -> set[tuple[str, str]]:
    return {(task.name, error.type) for task in report.tasks for error in task.errors}


def spoil_csv(release: Path, dataset: str, old: str, new: str) -> None:
    """Changes a cell, and declares no longer the bytes and hash that the file had."""
    path = spoil(release / f"{dataset}.csv", old, new)
    described = json.loads((release / "datapackage.json").read_text("utf-8"))
    for each in described["resources"]:
        if each["path"] == path.name:
            del each["bytes"], each["hash"]
    (release / "datapackage.json").write_text(json.dumps(described), "utf-8")


def test_frictionless_finds_the_data_package_valid(sample_world: World) -> None:
    report = checked(sample_world.release)
    assert report.valid, report.flatten(["name", "rowNumber", "type", "message"])[:5]
    described = json.loads((sample_world.release / "datapackage.json").read_text("utf-8"))
    links = [each["schema"].get("foreignKeys", []) for each in described["resources"] if "schema" in each]
    assert sum(map(len, links)) >= 9


def test_frictionless_sees_another_file_a_cell_of_another_type_and_a_row_that_points_nowhere(copy: Path) -> None:
    with (copy / "compras.parquet").open("ab") as file:
        file.write(b"x")
    spoil_csv(copy, "iniciativas", ",2022-07-20,", ",20-07-2022,")
    first = (copy / "rendiciones.csv").read_text("utf-8").splitlines()[1].partition(",")[0]
    spoil_csv(copy, "rendiciones", f"{first},", "T-1999-99999,")
    assert errors(checked(copy)) == {
        ("compras-parquet", "hash-count"),
        ("compras-parquet", "byte-count"),
        ("iniciativas", "type-error"),
        ("rendiciones", "foreign-key"),
    }


# ---- oc4ids.json


def package(release: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((release / "oc4ids.json").read_text("utf-8"))
    return told


def test_the_validator_accepts_the_projects(sample_world: World, schema_host: str, tmp_path: Path) -> None:
    told = package(sample_world.release)
    amounts = [each["budget"]["amount"]["amount"] for each in told["projects"]]
    assert [(len(amounts), sum(amounts))] == sample_world.query(
        "select count(*), sum(monto_total) * 1000 from {iniciativas}"
    )
    assert blemishes(told) == []
    assert verdict(told, schema_host, tmp_path) == CLEAN


def test_the_validator_refuses_spoiled_projects(copy: Path, schema_host: str, tmp_path: Path) -> None:
    spoil(copy / "oc4ids.json", '"currency": "CLP"', '"note": "CLP"')
    told = verdict(package(copy), schema_host, tmp_path)
    assert "missing-currency" in told["checks"]


# ---- iniciativas_geo.parquet


def test_the_validator_finds_the_points_conformant_and_a_spoiled_file_not(sample_world: World, tmp_path: Path) -> None:
    path = sample_world.release / "iniciativas_geo.parquet"
    report = geoparquet_validator.check(str(path))
    assert geoparquet_validator.failed(report) == []
    assert geoparquet_validator.conformant(report)
    assert "pass" in {each["status"] for each in report["outcomes"]}
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), tmp_path / "plain.parquet")
    spoiled = geoparquet_validator.check(str(tmp_path / "plain.parquet"))
    assert "/conf/core/geo-metadata" in geoparquet_validator.failed(spoiled)


# ---- the JSON-LD of a page


def blunders(page: Path, world: World) -> list[str]:
    """What search engines would not take of a dataset's page, or what it says of files that is not so."""
    told = Page(page).json_ld
    hashes = {file["nombre"]: (str(file["bytes"]), file["sha256"]) for file in world.manifest["archivos"]}
    catalogue = "https://bodega.example/latest/catalogo.ttl"
    newest = world.query("select max(recibido_en) from {fuentes}")[0][0]
    holds = {
        "@type": (told["@context"], told["@type"]) == (SCHEMA_ORG, "Dataset"),
        "name": bool(told["name"]),
        "description": 50 <= len(told["description"]) <= 5000,
        "license": told["license"].startswith("https://creativecommons.org/licenses/by/4.0/"),
        "dateModified": datetime.strptime(told["dateModified"], MOMENT) <= newest,
        "version": told["version"] == world.release.name,
        "includedInDataCatalog": told["includedInDataCatalog"]["url"] == catalogue,
        "distribution": len(told["distribution"]) >= 4,
    } | {
        each["name"]: each["contentUrl"] == f"https://bodega.example/{world.release.name}/{each['name']}"
        and hashes[each["name"]] == (each["contentSize"], each["sha256"])
        for each in told["distribution"]
    }
    return [name for name, right in holds.items() if not right]


def test_search_engines_find_every_dataset_and_its_files(sample_world: World, tmp_path: Path) -> None:
    pages = [sample_world.base / "portal" / "datos" / f"{name}.html" for name in sorted(sample_world.published)]
    assert {page.name: blunders(page, sample_world) for page in pages if blunders(page, sample_world)} == {}
    spoiled = Path(shutil.copy(pages[0], tmp_path))
    spoil(spoiled, '"sha256": "', '"sha256": "0')
    assert blunders(spoiled, sample_world) == [Page(pages[0]).json_ld["distribution"][0]["name"]]
