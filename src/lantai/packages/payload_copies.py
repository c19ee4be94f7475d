"""Payloads beside the log, so that a rebuild misses none of those that came after the last state package (docs/design/ledger-format.md).

::

    ledger/payloads/permanent/000000.lines    position, salt, body of an event a line, 4,096 positions a file
    ledger/payloads/personal/000002.lines     until a state package holds them, or their period is over

Nothing rests on these files: each line is held against the digest in the log before it is believed, and a torn one is no line.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from lantai.core.events import PayloadClass

FOLDER = "payloads"
WIDTH = 4096
KINDS = tuple(kind.value for kind in PayloadClass)
#: The classes that must be able to go: they lie here only as long as nothing else brings them back.
PASSING = tuple(kind.value for kind in PayloadClass if kind is not PayloadClass.PERMANENT)


class Copy(NamedTuple):
    """A payload: position and class of its event, salt in hex, body."""

    position: int
    kind: str
    salt: str
    body: str


@dataclass(frozen=True, slots=True)
class PayloadCopies:
    """The copies below *root*. Whoever writes is the only one who does (the sealer)."""

    root: Path

    def append(self, copies: Iterable[Copy]) -> None:
        """Write copies behind those that are there, not yet durable; what an earlier run wrote from the first position on goes."""
        ordered = sorted(copies, key=lambda item: (item.kind, item.position))
        for (kind, segment), found in groupby(ordered, key=lambda item: (item.kind, item.position // WIDTH)):
            part = list(found)
            place = self._place(kind, segment)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _cut(place, part[0].position)
            with place.open("ab") as stream:
                stream.writelines(line_of(item.position, item.salt, item.body) for item in part)

    def all(self) -> Iterator[Copy]:
        """Yield every line that can be read; whether it is true is for the digest to say."""
        for kind in KINDS:
            for place in self._files(kind):
                yield from _read(place, kind)

    def drop(self, kind: str, first: int, last: int, kept: Callable[[int], bool]) -> None:
        """Drop the lines of a class between two positions but for those to be *kept*."""
        for segment in range(first // WIDTH, last // WIDTH + 1):
            _keep(self._place(kind, segment), lambda position: not first <= position <= last or kept(position))

    def settle(self, size: int) -> None:
        """Drop what may have to go and is held elsewhere now: whole files of positions below *size*."""
        for kind in PASSING:
            for place in self._files(kind):
                if (int(place.stem) + 1) * WIDTH <= size:
                    place.unlink(missing_ok=True)

    def segments(self, kind: str) -> list[int]:
        """Return the numbers of the files of a class, in order."""
        return [int(path.stem) for path in self._files(kind)]

    def content(self, kind: str, segment: int) -> bytes:
        """Return the bytes of a file. Raises OSError."""
        return self._place(kind, segment).read_bytes()

    def clear(self) -> None:
        """Remove every file, to be written anew."""
        for kind in KINDS:
            for place in self._files(kind):
                place.unlink(missing_ok=True)

    def _place(self, kind: str, segment: int) -> Path:
        return self.root / kind / f"{segment:06d}.lines"

    def _files(self, kind: str) -> list[Path]:
        return sorted(path for path in (self.root / kind).glob("*.lines") if path.stem.isdigit())


def line_of(position: int, salt: str, body: str) -> bytes:
    """Return the line of a payload."""
    return f"{position} {salt} {body}\n".encode("utf-8", "surrogatepass")


def _cut(place: Path, position: int) -> None:
    """Let a file end with a whole line of a lower position, as it nearly always does."""
    content = place.read_bytes() if place.exists() else b"\n"
    if not content.endswith(b"\n") or _position(content[:-1].rpartition(b"\n")[2]) >= position:
        _keep(place, lambda known: known < position)


def _keep(place: Path, is_kept: Callable[[int], bool]) -> None:
    """Write a file anew with the whole lines whose positions are kept; one that keeps none goes."""
    try:
        lines = place.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return
    kept = [line for line in lines if (position := _position(line)) >= 0 and is_kept(position)]
    if not kept:
        place.unlink(missing_ok=True)
    elif len(kept) < len(lines) or not place.read_bytes().endswith(b"\n"):
        aside = place.with_name(f".{place.name}.{os.getpid()}.new")
        aside.write_bytes(b"".join(line + b"\n" for line in kept))
        aside.replace(place)


def _position(line: bytes) -> int:
    told = line.partition(b" ")[0]
    return int(told) if told.isdigit() else -1


def _read(place: Path, kind: str) -> Iterator[Copy]:
    for line in place.read_bytes().split(b"\n")[:-1]:
        told, _, rest = line.partition(b" ")
        salt, _, body = rest.partition(b" ")
        if told.isdigit() and salt:
            yield Copy(int(told), kind, salt.decode("ascii", "replace"), body.decode("utf-8", "replace"))
