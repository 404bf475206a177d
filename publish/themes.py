"""The themes that datasets stand under, as their `tema` names them: told here and nowhere else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """title: what heads its datasets on pages. keyword: what portals find them by. eu: the EU's data themes of it."""

    title: str
    keyword: str
    eu: tuple[str, ...]


# In the order of the pages.
THEMES: Mapping[str, Theme] = {
    "budget_execution": Theme("Ejecución del presupuesto", "ejecución presupuestaria", ("ECON", "GOVE")),
    "initiative_traceability": Theme("Iniciativas de inversión", "iniciativas de inversión", ("GOVE", "REGI")),
    "proactive_transparency": Theme("Transparencia proactiva", "transparencia activa", ("GOVE",)),
    "integrity": Theme("De dónde vienen los datos", "integridad de los datos", ("GOVE",)),
}


def described(names: Collection[str]) -> list[dict[str, str]]:
    """The themes of those names with their titles, in the order of the pages."""
    return [{"nombre": name, "titulo": theme.title} for name, theme in THEMES.items() if name in names]
