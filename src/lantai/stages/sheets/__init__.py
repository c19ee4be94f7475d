"""sheets 表格往返: a list goes out as a workbook, is edited there, and comes back cell by cell, whole or not at all.

A row is known by its mark; the version beside it tells whether the record was changed after the list went out. What comes back is kept
first, then tried in the background: every change is shown, every wrong cell named. When the person says so it is applied, in the
background too, as one act that can be taken back; whatever stops it on the way, all that was written is put back. What is the same
already is no change, so a sheet that comes twice does nothing the second time.
"""

from lantai.stages.sheets.columns import COLUMNS, MARK, MOST_ROWS, VERSION, write
from lantai.stages.sheets.jobs import apply, call_off, claimed, find, lapse, listed, receive, run, sheet_task
from lantai.stages.sheets.outward import AT_ONCE, file, send
from lantai.stages.sheets.plans import CHANGES, PAGE, WRONG, Line, Page, Plan, load, page

__all__ = [
    "AT_ONCE",
    "CHANGES",
    "COLUMNS",
    "MARK",
    "MOST_ROWS",
    "PAGE",
    "VERSION",
    "WRONG",
    "Line",
    "Page",
    "Plan",
    "apply",
    "call_off",
    "claimed",
    "file",
    "find",
    "lapse",
    "listed",
    "load",
    "page",
    "receive",
    "run",
    "send",
    "sheet_task",
    "write",
]
