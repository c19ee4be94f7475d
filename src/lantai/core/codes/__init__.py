"""The one table of codes: every finding, refusal and fault that Lantai can utter.

Rows live in one module a field and are merged here; a code is API: it is added or deprecated, never re-used.
"""

from lantai.core.codes import (
    bagit,
    checking,
    csip,
    digitising,
    eep,
    keeping,
    line,
    ocfl,
    operating,
    packaging,
    reading,
    records,
    recovering,
    scanning,
    transfer,
    upkeeping,
)
from lantai.core.codes.row import Code

__all__ = ["CODES", "Code"]


def _merged(*tables: tuple[Code, ...]) -> dict[str, Code]:
    table: dict[str, Code] = {}
    for row in (row for rows in tables for row in rows):
        if row.code in table:
            raise ValueError(f"code listed twice: {row.code}")
        table[row.code] = row
    return table


CODES: dict[str, Code] = _merged(
    reading.ROWS,
    recovering.ROWS,
    packaging.ROWS,
    eep.ROWS,
    transfer.ROWS,
    checking.ROWS,
    records.ROWS,
    keeping.ROWS,
    operating.ROWS,
    line.ROWS,
    bagit.ROWS,
    ocfl.ROWS,
    csip.ROWS,
    scanning.ROWS,
    upkeeping.ROWS,
    digitising.ROWS,
)
