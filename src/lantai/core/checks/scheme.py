"""A scheme 检测方案: which items a gate runs, how much each weighs, and the tables the rules read. Built by ``standards.da_t_70``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lantai.core.checks.outcomes import Gate, Property, Weight
from lantai.core.findings import Finding

WHOLE = 100


class Mode(StrEnum):
    """Who carries out an item: the machine alone, the machine and then a person, or a person alone."""

    AUTOMATIC = "automatic"
    ASSISTED = "assisted"
    MANUAL = "manual"


MODE_NAMES: dict[Mode, str] = {Mode.AUTOMATIC: "自动", Mode.ASSISTED: "人机结合", Mode.MANUAL: "人工"}


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One item at one gate. ``number`` is its place in the standard (``1.08``); ``certainty`` S, K or ? (printed 待核).

    ``method`` is the standard's (A, A/H, H, M, M/H) or follows ``mode`` where the agency chose one. ``share`` is how many records
    in a hundred a person looks at where the mode asks for one. What is not ``is_overrulable`` no two persons can let pass.
    """

    number: str
    id: str
    code: str
    name: str
    property: Property
    method: str
    severity: Weight
    level: str
    is_enabled: bool
    certainty: str
    mode: Mode = Mode.AUTOMATIC
    share: int = WHOLE
    is_overrulable: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """Permitted values of an element. ``canonical`` maps every accepted spelling to the value kept; patterns admit the rest.

    A closed domain fails what it does not know, an open one remarks on it.
    """

    name: str
    is_closed: bool
    canonical: Mapping[str, str]
    patterns: tuple[re.Pattern[str], ...] = ()
    forbidden: frozenset[str] = frozenset()

    def admits(self, value: str) -> bool:
        """Tell whether *value* belongs to the domain."""
        return value in self.canonical or any(pattern.fullmatch(value) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What a scheme asks of one metadata element. ``max_length`` 0 means no limit, ``data_type`` text, date, year, integer or instant.

    A value outside ``pattern`` fails where ``is_strict`` (the agency's own), else it is remarked on (an unusual form).
    """

    code: str
    label: str
    data_type: str = "text"
    max_length: int = 0
    domain: Domain | None = None
    pattern: re.Pattern[str] | None = None
    is_repeatable: bool = False
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An element that is asked for only where another has one of some values (M39 where M38 is a secret level).

    ``values`` of ``*`` alone mean any value; an ``other`` that begins with ``@`` is a circumstance of the record.
    """

    element: str
    other: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class FormatRule:
    """A family of formats, how it is recognised, and whether the gate accepts it.

    ``is_refused`` marks what may never come in, ``is_lasting`` what may be kept for long as it is; ``target`` is what to convert
    the rest to, in words.
    """

    name: str
    extensions: frozenset[str]
    puids: frozenset[str]
    mimes: frozenset[str]
    is_accepted: bool
    is_refused: bool = False
    family: str = ""
    is_lasting: bool = True
    target: str = ""


@dataclass(frozen=True, slots=True)
class FormatPolicy:
    """The format table of a gate, looked up by PUID first, then media type, then extension."""

    by_puid: Mapping[str, FormatRule]
    by_mime: Mapping[str, FormatRule]
    by_extension: Mapping[str, FormatRule]
    without_signature: Mapping[str, FormatRule]
    mute_mimes: frozenset[str]

    def of(self, puid: str, mime: str, name: str) -> FormatRule | None:
        """Return the family of what the bytes are, or None where the table does not know them.

        The extension counts only for families that have no signature (plain text, CSV …).
        """
        if puid in self.by_puid:
            return self.by_puid[puid]
        if mime not in self.mute_mimes:
            return self.by_mime.get(mime)
        return None if puid else self.without_signature.get(extension(name))

    def named(self, text: str) -> FormatRule | None:
        """Return the family that a declared format names: a PUID, a media type, an extension or a plain name such as ``PDF 1.7``."""
        word = text.strip().lower()
        found = self.by_puid.get(word) or self.by_mime.get(word) or self.by_extension.get(word.lstrip("."))
        head = re.match(r"[a-z0-9]+", word)
        return found or (self.by_extension.get(head.group()) if head else None)


@dataclass(frozen=True, slots=True)
class Process:
    """The acts that a kind of handling must show, in order; ``tells`` are acts by which the kind is recognised."""

    direction: str
    activities: tuple[str, ...]
    tells: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The tables the rules read.

    ``is_before_arrangement`` holds where neither numbering nor description has been: on arrival, and for a path that no store
    knows. ``required`` are the elements this gate asks for; ``duplicate_kinds`` maps a kind to its finding's code and Chinese label;
    ``finding_items`` sends coded findings of reading to the items they speak about, to the second where the first is not run;
    ``kept_acts`` are what the archives itself must have done by this gate (2-5); ``dangers`` are prefixes of codes that nobody may
    overrule. ``needs_fixity`` asks for a digest or a signature of every record (1-1), ``drawn_share`` is how many records in a hundred
    have their first and last pages drawn (3-4), ``slowest_mb_per_s`` what a carrier must give (4-4).
    ``of_entities`` are the elements that every agent, act, relation and signature must have.
    """

    is_before_arrangement: bool
    elements: Mapping[str, ElementRule]
    required: tuple[str, ...]
    conditions: tuple[Condition, ...]
    formats: FormatPolicy
    processes: tuple[Process, ...]
    duplicate_kinds: Mapping[str, tuple[str, str]]
    finding_items: tuple[tuple[str, str, str], ...]
    weak_algorithms: frozenset[str]
    earliest_year: int
    most_pages: int
    secrecy_years: Mapping[str, int]
    kept_acts: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    needs_fixity: bool = False
    drawn_share: int = 0
    slowest_mb_per_s: int = 0
    of_entities: frozenset[str] = frozenset()

    def items_of(self, code: str) -> tuple[str, ...]:
        """Return the item numbers that a finding's code belongs to, best first (longest prefix wins); none where the table is silent."""
        hits = [row for row in self.finding_items if code.startswith(row[0])]
        return tuple(number for number in max(hits, key=lambda hit: len(hit[0]))[1:] if number) if hits else ()

    def is_dangerous(self, findings: Iterable[Finding]) -> bool:
        """Tell whether any of *findings* is of those that nobody may let pass (a virus, a program, a mark of secrecy)."""
        return any(item.code.startswith(self.dangers) for item in findings)

    def label(self, element: str) -> str:
        """Return the Chinese name of an element, or its key where the table does not know it."""
        rule = self.elements.get(element)
        return rule.label if rule else element


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """All items of one gate, in the standard's order, and the tables they read; made once and kept."""

    gate: Gate
    version: str
    items: tuple[ItemSpec, ...]
    parameters: Parameters


def extension(name: str) -> str:
    """Return the extension of a file name in lower case, without its dot; empty where it has none."""
    head, dot, tail = name.rpartition(".")
    return tail.lower() if dot and head and "/" not in tail else ""
