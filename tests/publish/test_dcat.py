"""The DCAT-AP catalogue: what it says, and that independent shapes accept it and refuse a spoiled one."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

from publish.edition import Edition
from publish.metadata.dcat import SERIALISATIONS, Period, catalogue
from tests.publish.editions import small_edition

SHAPES = Path(__file__).parent / "shapes"
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
HOME = "https://bodega.example/latest/catalogo.ttl#"


def parsed(edition: Edition, name: str = "catalogo.ttl") -> Graph:
    form = SERIALISATIONS[name]
    return Graph().parse(data=catalogue(edition)[name], format=form)


def shapes() -> Graph:
    standard = Graph().parse(SHAPES / "dcat-ap-3.0.0.jsonld", format="json-ld")
    return standard.parse(SHAPES / "bodega.ttl", format="turtle")


def test_the_three_serialisations_say_the_same() -> None:
    edition = small_edition()
    turtle, *others = (set(parsed(edition, name)) for name in SERIALISATIONS)
    assert turtle
    assert all(other == turtle for other in others)


def test_no_node_is_blank_and_no_address_of_mail_is_told() -> None:
    edition = small_edition()
    assert not [term for triple in parsed(edition) for term in triple if isinstance(term, BNode)]
    assert not list(parsed(edition).objects(None, VCARD.hasEmail))
    assert not any("mailto:" in text for text in catalogue(edition).values())


def test_the_bytes_do_not_depend_on_the_process() -> None:
    code = (
        "import hashlib\nfrom publish.metadata import dcat\nfrom tests.publish.editions import small_edition\n"
        "print(hashlib.sha256(''.join(dcat.catalogue(small_edition()).values()).encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "America/Santiago"), ("3", "Asia/Tokyo"))
    }
    assert len(hashes) == 1


def test_a_file_has_a_stable_address_and_one_of_the_very_bytes_that_the_checksum_is_of() -> None:
    graph = parsed(small_edition())
    file = URIRef(HOME + "obras.csv")
    assert graph.value(file, DCAT.accessURL) == URIRef("https://bodega.example/latest/obras.csv")
    assert graph.value(file, DCAT.downloadURL) == URIRef("https://bodega.example/2025-01-31-abc/obras.csv")
    checksum = graph.value(file, SPDX.checksum)
    assert str(graph.value(checksum, SPDX.checksumValue)) == "a" * 64
    assert graph.value(file, DCAT.byteSize) == Literal("100", datatype=XSD.nonNegativeInteger)


def test_a_file_says_how_many_rows_it_holds_itself() -> None:
    graph = parsed(small_edition())
    told = {
        name: str(graph.value(URIRef(HOME + name), DCTERMS.description)) for name in ("obras.csv", "obras_geo.geojson")
    }
    assert told == {"obras.csv": "obras.csv: 1.262 filas.", "obras_geo.geojson": "obras_geo.geojson: 1 fila."}


def test_names_stay_from_one_release_to_the_next() -> None:
    one = small_edition()
    other = replace(one, id="2025-02-28-def", cut_off=date(2025, 2, 28))
    assert set(parsed(one).subjects(RDF.type, DCAT.Dataset)) == set(parsed(other).subjects(RDF.type, DCAT.Dataset))
    assert set(parsed(one).objects(None, DCTERMS.identifier)) == set(parsed(other).objects(None, DCTERMS.identifier))


def test_the_base_address_is_a_setting() -> None:
    edition = small_edition()
    moved = replace(edition, publisher=replace(edition.publisher, base_url="https://datos.example/bodega"))
    assert "bodega.example" not in "".join(catalogue(moved).values())


def test_what_is_described_changed_when_its_newest_file_came() -> None:
    graph = parsed(small_edition())
    monday, saturday = (Literal(f"2025-02-{time}Z", datatype=XSD.dateTime) for time in ("03T08:30:00", "01T00:00:00"))
    for name, what, moment in (
        ("catalogo", DCTERMS.modified, monday),
        ("obras", DCTERMS.modified, monday),
        ("pagos", DCTERMS.modified, saturday),
        ("pagos.csv", DCTERMS.modified, saturday),
        ("pagos.csv", DCTERMS.issued, saturday),
    ):
        assert graph.value(URIRef(HOME + name), what) == moment


def test_page_and_period_are_told_where_they_are_known() -> None:
    texts = catalogue(
        small_edition(),
        pages={"obras": "https://bodega.example/obras.html"},
        periods={"obras": Period(date(2020, 1, 1), date(2024, 12, 31))},
    )
    graph = Graph().parse(data=texts["catalogo.ttl"], format="turtle")
    obras = URIRef(HOME + "obras")
    assert graph.value(obras, DCAT.landingPage) == URIRef("https://bodega.example/obras.html")
    assert str(graph.value(graph.value(obras, DCTERMS.temporal), DCAT.endDate)) == "2024-12-31"
    assert graph.value(URIRef(HOME + "pagos"), DCAT.landingPage) is None


def test_a_sound_catalogue_conforms() -> None:
    conforms, _, report = validate(parsed(small_edition()), shacl_graph=shapes())
    assert conforms, report


def _bad_date(graph: Graph) -> None:
    graph.set((URIRef(HOME + "obras"), DCTERMS.modified, Literal("31-01-2025")))


def _short_checksum(graph: Graph) -> None:
    node = URIRef(HOME + "obras.csv-sha256")
    graph.set((node, SPDX.checksumValue, Literal("abc", datatype=XSD.hexBinary)))


def _other_licence(graph: Graph) -> None:
    other = URIRef("https://example.org/otra")
    graph.add((other, RDF.type, DCTERMS.LicenseDocument))
    graph.add((other, DCTERMS.title, Literal("Creative Commons Attribution")))
    graph.set((URIRef(HOME + "obras.csv"), DCTERMS.license, other))


def _contact_without_page(graph: Graph) -> None:
    graph.remove((None, VCARD.hasURL, None))


def _english_title(graph: Graph) -> None:
    graph.set((URIRef(HOME + "obras"), DCTERMS.title, Literal("Works", lang="en")))


def _no_address(graph: Graph) -> None:
    graph.remove((URIRef(HOME + "obras.csv"), DCAT.accessURL, None))


def _nameless_publisher(graph: Graph) -> None:
    graph.remove((URIRef(HOME + "institucion"), URIRef("http://xmlns.com/foaf/0.1/name"), None))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_bad_date, "dct:modified is no moment in UTC"),
        (_short_checksum, "the checksum is no sha256 of 64 hexadecimal digits"),
        (_other_licence, "the licence is not CC BY 4.0"),
        (_contact_without_page, "the contact is no organisation with a page"),
        (_english_title, "a title in Spanish is missing"),
        # The standard's own shapes speak here.
        (_no_address, "Less than 1 values on <https://bodega.example/latest/catalogo.ttl#obras.csv>->dcat:accessURL"),
        (
            _nameless_publisher,
            "Less than 1 values on <https://bodega.example/latest/catalogo.ttl#institucion>->foaf:name",
        ),
    ],
)
def test_a_spoiled_catalogue_is_refused_for_its_reason(spoil: Callable[[Graph], None], reason: str) -> None:
    graph = parsed(small_edition())
    spoil(graph)
    conforms, _, report = validate(graph, shacl_graph=shapes())
    assert not conforms
    assert reason in report
