"""Archived records corrected by two persons: each correction a version, listed, compared and gone back to; no half of one is ever true."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import corpus as papers
from lantai import line
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.core.metadata import Rule
from lantai.packages import ocfl_check
from lantai.packages.evidence import verify
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.metadata.models import MetadataScheme
from lantai.shelves.metadata.queries import stored
from lantai.shelves.versions.models import Amendment
from lantai.stages import amend, capture, evidence, find, prove, seal, succeeding, transfer
from lantai.stages.amend import carry, replacing
from lantai.stages.recover import carried
from lantai.stages.transfer.acts import Wanted
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.web import town as rows

SECOND = Actor("01TESTARCHIVISTTWO00000000", "lu", "陆一帆", "archivist", "")
TITLE = "云汀市发展和改革委员会关于核定供热价格的批复"


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.fixture
def row(house: House, tmp_path: Path) -> Record:
    """An archived record."""
    papers.one_page_pdfs(tmp_path / "来文", 1, 11)
    batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "来文"], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch])
    return Record.objects.get(batch_id=batch)


def corrected(house: House, row: Record, changes: dict[str, str] | None = None) -> Amendment:
    made = amend.correct(house, ARCHIVIST, row.id, changes or {"title": TITLE}, reason="原题名漏字，依原件改正")
    return amend.decide(house, SECOND, made.id, is_approved=True, words="核对原件，同意")


def problems(house: House) -> list[str]:
    seal.seal(house)
    return [item.code for item in prove.verify_as_service(house, None).problems]


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda problem: problem.code == code)


def test_a_correction_is_a_version_and_can_be_gone_back_from(house: House, row: Record, tmp_path: Path) -> None:
    was = row.title
    assert corrected(house, row).state == "done"
    row.refresh_from_db()
    assert (row.title, row.elements["title"], row.content_version) == (TITLE, TITLE, 2)
    found = amend.compared(house, ARCHIVIST, row.code, 1, 2)
    assert [(item.name, item.before, item.after) for item in found.elements] == [("title", was, TITLE)]
    assert found.files == ()
    assert [(item.pages, item.is_same, item.before == item.after != "") for item in found.pairs] == [(1, True, True)]
    image = amend.page_image(house, ARCHIVIST, row.code, found.pairs[0].before, version=1, page=1, width=200)
    assert image.startswith(b"\x89PNG")
    assert problems(house) == []

    back = amend.restore(house, ARCHIVIST, row.code, 1, reason="更正有误")
    assert amend.decide(house, SECOND, back.id, is_approved=True, words="同意恢复").state == "done"
    row.refresh_from_db()
    assert (row.title, row.content_version) == (was, 3)
    assert problems(house) == []
    given_out = evidence.to_folder(house, ARCHIVIST, row.id, tmp_path / "证据")
    proved = verify.check(tmp_path / "证据" / given_out.path, [], "")
    assert (proved.is_good, any("第 3 版入库的事件" in said for _, said, _ in proved.lines)) == (True, True), proved.lines
    before = Event.objects.filter(type="record:read", object_id=row.id).count()
    assert [(item.number, item.act) for item in amend.listed(house, ARCHIVIST, row.id)] == [
        (3, "恢复旧版著录"),
        (2, "更正著录"),
        (1, "归档"),
    ]
    assert Event.objects.filter(type="record:read", object_id=row.id).count() == before + 1
    assert amend.compared(house, ARCHIVIST, row.id, 1, 3).elements == ()
    assert problems(house) == []
    folder = next(path for path in (house.data / "vault").rglob(f"*{row.id}*") if path.is_dir())
    assert [item for item in ocfl_check.validate(folder) if item.severity == "error"] == []
    value = succeeding.described(house, row.id, 3)
    packaged = carried.record_columns(value, carried.own_elements(row.elements))
    assert packaged == {name: getattr(row, name) for name in carried.RECORD}, "the row can be rebuilt from its package"
    told = list(Event.objects.filter(object_id=row.id, type__startswith="amendment:").order_by("id").values_list("type", flat=True))
    assert told == ["amendment:proposed", "amendment:approved"] * 2
    assert Event.objects.filter(type="record:amended").count() == Event.objects.filter(type="record:restored").count() == 1
    line.finish(house)
    assert find.search(house, ARCHIVIST, was).total == 1
    assert find.search(house, ARCHIVIST, TITLE).total == 0


def test_what_is_no_key_element_needs_a_reason_alone_and_can_be_gone_back_from(house: House, row: Record) -> None:
    with refused("AMEND-REASON"):
        amend.correct(house, ARCHIVIST, row.id, {"annotation": "缺附件"}, reason=" ")
    made = amend.correct(house, ARCHIVIST, row.id, {"annotation": "缺附件"}, reason="核对原件")
    assert (made.state, made.decided_by, made.decision) == ("done", ARCHIVIST.id, amend.ALONE)
    row.refresh_from_db()
    assert (row.elements["annotation"], row.content_version) == ("缺附件", 2)
    assert "更正 沈静宜" in next(item.description for item in succeeding.described(house, row.id, 2).events if item.activity == "更正著录")
    assert amend.restore(house, ARCHIVIST, row.id, 1, reason="附件找到了").state == "done"
    told = list(Event.objects.filter(object_id=row.id, type__startswith="amendment:").values_list("type", flat=True))
    assert told == ["amendment:proposed"] * 2
    assert amend.correct(house, ARCHIVIST, row.id, {"annotation": "缺页", "title": TITLE}, reason="核对原件").state == "proposed"
    assert {name: is_key for name, _, is_key in amend.correctable(ARCHIVIST, row.id)}["title"]
    assert problems(house) == []


def test_the_scheme_says_what_a_second_person_must_approve(house: House, row: Record) -> None:
    rules = stored((Rule("annotation", is_key=True), Rule("title", is_key=False)))
    MetadataScheme.objects.create(id="M1", number=1, state="in_force", rules=rules, reason="细则", proposed_by="x", proposed_at=rows.NOW)
    assert amend.correct(house, ARCHIVIST, row.id, {"title": TITLE}, reason="漏字").state == "done"
    assert amend.correct(house, ARCHIVIST, row.id, {"annotation": "缺附件"}, reason="核对原件").state == "proposed"


def test_one_person_changes_no_key_element_alone(house: House, row: Record) -> None:
    with refused("ACCESS-REFUSED"):
        amend.correct(house, READER, row.id, {"title": TITLE}, reason="改")
    made = amend.correct(house, ARCHIVIST, row.id, {"title": TITLE}, reason="漏字")
    with refused("AMEND-SECOND-PERSON"):
        amend.decide(house, ARCHIVIST, made.id, is_approved=True, words="同意")
    with refused("AMEND-WAITING"):
        amend.correct(house, SECOND, row.id, {"title": TITLE + "一"}, reason="漏字")
    assert amend.decide(house, ARCHIVIST, made.id, is_approved=False, words="撤回").state == "rejected"
    assert Event.objects.filter(type="amendment:rejected").count() == 1
    row.refresh_from_db()
    assert (row.content_version, house.store.has(row.id, 2)) == (1, False)


def test_what_may_not_be_corrected_is_refused(house: House, row: Record) -> None:
    for changes, code in (
        ({"retention": "D10"}, "AMEND-FIXED-ELEMENT"),
        ({"archival_code": "X"}, "AMEND-FIXED-ELEMENT"),
        ({"title": row.title}, "AMEND-NOTHING"),
        ({"title": ""}, "ELEMENT-REQUIRED"),
    ):
        with refused(code):
            amend.correct(house, ARCHIVIST, row.id, changes, reason="试")
    with refused("AMEND-REASON"):
        amend.correct(house, ARCHIVIST, row.id, {"title": TITLE}, reason=" ")
    with refused("VERSION-UNKNOWN"):
        amend.restore(house, ARCHIVIST, row.id, 2, reason="试")
    with refused("AMEND-NOTHING"):
        amend.restore(house, ARCHIVIST, row.id, 1, reason="试")
    Record.objects.filter(id=row.id).update(custody="transferred_copy_kept")
    with refused("AMEND-NOT-FREE"):
        amend.correct(house, ARCHIVIST, row.id, {"title": TITLE}, reason="试")


def test_what_was_approved_is_made_even_if_the_machine_dies(house: House, row: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    made = amend.correct(house, ARCHIVIST, row.id, {"title": TITLE}, reason="漏字")
    with monkeypatch.context() as broken:
        broken.setattr(carry, "_apply", lambda *_: (_ for _ in ()).throw(Fault("STORE-FAILED", "vault", reason="断电")))
        with pytest.raises(Fault):
            amend.decide(house, SECOND, made.id, is_approved=True, words="同意")
    row.refresh_from_db()
    assert (row.content_version, house.store.has(row.id, 2)) == (1, True)
    assert problems(house) == []
    assert list(amend.unmade()) == [{"amendment_id": made.id}]
    assert list(transfer.due(house, ARCHIVIST, Wanted(last_year="2100"))) == []
    amend.rest_amendment("STORE-FULL", amendment_id=made.id)
    assert list(amend.unmade()) == []
    assert amend.resume(house, ARCHIVIST, made.id).state == "done"
    assert amend.carry_out(house, made.id).state == "done"
    row.refresh_from_db()
    assert (row.title, row.content_version) == (TITLE, 2)
    assert problems(house) == []


@pytest.fixture
def offer(house: House, tmp_path: Path) -> Record:
    """A record that was received and waits to be numbered."""
    papers.one_page_pdfs(tmp_path / "补扫", 1, 12)
    batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "补扫"], channel="manual", department="BGS")
    line.finish(house)
    return Record.objects.get(batch_id=batch)


def test_files_give_way_to_others_in_a_new_version_and_stay_in_the_old(house: House, row: Record, offer: Record) -> None:
    seal.seal(house)
    old, new = (ComputerFile.objects.get(record_id=key) for key in (row.id, offer.id))
    made = amend.replace(house, ARCHIVIST, row.code, offer.id, reason="原件缺页，重新扫描")
    with refused("AMEND-SECOND-PERSON"):
        amend.decide(house, ARCHIVIST, made.id, is_approved=True, words="同意")
    assert amend.decide(house, SECOND, made.id, is_approved=True, words="核对过新件").state == "done"
    row.refresh_from_db()
    offer.refresh_from_db()
    assert (row.content_version, row.state, offer.state, row.size_bytes) == (2, "archived", "merged", new.size_bytes)
    found = amend.compared(house, ARCHIVIST, row.id, 1, 2)
    assert ("changed", old.sha256, new.sha256) in {(item.kind, item.before_sha256, item.after_sha256) for item in found.files}
    with house.store.open(row.id, old.path, 1) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == old.sha256, "the old bytes stay in the old version"
    kept = ComputerFile.objects.get(record_id=row.id)
    assert (kept.id, kept.sha256, kept.staged, kept.from_version) == (new.id, new.sha256, "", 2)
    assert not (house.data / new.staged).exists()
    assert [(item.number, item.act) for item in amend.listed(house, ARCHIVIST, row.id)] == [(2, "替换文件"), (1, "归档")]
    assert Report.objects.filter(subject_id=row.id, gate="archiving").count() == 2
    assert Event.objects.filter(type="record:replaced", object_id=row.id).count() == 1
    assert problems(house) == []
    folder = next(path for path in (house.data / "vault").rglob(f"*{row.id}*") if path.is_dir())
    assert [item for item in ocfl_check.validate(folder) if item.severity == "error"] == []
    value = succeeding.described(house, row.id, 2)
    packaged = carried.record_columns(value, carried.own_elements(row.elements))
    assert packaged == {name: getattr(row, name) for name in carried.RECORD}, "the row can be rebuilt from its package"
    assert amend.carry_out(house, made.id).state == "done"
    assert corrected(house, row).state == "done", "and the record can be corrected after"
    assert problems(house) == []


def test_what_cannot_take_the_place_of_files_is_refused(house: House, row: Record, offer: Record) -> None:
    seal.seal(house)
    for key, number, code in ((row.id, 0, "REPLACE-OFFER"), (offer.id, 9, "REPLACE-DOCUMENT")):
        with refused(code):
            amend.replace(house, ARCHIVIST, row.id, key, reason="试", number=number)
    with refused("ACCESS-REFUSED"):
        amend.replace(house, READER, row.id, offer.id, reason="试")
    Record.objects.filter(id=offer.id).update(needs_attention="CHECK-FAILED")
    with refused("REPLACE-OFFER"):
        amend.replace(house, ARCHIVIST, row.id, offer.id, reason="试")


def test_a_replacement_that_was_approved_is_made_even_if_the_machine_dies(
    house: House, row: Record, offer: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal.seal(house)
    made = amend.replace(house, ARCHIVIST, row.id, offer.id, reason="原件缺页", number=1)
    with monkeypatch.context() as broken:
        broken.setattr(replacing, "enter", lambda *_: (_ for _ in ()).throw(Fault("STORE-FAILED", "vault", reason="断电")))
        with pytest.raises(Fault):
            amend.decide(house, SECOND, made.id, is_approved=True, words="同意")
    row.refresh_from_db()
    assert (row.content_version, house.store.has(row.id, 2)) == (1, True)
    assert problems(house) == [], "what was written and not entered is no problem"
    assert list(amend.unmade()) == [{"amendment_id": made.id}]
    assert amend.carry_out(house, made.id).state == "done"
    row.refresh_from_db()
    assert row.content_version == 2
    assert problems(house) == []
