"""What may be in the holdings twice, for the screen 整理: groups of records that are alike, and two or more of them side by side.

Alike is the same code, the same document number, the same title, date and author, or a file of the same bytes (DA/T 70-2018, 1-8). Only
groups with a record whose number is not fixed are shown: of the others nothing can be taken away any more. A group of which every two
were judged not to be the same is shown no more; what was judged, by whom and when, is a list of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice
from math import comb

from django.db.models import Count, Min, QuerySet
from django.db.models.fields.json import KT

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.lifecycle import STATE_NAMES, State
from lantai.core.retention import Retention
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Distinction, Record
from lantai.stages.report import scope

WAYS = {"number": "文号相同", "identity": "题名等相同", "digest": "文件相同", "code": "档号相同", "judged": "判过的"}
MOST = 200
SIDES = 6
_COLUMNS = (
    ("题名", "title"), ("文号", "document_number"), ("责任者", "author"), ("成文日期", "document_date"), ("年度", "year"),
    ("机构", "department"), ("保管期限", "retention"), ("文种", "document_type"), ("页数", "page_count"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are alike: what they share, how many they are, and the title of one."""

    key: str
    count: int
    title: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the records side by side: whether it can still be changed, and its files as (name, SHA-256, whether another has it too)."""

    id: str
    title: str
    state: str
    code: str
    is_open: bool
    files: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """That two of the records side by side are not the same: their ids and places from 1, who judged, and when."""

    ids: tuple[str, str]
    places: tuple[int, int]
    person: str
    instant: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """Records side by side, and line by line what they say: (name, values, whether all say the same); which of them were judged.

    ``count`` is how many the group has, shown or not.
    """

    sides: tuple[Side, ...]
    lines: tuple[tuple[str, tuple[str, ...], bool], ...]
    judged: tuple[Judgement, ...]
    count: int

    @property
    def is_judgeable(self) -> bool:
        """True where all of the group is seen and some two of it are not judged yet."""
        return 1 < len(self.sides) == self.count and len(self.judged) < comb(self.count, 2)

    @property
    def is_joinable(self) -> bool:
        """True where all of them can still be made one item."""
        return len(self.sides) > 1 and all(side.is_open and side.files for side in self.sides)


def groups(actor: Actor, way: str) -> list[Group]:
    """Return the groups that are alike in one way, at most 200."""
    access.require(actor, "holdings:record:revise")
    live = _live(actor)
    if way == "judged":
        return _judged_pairs(live)
    judged = _judged(live, way)
    return list(islice((group for group in _FINDERS[way](live) if judged[group.key] < comb(group.count, 2)), MOST))


def _judged(live: "QuerySet[Record]", way: str) -> Counter[str]:
    """Return, by what they share, how many pairs were judged not to be the same."""
    pairs = list(Distinction.objects.values_list("one", "other"))
    shared: dict[str, set[str]] = {}
    for part in batched({key for pair in pairs for key in pair}, 2000):
        for record_id, key in _keys(live.filter(id__in=part), way):
            shared.setdefault(record_id, set()).add(key)
    return Counter(key for one, other in pairs for key in shared.get(one, set()) & shared.get(other, set()))


def _keys(rows: "QuerySet[Record]", way: str) -> Iterator[tuple[str, str]]:
    """Yield (record, what it may share with others)."""
    if way == "digest":
        yield from ComputerFile.objects.filter(record__in=rows, representation="original").values_list("record_id", "sha256")
    elif way == "code":
        for row in rows.only("code", "elements"):
            yield from ((row.id, key) for key in (row.code, str(row.elements.get("archival_code", ""))) if key)
    else:
        yield from rows.values_list("id", f"{way}_key")


def _judged_pairs(live: "QuerySet[Record]") -> list[Group]:
    """Return the pairs that were judged, the newest first, as long as both are there."""
    pairs = list(Distinction.objects.order_by("-id").values_list("one", "other")[:MOST])
    titles = dict(live.filter(id__in={key for pair in pairs for key in pair}).values_list("id", "title"))
    return [Group(f"{one}-{other}", 2, titles[one]) for one, other in pairs if one in titles and other in titles]


def compared(actor: Actor, way: str, key: str) -> Compared:
    """Return the records of a group side by side, at most six, the one whose number is fixed first."""
    access.require(actor, "holdings:record:revise")
    members = _members(_live(actor), way, key).distinct()
    rows = list(members.order_by("-phase", "id")[:SIDES])
    rows.sort(key=lambda row: (row.phase == "open", row.id))
    files = queries.files_of(rows)
    counted = Counter(digest for row in rows for digest in {item.sha256 for item in files.get(row.id, ())})
    sides = tuple(
        Side(
            row.id,
            row.title,
            STATE_NAMES[State(row.state)],
            row.code,
            row.phase == "open" and not row.hold,
            tuple((item.name, item.sha256, counted[item.sha256] > 1) for item in files.get(row.id, ())),
        )
        for row in rows
    )
    lines = [(name, tuple(_shown(row, column) for row in rows)) for name, column in _COLUMNS]
    told = tuple((name, values, len(set(values)) < 2) for name, values in lines)
    return Compared(sides, told, _judgements([side.id for side in sides]), len(rows) if len(rows) < SIDES else members.count())


def _judgements(ids: Sequence[str]) -> tuple[Judgement, ...]:
    found = list(Distinction.objects.filter(one__in=ids, other__in=ids).order_by("id"))
    names = scope.persons(item.judged_by for item in found)
    return tuple(
        Judgement((item.one, item.other), (ids.index(item.one) + 1, ids.index(item.other) + 1), names[item.judged_by], item.judged_at)
        for item in found
    )


def _shown(row: Record, column: str) -> str:
    value = str(getattr(row, column) or "")
    return Retention.parse(value).label if column == "retention" and value else value or "—"


def _live(actor: Actor) -> "QuerySet[Record]":
    return scope.records(actor).filter(phase__in=("open", "fixed"))


def _members(live: "QuerySet[Record]", way: str, key: str) -> "QuerySet[Record]":
    if way == "judged":
        return live.filter(id__in=key.split("-"))
    if way == "digest":
        return live.filter(files__sha256=key, files__representation="original")
    if way == "code":
        return live.filter(elements__archival_code=key) | live.filter(code=key)
    return live.filter(**{f"{way}_key": key})


def _by_key(column: str) -> Callable[["QuerySet[Record]"], Iterator[Group]]:
    def find(live: "QuerySet[Record]") -> Iterator[Group]:
        still_open = live.filter(phase="open").exclude(**{column: ""}).values(column)
        counted = live.filter(**{f"{column}__in": still_open}).values_list(column).annotate(count=Count("id"), title=Min("title"))
        return (Group(*row) for row in counted.filter(count__gt=1).order_by(column).iterator())

    return find


def _by_digest(live: "QuerySet[Record]") -> Iterator[Group]:
    originals = ComputerFile.objects.filter(representation="original")
    still_open = originals.filter(record__in=live.filter(phase="open")).values("sha256")
    counted = originals.filter(sha256__in=still_open, record__in=live).values_list("sha256")
    found = counted.annotate(count=Count("record_id", distinct=True), title=Min("record__title")).filter(count__gt=1)
    return (Group(*row) for row in found.order_by("sha256").iterator())


def _by_code(live: "QuerySet[Record]") -> Iterator[Group]:
    brought = live.filter(phase="open", elements__has_key="archival_code").annotate(own=KT("elements__archival_code"))
    named = brought.values_list("own").annotate(count=Count("id"), title=Min("title")).order_by("own")
    found: list[tuple[str, int, str]] = [row for row in named if row[0]]
    fixed = _fixed(live, [code for code, _, _ in found])
    return (Group(code, count + (code in fixed), title) for code, count, title in found if count + (code in fixed) > 1)


def _fixed(live: "QuerySet[Record]", codes: Sequence[str]) -> set[str]:
    return {
        code
        for at in range(0, len(codes), 500)
        for code in live.filter(code__in=codes[at : at + 500], phase="fixed").values_list("code", flat=True)
    }


_FINDERS: dict[str, Callable[["QuerySet[Record]"], Iterator[Group]]] = {
    "number": _by_key("number_key"),
    "identity": _by_key("identity_key"),
    "digest": _by_digest,
    "code": _by_code,
}
