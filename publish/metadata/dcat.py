"""The release as a DCAT-AP 3.0 catalogue, which open data portals harvest.

Every node has an address of its own below the stable address of the catalogue, and none is blank: what is described
keeps its name from one release to the next, and the same release gives the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from publish import texts
from publish.edition import Edition, FileEntry, Part
from publish.metadata.datapackage import DESCRIPTION, LICENCE_IRI, TITLE
from publish.metadata.media import media_type
from publish.rows import MOMENT
from publish.themes import THEMES

# Never to change: a portal knows a dataset again by it, whatever the address it is found at.
IDENTIFIER_PREFIX = "cl-gobierno-santiago"

SERIALISATIONS = {"catalogo.ttl": "turtle", "catalogo.jsonld": "json-ld", "catalogo.rdf": "xml"}

_SPDX = Namespace("http://spdx.org/rdf/terms#")
_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU = "http://publications.europa.eu/resource/authority/"
_IANA = "http://www.iana.org/assignments/media-types/"
_LICENCE = URIRef(LICENCE_IRI)
_TABLE_SCHEMA = URIRef("https://datapackage.org/standard/table-schema/")
_THEME_SCHEME = URIRef(_EU + "data-theme")

# EU data themes.
THEME_LABELS = {"ECON": "Economía y finanzas", "GOVE": "Gobierno y sector público", "REGI": "Regiones y ciudades"}
_FORMATS = {
    "csv": ("CSV", "CSV"),
    "parquet": ("PARQUET", "Parquet"),
    "xlsx": ("XLSX", "XLSX"),
    "zip": ("ZIP", "ZIP"),
    "geojson": ("GEOJSON", "GeoJSON"),
}
_PREFIXES = {
    "dcat": DCAT,
    "dct": DCTERMS,
    "foaf": FOAF,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "spdx": _SPDX,
    "vcard": _VCARD,
    "xsd": XSD,
}


@dataclass(frozen=True)
class Period:
    """The days that the rows of a dataset tell of, both included."""

    start: date
    end: date


def catalogue(
    edition: Edition,
    *,
    pages: Mapping[str, str] | None = None,
    periods: Mapping[str, Period] | None = None,
) -> dict[str, str]:
    """The catalogue of a release, by the name of the file: Turtle, JSON-LD and RDF/XML of the same statements.

    pages: the address of a dataset's page for people, by the dataset's name. periods: what its rows tell of, by its
    name, where it is known. Source: DCAT-AP 3.0.0, https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
    """
    graph = _Description(edition, pages or {}, periods or {}).graph
    return {name: _serialised(graph, form) for name, form in SERIALISATIONS.items()}


def _serialised(graph: Graph, form: str) -> str:
    # The plain store keeps the order in which it is told things; rdflib's own one has sets inside.
    ordered = Graph(store="SimpleMemory", bind_namespaces="none")
    for prefix, namespace in _PREFIXES.items():
        ordered.bind(prefix, namespace)
    for triple in sorted(graph):
        ordered.add(triple)
    if form != "json-ld":
        return ordered.serialize(format=form).rstrip("\n") + "\n"
    context = {prefix: str(namespace) for prefix, namespace in _PREFIXES.items()}
    return texts.as_json(_sorted(json.loads(ordered.serialize(format=form, context=context))))


def _sorted(value: Any) -> Any:
    """The JSON value with its keys, and its lists, which are sets of statements, in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted((_sorted(each) for each in value), key=_sorting_key)
    return value


def _sorting_key(value: Any) -> str:
    return str(value["@id"]) if isinstance(value, dict) and "@id" in value else json.dumps(value, sort_keys=True)


class _Description:
    """The statements of a catalogue, gathered in a graph."""

    def __init__(self, edition: Edition, pages: Mapping[str, str], periods: Mapping[str, Period]) -> None:
        self.graph = Graph(bind_namespaces="none")
        self._edition = edition
        self._home = edition.stable_address("catalogo.ttl")
        self._publisher = self._node("institucion")
        self._contact = self._node("contacto")
        self._place = self._node("region-metropolitana")
        self._language = URIRef(_EU + "language/SPA")
        self._describe_shared()
        catalog = self._describe_catalog()
        for part in edition.parts:
            dataset = self._describe_dataset(part, pages.get(part.dataset.name), periods.get(part.dataset.name))
            self.graph.add((catalog, DCAT.dataset, dataset))

    def _node(self, name: str) -> URIRef:
        return URIRef(f"{self._home}#{name}")

    def _state(self, node: URIRef, *statements: tuple[URIRef, URIRef | Literal]) -> URIRef:
        for predicate, value in statements:
            self.graph.add((node, predicate, value))
        return node

    def _describe_shared(self) -> None:
        publisher = self._edition.publisher
        self._state(
            self._publisher,
            (RDF.type, FOAF.Agent),
            (RDF.type, FOAF.Organization),
            (FOAF.name, _spanish(publisher.name)),
            (FOAF.homepage, self._typed(publisher.url, FOAF.Document)),
        )
        self._state(
            self._contact,
            (RDF.type, _VCARD.Kind),
            (RDF.type, _VCARD.Organization),
            (_VCARD.fn, _spanish(publisher.contact_name)),
            (_VCARD.hasURL, URIRef(publisher.contact_url)),
        )
        self._state(
            self._place,
            (RDF.type, DCTERMS.Location),
            (SKOS.prefLabel, _spanish(texts.REGION)),
            (DCTERMS.identifier, Literal("CL-RM")),
        )
        # CKAN knows the licence by this title, and shows none without it.
        self._state(
            _LICENCE,
            (RDF.type, DCTERMS.LicenseDocument),
            (DCTERMS.title, Literal("Creative Commons Attribution")),
            (DCTERMS.identifier, Literal(texts.LICENCE)),
        )
        self._typed(self._language, DCTERMS.LinguisticSystem)

    def _describe_catalog(self) -> URIRef:
        edition = self._edition
        return self._state(
            self._node("catalogo"),
            (RDF.type, DCAT.Catalog),
            (DCTERMS.title, _spanish(TITLE)),
            (DCTERMS.description, _spanish(DESCRIPTION)),
            (DCTERMS.identifier, Literal(IDENTIFIER_PREFIX)),
            (DCTERMS.publisher, self._publisher),
            (DCTERMS.language, self._language),
            (DCTERMS.license, _LICENCE),
            (DCTERMS.spatial, self._place),
            (DCTERMS.modified, _moment(edition.received)),
            (DCAT.themeTaxonomy, self._typed(_THEME_SCHEME, SKOS.ConceptScheme, DCTERMS.title, "Temas de datos")),
            (FOAF.homepage, self._typed(edition.publisher.url, FOAF.Document)),
        )

    def _describe_dataset(self, part: Part, page: str | None, period: Period | None) -> URIRef:
        dataset = part.dataset
        node = self._state(
            self._node(dataset.name),
            (RDF.type, DCAT.Dataset),
            (DCTERMS.title, _spanish(dataset.title)),
            (DCTERMS.description, _spanish(dataset.description)),
            (DCTERMS.identifier, Literal(f"{IDENTIFIER_PREFIX}:{dataset.name}")),
            (DCTERMS.publisher, self._publisher),
            (DCAT.contactPoint, self._contact),
            (DCTERMS.language, self._language),
            (DCTERMS.spatial, self._place),
            (DCTERMS.modified, _moment(part.received)),
            # A release is made whenever new exports bring something new, on no fixed day.
            (DCTERMS.accrualPeriodicity, self._typed(_EU + "frequency/IRREG", DCTERMS.Frequency)),
            (DCAT.keyword, _spanish(THEMES[dataset.theme].keyword)),
        )
        for theme in THEMES[dataset.theme].eu:
            concept = self._typed(_EU + "data-theme/" + theme, SKOS.Concept, SKOS.prefLabel, THEME_LABELS[theme])
            self._state(node, (DCAT.theme, self._state(concept, (SKOS.inScheme, _THEME_SCHEME))))
        if page:
            self._state(node, (DCAT.landingPage, self._typed(page, FOAF.Document)))
        if period:
            temporal = self._state(
                self._node(f"{dataset.name}-periodo"),
                (RDF.type, DCTERMS.PeriodOfTime),
                (DCAT.startDate, _day(period.start)),
                (DCAT.endDate, _day(period.end)),
            )
            self._state(node, (DCTERMS.temporal, temporal))
        for file in part.files:
            self._state(node, (DCAT.distribution, self._describe_distribution(part, file)))
        return node

    def _describe_distribution(self, part: Part, file: FileEntry) -> URIRef:
        """A file: where its newest version is found, and where these very bytes stay, of which size and hash speak."""
        kind = file.name.rpartition(".")[2]
        authority, label = _FORMATS[kind]
        received = _moment(part.received)
        node = self._state(
            self._node(file.name),
            (RDF.type, DCAT.Distribution),
            (DCTERMS.title, _spanish(f"{part.dataset.title} ({label})")),
            (DCTERMS.description, _spanish(f"{file.name}: {texts.rows_counted(file.rows)}.")),
            (DCAT.accessURL, self._typed(self._edition.stable_address(file.name), RDFS.Resource)),
            (DCAT.downloadURL, self._typed(self._edition.address(file.name), RDFS.Resource)),
            (DCAT.mediaType, self._typed(_IANA + media_type(file.name), DCTERMS.MediaType)),
            (DCTERMS["format"], self._describe_format(authority, label)),
            (DCAT.byteSize, Literal(str(file.bytes), datatype=XSD.nonNegativeInteger)),
            (_SPDX.checksum, self._describe_checksum(file)),
            (DCTERMS.license, _LICENCE),
            (DCTERMS.language, self._language),
            (DCTERMS.issued, received),
            (DCTERMS.modified, received),
        )
        if kind == "csv":
            standard = self._typed(_TABLE_SCHEMA, DCTERMS.Standard, DCTERMS.title, "Table Schema (Data Package v2)")
            self._state(node, (DCTERMS.conformsTo, standard))
        return node

    def _describe_format(self, authority: str, label: str) -> URIRef:
        # CKAN shows the address instead of the label unless the node is a dct:IMT.
        node = self._typed(_EU + "file-type/" + authority, DCTERMS.MediaTypeOrExtent)
        return self._state(node, (RDF.type, DCTERMS.IMT), (RDFS.label, Literal(label)), (RDF.value, Literal(label)))

    def _describe_checksum(self, file: FileEntry) -> URIRef:
        return self._state(
            self._node(f"{file.name}-sha256"),
            (RDF.type, _SPDX.Checksum),
            (_SPDX.algorithm, self._typed(_SPDX.checksumAlgorithm_sha256, _SPDX.ChecksumAlgorithm)),
            (_SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)),
        )

    def _typed(self, node: str, kind: URIRef, predicate: URIRef | None = None, label: str = "") -> URIRef:
        """The node, said to be of that kind, and to have that label in Spanish."""
        self._state(URIRef(node), (RDF.type, kind))
        if predicate is not None:
            self._state(URIRef(node), (predicate, _spanish(label)))
        return URIRef(node)


def _spanish(text: str) -> Literal:
    return Literal(text, lang="es")


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _moment(moment: datetime) -> Literal:
    # As every file of a release writes it: rdflib's own form of UTC is another.
    return Literal(f"{moment:{MOMENT}}", datatype=XSD.dateTime, normalize=False)
