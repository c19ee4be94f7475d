"""The findings of a batch as a table, for Excel and CSV: one row a result that is not plain passing, and what became no record."""

import csv
import io
from collections.abc import Iterator

import xlsxwriter

from lantai.core.access import Actor
from lantai.core.checks import OUTCOME_NAMES, PROPERTY_NAMES, Outcome, Property
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Report
from lantai.shelves.reports.queries import body
from lantai.stages import taken_out
from lantai.stages.report.batches import unreceived

HEAD = ("题名", "文号", "电子文件号", "属性", "编号", "检测项", "结果", "应为", "实为", "问题代码", "问题", "对象", "检测时间")
MOST_UNRECEIVED = 100_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Row = tuple[str, ...]


def export(house: House, actor: Actor, batch_id: str, kind: str) -> bytes:
    """Return the table of a batch as ``xlsx`` or ``csv``; that it is taken out is told to the ledger."""
    taken_out.note(house, actor, batch_id, form=kind)
    return as_csv(batch_id) if kind == "csv" else as_xlsx(batch_id)


def rows(batch_id: str) -> Iterator[Row]:
    """Yield a row for each finding of the newest report of each record and of the batch; an item without findings that did not pass too."""
    newest = {report.subject_id: report for report in Report.objects.filter(batch_id=batch_id, gate="arrival").order_by("created_at", "id")}
    named = {row.id: (row.title, row.document_number, row.electronic_record_code) for row in Record.objects.filter(batch_id=batch_id)}
    for subject, report in newest.items():
        head = named.get(subject, ("（整批）", "", ""))
        at = report.created_at.strftime("%Y-%m-%d %H:%M:%SZ")
        for item in body(report)["items"]:
            said = (
                PROPERTY_NAMES[Property(item["property"])], item["code"], item["name"], OUTCOME_NAMES[Outcome(item["outcome"])],
                item.get("expected", ""), item.get("actual", ""),
            )  # fmt: skip
            for remark in item["findings"]:
                yield (*head, *said, remark["code"], remark["message"], remark["where"], at)
            if not item["findings"] and item["outcome"] in ("fail", "error", "manual"):
                yield (*head, *said, "", "", "", at)
    for it in unreceived(batch_id, limit=MOST_UNRECEIVED):
        yield ("（没有成为档案）", "", "", "", "", "", it.outcome, "", "", "", it.message, it.path, "")


def as_csv(batch_id: str) -> bytes:
    """Return the table as CSV: UTF-8 with a byte-order mark; text that a spreadsheet would run is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows(tuple(_harmless(cell) for cell in row) for row in rows(batch_id))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "backslashreplace")


def as_xlsx(batch_id: str) -> bytes:
    """Return the table as an Excel workbook; every cell is text, no formula and no link."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("检测结果")
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet.write_row(0, 0, HEAD, bold)
        for at, row in enumerate(rows(batch_id), 1):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 9, 16)
        sheet.set_column(10, 10, 60)
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
