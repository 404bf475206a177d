"""All that a release says of itself, whatever its data: a name in it ("Consejo Regional") is a common word."""

from collections.abc import Iterator

from publish import texts
from publish.catalog import Catalog, Dataset
from publish.edition import Publisher
from publish.forms import duckdb_file
from publish.metadata import datapackage, dcat
from publish.pages import TEMPLATES
from publish.themes import THEMES


def own_words(catalog: Catalog, publisher: Publisher) -> str:
    """The texts of the project in a release. catalog: its datasets, in words. publisher: of the institution."""
    datasets = list(catalog.datasets.values())
    notes = texts.reading_notes("", "", [(dataset, 0) for dataset in datasets], {}, {}, ())
    return "\n".join(
        [
            *(texts.LICENCE_TEXT, notes, texts.REGION, datapackage.TITLE, datapackage.DESCRIPTION),
            *(publisher.name, publisher.contact_name),
            *dcat.THEME_LABELS.values(),
            *(text for theme in THEMES.values() for text in (theme.title, theme.keyword)),
            *(text for dataset in datasets for text in _of_dataset(dataset)),
            *(text for view in duckdb_file.views() for text in (view.comment, *view.columns.values())),
            *(path.read_text("utf-8") for path in sorted(TEMPLATES.iterdir())),
        ]
    )


def _of_dataset(dataset: Dataset) -> Iterator[str]:
    yield from (dataset.name, dataset.title, dataset.theme, dataset.description)
    for column in dataset.columns:
        yield from (column.name, column.unit, column.description)
        yield from (meaning for _, meaning in column.meanings)
