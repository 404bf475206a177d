"""What CKAN's own harvester makes of a catalogue: run by the Python that has CKAN, in the second environment.

python ckan_reads.py CATALOGUE FORMAT prints one JSON list of datasets as CKAN would store them. It needs no database:
the parser asks CKAN for its configuration and its translations alone.
"""

import json
import sys
from pathlib import Path

import flask
from ckanext.dcat.processors import RDFParser
from flask_babel import Babel


def read(catalogue: str, form: str) -> list[dict[str, object]]:
    """The datasets of a catalogue. form: turtle, json-ld or xml, as the harvester takes it from the media type."""
    app = flask.Flask("harvest")
    Babel(app)
    with app.test_request_context():
        parser = RDFParser(profiles=["euro_dcat_ap_3"])
        parser.parse(catalogue, _format=form)
        return list(parser.datasets())


if __name__ == "__main__":
    datasets = read(Path(sys.argv[1]).read_text("utf-8"), sys.argv[2])
    sys.stdout.write(json.dumps(datasets, ensure_ascii=False))
