"""CKAN's own harvester reads the catalogue of the samples' release: `make interop`, which sets its environment up."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publish.edition import Edition
from publish.metadata.dcat import SERIALISATIONS
from tests.conftest import World
from tests.publish.editions import edition_of

PYTHON = Path(os.environ.get("INTEROP_PYTHON", "var/interop/bin/python"))
READER = Path(__file__).parent / "ckan_reads.py"


@pytest.fixture(scope="module")
def edition(sample_world: World) -> Edition:
    return edition_of(sample_world.release, sample_world.base / "internal" / "dbt" / "manifest.json")


@pytest.fixture(scope="module", params=SERIALISATIONS)
def harvested(request: pytest.FixtureRequest, sample_world: World) -> Any:
    """The datasets of one serialisation by title, as CKAN would store them."""
    done = subprocess.run(
        [str(PYTHON), str(READER), str(sample_world.release / request.param), SERIALISATIONS[request.param]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {each["title"]: each for each in json.loads(done.stdout)}


def test_every_dataset_is_read_with_its_title_text_and_licence(edition: Edition, harvested: Any) -> None:
    told = {title: (each["notes"], each["license_id"]) for title, each in harvested.items()}
    assert told == {part.dataset.title: (part.dataset.description, "cc-by") for part in edition.parts}


def test_every_file_is_read_with_its_format_size_and_checksum(edition: Edition, harvested: Any) -> None:
    labels = {"csv": "CSV", "parquet": "Parquet", "xlsx": "XLSX", "zip": "ZIP", "geojson": "GeoJSON"}
    for part in edition.parts:
        resources = {each["download_url"]: each for each in harvested[part.dataset.title]["resources"]}
        assert resources.keys() == {edition.address(file.name) for file in part.files}
        for file in part.files:
            read = resources[edition.address(file.name)]
            assert read["format"] == labels[file.name.rpartition(".")[2]]
            assert (read["size"], read["hash"]) == (file.bytes, file.sha256)
            assert read["hash_algorithm"].endswith("sha256")
            assert read["access_url"] == edition.stable_address(file.name)


def test_identifier_publisher_and_contact_are_read(edition: Edition, harvested: Any) -> None:
    for part in edition.parts:
        extras = {each["key"]: each["value"] for each in harvested[part.dataset.title]["extras"]}
        assert extras["identifier"] == f"cl-gobierno-santiago:{part.dataset.name}"
        assert extras["publisher_name"] == edition.publisher.name
        assert (extras["contact_name"], extras["contact_url"]) == (
            edition.publisher.contact_name,
            edition.publisher.contact_url,
        )
        assert "contact_email" not in extras
        assert datetime.fromisoformat(extras["modified"]) == part.received.replace(tzinfo=UTC)
