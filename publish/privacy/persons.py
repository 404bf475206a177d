"""The persons whom a cell of names names, without what else was typed into it: titles, posts, contacts, other persons.

A person found so is sought in every text. Hence a piece that may be an office, a place or a remark is left out.
"""

import re
from collections.abc import Callable, Iterator
from itertools import dropwhile

from publish.privacy.emails import emails
from publish.privacy.folding import fold, unescaped
from publish.privacy.phones import phones
from publish.privacy.ruts import Ruts

_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")
_TAGS_OF_LINES = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|td)(?!\w)[^<>]{0,80}>", re.IGNORECASE)
_TAGS_OF_LETTERS = re.compile(r"</?(?:a|b|i|u|em|strong|span|font)(?!\w)[^<>]{0,80}>", re.IGNORECASE)
# What is left of them in a cell holds a name or an address, which unescaping would take for a tag.
_NO_TAGS = str.maketrans("<>", "\u2039\u203a")
_IN_BRACKETS = re.compile(r"\(([^)]*)\)?|\[([^\]]*)\]?|\{([^}]*)\}?|[<\u2039\u00ab]([^>\u203a\u00bb]*)[>\u203a\u00bb]?")
# A bullet is folded to a full stop, with the blanks that stood around it.
_BETWEEN_PERSONS = re.compile(r"[/;|\u2192]|-?\u203a|(?<= )[-.](?= )")
_AND_OR = re.compile(r" y ?/ ?o (?=[a-z])")
_AND = re.compile(r" y | e (?=h?i)| ?[&+] ?")
# Not of initials, nor of what is cut short: Juan A. Paz, Ma. Eva Paz, Ana Sta. Cruz.
_STOP = re.compile(r"(?<=[a-z]{3})(?<! sta)(?<! fco)(?<! gmo)(?<! vda)\. ?(?=[a-z])")
_COLON = re.compile(r" ?: ?")
_DASH = re.compile(r"(?<=[a-z])-(?=[a-z])")
_TITLES = re.compile(
    r"(?:(?:sr|sra|srta|sres|senor|senora|senorita|senores|don|dona|dna|d\.|dr|dra|abog|abg|arq|prof|lic|psic|enf|mg|mgtr"
    r"|mag|msc|ph\.?d|atte?|at\.|ing(?:[. ]+(?:civil|comercial|agronom[oa]|forestal))?)(?![a-z])[., ]*"
    r"|a cargo (?:del|de(?: la| el)?)(?![a-z]) ?)+"
)
_LABELS = re.compile(
    r"(?<![a-z])(?:nombre|rut|run|c\.i\.|correo|e-?mail|mail|(?:tele)?fono|celular|contacto)(?![a-z])[.:]?"
)
# 25-03-2024, anexo 4321, and 12.345.678, a RUT without its digit or with a wrong one.
_FIGURES = re.compile(
    r"(?<![a-z0-9])(?:\d{1,2}([-/.])\d{1,2}\1\d{2,4}|\d{4}-\d\d-\d\d"
    r"|(?:anexo|anx|extension|ext)[ .:]*(?:n[ .\u00b0]*)?\d+"
    r"|\d{1,2}(\.?)\d{3}\2\d{3}(?: ?- ?[\dk])?)(?![a-z0-9]|[-.,/]\d)"
)
# 1.- 1) 1\u00b0
_ORDINAL = re.compile(r"\d{1,2} ?[.)\u00b0-]+ ?(?=[a-z])")
_FIGURE_AT_AN_END = re.compile(r"^\d{1,4} (?=[a-z])|(?<=[a-z]) \d{1,4}$")
# Behind them stands another person.
_REPLACES = re.compile(
    r"(?:en )?(?:reempla(?:za|zo|zante)|subroga(?:nte)?|suple(?:nte)?)(?![a-z])"
    r"(?: (?:al?|del?|por|con|es)(?![a-z]))*[ :.]*"
)
_SIGNS_AROUND = " .,:-_'\"°"
# They make no name of the word beside them: "La Florida" and "San Bernardo" are places.
_PARTICLES = frozenset(["al", "de", "del", "el", "en", "la", "las", "lo", "los", "san", "santa", "santo"])

_OFFICES = """
    municipalidad ministerio subsecretaria secretaria seremi servicio direccion division departamento depto dpto unidad
    oficina seccion area gobierno gobernacion delegacion intendencia contraloria superintendencia tesoreria fiscalia
    juzgado tribunal registro agencia consejo concejo comite comision equipo junta corporacion fundacion asociacion
    agrupacion organizacion club sindicato universidad instituto liceo escuela colegio hospital consultorio cesfam
    centro carabinero bombero policia ejercito archivo parte bodega alcaldia jefatura
"""
_COMPANIES = """
    empresa sociedad compania cia ltda limitada spa eirl comercial constructora consultora inmobiliaria importadora
    distribuidora transporte ingenieria inversion asesoria sucesion banco
"""
_POSTS = """
    jefe jefa director directora encargado encargada coordinador coordinadora profesional analista asesor asesora
    abogado abogada ingeniero ingeniera arquitecto arquitecta tecnico tecnica alcalde alcaldesa concejal concejala
    consejero consejera gobernador gobernadora ministro ministra subsecretario secretario administrador administradora
    fiscal contralor contralora representante inspector inspectora supervisor supervisora ejecutivo ejecutiva titular
    suplente subrogante interino interina responsable apoyo contraparte
"""
_MATTERS = """
    administracion finanza presupuesto planificacion gestion control auditoria desarrollo contabilidad adquisicion
    compra contrato licitacion proyecto programa plan obra edificacion vivienda urbanismo salud educacion cultura
    patrimonio deporte turismo fomento ambiente agua energia agricultura mineria seguridad vehicular vialidad
    infraestructura publico publica social comunitario comunitaria juridico juridica legal interno interna general
    nacional regional provincial comunal municipal region provincia comuna ejecucion rendicion cierre
"""
_REMARKS = """
    licencia feriado vacacion permiso reemplazo renuncia traslado pendiente vacante asignar definir sin con por para
    segun no otro otra varios varias todo toda ver desde hasta ambos ambas
"""
# Words of places and things that are surnames too, or near them. They count only where little speaks for a person: in
# brackets, beside a figure, behind a colon.
_THINGS = """
    villa poblacion barrio sector calle avenida pasaje plaza parque cerro camino ruta edificio torre piso sede sala lote
    sitio etapa construccion reposicion mejoramiento conservacion habilitacion ampliacion norte sur oriente poniente
    central centro almacen kiosco kiosko feria fiesta fiestas verano casa matriz turno jornada ex mes dia ano semana
"""
# The commonest given names that are no surnames. Behind a dash without blanks they begin another person, where a
# surname goes on: Ana Soto-Luis Paz, Ana Soto-Paz Vera.
_GIVEN_NAMES = """
    alejandra alejandro alberto alfredo alicia ana andrea andres angelica antonio arturo barbara beatriz camila carlos
    carmen carolina catalina cecilia claudia claudio constanza cristian cristina daniel daniela diego eduardo elena
    elizabeth enrique ernesto esteban eugenia eva fabian felipe fernanda fernando francisca francisco gabriel gabriela
    gloria gonzalo guillermo gustavo hector hugo ignacio ines isabel ivan jaime javier javiera jorge jose juan juana
    julio karina laura leonardo lorena loreto luis luisa macarena manuel marcela marcelo marcos margarita maria mariana
    mario marta mauricio miguel monica natalia nicolas olga oscar pablo pamela paola patricia patricio paula paulina
    pedro rafael ramon raul ricardo roberto rodrigo rosa rosario sandra sebastian sergio sofia soledad susana teresa
    valentina valeria veronica victor victoria viviana ximena yasna
"""
_PAYMENTS = """
    cuenta corriente ahorro transferencia deposito cheque vale efectivo pago pagado pagada factura proveedor electronico
    electronica
"""


def _with_plurals(*lists: str) -> frozenset[str]:
    return frozenset(word + plural for words in lists for word in words.split() for plural in ("", "s", "es"))


_NO_PERSON = _with_plurals(_OFFICES, _COMPANIES, _POSTS, _MATTERS, _REMARKS, _PAYMENTS)
_TELLS_WHAT = _with_plurals(_COMPANIES, _MATTERS, _REMARKS, _PAYMENTS)
_THING_WORDS = frozenset(_THINGS.split())
_GIVEN = frozenset(_GIVEN_NAMES.split())
_POST_WORDS = _with_plurals(_POSTS)
_TELLS_WHO = _with_plurals(_OFFICES, _POSTS)
_COMPANY_INITIALS = re.compile(r"(?<![a-z])(?:s\. ?a|e\. ?i\. ?r\. ?l)(?![a-z])")
# Comunas of the region whose names are none of these words and read as a person's.
_COMUNAS = frozenset(
    (
        *("calera de tango", "cerro navia", "estacion central", "isla de maipo", "maria pinto", "padre hurtado"),
        *("pedro aguirre cerda", "puente alto", "quinta normal", "san jose de maipo", "til til"),
    )
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"\d(?:\D{0,3}\d){6}")
_RUTS = Ruts(())


def as_shown(value: str) -> str:
    """A cell as HTML shows it, with line breaks for the tags that break a line."""
    shown = _TAGS_OF_LETTERS.sub("", _TAGS_OF_LINES.sub("\n", value)).translate(_NO_TAGS)
    plain = unescaped(shown)
    return plain[0] if plain else shown


def folded_cell(value: str) -> str:
    """A cell of names as it is shown, folded. Where a line broke, of which folding makes a blank, stands a slash."""
    return fold(_LINE_BREAKS.sub(" / ", as_shown(value).strip()))


def persons(cell: str) -> Iterator[str]:
    """The persons in a folded cell, of two words or more. "diaz soto, rosa" is one, with the surnames first."""
    plain = _AND_OR.sub(" y ", _without_contacts(cell))
    outside = _IN_BRACKETS.sub(" ", plain)
    yield from _persons(outside)
    for brackets in _IN_BRACKETS.finditer(plain):
        yield from _in_brackets(next(text for text in brackets.groups() if text is not None), outside)


def _persons(text: str) -> Iterator[str]:
    for part in _BETWEEN_PERSONS.split(text):
        for piece in _at_colon(part):
            for sentence in _split(piece, _STOP, _are_two_names):
                for side in map(_without_post, _at_commas(sentence)):
                    if not _is_no_person(side):
                        yield from _names(side)


def _without_post(side: str) -> str:
    """What stands behind a post without a sign, where a given name begins it: "encargada rosa diaz"."""
    words = _untitled(side).split()
    behind = list(dropwhile(_POST_WORDS.__contains__, words))
    return " ".join(behind) if len(behind) < len(words) and behind and behind[0] in _GIVEN else side


def _names(side: str) -> Iterator[str]:
    for name in _AND.split(side):
        for one in _split(name, _DASH, _is_another_person):
            if _has_a_name(person := _untitled(one)):
                yield person


def _in_brackets(text: str, outside: str) -> Iterator[str]:
    """The persons in brackets: who replaces the one before them, or another one, but neither a place nor a nickname.

    Two words beside two may be one person's, as between commas: "diaz soto (rosa elena)".
    """
    replaces = _REPLACES.match(text.strip())
    text = text.strip()[replaces.end() :] if replaces else text
    if replaces or max(len(_words(text)), len(_words(outside))) > 2:
        yield from (person for person in _persons(text) if _THING_WORDS.isdisjoint(_words(person)))


def _without_contacts(cell: str) -> str:
    spans = [*emails(cell)]
    if _NUMBER.search(cell):
        spans += [*_RUTS.labelled(cell), *_RUTS.find(cell, bare=True), *phones(cell)]
    for start, end in spans:
        cell = cell[:start] + " " * (end - start) + cell[end:]
    return _LABELS.sub(" ", _FIGURES.sub(" ", cell))


def _at_colon(part: str) -> list[str]:
    """What stands on both sides of a colon, where an office or a post before it introduces a person."""
    before, *others = _COLON.split(part)
    words = _WORD.findall(before)
    if not others or (not _TELLS_WHAT.isdisjoint(words) and _TELLS_WHO.isdisjoint(words)):
        return [part]
    return [before, *(other for other in others if _THING_WORDS.isdisjoint(_WORD.findall(other)))]


def _split(text: str, pattern: re.Pattern[str], parts: Callable[[str, str], bool]) -> list[str]:
    """The text, split where the pattern matches and what stands on both sides is told to be parted."""
    pieces, start = [], 0
    for match in pattern.finditer(text):
        if parts(text[start : match.start()], text[match.end() :]):
            pieces.append(text[start : match.start()])
            start = match.end()
    return [*pieces, text[start:]]


def _are_two_names(before: str, after: str) -> bool:
    # A name that ends in a title goes on: "Ana Paz. Dra. Eva Vera" is parted at the first stop alone.
    last = before.split()[-1:]
    return not (last and _TITLES.fullmatch(last[0])) and min(len(_words(_untitled(n))) for n in (before, after)) >= 2


def _is_another_person(before: str, after: str) -> bool:
    words = _words(after)
    return len(_words(_untitled(before))) >= 2 and (len(words) > 2 or (len(words) == 2 and words[0] in _GIVEN))


def _at_commas(part: str) -> list[str]:
    """What stands between commas, where they part persons, or one from a post, and not the surnames from the names."""
    # What is but a title belongs to the name before it.
    sides = [side for side in part.split(",") if _untitled(side)]
    lengths = [len(_words(side)) for side in sides]
    several = len(sides) > 1 and min(lengths) >= 2 and (len(sides) > 2 or max(lengths) > 2)
    return sides if several or any(_is_no_person(side) for side in sides) else [",".join(sides)]


def _is_no_person(text: str) -> bool:
    plain = _untitled(text)
    return not _NO_PERSON.isdisjoint(_WORD.findall(plain)) or plain in _COMUNAS or bool(_COMPANY_INITIALS.search(plain))


def _untitled(name: str) -> str:
    """A name without the titles before it and the figures and signs around it."""
    plain = " ".join(name.split()).strip(_SIGNS_AROUND)
    plain = plain[ordinal.end() :] if (ordinal := _ORDINAL.match(plain)) else plain
    if (figure := _FIGURE_AT_AN_END.sub("", plain)) != plain and len(_words(figure)) > 2:
        plain = figure if _THING_WORDS.isdisjoint(_words(figure)) else plain
    return plain[title.end() :] if (title := _TITLES.match(plain)) else plain


def _has_a_name(text: str) -> bool:
    return len(_words(text)) >= 2 and not _FIGURE.search(text)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _PARTICLES]
