"""The printed sheets as PDF: the pages themselves, printed by Chromium."""

import json
import shutil
import subprocess
from pathlib import Path

from portal.build import RECORD, SHEETS, digest, pdf_of, read_record, with_pdf, write

PRINTER = Path(__file__).parent / "web" / "pdf.mjs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class CannotPrint(Exception):
    """No PDF can be made on this machine; says what is missing and how to get it."""


def print_sheets(out: Path) -> int:
    """Makes the PDF of each sheet of a built site whose own is missing or older than the page, and links it there.

    out: the site's folder, built. Returns how many were made. Raises CannotPrint.
    """
    record, made = read_record(out / RECORD), read_record(out / SHEETS)
    sheets = {path: page for kind in record.values() for path, page in kind["paginas"].items() if page["hoja"]}
    stale = {
        path: page["hoja"]
        for path, page in sheets.items()
        if made.get(path) != page["hoja"] or not (out / pdf_of(path)).is_file()
    }
    if stale:
        _print([out / path for path in stale])
    for path in stale:
        (out / pdf_of(path)).chmod(0o644)
        linked = with_pdf((out / path).read_text("utf-8"), path, made=True).encode()
        write(out / path, linked, out)
        sheets[path]["sha256"] = digest(linked)
    write(out / SHEETS, json.dumps({path: page["hoja"] for path, page in sheets.items()}, indent=1).encode(), out)
    write(out / RECORD, json.dumps(record, indent=1).encode(), out)
    return len(stale)


def _print(pages: list[Path]) -> None:
    node = shutil.which("node")
    if not node or not (PRINTER.parent / "node_modules").is_dir():
        raise CannotPrint("the PDF of the sheets need Node 20 and its packages: apt install nodejs npm, make portal")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise CannotPrint("the PDF of the sheets need Chromium: apt install chromium")
    jobs = "".join(f"{page}\t{page.with_suffix('.pdf')}\n" for page in pages)
    done = subprocess.run([node, PRINTER, browser], input=jobs, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotPrint(f"Chromium printed no PDF: {done.stderr.strip()[-2000:]}")
