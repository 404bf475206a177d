"""Sets of tax documents of 0.2 and of more than 2 GB through ingest: memory, disk and result.

Usage: python -m bench.large_xml [GB ...]. Takes three times the largest file's size on disk at most, in the folder for
temporary files, and clears it away. Ends with 1 where the largest file takes more memory than it may.
"""

import sys
import tempfile
import threading
from pathlib import Path

import duckdb

from bench.measuring import Cost, measure

GIGABYTES = (0.2, 2.2)
#: Of the largest file's peak against the smallest one's, and in MB.
LARGEST_RATIO, LARGEST_MB = 1.5, 1500
FILE = "dte/envio_grande.xml"
#: Lines of goods of each document: some 4 KB, as SII's own with stamp and signature.
LINES = 22

_HEAD = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<EnvioDTE xmlns="http://www.sii.cl/SiiDte" version="1.0">'
    '<SetDTE ID="S1"><Caratula version="1.0"><RutEmisor>76163209-4</RutEmisor></Caratula>\n'
)
_TAIL = "</SetDTE></EnvioDTE>\n"
_DOCUMENT = (
    '<DTE version="1.0"><Documento ID="T33F{folio}"><Encabezado>'
    "<IdDoc><TipoDTE>33</TipoDTE><Folio>{folio}</Folio><FchEmis>2024-02-01</FchEmis></IdDoc>"
    "<Emisor><RUTEmisor>76163209-4</RUTEmisor><RznSoc>Servicios Andes 7 Ltda.</RznSoc></Emisor>"
    "<Receptor><RUTRecep>61923200-3</RUTRecep><Contacto>Juan Carlos Peñaloza</Contacto></Receptor>"
    "<Totales><MntNeto>1000000</MntNeto><MntExe>0</MntExe><IVA>190000</IVA><MntTotal>1190000</MntTotal></Totales>"
    "</Encabezado>{lines}</Documento></DTE>\n"
)
_LINE = (
    "<Detalle><NroLinDet>{n}</NroLinDet><NmbItem>Mantención de áreas verdes, tramo {n} de {folio}</NmbItem>"
    "<QtyItem>1</QtyItem><PrcItem>{n}000</PrcItem><MontoItem>{n}000</MontoItem></Detalle>"
)


def generate(path: Path, size: float) -> int:
    """Writes a set of at least `size` bytes, document by document; returns how many documents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    documents = 0
    written = 0
    with path.open("w", encoding="ISO-8859-1") as file:
        file.write(_HEAD)
        while written < size:
            documents += 1
            lines = "".join(_LINE.format(n=n, folio=documents) for n in range(1, LINES + 1))
            written += file.write(_DOCUMENT.format(folio=documents, lines=lines))
        file.write(_TAIL)
    return documents


def take(gigabytes: float) -> Cost:
    """Generates a set, runs ingest on it in a process of its own, and prints what came of it; returns what it took."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        documents = generate(work / "exports" / FILE, gigabytes * 1e9)
        size = (work / "exports" / FILE).stat().st_size
        print(f"{size / 1e9:.2f} GB, {documents} documents", flush=True)
        command = [sys.executable, "-m", "bench.ingest_exports", str(work / "exports"), str(work / "ours")]
        over, peak = threading.Event(), [0]
        watcher = threading.Thread(target=_watch, args=(work / "ours" / "raw", over, peak))
        watcher.start()
        cost = measure(command)
        over.set()
        watcher.join()
        print(
            f"ingest {cost.wall:.0f} s, {cost.cpu:.0f} CPU s, {documents / cost.cpu:.0f} documents per CPU s, "
            f"peak {cost.largest_mb} MB, on disk {peak[0] >> 20} MB beside the archive"
        )
        entry = duckdb.execute(
            "select estado, motivo, detalle, filas, aceptadas, rechazadas from read_parquet(?)",
            [str(work / "ours" / "raw" / "archivos.parquet")],
        ).fetchall()
        print(*entry, sep="\n", flush=True)
        if [row[3:] for row in entry] != [(documents, documents, 0)]:
            raise SystemExit("not every document was accepted")
        return cost


def _watch(folder: Path, over: threading.Event, peak: list[int]) -> None:
    while not over.wait(0.5):
        peak[0] = max(peak[0], sum(_bytes(path) for path in folder.rglob("*")))


def _bytes(path: Path) -> int:
    # A file may be gone between two looks at it.
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def main() -> None:
    """Takes each size in turn, and holds the largest against the smallest."""
    sizes = sorted(float(argument) for argument in sys.argv[1:]) or list(GIGABYTES)
    taken = [take(gigabytes) for gigabytes in sizes]
    peak = taken[-1].largest_mb
    ratio = peak / taken[0].largest_mb
    print(f"memory of {sizes[-1]} GB against that of {sizes[0]} GB: {ratio:.2f}")
    if ratio > LARGEST_RATIO or peak > LARGEST_MB:
        raise SystemExit(f"more than {LARGEST_RATIO} times, or than {LARGEST_MB} MB")


if __name__ == "__main__":
    main()
