"""DA/T 46-2009 metadata of administrative electronic records: the elements M1–M88 and their domains, as tables.

The tables carry what we know of the standard and how surely: ``S`` from a stored source, ``K`` from memory, ``?`` to be verified.
Lengths are limits of this system, not of the standard.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from lantai.core import metadata
from lantai.core.checks.scheme import Domain


@dataclass(frozen=True, slots=True)
class Element:
    """One metadata element.

    ``kind`` is container, composite or simple; ``obligation`` M, C or O; ``condition`` either ``element=value|value`` (evaluated)
    or ``@circumstance`` (told, not evaluated). ``required_from`` is the step of the line from which a value must be there
    (arrival, description, arrangement, archiving; empty: never asked of described metadata); ``kept_in`` says which part of a
    record holds it. ``pattern`` is the usual written form, a regular expression, other forms being remarked on; ``max_length``
    is in characters, 0 for none.
    """

    number: str
    name: str
    code: str
    entity: str
    parent: str
    kind: str
    obligation: str
    condition: str
    is_repeatable: bool
    eep: str
    data_type: str
    domain: str
    pattern: str
    max_length: int
    required_from: str
    kept_in: str
    default: str
    certainty: str
    source: str

    @property
    def english(self) -> str:
        """The English name of the standard."""
        return self.code.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Entity:
    """One of the four entities with the numbers of its first and last element."""

    entity: str
    name: str
    english: str
    first: str
    last: str
    certainty: str
    source: str


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One permitted value, pattern or forbidden value of a domain, with its other spellings."""

    domain: str
    value: str
    aliases: tuple[str, ...]
    rule: str
    is_closed: bool
    certainty: str
    source: str


@cache
def elements() -> tuple[Element, ...]:
    """Return M1–M88 in order."""
    return tuple(_element(row) for row in _rows("elements.csv"))


@cache
def entities() -> tuple[Entity, ...]:
    """Return the four entities."""
    return tuple(Entity(**row) for row in _rows("entities.csv"))


@cache
def by_code() -> Mapping[str, Element]:
    """Return the elements by their snake_case code."""
    return {item.code: item for item in elements()}


@cache
def base() -> tuple[metadata.Element, ...]:
    """Return the elements that hold a value, as the base that an agency's scheme is laid over."""
    groups = {item.number: item.name for item in elements()}
    return tuple(_base(item, groups.get(item.parent, "")) for item in elements() if item.kind != "container")


@cache
def of_entities() -> frozenset[str]:
    """Return the elements that every agent, act and relation must have, and every signature that is described (M58, M61, M62, M64)."""
    kept = {"agents", "events", "relations", "signatures"}
    return frozenset(item.code for item in elements() if item.kept_in in kept and item.obligation in ("M", "C"))


def _base(item: Element, group: str) -> metadata.Element:
    return metadata.Element(
        code=item.code,
        name=item.name,
        number=item.number,
        group=group,
        kept_in=item.kept_in,
        data_type=item.data_type,
        obligation=item.obligation,
        condition=item.condition,
        required_from=item.required_from,
        is_repeatable=item.is_repeatable,
        max_length=item.max_length,
        domain=item.domain,
        pattern=item.pattern,
        default=item.default,
        certainty=item.certainty,
        is_key=item.code in metadata.KEY,
    )


@cache
def domain_rows() -> tuple[DomainRow, ...]:
    """Return every row of the domain table, in order."""
    return tuple(
        DomainRow(row["domain"], row["value"], _split(row["aliases"]), row["rule"], row["closed"] == "yes", row["certainty"], row["source"])
        for row in _rows("domains.csv")
    )


@cache
def domains() -> Mapping[str, Domain]:
    """Return the domains by name, ready for the rules of ``core.checks``."""
    return {name: _domain(name, tuple(rows)) for name, rows in groupby(domain_rows(), key=lambda row: row.domain)}


def _domain(name: str, rows: tuple[DomainRow, ...]) -> Domain:
    spellings = {spelling: row.value for row in rows if row.rule == "value" for spelling in (row.value, *row.aliases)}
    patterns = tuple(re.compile(row.value) for row in rows if row.rule == "pattern")
    forbidden = frozenset(row.value for row in rows if row.rule == "forbidden")
    return Domain(name, rows[0].is_closed, spellings, patterns, forbidden)


def _element(row: dict[str, str]) -> Element:
    values: dict[str, object] = {key: row[key] for key in row if key not in ("repeatable", "max_length")}
    return Element(**values, is_repeatable=row["repeatable"] == "Y", max_length=int(row["max_length"]))  # type: ignore[arg-type]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files(__name__).joinpath(name).read_text(encoding="utf-8").splitlines()))
