"""From quarantine back into the line: a false alarm judged by two persons becomes a record, and no plain copy stays behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import line
from lantai.core.access import Actor
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch, Quarantine
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import capture, quarantine
from tests.support.line_house import ARCHIVIST, line_house

MARKED = "机密★10年\n\n关于保密法宣传样张的通知\n各科室：附件为标志样式，供培训用。\n".encode()


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    """A trial installation without a virus engine."""
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def pair(house: House) -> tuple[Actor, Actor]:
    """Two security administrators."""
    logins = ("secadmin", "secadmin2")
    for login in logins:
        Account.objects.create(id=house.ids.new(), login=login, name=login, role="secadmin", person=login, created_at=house.clock.now())
    accounts = [Account.objects.get(login=login) for login in logins]
    return Actor(accounts[0].id, logins[0], "甲", "secadmin"), Actor(accounts[1].id, logins[1], "乙", "secadmin")


def deliver(house: House, folder: Path, channel: str = "oa") -> Batch:
    """Deliver a folder and do what is due."""
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel=channel, department="ZHK")
    line.finish(house)
    return Batch.objects.get(id=batch_id)


@pytest.fixture
def sealed(house: House, tmp_path: Path) -> Quarantine:
    """A marked file that was sealed away."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "样张.txt").write_bytes(MARKED)
    deliver(house, folder)
    assert not Record.objects.exists()
    assert Event.objects.filter(type="quarantine:sealed").count() == 1
    return Quarantine.objects.get()


def test_a_false_alarm_becomes_a_record_of_the_same_channel_and_department(
    house: House, pair: tuple[Actor, Actor], sealed: Quarantine
) -> None:
    quarantine.decide(house, pair[0], sealed.id, decision="release")
    outcome = quarantine.decide(house, pair[1], sealed.id, decision="release")
    line.finish(house)
    batch, row = Batch.objects.get(id=outcome.batch_id), Record.objects.get()
    assert (batch.channel, batch.department, batch.record_count) == ("oa", "ZHK", 1)
    assert row.batch_id == batch.id
    assert "SECRET-FALSE-ALARM" in [item["code"] for item in row.arrival["findings"]]
    assert Quarantine.objects.count() == 1
    assert outcome.restore_path is not None
    assert not outcome.restore_path.parent.exists()
    assert not list((house.data / "quarantine").iterdir())


def test_the_same_bytes_from_elsewhere_are_still_sealed_away(
    house: House, pair: tuple[Actor, Actor], sealed: Quarantine, tmp_path: Path
) -> None:
    for actor in pair:
        quarantine.decide(house, actor, sealed.id, decision="release")
    line.finish(house)
    other = tmp_path / "other"
    other.mkdir()
    (other / "样张.txt").write_bytes(MARKED)
    (other / "别的.txt").write_bytes(MARKED + "另一份。".encode())
    batch = deliver(house, other)
    assert Arrival.objects.filter(batch=batch, outcome="quarantined").count() == 2


def test_other_bytes_in_the_released_folder_are_judged_by_themselves(house: House, pair: tuple[Actor, Actor], sealed: Quarantine) -> None:
    quarantine.decide(house, pair[0], sealed.id, decision="release")
    outcome = quarantine.decide(house, pair[1], sealed.id, decision="release")
    assert outcome.restore_path is not None
    outcome.restore_path.with_name("混入.txt").write_bytes(MARKED + b"x")
    line.finish(house)
    assert Record.objects.count() == 1
    assert Quarantine.objects.filter(state="held", batch_id=outcome.batch_id).count() == 1
    assert not outcome.restore_path.parent.exists()


def test_removal_leaves_no_byte(house: House, pair: tuple[Actor, Actor], sealed: Quarantine) -> None:
    for actor in pair:
        quarantine.decide(house, actor, sealed.id, decision="remove")
    line.finish(house)
    assert not Record.objects.exists()
    assert not list((house.data / "quarantine").iterdir())
