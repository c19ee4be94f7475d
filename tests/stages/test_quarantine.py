"""Quarantine: two persons decide, the bytes follow, the ledger tells nothing of what it was."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.packages import sealing
from lantai.ports.clock import CountingIds, FixedClock
from lantai.ports.house import House
from lantai.ports.settings import Settings
from lantai.shelves.intake.models import Batch, Quarantine
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import quarantine
from tests.support.line_house import TASKS

assert TASKS  # declared: a release queues the reception of what it puts back
pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
SECRET = "秘密★5年 通知".encode()


@dataclass(frozen=True)
class World:
    """A House, its clock, two security administrators, and how to seal something."""

    house: House
    clock: FixedClock
    first: Actor
    second: Actor

    def seal(self, position: int = 1, batch: str = "B1") -> Quarantine:
        staged = self.house.data / f"staged-{position}"
        staged.write_bytes(SECRET)
        row, _ = Batch.objects.get_or_create(
            id=batch, defaults={"code": f"PC-{batch}", "channel": "oa", "title": "来文", "source": "", "submitter": "a", "created_at": NOW}
        )
        name = sealing.seal(staged, self.house.data, name="秘密通知.pdf")
        return Quarantine.objects.create(id=self.house.ids.new(), batch=row, position=position, sealed_name=name, created_at=NOW)

    def sealed(self, item: Quarantine) -> Path:
        return self.house.data / "quarantine" / item.sealed_name


@pytest.fixture
def world(tmp_path: Path) -> World:
    clock, absent = FixedClock(NOW), cast(Any, None)
    house = House(Settings(data=tmp_path), clock, CountingIds(), absent, absent, absent, absent, absent)
    first, second = (administrator(house, name) for name in ("ab1", "ab2"))
    return World(house, clock, first, second)


def administrator(house: House, login: str, person: str = "", role: str = "secadmin") -> Actor:
    account = Account.objects.create(id=house.ids.new(), login=login, name=login, role=role, person=person or login, created_at=NOW)
    return Actor(account.id, login, login, role)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refusal, match=code):
        act()


def test_the_list_tells_batch_count_and_position_and_nothing_else(world: World) -> None:
    world.seal(3)
    world.seal(7)
    world.seal(1, "B2")
    items = quarantine.held(world.house, world.first)
    assert [(item.batch_code, item.batch_count, item.position, item.decision) for item in items] == [
        ("PC-B1", 2, 3, ""),
        ("PC-B1", 2, 7, ""),
        ("PC-B2", 1, 1, ""),
    ]
    assert "通知" not in repr(items)


@pytest.mark.parametrize("role", ["archivist", "part_time_archivist", "reader", "sysadmin", "auditor"])
def test_nobody_else_lists_or_decides(world: World, role: str) -> None:
    item, actor = world.seal(), Actor("x", "x", "x", role)
    refused("ACCESS-REFUSED", lambda: quarantine.held(world.house, actor))
    for decision in quarantine.DECISIONS:
        refused("ACCESS-REFUSED", lambda decision=decision: quarantine.decide(world.house, actor, item.id, decision=decision))


def test_removal_by_two_persons_erases_the_bytes(world: World) -> None:
    item = world.seal()
    assert quarantine.decide(world.house, world.first, item.id, decision="remove") == quarantine.Outcome("held")
    assert world.sealed(item).exists()
    (shown,) = quarantine.held(world.house, world.second)
    assert (shown.decision, shown.proposed_by) == ("remove", world.first.id)
    assert quarantine.decide(world.house, world.second, item.id, decision="remove") == quarantine.Outcome("removed")
    assert not world.sealed(item).exists()
    row = Quarantine.objects.get(id=item.id)
    assert (row.state, row.first_person, row.second_person, row.decided_at) == ("removed", world.first.id, world.second.id, NOW)
    assert quarantine.held(world.house, world.first) == ()


def test_release_by_two_persons_puts_the_bytes_back(world: World) -> None:
    item = world.seal()
    quarantine.decide(world.house, world.first, item.id, decision="release")
    outcome = quarantine.decide(world.house, world.second, item.id, decision="release")
    assert outcome.state == "released"
    assert outcome.restore_path is not None
    assert outcome.restore_path == quarantine.restore_path(world.house, item) / "秘密通知.pdf"
    assert outcome.restore_path.read_bytes() == SECRET
    assert outcome.restore_path.is_relative_to(world.house.staging / "B1")
    assert not world.sealed(item).exists()
    batch = Batch.objects.get(id=outcome.batch_id)
    assert (batch.channel, batch.is_upload, batch.facts["false_alarm"]) == ("oa", True, [hashlib.sha256(SECRET).hexdigest()])
    assert "通知" not in batch.title + batch.source


def test_the_ledger_holds_batch_and_random_id_only(world: World) -> None:
    one, other = world.seal(1), world.seal(2)
    for item, decision in ((one, "remove"), (other, "release")):
        for actor in (world.first, world.second):
            quarantine.decide(world.house, actor, item.id, decision=decision)
    events = Event.objects.filter(object_kind="quarantine").order_by("id")
    assert [event.type for event in events] == [
        "quarantine:proposed",
        "quarantine:removed",
        "quarantine:erased",
        "quarantine:proposed",
        "quarantine:released",
    ]
    assert [event.object_id for event in events] == [one.id, one.id, one.id, other.id, other.id]
    assert all(json.loads(event.payload.body) == {"batch": "B1"} for event in events if event.type != "quarantine:erased")


def test_removal_leaves_a_certificate_that_names_both_persons_and_nothing_of_the_content(world: World) -> None:
    item = world.seal(4)
    for actor in (world.first, world.second):
        quarantine.decide(world.house, actor, item.id, decision="remove")
    told = json.loads(Event.objects.get(type="quarantine:erased").payload.body)
    assert told["persons"] == [world.first.id, world.second.id]
    assert (told["batch"], told["position"]) == ("B1", 4)
    assert "overwritten" in told["method"]
    assert "通知" not in json.dumps(told, ensure_ascii=False)


def test_a_death_before_erasing_is_made_good_with_one_certificate(world: World) -> None:
    item = world.seal()
    Quarantine.objects.filter(id=item.id).update(state="removed", first_person=world.first.id, second_person=world.second.id)
    assert quarantine.sweep(world.house) == 1
    assert quarantine.sweep(world.house) == 0
    assert Event.objects.filter(type="quarantine:erased", object_id=item.id).count() == 1


def test_the_proposer_cannot_confirm_but_may_think_again(world: World) -> None:
    item = world.seal()
    quarantine.decide(world.house, world.first, item.id, decision="remove")
    refused("QUARANTINE-SECOND-PERSON", lambda: quarantine.decide(world.house, world.first, item.id, decision="remove"))
    assert quarantine.decide(world.house, world.first, item.id, decision="release").state == "held"
    refused("QUARANTINE-DISAGREE", lambda: quarantine.decide(world.house, world.second, item.id, decision="remove"))
    assert world.sealed(item).exists()
    assert quarantine.decide(world.house, world.second, item.id, decision="release").state == "released"


def test_two_accounts_of_one_person_are_one_person(world: World) -> None:
    Account.objects.filter(id=world.second.id).update(role="reader", person="wang")
    twin = administrator(world.house, "ab3", person="wang")
    item = world.seal()
    quarantine.decide(world.house, twin, item.id, decision="remove")
    former = Actor(world.second.id, "ab2", "ab2", "secadmin")
    refused("QUARANTINE-SECOND-PERSON", lambda: quarantine.decide(world.house, former, item.id, decision="remove"))


def test_what_is_decided_or_unknown_is_not_decided_again(world: World) -> None:
    item = world.seal()
    for actor in (world.first, world.second):
        quarantine.decide(world.house, actor, item.id, decision="remove")
    refused("QUARANTINE-UNKNOWN", lambda: quarantine.decide(world.house, world.first, item.id, decision="release"))
    refused("QUARANTINE-UNKNOWN", lambda: quarantine.decide(world.house, world.first, "nothing", decision="release"))
    for nonsense in ("publish", "list", ""):
        refused("QUARANTINE-DECISION", lambda nonsense=nonsense: quarantine.decide(world.house, world.first, item.id, decision=nonsense))


def test_a_damaged_item_stays_held_and_may_be_removed(world: World) -> None:
    item = world.seal()
    world.sealed(item).write_bytes(b"damaged")
    quarantine.decide(world.house, world.first, item.id, decision="release")
    with pytest.raises(Fault, match="QUARANTINE-DAMAGED"):
        quarantine.decide(world.house, world.second, item.id, decision="release")
    assert Quarantine.objects.get(id=item.id).state == "held"
    quarantine.decide(world.house, world.first, item.id, decision="remove")
    assert quarantine.decide(world.house, world.second, item.id, decision="remove").state == "removed"


def test_who_comes_too_late_leaves_nothing_plain(world: World) -> None:
    item = world.seal()
    quarantine.decide(world.house, world.first, item.id, decision="release")
    stale = Quarantine.objects.get(id=item.id)
    Quarantine.objects.filter(id=item.id).update(version=stale.version + 1)
    refused("QUARANTINE-CHANGED", lambda: quarantine._confirm(world.house, world.second, stale, "release"))
    assert list(quarantine.restore_path(world.house, item).iterdir()) == []
    assert world.sealed(item).exists()


def test_sweeping_finishes_what_a_crash_left(world: World) -> None:
    removed, held_back, kept = world.seal(1), world.seal(2), world.seal(3)
    Quarantine.objects.filter(id=removed.id).update(state="removed")
    plain = sealing.unseal(world.house.data, held_back.sealed_name, quarantine.restore_path(world.house, held_back))
    assert quarantine.sweep(world.house) == 1
    assert (world.sealed(removed).exists(), plain.exists()) == (False, True)
    long_ago = (NOW - timedelta(hours=2)).timestamp()
    os.utime(plain.parent, (long_ago, long_ago))
    assert quarantine.sweep(world.house) == 1
    assert (plain.exists(), world.sealed(held_back).exists(), world.sealed(kept).exists()) == (False, True, True)
    assert quarantine.sweep(world.house) == 0
