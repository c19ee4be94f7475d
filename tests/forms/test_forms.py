"""Forms are PDF/A-2b of A4, the same bytes for the same facts, with heads on every page, whatever text they carry."""

import io
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai import forms
from lantai.core import checks
from lantai.core.checks import Gate, Grounds, ItemResult, Outcome, Piece, Run, Subject, Tool
from lantai.core.findings import finding
from lantai.forms import lists, registers, report, volumes
from lantai.forms.report import House
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import telling

HOUSE = House("Z109", "云汀市发展和改革委员会")
PRINTING = forms.Printing("沈静宜", datetime(2025, 4, 16, 7, 24, tzinfo=UTC))
ROWS = tuple(
    lists.Row(f"{at:04d}", "云汀市发展和改革委员会", f"云发改〔2024〕{at}号", "关于报送工作要点的函", "20240122", "3", code=f"Z109-{at}")
    for at in range(1, 61)
)
COUNTED = registers.Counted("第 1 批", "Z109-WS·2024-D30-BGS-0001—0008", 8, 12, 486912, 64, "2024", "文书档案", "30年", "办公室")
CHECKED = registers.Checked(tuple((name, "合格 8 件") for name in registers.CHECKS), "ClamAV", "8 份", "2025-04-16 15:11")
DIGESTS = (registers.Digests("Z109-1", "关于报送2024年工作要点的函", "SHA-256 " + "71b209ce" * 8, 12345),)


def made() -> dict[str, Any]:
    edition = telling.current(Gate.ARCHIVING)
    outcomes = (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.MANUAL)
    results = [
        ItemResult(
            asked.id, asked.code, asked.name, asked.property, outcomes[at % 4], asked.method, asked.severity,
            (finding("GD-2-3", "题名"),) if at % 4 == 1 else (), "no_package" if at % 4 == 2 else "answered:沈静宜" if at == 0 else "",
        )
        for at, asked in enumerate(edition.lines)
    ]  # fmt: skip
    grounds = Grounds(
        edition, {"lantai": Tool("lantai", "0.1.0")}, {"1.01": "比对摘要 1 个"}, (Piece("01-正本/original/a.pdf", 3, "ab" * 32),)
    )
    run = Run("R1", "DA/T 70-2018/1", started="2025-04-16T07:11:00.000000Z", grounds=grounds)
    told: dict[str, Any] = checks.as_report(Gate.ARCHIVING, results, subject=Subject("record", "R", title="关于值班的通知"), run=run)
    return told


SHEETS = {
    "list": lists.file_list(ROWS, house=HOUSE, scope=("年度：2024　机构（问题）：办公室　保管期限：30年", "Z109-WS·2024-D30-BGS")),
    "handover": lists.handover_list(ROWS[:3], house=HOUSE, scope=("", "Z109")),
    "cover": lists.cover((("全宗号", "Z109"), ("年度", "2024"), ("保管期限", "30年")), house=HOUSE, scope=("", "Z109")),
    "remarks": lists.remarks_sheet((("件数", "3 件"),), "第 2 件缺第 4 页。", house=HOUSE, scope=("", "Z109")),
    "filing": registers.filing_register(COUNTED, CHECKED, DIGESTS, house=HOUSE, ways=("在线归档", "2025-04-16")),
    "transfer": registers.transfer_register(COUNTED, CHECKED, DIGESTS, house=HOUSE, parties=("云汀市发展和改革委员会", "云汀市档案馆")),
    "receipt": registers.receipt(
        "PC-1", (("移交人", "韩松"),), (("", "甲", "乙"),), (registers.Returned("丙", "丁", "附件缺失", "", "—", ""),), house=HOUSE
    ),
    "report": report.check_report(made(), house=HOUSE, reasons=da_t_70.reasons()),
    "batch": report.batch_report(
        report.BatchReport(
            "PC-1", (("批次名称|", "办公室移交"), ("移交人", "韩松")), (("真实性", "确实是它", "3", "1", "0"),),
            (("不通过", "真实性", "GD-1-1", "固化信息有效性检测", "甲", "摘要不符", "1"),), (("未收", "a.tmp", "临时文件"),),
            is_cut=True, is_trial=True,
        ),
        house=HOUSE,
    ),
}  # fmt: skip


def text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


@pytest.mark.parametrize("name", SHEETS)
def test_a_form_is_pdf_a_of_a4_with_its_foot_and_the_same_again(name: str) -> None:
    sheet = SHEETS[name]
    content = forms.pdf(sheet, PRINTING)
    assert content == forms.pdf(sheet, PRINTING)
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in content
    pages = text(content)
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    width, height = document[0].get_size()
    assert sorted((round(width), round(height))) == [595, 842]
    assert (width > height) is sheet.is_landscape
    for at, page in enumerate(pages, 1):
        assert f"第 {at} 页，共 {len(pages)} 页" in page
        assert "沈静宜" in page
        assert sheet.digest()[:4] in page
    assert all(f"{name}：" in pages[-1] for name in sheet.signatures)


def test_heads_stand_on_every_page_and_no_row_is_lost() -> None:
    pages = text(forms.pdf(SHEETS["list"], PRINTING))
    assert len(pages) > 1
    assert all("责任者" in page and "件号" in page for page in pages)
    assert all("".join(pages).count(f"云发改〔2024〕{at} 号") + "".join(pages).count(f"云发改〔2024〕{at}号") == 1 for at in range(1, 61))


def test_a_report_says_what_was_expected_found_by_what_and_why_the_rest_rests() -> None:
    said = "".join(text(forms.pdf(SHEETS["report"], PRINTING))).replace("\n", "").replace(" ", "").replace("\u200b", "")
    for words in ("归档检测报告", "应为", "实为", "比对摘要1个", "lantai0.1.0", "沈静宜判定", "不是信息包", "2025-04-1615:11:00", "ab" * 8):
        assert words in said, words


def test_the_digest_is_of_what_the_form_says_and_not_of_who_prints_it() -> None:
    later = forms.Printing("韩松", datetime(2025, 4, 17, tzinfo=UTC))
    assert forms.pdf(SHEETS["remarks"], later) != forms.pdf(SHEETS["remarks"], PRINTING)
    other = lists.remarks_sheet((("件数", "4 件"),), "第 2 件缺第 4 页。", house=HOUSE, scope=("", "Z109"))
    assert other.digest() != SHEETS["remarks"].digest()


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_text_can_be_printed(title: str) -> None:
    rows = (lists.Row("0001", title, title, title, title, title, title, title),)
    assert forms.pdf(lists.file_list(rows, house=House(title, title), scope=(title, title)), PRINTING).startswith(b"%PDF")


def test_a_cell_as_long_as_a_page_is_cut_and_says_so() -> None:
    rows = (lists.Row("0001", "甲", "", "长" * 5000, "", ""),)
    assert "（未印完）" in "".join(text(forms.pdf(lists.file_list(rows, house=HOUSE, scope=("", "")), PRINTING))).replace("\n", "")


@pytest.mark.parametrize("title", ["关于防汛工作的文件", "很长的案卷题名" * 50])
def test_the_cover_of_a_volume_is_of_the_size_that_is_asked_for_and_its_frames_stand_to_the_millimetre(title: str) -> None:
    volume = volumes.Volume("Z109-KU·2024·D30-012", title, "2024", "20240101—20241231", "30年", 8, "64", path="会计　2024 年度")
    sheet = volumes.cover(volume, house=HOUSE, look=volumes.Look(cover=(215, 305)))
    content = forms.pdf(sheet, PRINTING)
    assert forms.pdf(sheet, PRINTING) == content
    page = pypdfium2.PdfDocument(content)[0]
    assert [round(points / 72 * 25.4, 2) for points in page.get_size()] == [215, 305]
    frames = [item.get_bounds() for item in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_PATH,))]
    millimetres = {tuple(round(points / 72 * 25.4) for points in (left, 305 / 25.4 * 72 - top)) for left, _, _, top in frames}
    assert {(20, 58), (20, 160), (46, 174), (20, 188), (20, 259)} <= millimetres
    said = "".join(page.get_textpage().get_text_bounded().split())
    assert all(word in said for word in ("云汀市发展和改革委员会", "会计2024年度", "8件", "64页", "Z109-KU·2024·D30-012", "栏目待核"))


def test_the_columns_of_the_list_of_volumes_are_the_standard_s_and_what_the_agency_added() -> None:
    volume = volumes.Volume("Z109-KU·2024·D30-012", "会计账簿", "2024", "20240101—20241231", "30年", 8, "64")
    plain = volumes.catalogue((volume,), house=HOUSE, scope="Z109", look=volumes.Look(is_checked=True))
    more = volumes.catalogue((volume,), house=HOUSE, scope="Z109", look=volumes.Look(more=("起止日期", "件数")))
    heads = [[column.head.replace("　", "") for column in sheet.blocks[0].columns] for sheet in (plain, more)]  # type: ignore[union-attr]
    assert heads[0] == ["案卷号", "案卷题名", "年度", "页数", "保管期限", "备注"]
    assert heads[1] == ["案卷号", "案卷题名", "年度", "起止日期", "件数", "页数", "保管期限", "备注"]
    assert (plain.notice, more.notice) == ("", volumes.UNCHECKED)
