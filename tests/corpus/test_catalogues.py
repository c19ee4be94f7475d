"""Real catalogues imported: every row a record of paper, nothing dropped or repaired, duplicates and doubts told, search exact."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from lantai import line
from lantai.core.errors import Refusal
from lantai.core.officialdoc import civil_date, document_number
from lantai.core.text import normalise
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.stages import capture, find
from lantai.stages.report import summary
from tests.support.line_house import ARCHIVIST, line_house

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
LARGE = "公文目录_国务院及六省市.csv"
UNTITLED = "发文字号_五省区市_无题名.csv"
FULL = "国务院文件_全元数据.csv"
LAWS = "法律法规目录.csv"


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def imported(house: House, path: Path) -> Batch:
    batch_id = capture.open_batch(house, ARCHIVIST, [path], channel="catalogue", department="BGS", title=path.name)
    line.finish(house)
    return Batch.objects.get(id=batch_id)


def told(house: House, batch: Batch) -> dict[str, int]:
    return {row["code"]: row["count"] for row in summary.summary(house, batch.id)["findings"]}


def doubled(values: list[object]) -> int:
    """Count the rows that are not alone with their value; empty values are like nothing."""
    counts = Counter(value for value in values if value)
    return sum(count for count in counts.values() if count > 1)


def test_sixteen_thousand_rows(house: House, corpus: Path) -> None:
    rows = rows_of(corpus / "catalogue" / LARGE)
    batch = imported(house, corpus / "catalogue" / LARGE)
    assert (batch.needs_attention, batch.record_count, batch.file_count) == ("", len(rows), len(rows) + 1)
    assert Counter(Arrival.objects.filter(batch=batch).values_list("outcome", flat=True)) == {"record": len(rows), "metadata": 1}
    _as_it_was_written(batch, rows)
    findings = told(house, batch)
    assert findings["GD-1-8-NUMBER"] == doubled([document_number(row["发文字号"]) for row in rows])
    dated = [(row["题名"], row["成文日期"]) if row["成文日期"] else None for row in rows]
    assert findings["GD-1-8-IDENTITY"] >= doubled(dated)
    assert findings["DESCRIBE-YEAR-DIFFERS"] == sum(_is_of_another_year(row) for row in rows)
    _searched_exactly(house, rows)
    with pytest.raises(Refusal, match=f"CAPTURE-CATALOGUE-AGAIN: .*{batch.code}"):
        imported(house, corpus / "catalogue" / LARGE)


def _as_it_was_written(batch: Batch, rows: list[dict[str, str]]) -> None:
    """Every row is a record of paper, in order, with every cell under its heading; only dates have a common form beside it."""
    records = Record.objects.filter(batch_id=batch.id).order_by("id")
    for row, record in zip(rows, records.iterator(), strict=True):
        assert record.content_basis == "physical_only"
        assert record.arrival["raw"] == row
        assert (record.title, record.document_number) == (row["题名"], row["发文字号"].strip() and row["发文字号"])
        assert record.document_date == civil_date(row["成文日期"])[0]
        assert record.arrival.get("said", {}).get("date", record.document_date) == row["成文日期"]


def _is_of_another_year(row: dict[str, str]) -> bool:
    numbered = re.search("〔([0-9]{4})〕", document_number(row["发文字号"]))
    return bool(numbered and row["成文日期"] and numbered[1] != row["成文日期"][:4])


def _searched_exactly(house: House, rows: list[dict[str, str]]) -> None:
    """What a search counts is what a look at every row counts."""
    texts = [[normalise(row[name]) for name in ("题名", "发文字号")] for row in rows]
    for query in ("招标投标", "招标", "通", "国办发〔2018〕127号", "(2018)127号", "关于  促进", "房地產", "新能源汽车", "龘"):
        asked = normalise(query)
        counted = sum(any(asked in text for text in both) for both in texts)
        assert find.search(house, ARCHIVIST, f'"{query}"').total == counted, query


def test_numbers_without_titles(house: House, corpus: Path) -> None:
    """Labels, spaces and marks that nobody sees stay as they are; a row without a title waits for a person."""
    rows = rows_of(corpus / "catalogue" / UNTITLED)
    batch = imported(house, corpus / "catalogue" / UNTITLED)
    assert batch.record_count == len(rows)
    findings = told(house, batch)
    assert findings["CATALOGUE-TITLE-MISSING"] == len(rows)
    assert set(Record.objects.values_list("needs_attention", flat=True)) == {"CHECK-FAILED"}
    numbers = Counter(row["发文字号"] if row["发文字号"].strip() else "" for row in rows)
    assert Counter(Record.objects.values_list("document_number", flat=True)) == numbers
    readable = [bool(civil_date(row["日期"])[0]) for row in rows]
    assert sum(bool(date) for date in Record.objects.values_list("document_date", flat=True)) == sum(readable)
    unread = sum(bool(row["日期"].strip()) and not is_read for row, is_read in zip(rows, readable, strict=True))
    assert findings.get("DATE-UNREADABLE", 0) + findings.get("DATE-IMPOSSIBLE", 0) == unread


def test_a_catalogue_with_its_files_beside_it(house: House, corpus: Path) -> None:
    rows = rows_of(corpus / "catalogue" / FULL)
    batch = imported(house, corpus / "catalogue" / FULL)
    assert (batch.record_count, batch.file_count) == (len(rows), len(rows) + 1)
    records = list(Record.objects.order_by("id"))
    assert {record.content_basis for record in records} == {"digital"}
    assert [record.files.get().name for record in records] == [Path(row["正文文件"]).name for row in rows]
    assert [record.arrival["raw"]["索引号"] for record in records] == [row["索引号"] for row in rows]
    assert [record.document_date for record in records] == [civil_date(row["成文日期"])[0] for row in rows]


def test_titles_alone(house: House, corpus: Path) -> None:
    rows = rows_of(corpus / "catalogue" / LAWS)
    batch = imported(house, corpus / "catalogue" / LAWS)
    assert batch.record_count == len(rows)
    assert Counter(Record.objects.values_list("title", flat=True)) == Counter(row["题名"] for row in rows)


def test_the_same_rows_as_a_workbook_are_the_same_records(house: House, corpus: Path, tmp_path: Path) -> None:
    rows = rows_of(corpus / "catalogue" / LARGE)[:300]
    with xlsxwriter.Workbook(tmp_path / "目录.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    batch = imported(house, tmp_path / "目录.xlsx")
    assert [record.arrival["raw"] for record in Record.objects.filter(batch_id=batch.id).order_by("id")] == rows


def test_a_file_that_is_no_catalogue_is_refused(house: House, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "数据.csv").write_text("甲,乙\n1,2\n", "utf-8")
    for path in (tmp_path / "数据.csv", corpus / "xml-hostile" / "SOURCES.md", corpus / "catalogue"):
        with pytest.raises(Refusal, match="CAPTURE-NOT-A-CATALOGUE"):
            imported(house, path)
    assert not Batch.objects.exists()
