"""Codes of the four gates."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
