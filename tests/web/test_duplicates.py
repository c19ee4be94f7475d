"""What may be there twice: found in four ways, side by side, and dealt with there."""

import pytest

from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Distinction, Record
from lantai.shelves.holdings.values import set_keys
from lantai.shelves.ledger.models import Event
from lantai.stages import distinguish
from lantai.stages.report import duplicates
from tests.support.line_house import ARCHIVIST, READER
from tests.web import town as rows
from tests.web.conftest import house, town
from tests.web.town import Town

__all__ = ["house", "town"]


def keyed(**more: object) -> Record:
    row = rows.record(**more)  # type: ignore[arg-type]
    set_keys(row)
    row.save()
    return row


def found(way: str) -> list[int]:
    return [group.count for group in duplicates.groups(ARCHIVIST, way)]


def test_alike_is_found_in_four_ways_and_only_where_something_is_open(town: Town) -> None:
    one, other = keyed(document_number="云发改〔2024〕3号"), keyed(document_number="云发改[2024]第03号", state="archived", code="Z-1")
    keyed(document_number="云发改〔2024〕8号", state="archived", code="Z-2")
    keyed(document_number="云发改〔2024〕8号", state="archived", code="Z-3")
    assert (found("number"), found("identity"), found("digest"), found("code")) == ([2], [], [], [])
    rows.file(one, "甲.pdf")
    rows.file(other, "乙.pdf")
    assert found("digest") == [2]
    Record.objects.filter(id=one.id).update(elements={"archival_code": "Z-1"})
    assert found("code") == [2]
    assert [side.id for side in duplicates.compared(ARCHIVIST, "code", "Z-1").sides] == [other.id, one.id]
    twins = [keyed(title="关于值班的通知", document_number=f"无{at}") for at in range(2)]
    assert found("identity") == [2]
    shown = duplicates.compared(ARCHIVIST, "identity", Record.objects.get(id=twins[0].id).identity_key)
    assert {name for name, _, is_same in shown.lines if not is_same} == {"文号"}
    assert not shown.is_joinable


def test_side_by_side_on_the_screen_and_taken_out_or_joined_there(town: Town) -> None:
    pair = [keyed(title="关于值班的通知", document_number="云发改〔2024〕3号") for _ in range(2)]
    client = town.client("archivist")
    page = client.get("/arrange/duplicates/").content.decode()
    assert "关于值班的通知" in page
    assert "合为一件 <kbd>" not in page
    for row in pair:
        rows.file(row)
    page = client.get("/arrange/duplicates/?by=digest").content.decode()
    assert page.count("同一文件") == 2
    assert "合为一件 <kbd>" in page
    assert "把 1 件移出归档" in client.post("/arrange/bulk/discard", {"record": pair[1].id}).content.decode()
    client.post("/arrange/bulk", {"act": "discard", "reason": "重份", "record": pair[1].id})
    assert Record.objects.get(id=pair[1].id).state == State.DISCARDED
    assert "没有文件相同的件" in client.get("/arrange/duplicates/?by=digest").content.decode()
    assert client.get("/arrange/duplicates/?by=elsewhere").status_code == 200
    assert town.client("reader").get("/arrange/duplicates/").status_code == 403


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code


def test_what_was_judged_not_to_be_the_same_is_not_proposed_again_until_taken_back(town: Town) -> None:
    pair = [keyed(title="关于值班的通知", document_number="云发改〔2024〕3号") for _ in range(2)]
    for row in pair:
        rows.file(row)
        Record.objects.filter(id=row.id).update(elements={"archival_code": "Z-9"})
    assert (found("number"), found("identity"), found("digest"), found("code")) == ([2], [2], [2], [2])
    assert distinguish.distinguish(town.house, ARCHIVIST, [row.id for row in pair]) == 1
    assert (found("number"), found("identity"), found("digest"), found("code")) == ([], [], [], [])
    events = Event.objects.filter(type="record:distinguished").select_related("payload").order_by("id")
    assert [(event.object_id, event.actor) for event in events] == [(row.id, ARCHIVIST.id) for row in pair]
    assert pair[1].id in events[0].payload.body
    third = keyed(title="关于值班的通知", document_number="云发改〔2024〕3号")
    assert (found("number"), found("digest")) == ([3], [])
    shown = duplicates.compared(ARCHIVIST, "number", third.number_key)
    assert ([item.places for item in shown.judged], shown.is_judgeable) == ([(1, 2)], True)
    assert distinguish.distinguish(town.house, ARCHIVIST, [*(row.id for row in pair), third.id]) == 2
    assert (found("number"), found("judged")) == ([], [2, 2, 2])
    assert not duplicates.compared(ARCHIVIST, "number", third.number_key).is_judgeable
    assert distinguish.take_back(town.house, ARCHIVIST, pair[1].id, pair[0].id)
    assert not distinguish.take_back(town.house, ARCHIVIST, pair[0].id, pair[1].id)
    assert (found("number"), found("digest"), found("judged")) == ([3], [2], [2, 2])


def test_what_may_not_be_judged(town: Town) -> None:
    keys = [keyed().id for _ in range(7)]
    refused("SELECTION-EMPTY", lambda: distinguish.distinguish(town.house, ARCHIVIST, keys[:1] * 2))
    refused("SELECTION-TOO-MANY", lambda: distinguish.distinguish(town.house, ARCHIVIST, keys))
    refused("RECORD-UNKNOWN", lambda: distinguish.distinguish(town.house, ARCHIVIST, [keys[0], "nowhere"]))
    refused("ACCESS-REFUSED", lambda: distinguish.distinguish(town.house, READER, keys[:2]))
    refused("ACCESS-REFUSED", lambda: distinguish.take_back(town.house, READER, *keys[:2]))
    assert not Distinction.objects.exists()


def test_a_group_that_is_not_seen_whole_is_not_judged(town: Town) -> None:
    for _ in range(7):
        keyed(document_number="云发改〔2024〕3号")
    shown = duplicates.compared(ARCHIVIST, "number", Record.objects.first().number_key)  # type: ignore[union-attr]
    assert (len(shown.sides), shown.count, shown.is_judgeable) == (6, 7, False)


def test_judging_and_taking_back_on_the_screen(town: Town) -> None:
    pair = [keyed(title="关于值班的通知", document_number="云发改〔2024〕3号") for _ in range(2)]
    client = town.client("archivist")
    assert "不是重复 <kbd>N" in client.get("/arrange/duplicates/").content.decode()
    done = client.post("/arrange/duplicates/distinguish", {"by": "number", "record": [row.id for row in pair]}, follow=True)
    assert "这 2 件不是重复" in done.content.decode()
    assert "没有文号相同的件" in done.content.decode()
    page = client.get("/arrange/duplicates/?by=judged").content.decode()
    assert "第 1 件与第 2 件不是重复" in page
    back = client.post("/arrange/duplicates/take-back", {"by": "number", "one": pair[0].id, "other": pair[1].id}, follow=True)
    assert "关于值班的通知" in back.content.decode()
    assert town.client("reader").post("/arrange/duplicates/distinguish", {"record": [row.id for row in pair]}).status_code == 403
