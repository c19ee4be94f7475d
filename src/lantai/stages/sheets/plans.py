"""What a sheet would do, as it is kept beside the sheet: one line a record that changes, one a row that is wrong, read page by page.

The plan is derived from the sheet and may be made again; once it is shown, it is what the person agrees to, known by its digest.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Self

from lantai.core.errors import Refusal
from lantai.ports.durability import make_durable

PAGE = 100
CHANGES, WRONG = "changes", "wrong"
_SUMMARY = "plan.json"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet: its number, the record and its version and title; the cells that would change as (heading, before, after), or
    why the row cannot be taken (``reason``)."""

    row: int
    record_id: str
    version: int
    title: str
    cells: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much a sheet would do: rows read, records and cells that change, rows that are wrong; ``sha256`` is that of the changes.

    ``offsets`` says where every hundredth line of either list begins.
    """

    rows: int
    records: int
    cells: int
    wrong: int
    sha256: str
    offsets: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a list: the place of the first, and how many there are in all."""

    lines: tuple[Line, ...]
    first: int
    total: int

    @property
    def last(self) -> int:
        """The place of the last line, counted from 1."""
        return self.first + len(self.lines)


class Writer:
    """Writes a plan beside the sheet in *folder*; nothing counts before :meth:`close`, so a run that dies leaves none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._streams: dict[str, BinaryIO] = {}
        self._counts = {CHANGES: 0, WRONG: 0}
        self._offsets: dict[str, list[int]] = {CHANGES: [], WRONG: []}
        self._cells, self._digest = 0, sha256()

    def __enter__(self) -> Self:
        self._streams = {name: (self._folder / f"{name}.jsonl").open("wb") for name in self._counts}
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams.values():
            stream.close()

    def add(self, line: Line) -> None:
        """Write a line to the list that it belongs to."""
        name = WRONG if line.reason else CHANGES
        values = (line.row, line.record_id, line.version, line.title, line.cells, line.reason)
        said = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
        stream = self._streams[name]
        if self._counts[name] % PAGE == 0:
            self._offsets[name].append(stream.tell())
        stream.write(said)
        self._counts[name] += 1
        self._cells += len(line.cells)
        if name == CHANGES:
            self._digest.update(said)

    def close(self, rows: int) -> Plan:
        """Make the plan durable and return it."""
        self.__exit__()
        made = Plan(rows, self._counts[CHANGES], self._cells, self._counts[WRONG], self._digest.hexdigest(), self._offsets)
        aside = self._folder / f"{_SUMMARY}.part"
        aside.write_text(json.dumps(asdict(made)), encoding="utf-8")
        make_durable(self._folder)
        aside.replace(self._folder / _SUMMARY)
        return made


def load(folder: Path) -> Plan:
    """Return the plan in *folder*. Raises Refusal SHEET-GONE where there is none."""
    try:
        return Plan(**json.loads((folder / _SUMMARY).read_bytes()))
    except FileNotFoundError as problem:
        raise Refusal("SHEET-GONE") from problem


def page(folder: Path, plan: Plan, name: str, first: int) -> Page:
    """Return a page of a list, from the hundred that *first* lies in. Raises Refusal SHEET-GONE."""
    total = plan.wrong if name == WRONG else plan.records
    at = min(first, max(0, total - 1)) // PAGE
    if not total:
        return Page((), 0, 0)
    with _opened(folder, name) as stream:
        stream.seek(plan.offsets[name][at])
        lines = tuple(_line(stream.readline()) for _ in range(min(PAGE, total - at * PAGE)))
    return Page(lines, at * PAGE, total)


def changes(folder: Path, plan: Plan) -> Iterator[Line]:
    """Yield every change. Raises Refusal SHEET-GONE where they are not those that were shown."""
    with _opened(folder, CHANGES) as stream:
        digest = sha256()
        for said in stream:
            digest.update(said)
        if digest.hexdigest() != plan.sha256:
            raise Refusal("SHEET-GONE")
        stream.seek(0)
        yield from map(_line, stream)


def _opened(folder: Path, name: str) -> BinaryIO:
    try:
        return (folder / f"{name}.jsonl").open("rb")
    except FileNotFoundError as problem:
        raise Refusal("SHEET-GONE") from problem


def _line(said: bytes) -> Line:
    row, record_id, version, title, cells, reason = json.loads(said.decode("utf-8", "surrogatepass"))
    pairs: list[Any] = cells
    return Line(row, record_id, version, title, tuple((heading, before, after) for heading, before, after in pairs), reason)
