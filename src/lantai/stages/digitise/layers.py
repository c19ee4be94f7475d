"""The copies of an item that are kept beside its scans: one dual-layer PDF/A and one dual-layer OFD, from the same boxes."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lantai.formats.layered import JPEG, PNG, About, PageLayer
from lantai.ports import House
from lantai.ports.recogniser import Box, ReadLine, ReadPage
from lantai.shelves.digitising.models import Item, Page


def made(house: House, row: Item, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """Yield (suffix, bytes) of every copy. The same pages and words give the same bytes."""
    from lantai.formats.ofd import layering as ofd  # noqa: PLC0415 - what writes them is needed where copies are made, not for screens
    from lantai.formats.pdf import layering as pdf  # noqa: PLC0415 - as above

    layers = [_layer(house, page) for page in pages]
    created = row.confirmed_at.isoformat(timespec="seconds") if row.confirmed_at else ""
    about = About(row.title, str(row.values.get("author", "")), created, row.id)
    yield ".pdf", pdf.dual_layer(layers, about)
    yield ".ofd", ofd.dual_layer(layers, about)


def _layer(house: House, page: Page) -> PageLayer:
    place = house.data / page.picture
    read = read_page(house.data / page.lines) if page.lines else ReadPage(page.width, page.height, page.dpi)
    image, mime = place.read_bytes(), PNG if place.suffix == ".png" else JPEG
    return PageLayer(image, mime, read)


def read_page(place: Path) -> ReadPage:
    """Return the page whose lines were kept at *place*."""
    told = json.loads(place.read_bytes())
    return ReadPage(
        told["width"],
        told["height"],
        told["dpi"],
        tuple(_line(line) for line in told["lines"]),
        tuple(_box(box) for box in told["unread"]),
        told["engine"],
    )


def _line(line: dict[str, Any]) -> ReadLine:
    chars = tuple((text, _box(box), confidence) for text, box, confidence in line["chars"])
    return ReadLine(line["text"], _box(line["box"]), line["confidence"], chars, line["vertical"])


def _box(edges: Sequence[float]) -> Box:
    return (edges[0], edges[1], edges[2], edges[3])
