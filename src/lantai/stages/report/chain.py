"""The chain of checkpoints as the auditor sees it: a block a day, what waits behind the last, and what the last verification said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.codes import CODES
from lantai.core.errors import Fault
from lantai.ports import House
from lantai.shelves.ledger import log, queries
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages.report import scope

BLOCKS = 6
#: What speaks against what lies beside the ledger, not against the ledger itself.
BESIDE = ("LEDGER-WITNESS-AWAY", "LEDGER-WITNESS-BEHIND", "LEDGER-COPY-", "STATE-", "TABLES-")
DAYS = 400


@dataclass(frozen=True, slots=True)
class Block:
    """The checkpoints of one day: entries sealed by its end, how many that day, how many checkpoints, the last one's root (hex).

    ``is_broken``: the last verification found something within it, first at position ``first_bad``.
    """

    day: date
    size: int
    count: int
    checkpoints: int
    root: str
    is_broken: bool = False
    first_bad: int = 0


@dataclass(frozen=True, slots=True)
class Verification:
    """What the last verification of the ledger said: when, who, up to which entry, and what was wrong (code, words, what to do)."""

    instant: datetime
    person: str
    size: int
    seconds: float
    problems: tuple[tuple[str, str, str], ...]
    total: int
    witnesses: int
    last_good: datetime | None = None

    @property
    def is_ledger_whole(self) -> bool:
        """Tell whether nothing of what was wrong is about the ledger itself."""
        return self.total == len(self.problems) and all(code.startswith(BESIDE) for code, _, _ in self.problems)


@dataclass(frozen=True, slots=True)
class Chain:
    """The last blocks, oldest first, the events that wait, and the last verification, None where there was none."""

    blocks: tuple[Block, ...]
    size: int
    unsealed: int
    verification: Verification | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in the log: position, leaf, path (hex) and root of the checkpoint of *size* entries; whether that holds."""

    position: int
    leaf: str
    path: tuple[str, ...]
    size: int
    root: str
    fingerprint: str
    is_good: bool


def chain(actor: Actor, now: datetime) -> Chain:
    """Return the chain. Raises Refusal where *actor* may not read the ledger."""
    access.require(actor, "ledger:event:read")
    said = _verification()
    where = _positions(said) if said else []
    rows = Checkpoint.objects.filter(created_at__gte=now - timedelta(days=DAYS)).order_by("-size").values_list("size", "root", "created_at")
    days: dict[date, list[tuple[int, str]]] = {}
    for size, root, instant in rows.iterator(chunk_size=2000):
        day = instant.astimezone(beijing.ZONE).date()
        if day not in days and len(days) > BLOCKS:
            break
        days.setdefault(day, []).append((size, root))
    blocks = [_block(day, kept, days, where) for day, kept in list(days.items())[:BLOCKS]]
    size = blocks[0].size if blocks else 0
    return Chain(tuple(reversed(blocks)), size, Event.objects.filter(position=None).count(), said)


def _block(day: date, kept: list[tuple[int, str]], days: dict[date, list[tuple[int, str]]], where: list[int]) -> Block:
    earlier = [rows[0][0] for other, rows in days.items() if other < day]
    before = max(earlier, default=0) or _before(kept[-1][0])
    size, root = kept[0]
    bad = [position for position in where if before <= position < size or position == size == kept[0][0]]
    return Block(day, size, size - before, len(kept), root, is_broken=bool(bad), first_bad=min(bad, default=0))


def _before(size: int) -> int:
    row = Checkpoint.objects.filter(size__lt=size).order_by("-size").first()
    return row.size if row else 0


def _verification() -> Verification | None:
    done = Event.objects.filter(type="ledger:verified", payload__isnull=False).select_related("payload").order_by("-instant")
    last = done.first()
    if last is None:
        return None
    body = queries.said(last)
    problems = tuple((item["code"], item["message"], _next(item["code"])) for item in body.get("problems", ()))
    good = next((row.instant for row in done[:200] if queries.said(row).get("total") == 0), None)
    person = scope.persons([last.actor]).get(last.actor, last.actor)
    size, seconds, total, witnesses = (body.get(name, 0) for name in ("size", "seconds", "total", "witnesses"))
    return Verification(last.instant, person, size, seconds, problems, total, witnesses, good)


def _next(code: str) -> str:
    row = CODES.get(code)
    return row.next if row else ""


def _positions(said: Verification) -> list[int]:
    """Return the positions that the problems of a verification name."""
    words = [message for code, message, _ in said.problems if not code.startswith(BESIDE)]
    found = (text.partition("第 ")[2].partition(" 条")[0] for text in words)
    return [int(text) for text in found if text.isdigit()]


def place(house: House, actor: Actor, event_id: str) -> Place | None:
    """Return where an event stands in the log, None where it is not sealed or the log cannot be read there."""
    access.require(actor, "ledger:event:read")
    event = Event.objects.filter(id=event_id).first()
    if event is None:
        return None
    try:
        found = log.inclusion(log.folder(house.data), event)
    except (Fault, ValueError, OSError):
        return None
    if found is None:
        return None
    note, path = found.checkpoint, tuple(item.hex() for item in found.path)
    return Place(found.position, found.leaf.hex(), path, note.size, note.root.hex(), note.fingerprint(), found.holds())
