"""Writes the exports of a made-up institution. Usage: python -m bench.world DOCUMENTS FOLDER [next-day]

next-day: writes what arrives a day later into the folder of the same world: 10.000 documents more.
"""

import sys
from pathlib import Path

from bench.world.exports import add_next_day, generate

if __name__ == "__main__":
    write = add_next_day if sys.argv[3:] == ["next-day"] else generate
    write(int(sys.argv[1]), Path(sys.argv[2]))
