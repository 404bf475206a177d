"""The initiatives as an OC4IDS 0.9.5 project package: what infrastructure transparency tools read.

It is made from the published files alone, so that nothing gets in that a release does not hold anyway. What they do
not say (sector, type of works, values of contracts) is left out, and not guessed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from publish import sql, texts
from publish.edition import OC4IDS_PREFIX, Edition, is_oc4ids_prefix
from publish.errors import PublishError
from publish.metadata.datapackage import LICENCE_IRI
from publish.rows import MOMENT, rows, table

SCHEMA_VERSION = "0.9"

# What OC4IDS calls each state of an initiative.
STATUS = {
    "EN ADMISIBILIDAD": "identification",
    "EN EVALUACIÓN": "identification",
    "RS": "preparation",
    "APROBADO CORE": "preparation",
    "EN CONVENIO": "preparation",
    "EN LICITACIÓN": "implementation",
    "EN EJECUCIÓN": "implementation",
    "TERMINADA": "completed",
    "DESISTIDA": "cancelled",
}
_ORIGINS = {"SAGIR": "Punto informado", "COMUNA": "Un punto dentro de la comuna"}
_AUTHORITY = "gobierno-regional"
_PESOS_PER_MILE = 1000
_REGION = {"region": texts.REGION, "countryName": "Chile"}

# Initiatives that are read at a time, with all that belongs to them.
BATCH = 100

_CODE = "codigo_iniciativa"
# Only whose RUT is published is a legal person: names without one are nobody's business.
_LEGAL_SUPPLIER = "tipo_persona = 'JURIDICA' and rut_proveedor is not null and proveedor is not null"
_LEGAL_EXECUTOR = "tipo_persona = 'JURIDICA' and rut_ejecutor <> '' and ejecutor <> ''"

# What is read of each dataset.
READ: Mapping[str, tuple[str, ...]] = {
    "iniciativas": (
        _CODE,
        "codigo_bip",
        "nombre",
        "tipo",
        "tipologia",
        "eje_erd",
        "estado",
        "fecha_estado",
        "alcance",
        "latitud",
        "longitud",
        "origen_punto",
        "unidad_tecnica",
        "monto_total",
        "monto_fndr",
        "gasto_acumulado",
        "fecha_core",
        "id_licitacion",
    ),
    "iniciativas_comunas": (_CODE, "cut", "comuna"),
    "iniciativa_hitos": (_CODE, "orden", "hito", "fecha"),
    "acuerdos_core": (_CODE, "acuerdo", "resultado", "materia"),
    "documentos": (_CODE, "id_documento", "tipo_documento", "folio"),
    "transferencias": (
        _CODE,
        "id_transferencia",
        "fecha_transferencia",
        "monto_transferido",
        "tipo_persona",
        "rut_ejecutor",
        "ejecutor",
    ),
    "compras": ("id_licitacion", "codigo_oc", "tipo_persona", "rut_proveedor", "proveedor"),
}

_Row = dict[str, Any]
_Rows = Mapping[str, list[_Row]]
_Executors = Mapping[str, str]


def write(edition: Edition, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Writes oc4ids.json of a release, where it has initiatives.

    folder: where the Parquet files of the edition are, and where the package goes. Its projects are made and written
    some at a time, so that memory does not grow with them. Raises PublishError where the publisher's prefix is none.
    Source: https://standard.open-contracting.org/infrastructure/0.9.5/en/reference/schema/.
    """
    publisher = edition.publisher
    if not is_oc4ids_prefix(publisher.oc4ids_prefix):
        raise PublishError(f"{publisher.oc4ids_prefix!r} is no prefix of OC4IDS: it is {OC4IDS_PREFIX}")
    tables = _Tables(con, folder, edition)
    if not tables.query("iniciativas", "limit 1"):
        return
    package: dict[str, Any] = {
        "uri": edition.address("oc4ids.json"),
        "version": SCHEMA_VERSION,
        "publishedDate": f"{edition.received:{MOMENT}}",
        "publisher": {"name": publisher.name, "uri": publisher.url},
        "license": LICENCE_IRI,
        "projects": [],
    }
    before, after = texts.as_json(package).split('"projects": []')
    with (folder / "oc4ids.json").open("wb") as file:
        file.write(f'{before}"projects": ['.encode())
        for number, project in enumerate(_projects(tables, publisher.oc4ids_prefix, publisher.name)):
            text = orjson.dumps(project, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n    ")
            file.write((b",\n    " if number else b"\n    ") + text)
        file.write(f"\n  ]{after}".encode())


class _Tables:
    """The published files of a release, read by row."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, edition: Edition) -> None:
        self._con = con
        self._folder = folder
        self._columns = {part.dataset.name: {column.name for column in part.dataset.columns} for part in edition.parts}

    def query(self, dataset: str, rest: str, columns: str = "*") -> list[_Row]:
        """The columns of a dataset, none where the release is without it. rest: of the query, behind its table."""
        if dataset not in self._columns:
            return []
        return rows(self._con, f"select {columns} from {self.table(dataset)} {rest}")

    def by(self, column: str, dataset: str, *order: str, where: str, columns: str = "*") -> _Rows:
        """The rows of a dataset, by the value of a column. order: columns that tell any two apart."""
        grouped: dict[str, list[_Row]] = defaultdict(list)
        for row in self.query(dataset, f"where {where} order by {', '.join(order)}", columns):
            grouped[row[column]].append(row)
        return grouped

    def table(self, dataset: str) -> str:
        """What is read of a dataset. A version that was kept from before a column came has NULL there."""
        columns = ", ".join(
            name if name in self._columns[dataset] else f"cast(null as varchar) as {name}" for name in READ[dataset]
        )
        return f"(select {columns} from {table(self._folder, dataset)})"

    def batches(self, dataset: str, key: str) -> Iterator[list[_Row]]:
        """The rows of a dataset in the order of its key, some at a time."""
        batch = self.query(dataset, f"order by {key} limit {BATCH}")
        while batch:
            yield batch
            last = sql.text(batch[-1][key])
            batch = self.query(dataset, f"where {key} > {last} order by {key} limit {BATCH}")


def _projects(tables: _Tables, prefix: str, authority: str) -> Iterator[dict[str, Any]]:
    executors = _executors(tables)
    for initiatives in tables.batches("iniciativas", _CODE):
        yield from _projects_of(initiatives, executors, tables, prefix, authority)


def _executors(tables: _Tables) -> _Executors:
    """The RUT of each executor that is a legal person: of one that is written with two, the last one's."""
    found = tables.query(
        "transferencias",
        f"where {_LEGAL_EXECUTOR} group by ejecutor",
        columns=f"ejecutor, last(rut_ejecutor order by {_CODE}, id_transferencia) as rut_ejecutor",
    )
    return {row["ejecutor"]: row["rut_ejecutor"] for row in found}


def _projects_of(
    initiatives: list[_Row], executors: _Executors, tables: _Tables, prefix: str, authority: str
) -> Iterator[dict[str, Any]]:
    these = f"{_CODE} between {sql.text(initiatives[0][_CODE])} and {sql.text(initiatives[-1][_CODE])}"
    communes = tables.by(_CODE, "iniciativas_comunas", _CODE, "cut", where=these)
    milestones = tables.by(_CODE, "iniciativa_hitos", _CODE, "orden", where=these)
    agreements = tables.by(_CODE, "acuerdos_core", "acuerdo", where=these)
    documents = tables.by(_CODE, "documentos", "id_documento", where=these)
    payees = f"*, {_LEGAL_EXECUTOR} as is_legal"
    transfers = tables.by(_CODE, "transferencias", "id_transferencia", where=these, columns=payees)
    tenders = f"id_licitacion in (select id_licitacion from {tables.table('iniciativas')} where {these})"
    orders = tables.by("id_licitacion", "compras", "codigo_oc", where=f"{tenders} and {_LEGAL_SUPPLIER}")
    for initiative in initiatives:
        key = initiative[_CODE]
        parties = _Parties(authority)
        tender = initiative["id_licitacion"]
        executor = initiative["unidad_tecnica"]
        if executor in executors:
            parties.refer(executors[executor], executor, "administrativeEntity")
        project = {
            "id": f"{prefix}-{key}",
            "identifiers": [{"scheme": "CL-BIP", "id": key}] if initiative["codigo_bip"] else None,
            "title": initiative["nombre"],
            "status": STATUS.get(initiative["estado"]),
            "period": _period(milestones.get(key, [])),
            "additionalClassifications": _classifications(initiative),
            "locations": _locations(initiative, communes.get(key, [])),
            "budget": _budget(initiative, parties),
            "publicAuthority": parties.authority("publicAuthority"),
            "documents": _documents(agreements.get(key, []), documents.get(key, [])),
            "contractingProcesses": [_process(tender, orders.get(tender, []), parties)] if tender else None,
            "transactions": [_transaction(row, parties) for row in transfers.get(key, [])],
            "milestones": [_milestone(row) for row in milestones.get(key, []) if row["fecha"]],
            "completion": _completion(initiative),
        }
        yield _told(project | {"parties": parties.described()})


class _Parties:
    """The organisations of a project and their roles: public bodies, and legal persons by their RUT."""

    def __init__(self, authority: str) -> None:
        self._names = {_AUTHORITY: authority}
        self._ruts: dict[str, str] = {}
        self._roles: dict[str, set[str]] = defaultdict(set)

    def authority(self, role: str) -> dict[str, str]:
        self._roles[_AUTHORITY].add(role)
        return {"id": _AUTHORITY, "name": self._names[_AUTHORITY]}

    def refer(self, rut: str, name: str, role: str) -> dict[str, str]:
        key = f"CL-RUT-{rut}"
        # A name that is written in two ways is the one that comes first: an id has one name.
        self._names.setdefault(key, name)
        self._ruts[key] = rut
        self._roles[key].add(role)
        return {"id": key, "name": self._names[key]}

    def described(self) -> list[dict[str, Any]]:
        return [
            _told(
                {
                    "id": key,
                    "name": self._names[key],
                    "identifier": {"scheme": "CL-RUT", "id": self._ruts[key]} if key in self._ruts else None,
                    "roles": sorted(roles),
                }
            )
            for key, roles in sorted(self._roles.items())
        ]


def _period(milestones: list[_Row]) -> dict[str, Any] | None:
    """From the first day of works, where the milestones tell it."""
    started = [row["fecha"] for row in milestones if row["hito"] == "INICIO" and row["fecha"]]
    return _told({"startDate": _moment(min(started))}) if started else None


def _classifications(initiative: _Row) -> list[dict[str, str]]:
    schemes = {"tipo": "Tipo de iniciativa", "tipologia": "Vía de financiamiento", "eje_erd": "Eje de la ERD"}
    return [
        {"scheme": f"x_{column}", "id": initiative[column], "description": f"{label}: {initiative[column]}"}
        for column, label in schemes.items()
        if initiative[column]
    ]


def _locations(initiative: _Row, communes: list[_Row]) -> list[dict[str, Any]]:
    """Its comunas, and its point where it is its own: a regional initiative's is the institution's building."""
    if initiative["alcance"] == "REGIONAL":
        return [{"id": "region", "description": "Toda la región", "address": _REGION}]
    places: list[dict[str, Any]] = [
        _told(
            {"id": row["cut"], "description": row["comuna"], "address": _told({"locality": row["comuna"], **_REGION})}
        )
        for row in communes
    ]
    origin = _ORIGINS.get(initiative["origen_punto"])
    if origin and initiative["latitud"] is not None and initiative["longitud"] is not None:
        coordinates = [float(initiative["longitud"]), float(initiative["latitud"])]
        point = {"type": "Point", "coordinates": coordinates}
        places.append({"id": "punto", "description": origin, "geometry": point})
    return places


def _budget(initiative: _Row, parties: _Parties) -> dict[str, Any]:
    regional = None
    if initiative["monto_fndr"] is not None:
        source = {
            "id": "fndr",
            "description": "Parte del costo que financia el gobierno regional",
            "amount": _pesos(initiative["monto_fndr"], _PESOS_PER_MILE),
            "sourceParty": parties.authority("funder"),
        }
        regional = [{"id": "financiamiento", "budgetBreakdown": [source]}]
    return _told(
        {
            "amount": _pesos(initiative["monto_total"], _PESOS_PER_MILE),
            "approvalDate": _moment(initiative["fecha_core"]),
            "budgetBreakdowns": regional,
        }
    )


def _documents(agreements: list[_Row], documents: list[_Row]) -> list[dict[str, str]]:
    """The register of official documents has no public address of them, nor what they are about."""
    approvals = [
        _told(
            {
                "id": f"acuerdo-{row['acuerdo']}",
                "documentType": "budgetApproval" if row["resultado"] == "APROBADO" else None,
                "title": _words("Acuerdo del Consejo Regional", row["acuerdo"], _in_brackets(row["resultado"])),
                "description": row["materia"],
                "language": "es",
            }
        )
        for row in agreements
    ]
    registered = [
        _told({"id": row["id_documento"], "title": _words(row["tipo_documento"], row["folio"]), "language": "es"})
        for row in documents
    ]
    return approvals + registered


def _process(tender: str, orders: list[_Row], parties: _Parties) -> dict[str, Any]:
    suppliers = {row["rut_proveedor"]: row["proveedor"] for row in orders}
    referred = [parties.refer(rut, name, "supplier") for rut, name in sorted(suppliers.items())]
    return {"id": tender, "summary": _told({"externalReference": tender, "suppliers": referred})}


def _transaction(transfer: _Row, parties: _Parties) -> dict[str, Any]:
    payee = None
    if transfer["is_legal"]:
        payee = parties.refer(transfer["rut_ejecutor"], transfer["ejecutor"], "payee")
    return _told(
        {
            "id": transfer["id_transferencia"],
            "date": _moment(transfer["fecha_transferencia"]),
            "value": _pesos(transfer["monto_transferido"]),
            "payer": parties.authority("payer"),
            "payee": payee,
        }
    )


def _milestone(row: _Row) -> dict[str, Any]:
    return _told({"id": str(row["orden"]), "title": row["hito"], "dateMet": _moment(row["fecha"]), "status": "met"})


def _completion(initiative: _Row) -> dict[str, Any] | None:
    if initiative["estado"] != "TERMINADA":
        return None
    return _told(
        {
            "endDate": _moment(initiative["fecha_estado"]),
            "finalValue": _pesos(initiative["gasto_acumulado"], _PESOS_PER_MILE),
            "finalValueDetails": "Gasto real acumulado hasta la fecha de corte",
        }
    )


def _pesos(amount: int | None, unit: int = 1) -> dict[str, Any] | None:
    return None if amount is None else {"amount": amount * unit, "currency": "CLP"}


def _words(*words: str | None) -> str:
    return " ".join(filter(None, words))


def _in_brackets(text: str | None) -> str | None:
    return text and f"({text.lower()})"


def _moment(day: date | datetime | None) -> str | None:
    """The day as OC4IDS writes it: no hour is known, so it is the day's first."""
    return f"{day:%Y-%m-%d}T00:00:00Z" if day else None


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are known: OC4IDS has no empty fields."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
