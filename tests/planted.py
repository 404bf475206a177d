"""Secrets in 47 spellings, and harmless look-alikes, for tests to plant. The same for the same seed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Secret:
    """A personal datum as it is planted. before: words around it that stay; plain: other ways it must not appear in."""

    spelling: str
    before: str
    text: str
    plain: tuple[str, ...]


def digit(number: int) -> str:
    """The verifying digit of a RUT, by the table of remainders: another way than the one under test."""
    weights = (2, 3, 4, 5, 6, 7, 2, 3)
    total = sum(int(figure) * weight for figure, weight in zip(reversed(str(number)), weights, strict=False))
    return "0K987654321"[total % 11]


def dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


# By name: what comes before it, and how number and digit are written.
RUT_SPELLINGS: dict[str, tuple[str, Callable[[int, str], str]]] = {
    "dotted": ("", lambda n, d: f"{dotted(n)}-{d}"),
    "plain": ("", lambda n, d: f"{n}-{d}"),
    "bare": ("", lambda n, d: f"{n}{d}"),
    "label_dotted": ("RUT: ", lambda n, d: f"{dotted(n)}-{d.lower()}"),
    "label_bare": ("R.U.N. Nº ", lambda n, d: f"{n}{d}"),
    "label_glued": ("", lambda n, d: f"{n}-{d}"),
    "commas": ("", lambda n, d: f"{n:,}-{d}"),
    "blanks": ("", lambda n, d: f"{dotted(n).replace('.', ' ')} - {d}"),
    "blank_digit": ("", lambda n, d: f"{dotted(n)} {d}"),
    "no_dash": ("", lambda n, d: f"{dotted(n)}{d}"),
    "zeros": ("", lambda n, d: f"0{n}-{d}"),
    "slash": ("", lambda n, d: f"{dotted(n)}/{d}"),
    "underscore": ("", lambda n, d: f"{n}_{d}"),
    "spoken_dash": ("", lambda n, d: f"{n} guion {d}"),
    "brackets": ("", lambda n, d: f"{dotted(n)} ({d})"),
    "odd_dots": ("", lambda n, d: f"{str(n)[:-2]}.{str(n)[-2:]}-{d}"),
    "dashed_groups": ("", lambda n, d: f"{dotted(n).replace('.', '-')}-{d}"),
    "underscores": ("", lambda n, d: f"{dotted(n).replace('.', '_')}_{d}"),
    "backslash": ("", lambda n, d: f"{n}\\{d}"),
    "semicolon": ("", lambda n, d: f"{dotted(n)};{d}"),
    "closing_bracket": ("titular (", lambda n, d: f"{n})-{d}"),
    "two_lines": ("", lambda n, d: f"{dotted(n)[:-3]}\n{n % 1000:03d}-{d}"),
    "soft_hyphen": ("", lambda n, d: f"{dotted(n)}\u00ad{d}"),
    "entities": ("", lambda n, d: f"{dotted(n).replace('.', '&#46;')}&ndash;{d}"),
    "figure_dash": ("", lambda n, d: f"{dotted(n)}\u2012{d}"),
    "minus": ("", lambda n, d: f"{n}\u2212{d}"),
    "full_width": ("", lambda n, d: f"{_wide(dotted(n))}－{_wide(d)}"),
    "zero_width": ("", lambda n, d: f"{str(n)[:2]}\u200b{str(n)[2:]}\u2060-{d}"),
}
EMAIL_SPELLINGS: dict[str, Callable[[str, str], str]] = {
    "email": lambda user, host: f"{user}@{host}",
    "email_capitals": lambda user, host: f"{user}@{host}".upper(),
    "email_blanks": lambda user, host: f"{user} @ {host}",
    "email_at": lambda user, host: f"{user} [at] {host}",
    "email_item": lambda user, host: f"{user}(a){host}",
    "email_spoken": lambda user, host: f"{user} arroba {host.replace('.', ' punto ')}",
}
PHONE_SPELLINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "phone_country": ("", lambda p: f"+56 9 {p[:4]} {p[4:]}"),
    "phone_together": ("", lambda p: f"+569{p}"),
    "phone_brackets": ("", lambda p: f"(+56) 9 {p[:4]}-{p[4:]}"),
    "phone_mobile": ("", lambda p: f"9 {p[:4]} {p[4:]}"),
    "phone_threes": ("", lambda p: f"9{p[:2]} {p[2:5]} {p[5:]}"),
    "phone_country_in_brackets": ("", lambda p: f"(56-2) {p[:4]} {p[4:]}"),
    "phone_bare": ("llamar al ", lambda p: f"9{p}"),
    "phone_label": ("fono ", lambda p: f"2{p}"),
}
NAME_SPELLINGS: dict[str, Callable[[str], str]] = {
    "name": lambda name: name,
    "name_capitals": lambda name: name.upper(),
    "name_two_lines": lambda name: name.replace(" ", "  \n"),
    "name_file": lambda name: name.replace(" ", "_"),
    "name_surname_first": lambda name: f"{name.split(' ', 1)[1]}, {name.split()[0]}",
}
SPELLINGS = [*RUT_SPELLINGS, *EMAIL_SPELLINGS, *PHONE_SPELLINGS, *NAME_SPELLINGS]

# In file names: no slash, no line.
IN_FILE_NAMES = ("dotted", "plain", "bare", "email", "name", "name_file", "phone_together", "underscore")


class Planter:
    """Draws secrets and look-alikes. names: of people that closed columns of the same run hold; several words each."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = names
        self._random = random.Random(seed)

    def secret(self, spelling: str) -> Secret:
        """A new secret in that spelling."""
        if spelling in RUT_SPELLINGS:
            return self._rut(spelling)
        if spelling in EMAIL_SPELLINGS:
            user, host = f"vecina.{self._random.randrange(10**8)}", "correo-vecinal.cl"
            return Secret(spelling, "", EMAIL_SPELLINGS[spelling](user, host), (f"{user}@{host}", user))
        if spelling in PHONE_SPELLINGS:
            before, write = PHONE_SPELLINGS[spelling]
            figures = f"{self._random.randrange(2, 10)}{self._random.randrange(10**7):07d}"
            return Secret(spelling, before, write(figures), (f"9{figures}", f"2{figures}"))
        name = self._random.choice(self._names)
        return Secret(spelling, "", NAME_SPELLINGS[spelling](name), (name,))

    def _rut(self, spelling: str) -> Secret:
        before, write = RUT_SPELLINGS[spelling]
        number = self._random.randrange(5_000_000, 30_000_000)
        dv = digit(number)
        if spelling == "brackets" and dv == "K":
            number, dv = 16_067_432, "6"
        text = write(number, dv)
        return Secret(spelling, before, text, (f"{number}-{dv}", f"{dotted(number)}-{dv}", f"{number}{dv}"))

    def look_alike(self) -> str:
        """A harmless phrase that looks like a personal datum."""
        choose, below = self._random.choice, self._random.randrange
        company = below(50_000_000, 100_000_000)
        before, write = choose(list(RUT_SPELLINGS.values()))
        person_like = below(1_000_000, 30_000_000)
        bare = f"{person_like}{digit(person_like)}".replace("K", "0")
        day, month, year = below(1, 29), below(1, 13), below(2015, 2026)
        return choose(
            (
                lambda: f"empresa {before}{write(company, digit(company))}",
                lambda: f"$ {dotted(below(10**6, 10**9))}",
                lambda: f"M$ {dotted(below(10**4, 10**7))}",
                lambda: f"monto de {bare}",
                lambda: f"{bare} pesos",
                lambda: f"{dotted(person_like)} habitantes",
                lambda: f"factura N° {bare}",
                lambda: f"folio {bare}",
                lambda: f"resolución exenta {bare}",
                lambda: f"decreto {below(1, 9999)} de {year}",
                lambda: f"acuerdo {below(1, 999)}/{year}",
                lambda: f"convenio {below(100, 999)}-{below(1, 9)}",
                lambda: f"iniciativa {below(30_000_000, 50_000_000)}-{below(0, 10)}",
                lambda: f"iniciativa {year % 100}{below(10, 99)}SC{below(1000, 9999)}",
                lambda: f"licitación {below(10**5, 10**7)}-{below(1, 99)}-LP{year % 100}",
                lambda: f"orden {below(1000, 9999)}-{below(1, 999)}-SE{year % 100}",
                lambda: f"el {day:02d}-{month:02d}-{year}",
                lambda: f"el {year}{month:02d}{day:02d}",
                lambda: f"años {year} {year + 1}",
                lambda: f"punto -33.{below(10**6):06d}, -70.{below(10**6):06d}",
            )
        )()
