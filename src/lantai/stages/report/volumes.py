"""The volumes of a class for the screen 整理, one volume with its items, and what their forms say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from lantai import forms
from lantai.core import access, beijing
from lantai.core import volume as core
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.core.retention import Retention
from lantai.forms import volumes as sheets
from lantai.forms.report import House as Headed
from lantai.ports import House
from lantai.shelves.holdings.models import Record, Volume, VolumeItem
from lantai.shelves.holdings.order import HAND
from lantai.shelves.intake.models import Batch
from lantai.stages import binding, coding, fonds
from lantai.stages import volumes as verb
from lantai.stages.report import scope

PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """An item as its volume lists it: its place, the pages it lies on, what keeps it from being numbered."""

    id: str
    at: int
    title: str
    document_number: str
    author: str
    date: str
    pages: str
    code: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A volume as lists show it: the code it has or would get, its sums in words of people, its items."""

    id: str
    version: int
    code: str
    is_fixed: bool
    title: str
    note: str
    year: str
    department: str
    category: str
    retention: str
    span: str
    count: int
    pages: str
    made_by: str
    made_on: str
    items: tuple[Line, ...]
    problems: int

    @property
    def number(self) -> str:
        """The volume number, the last part of the code."""
        return self.code.rpartition("-")[2] or "—"


def count(actor: Actor, *, year: str | None = None, department: str | None = None) -> int:
    """Return how many volumes stand in a choice; nobody who does not arrange sees any."""
    return _chosen(year, department).count() if access.may(actor, "holdings:record:revise").allowed else 0


def listing(house: House, actor: Actor, *, year: str | None = None, department: str | None = None, limit: int = PAGE) -> tuple[Seen, ...]:
    """Return the volumes of a choice, those that are open first, then by code. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, "holdings:record:revise")
    rows = list(_chosen(year, department).order_by("-state", "code", "id")[:limit])
    return _seen(house, actor, rows)


def one(house: House, actor: Actor, key: str) -> Seen:
    """Return the volume of an id or a code. Refusals: ACCESS-REFUSED, VOLUME-UNKNOWN."""
    access.require(actor, "holdings:record:revise")
    return _seen(house, actor, [verb.find(key)])[0]


def behind(house: House, actor: Actor, volume_id: str, record_id: str, *, by: int) -> str | None:
    """Return behind which item (none: the front) a record goes that moves by one place, None where it cannot move so."""
    keys = [line.id for line in one(house, actor, volume_id).items]
    at = keys.index(record_id) if record_id in keys else -1
    to = at + by
    if at < 0 or not 0 <= to < len(keys):
        return None
    keys.pop(at)
    return keys[to - 1] if to else ""


def arranged_of(batch_code: str) -> list[str]:
    """Return the records of a batch that are being arranged, in their order."""
    rows = Record.objects.filter(batch_id__in=Batch.objects.filter(code=batch_code).values("id"), state=State.ARRANGED)
    return list(rows.order_by(*HAND).values_list("id", flat=True))


def is_by_volume(house: House, record_id: str = "") -> bool:
    """Tell whether a record is filed by volume; where none is named, whether the agency's usual category is."""
    category = Record.objects.filter(id=record_id).values_list("category", flat=True).first() if record_id else None
    return coding.rule(house, category or house.settings.category).is_by_volume


def _chosen(year: str | None, department: str | None) -> "QuerySet[Volume]":
    rows = Volume.objects.exclude(state=binding.UNDONE)
    for name, value in (("year", year), ("department", department)):
        if value is not None:
            rows = rows.filter(**{name: value})
    return rows


def _seen(house: House, actor: Actor, rows: Sequence[Volume]) -> tuple[Seen, ...]:
    items, outlooks = binding.items_of(rows), verb.outlook(house, actor, rows)
    people, departments = scope.persons(row.made_by for row in rows), scope.classed()
    found = []
    for row in rows:
        told = outlooks[row.id]
        sums, problems = told.sums, {key: item.message for key, item in told.problems}
        found.append(
            Seen(
                row.id, row.version, told.code, row.state == binding.FIXED, row.title, row.note, row.year,
                departments.get(row.department, row.department), row.category,
                _period(row.retention or sums.retention), sums.span, sums.count,
                str(sums.pages) if sums.pages is not None else "", people.get(row.made_by, row.made_by), beijing.day(row.made_at),
                _lines(row, items[row.id], problems), len(problems),
            )
        )  # fmt: skip
    return tuple(found)


def _lines(row: Volume, items: binding.Items, problems: dict[str, str]) -> tuple[Line, ...]:
    kept = dict(VolumeItem.objects.filter(volume_id=row.id).values_list("record_id", "first_page")) if row.state == binding.FIXED else {}
    firsts = core.first_pages([item.pages for item, _ in items])
    found = []
    for at, ((item, record), derived) in enumerate(zip(items, firsts, strict=True), 1):
        first = kept.get(item.id, derived)
        number, author = record.document_number, record.author
        found.append(
            Line(item.id, at, item.title, number, author, item.date, _pages(first, item.pages), record.code, problems.get(item.id, ""))
        )
    return tuple(found)


def _pages(first: int | None, count: int | None) -> str:
    if first is None or not count:
        return ""
    return str(first) if count == 1 else f"{first}—{first + count - 1}"


def _period(code: str) -> str:
    return Retention.parse(code).label if code else ""


# --- forms


def sheet(house: House, actor: Actor, form: str, target: str) -> forms.Sheet:
    """Return a form of a volume, named by id or code, or of the volumes whose codes begin with *target*.

    Refusals: ACCESS-REFUSED, VOLUME-UNKNOWN, FORM-TARGET-UNKNOWN.
    """
    return FORMS[form][1](house, actor, target)


def _contents(house: House, actor: Actor, target: str) -> forms.Sheet:
    seen = one(house, actor, target)
    rows = [sheets.Item(line.document_number, line.author, line.title, line.date, line.pages) for line in seen.items]
    return sheets.contents(_volume(seen), rows, house=_headed(house), look=_look(house))


def _remarks(house: House, actor: Actor, target: str) -> forms.Sheet:
    return sheets.remarks(_volume(one(house, actor, target)), house=_headed(house), look=_look(house))


def _cover(house: House, actor: Actor, target: str) -> forms.Sheet:
    return sheets.cover(_volume(one(house, actor, target)), house=_headed(house), look=_look(house))


def _catalogue(house: House, actor: Actor, target: str) -> forms.Sheet:
    access.require(actor, "holdings:record:revise")
    rows = list(Volume.objects.filter(state=binding.FIXED, code__startswith=f"{target}-").order_by("code"))
    if not rows:
        raise Refusal("FORM-TARGET-UNKNOWN", target)
    return sheets.catalogue([_volume(seen) for seen in _seen(house, actor, rows)], house=_headed(house), scope=target, look=_look(house))


def _volume(seen: Seen) -> sheets.Volume:
    return sheets.Volume(
        seen.code or seen.id, seen.title, seen.year, seen.span, seen.retention, seen.count, seen.pages,
        seen.note, seen.made_by, seen.is_fixed, seen.made_on, "　".join(_path(seen)),
    )  # fmt: skip


def _path(seen: Seen) -> list[str]:
    """Return the class that a volume stands in, as its scheme has it: 会计　2020 年度　办公室."""
    said = {"year": f"{seen.year} 年度", "department": seen.department, "retention": seen.retention}
    return [coding.name_of(seen.category), *(said[level] for level in coding.scheme(seen.category, seen.year).columns if said[level])]


def _look(house: House) -> sheets.Look:
    settings = house.settings
    width, _, height = settings.volume_cover_mm.partition("x")
    return sheets.Look(
        settings.volume_forms_checked,
        (int(width), int(height)),
        tuple(name for name in sheets.MORE if name in settings.volume_catalogue_columns),
    )


def _headed(house: House) -> Headed:
    return Headed(house.settings.fonds, fonds.name_of(house))


FORMS: dict[str, tuple[str, Callable[[House, Actor, str], forms.Sheet]]] = {
    "volume-cover": ("案卷封面", _cover),
    "volume-list": ("卷内文件目录", _contents),
    "volume-remarks": ("卷内备考表", _remarks),
    "volumes": ("案卷目录", _catalogue),
}
