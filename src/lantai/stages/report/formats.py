"""The formats 系统›格式: the table in force with its history, what formats the holdings are in, and the list of risks 过时风险清单.

Counts are of files of archived records; the page text Lantai made itself is left out. Whoever may read the policy sees counts;
names and titles only those who may read the records.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.checks import Gate
from lantai.core.checks.scheme import FormatPolicy, extension
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import ComputerFile
from lantai.shelves.ledger.models import Event
from lantai.shelves.ledger.queries import said
from lantai.shelves.policy.formats import decisions
from lantai.stages.report import scope
from lantai.standards import da_t_70
from lantai.standards.da_t_70.formats import Format, Judgement, Risk, in_force, standard

PAGE = 50
HISTORY = 50
UNLISTED = "unlisted"
EVENTS = ("format:changed", "format:restored")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One family as it is in force, the standard's judgement beside it, and whether the agency decided itself."""

    format: Format
    standard: Judgement
    is_own: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a family's judgement: when, by whom, why, and what was changed as (name, before, after)."""

    instant: datetime
    person: str
    reason: str
    is_restored: bool
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one PUID (media type and extension where there is none): how many, their bytes, how many are preservation
    copies, and of the others how many have one beside them."""

    puid: str
    mime: str
    extension: str
    name: str
    files: int
    size_bytes: int
    copies: int
    covered: int

    @property
    def key(self) -> str:
        """What names the group in an address."""
        return self.puid or "|".join((self.mime, self.extension))


@dataclass(frozen=True, slots=True)
class Held:
    """The files of one family in the holdings; ``row`` is None for formats that the table does not know."""

    family: str
    name: str
    row: PolicyRow | None
    groups: tuple[Group, ...]
    files: int
    size_bytes: int
    covered: int

    @property
    def risk(self) -> Risk:
        """The risk of the family; a format that nobody listed is a high one."""
        return self.row.format.judgement.risk if self.row else Risk.HIGH

    @property
    def is_lasting(self) -> bool:
        """Whether the format may be kept for long as it is."""
        return self.row is not None and self.row.format.judgement.preservation

    @property
    def is_at_risk(self) -> bool:
        """Whether the family belongs on the list of risks: risk not low, or not for preservation."""
        return self.risk is not Risk.LOW or not self.is_lasting

    @property
    def waiting(self) -> int:
        """Files that have no preservation copy beside them."""
        return self.files - self.covered


@dataclass(frozen=True, slots=True)
class HeldFile:
    """One file of the holdings with the record it belongs to."""

    record_id: str
    code: str
    title: str
    name: str
    puid: str
    format_name: str
    size_bytes: int
    is_covered: bool


def table(actor: Actor) -> tuple[PolicyRow, ...]:
    """Return the table in force, in its order. Raises Refusal where *actor* may not read the policy."""
    access.require(actor, "policy:format:read")
    decided, rows = decisions(), standard()
    own = dict(decided)
    return tuple(PolicyRow(row, rows[key].judgement, key in own) for key, row in in_force(decided).items())


def history(actor: Actor, family: str) -> tuple[Change, ...]:
    """Return the changes of a family's judgement, newest first."""
    access.require(actor, "policy:format:read")
    events = list(Event.objects.filter(type__in=EVENTS, object_id=family).select_related("payload").order_by("-instant", "-id")[:HISTORY])
    names = scope.persons(event.actor for event in events)
    return tuple(_change(event, names[event.actor]) for event in events)


def _change(event: Event, person: str) -> Change:
    body = said(event)
    before, after = body.get("before", {}), body.get("after", {})
    parts = tuple((key, str(before.get(key, "")), str(value)) for key, value in after.items() if before.get(key) != value)
    return Change(event.instant, person, str(body.get("reason", "")), event.type == "format:restored", parts)


def held(actor: Actor) -> tuple[Held, ...]:
    """Return the families in the holdings, those with most files first. Reads every file row: ask seldom."""
    rows = {row.format.family: row for row in table(actor)}
    return _families(_files(), rows)


def lasting(actor: Actor) -> tuple[int, int]:
    """Return how many archived files *actor* may read there are, and how many of them may be kept for long as they are."""
    rows = {key: PolicyRow(row, row.judgement, is_own=False) for key, row in in_force(decisions()).items()}
    found = _families(_files().filter(record__in=scope.records(actor)), rows)
    return sum(item.files for item in found), sum(item.files for item in found if item.is_lasting)


def risks(found: tuple[Held, ...]) -> tuple[Held, ...]:
    """Return the families at risk, the highest risk and most files first."""
    order = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)
    return tuple(sorted((item for item in found if item.is_at_risk), key=lambda item: (order.index(item.risk), -item.files)))


def files(actor: Actor, family: str, group: str = "", *, start: int = 0) -> tuple[int, tuple[HeldFile, ...]]:
    """Return how many files of a family (of one group of it) *actor* may read, and those of the page that begins at *start*.

    Raises Refusal where *actor* may not read records: an administrator sees counts only.
    """
    access.require(actor, "search:record:find")
    query = _of_family(actor, family, group)
    rows = query.select_related("record").order_by("record__code", "record_id", "sequence", "id")
    return query.count(), tuple(map(_held_file, rows[start : start + PAGE]))


def every_file(actor: Actor, families: tuple[str, ...]) -> Iterator[tuple[str, HeldFile]]:
    """Yield the files of the families that *actor* may read, with the family; streamed."""
    for family in families:
        rows = _of_family(actor, family, "").select_related("record").order_by("record__code", "id")
        yield from ((family, _held_file(row)) for row in rows.iterator(chunk_size=2000))


def _held_file(row: Any) -> HeldFile:  # noqa: ANN401 - a row with the annotation of :func:`_files`
    record = row.record
    return HeldFile(record.id, record.code, record.title, row.name, row.puid, row.format_name or row.mime, row.size_bytes, row.is_covered)


def _files() -> QuerySet[Any]:
    """Return the files of archived records; ``is_covered`` where a preservation copy lies beside an original."""
    beside = ComputerFile.objects.filter(document_id=OuterRef("document_id"), representation="preservation")
    own = ComputerFile.objects.filter(record__state=State.ARCHIVED).exclude(representation="text")
    return own.annotate(is_covered=Exists(beside) & ~Q(representation="preservation"))


def _policy() -> FormatPolicy:
    return da_t_70.format_policy(Gate.ARCHIVING, decisions())


def _groups(query: QuerySet[Any], policy: FormatPolicy) -> Iterator[Group]:
    """Yield the groups; where neither PUID nor media type say anything, the extension makes the group."""
    counted = query.values_list("puid", "mime").annotate(
        files=Count("*"),
        size=Sum("size_bytes"),
        copies=Count("id", filter=Q(representation="preservation")),
        covered=Count("id", filter=Q(is_covered=True)),
    )
    names = dict(query.exclude(puid="").values_list("puid", "format_name").order_by("format_name").distinct())
    for puid, mime, count, size, copies, covered in counted.order_by():
        if puid or mime not in policy.mute_mimes:
            yield Group(puid, mime, "", names.get(puid, "") or mime, count, size, copies, covered)
    yield from _silent(query, policy)


def _silent(query: QuerySet[Any], policy: FormatPolicy) -> Iterator[Group]:
    sums: dict[tuple[str, str], Counter[str]] = {}
    own = query.filter(puid="", mime__in=policy.mute_mimes)
    for mime, name, size, kind, is_covered in own.values_list("mime", "name", "size_bytes", "representation", "is_covered").iterator():
        known = extension(name) if extension(name) in policy.without_signature else ""
        counter = sums.setdefault((mime, known), Counter())
        counter.update(files=1, size=size, copies=int(kind == "preservation"), covered=int(is_covered))
    for (mime, known), counter in sums.items():
        said = f".{known}" if known else "无法识别"
        yield Group("", mime, known, said, counter["files"], counter["size"], counter["copies"], counter["covered"])


def _families(query: QuerySet[Any], rows: Mapping[str, PolicyRow]) -> tuple[Held, ...]:
    policy = _policy()
    found: dict[str, list[Group]] = {}
    for group in _groups(query, policy):
        found.setdefault(_family(policy, group), []).append(group)
    return tuple(sorted((_held(family, groups, rows) for family, groups in found.items()), key=lambda item: (-item.files, item.family)))


def _family(policy: FormatPolicy, group: Group) -> str:
    rule = policy.of(group.puid, group.mime, f"x.{group.extension}")
    return rule.family if rule else UNLISTED


def _held(family: str, groups: list[Group], rows: Mapping[str, PolicyRow]) -> Held:
    row = rows.get(family)
    merged = _merged(groups)
    return Held(
        family,
        row.format.name if row else "格式表以外",
        row,
        merged,
        sum(group.files for group in groups),
        sum(group.size_bytes for group in groups),
        sum(group.covered + group.copies for group in groups),
    )


def _merged(groups: list[Group]) -> tuple[Group, ...]:
    """Join groups of the same PUID that differ in media type alone; most files first."""
    joined: dict[str, Group] = {}
    for group in groups:
        own = joined.get(group.key)
        joined[group.key] = group if own is None else replace(
            own,
            files=own.files + group.files,
            size_bytes=own.size_bytes + group.size_bytes,
            copies=own.copies + group.copies,
            covered=own.covered + group.covered,
        )  # fmt: skip
    return tuple(sorted(joined.values(), key=lambda group: (-group.files, group.key)))


def _of_family(actor: Actor, family: str, key: str) -> QuerySet[Any]:
    """Return the files that :func:`held` counted under a family, as far as *actor* may read their records."""
    policy = _policy()
    query = _files().filter(record__in=scope.records(actor))
    groups = [group for group in _groups(query, policy) if _family(policy, group) == family and key in ("", group.key)]
    return query.filter(reduce(or_, (_where(group, policy) for group in groups), Q(pk__in=())))


def _where(group: Group, policy: FormatPolicy) -> Q:
    own = Q(puid=group.puid, mime=group.mime)
    if group.puid or group.mime not in policy.mute_mimes:
        return own
    if group.extension:
        return own & Q(name__iendswith=f".{group.extension}")
    known = reduce(or_, (Q(name__iendswith=f".{each}") for each in policy.without_signature))
    return own & ~known
