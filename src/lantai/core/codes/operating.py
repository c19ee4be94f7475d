"""Codes of running Lantai: settings, accounts, work."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
