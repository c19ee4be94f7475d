"""Projects and batches: who may, which step after which, the working papers that are kept and signed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.ports.clock import Ids
from lantai.shelves.digitising.models import FiledForm, Item, ScanBatch
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.stages import digitise
from lantai.stages.digitise import (
    Order,
    Papers,
    accepting,
    assigning,
    describing,
    inspecting,
    projects,
)
from lantai.stages.digitise.describing import Entered
from lantai.stages.digitise.projects import Done
from lantai.stages.report import describing as report_describing
from lantai.stages.report import scan_filing, scan_forms
from tests.stages.paper.boxes import OTHER, opened, taken
from tests.support import scans
from tests.support.line_house import ARCHIVIST, READER
from tests.support.told import types


def test_who_may_not_is_refused(house: House, box: Path) -> None:
    batch = taken(house, box)
    row = Item.objects.filter(batch=batch).earliest("sequence")
    for act in (
        lambda: digitise.make_project(house, READER, Order("乙")),
        lambda: digitise.take_in(house, READER, batch.id, box),
        lambda: describing.save_draft(house, OTHER, row.id, Entered({})),
        lambda: inspecting.draw(house, READER, batch.id),
        lambda: accepting.sign(house, READER, batch.id, count=1),
    ):
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            act()


def test_working_papers_are_kept_signed_and_held_against_their_digest(house: House, box: Path) -> None:
    batch = taken(house, box)
    kept = {row.form: row for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
    assert set(kept) == set(scan_forms.FORMS) - {"scan-inspection", "scan-erasure"}
    assert scan_filing.keep(house, ARCHIVIST, batch.id) == ()
    flow = kept["scan-flow"]
    assert scan_filing.shown(house, OTHER, flow.id)[1].startswith(b"%PDF")
    payload = json.loads(Event.objects.filter(type="digitising:filed").latest("id").payload.body)
    assert payload["sha256"] == FiledForm.objects.order_by("-id")[0].sha256
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        scan_filing.sign(house, OTHER, flow.id, place="项目负责人")
    scan_filing.sign(house, ARCHIVIST, flow.id, place="项目负责人")
    with pytest.raises(Refusal, match="DIGITISE-FORM-SIGNED"):
        scan_filing.sign(house, ARCHIVIST, flow.id, place="项目负责人")
    stands = {item.form: item for item in scan_filing.standing(house, ARCHIVIST, batch.id)}
    assert stands["scan-flow"].is_signed
    assert stands["scan-plan"].open_places == ("编制人", "审核人")
    digitise.record_step(house, ARCHIVIST, batch.id, "take_out", Done(items=2, with_whom="库房 韩松"))
    again = {row.form: row.edition for row in scan_filing.keep(house, ARCHIVIST, batch.id)}
    assert again == {"scan-take-out": 2, "scan-flow": 2}
    assert {"digitising:filed", "digitising:countersigned"} <= types()
    (house.data / flow.stored).write_bytes(b"other")
    with pytest.raises(Fault, match="DIGITISE-FORM-CHANGED"):
        scan_filing.shown(house, ARCHIVIST, flow.id)


@dataclass(frozen=True)
class Meanwhile:
    """Identifiers; when the first is asked for, somebody else acts."""

    ids: Ids
    act: list[Callable[[], object]]

    def new(self) -> str:
        if self.act:
            self.act.pop()()
        return self.ids.new()


def test_who_keeps_the_papers_while_another_does_keeps_them_once(house: House, box: Path) -> None:
    batch, done = taken(house, box), list[FiledForm]()
    other = Meanwhile(house.ids, [lambda: done.extend(scan_filing.keep(house, replace(OTHER, role="archivist"), batch.id))])
    assert scan_filing.keep(replace(house, ids=other), ARCHIVIST, batch.id) == ()
    assert {row.id for row in done} == set(FiledForm.objects.values_list("id", flat=True))
    stored = {house.data / row.stored for row in done}
    assert set((house.data / "scans" / batch.id / scan_filing.FOLDER).iterdir()) == stored


def test_persons_are_named_for_steps_and_find_their_batch_first(house: House, box: Path, tmp_path: Path) -> None:
    for account in (ARCHIVIST, OTHER):
        known = {"login": account.login, "name": account.name, "role": account.role, "created_at": house.clock.now()}
        Account.objects.get_or_create(id=account.id, defaults=known)
    first, second = taken(house, box), taken(house, scans.write(tmp_path / "另" / "件.tif", 77).parent)
    assigning.assign(house, ARCHIVIST, second.id, "describe", [ARCHIVIST.id])
    assert Item.objects.get(id=report_describing.first(ARCHIVIST)).batch_id == second.id
    assigning.assign(house, ARCHIVIST, second.id, "describe", [])
    assert Item.objects.get(id=report_describing.first(ARCHIVIST)).batch_id == first.id
    with pytest.raises(Refusal, match="DIGITISE-PERSON"):
        assigning.assign(house, ARCHIVIST, second.id, "describe", [OTHER.id])
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        assigning.assign(house, ARCHIVIST, second.id, "recognise", [ARCHIVIST.id])
    assert "digitising:assigned" in types()


def test_steps_are_noted_in_their_order(house: House, box: Path) -> None:
    batch = opened(house)
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        digitise.record_step(house, ARCHIVIST, batch.id, "prepare", Done())
    digitise.record_step(house, ARCHIVIST, batch.id, "take_out", Done(items=9, pages=144, with_whom="库房 韩松"))
    digitise.record_step(house, ARCHIVIST, batch.id, "prepare", Done(items=9))
    assert "digitising:stepped" in types()
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        digitise.record_step(house, ARCHIVIST, batch.id, "recognise", Done())
    with pytest.raises(Refusal, match="DIGITISE-STEP"):
        projects.close(house, ARCHIVIST, batch.id)


def test_projects_that_ask_too_little_are_refused(house: House) -> None:
    for order in (Order(""), Order("甲", shape="free"), Order("甲", sample_percent=4), Order("甲", pass_percent=94.0)):
        with pytest.raises(Refusal, match="DIGITISE-PROJECT"):
            digitise.make_project(house, ARCHIVIST, order)


def test_a_folder_that_is_given_again_goes_on_with_its_batch(house: House, tmp_path: Path) -> None:
    project = digitise.make_project(house, ARCHIVIST, Order("甲项目"))
    box = tmp_path / "盒"
    papers = Papers("第 3 盒", year="2024", folder=box)
    assert projects.going_on(house, ARCHIVIST, papers) is None
    batch = digitise.open_batch(house, ARCHIVIST, project.code, papers)
    assert str(box) not in str(batch.facts)  # a name may be a secret
    assert projects.going_on(house, ARCHIVIST, papers) == batch
    for other in (replace(papers, title="第 4 盒"), replace(papers, year="2023"), replace(papers, folder=tmp_path)):
        assert projects.going_on(house, ARCHIVIST, other) is None
    assert projects.going_on(house, replace(ARCHIVIST, id="01OTHER"), papers) is None
    scans.write(box / "件.png", 3)
    digitise.take_in(house, ARCHIVIST, batch.id, box)
    assert projects.going_on(house, ARCHIVIST, papers) == batch
    (box / "件.png").unlink()
    scans.write(box / "又一件.png", 4)
    assert projects.going_on(house, ARCHIVIST, papers) is None  # filled anew: another box
    ScanBatch.objects.filter(id=batch.id).update(state="delivered")
    assert projects.going_on(house, ARCHIVIST, papers) is None
