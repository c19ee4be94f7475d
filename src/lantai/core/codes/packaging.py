"""Codes of packages, containers and catalogues."""

from lantai.core.codes.row import Code

ROWS: tuple[Code, ...] = ()
