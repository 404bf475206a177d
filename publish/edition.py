"""What the metadata of a release are made from: who publishes, which datasets, which files."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from publish.catalog import Dataset


@dataclass(frozen=True)
class Publisher:
    """Who publishes, and where. Settings of the institution.

    base_url: the address of the releases folder as the public reaches it, without a slash at its end. contact_url: a
    page, since an e-mail address is a person's data as easily as an office's. oc4ids_prefix: of the projects' ids; the
    Open Contracting Partnership gives one to each publisher on request, and the default is nobody's.
    """

    base_url: str = "https://bodega.example"
    name: str = "Gobierno de Santiago (Gobierno Regional Metropolitano)"
    url: str = "https://www.gobiernosantiago.cl"
    contact_name: str = "Unidad de Transparencia"
    contact_url: str = "https://www.gobiernosantiago.cl"
    oc4ids_prefix: str = "oc4ids-xxxxxx"


# The form of a prefix, in words.
OC4IDS_PREFIX = "oc4ids- and six lower-case letters or digits"


def is_oc4ids_prefix(text: str) -> bool:
    """Whether it is of the form of the prefixes that publishers are given."""
    return re.fullmatch(r"oc4ids-[a-z0-9]{6}", text) is not None


@dataclass(frozen=True)
class FileEntry:
    """A file of the release's folder. sha256: in hexadecimal. rows: those of its dataset that it holds."""

    name: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Carried:
    """The version that a dataset keeps because the new one could not be published.

    since: the cut-off date of the release that the version comes from. reason: in Spanish, why there is no newer one.
    """

    release: str
    since: date
    reason: str

    def said(self) -> dict[str, str]:
        """As the manifest and the quality report say it."""
        return {"publicacion": self.release, "fecha_corte": self.since.isoformat(), "motivo": self.reason}


@dataclass(frozen=True)
class Part:
    """A dataset in a release. carried: None where it is new.

    received: when the newest file that its rows depend on came, UTC.
    """

    dataset: Dataset
    rows: int
    files: tuple[FileEntry, ...]
    received: datetime
    carried: Carried | None = None


@dataclass(frozen=True)
class Edition:
    """A release as its metadata describe it. cut_off: how far its data reach."""

    id: str
    cut_off: date
    publisher: Publisher
    parts: tuple[Part, ...]

    @property
    def received(self) -> datetime:
        """When the newest file of all that the release depends on came, UTC: no clock of a run gets into a release."""
        return max(part.received for part in self.parts)

    def address(self, file: str) -> str:
        """Where a file of this very release stays for ever."""
        return f"{self.publisher.base_url}/{self.id}/{file}"

    def stable_address(self, file: str) -> str:
        """Where the newest version of a file is always found."""
        return f"{self.publisher.base_url}/latest/{file}"
