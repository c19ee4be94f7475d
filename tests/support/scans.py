"""Scans for tests: sheets drawn with Pillow, and an engine that says what it is told, page after page."""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from lantai.ports.recogniser import ReadLine, ReadPage

DPI = 100
WIDTH, HEIGHT = 827, 1169
Lines = Sequence[tuple[str, float]]

NOTICE: tuple[Lines, ...] = (
    (
        ("云汀市发展和改革委员会文件", 0.99),
        ("云发改规划〔2024〕5号", 0.98),
        ("云汀市发展和改革委员会关于印发中期评估工作方案的通知", 0.98),
        ("各县（区）发展和改革局：", 0.97),
        ("现将工作方案印发给你们，请认真组织实施。", 0.97),
        ("云汀市发展和改革委员会", 0.96),
        ("2024年1月12日", 0.64),
    ),
    (("附件中期评估工作方案", 0.97), ("一、总体要求", 0.97)),
)


class Told:
    """A recogniser that gives the lines it was told, one page after the other, again from the first when they run out.

    Its process dies when it is asked for one page more than *dies_after*.
    """

    name = "told 1"

    def __init__(self, *pages: Lines, dies_after: int | None = None) -> None:
        self._pages = pages or NOTICE
        self._dies_after = dies_after
        self.asked: list[Path] = []

    def say(self, *pages: Lines) -> None:
        """Give these lines from now on."""
        self._pages = pages

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Answer in order."""
        for place in pages:
            if len(self.asked) == self._dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
            lines = self._pages[len(self.asked) % len(self._pages)]
            self.asked.append(place)
            made = tuple(_line(at, text, confidence) for at, (text, confidence) in enumerate(lines))
            yield ReadPage(WIDTH, HEIGHT, DPI, made, engine=self.name)

    def close(self) -> None:
        """Do nothing."""


class Stamped(Told):
    """The same with an archival stamp at the head of every page."""

    def read(self, pages: Iterable[Path]) -> Iterator[ReadPage]:
        """Answer in order."""
        for page in super().read(pages):
            values = ("J009", "2024", "15", "综合科", "永久", "6")
            cells = [(360 + at % 3 * 70, 20 + at // 3 * 34, text) for at, text in enumerate(values)]
            made = tuple(ReadLine(text, (x, y, x + 12.0 * len(text), y + 16.0), 0.99) for x, y, text in cells)
            yield replace(page, lines=(*made, *page.lines))


def _line(at: int, text: str, confidence: float) -> ReadLine:
    top, wide = 100.0 + at * 60, min(600.0, len(text) * 24.0)
    left = (WIDTH - wide) / 2
    chars = tuple((letter, (left + place * 24, top, left + place * 24 + 24, top + 24), confidence) for place, letter in enumerate(text))
    return ReadLine(text, (left, top, left + wide, top + 24), confidence, chars)


def sheet(number: int, *, height: int = HEIGHT) -> Image.Image:
    """A sheet that looks unlike every other number's."""
    image = Image.new("RGB", (WIDTH, height), "#FDFCF8")
    draw = ImageDraw.Draw(image)
    for row in range(12):
        for column in range(8):
            if (number * 2654435761 >> (row * 8 + column) % 31) & 1:
                draw.rectangle((60 + column * 90, 60 + row * 85, 130 + column * 90, 110 + row * 85), fill="#222222")
    return image


def write(path: Path, number: int, *, frames: int = 1, height: int = HEIGHT) -> Path:
    """Write a scan of *frames* pages; TIFF, JPEG, PNG or PDF by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = [sheet(number + at, height=height) for at in range(frames)]
    kind = {".tif": "TIFF", ".jpg": "JPEG", ".png": "PNG", ".pdf": "PDF"}[path.suffix]
    more: dict[str, object] = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    more |= {"resolution": DPI} if kind == "PDF" else {"dpi": (DPI, DPI)}
    more |= {"save_all": True, "append_images": pages[1:]} if frames > 1 else {}
    pages[0].save(path, kind, **more)
    return path
