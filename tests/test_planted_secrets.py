"""Five thousand secrets in 47 spellings, planted all over the exports: none is published, all else is."""

import csv
import html
import io
import json
import random
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from ahocorasick_rs import AhoCorasick

from tests.conftest import SAMPLES, World, run_job
from tests.planted import IN_FILE_NAMES, SPELLINGS, Planter, Secret

pytestmark = pytest.mark.slow

SECRETS, LOOK_ALIKES, SEED = 5_000, 2_000, 20260101
MASK = "[dato personal reservado]"

CLOSED = {
    "sagir/iniciativas_20250131.csv": ("windows-1252", "Analista"),
    "sagir/hitos_20250131.csv": ("windows-1252", "Responsable"),
    "sisrec/transferencias_20250131.csv": ("utf-8", "Representante Legal"),
}


@dataclass
class Planting:
    """What was planted. expected: per dataset, column and key, the text that must be published."""

    exports: Path
    secrets: list[Secret] = field(default_factory=list)
    look_alikes: list[str] = field(default_factory=list)
    expected: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    secret_files: int = 0


class Table:
    """A CSV file of the exports whose rows a test changes."""

    def __init__(self, exports: Path, name: str, encoding: str, delimiter: str = ";") -> None:
        self.path, self.encoding, self.delimiter = exports / name, encoding, delimiter
        rows = list(
            csv.reader(
                io.StringIO(self.path.read_bytes().decode(encoding, "surrogateescape"), newline=""), delimiter=delimiter
            )
        )
        start = next(n for n, row in enumerate(rows) if len(row) > 3)
        self.banner, self.header, self.rows = rows[:start], rows[start], rows[start + 1 :]

    def at(self, header: str) -> int:
        return self.header.index(header)

    def whole_rows(self) -> list[list[str]]:
        return [row for row in self.rows if len(row) >= len(self.header) and row[0].strip()]

    def write(self) -> None:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.delimiter, quoting=csv.QUOTE_ALL).writerows(
            [*self.banner, self.header, *self.rows]
        )
        self.path.write_bytes(out.getvalue().encode(self.encoding, "surrogateescape"))


class Sower:
    """Writes texts with secrets and look-alikes in them, and remembers what must become of each."""

    def __init__(self, planting: Planting, planter: Planter) -> None:
        self.planting, self.planter = planting, planter
        self._spellings = cycle(SPELLINGS)

    def text(self, encoding: str, secrets: int = 2, look_alikes: int = 1) -> tuple[str, str]:
        """A text, and what must be published of it."""
        parts, kept = ["Obra"], ["Obra"]
        for n in range(max(secrets, look_alikes)):
            if n < secrets:
                secret = self.secret(encoding)
                parts.append(f"vecino {secret.before}{secret.text},")
                kept.append(f"vecino {secret.before}{MASK},")
            if n < look_alikes and (phrase := self.look_alike(encoding)):
                parts.append(f"y {phrase};")
                kept.append(f"y {phrase};")
        # A zero-width blank is nothing to the reader of files.
        return " ".join(parts), " ".join(" ".join(kept).replace("\u200b", "").split())

    def secret(self, encoding: str) -> Secret:
        while not _fits((secret := self.planter.secret(next(self._spellings))).text, encoding):
            pass
        self.planting.secrets.append(secret)
        return secret

    def look_alike(self, encoding: str) -> str:
        while not _fits(phrase := self.planter.look_alike(), encoding):
            pass
        self.planting.look_alikes.append(phrase)
        return phrase

    def publish(self, dataset: str, column: str, key: str, text: str) -> None:
        self.planting.expected.setdefault((dataset, column), {})[key] = text


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def plant(exports: Path) -> Planting:
    """A copy of the samples with secrets in initiatives, milestones, agreements, orders, file names and bad rows."""
    shutil.copytree(SAMPLES, exports)
    names = sorted(
        {
            row[table.at(column)]
            for name, (encoding, column) in CLOSED.items()
            for table in [Table(exports, name, encoding)]
            for row in table.whole_rows()
            if len(row[table.at(column)].split()) > 2
        }
    )
    planting = Planting(exports)
    sower = Sower(planting, Planter(names, SEED))
    _plant_initiatives(exports, sower)
    _plant_milestones(exports, sower)
    _plant_subjects(exports, sower)
    _plant_file_names(exports, sower)
    _plant_agreements(exports, sower)
    _plant_orders(exports, sower)
    return planting


def _plant_initiatives(exports: Path, sower: Sower) -> None:
    table = Table(exports, "sagir/iniciativas_20250131.csv", "windows-1252")
    code, name, analyst = (table.at(h) for h in ("Código BIP", "Nombre Iniciativa", "Analista"))
    shifted: list[list[str]] = []
    for row in table.whole_rows():
        row[name], kept = sower.text("windows-1252", look_alikes=2)
        for dataset in ("iniciativas", "iniciativa_trazabilidad"):
            sower.publish(dataset, "nombre", row[code], kept)
        if len(shifted) < 40:
            # What stands in the analyst's place of a shifted row are ordinary words, which must stay in other texts.
            words = ("Puente Alto", "EJECUCIÓN", "Servicio Regional", row[analyst])[len(shifted) % 4]
            shifted.append([f"4990{len(shifted):04d}-0", *row[1:analyst], words, row[analyst], "sobra"])
    table.rows += shifted
    table.write()


def _plant_milestones(exports: Path, sower: Sower) -> None:
    table = Table(exports, "sagir/hitos_20250131.csv", "windows-1252")
    document = table.at("Documento SGD")
    for row in table.whole_rows()[:300]:
        row[document], kept = sower.text("windows-1252", secrets=1, look_alikes=0)
        sower.publish("iniciativa_hitos", "id_documento", kept, kept)
    table.write()


def _plant_subjects(exports: Path, sower: Sower) -> None:
    table = Table(exports, "sgd/documentos_20250131.csv", "utf-8-sig", ",")
    for row in table.whole_rows()[:200]:
        row[table.at("Materia")] = sower.text("utf-8", look_alikes=0)[0]
    table.write()


def _plant_file_names(exports: Path, sower: Sower) -> None:
    content = (exports / "dte" / "dte_0003.xml").read_bytes()
    for n in range(48):
        secret = sower.planter.secret(IN_FILE_NAMES[n % len(IN_FILE_NAMES)])
        sower.planting.secrets.append(secret)
        # Two in three under one masked name; one of them the same file twice.
        document = content.replace(b"<Folio>495<", b"<Folio>%d<" % (90_000 + max(n, 1)))
        (exports / "dte" / f"proveedor {secret.text}.xml").write_bytes(document)
        sower.planting.secret_files += 1


def _plant_agreements(exports: Path, sower: Sower) -> None:
    table = Table(exports, "core/acuerdos_20250131.csv", "utf-8")
    agreement, subject, code = (table.at(h) for h in ("N° Acuerdo", "Materia", "Código Iniciativa"))
    model = next(row for row in table.whole_rows() if re.fullmatch(r"\d+/\d{4}", row[agreement]))
    for n in range(600):
        row = list(model)
        row[agreement], row[code] = f"{n + 1}/2019", ""
        row[subject], kept = sower.text("utf-8")
        sower.publish("acuerdos_core", "materia", row[agreement], kept)
        table.rows.insert(len(table.rows) // 2, row)
    table.write()


def _plant_orders(exports: Path, sower: Sower) -> None:
    table = Table(exports, "sga/ordenes_compra_2024_12.csv", "iso-8859-1")
    code, name = table.at("Codigo"), table.at("Nombre")
    model = table.whole_rows()[0]
    number = 0
    while len(sower.planting.secrets) < SECRETS or len(sower.planting.look_alikes) < LOOK_ALIKES:
        number += 1
        row = list(model)
        row[code] = f"9482-{number}-SE24"
        missing = min(SECRETS - len(sower.planting.secrets), 3)
        row[name], kept = sower.text("iso-8859-1", missing, int(len(sower.planting.look_alikes) < LOOK_ALIKES))
        sower.publish("compras", "nombre", row[code], kept)
        table.rows.append(row)
    table.write()


@pytest.fixture(scope="module")
def planting(tmp_path_factory: pytest.TempPathFactory) -> Planting:
    return plant(tmp_path_factory.mktemp("planted") / "exports")


@pytest.fixture(scope="module")
def world(planting: Planting) -> World:
    return run_job(planting.exports, planting.exports.parent / "world")


def test_five_thousand_secrets_in_47_spellings_and_two_thousand_look_alikes_are_planted(planting: Planting) -> None:
    assert len(planting.secrets) == SECRETS
    assert len(planting.look_alikes) >= LOOK_ALIKES
    assert len({secret.spelling for secret in planting.secrets}) == len(SPELLINGS) == 47


def test_the_job_ends_well_and_holds_nothing_back(world: World) -> None:
    assert world.code == 0, world.output
    assert world.held == {}


def _seen(text: str) -> str:
    """Text as a reader compares it: no case, no accents, nothing invisible, one blank for many."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join(plain.lower().split())


def _texts(path: Path) -> Iterator[str]:
    """Everything that a published file says, decoded, and its name."""
    yield path.name
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        yield f"{file.metadata.metadata} {file.schema}"
        for group in range(file.num_row_groups):
            chunks = [file.metadata.row_group(group).column(n) for n in range(file.metadata.num_columns)]
            yield " ".join(f"{c.statistics.min} {c.statistics.max}" for c in chunks if c.statistics)
        table = file.read()
        for name in table.column_names:
            yield "\n".join({str(value) for value in table[name].to_pylist()})
        return
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            yield str(con.execute("select comment, sql from duckdb_tables()").fetchall())
            for (name,) in con.execute("select table_name from duckdb_tables()").fetchall():
                yield "\n".join(str(cell) for row in con.table(name).fetchall() for cell in row)
        return
    if path.suffix in (".zip", ".xlsx"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                # A table inside a zip is read where it lies beside it; the others are texts.
                if member.filename.endswith((".parquet", ".xlsx")):
                    assert archive.read(member) == path.with_name(member.filename).read_bytes()
                else:
                    yield html.unescape(archive.read(member).decode("utf-8"))
        return
    text = path.read_text("utf-8")
    yield text
    yield html.unescape(text)
    if path.suffix in (".json", ".geojson", ".jsonld"):
        yield json.dumps(json.loads(text), ensure_ascii=False).replace("\\n", "\n")


def test_no_secret_is_found_in_any_byte_of_the_release_and_the_portal(planting: Planting, world: World) -> None:
    sought = sorted({_seen(way) for secret in planting.secrets for way in (secret.text, *secret.plain)})
    automaton = AhoCorasick(sought)
    files = [p for folder in (world.release, world.base / "portal") for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 50
    found = []
    for path in files:
        for text in _texts(path):
            seen = _seen(text)
            found += [
                (path.name, sought[which])
                for which, start, end in automaton.find_matches_as_indexes(seen, overlapping=True)
                if not (seen[start - 1 : start] + seen[start]).isalnum() or start == 0
                if not seen[end - 1 : end + 1].isalnum() or end == len(seen)
            ]
    assert found == []


def test_the_search_finds_a_secret_that_is_there(planting: Planting, tmp_path: Path) -> None:
    secret = random.Random(SEED).choice(planting.secrets)
    (tmp_path / "a.txt").write_text(f"Obra {secret.text}.", "utf-8")
    assert any(_seen(secret.text) in _seen(text) for text in _texts(tmp_path / "a.txt"))


def test_every_text_is_published_with_its_secrets_replaced_and_its_look_alikes_untouched(
    planting: Planting, world: World
) -> None:
    keys = {"iniciativas": "codigo_iniciativa", "iniciativa_trazabilidad": "codigo_iniciativa"}
    keys |= {"acuerdos_core": "acuerdo", "compras": "codigo_oc", "iniciativa_hitos": "id_documento"}
    for (dataset, column), expected in planting.expected.items():
        published = dict(world.query(f"select {keys[dataset]}, {column} from {{{dataset}}}"))
        common = expected.keys() & published.keys()
        assert len(common) >= 0.8 * len(expected), dataset
        wrong = [(published[key], expected[key]) for key in common if published[key] != expected[key]]
        assert wrong == [], f"{len(wrong)} of {dataset}"


def test_file_names_stay_apart_and_the_same_in_both_datasets(planting: Planting, world: World) -> None:
    masked = world.query(f"select archivo, sha256 from {{fuentes}} where contains(archivo, '{MASK}')")
    assert len(masked) == len({archivo for archivo, _ in masked}) == planting.secret_files
    assert [sha for archivo, sha in masked if f"{MASK}-{sha[:8]}" not in archivo] == []
    assert world.query(
        "select count(*) from {filas_rechazadas} anti join (select archivo from {fuentes}) using (archivo)"
    ) == [(0,)]


def test_a_release_holds_declared_files_and_no_log(world: World) -> None:
    declared = {file["nombre"] for file in world.manifest["archivos"]} | {"manifest.json"}
    assert {path.name for path in world.release.iterdir()} == declared
    beside = {path.name for path in world.releases.iterdir() if path.name != world.release.name}
    assert {name for name in beside if not name.startswith(".")} == {"latest", "latest.json"}
