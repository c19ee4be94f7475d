"""应归尽归 on the screen: counts that open their rows, what persons decide, the import and its dry run, the workbook, the reminders."""

import io
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import load_workbook

from lantai.core.lifecycle import State
from lantai.shelves.register.models import FinishedDocument, Import
from lantai.stages import register
from lantai.stages.report import register as read
from tests.web import town as rows
from tests.web.town import Town


@pytest.fixture
def known(town: Town) -> None:
    """Two departments with documents of 2024: one filed, one open, one of another department."""
    rows.record(state=State.ARCHIVED, code="Z109-WS·2024-D30-BGS-0001")
    record = rows.record(state=State.ARCHIVED, code="Z109-WS·2024-D30-BGS-0002")
    sent = [
        {"oa_number": record.electronic_record_code, "title": "关于已归事项的通知", "finished_on": "20240301", "department": "办公室"},
        {"oa_number": "OA-2", "title": "关于未归事项的通知", "finished_on": "20240302", "department": "BGS"},
        {"oa_number": "OA-3", "title": "规划科的函", "finished_on": "20240303", "department": "规划科"},
    ]
    register.enter_rows(town.house, town.actor("archivist"), sent, source="OA")


@pytest.mark.parametrize(
    ("role", "status"), [("archivist", 200), ("part_time_archivist", 200), ("reader", 403), ("sysadmin", 403), ("auditor", 403)]
)
def test_who_may_see_it(town: Town, known: None, role: str, status: int) -> None:
    assert town.client(role).get("/register/").status_code == status


def test_figures_open_the_rows_they_count(town: Town, known: None) -> None:
    client = town.client("archivist")
    page = client.get("/register/").content.decode()
    assert "33.3%" in page
    assert "关于未归事项的通知" in page
    assert "关于已归事项的通知" not in page
    filed = client.get("/register/?year=2024&department=BGS&show=filed").content.decode()
    assert "关于已归事项的通知" in filed
    assert "共 1 件" in filed
    assert "规划科的函" in client.get("/register/?year=2024&words=规划").content.decode()


def test_a_department_sees_its_own(town: Town, known: None) -> None:
    page = town.client("part_time_archivist").get("/register/?show=all").content.decode()
    assert "关于未归事项的通知" in page
    assert "规划科的函" not in page
    foreign = FinishedDocument.objects.get(department="GHK")
    assert town.client("part_time_archivist").get(f"/register/?document={foreign.id}").status_code == 403
    assert town.client("part_time_archivist").get("/register/?department=GHK&show=all").content.decode().count("规划科的函") == 0
    assert town.client("part_time_archivist").get("/register/imports/").status_code == 403


def test_not_filing_is_said_with_a_reason_and_taken_back(town: Town, known: None) -> None:
    client, key = town.client("archivist"), FinishedDocument.objects.get(oa_number="OA-2").id
    assert client.post(f"/register/{key}/exclude", {"reason": "N2"}).status_code == 422
    client.post(f"/register/{key}/exclude", {"reason": "N2", "words": "重份"})
    detail = client.get(f"/register/?document={key}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="document").content.decode()
    assert "重份" in detail
    assert "沈静宜" in detail
    assert "关于未归事项的通知" in client.get("/register/?show=excluded").content.decode()
    client.post(f"/register/{key}/include")
    assert FinishedDocument.objects.get(id=key).exclusion == ""


def test_a_match_is_confirmed_and_parted(town: Town, known: None) -> None:
    record = rows.record(state=State.ARCHIVED, title="相近的一件")
    client, key = town.client("archivist"), FinishedDocument.objects.get(oa_number="OA-2").id
    client.post(f"/register/{key}/match", {"record": record.id})
    assert "相近的一件" in client.get(f"/register/?document={key}").content.decode()
    client.post(f"/register/{key}/part")
    assert FinishedDocument.objects.get(id=key).record_id == ""
    assert client.post(f"/register/{key}/match", {"record": "01NOBODY"}).status_code == 422


def test_a_table_is_tried_and_then_imported(town: Town) -> None:
    client = town.client("archivist")
    text = "OA编号,题名,办结日期,部门\nA-1,关于甲的通知,2024-01-02,办公室\nA-2,,2024-01-02,办公室\n".encode("gb18030")
    for act, count in (("dry", 0), ("enter", 1)):
        page = client.post("/register/enter", {"act": act, "file": SimpleUploadedFile("登记.csv", text)}).content.decode()
        assert "新增 1 + 改动 0 + 相同 0 + 未登记 1" in page
        assert FinishedDocument.objects.count() == Import.objects.count() == count
    assert not list((town.house.data / "uploads").iterdir())
    assert "没有题名" in client.get("/register/imports/").content.decode()


def test_the_list_is_taken_along_as_a_workbook(town: Town, known: None) -> None:
    answer = town.client("part_time_archivist").get("/register/list.xlsx?year=2024&show=all")
    (_, *lines) = load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [(line[0], line[2], line[4]) for line in lines] == [
        ("办公室", "关于已归事项的通知", "已归"),
        ("办公室", "关于未归事项的通知", "应归未归"),
    ]


def test_the_desk_reminds_before_the_deadline_and_after_it(town: Town, known: None) -> None:
    archivist, han = town.actor("archivist"), town.actor("part_time_archivist")
    assert read.todos(town.house, archivist, datetime(2025, 3, 1, tzinfo=UTC)) == ()
    soon = read.todos(town.house, archivist, datetime(2025, 6, 1, tzinfo=UTC))
    assert [(todo.text, todo.due, todo.is_late) for todo in soon] == [
        ("办公室 2024 年度应归的还有 1 件没有归档", "剩 29 天", False),
        ("规划科 2024 年度应归的还有 1 件没有归档", "剩 29 天", False),
    ]
    (late,) = read.todos(town.house, han, datetime(2025, 7, 2, tzinfo=UTC))
    assert late.is_late
    assert late.due == "逾期 2 天"
    assert read.todos(town.house, town.actor("sysadmin"), datetime(2025, 7, 2, tzinfo=UTC)) == ()
    assert read.filing(town.house, archivist, "2024") == (1, 3)


def test_a_date_that_stands_for_never_does_not_close_the_page(town: Town, known: None) -> None:
    """Office systems write 9999-12-31 where there is no end; and whoever edits the address gets the newest year."""
    sent = [{"oa_number": "OA-9", "title": "关于长期有效的函", "finished_on": "99991231", "department": "BGS"}]
    register.enter_rows(town.house, town.actor("archivist"), sent, source="OA")
    client = town.client("archivist")
    assert "关于长期有效的函" in client.get("/register/?show=all").content.decode()
    assert "关于未归事项的通知" in client.get("/register/?year=2024").content.decode()
    for year in ("x", "1e9", "²", "99999", "-1"):
        assert "关于长期有效的函" in client.get("/register/", {"year": year, "show": "all"}).content.decode()
