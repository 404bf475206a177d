"""The printed sheets as PDF: the pages themselves, printed by Chromium."""

import json
import shutil
from pathlib import Path

from portal import node
from portal.build import RECORD, SHEETS, digest, pdf_of, read_record, with_pdf, write

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def print_sheets(out: Path) -> int:
    """Makes the PDF of each sheet of a built site whose own is missing or older than the page, and links it there.

    out: the site's folder, built. Returns how many were made. Raises NoNodeError.
    """
    record, made = read_record(out / RECORD), read_record(out / SHEETS)
    sheets = {path: page for kind in record.values() for path, page in kind["paginas"].items() if page["hoja"]}
    stale = {
        path: page["hoja"]
        for path, page in sheets.items()
        if made.get(path) != page["hoja"] or not (out / pdf_of(path)).is_file()
    }
    if stale:
        _print([(out / path).absolute() for path in stale])
    for path in stale:
        (out / pdf_of(path)).chmod(0o644)
        linked = with_pdf((out / path).read_text("utf-8"), path, made=True).encode()
        write(out / path, linked, out)
        sheets[path]["sha256"] = digest(linked)
    write(out / SHEETS, json.dumps({path: page["hoja"] for path, page in sheets.items()}, indent=1).encode(), out)
    write(out / RECORD, json.dumps(record, indent=1).encode(), out)
    return len(stale)


def _print(pages: list[Path]) -> None:
    found = node.find()
    node.install()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise node.NoNodeError("Chromium is needed: apt install chromium")
    node.run([found, "pdf.mjs", browser], "".join(f"{page}\t{page.with_suffix('.pdf')}\n" for page in pages))
