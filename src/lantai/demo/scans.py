"""Paper for the demonstration: some of the agency's own documents as a scanner would have brought them, read by the engine as any scan is.

Nothing is kept in the project for it: pages are drawn from the demonstration's documents, laid askew, yellowed and packed as JPEG.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from lantai import line
from lantai.core.access import Actor
from lantai.forms.press import serif
from lantai.ports import House
from lantai.stages import digitise

_DPI, _POINTS = 200, 72
_WIDTH = round(8.27 * _DPI)
_PAGES = 2
_TILTS = (0.0, 1.4, -0.8, 0.4, -1.9, 0.0)
_PAPER, _BED = (246, 240, 224), (228, 224, 214)
_INK = (192, 44, 46)
_STAMP_MM, _EVERY = (92.0, 9.0, 45.0, 16.0), 2


def fill(house: House, archivist: Actor, documents: Path, *, count: int) -> str:
    """Scan *count* of the documents below *documents* as one batch, read and proposed; return its id."""
    place = documents / "扫描件"
    for at, source in enumerate(_chosen(house, documents, count)):
        _scan(house, source, place / f"{at + 1:03d}", at)
    order = digitise.Order("室藏文书数字化", scope="先扫利用多的通知、批复；印发稿之外的草稿不扫", sample_percent=20)
    project = digitise.make_project(house, archivist, order)
    papers = digitise.Papers("规划科 2022 年第 3 盒", box="3", reasons=("permanent", "used"))
    batch = digitise.open_batch(house, archivist, project.code, papers)
    digitise.record_step(house, archivist, batch.id, "take_out", digitise.Done(items=count, note="完好", with_whom="库房 韩松"))
    digitise.take_in(house, archivist, batch.id, place)
    line.finish(house)
    return batch.id


def _chosen(house: House, documents: Path, count: int) -> Iterator[Path]:
    """Yield documents that bear a number: what was sent out, and no drafts."""
    left = count
    for source in sorted(documents.rglob("*.pdf")):
        if not left:
            return
        if "稿" not in source.name and "〔" in house.reader.read(source, source.name).text[:400]:
            left -= 1
            yield source


def _scan(house: House, source: Path, folder: Path, at: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, _PAGES + 1):
        drawn = house.reader.render(source, source.name, page=number, width=_WIDTH)
        if drawn is None:
            return
        target = folder / f"{number:04d}.png"
        target.write_bytes(drawn)
        with Image.open(target) as opened:
            page = opened.convert("RGB")
        target.unlink()
        if number == 1 and at % _EVERY == 0:
            _stamp(page, at)
        paper = ImageChops.multiply(page, Image.new("RGB", page.size, _PAPER))
        tilted = paper.rotate(_TILTS[at % len(_TILTS)], Image.Resampling.BICUBIC, fillcolor=_BED)
        tilted.save(folder / f"{number:04d}.jpg", quality=82, dpi=(_DPI, _DPI))


def _stamp(page: Image.Image, at: int) -> None:
    """Press an archival stamp of six boxes (DA/T 22-2015) at the head of a page."""
    draw, mm = ImageDraw.Draw(page), _DPI / 25.4
    x, y, wide, high = (side * mm for side in _STAMP_MM)
    values = ("Z109", "2022", str(at + 1), "规划科", "30年", str(_PAGES))
    for column in range(4):
        draw.line([(x + column * wide / 3, y), (x + column * wide / 3, y + high)], fill=_INK, width=3)
    for row in range(3):
        draw.line([(x, y + row * high / 2), (x + wide, y + row * high / 2)], fill=_INK, width=3)
    font = ImageFont.truetype(str(serif()), round(4 * mm))
    for place, value in enumerate(values):
        draw.text((x + (place % 3 + 0.5) * wide / 3, y + (place // 3 + 0.5) * high / 2), value, font=font, fill=(30, 30, 60), anchor="mm")
