"""Volumes: records of one class lie in one, are ordered, get their codes together, and come apart as long as nothing is fixed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.packages import record_xml
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, NumberRange, Record, Volume, VolumeItem
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.reports import queries as reports
from lantai.stages import arrange, capture, categories, number, prove, undo, volumes
from lantai.stages.categories import Wanted
from lantai.stages.report import printing
from lantai.stages.report import volumes as read
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types
from tests.web import town as rows
from tests.web.conftest import house as small

__all__ = ["small"]
FORM = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
BY_VOLUME = Wanted("文书", "volume", FORM)


def refused(code: str, act: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code
    return caught.value


@pytest.fixture
def house(small: House) -> House:
    """A house whose one category is filed by volume."""
    categories.decide(small, ARCHIVIST, "WS", BY_VOLUME, reason="沿用案卷级整理")
    return small


def three() -> list[str]:
    return [
        rows.record(document_date=f"202403{at:02d}", page_count=at, retention=period).id
        for at, period in ((1, "D10"), (3, "Y"), (2, "D30"))
    ]


def inside(volume_id: str) -> list[str]:
    return list(VolumeItem.objects.filter(volume_id=volume_id).order_by("sequence").values_list("record_id", flat=True))


def formed(house: House, keys: list[str], title: str = "关于防汛工作的文件") -> str:
    return str(volumes.form(house, ARCHIVIST, keys, title=title).asked["volume"])


def test_a_volume_says_what_follows_from_its_items_and_its_order(house: House) -> None:
    one, two, last = three()
    key = formed(house, [one, two, last])
    seen = read.one(house, ARCHIVIST, key)
    assert (seen.code, seen.retention, seen.span, seen.pages, seen.count) == ("Z109-WS·2024·Y-001", "永久", "20240301—20240303", "6", 3)
    assert [item.pages for item in seen.items] == ["1", "2—4", "5—6"]
    volumes.order(house, ARCHIVIST, key, [last], after="")
    volumes.describe(house, ARCHIVIST, key, title="防汛抗旱", note="第二件缺附件。")
    assert [(item.id, item.pages) for item in read.one(house, ARCHIVIST, key).items] == [(last, "1—2"), (one, "3"), (two, "4—6")]
    volumes.take_out(house, ARCHIVIST, key, [two])
    assert read.one(house, ARCHIVIST, key).retention == "30年"
    volumes.add(house, ARCHIVIST, key, [two])
    assert inside(key) == [last, one, two]
    assert types() == {"category:decided", "volume:formed", "volume:changed"}


def test_every_step_is_taken_back_in_turn_until_nothing_is_left(house: House) -> None:
    one, two, last = three()
    key = formed(house, [one, two])
    volumes.add(house, ARCHIVIST, key, [last])
    volumes.order(house, ARCHIVIST, key, [one], after=last)
    volumes.describe(house, ARCHIVIST, key, title="另一题名", note="")
    volumes.undo(house, ARCHIVIST, key)
    assert (inside(key), read.count(ARCHIVIST)) == ([], 0)
    for expected in ([two, last, one], [two, last, one], [one, two, last], [one, two]):
        undo.undo(house, ARCHIVIST)
        assert inside(key) == expected
    assert Volume.objects.get(id=key).title == "关于防汛工作的文件"
    undo.undo(house, ARCHIVIST)
    assert (inside(key), Volume.objects.get(id=key).state) == ([], "undone")
    assert "volume:undone" in types()


def test_what_somebody_did_since_is_not_taken_back(house: House) -> None:
    one, two, last = three()
    first = volumes.form(house, ARCHIVIST, [one, two], title="甲")
    key = str(first.asked["volume"])
    volumes.take_out(house, ARCHIVIST, key, [two])
    refused("UNDO-OVERTAKEN", lambda: undo.undo(house, ARCHIVIST, first.id))
    volumes.undo(house, ARCHIVIST, key)
    formed(house, [one, last], "乙")
    refused("UNDO-OVERTAKEN", lambda: undo.undo(house, ARCHIVIST, volumes.Act.objects.filter(title__startswith="拆卷").get().id))


def test_what_cannot_be_a_volume_is_refused_and_changes_nothing(house: House) -> None:
    one, two, _ = three()
    other, fixed = rows.record(year="2023"), rows.record(state="archived", code="Z109-WS·2024·Y-009-001")
    key = formed(house, [one])
    for code, act in (
        ("ACCESS-REFUSED", lambda: volumes.form(house, READER, [two], title="乙")),
        ("SELECTION-EMPTY", lambda: volumes.form(house, ARCHIVIST, [], title="乙")),
        ("RECORD-UNKNOWN", lambda: volumes.form(house, ARCHIVIST, ["没有"], title="乙")),
        ("VOLUME-TITLE-MISSING", lambda: volumes.form(house, ARCHIVIST, [two], title=" ")),
        ("VOLUME-TITLE-MISSING", lambda: volumes.form(house, ARCHIVIST, [two], title="题" * 501)),
        ("VOLUME-ELSEWHERE", lambda: volumes.form(house, ARCHIVIST, [two, one], title="乙")),
        ("VOLUME-UNLIKE", lambda: volumes.form(house, ARCHIVIST, [two, other.id], title="乙")),
        ("VOLUME-UNLIKE", lambda: volumes.add(house, ARCHIVIST, key, [other.id])),
        ("RECORD-CODE-FIXED", lambda: volumes.add(house, ARCHIVIST, key, [fixed.id])),
        ("VOLUME-NOT-IN", lambda: volumes.take_out(house, ARCHIVIST, key, [two])),
        ("VOLUME-NOT-IN", lambda: volumes.order(house, ARCHIVIST, key, [one], after=two)),
        ("VOLUME-UNKNOWN", lambda: volumes.undo(house, ARCHIVIST, "没有")),
        ("VOLUME-CHANGED-MEANWHILE", lambda: volumes.fix(house, ARCHIVIST, key, seen=7)),
        ("NUMBER-BY-VOLUME", lambda: number.fix(house, ARCHIVIST, year="2024", department="BGS", retention="D30")),
        ("CATEGORY-IN-USE", lambda: categories.retire(house, ARCHIVIST, "WS", reason="不再用")),
    ):
        refused(code, act)
    assert (inside(key), Volume.objects.count()) == ([one], 1)
    assert number.outlook(house, ARCHIVIST, year="2024", department="BGS", retention="D30").scope == ""


def test_an_item_that_moved_on_keeps_the_volume_open_until_it_is_taken_out(house: House) -> None:
    one, two, last = three()
    key = formed(house, [one, two, last])
    row = Record.objects.get(id=two)
    arrange.revise(house, ARCHIVIST, two, version=row.version, changes={"year": "2023"})
    Record.objects.filter(id=last).update(hold=True)
    problem = refused("VOLUME-NOT-READY", lambda: volumes.fix(house, ARCHIVIST, key))
    assert [item.code for item in problem.reasons] == ["VOLUME-ITEM-ELSEWHERE", "VOLUME-ITEM-IMPEDED"]
    assert read.one(house, ARCHIVIST, key).problems == 2
    volumes.take_out(house, ARCHIVIST, key, [two, last])
    assert volumes.fix(house, ARCHIVIST, key).scope == "Z109-WS·2024·D10-001"


def test_a_fixed_volume_numbers_its_items_and_nothing_of_it_changes_any_more(house: House) -> None:
    one, two, last = three()
    key, second = formed(house, [one, two]), formed(house, [last], "乙")
    assert [read.one(house, ARCHIVIST, each).code for each in (key, second)] == ["Z109-WS·2024·Y-001", "Z109-WS·2024·D30-001"]
    sealed = volumes.fix(house, ARCHIVIST, key, seen=1)
    assert (sealed.scope, sealed.first, sealed.last) == ("Z109-WS·2024·Y-001", 1, 2)
    told = list(Record.objects.filter(id__in=[one, two]).order_by("code").values_list("id", "code", "retention", "state", "due_date"))
    assert told == [
        (one, "Z109-WS·2024·Y-001-001", "Y", "numbered", ""),
        (two, "Z109-WS·2024·Y-001-002", "Y", "numbered", ""),
    ]
    first = Record.objects.get(id=one)
    assert (first.elements["agency_file_number"], first.elements["page_number"], first.elements["retention_period"]) == ("001", "1", "永久")
    assert [item["target"] for item in first.relations] == ["Z109-WS·2024·Y-001"]
    assert "本件为第 1 件" in first.relations[0]["description"]
    assert NumberRange.objects.get(id=sealed.range_id).last == 2
    assert types() >= {"volume:fixed", "record:numbered", "record:revised"}
    for act in (volumes.undo, volumes.fix):
        refused("VOLUME-FIXED", lambda act=act: act(house, ARCHIVIST, key))
    refused("UNDO-OVERTAKEN", lambda: undo.undo(house, ARCHIVIST, volumes.Act.objects.order_by("id")[0].id))
    number.withdraw(house, ARCHIVIST, two, reason="撤件")
    back = Record.objects.get(id=two)
    assert (back.state, back.relations, "page_number" in back.elements) == (State.ARRANGED, [], False)
    assert inside(key) == [one]
    assert number.gaps(house, ARCHIVIST, "Z109-WS·2024·Y-001")[1][0].number == 2
    volumes.add(house, ARCHIVIST, second, [two])
    assert volumes.fix(house, ARCHIVIST, second).scope == "Z109-WS·2024·Y-002"


def words(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    return "".join(text.split()).replace("\u200b", "")


def test_the_forms_of_a_volume_say_what_lies_in_it_and_are_told(house: House) -> None:
    one, two, last = three()
    key = formed(house, [one, two, last])
    volumes.describe(house, ARCHIVIST, key, title="防汛抗旱", note="第二件缺附件。")
    assert "档号尚未固定" in words(printing.make(house, ARCHIVIST, "volume-list", key).content)
    refused("FORM-TARGET-UNKNOWN", lambda: printing.make(house, ARCHIVIST, "volumes", "Z109-WS·2024·Y"))
    volumes.fix(house, ARCHIVIST, key)
    for form, target, expected in (
        ("volume-list", "Z109-WS·2024·Y-001", ("卷内文件目录", "防汛抗旱", "2—4", Record.objects.get(id=last).document_number)),
        ("volume-cover", key, ("云汀市发展和改革委员会", "文书", "防汛抗旱", "20240301—20240303", "Z109-WS·2024·Y-001", "3件", "栏目待核")),
        ("volume-remarks", key, ("卷内备考表", "立卷时间", "第二件缺附件。", "立卷人", "20240301—20240303", "6页")),
        ("volumes", "Z109-WS·2024·Y", ("案卷目录", "防汛抗旱", "永久", "1卷")),
    ):
        said = words(printing.make(house, ARCHIVIST, form, target).content)
        assert all(word in said for word in expected), said
        assert "档号尚未固定" not in said
    refused("ACCESS-REFUSED", lambda: printing.make(house, READER, "volume-list", key))


@pytest.fixture
def line_of_three(fresh_data: Path, tmp_path: Path) -> Iterator[House]:
    """Three arranged records of one class that came by the line, in a category filed by volume."""
    one_page_pdfs(tmp_path / "papers", 3, 11)
    with line_house(fresh_data) as built:
        categories.decide(built, ARCHIVIST, "WS", BY_VOLUME, reason="沿用案卷级整理")
        capture.open_batch(built, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        line.finish(built)
        keys = list(Record.objects.values_list("id", flat=True))
        arrange.revise_many(built, ARCHIVIST, keys, changes={"year": "2026", "department": "BGS", "retention": "D30"})
        yield built


def test_a_volume_is_archived_and_its_packages_say_so(line_of_three: House) -> None:
    house = line_of_three
    keys = list(Record.objects.order_by("-id").values_list("id", flat=True))
    volumes.fix(house, ARCHIVIST, formed(house, keys))
    line.finish(house)
    found = list(Record.objects.order_by("code"))
    assert [(row.id, row.state, row.code[-8:]) for row in found] == [
        (key, State.ARCHIVED, f"-001-00{at}") for at, key in enumerate(keys, 1)
    ]
    with house.store.open(keys[1], "record.xml") as stream:
        told = record_xml.read(stream.read())
    assert (told.text("agency_file_number"), told.text("agency_item_number"), told.text("page_number")) == ("001", "2", "2")
    assert [(item.target, item.kind, item.relation) for item in told.relations] == [("Z109-WS·2026·D30-001", "文件—文件", "组成")]
    assert "《关于防汛工作的文件》" in told.relations[0].description
    assert prove.verify(house, ARCHIVIST, [row.code for row in found]).ok
    whole = json.loads(Payload.objects.get(event__type="volume:fixed").body)
    assert (whole["code"], whole["records"]) == ("Z109-WS·2026·D30-001", 3)
    sealed = Report.objects.filter(subject_kind="range").get()
    assert not [item for item in reports.body(sealed)["items"] if item["outcome"] == "fail"]
    assert ArchivalCode.objects.filter(scope="Z109-WS·2026·D30-001").count() == 3
    assert Event.objects.filter(type="volume:formed").count() == 1
