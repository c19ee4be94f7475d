"""Archived records corrected by two persons: each correction a version, listed, compared and gone back to; no half of one is ever true."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import corpus as papers
from lantai import line
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.packages import ocfl_check
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.versions.models import Amendment
from lantai.stages import amend, capture, prove, seal, succeeding, transfer, use
from lantai.stages.amend import carry
from lantai.stages.recover import carried
from lantai.stages.transfer.acts import Wanted
from tests.support.line_house import ARCHIVIST, READER, line_house

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


def test_a_correction_is_a_version_and_can_be_gone_back_from(house: House, row: Record) -> None:
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
    assert [(item.number, item.act) for item in amend.listed(house, ARCHIVIST, row.id)] == [
        (3, "恢复旧版著录"),
        (2, "更正著录"),
        (1, "归档"),
    ]
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
    assert use.search(house, ARCHIVIST, was).total == 1
    assert use.search(house, ARCHIVIST, TITLE).total == 0


def test_one_person_changes_nothing_alone(house: House, row: Record) -> None:
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
