"""Codes of records: their life, numbers and rights."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
