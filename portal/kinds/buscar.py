"""Search over datasets, initiatives and commitments: the index that the script looks into, and a list without it."""

from collections.abc import Iterator

from portal.contents import Contents
from portal.kinds import iniciativas, programa
from portal.pages import Kind, Page

# What is found, as [kind, title, where it is, words that find it too]: short names of kinds keep the page small.
Entry = tuple[str, str, str, str]


def _pages(contents: Contents) -> Iterator[Page]:
    entries: list[Entry] = [
        ("datos", str(each["titulo"]), f"datos/{name}.html", f"{name} {each['descripcion']}")
        for name, each in contents.datasets.items()
    ]
    entries += [
        (
            "compromiso",
            row["titulo"],
            programa.path_of(row["compromiso"]),
            f"{row['compromiso']} {row['desafio'] or ''}",
        )
        for row in contents.rows("from compromisos_programa order by compromiso", "compromisos_programa")
    ]
    entries += [
        (
            "iniciativa",
            row["nombre"] or row["codigo_iniciativa"],
            iniciativas.path_of(row["codigo_iniciativa"]),
            " ".join(filter(None, (row["codigo_iniciativa"], row["comunas"], row["estado"], row["unidad_tecnica"]))),
        )
        for row in contents.rows("from iniciativas order by codigo_iniciativa", "iniciativas")
    ]
    yield Page("buscar.html", "buscar.html", {"indice": entries})


KIND = Kind("buscar", ("compromisos_programa", "iniciativas"), _pages, of_release=True)
