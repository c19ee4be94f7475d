"""Reading the elements of official documents out of page text, however its lines are broken."""

import csv
import html
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.officialdoc import civil_date, document_number, is_well_formed, read

ORGAN = "云汀市发展和改革委员会"
TITLE = "云汀市发展和改革委员会关于印发《云汀市政府投资项目管理办法（试行）》的通知"
RECEIVER = "各县（市、区）发展和改革局，委机关各处室，委属各单位"
BODY = "为规范政府投资项目管理，根据国务院有关规定（国发〔2019〕1号），我委制定了本办法，现印发给你们，请于2023年1月1日起执行。"
NOTE = ("云汀市政府投资项目管理办法（试行）", "云汀市政府投资项目申报表（2024年版）")


def wrapped(text: str, width: int) -> str:
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


def document(width: int, *, date: str = "2024年3月12日", signer: str = "", ending: str = "\n") -> str:
    lines = [
        "000123",
        "特急",
        f"{ORGAN}文件",
        f"云发改〔2024〕15 号{signer}",
        wrapped(TITLE, width),
        wrapped(f"{RECEIVER}：", width),
        wrapped(BODY * 3, 28),
        f"附件：1. {NOTE[0]}",
        f"2．{NOTE[1]}",
        f"　　　　{ORGAN}",
        f"　　　　　　{date}",
        "（此件公开发布）",
        "抄送：市委办公室，市人大常委会办公室。",
        f"{ORGAN}办公室　　2024年3月13日印发",
        "— 1 —",
    ]
    return "\n".join(lines).replace("\n", ending)


@given(
    st.integers(17, 40),
    st.sampled_from(["2024年3月12日", "2024 年 3 月 12 日", "二〇二四年三月十二日", "二○二四年三月十二日"]),
    st.sampled_from(["", "　　　签发人：李明"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n", " \n"]),
)
def test_every_element_is_read_wherever_lines_break(width: int, date: str, signer: str, ending: str) -> None:
    fields = read([document(width, date=date, signer=signer, ending=ending)], "扫描件001.pdf")
    assert fields.title == TITLE
    assert fields.document_number == "云发改〔2024〕15号"
    assert fields.principal_receiver == RECEIVER
    assert fields.date == "20240312"
    assert fields.author == ORGAN
    assert fields.document_type == "通知"
    assert fields.attachments == NOTE
    assert all(fields.reasons.values())


def test_text_that_came_without_breaks_is_read_as_far_as_it_goes() -> None:
    run = f"{ORGAN}文件云发改〔2024〕15号{TITLE}{RECEIVER}：{BODY}{ORGAN}2024年3月12日"
    fields = read([run], "")
    assert (fields.title, fields.document_number, fields.principal_receiver) == (TITLE, "云发改〔2024〕15号", RECEIVER)
    assert (fields.date, fields.author) == ("20240312", ORGAN)


def test_a_signature_on_a_later_page_is_found_and_attachments_have_none() -> None:
    pages = document(24).split("附件：")
    fields = read([pages[0], "附件：" + pages[1], f"附件1\n{NOTE[0]}\n第一条　为了规范。\n某某局\n2020年1月1日\n"], "")
    assert (fields.date, fields.author, fields.attachments) == ("20240312", ORGAN, NOTE)


def test_numbers_in_running_text_are_not_the_document_s_own() -> None:
    fields = read([f"{TITLE}\n{RECEIVER}：\n根据《关于规范管理的通知》（国发〔2019〕1号）\n要求，现通知如下。\n"], "")
    assert fields.document_number == ""
    assert fields.title == TITLE


def test_the_printing_date_is_no_date_of_the_document() -> None:
    fields = read([f"{TITLE}\n{RECEIVER}：\n正文。\n{ORGAN}办公室　2024年3月13日印发\n"], "")
    assert fields.date == ""
    assert "没有" in fields.reasons["date"]
    assert (fields.author, fields.reasons["author"]) == (ORGAN, "没有落款，取自题名中的发文机关")


@pytest.mark.parametrize(
    ("text", "title", "number", "kind"),
    [
        (
            "云汀市人民政府令\n第 15 号\n云汀市政府投资管理办法\n第一条　为了规范。",
            "云汀市政府投资管理办法",
            "云汀市人民政府令第15号",
            "命令",
        ),
        (
            f"{ORGAN}\n关于某道路工程的批复\n云发改〔2024〕16号\n云汀市交通运输局：\n来文收悉。",
            f"{ORGAN}关于某道路工程的批复",
            "云发改〔2024〕16号",
            "批复",
        ),
        ("云汀市发展和改革\n委员会党组会议纪要\n云发改〔2024〕\n9号\n2024年3月12日上午，召开会议。", "", "云发改〔2024〕9号", ""),
        (f"{ORGAN}文件\n云发改（投资）〔2024〕9号\n关于某道路工程的函\n", "", "云发改（投资）〔2024〕9号", ""),
        (f"{ORGAN}文件\n（云发改投资〔2024〕9号\n关于某道路工程的函\n", "关于某道路工程的函", "云发改投资〔2024〕9号", "函"),
        ("# 云汀市档案条例\n\n2020年1月1日 云汀市人民代表大会通过\n", "云汀市档案条例", "", ""),
        ("关于做好2024年\n全市重点项目\n建设工作的通知\n各处室：\n", "关于做好2024年全市重点项目建设工作的通知", "", "通知"),
        ("关于2023年情况报告\n的批复\n某局：\n", "关于2023年情况报告的批复", "", "批复"),
        ("关于GB/T\n18894 标准的函\n", "关于GB/T 18894标准的函", "", "函"),
    ],
)
def test_forms_of_heads(text: str, title: str, number: str, kind: str) -> None:
    fields = read([text], "")
    assert fields.document_number == number
    assert not title or (fields.title, fields.document_type) == (title, kind)


def test_joint_signatures_are_all_named() -> None:
    fields = read(["关于联合检查的通知\n各单位：\n现就有关事项通知。\n云汀市财政局\n云汀市审计局\n2024年3月12日\n"], "")
    assert fields.author == "云汀市财政局；云汀市审计局"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("关于开展检查的通知.pdf", "关于开展检查的通知"),
        ("C:\\文件\\2024年工作总结.docx", "2024年工作总结"),
        ("scan0001.pdf", ""),
        ("新建 Microsoft Word 文档.docx", ""),
        ("IMG_20240312.jpg", ""),
        ("20240312-01.tif", ""),
        ("3f2a9c0011223344556677.pdf", ""),
        ("", ""),
    ],
)
def test_the_file_name_is_the_last_resort_for_a_title(name: str, title: str) -> None:
    fields = read(["。。。\n"], name)
    assert fields.title == title
    assert "文件名" in fields.reasons["title"]


@given(
    st.lists(st.text(st.sampled_from("关于通知的：〔〕2024年3月12日号附件局\n\r 。《》（）第令"), max_size=200), max_size=3),
    st.text(max_size=20),
)
def test_no_text_breaks_the_reading_and_every_field_has_its_reason(pages: list[str], name: str) -> None:
    fields = read(pages, name)
    assert set(fields.reasons) == {"title", "document_number", "date", "author", "principal_receiver", "document_type", "attachments"}
    assert fields.date == "" or civil_date(fields.date)[0] == fields.date


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("发文字号：云府发〔2022〕32 号", "云府发〔2022〕32号"),
        ("\u200b云府办发[2022]９号", "云府办发〔2022〕9号"),
        ("云府办发(2017〕109号", "云府办发〔2017〕109号"),
        ("云府办发﹝2017﹞第009号", "云府办发〔2017〕9号"),
        ("云府〔 2022 〕96 号", "云府〔2022〕96号"),
        ("云发改(投)［2020］3号", "云发改（投）〔2020〕3号"),
        ("市政府令 第037号", "市政府令第37号"),
        ("云汀市发展改革委2017年第9号", "云汀市发展改革委2017年第9号"),
        ("第十二号", "第十二号"),
    ],
)
def test_numbers_come_into_one_form(raw: str, tidy: str) -> None:
    assert document_number(raw) == tidy
    assert is_well_formed(tidy)


@pytest.mark.parametrize("raw", ["云府发〔2012〕18", "云府发〔2014〕号16", "云府发2014 16号", "编号：", "某某文件"])
def test_what_is_no_number_is_not_made_one(raw: str) -> None:
    assert not is_well_formed(document_number(raw))


@given(st.text(st.sampled_from("云府发令第〔〕[]()（）0192号 ：字\u200b一十"), max_size=20))
def test_tidying_a_number_again_changes_nothing(raw: str) -> None:
    assert document_number(document_number(raw)) == document_number(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2024年3月12日", "20240312"),
        ("二〇二四年三月十二日", "20240312"),
        ("二○二四年十二月三十一日", "20241231"),
        ("一九九九年十月二十日", "19991020"),
        ("成文日期 ：2022-07-09", "20220709"),
        ("2008/04/07", "20080407"),
        ("2008.4.7", "20080407"),
        ("２００８年４月", "200804"),
        ("2022-07-09 10:30:00", "20220709"),
        ("2022-07-09T10:30:00+08:00", "20220709"),
        ("20240312", "20240312"),
        ("202403", "202403"),
        ("2024年", "2024"),
        ("2024", "2024"),
    ],
)
def test_dates_come_into_one_form(raw: str, text: str) -> None:
    assert civil_date(raw) == (text, ())


@pytest.mark.parametrize(
    ("raw", "text", "code"),
    [
        ("2023-02-30", "", "DATE-IMPOSSIBLE"),
        ("2023年13月1日", "", "DATE-IMPOSSIBLE"),
        ("20240300", "", "DATE-IMPOSSIBLE"),
        ("0000", "", "DATE-IMPOSSIBLE"),
        ("24.3.12", "", "DATE-UNREADABLE"),
        ("去年", "", "DATE-UNREADABLE"),
        ("1911年10月10日", "19111010", "DATE-EARLY"),
        ("2026-11-23", "20261123", "DATE-FUTURE"),
        ("2027", "2027", "DATE-FUTURE"),
    ],
)
def test_doubts_are_reported_and_nothing_is_repaired(raw: str, text: str, code: str) -> None:
    read_text, findings = civil_date(raw, earliest_year=1949, today="20261122")
    assert read_text == text
    assert [item.code for item in findings] == [code]


def test_no_date_is_no_finding_and_this_year_is_no_future() -> None:
    assert civil_date("  ") == ("", ())
    assert civil_date("2026", today="20261122") == ("2026", ())


@given(st.dates())
def test_every_day_is_read_in_both_kinds_of_numerals(day: object) -> None:
    text = f"{day:%Y%m%d}" if day.year > 999 else f"{day.year:04d}{day:%m%d}"  # type: ignore[attr-defined]
    digits = "〇一二三四五六七八九"

    def small(value: int) -> str:
        tens, units = divmod(value, 10)
        return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (digits[units] if units else "")

    chinese = "".join(digits[int(character)] for character in text[:4]) + f"年{small(int(text[4:6]))}月{small(int(text[6:]))}日"
    assert civil_date(chinese, earliest_year=1)[0] == civil_date(text, earliest_year=1)[0] == text


@pytest.mark.corpus
def test_real_numbers_and_dates(corpus: Path) -> None:
    good = seen = unread = 0
    for name, columns in (("公文目录_国务院及六省市.csv", ("成文日期", "发布日期")), ("发文字号_五省区市_无题名.csv", ("日期",))):
        with (corpus / "catalogue" / name).open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                tidy = document_number(row["发文字号"])
                seen += bool(tidy)
                good += bool(tidy) and is_well_formed(tidy)
                unread += sum(1 for column in columns if row[column].strip() and not civil_date(row[column])[0])
    assert good / seen > 0.9995
    assert unread == 0


@pytest.mark.corpus
def test_real_documents_with_known_metadata(corpus: Path) -> None:
    folder = corpus / "catalogue"
    with (folder / "国务院文件_全元数据.csv").open(encoding="utf-8-sig", newline="") as rows:
        known = list(csv.DictReader(rows))
    right = 0
    for row in known:
        fields = read([_body(folder / row["正文文件"])], "")
        expected = (re.sub(r"\s", "", row["标题"]), row["发文字号"], re.sub(r"\D", "", row["成文日期"]), row["发文机关"])
        right += (re.sub(r"\s", "", fields.title), fields.document_number, fields.date, fields.author) == expected
    assert right / len(known) > 0.95


def _body(path: Path) -> str:
    markup = re.sub(r"(?s)<(script|style).*?</\1>|<!--.*?-->", "", path.read_text("utf-8"))
    text = html.unescape(re.sub("<[^>]+>", "", re.sub("</p>|<br */?>|</td>|</tr>|</div>", "\n", markup)))
    text = text[max(0, text.find("主 题 词")) :]
    return text[text.find("国务院") :]


def test_a_page_is_cheap() -> None:
    page = [document(24, ending="\r\n")]
    read(page, "a.pdf")
    start = time.process_time()
    for _ in range(50):
        read(page, "a.pdf")
    assert (time.process_time() - start) / 50 < 0.0015


@pytest.mark.parametrize("end", ["！【", "(o)", "0签发人：蒋宁汀", "签发人：蒋宁汀", "，."])
def test_a_number_is_read_where_a_scan_left_marks_behind_it(end: str) -> None:
    text = f"望江县农业农村局文件\n望农发〔1997〕206号{end}\n望江县农业农村局\n关于开展农村危房排查的报告\n县人民政府：\n特此报告。"
    found = read([text], "x")
    assert (found.document_number, found.title) == ("望农发〔1997〕206号", "望江县农业农村局关于开展农村危房排查的报告")
