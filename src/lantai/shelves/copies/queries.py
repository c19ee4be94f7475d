"""Questions to replicas and copies. No rules."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from lantai.core.lifecycle import State
from lantai.core.preservation import slot_of
from lantai.shelves.copies.models import Audit, Copy, Medium, Replica
from lantai.shelves.holdings import counts
from lantai.shelves.holdings.models import Record

ONLINE = ("disk", "s3")
_IDS_A_QUERY = 5000


def replicas() -> "QuerySet[Replica]":
    """Return the replicas in use, in order."""
    return Replica.objects.filter(retired_at=None).order_by("position", "id")


def online() -> "QuerySet[Replica]":
    """Return the replicas in use that are written by themselves."""
    return replicas().filter(kind__in=ONLINE)


def kept() -> "QuerySet[Record]":
    """Return the records that the vault should hold."""
    return Record.objects.filter(state=State.ARCHIVED, content_version__gt=0).exclude(custody="destroyed")


def kept_counted() -> tuple[int, int]:
    """Return how many records the vault should hold, and their bytes, from the counts that are kept."""
    found = counts.sums(Q(state=State.ARCHIVED, is_kept=True) & ~Q(custody="destroyed"), "state")
    return (found[0][1], found[0][2] or 0) if found else (0, 0)


def first_kept_at() -> datetime | None:
    """Return when the first record came that the vault should hold, None where it holds none."""
    dated = kept().filter(archived_at__isnull=False).order_by("archived_at")
    return dated.values_list("archived_at", flat=True).first()


def lacking(replica: Replica) -> "QuerySet[Record]":
    """Return the records whose newest version *replica* does not hold."""
    held = Copy.objects.filter(replica=replica, record_id=OuterRef("id"), content_version=OuterRef("content_version"))
    return kept().filter(~Exists(held))


def good_copies(record_ids: Sequence[str]) -> dict[str, int]:
    """Return for each record how many replicas hold its newest version whole, the vault itself not counted."""
    newest = Record.objects.filter(id=OuterRef("record_id"), content_version=OuterRef("content_version"))
    found = Copy.objects.filter(record_id__in=record_ids, state="good", replica__retired_at=None).filter(Exists(newest))
    return dict(found.values_list("record_id").annotate(count=Count("id")).order_by())


def below(required: int) -> int:
    """Return how many records are kept in fewer places than *required*, the vault itself counted as one."""
    if required <= 1:
        return 0
    enough = (
        Copy.objects.filter(state="good", replica__retired_at=None)
        .filter(Exists(Record.objects.filter(id=OuterRef("record_id"), content_version=OuterRef("content_version"))))
        .values("record_id")
        .annotate(count=Count("id"))
        .filter(count__gte=required - 1)
    )
    return kept_counted()[0] - kept().filter(id__in=enough.values("record_id")).count()


def sums(replica: Replica) -> dict[str, tuple[int, int]]:
    """Return the copies of a replica by state: how many, and their bytes."""
    rows = replica.copies.values_list("state").annotate(count=Count("id"), size=Sum("size_bytes")).order_by()
    return {state: (count, size or 0) for state, count, size in rows}


def sample(audit: Audit, after: str = "") -> Iterator[tuple[str, int]]:
    """Yield (record id, bytes) of what an audit reads after a record, in order."""
    last = after
    while rows := list(_drawn(audit).filter(**{f"{_key(audit)}__gt": last}).values_list(_key(audit), "size_bytes")[:_IDS_A_QUERY]):
        yield from ((key, size) for key, size in rows if slot_of(audit.id, key, audit.slots) == 0)
        last = rows[-1][0]


def _drawn(audit: Audit) -> "QuerySet[Copy] | QuerySet[Record]":
    if audit.replica is None:
        return kept().filter(archived_at__lte=audit.started_at).order_by("id")
    return Copy.objects.filter(replica=audit.replica, written_at__lte=audit.started_at).order_by("record_id")


def _key(audit: Audit) -> str:
    return "id" if audit.replica is None else "record_id"


def disagreeing() -> list[str]:
    """Return records of whose one version two replicas hold different inventories."""
    rows = Copy.objects.filter(replica__retired_at=None).values("record_id", "content_version")
    found = rows.annotate(kinds=Count("inventory_sha256", distinct=True)).filter(kinds__gt=1).order_by("record_id")
    return list(found.values_list("record_id", flat=True))


def media() -> "QuerySet[Medium]":
    """Return the media of the register, those to be checked first in front."""
    return Medium.objects.select_related("replica").filter(replica__retired_at=None).order_by("next_check", "number")
