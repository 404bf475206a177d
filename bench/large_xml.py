"""One set of tax documents of more than 2 GB through ingest: memory and result. Usage: python -m bench.large_xml [GB]

Takes several times the file's size on disk, in the folder for temporary files, and clears it away.
"""

import sys
import tempfile
from pathlib import Path

import duckdb

from bench.measuring import measure

GIGABYTES = 2.2
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


def main() -> None:
    """Generates the set, runs ingest on it in a process of its own, and prints what came of it."""
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else GIGABYTES
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        documents = generate(work / "exports" / FILE, gigabytes * 1e9)
        size = (work / "exports" / FILE).stat().st_size
        print(f"{size / 1e9:.2f} GB, {documents} documents", flush=True)
        cost = measure([sys.executable, "-m", "bench.ingest_exports", str(work / "exports"), str(work / "ours")])
        print(f"ingest {cost.wall:.0f} s, {cost.cpu:.0f} CPU s, peak {cost.largest_mb} MB")
        entry = duckdb.execute(
            "select estado, motivo, detalle, filas, aceptadas, rechazadas from read_parquet(?)",
            [str(work / "ours" / "raw" / "archivos.parquet")],
        ).fetchall()
        print(*entry, sep="\n")


if __name__ == "__main__":
    main()
