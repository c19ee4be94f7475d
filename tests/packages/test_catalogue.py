"""Catalogues: columns known by their headings, cells as they stand, every fault a finding of its row."""

import csv
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.errors import Refusal
from lantai.packages import catalogue, metadata_file, schedule_file, workbook_read
from tests.formats import made
from tests.fuzz.seeds import compound

HEADINGS = ["序号", "题 名", "发文字号", "发文机关", "成文日期", "页数（页）", "保管期限", "自定义列", "附件"]
ROWS = [
    ["1", "关于启用新印章的通知", "云发改〔2026〕1号", "云汀市发展和改革委员会", "2026-01-05", "2", "永久", "甲", ""],
    ["2", "关于节假日值班的通知", "云发改办〔2026〕2号", "委办公室", "2026年1月20日", "1", "10年", "乙", "a.pdf；b.pdf|c.pdf"],
]


def write_csv(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def write_xlsx(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("空表")
        sheet = book.add_worksheet("目录")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return path


@pytest.fixture
def attached(tmp_path: Path) -> Path:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_encoding_and_delimiter(attached: Path, encoding: str, delimiter: str) -> None:
    _holds(catalogue.read(write_csv(attached / "目录.csv", [HEADINGS, *ROWS], encoding=encoding, delimiter=delimiter)))


def test_xlsx(attached: Path) -> None:
    _holds(catalogue.read(write_xlsx(attached / "目录.xlsx", [list(HEADINGS), *map(list, ROWS)])))


def _holds(read: catalogue.Catalogue) -> None:
    assert read.findings == ()
    first, second = read.rows
    assert first.elements == {
        "title": "关于启用新印章的通知",
        "document_number": "云发改〔2026〕1号",
        "author": "云汀市发展和改革委员会",
        "date": "2026-01-05",
        "total_number_of_pages": "2",
        "retention_period": "永久",
    }
    assert first.raw["自定义列"] == "甲"
    assert first.number == 2
    assert second.files == ("a.pdf", "b.pdf", "c.pdf")
    assert second.elements["date"] == "2026年1月20日"
    assert [item.findings for item in read.rows] == [(), ()]
    assert read.columns["附件"] == "files"
    assert read.columns["自定义列"] == ""


def test_numbers_and_dates_of_xlsx_read_as_a_person_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["题名", "页数", "日期", "是否", "比率"])
        sheet.write_row(1, 0, ["x", 12])
        sheet.write_number(1, 2, 46027, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_boolean(1, 3, True)
        sheet.write_number(1, 4, 0.5)
    assert list(catalogue.read(path).rows[0].raw.values()) == ["x", "12", "2026-01-05", "True", "0.5"]


def test_a_title_above_the_headings_is_kept_apart(tmp_path: Path) -> None:
    read = catalogue.read(write_csv(tmp_path / "目录.csv", [["归档文件目录", "", ""], [], ["题名", "文号"], ["x", "1"]]))
    assert read.preamble == ("归档文件目录",)
    assert [(item.number, item.elements["title"]) for item in read.rows] == [(4, "x")]


def test_empty_rows_are_passed_over_and_numbers_stay(tmp_path: Path) -> None:
    read = catalogue.read(write_csv(tmp_path / "目录.csv", [["题名"], ["甲"], [" ", ""], ["乙"]]))
    assert [item.number for item in read.rows] == [2, 4]


def test_the_first_of_two_columns_for_one_element_fills_it(tmp_path: Path) -> None:
    read = catalogue.read(write_csv(tmp_path / "目录.csv", [["成文日期", "日期", "题名"], ["2026", "2025", "x"]]))
    assert read.rows[0].elements == {"date": "2026", "title": "x"}
    assert read.rows[0].raw == {"成文日期": "2026", "日期": "2025", "题名": "x"}


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cell_is_kept_as_it_stands(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write_csv(tmp_path / "目录.csv", [["题名", "甲", "乙"], *rows], encoding="utf-8-sig")
    kept = [list(item.raw.values()) for item in catalogue.read(path).rows]
    assert kept == [row for row in rows if any(map(str.strip, row))]


BAD_ROWS = {
    "title_missing": ([["题名", "文号"], ["", "1号"]], "CATALOGUE-TITLE-MISSING"),
    "file_missing": ([["题名", "附件"], ["x", "没有.pdf"]], "CATALOGUE-FILE-MISSING"),
    "file_climbs_out": ([["题名", "文件路径"], ["x", "..\\..\\etc\\passwd"]], "CATALOGUE-FILE-UNSAFE"),
    "file_absolute": ([["题名", "文件路径"], ["x", "/etc/passwd"]], "CATALOGUE-FILE-UNSAFE"),
    "file_name_too_long": ([["题名", "文件路径"], ["x", "长" * 300]], "CATALOGUE-FILE-MISSING"),
    "cells_extra": ([["题名"], ["x", "", "多出"]], "CATALOGUE-CELLS-EXTRA"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_has_a_finding(tmp_path: Path, name: str) -> None:
    rows, code = BAD_ROWS[name]
    (row,) = catalogue.read(write_csv(tmp_path / "目录.csv", rows)).rows
    assert [item.code for item in row.findings] == [code]


def test_extra_cells_are_kept(tmp_path: Path) -> None:
    (row,) = catalogue.read(write_csv(tmp_path / "目录.csv", [["题名"], ["x", "", "多出"]])).rows
    assert row.raw == {"题名": "x", "第3列": "多出"}


BAD_FILES = {
    "empty.csv": (b"", "CATALOGUE-EMPTY"),
    "only_headings.csv": ("题名,文号\n".encode(), "CATALOGUE-EMPTY"),
    "no_known_heading.csv": ("甲,乙\n1,2\n".encode(), "CATALOGUE-HEADINGS-UNKNOWN"),
    "heading_twice.csv": ("题名,甲,甲\n1,2,3\n".encode(), "CATALOGUE-HEADING-REPEATED"),
    "no_encoding.csv": (b"\xff\xff\xff", "CATALOGUE-UNREADABLE"),
    "not_a_workbook.xlsx": (b"PK\x03\x04 this is not one", "CATALOGUE-UNREADABLE"),
    "empty.xlsx": (b"", "CATALOGUE-UNREADABLE"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_catalogue_has_a_finding(tmp_path: Path, name: str) -> None:
    content, code = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    assert code in [item.code for item in catalogue.read(tmp_path / name).findings]


def test_an_absent_catalogue_is_a_finding(tmp_path: Path) -> None:
    assert [item.code for item in catalogue.read(tmp_path / "没有.csv").findings] == ["CATALOGUE-UNREADABLE"]


def test_what_is_a_catalogue(tmp_path: Path) -> None:
    assert catalogue.is_catalogue(write_csv(tmp_path / "目录.csv", [HEADINGS, *ROWS]))
    assert catalogue.is_catalogue(write_xlsx(tmp_path / "目录.xlsx", [list(HEADINGS)]))
    assert not catalogue.is_catalogue(write_csv(tmp_path / "账目.csv", [["科目", "金额"], ["办公费", "1"]]))
    (tmp_path / "坏.xlsx").write_bytes(b"x")
    assert not catalogue.is_catalogue(tmp_path / "坏.xlsx")
    assert not catalogue.is_catalogue(tmp_path)


def test_a_large_public_catalogue_is_read_whole(corpus: Path) -> None:
    read = catalogue.read(corpus / "catalogue" / "公文目录_国务院及六省市.csv")
    assert len(read.rows) == 16196
    assert all(item.elements["title"] == item.raw["题名"] for item in read.rows)
    assert read.columns["来源网站"] == ""


def test_a_public_catalogue_names_its_files(corpus: Path) -> None:
    read = catalogue.read(corpus / "catalogue" / "国务院文件_全元数据.csv")
    assert all(len(item.files) == 1 and not item.findings for item in read.rows)


def test_a_workbook_that_swells_beyond_measure_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["题名", "文号"])
        for number in range(1, 3000):
            sheet.write_row(number, 0, ["关于值班的通知", "云字〔2024〕1号"])
    assert len(catalogue.read(path).rows) == 2999
    monkeypatch.setattr(workbook_read, "_SHEETS_BYTES", 64 * 1024)
    assert not catalogue.is_catalogue(path)
    assert [item.code for item in catalogue.read(path).findings] == ["CATALOGUE-UNREADABLE"]


@given(cut=st.integers(0, 4000), flipped=st.binary(min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_never_raises(tmp_path_factory: pytest.TempPathFactory, cut: int, flipped: bytes) -> None:
    path = tmp_path_factory.mktemp("xlsx") / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["题名", "文号"])
    content = bytearray(path.read_bytes())
    content[cut % len(content) : cut % len(content) + len(flipped)] = flipped
    path.write_bytes(content)
    assert catalogue.is_catalogue(path) in (True, False)
    catalogue.read(path)


def test_cells_far_apart_do_not_lay_out_the_desert_between(tmp_path: Path) -> None:
    """Two cells of a small file made the library ask for 32 GB, and the process ended."""
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "题名")
        sheet.write(1_000_000, 1000, "甲")
    assert [item.code for item in catalogue.read(path).findings] == ["CATALOGUE-UNREADABLE"]
    assert not catalogue.is_catalogue(path)


def claiming_strings(workbook: bytes) -> bytes:
    """Return the workbook claiming 4,294,967,296 strings."""
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    strings = members["xl/sharedStrings.xml"]
    members["xl/sharedStrings.xml"] = re.sub(rb'uniqueCount="\d+"', b'uniqueCount="4294967296"', strings)
    assert strings != members["xl/sharedStrings.xml"]
    return made.zipped(members)


@pytest.mark.parametrize("read", [metadata_file.read, schedule_file.read])
def test_a_scheme_or_schedule_that_claims_them_is_refused_as_well(tmp_path: Path, read: Callable[[str, bytes], object]) -> None:
    content = claiming_strings(write_xlsx(tmp_path / "表.xlsx", [["元素代码", "编号"]]).read_bytes())
    with pytest.raises(Refusal, match="自称有超过"):
        read("表.xlsx", content)


def test_a_workbook_that_claims_four_thousand_million_strings(tmp_path: Path) -> None:
    """The library made room for all of them, 100 GB, and the process ended."""
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["题名", "文号"])
    path.write_bytes(claiming_strings(path.read_bytes()))
    assert [item.code for item in catalogue.read(path).findings] == ["CATALOGUE-UNREADABLE"]
    assert not catalogue.is_catalogue(path)


def test_a_format_without_content_far_away_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["题名", "文号"])
        sheet.write_row(1, 0, ["甲", "云发〔2026〕1号"])
        sheet.write_blank(1_000_000, 1000, None, book.add_format({"bold": True}))
    assert [row.elements["title"] for row in catalogue.read(path).rows] == ["甲"]


def test_a_compound_file_named_xlsx_is_not_opened(tmp_path: Path) -> None:
    """Its chain of sectors may be a circle; a zip at its end makes it look like a workbook."""
    path = tmp_path / "目录.xlsx"
    path.write_bytes(compound({"Workbook": b""}, is_endless=True) + made.zipped({"[Content_Types].xml": "<Types/>"}))
    assert [item.code for item in catalogue.read(path).findings] == ["CATALOGUE-UNREADABLE"]


def test_a_row_of_very_many_headings_holds_nobody_up(tmp_path: Path) -> None:
    """Each was once looked for among all before it, a repeated one with every number: a table of ten kilobytes took minutes."""
    for heading in ("题名", "", "列"):
        read = catalogue.read(
            write_csv(tmp_path / "目录.csv", [["题名", *[heading] * 20_000, *map(str, range(20_000))], ["关于防汛的通知"]])
        )
        assert len(read.columns) == 40_001
        assert read.rows[0].elements["title"] == "关于防汛的通知"
    twice = catalogue.read(write_csv(tmp_path / "重列.csv", [["题名", "注", "注（2）", "注", "注"], ["甲", "1", "2", "3", "4"]]))
    assert dict(twice.rows[0].raw) == {"题名": "甲", "注": "1", "注（2）": "2", "注（3）": "3", "注（4）": "4"}
