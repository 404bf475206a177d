"""Search over pages, comunas, initiatives, commitments and datasets: the script's index, and a list without it."""

from collections.abc import Iterator

from portal.contents import Contents
from portal.kinds import comunas, iniciativas, programa
from portal.pages import Kind, Page

# What is found, as [kind, title, its code where another may have the same title, where it is, words that find it too]:
# short names of kinds keep the page small.
Entry = tuple[str, str, str, str, str]

# Title, place, words.
SECTIONS = [
    ("Fichas Ciudadanas", "fichas/index.html", "presupuesto gasto mensual en qué se gasta"),
    ("El dinero", "dinero/index.html", "presupuesto gasto ejecución indicadores"),
    ("Pago en 30 días", "dinero/pagos.html", "pagos proveedores facturas plazo demora"),
    ("Transferencias y sus saldos", "dinero/transferencias.html", "rendición rendir municipios"),
    ("Programa de gobierno", "programa/index.html", "compromisos promesas"),
    ("Resúmenes ejecutivos del programa de gobierno", "programa/resumen.html", "compromisos mes"),
    ("Iniciativas de inversión", "iniciativas/index.html", "obras proyectos programas estudios comunas"),
    ("Mapa de iniciativas", "mapa.html", "obras proyectos comunas"),
    ("Calidad de los datos", "calidad.html", "controles rechazos atrasos"),
    ("Glosario", "glosario.html", "palabras siglas significado"),
    ("Acerca de estos datos", "acerca.html", "licencia contacto"),
    ("Datos personales", "privacidad.html", "privacidad corregir borrar"),
    ("Consultas para analistas", "consulta.html", "sql preguntas"),
]

COMUNAS = """
    select cut, min(comuna) as comuna from iniciativas_comunas group by cut order by strip_accents(min(comuna))
"""


def _pages(contents: Contents) -> Iterator[Page]:
    places = contents.rows(COMUNAS, "iniciativas_comunas")
    entries: list[Entry] = [
        *(("pagina", title, "", place, words) for title, place, words in SECTIONS),
        *(("comuna", row["comuna"], "", comunas.path_of(row["cut"]), "iniciativas de la comuna") for row in places),
    ]
    entries += [
        ("datos", str(each["titulo"]), "", f"datos/{name}.html", f"{name} {each['descripcion']}")
        for name, each in contents.datasets.items()
    ]
    entries += [
        (
            "compromiso",
            row["titulo"],
            row["compromiso"],
            programa.path_of(row["compromiso"]),
            row["desafio"] or "",
        )
        for row in contents.rows("from compromisos_programa order by compromiso", "compromisos_programa")
    ]
    entries += [
        (
            "iniciativa",
            row["nombre"] or row["codigo_iniciativa"],
            row["codigo_iniciativa"],
            iniciativas.path_of(row["codigo_iniciativa"]),
            " ".join(filter(None, (row["comunas"], row["estado"], row["unidad_tecnica"]))),
        )
        for row in contents.rows("from iniciativas order by codigo_iniciativa", "iniciativas")
    ]
    yield Page("buscar.html", "buscar.html", {"indice": entries})


KIND = Kind("buscar", ("compromisos_programa", "iniciativas", "iniciativas_comunas"), _pages, of_release=True)
