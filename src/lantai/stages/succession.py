"""What was given back and what came in its place: the evidence that goes with a return, and what a new delivery has mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from lantai.core.access import Actor
from lantai.core.checks import Outcome
from lantai.ports import House
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.reports.models import GivenBack
from lantai.shelves.reports.queries import body

BAD = frozenset((Outcome.FAIL, Outcome.ERROR, Outcome.MANUAL, Outcome.WARN))


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes with a return: words to the sender, and the day (YYYYMMDD) by which it is expected again, empty where none is set."""

    message: str = ""
    deadline: str = ""


def give_back(house: House, actor: Actor, rows: Sequence[Record], *, reasons: Sequence[str], terms: Terms) -> None:
    """Keep why records go back, with what the gate found and the digests of their files; in the transaction of the return."""
    files = queries.files_of(rows)
    now = house.clock.now()
    kept = []
    for row in rows:
        bad = [item for item in _items(row.id) if item["outcome"] in BAD]
        kept.append(
            GivenBack(
                id=house.ids.new(),
                batch_id=row.batch_id,
                record_id=row.id,
                reasons=[reason for reason in reasons if reason],
                message=terms.message,
                deadline=terms.deadline,
                findings=[remark for item in bad for remark in item["findings"]],
                items=[{"code": item["code"], "name": item["name"], "outcome": item["outcome"]} for item in bad],
                digests={item.name: item.sha256 for item in files.get(row.id, ())},
                returned_by=actor.id,
                returned_at=now,
            )
        )
    GivenBack.objects.bulk_create(kept)


def taken_up_as_is(record_ids: Sequence[str]) -> None:
    """Note that returned records go on themselves, because the sender has explained."""
    open_ = GivenBack.objects.filter(record_id__in=record_ids, successor_id="")
    open_.update(successor_id=F("record_id"), successor_batch_id=F("batch_id"), version=F("version") + 1)


def link(house: House, batch_id: str) -> int:
    """Find for each record of a batch the returned one it comes in place of; return how many. Running it again changes nothing.

    The same is what has the sender's number, the same document number, or the same title, date and author, and was given back before.
    """
    linked = 0
    waiting = GivenBack.objects.filter(successor_id="").exclude(batch_id=batch_id)
    if not waiting.exists():
        return 0
    earlier = {row.id: row for row in Record.objects.filter(id__in=waiting.values("record_id"))}
    for row in Record.objects.filter(batch_id=batch_id).filter(_alike(list(earlier.values()))).order_by("id"):
        given = next((item for item in waiting.order_by("-returned_at") if _is_same(row, earlier.get(item.record_id))), None)
        if given is not None:
            linked += _link(row, given)
    return linked


def _alike(rows: Sequence[Record]) -> Q:
    numbers = {row.number_key for row in rows} - {""}
    identities = {row.identity_key for row in rows} - {""}
    titles = {row.title for row in rows} - {""}
    return Q(number_key__in=numbers) | Q(identity_key__in=identities) | Q(title__in=titles)


def _is_same(row: Record, earlier: Record | None) -> bool:
    if earlier is None or earlier.id == row.id or earlier.department != row.department:
        return False
    if row.number_key and earlier.number_key:
        return row.number_key == earlier.number_key
    return bool(row.title) and row.title == earlier.title


def _link(row: Record, given: GivenBack) -> int:
    mended = _mended(row, given)
    with transaction.atomic():
        open_ = GivenBack.objects.filter(id=given.id, successor_id="")
        return open_.update(successor_id=row.id, successor_batch_id=row.batch_id, mended=mended, version=F("version") + 1)


def _mended(row: Record, given: GivenBack) -> dict[str, Any]:
    """Say what is otherwise now: files changed, added and gone, items that were bad and hold now, items that are still bad."""
    now = {item.name: item.sha256 for item in queries.files_of([row]).get(row.id, ())}
    was: Mapping[str, str] = given.digests
    bad_now = {item["code"] for item in _items(row.id) if item["outcome"] in BAD}
    return {
        "changed": sorted(name for name in was.keys() & now.keys() if was[name] != now[name]),
        "added": sorted(now.keys() - was.keys()),
        "gone": sorted(was.keys() - now.keys()),
        "mended": [item["name"] for item in given.items if item["code"] not in bad_now],
        "still": [item["name"] for item in given.items if item["code"] in bad_now],
    }


def _items(record_id: str) -> list[dict[str, Any]]:
    report = latest_report(record_id, "arrival")
    return list(body(report).get("items", ())) if report else []
