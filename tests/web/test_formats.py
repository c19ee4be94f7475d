"""系统›格式: the table in force, its changes, the holdings by format, and the list of risks; who sees what of it."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from lantai.core.errors import Refusal
from lantai.shelves.ledger.models import Event
from lantai.shelves.policy.models import FormatDecision
from lantai.stages.report import formats
from lantai.web.kept import _held
from tests.web import town as rows
from tests.web.test_pages import page, said
from tests.web.town import Town

CHANGE = {
    "act": "change",
    "archiving": "note",
    "preservation": "no",
    "target": "OFD",
    "risk": "high",
    "risk_reason": "软件更替",
    "note": "",
}


@pytest.fixture(autouse=True)
def counted_anew() -> None:
    """What one test counted is not kept for the next."""
    _held.clear()


def holdings(town: Town) -> None:
    """Two archived records: a PDF, a Word file with a preservation copy, a text file, and one that nobody knows."""
    first = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0001", title="关于防汛值守的通知")
    second = rows.record(state="archived", code="Z109-WS·2024-D30-BGS-0002", title="关于防火检查的通知")
    rows.file(first, "正文.pdf", puid="fmt/20", format_name="Acrobat PDF 1.6")
    rows.file(first, "文字.json", puid="", mime="application/json", representation="text")
    rows.file(second, "底稿.docx", puid="fmt/412", mime="application/x", format_name="Word")
    rows.file(second, "底稿.ofd", puid="", mime="application/ofd", representation="preservation")
    rows.file(first, "说明.txt", puid="", mime="text/plain")
    rows.file(first, "数据.qqq", puid="", mime="application/octet-stream", size_bytes=7)
    rows.file(rows.record(title="还没有归档"), "草稿.doc", puid="fmt/40", mime="application/msword")


def test_the_table_is_read_by_archivists_and_changed_by_the_system_administrator(town: Town) -> None:
    archivist, sysadmin = town.client("archivist"), town.client("sysadmin")
    text = said(page(archivist, "/system/formats/?family=docx"))
    assert all(word in text for word in ("公文版式", "禁收", "WPS 文字", "请系统管理员办", "没有调整过", "全部按标准"))
    assert "为什么这样定" in said(page(sysadmin, "/system/formats/?family=docx"))
    assert "格式" in said(page(sysadmin, "/system/"))
    for role in ("reader", "part_time_archivist", "secadmin", "auditor"):
        assert town.client(role).get("/system/formats/").status_code == 403
    assert archivist.post("/system/formats/docx/", CHANGE | {"reason": "x"}).status_code == 403


def test_a_change_wants_a_reason_and_leaves_its_history(town: Town) -> None:
    client = town.client("sysadmin")
    refused = client.post("/system/formats/docx/", CHANGE)
    assert refused.status_code == 422
    assert 'value="软件更替"' in refused.content.decode()
    assert client.post("/system/formats/nothing/", CHANGE | {"reason": "x"}).status_code == 404
    assert client.post("/system/formats/docx/", CHANGE | {"reason": "2026年第3次办公会议定"}).status_code == 302
    text = said(page(client, "/system/formats/?family=docx"))
    assert all(word in text for word in ("本机关的规定", "标准的规定", "2026年第3次办公会议定", "归档：可以归档 → 有条件归档", "恢复标准"))
    assert client.post("/system/formats/docx/", {"act": "restore", "reason": "与上级一致"}).status_code == 302
    text = said(page(client, "/system/formats/?family=docx"))
    assert "与上级一致" in text
    assert "全部按标准" in text
    assert FormatDecision.objects.filter(family="docx", retired_at=None).count() == 0


def test_the_holdings_are_counted_and_every_figure_opens(town: Town) -> None:
    holdings(town)
    found = {item.family: item for item in formats.held(town.actor("archivist"))}
    assert {key: (item.files, item.waiting) for key, item in found.items()} == {
        "docx": (1, 0), "ofd": (1, 0), "pdf": (1, 1), "txt": (1, 1), "unlisted": (1, 1),
    }  # fmt: skip
    for family, item in found.items():
        total, shown = formats.files(town.actor("archivist"), family)
        assert (total, len(shown)) == (item.files, item.files), family
    text = said(page(town.client("archivist"), "/system/formats/?view=held&family=docx"))
    assert all(word in text for word in ("共 5 个文件", "40.0% 的文件", "关于防火检查的通知", "底稿.docx", "已有保存件"))
    group = said(page(town.client("archivist"), "/system/formats/?view=held&shape=table&family=pdf&group=fmt/20"))
    assert "Acrobat PDF 1.6" in group
    assert "正文.pdf" in group
    assert "不在格式表中" in said(page(town.client("archivist"), "/system/formats/?view=held&family=unlisted"))


def test_the_system_administrator_sees_counts_and_no_content(town: Town) -> None:
    holdings(town)
    text = said(page(town.client("sysadmin"), "/system/formats/?view=held&family=docx"))
    assert "只看数目，不看档案内容" in text
    assert "关于防火检查的通知" not in text
    assert "底稿" not in text
    with pytest.raises(Refusal):
        formats.files(town.actor("sysadmin"), "docx")


def sheets(town: Town, role: str) -> dict[str, list[list[object]]]:
    answer = town.client(role).get("/system/formats/risks.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_list_of_risks_goes_out_and_is_told(town: Town) -> None:
    holdings(town)
    assert "2 个文件要安排转换" in said(page(town.client("archivist"), "/system/formats/?view=risks"))
    book = sheets(town, "archivist")
    assert [row[0] for row in book["过时风险清单"][1:]] == ["格式表以外", "Word", "PDF"]
    assert book["过时风险清单"][2][7:9] == [1, 0]
    assert {row[1] for row in book["涉及的文件"][1:]} == {"关于防汛值守的通知", "关于防火检查的通知"}
    event = Event.objects.get(type="format:exported")
    assert event.actor == town.accounts["archivist"].id
    assert list(sheets(town, "sysadmin")) == ["过时风险清单"]
    assert town.client("reader").get("/system/formats/risks.xlsx").status_code == 403


def test_the_desk_counts_by_the_same_table(town: Town) -> None:
    holdings(town)
    text = town.client("archivist").get("/desk/formats/", headers={"HX-Request": "true"}).content.decode()
    assert "40.0%" in text
    assert "/system/formats/?view=held" in text
    assert "/system/formats/" not in town.client("reader").get("/desk/formats/").content.decode()


def test_without_holdings_the_screens_say_so(town: Town) -> None:
    for view in ("held", "risks"):
        assert "馆藏里还没有文件" in said(page(town.client("archivist"), f"/system/formats/?view={view}"))
