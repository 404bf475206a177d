"""The persons whom a cell of names names, without what else was typed into it: titles, posts, contacts, other persons.

A person found so is sought in every text. Hence a piece that may be an office, a place or a remark is left out.
"""

import re
from collections.abc import Iterator

from publish.privacy.contacts import emails, phones
from publish.privacy.folding import fold
from publish.privacy.ruts import Ruts

_LINE_BREAKS = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")
_IN_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?|\{[^}]*\}?|[<‹«][^>›»]*[>›»]?")
_BETWEEN_PERSONS = re.compile(r"[/;|]|(?<= )-(?= )")
_AND = re.compile(r" y | e (?=h?i)")
_TITLES = re.compile(r"(?:(?:sr|sra|srta|sres|don|dona|dr|dra|ing|abog|arq)(?![a-z])[., ]*)+")
_LABELS = re.compile(
    r"(?<![a-z])(?:nombre|rut|run|c\.i\.|correo|e-?mail|mail|(?:tele)?fono|celular|contacto)(?![a-z])[.:]?"
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
    patrimonio deporte turismo fomento ambiente agua energia agricultura mineria seguridad transito vialidad
    infraestructura publico publica social comunitario comunitaria juridico juridica legal interno interna general
    nacional regional provincial comunal municipal region provincia comuna ejecucion rendicion cierre
"""
_REMARKS = """
    licencia feriado vacacion permiso reemplazo renuncia traslado pendiente vacante asignar definir sin con por para
    segun no otro otra varios varias todo toda ver desde hasta ambos ambas
"""
_PAYMENTS = """
    cuenta corriente ahorro transferencia deposito cheque vale efectivo pago pagado pagada factura proveedor electronico
    electronica
"""
_NO_PERSON = frozenset(
    word + plural
    for words in (_OFFICES, _COMPANIES, _POSTS, _MATTERS, _REMARKS, _PAYMENTS)
    for word in words.split()
    for plural in ("", "s", "es")
)
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


def folded_cell(value: str) -> str:
    """A cell of names, folded. Where a line broke, of which folding makes a blank, stands a slash."""
    return fold(_LINE_BREAKS.sub(" / ", value.strip()))


def persons(cell: str) -> Iterator[str]:
    """The persons in a folded cell, of two words or more. "diaz soto, rosa" is one, with the surnames first."""
    for part in _BETWEEN_PERSONS.split(_IN_BRACKETS.sub(" ", _without_contacts(cell))):
        for side in _at_commas(part):
            if not _is_no_person(side):
                yield from (person for name in _AND.split(side) if _has_a_name(person := _untitled(name)))


def _without_contacts(cell: str) -> str:
    spans = [*emails(cell)]
    if _NUMBER.search(cell):
        spans += [*_RUTS.labelled(cell), *_RUTS.find(cell, bare=True), *phones(cell)]
    for start, end in spans:
        cell = cell[:start] + " " * (end - start) + cell[end:]
    return _LABELS.sub(" ", cell)


def _at_commas(part: str) -> list[str]:
    """What stands between commas, where they part persons, or one from a post, and not the surnames from the names."""
    sides = part.split(",")
    lengths = [len(_words(side)) for side in sides]
    several = min(lengths) >= 2 and (len(sides) > 2 or max(lengths) > 2)
    return sides if several or any(_is_no_person(side) for side in sides) else [part]


def _is_no_person(text: str) -> bool:
    plain = _untitled(text)
    return not _NO_PERSON.isdisjoint(_WORD.findall(plain)) or plain in _COMUNAS or bool(_COMPANY_INITIALS.search(plain))


def _untitled(name: str) -> str:
    plain = " ".join(name.split()).strip(_SIGNS_AROUND)
    return plain[title.end() :] if (title := _TITLES.match(plain)) else plain


def _has_a_name(text: str) -> bool:
    return len(_words(text)) >= 2 and not _FIGURE.search(text)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _PARTICLES]
