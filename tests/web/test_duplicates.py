"""What may be there twice: found in four ways, side by side, and dealt with there."""

from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import Record
from lantai.shelves.holdings.values import set_keys
from lantai.stages.report import duplicates
from tests.support.line_house import ARCHIVIST
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
