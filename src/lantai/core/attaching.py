"""Which catalogue row a file belongs to 挂接: by its digest, by the code or document number or title that its name says.

The surest sign counts alone: where a digest tells, names are not asked. Several rows with the same sign are all candidates, for a person.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lantai.core import identity
from lantai.core.text import normalise

WAYS = {"digest": "摘要", "code": "档号", "number": "文号", "title": "题名"}
_LOUD = re.compile(r"[^0-9A-Za-z一-鿿]")
_FIRST_WORD = re.compile(r"^[^\s_（(]+")


@dataclass(frozen=True, slots=True)
class Offer:
    """Files that came without a description: a key, the names they go by (file and folders, no extension), their digests in hex."""

    key: str
    names: tuple[str, ...]
    digests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanting:
    """A catalogue row without files: its codes, document number, title, and digests that it tells in hex."""

    key: str
    codes: tuple[str, ...] = ()
    number: str = ""
    title: str = ""
    digests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that an offer may belong to, and by which sign; no rows where none was found."""

    offer: str
    way: str = ""
    rows: tuple[str, ...] = ()


def match(offers: Iterable[Offer], wanting: Iterable[Wanting]) -> list[Found]:
    """Return for every offer, in order, the rows it may belong to."""
    known: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in wanting:
        for sign in dict.fromkeys(_signs_of(row)):
            known[sign].append(row.key)
    return [_find(offer, known) for offer in offers]


def _find(offer: Offer, known: dict[tuple[str, str], list[str]]) -> Found:
    for way in WAYS:
        rows = dict.fromkeys(key for sign in _signs(offer, way) for key in known.get((way, sign), ()))
        if rows:
            return Found(offer.key, way, tuple(rows))
    return Found(offer.key)


def _signs_of(row: Wanting) -> Iterator[tuple[str, str]]:
    yield from (("digest", digest) for digest in row.digests)
    yield from (("code", _squeezed(code)) for code in row.codes if _squeezed(code))
    if number := identity.number_key(row.number):
        yield "number", number
    if title := normalise(row.title):
        yield "title", title


def _signs(offer: Offer, way: str) -> Sequence[str]:
    if way == "digest":
        return sorted(offer.digests)
    names = [part for name in offer.names for part in (name, *_FIRST_WORD.findall(name)) if part]
    if way == "code":
        return [_squeezed(name) for name in names]
    return [identity.number_key(name) if way == "number" else normalise(name) for name in names]


def _squeezed(code: str) -> str:
    """Return a code without what file names cannot hold or write otherwise: only letters, digits and Han characters count."""
    return _LOUD.sub("", code).upper()
