"""部门移交清单: two persons sign one list; what changes voids the first signature; nothing is listed twice."""

import json
from pathlib import Path

import pytest

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.shelves.register.models import Handover
from lantai.stages import handover
from tests.support.line_house import line_house
from tests.support.told import types
from tests.web import town as rows
from tests.web.town import Town


@pytest.fixture
def house(db: None, tmp_path: Path) -> House:
    """A house whose rows are rolled back."""
    with line_house(tmp_path / "data") as built:
        yield built


@pytest.fixture
def town(house: House) -> Town:
    """Departments and accounts."""
    return rows.found(house)


@pytest.fixture
def listed(town: Town) -> Handover:
    """A list of three records made by the department."""
    keys = [rows.record(state="arranged").id for _ in range(3)]
    return handover.make(town.house, town.actor("part_time_archivist"), "BGS", keys)


def test_two_persons_sign_one_list(town: Town, listed: Handover) -> None:
    han, shen = town.actor("part_time_archivist"), town.actor("archivist")
    with pytest.raises(Refusal, match="HANDOVER-STATE"):
        handover.sign(town.house, shen, listed.id, side="take", count="3")
    with pytest.raises(Refusal, match="HANDOVER-COUNT"):
        handover.sign(town.house, han, listed.id, side="give", count="2")
    given = handover.sign(town.house, han, listed.id, side="give", count="3")
    assert (given.state, given.given_sha256) == ("given", listed.list_sha256)
    done = handover.sign(town.house, shen, listed.id, side="take", count="3")
    assert (done.state, done.taken_sha256, done.taken_by) == ("done", listed.list_sha256, shen.id)
    told = [json.loads(row.payload.body)["list_sha256"] for row in Event.objects.filter(type__startswith="handover:")]
    assert told == [listed.list_sha256] * 3
    assert {"handover:made", "handover:given", "handover:taken"} <= types()
    with pytest.raises(Refusal, match="HANDOVER-STATE"):
        handover.drop(town.house, han, listed.id)


def test_two_accounts_of_one_person_are_no_two_persons(town: Town, listed: Handover) -> None:
    han, shen = town.actor("part_time_archivist"), town.actor("archivist")
    Account.objects.filter(id=han.id).update(person="Ｓhen ")
    Account.objects.filter(id=shen.id).update(person="shen")
    handover.sign(town.house, han, listed.id, side="give", count="3")
    with pytest.raises(Refusal, match="HANDOVER-SAME-PERSON"):
        handover.sign(town.house, shen, listed.id, side="take", count="3")


def test_a_change_voids_the_first_signature(town: Town, listed: Handover) -> None:
    han, shen = town.actor("part_time_archivist"), town.actor("archivist")
    handover.sign(town.house, han, listed.id, side="give", count="3")
    line = listed.lines.order_by("position").first()
    Record.objects.filter(id=line.record_id).update(title="改过的题名")
    with pytest.raises(Refusal, match="HANDOVER-CHANGED"):
        handover.sign(town.house, shen, listed.id, side="take", count="3")
    row = Handover.objects.get()
    assert (row.state, row.given_by) == ("open", "")
    assert row.list_sha256 != listed.list_sha256
    assert row.lines.get(record_id=line.record_id).told["title"] == "改过的题名"
    Record.objects.filter(id=line.record_id).update(state="returned")
    with pytest.raises(Refusal, match="HANDOVER-CHANGED"):
        handover.sign(town.house, han, listed.id, side="give", count="3")
    handover.sign(town.house, han, listed.id, side="give", count="2")
    assert handover.sign(town.house, shen, listed.id, side="take", count="2").state == "done"
    assert "handover:voided" in types()


def test_who_may_and_what_may_be_listed(town: Town, listed: Handover) -> None:
    han, shen = town.actor("part_time_archivist"), town.actor("archivist")
    foreign = rows.record(state="arranged", department="GHK")
    with pytest.raises(Refusal, match="HANDOVER-RECORDS"):
        handover.make(town.house, han, "BGS", [foreign.id])
    with pytest.raises(Refusal, match="HANDOVER-RECORDS"):
        handover.make(town.house, han, "BGS", [listed.lines.first().record_id])
    with pytest.raises(Refusal, match="HANDOVER-EMPTY"):
        handover.make(town.house, han, "BGS", [])
    for actor, side in ((shen, "give"), (han, "take")):
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            handover.sign(town.house, actor, listed.id, side=side, count="3")
    other = Actor("01OTHER", "wen", "温思齐", "part_time_archivist", "GHK")
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        handover.drop(town.house, other, listed.id)
    handover.drop(town.house, han, listed.id)
    assert "handover:dropped" in types()
    assert len(handover.eligible("BGS")) == 3
