"""A table that reads as one on a screen and stays a list of rows in JSON."""

import unicodedata
from typing import Any


class Table(list[dict[str, Any]]):
    """Rows of equal keys; as text, columns aligned for characters of either width."""

    def __str__(self) -> str:
        if not self:
            return "—"
        keys = list(self[0])
        cells = [keys, *([_cell(row[key]) for key in keys] for row in self)]
        widths = [max(_width(row[index]) for row in cells) for index in range(len(keys))]
        lines = ("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
        return "\n" + "\n".join(f"    {line}" for line in lines)

    def __format__(self, spec: str) -> str:
        return str(self)


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
