"""Codes of single files: identification, opening, text."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
