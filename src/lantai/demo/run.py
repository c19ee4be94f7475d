"""The demonstration run: a trial installation, the agency's accounts and departments, every delivery through the whole line.

Ends with the table whose in = out: every file that arrived, and where it is now.
"""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from lantai import line
from lantai.core.access import Actor
from lantai.core.lifecycle import State
from lantai.demo import agency
from lantai.demo.scenario import Delivery
from lantai.ports import House
from lantai.shelves.holdings.models import Agent, AgentName, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.shelves.people.models import Account
from lantai.stages import accept, capture, people, seal

PLACES = ("archived", "waiting", "returned", "duplicate", "quarantined", "refused", "container", "metadata")
PLACE_NAMES = {
    "archived": "已归档",
    "waiting": "待处理",
    "returned": "已退回",
    "duplicate": "重复",
    "quarantined": "隔离",
    "refused": "拒收",
    "container": "压缩包",
    "metadata": "说明文件",
}
# With no more batches than these, all are archived.
_FEW_BATCHES = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a delivery, files in, and files by where they are now."""

    title: str
    files_in: int
    places: dict[str, int]
    records: int
    archived: int

    @property
    def files_out(self) -> int:
        """Files that are accounted for."""
        return sum(self.places.values())


def install(house: House, password: str) -> Actor:
    """Make the agency's departments and accounts, all with *password*; return the archivist."""
    with transaction.atomic():
        for position, department in enumerate(agency.DEPARTMENTS, start=1):
            agent = Agent.objects.create(id=house.ids.new(), kind="department", code=department.code, position=position)
            AgentName.objects.create(id=house.ids.new(), agent=agent, name=department.name)
    archivist: Actor | None = None
    for account in agency.ACCOUNTS:
        actor = people.create_account(
            house,
            None,
            login=account.login,
            name=account.name,
            role=account.role,
            person=account.login,
            department=account.department,
            password=password,
        )
        if account.role == "archivist":
            archivist = actor
    Account.objects.update(must_change_password=False)
    if archivist is None:
        raise ValueError("the demonstration has no archivist")
    return archivist


def deliver(house: House, archivist: Actor, delivery: Delivery) -> str:
    """Take one delivery through the line as the archivist would: receive, judge, accept, number, archive."""
    batch_id = capture.open_batch(
        house,
        archivist,
        [delivery.path],
        channel=delivery.channel,
        title=delivery.title,
        department=delivery.department,
    )
    line.finish(house)
    return batch_id


def number_all(house: House, archivist: Actor, batch_ids: list[str]) -> None:
    """Accept what passed in every batch, then fix the codes of all classes in date order and archive.

    Where there are several batches the last one waits for whoever looks: to be arranged, its codes to be fixed.
    """
    for batch_id in batch_ids:
        if Record.objects.filter(batch_id=batch_id, state=State.DESCRIBED, needs_attention="").exists():
            accept.accept(house, archivist, batch_id)
    line.finish(house)
    sealed = batch_ids[:-1] if len(batch_ids) > _FEW_BATCHES else batch_ids
    line.seal(house, archivist, list(Record.objects.filter(batch_id__in=sealed, state=State.ARRANGED)))
    line.finish(house)
    seal.seal(house)


def table() -> list[Row]:
    """Return the in = out table of every batch."""
    return [_row(batch) for batch in Batch.objects.order_by("code")]


def _row(batch: Batch) -> Row:
    arrivals = Arrival.objects.filter(batch=batch)
    places: Counter[str] = Counter()
    for row in arrivals.exclude(outcome="record").values("outcome").annotate(count=Count("id")):
        places[row["outcome"]] += row["count"]
    states = dict(Record.objects.filter(batch_id=batch.id).values_list("id", "state"))
    for record_id in arrivals.filter(outcome="record").values_list("record_id", flat=True):
        places[_place(states[record_id])] += 1
    archived = sum(1 for state in states.values() if state == State.ARCHIVED)
    return Row(batch.title, batch.file_count, dict(places), len(states), archived)


def _place(state: str) -> str:
    if state == State.ARCHIVED:
        return "archived"
    return "returned" if state in (State.RETURNED, State.DISCARDED) else "waiting"
