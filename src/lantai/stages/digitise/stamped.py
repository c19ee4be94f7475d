"""What an archival stamp 归档章 on the first page says, put beside what was proposed without it: it agrees, or it is told to differ."""

from collections.abc import Mapping
from typing import Any

from lantai.core.findings import Finding, finding
from lantai.core.officialdoc import STAMP, Stamp
from lantai.core.retention import Retention
from lantai.ports import House
from lantai.ports.recogniser import ReadPage
from lantai.shelves.digitising.models import Item, Page
from lantai.shelves.holdings import queries as holdings

_POINTS, _USUAL_DPI = 72.0, 300.0
_AGREES, _DIFFERS, _UNKNOWN = 0.99, 0.75, 0.7
#: What somebody else has said better: a batch as a whole, a count of pages. The stamp is a candidate there.
_STRONGER = frozenset({"batch", "count"})

Fields = dict[str, dict[str, Any]]
#: The first page and what was read on it.
First = tuple[Page, ReadPage]


def merged(house: House, row: Item, found: Stamp, first: First, fields: Mapping[str, dict[str, Any]]) -> tuple[Fields, list[Finding]]:
    """Return *fields* with what the stamp on the page *first* says, and remarks where it says something else than they do."""
    told: list[Finding] = []
    made: Fields = dict(fields)
    for name, said in _values(found, first).items():
        before = fields.get(name)
        if before is None or str(before["value"]) == said["value"]:
            made[name] = said | {"confidence": max(said["confidence"], _AGREES if before else 0.0)}
            continue
        told.append(_differs(row, name, said["value"], str(before["value"])))
        made[name] = _beside(before, said) if before["source"] in _STRONGER else _beside(said, before)
    own = row.catalogue.elements if row.catalogue else {}
    listed = {"fonds_code": house.settings.fonds} | {name: str(value) for name, value in own.items()}
    for name in ("fonds_code", "agency_item_number"):
        if (cell := found.get(name)) and listed.get(name) and cell.value != listed[name]:
            told.append(_differs(row, name, cell.value, listed[name]))
    return made, told


def _values(found: Stamp, first: First) -> Fields:
    """Return the cells of a stamp as fields, each with its place and as sure as its letters."""
    page, read = first
    scale = (read.dpi or _USUAL_DPI) / _POINTS
    departments = holdings.department_codes()
    made: Fields = {}
    for cell in found.cells:
        box = [round(edge * scale, 1) for edge in cell.box]
        sure = min(cell.confidence, read.surety([box]))
        value = cell.value
        if cell.name == "retention_period":
            value = Retention.parse(value).label
        elif cell.name == "organizational_structure_or_function":
            value, sure = departments.get(value, value), sure if value in departments else min(sure, _UNKNOWN)
        made[cell.name] = {
            "value": value, "confidence": round(sure, 3), "reason": f"归档章“{STAMP[cell.name]}”一格", "against": "", "page": page.id,
            "boxes": [box], "source": "page", "candidates": [],
        }  # fmt: skip
    return made


def _beside(chosen: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a field that another contradicts: less sure, with the other as a candidate."""
    maybe = {"value": str(other["value"]), "why": str(other["reason"])}
    against = f"{other['reason']}是“{other['value']}”"
    return chosen | {
        "confidence": min(float(chosen["confidence"]), _DIFFERS),
        "against": "；".join(filter(None, (str(chosen.get("against", "")), against))),
        "candidates": [maybe, *chosen.get("candidates", [])],
    }


def _differs(row: Item, name: str, said: str, other: str) -> Finding:
    return finding("DIGITISE-STAMP-DIFFERS", row.key, field=STAMP[name], said=said, other=other)
