"""The copies of an item that are kept beside its scans: one dual-layer PDF/A and one dual-layer OFD, from the same boxes."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from lantai.formats.layered import JPEG, PNG, About, PageLayer
from lantai.formats.ofd import layering as ofd
from lantai.formats.pdf import layering as pdf
from lantai.ports import House
from lantai.ports.recogniser import Box, ReadLine, ReadPage
from lantai.shelves.digitising.models import Item, Page

_QUALITY = 88


def made(house: House, row: Item, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """Yield (suffix, bytes) of every copy. The same pages and words give the same bytes."""
    layers = [_layer(house, page) for page in pages]
    created = row.confirmed_at.isoformat(timespec="seconds") if row.confirmed_at else ""
    about = About(row.title, str(row.values.get("author", "")), created, row.id)
    yield ".pdf", pdf.dual_layer(layers, about)
    yield ".ofd", ofd.dual_layer(layers, about)


def _layer(house: House, page: Page) -> PageLayer:
    place = house.data / page.picture
    read = read_page(house.data / page.lines) if page.lines else ReadPage(page.width, page.height, page.dpi)
    image, mime = place.read_bytes(), PNG if place.suffix == ".png" else JPEG
    return _turned(image, mime, read, page.turned) if page.turned else PageLayer(image, mime, read)


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


def _turned(image: bytes, mime: str, read: ReadPage, degrees: int) -> PageLayer:
    """Turn a page clockwise as a person has, its boxes with it."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(image)) as opened:
        dpi = opened.info.get("dpi", (read.dpi, read.dpi))
        turned = opened.rotate(-degrees, expand=True)
        more: dict[str, Any] = {} if mime == PNG else {"quality": _QUALITY}
        turned.save(out, "PNG" if mime == PNG else "JPEG", dpi=dpi, **more)
    lines = tuple(ReadLine(line.text, _place(line.box, read, degrees), line.confidence, (), line.is_vertical) for line in read.lines)
    return PageLayer(out.getvalue(), mime, ReadPage(turned.width, turned.height, read.dpi, lines, (), read.engine))


def _place(box: Box, read: ReadPage, degrees: int) -> Box:
    (x0, y0, x1, y1), wide, high = box, read.width_px, read.height_px
    if degrees == 90:
        return (high - y1, x0, high - y0, x1)
    return (wide - x1, high - y1, wide - x0, high - y0) if degrees == 180 else (y0, wide - x1, y1, wide - x0)
