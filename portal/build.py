"""Builds the site of a release into a folder that opens without a server."""

import hashlib
import json
import logging
import stat
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import duckdb

from portal.contents import Contents
from portal.kinds import acerca, buscar, calidad, consulta, datos, dinero, fichas, iniciativas, inicio, mapa, programa
from portal.pages import PDF_LINK, PDF_MARK, TEMPLATES, Kind, Renderer

LOG = logging.getLogger(__name__)
ROOM = Path(__file__).parent
STYLE = TEMPLATES / "estilo.css"
SCRIPTS = "web"
RECORD = ".paginas.json"
SHEETS = ".hojas.json"

KINDS: tuple[Kind, ...] = (
    inicio.KIND,
    fichas.KIND,
    programa.KIND,
    iniciativas.KIND,
    mapa.KIND,
    dinero.KIND,
    datos.KIND,
    consulta.KIND,
    calidad.KIND,
    buscar.KIND,
    acerca.KIND,
)


class OldPagesError(Exception):
    """Some kinds of pages could not be made and are as an earlier build left them, or missing; the others are new.

    Its words name kinds of pages and classes of errors, and quote nothing of the data.
    """


def build(release: Path, out: Path, scripts: Path | None = None) -> Path:
    """Writes the pages of a release into `out`, and returns the path of its index.html.

    A kind of pages is made again where what it shows, or how, is not what its pages were made from; a file is written
    where its bytes differ, and removed where the release no longer has its page. The rest of `out` is let be. A kind
    that fails leaves its own pages as they were, and no other's.

    release: the folder of a release, which the pages link to by relative addresses; nothing else is read. out: best
    beside the folder of releases. scripts: the folder of bundled scripts that the site gets in the place of its own; by
    default it keeps those it has, and where it has none the pages say what needs them.
    Raises FileNotFoundError where the folder is no release, OSError or duckdb.IOException where the disk fails, and,
    once all the rest is made, OldPagesError.
    """
    contents = Contents(release)
    held = sorted(path for path in (scripts or out / SCRIPTS).glob("*") if path.is_file())
    renderer = Renderer(contents, out, frozenset(f"{SCRIPTS}/{path.name}" for path in held))
    before, sheets = read_record(out / RECORD), read_record(out / SHEETS)
    ground = _ground(renderer)
    now: dict[str, Any] = {}
    failed: dict[str, Exception] = {}
    write(out / "estilo.css", STYLE.read_bytes(), out)
    if scripts:
        _replace_scripts(out, held)
    for kind in KINDS:
        made_from = _made_from(ground, renderer.files, contents, kind)
        now[kind.name] = before.get(kind.name, {"de": "", "paginas": {}})
        if _stands(out, now[kind.name], made_from):
            continue
        try:
            made = _made(renderer, contents, kind, taken=_paths(now) - now[kind.name]["paginas"].keys())
        except (OSError, duckdb.IOException):
            raise
        except Exception as error:
            # Its own words may quote the data: they are for the log of whoever runs this.
            LOG.error("the pages of %s", kind.name, exc_info=error)
            failed[kind.name] = error
            continue
        now[kind.name] = {"de": made_from, "paginas": _put(out, made, sheets)}
    gone = _paths(before) - _paths(now)
    for path in gone | {pdf_of(path) for path in gone}:
        (out / path).unlink(missing_ok=True)
    write(out / RECORD, json.dumps(now, indent=1).encode(), out)
    if failed:
        raise OldPagesError(_said(failed)) from next(iter(failed.values()))
    return out / "index.html"


def read_record(path: Path) -> dict[str, Any]:
    """What an earlier build wrote of itself, empty where there was none or it was cut off."""
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content


def write(path: Path, content: bytes, out: Path) -> None:
    """Puts the content in its place whole, so that no reader meets half of it; the same content is not written again.

    The pages are for everybody, whatever the process that writes them lets others read by default.
    """
    for folder in (*reversed([p for p in path.parents if p.is_relative_to(out)]),):
        folder.mkdir(parents=folder == out, exist_ok=True)
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o755)
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_name(f".{path.name}.nuevo")
    fresh.write_bytes(content)
    fresh.chmod(0o644)
    fresh.replace(path)


def with_pdf(html: str, path: str, made: bool) -> str:
    """The page with a link to its PDF where that was made from this very page, else as it is."""
    return html.replace(PDF_MARK, PDF_LINK.format(name=Path(pdf_of(path)).name)) if made else html


def pdf_of(path: str) -> str:
    """Where the PDF of a sheet is, from where its page is."""
    return path.removesuffix(".html") + ".pdf"


def digest(content: bytes) -> str:
    """The sha256 of a page, or of what it was made from."""
    return hashlib.sha256(content).hexdigest()


def _made(renderer: Renderer, contents: Contents, kind: Kind, taken: AbstractSet[str]) -> dict[str, tuple[str, bool]]:
    """The pages of a kind by their paths: the HTML, and whether it is a printed sheet. taken: paths of other kinds."""
    made: dict[str, tuple[str, bool]] = {}
    for page in kind.pages(contents):
        if page.path in taken or page.path in made:
            raise ValueError(f"two pages want {page.path}")
        made[page.path] = renderer.render(kind, page), page.printed
    return made


def _put(out: Path, made: Mapping[str, tuple[str, bool]], sheets: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Writes the pages of a kind; returns for each its sha256 and, where it is a sheet, that of what its PDF shows."""
    put = {}
    style = STYLE.read_bytes()
    for path, (html, is_printed) in made.items():
        sheet = digest(html.encode() + style) if is_printed else ""
        has_pdf = bool(sheet) and sheets.get(path) == sheet and (out / pdf_of(path)).is_file()
        content = with_pdf(html, path, has_pdf).encode()
        write(out / path, content, out)
        put[path] = {"sha256": digest(content), "hoja": sheet}
    return put


def _replace_scripts(out: Path, held: Sequence[Path]) -> None:
    for script in held:
        write(out / SCRIPTS / script.name, script.read_bytes(), out)
    for old in (out / SCRIPTS).glob("*"):
        if old.name not in {script.name for script in held}:
            old.unlink()


def _said(failed: Mapping[str, Exception]) -> str:
    causes = ", ".join(f"{name} ({type(error).__name__})" for name, error in failed.items())
    return f"these pages are old or missing, and all the others are new: {causes}"


def _ground(renderer: Renderer) -> str:
    """What every page is made from: the room's own files, the site's address, and the scripts that it has."""
    own = sorted([*ROOM.glob("*.py"), *ROOM.glob("kinds/*.py"), *ROOM.glob("kinds/*.yml"), *TEMPLATES.glob("*.html")])
    parts = [renderer.address, *sorted(renderer.scripts), *(digest(path.read_bytes()) for path in own)]
    return digest("\0".join(parts).encode())


def _made_from(ground: str, files: str, contents: Contents, kind: Kind) -> str:
    """What the pages of a kind are made from, as one hash. files: the way to the release's folder."""
    if kind.of_release:
        return digest(f"{ground}\0{files}\0{contents.id}".encode())
    datasets = [
        [name, contents.files.get(f"{name}.parquet", {}).get("sha256", ""), contents.dictionary.get(name)]
        for name in kind.reads
    ]
    return digest(f"{ground}\0{json.dumps([datasets, contents.notices(kind.reads)])}".encode())


def _stands(out: Path, old: Mapping[str, Any], made_from: str) -> bool:
    """Whether the pages of a kind are as they would be made again."""
    if old["de"] != made_from:
        return False
    places = {out / path: page["sha256"] for path, page in old["paginas"].items()}
    return all(path.is_file() and digest(path.read_bytes()) == sha256 for path, sha256 in places.items())


def _paths(record: Mapping[str, Any]) -> set[str]:
    return {path for kind in record.values() for path in kind["paginas"]}
