"""Values of signatures and of what they cover (GB/T 33190-2016 clause 18)."""

from dataclasses import dataclass
from enum import StrEnum

from lantai.formats.ofd.geometry import Box


@dataclass(frozen=True, slots=True)
class Provider:
    """Who made the signature: component, its version and company."""

    name: str = ""
    version: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One protected file: as written, the entry it means (empty where there is none) and the declared digest (base64)."""

    raw: str
    place: str
    declared: str


@dataclass(frozen=True, slots=True)
class StampAnnot:
    """Where the seal is shown: page by identifier, box on the page and the part shown, in millimetres."""

    id: str
    page_id: str
    boundary: Box | None
    clip: Box | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as declared; nothing here has been verified.

    ``place`` is Signature.xml, whose bytes as stored are the message that is signed; ``value_place`` holds the signed value,
    ``seal_place`` the seal. ``check_method`` (digests) and ``method`` (signature) are names or OIDs as written.
    """

    id: str
    kind: str
    place: str
    provider: Provider = Provider()
    method: str = ""
    signed_at: str = ""
    check_method: str = ""
    references: tuple[Reference, ...] = ()
    stamps: tuple[StampAnnot, ...] = ()
    value_place: str = ""
    seal_place: str = ""
    relative: str = ""
    list_place: str = ""
    document: int = 0


class State(StrEnum):
    """What a signature says about an entry."""

    RIGHT = "listed_right"
    WRONG = "listed_wrong"
    MISSING = "listed_missing"
    UNCHECKED = "listed_unchecked"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class EntryCoverage:
    """One entry: its state, what part of the document it is, and the pages (from 1) it shows on."""

    name: str
    state: State
    part: str = ""
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one signature covers: every entry of the package, and every file listed that is not in it.

    ``algorithm`` is the plain name of the digest, or as written where it is not known.
    """

    signature: str
    algorithm: str
    is_known: bool
    entries: tuple[EntryCoverage, ...] = ()

    def of(self, *states: State) -> tuple[EntryCoverage, ...]:
        """Entries in one of *states*."""
        return tuple(entry for entry in self.entries if entry.state in states)

    @property
    def altered(self) -> tuple[EntryCoverage, ...]:
        """Entries that differ from their digest or are gone."""
        return self.of(State.WRONG, State.MISSING)

    @property
    def altered_pages(self) -> tuple[int, ...]:
        """Pages (from 1) that show something altered."""
        return tuple(sorted({page for entry in self.altered for page in entry.pages}))

    @property
    def digests_valid(self) -> bool | None:
        """True where every listed digest holds, False where one does not, None where nothing is listed or not all could be checked."""
        if self.altered:
            return False
        return None if self.of(State.UNCHECKED) or not self.of(State.RIGHT) else True
