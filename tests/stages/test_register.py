"""The register of finished documents: entered again and again, held against the holdings, judged by persons; nothing is lost."""

import csv
import json
from pathlib import Path

import pytest

from lantai.core.errors import Refusal
from lantai.core.finished import STANDING_NAMES, plain_title
from lantai.core.identity import identity_key, number_key
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.register import standing
from lantai.shelves.register.models import FinishedDocument, Import, RefusedRow
from lantai.shelves.register.standing import Asked
from lantai.stages import register
from tests.support.line_house import line_house
from tests.support.told import types
from tests.web import town as rows
from tests.web.town import Town

HEADINGS = ["OA编号", "发文字号", "文件标题", "成文日期", "主办部门", "办结日期", "处理结果", "是否归档", "密级", "摘要值"]
BODY = [
    ["OA-1", "云发改〔2024〕1号", "关于启用新印章的通知", "2024-03-12", "办公室", "2024年3月20日", "办结", "是", "", ""],
    ["OA-2", "云发改〔2024〕2号", "关于节假日值班的通知", "2024-04-01", "规划科", "2024/4/9", "办结", "否", "", ""],
    ["OA-3", "", "会议室安排", "", "GHK", "20240511", "阅知", "", "", ""],
]
BAD = [
    ["OA-4", "", "", "2024-05-01", "办公室", "2024-05-02", "", "", "", ""],
    ["OA-5", "", "关于某事的函", "2024年2月31日", "办公室", "", "", "", "", ""],
    ["OA-6", "", "关于某事的复函", "", "办公室", "", "", "", "", ""],
    ["OA-7", "", "关于归口的函", "2024-05-01", "测绘科", "2024-05-02", "", "", "", ""],
    ["OA-8", "", "关于某敏感事项的报告", "2024-05-01", "办公室", "2024-05-02", "", "", "机密", ""],
    ["OA-1", "云发改〔2024〕1号", "关于启用旧印章的通知", "2024-03-12", "办公室", "2024年3月20日", "办结", "是", "", ""],
    ["OA-2", "云发改〔2024〕2号", "关于节假日值班的通知", "2024-04-01", "规划科", "2024/4/9", "办结", "否", "", ""],
]


@pytest.fixture
def house(db: None, tmp_path: Path) -> House:
    """A house whose rows are rolled back."""
    with line_house(tmp_path / "data") as built:
        yield built


@pytest.fixture
def town(house: House) -> Town:
    """Departments and accounts."""
    return rows.found(house)


SENT = [dict(zip(HEADINGS, row, strict=True)) for row in BODY]


def written(folder: Path, sent: object) -> Path:
    path = folder / "办结.json"
    path.write_text(json.dumps(sent), encoding="utf-8")
    return path


def test_what_an_office_system_writes_as_json_is_the_same_register(town: Town, tmp_path: Path) -> None:
    archivist = town.actor("archivist")
    first = register.enter_file(town.house, archivist, written(tmp_path, SENT))
    assert (first.rows, first.added, first.refused) == (3, 3, ())
    assert register.enter_file(town.house, archivist, table(tmp_path, BODY)).same == 3


BAD_JSON = {
    "not_a_list": {"rows": SENT},
    "empty_list": [],
    "not_an_object": [["OA-1"]],
    "value_in_value": [{"文件标题": ["一", "二"]}],
    "half_character": [{"文件标题": "\ud800"}],
    "nul": [{"文件标题": "一\0二"}],
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_json_that_is_no_register_is_refused_whole(town: Town, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="REGISTER-UNREADABLE"):
        register.enter_file(town.house, town.actor("archivist"), written(tmp_path, BAD_JSON[name]))
    assert not FinishedDocument.objects.exists()


@pytest.mark.parametrize("content", [b"[", b"[" * 100_000, b"\xff\xff"])
def test_what_is_no_json_is_refused_whole(town: Town, tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "办结.json").write_bytes(content)
    with pytest.raises(Refusal, match="REGISTER-UNREADABLE"):
        register.enter_file(town.house, town.actor("archivist"), path)


def table(folder: Path, body: list[list[str]], encoding: str = "utf-8") -> Path:
    path = folder / "办结登记.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *body])
    return path


def record(**more: object) -> Record:
    own_code = more.pop("electronic_record_code", "")
    row = rows.record(**more)
    row.electronic_record_code = str(own_code or row.id)
    row.number_key = number_key(row.document_number)
    row.identity_key = identity_key(row.title, row.document_date, row.author)
    row.save()
    return row


def sent(**more: str) -> dict[str, str]:
    return {"title": "关于启用新印章的通知", "finished_on": "20240320", "department": "BGS"} | more


def stands(title: str = "关于启用新印章的通知") -> str:
    row = FinishedDocument.objects.get(title=title)
    found = standing.one(row.id)
    assert found is not None
    assert found == next(each for each in standing.stood(Asked(year=row.year), limit=99) if each.id == row.id)
    return found.standing


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_table_is_entered_once_however_often_it_comes(town: Town, tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path, BODY, encoding)
    dry = register.enter_file(town.house, town.actor("archivist"), path, is_dry=True)
    assert (dry.rows, dry.added, dry.refused) == (3, 3, ())
    assert not FinishedDocument.objects.exists()
    first = register.enter_file(town.house, town.actor("archivist"), path)
    assert (first.added, first.same) == (3, 0)
    assert [item.code for item in first.remarks] == ["REGISTER-SAID-NOT"]
    assert list(FinishedDocument.objects.order_by("oa_number").values_list("department", "document_date", "finished_on", "year")) == [
        ("BGS", "20240312", "20240320", "2024"),
        ("GHK", "20240401", "20240409", "2024"),
        ("GHK", "", "20240511", "2024"),
    ]
    again = register.enter_file(town.house, town.actor("archivist"), path)
    assert (again.added, again.changed, again.same) == (0, 0, 3)
    assert Import.objects.count() == Event.objects.filter(type="register:imported").count() == 2


def test_what_changed_is_shown_before_it_is_written_and_the_old_is_kept(town: Town, tmp_path: Path) -> None:
    actor = town.actor("archivist")
    register.enter_file(town.house, actor, table(tmp_path, BODY))
    changed = [[*BODY[0][:6], "退办", *BODY[0][7:]], *BODY[1:]]
    dry = register.enter_file(town.house, actor, table(tmp_path, changed), is_dry=True)
    assert [(item.column, item.before, item.after) for item in dry.changes] == [("处理结果", "办结", "退办")]
    assert FinishedDocument.objects.get(oa_number="OA-1").outcome == "办结"
    register.enter_file(town.house, actor, table(tmp_path, changed))
    assert FinishedDocument.objects.get(oa_number="OA-1").outcome == "退办"
    told = json.loads(Event.objects.get(type="register:changed").payload.body)
    assert told["changes"] == {"outcome": ["办结", "退办"]}


def test_bad_rows_are_coded_and_kept_and_the_rest_goes_on(town: Town, tmp_path: Path) -> None:
    done = register.enter_file(town.house, town.actor("archivist"), table(tmp_path, [*BODY, *BAD]))
    assert done.rows == done.added + done.changed + done.same + len(done.refused) == 10
    assert [(number, found[0].code) for number, found in done.refused] == [
        (5, "REGISTER-TITLE-MISSING"),
        (6, "REGISTER-DATE-UNREADABLE"),
        (7, "REGISTER-DATE-MISSING"),
        (8, "REGISTER-DEPARTMENT-UNKNOWN"),
        (9, "REGISTER-SECRET"),
        (10, "REGISTER-ROW-REPEATED"),
        (11, "REGISTER-ROW-SAME-TWICE"),
    ]
    kept = {row.number: row for row in RefusedRow.objects.all()}
    assert kept[5].raw["OA编号"] == "OA-4"
    assert kept[9].raw == {}
    assert "敏感" not in "".join(map(str, RefusedRow.objects.values_list("raw", "findings")))


def test_a_table_that_is_none_is_refused_and_so_is_who_may_not(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK nothing")
    with pytest.raises(Refusal, match="REGISTER-UNREADABLE"):
        register.enter_file(town.house, town.actor("archivist"), path)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        register.enter_file(town.house, town.actor("part_time_archivist"), table(tmp_path, BODY))


@pytest.mark.parametrize(
    ("told", "held", "expected"),
    [
        ({}, None, "unfiled"),
        ({"oa_number": "X-1"}, {"electronic_record_code": "X-1", "title": "别的题名"}, "filed"),
        ({"oa_number": "X-1"}, {"electronic_record_code": "X-1", "state": "arranged"}, "under_way"),
        ({"oa_number": "X-1"}, {"electronic_record_code": "X-1", "state": "returned"}, "unfiled"),
        ({"oa_number": "X-1"}, {"electronic_record_code": "X-1", "quarantined": True}, "unfiled"),
        ({"document_number": "云发改[2024]1 号"}, {"document_number": "云发改〔2024〕1号", "title": "关于启用“新印章”的 通知"}, "filed"),
        ({"document_number": "云发改〔2024〕1号"}, {"document_number": "云发改〔2024〕1号", "title": "关于停用印章的通知"}, "ambiguous"),
        ({"document_number": "云发改〔2023〕1号"}, {"document_number": "云发改〔2024〕1号"}, "unfiled"),
        ({"date": "20240312", "author": "云汀市"}, {"author": "云汀市", "document_number": ""}, "filed"),
        ({"date": "20240312", "author": "云汀市", "document_number": "云函〔2024〕9号"}, {"author": "云汀市"}, "ambiguous"),
        ({"sha256": "ab" * 32}, {"title": "扫描件"}, "filed"),
    ],
)
def test_a_document_stands_where_the_holdings_say(town: Town, told: dict[str, str], held: dict[str, object] | None, expected: str) -> None:
    if held is not None:
        row = record(**({"state": State.ARCHIVED, "title": "关于启用新印章的通知", "document_number": "云办〔2024〕77号"} | held))
        if "sha256" in told:
            rows.file(row)
    register.enter_rows(town.house, town.actor("archivist"), [sent(**told)], source="OA")
    assert stands() == expected
    assert expected in STANDING_NAMES


def test_a_record_that_two_claim_and_a_document_with_two_records_go_to_a_person(town: Town) -> None:
    archivist = town.actor("archivist")
    one = record(state=State.ARCHIVED, title="关于启用新印章的通知", document_number="云发改〔2024〕1号")
    other = record(state=State.ARCHIVED, title="关于启用新印章的通知", document_number="云发改〔2024〕1号")
    register.enter_rows(town.house, archivist, [sent(document_number="云发改〔2024〕1号")], source="OA")
    assert stands() == "ambiguous"
    key = FinishedDocument.objects.get().id
    assert {record_id for record_id, _ in standing.candidates(key)} == {one.id, other.id}
    register.match(town.house, archivist, key, one.id)
    assert stands() == "filed"
    register.part(town.house, archivist, key)
    Record.objects.filter(id=other.id).delete()
    assert stands() == "filed"
    register.enter_rows(town.house, archivist, [sent(document_number="云发改〔2024〕1号", oa_number="OA-9", author="甲")], source="OA")
    assert set(standing.counts(Asked())) == {("2024", "BGS", "ambiguous")}
    with pytest.raises(Refusal, match="REGISTER-MATCH"):
        register.match(town.house, archivist, key, "01NOBODY")
    told = [row.type for row in Event.objects.filter(type__startswith="register:").order_by("id")]
    assert told == ["register:imported", "register:matched", "register:parted", "register:imported"]


def test_not_filing_needs_a_reason_and_words_and_is_taken_back(town: Town) -> None:
    han = town.actor("part_time_archivist")
    register.enter_rows(town.house, town.actor("archivist"), [sent(), sent(title="规划科的函", department="GHK")], source="OA")
    key, foreign = FinishedDocument.objects.get(department="BGS").id, FinishedDocument.objects.get(department="GHK").id
    for reason, words in (("N9", "事务性"), ("N2", " ")):
        with pytest.raises(Refusal, match="REGISTER-REASON"):
            register.exclude(town.house, han, key, reason=reason, words=words)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        register.exclude(town.house, han, foreign, reason="N2", words="事务性")
    register.exclude(town.house, han, key, reason="N2", words="放假值班的事务性通知")
    assert stands() == "excluded"
    register.include(town.house, han, key)
    assert stands() == "unfiled"
    assert {"register:excluded", "register:included"} <= types()
    filed = record(state=State.ARCHIVED, electronic_record_code="OA-77")
    register.enter_rows(town.house, town.actor("archivist"), [sent(oa_number="OA-77", title="已归的")], source="OA")
    with pytest.raises(Refusal, match="REGISTER-FILED"):
        register.exclude(town.house, han, FinishedDocument.objects.get(oa_number="OA-77").id, reason="N2", words="事务性")
    assert filed.state == State.ARCHIVED


def test_the_tables_leave_out_of_a_title_what_the_rule_leaves_out(town: Town) -> None:
    title = "关于印发《云汀市“十四五”规划（试行）》：第 一、二批，的［通知］"
    record(state=State.ARCHIVED, title=title, document_number="云发改〔2024〕5号")
    register.enter_rows(
        town.house, town.actor("archivist"), [sent(title=plain_title(title), document_number="云发改〔2024〕5号")], source="OA"
    )
    assert stands(plain_title(title)) == "filed"
