"""Codes of the vault, the index and the ledger."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
