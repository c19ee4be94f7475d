"""One page in the viewer: how large it is asked for and shown, where the words of a search stand on it, what its text is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

from lantai.core import text
from lantai.core.codes import CODES

FITS = {"width": ("宽", "适合宽度"), "height": ("高", "适合高度")}
STEPS = (50, 75, 100, 125, 150, 200, 300)
#: A page that fits is taken for this many percent when it is made larger or smaller.
FIT_COUNTS_AS = 85
#: Width of A4 in points, for pages whose own size is not known.
A4_WIDTH = 595.3
#: Height in points of a line whose font does not say how high it is; its box lies on the foot of the letters.
LEAST_HEIGHT = 10.0
PIXELS_A_POINT = 96 / 72
#: Pixels asked of the server for a page that fits, enough for a screen of double density.
ASKED = {"width": 1500, "height": 1100}
MOST_ASKED = 2400

ANNOTATIONS = {"Link": "链接", "Path": "线条", "Highlight": "高亮", "Stamp": "印章外观", "Watermark": "水印"}
DANGERS = frozenset(
    {
        "ATTACHMENT-PROGRAM",
        "FORMAT-EXTENSION-MISMATCH",
        "HTML-ACTIVE",
        "OFFICE-EXTERNAL",
        "OFFICE-MACRO",
        "PDF-EXTERNAL",
        "PDF-JAVASCRIPT",
        "PDF-LAUNCH",
        "PDF-XFA",
    }
)
METADATA = {
    "title": "题名", "author": "作者", "subject": "主题", "keywords": "关键词", "creator": "创建程序", "producer": "生成程序",
    "application": "应用程序", "software": "软件", "created": "创建时间", "modified": "修改时间", "pdf_version": "PDF 版本",
    "pdfa_claimed": "自称的 PDF/A 级别（未验证）", "encryption": "加密", "description": "说明", "abstract": "摘要", "company": "单位",
    "width_pixels": "宽（像素）", "height_pixels": "高（像素）", "bits": "位深", "compression": "压缩", "dpi": "分辨率",
    "creator_version": "程序版本", "document_id": "文档标识", "usage": "用途",
    "modified_by": "最后修改人", "category": "类别", "status": "状态", "pages": "自称页数",
    "application_version": "应用程序版本", "template": "模板",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zoom:
    """``name`` as the address has it: width, height, or percent; ``css_width`` in pixels where it is a percentage, else 0."""

    name: str
    asked: int
    css_width: int = 0
    larger: str = ""
    smaller: str = ""

    @property
    def percent(self) -> str:
        """The percentage, 100 where the page fits something."""
        return self.name if self.css_width else "100"


def zoom(asked: str, points: float) -> Zoom:
    """Return the size *asked* for in the address of a page that is *points* wide; what is no size fits the height."""
    name = asked if asked in FITS or asked in map(str, STEPS) else "height"
    percent = FIT_COUNTS_AS if name in FITS else int(name)
    larger = next((str(step) for step in STEPS if step > percent), "")
    smaller = next((str(step) for step in reversed(STEPS) if step < percent), "")
    if name in FITS:
        return Zoom(name, ASKED[name], 0, larger, smaller)
    width = max(1, round((points or A4_WIDTH) * PIXELS_A_POINT * percent / 100))
    return Zoom(name, min(MOST_ASKED, -(-width * 5 // 400) * 100), width, larger, smaller)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page in points from the top left, and the text in it (empty for a mark)."""

    x: float
    y: float
    width: float
    height: float
    text: str = ""

    @property
    def baseline(self) -> float:
        """Where the letters stand: a fifth of the height above its lower edge."""
        return round(self.y + self.height * 0.82, 1)

    @property
    def size(self) -> float:
        """Size of type that fills the line."""
        return round(self.height * 0.95, 1)


def text_boxes(page: Mapping[str, Any]) -> list[Box]:
    """Return the lines of a page that lie across it, to be selected; upright ones cannot be laid over it as text."""
    boxes = [_box(line, 0, 1, str(line["text"])) for line in page.get("lines", ())]
    return [box for box in boxes if box.text.strip() and box.width >= box.height * min(len(box.text), 2) / 2 and box.height > 0]


def hit_boxes(page: Mapping[str, Any], words: Sequence[str]) -> list[Box]:
    """Return where the words stand on the page; a word that runs over the end of a line has a box on each.

    Reading keeps a box a line, so the place within a line is reckoned by the usual widths of the characters.
    """
    lines = [line for line in page.get("lines", ()) if line["text"]]
    ends = list(accumulate(len(line["text"]) + 1 for line in lines))
    spans = text.spans("\n".join(line["text"] for line in lines), words)
    boxes = []
    for line, end in zip(lines, ends, strict=True):
        length = len(line["text"])
        shares = _shares(line["text"])
        begin = end - length - 1
        for start, stop in spans:
            first, last = max(start - begin, 0), min(stop - begin, length)
            if first < last:
                boxes.append(_box(line, shares[first], shares[last]))
    return boxes


def _shares(line: str) -> list[float]:
    """Return where each character begins, and the last ends, as shares of the line: Han are twice as wide as Latin letters.

    A box ends with the ink, so a mark that closes the line counts only for the part of its square that holds ink.
    """
    widths = [1.0 if east_asian_width(character) in "FW" else 0.5 for character in line]
    widths[-1] *= 0.4 if line[-1] in "。，、；：" else 1
    ends = [0.0, *accumulate(widths)]
    return [min(end / ends[-1], 1.0) for end in ends]


def _box(line: Mapping[str, Any], start: float, stop: float, said: str = "") -> Box:
    """Return the part of a line's box between two shares of its length, along its longer side."""
    left, top, right, bottom = (float(edge) for edge in line["box"])
    top = min(top, bottom - LEAST_HEIGHT) if bottom - top < 1 else top
    wide, high = right - left, bottom - top
    if high > wide * 2 and len(line["text"]) > 1:
        return Box(left, round(top + high * start, 1), round(wide, 1), round(high * (stop - start), 1), said)
    return Box(round(left + wide * start, 1), top, round(wide * (stop - start), 1), round(high, 1), said)


def counted(pages: Sequence[Mapping[str, Any]], words: Sequence[str]) -> dict[int, int]:
    """Return how often the words stand on each page that has them."""
    wanted = [word for word in map(text.normalise, words) if word]
    folded = {int(page["number"]): text.normalise(str(page["text"])) for page in pages} if wanted else {}
    counts = {number: sum(body.count(word) for word in wanted) for number, body in folded.items()}
    return {number: count for number, count in counts.items() if count}


def notes(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, int | None]]:
    """Return annotations and tags as (kind in words, name, text, page); annotations that show a picture alone say so."""
    return [
        ("标引" if row["kind"] == "tag" else "注释", ANNOTATIONS.get(str(row["name"]), str(row["name"])), str(row["text"]), row["page"])
        for row in rows
    ]


def dangers(found: Iterable[Iterable[Mapping[str, str]]]) -> list[tuple[str, str]]:
    """Return what the findings of the files say of things that run or of a name that does not fit the bytes, with what to do; each once."""
    told = (item for rows in found for item in rows if item.get("code") in DANGERS)
    return list(dict.fromkeys((str(item.get("message", "")), CODES[item["code"]].next) for item in told))


def outlined(rows: Sequence[Mapping[str, Any]], page: int) -> list[tuple[int, str, int | None, bool]]:
    """Return the outline as (depth, title, page, whether it is where the reader is: the last entry at or before *page*)."""
    before = [place for place, row in enumerate(rows) if row["page"] is not None and int(row["page"]) <= page]
    here = max(before, key=lambda place: (int(rows[place]["page"]), place)) if before else -1
    return [(min(int(row["level"]), 6), str(row["title"]), row["page"], place == here) for place, row in enumerate(rows)]


def metadata(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a file says of itself, under Chinese names where we have them."""
    return [(METADATA.get(name, name), str(value)) for name, value in values.items() if value not in ("", None)]
