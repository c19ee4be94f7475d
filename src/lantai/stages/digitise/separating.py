"""How the pages of a group of scans fall into items: at separator sheets where there are any, else all of them are one item.

A separator is a sheet that we printed, with a square code ``LT1|BATCH|NUMBER|TITLE``; it belongs to no item and begins the next one.
The label of a box says ``LB1|BATCH|BOX``; scanned along, it belongs to no item and tells whether the box is the one of this batch.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lantai.formats import squarecode
from lantai.forms import separators
from lantai.ports import House
from lantai.shelves.digitising.models import CatalogueRow, ScanBatch

MARK, BOX_MARK = "LT1", "LB1"
_BOXES = re.compile("[、，,;；\\s]+")
_SHEET = ("分件页", "放在这一件的第一页之前，与纸张一起扫描；系统读出方码即从下一页起另作一件。扫描后取出。")
_LABEL = ("盒签", "贴在或放进这一盒；与纸张一起扫描时不算页，系统读出方码即核对这一盒属于哪个批次。")
_WITHOUT_CATALOGUE = 30


@dataclass(frozen=True, slots=True)
class Part:
    """What will be one item: its key, its pages as (path, frame, kind), and a title that the separator gave."""

    key: str
    pages: tuple[tuple[str, int, str], ...]
    title: str = ""


def text_of(batch_code: str, number: int, title: str) -> str:
    """Return what the code on a separator says."""
    return "|".join((MARK, batch_code, f"{number:04d}", title.replace("|", "／")[:40]))


def parse(text: str) -> tuple[str, int, str] | None:
    """Return (batch, number, title) of a separator's code, None for any other."""
    parts = text.split("|", 3)
    if len(parts) != 4 or parts[0] != MARK or not parts[2].isdecimal():
        return None
    return parts[1], int(parts[2]), parts[3]


def box_text(batch_code: str, box: str) -> str:
    """Return what the code on the label of a box says."""
    return "|".join((BOX_MARK, batch_code, box.replace("|", "／")))


def parse_box(text: str) -> tuple[str, str] | None:
    """Return (batch, box) of a box label's code, None for any other."""
    parts = text.split("|", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == BOX_MARK else None


def code_on(house: House, place: Path, frame: int) -> str | None:
    """Return what the code on a frame says; empty where there is none, or separators are not used; None where it cannot be drawn."""
    return squarecode.decode(house.reader, place, frame, pixels=house.settings.file_pixels) if house.settings.scan_separators else ""


def sheets(house: House, batch: ScanBatch) -> bytes:
    """Return the separator sheets of a batch as PDF: one a row of its catalogue, or as many as a box needs, numbered."""
    rows = [(row.number, str(row.elements.get("title", ""))) for row in CatalogueRow.objects.filter(batch=batch).order_by("number")]
    wanted = [(at, title) for at, (_, title) in enumerate(rows, 1)] or [(at, "") for at in range(1, _WITHOUT_CATALOGUE + 1)]
    return separators.pdf(
        [
            separators.Separator(
                squarecode.encode(text_of(batch.code, number, title)),
                f"{number:04d}",
                tuple(filter(None, (batch.code, batch.title, title))),
            )
            for number, title in wanted
        ],
        *_SHEET,
    )


def labels(batch: ScanBatch) -> bytes:
    """Return the labels of the boxes of a batch as PDF: one a box that it names, one without a number where it names none."""
    boxes = [name for name in _BOXES.split(batch.box) if name] or [""]
    return separators.pdf(
        [separators.Separator(squarecode.encode(box_text(batch.code, box)), box or "—", (batch.code, batch.title)) for box in boxes],
        *_LABEL,
    )


def divide(
    house: House, key: str, scans: Sequence[tuple[str, Path, int]], *, codes: Callable[[House, Path, int], str | None] | None = None
) -> tuple[Part, ...]:
    """Return the items that the scans (path, place, frames) of the group *key* make, in order.

    Once so many frames of a file as ``scan_undrawn_most`` could not be drawn, no code is looked for on its others.
    """
    pages: list[tuple[str, int, str]] = []
    parts: list[Part] = []
    own, title = key, ""
    for path, place, frames in scans:
        undrawn = 0
        for frame in range(1, frames + 1):
            said = codes(house, place, frame) if codes and undrawn < house.settings.scan_undrawn_most else ""
            undrawn += said is None
            if parse_box(said or ""):
                continue
            found = parse(said or "")
            if found is None:
                pages.append((path, frame, "page"))
                continue
            if pages:
                parts.append(Part(own, tuple(pages), title))
            own, title, pages = f"{found[0]}/{found[1]:04d}", found[2], []
            pages.append((path, frame, "separator"))
    return (*parts, Part(own, tuple(pages), title)) if pages else tuple(parts)
