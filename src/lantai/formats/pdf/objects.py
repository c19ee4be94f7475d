"""Objects of a stretch of a PDF, found by their marks and not by the cross-reference table: enough to compare two revisions.

The text of an object is everything before its stream, white space made one space. Every version of a number is kept, in the
order of the file; objects in object streams (ISO 32000-2 7.5.7) are found unless they are encrypted.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

_INFLATED = 8 * 1024**2
_MOST = 200_000
_BEFORE_OBJ = re.compile(rb"(?<![0-9])(\d{1,10})\s+\d{1,5}\s+$")
_BEFORE_R = re.compile(rb"(?<![0-9])(\d{1,10}) \d{1,5}$")
_WORD = re.compile(rb"\w")
_LOOK_BACK = 64  # numbers and the space between them, before the word that makes them an object or a reference
_STREAM = re.compile(rb"stream\r?\n")
_PACKED = re.compile(rb"/Type ?/ObjStm\b")
_FIRST = re.compile(rb"/First (\d{1,8})")
_BRACKETS = re.compile(rb"<<|>>|\[|\]")


@dataclass(frozen=True, slots=True)
class Body:
    """One version of an object: its text before any stream, and all its bytes."""

    text: bytes
    whole: bytes

    @property
    def references(self) -> list[int]:
        """Numbers of the objects it names."""
        return references(self.text)


@dataclass(slots=True)
class Objects:
    """Objects by number, each with all its versions, the last in force."""

    bodies: dict[int, list[Body]] = field(default_factory=dict)
    _referrers: dict[int, set[int]] | None = None

    def last(self, number: int) -> Body | None:
        """Return the version in force; None where there is none."""
        return self.bodies[number][-1] if number in self.bodies else None

    @property
    def referrers(self) -> dict[int, set[int]]:
        """For each number the objects that name it, made once."""
        if self._referrers is None:
            self._referrers = {}
            for number, bodies in self.bodies.items():
                for other in bodies[-1].references:
                    self._referrers.setdefault(other, set()).add(number)
        return self._referrers


def pattern(raw: str) -> re.Pattern[bytes]:
    """Compile a pattern over the text of objects."""
    return re.compile(raw.encode("ascii"))


def references(text: bytes) -> list[int]:
    """Return the numbers of the objects that *text* names; its white space is one space each.

    The word R is looked for first and the numbers before it afterwards: values of signatures are long strings of digits.
    """
    parts = text.split(b" R")
    matches = (_BEFORE_R.search(part[-_LOOK_BACK:]) for part, rest in pairwise(parts) if not _WORD.match(rest))
    return [int(match[1]) for match in matches if match]


def read(data: bytes) -> Objects:
    """Find the objects of *data*."""
    found = Objects()
    marks = list(islice(_marks(data), _MOST))
    limits = [*(start for _, start, _ in marks[1:]), len(data)]
    for (number, _, opened), limit in zip(marks, limits, strict=False):
        end = data.find(b"endobj", opened, limit)
        whole = data[opened : end if end >= 0 else limit]
        opening = _STREAM.search(whole)
        body = Body(_tidy(whole[: opening.start()] if opening else whole), whole)
        found.bodies.setdefault(number, []).append(body)
        if opening and _PACKED.search(body.text):
            _unpack(body.text, whole[opening.end() :], found)
    return found


def _marks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each ``n g obj``; the word is looked for first, and the numbers before it."""
    at = data.find(b"obj")
    while at >= 0:
        is_whole = data[at - 1 : at].isspace() and not _WORD.match(data, at + 3)
        match = _BEFORE_OBJ.search(data[max(0, at - _LOOK_BACK) : at]) if is_whole else None
        if match:
            yield int(match[1]), max(0, at - _LOOK_BACK) + match.start(), at + 3
        at = data.find(b"obj", at + 3)


def _tidy(text: bytes) -> bytes:
    return b" ".join(text.split())


def _unpack(text: bytes, stream: bytes, found: Objects) -> None:
    first = _FIRST.search(text)
    try:
        data = zlib.decompressobj().decompress(stream, _INFLATED) if b"/FlateDecode" in text else stream
        start = int(first[1]) if first else 0
        numbers = [int(word) for word in data[:start].split()]
    except (zlib.error, ValueError):
        return
    places = [*numbers[1::2], len(data) - start]
    for number, (at, until) in zip(numbers[::2], pairwise(places), strict=False):
        body = data[start + at : start + until]
        found.bodies.setdefault(number, []).append(Body(_tidy(body), body))


def without(text: bytes, *keys: bytes) -> list[bytes]:
    """Return what *text* says but for the values of *keys*, in an order that does not matter."""
    for key in keys:
        text = _without(text, b"/" + key)
    return sorted(part.strip() for part in text.split(b"/"))


def _without(text: bytes, key: bytes) -> bytes:
    match = re.search(re.escape(key) + rb"(?![A-Za-z])", text)
    if match is None:
        return text
    return text[: match.start()] + text[_end_of_value(text, match.end()) :]


def _end_of_value(text: bytes, at: int) -> int:
    """Return where the value that starts at *at* ends: a bracketed one by its brackets, any other before the next key."""
    depth, rest = 0, text[at:].lstrip()
    at = len(text) - len(rest)
    if not rest.startswith((b"<<", b"[")):
        ends = [place for place in (text.find(b"/", at + 1), text.find(b">>", at)) if place >= 0]
        return min(ends, default=len(text))
    for match in _BRACKETS.finditer(text, at):
        depth += 1 if match[0] in (b"<<", b"[") else -1
        if not depth:
            return match.end()
    return len(text)
