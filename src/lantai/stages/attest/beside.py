"""Payloads beside the log: a rebuild rests on them for what came after the last state package, so each line must be what was sealed,
and each that must be there is.

The walk hands over the rows of the database as it reads them. A file that is, byte for byte, what they make is not looked at further.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from lantai.core.errors import Refusal
from lantai.core.events import EVENTS
from lantai.core.evidence import payload_digest
from lantai.core.findings import Finding, finding
from lantai.packages import table_package
from lantai.packages.payload_copies import FOLDER, KINDS, PASSING, WIDTH, line_of
from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.stages.recover import state

_NAMED = 5


class Beside:
    """The files of payloads against the first *size* events. ``problems`` is whole after :meth:`finish`."""

    def __init__(self, house: House, size: int) -> None:
        self.problems: list[Finding] = []
        self._house, self._size = house, size
        self._copies = log.copies(house.data)
        self._segment = 0
        self._lines: dict[str, list[str]] = {kind: [] for kind in KINDS}

    def take(self, rows: Sequence[log.Row]) -> None:
        """Take the rows of positions that follow those before; they do not reach beyond one file."""
        if rows and rows[0].position // WIDTH != self._segment:
            self._compare()
            self._segment = rows[0].position // WIDTH
        for kind, lines in self._lines.items():  # by place in the row: a name costs a tenth of verifying the ledger
            lines += [f"{row[0]} {row[5]} {row[6]}\n" for row in rows if row[7] == kind and row[6] is not None]

    def finish(self) -> list[Finding]:
        """Compare the last file, and whatever lies beyond it; return what is wrong."""
        self._compare()
        for kind in KINDS:
            for segment in self._copies.segments(kind):
                if segment > self._segment:
                    self._judge(kind, segment)
        return self.problems

    def _compare(self) -> None:
        for kind, lines in self._lines.items():
            if self._read(kind, self._segment) != "".join(lines).encode("utf-8", "surrogatepass"):
                self._judge(kind, self._segment)
            lines.clear()

    def _read(self, kind: str, segment: int) -> bytes:
        try:
            return self._copies.content(kind, segment)
        except OSError:
            return b""  # what must be there is then missed

    def _judge(self, kind: str, segment: int) -> None:
        """Name the lines of a file that are not what was sealed, and those that must be there and are not.

        The file is read before the rows: a line stands there only after its event, and is taken out only after its payload.
        """
        content = self._read(kind, segment)
        rows = {row.position: row for row in log.rows(segment * WIDTH, WIDTH)}
        *lines, torn = content.split(b"\n")
        lost = range(segment * WIDTH, min((segment + 1) * WIDTH, self._size))
        true, wrong = _held(lines, rows, kind, lost)
        if torn and not any(_line(row, kind).startswith(torn) for row in rows.values() if row.position >= self._size):
            wrong.append("末行不完整")
        where = f"ledger/{FOLDER}/{kind}/{segment:06d}.lines"
        if wrong:
            self.problems.append(finding("LEDGER-COPY-ALTERED", where, reason=_some(wrong)))
        wanted = {row.position for row in rows.values() if row.position < self._size and _kind(row) == kind and row.body is not None}
        missing = sorted(wanted - true)
        if missing and not (kind in PASSING and (segment + 1) * WIDTH <= _in_package(self._house)):
            self.problems.append(finding("LEDGER-COPY-MISSING", where, reason=_some([f"第 {position} 条" for position in missing])))


def _held(lines: Sequence[bytes], rows: Mapping[int, log.Row], kind: str, lost: range) -> tuple[set[int], list[str]]:
    """Return the positions whose line is what was sealed, and what is to be said of the other lines.

    That a sealed event of the positions *lost* is not in the database is for the walk to say.
    """
    true: set[int] = set()
    wrong, last = [], -1
    for number, line in enumerate(lines, 1):
        told, _, rest = line.partition(b" ")
        position = int(told) if told.isdigit() and len(told) < 20 else -1
        row = rows.get(position)
        if row is not None and position > last and told == b"%d" % position and _is_of(rest, row, kind):
            true.add(position)
        elif row is not None or position not in lost:
            wrong.append(f"第 {number} 行" if row is not None else f"第 {number} 行没有对应的事件")
        last = max(last, position)
    return true, wrong


def _is_of(rest: bytes, row: log.Row, kind: str) -> bool:
    """Tell whether salt and body are what the event's digest covers, the salt written as it is here."""
    told, _, body = rest.partition(b" ")
    try:
        salt = bytes.fromhex(told.decode("ascii"))
        is_sealed = payload_digest(salt, body) == row.digest
    except (ValueError, OverflowError):
        return False
    return is_sealed and salt.hex().encode() == told and _kind(row) == kind


def _kind(row: log.Row) -> str:
    known = EVENTS.get(row.type)
    return known.payload.value if known else ""


def _line(row: log.Row, kind: str) -> bytes:
    is_there = _kind(row) == kind and row.salt is not None and row.body is not None
    return line_of(row.position, row.salt or "", row.body or "") if is_there else b""


def _in_package(house: House) -> int:
    """Return how many sealed events the newest state package holds: the classes that must be able to go lie there from then on."""
    with suppress(Refusal, KeyError, TypeError, ValueError):
        return max((int(table_package.load(folder).head["ledger"]["size"]) for folder in state.packages(house.data)[-1:]), default=0)
    return 0


def _some(named: Sequence[str]) -> str:
    told = "、".join(named[:_NAMED])
    return f"{told}等 {len(named)} 处" if len(named) > _NAMED else told
