"""Official documents set on pages with boxes, as a page-based format gives them: A4, points from the top left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lantai.core.officialdoc import Box, Page

WIDTH, HEIGHT, LEFT, RIGHT = 595.0, 842.0, 80.0, 522.0
BODY_SIZE, LEADING = 16.0, 24.0
ORGAN = "云汀市发展和改革委员会"


@dataclass(frozen=True, slots=True)
class Paper:
    """The elements of a document; what is empty is not set."""

    copy_number: str = "000123"
    secrecy: str = ""
    precedence: str = "特急"
    sign: str = f"{ORGAN}文件"
    number: str = "云发改〔2024〕15号"
    signatory: str = ""
    title: tuple[str, ...] = (ORGAN, "关于开展企业用工和成本情况调查的通知")
    receiver: str = "各县（区）发展和改革局，委机关各科室"
    body: tuple[str, ...] = (
        "为及时回应经营主体关切，现就开展企业用工和成本情况调查有关事项通知如下：",
        "一、稳定工业生产",
        "支持上下游企业在本地配套，力争全年新增配套合同四十七份，未开工项目逐个分析原因，按月调度。",
        "特此通知。",
    )
    attachments: tuple[str, ...] = ("企业用工情况调查表", "企业成本情况调查表")
    author: str = ORGAN
    date: str = "2024年3月12日"
    release: str = "（此件公开发布）"
    copies: str = "市财政局，市统计局。"
    office: str = f"{ORGAN}办公室"
    printed: str = "2024年3月13日"

    def without(self, *names: str) -> "Paper":
        """Return the same paper without these elements."""
        empty = {"body": (), "attachments": (), "title": ()}
        return replace(self, **{name: empty.get(name, "") for name in names})


@dataclass
class _Setter:
    """Sets lines from the top of a page."""

    y: float
    lines: list[tuple[str, Box]]

    def line(self, text: str, x: float | None = None, size: float = BODY_SIZE) -> None:
        """Set one line at *x*, or centred."""
        width = sum(size if ord(character) > 0x7F else size / 2 for character in text)
        left = (WIDTH - width) / 2 if x is None else x
        self.lines.append((text, (left, self.y, left + width, self.y + size)))

    def down(self, by: float = LEADING) -> None:
        """Go down the page."""
        self.y += by


def _wrapped(text: str, indent: bool = True) -> list[tuple[str, float]]:
    room = int((RIGHT - LEFT) // BODY_SIZE)
    first = room - 2 if indent else room
    rows = [(text[:first], LEFT + 2 * BODY_SIZE if indent else LEFT)]
    rest = text[first:]
    return rows + [(rest[at : at + room], LEFT) for at in range(0, len(rest), room)]


def pages(paper: Paper) -> list[Page]:
    """Set the paper on one page, or two where body and imprint need it."""
    page = _Setter(60.0, [])
    for mark in (paper.copy_number, paper.secrecy, paper.precedence):
        if mark:
            page.line(mark, LEFT)
            page.down()
    page.y = 140.0
    if paper.sign:
        page.line(paper.sign, None, 33.0)
    page.y = 205.0
    if paper.number:
        page.line(paper.number, LEFT + BODY_SIZE if paper.signatory else None)
    if paper.signatory:
        page.line(f"签发人：{paper.signatory}", RIGHT - 8 * BODY_SIZE)
    page.y = 266.0
    for row in paper.title:
        page.line(row, None, 22.0)
        page.down(30)
    page.down(20)
    for row, x in _wrapped(f"{paper.receiver}：", indent=False) if paper.receiver else []:
        page.line(row, x)
        page.down()
    for paragraph in paper.body:
        for row, x in _wrapped(paragraph):
            page.line(row, x)
            page.down()
    _end(page, paper)
    page.y = 800.0
    page.line("— 1 —", RIGHT - 40, 10.0)
    return [Page(WIDTH, HEIGHT, tuple(page.lines))]


def _end(page: _Setter, paper: Paper) -> None:
    for index, name in enumerate(paper.attachments, 1):
        lead = "附件：" if index == 1 else ""
        number = f"{index}．" if len(paper.attachments) > 1 else ""
        page.line(f"{lead}{number}{name}", LEFT + (2 if lead else 5) * BODY_SIZE)
        page.down()
    page.down()
    if paper.author:
        page.line(paper.author, RIGHT - 12 * BODY_SIZE)
        page.down()
    if paper.date:
        page.line(paper.date, RIGHT - 10 * BODY_SIZE)
        page.down()
    if paper.release:
        page.line(paper.release, LEFT + 2 * BODY_SIZE)
    page.y = max(page.y + 40, 700.0)
    if paper.copies:
        page.line(f"抄送：{paper.copies}", LEFT + BODY_SIZE, 14.0)
        page.down(28)
    if paper.office:
        page.line(paper.office, LEFT + BODY_SIZE, 14.0)
        page.line(f"{paper.printed}印发", RIGHT - 130, 14.0)


def expected(paper: Paper) -> dict[str, str]:
    """Return what must be read of a paper, by element; those set alone."""
    secrecy, _, period = paper.secrecy.partition("★")
    values = {
        "copy_number": paper.copy_number,
        "security_classification": secrecy,
        "secrecy_period": period,
        "precedence": paper.precedence,
        "issuing_sign": paper.sign,
        "document_number": paper.number,
        "signatory": paper.signatory,
        "title": "".join(paper.title),
        "principal_receiver": paper.receiver,
        "body": "\n".join(paper.body),
        "attachment_note": "；".join(paper.attachments),
        "author": paper.author,
        "release_note": paper.release.strip("（）"),
        "other_receivers": paper.copies.rstrip("。"),
        "printing_body": paper.office,
        "page_numbers": "1",
    }
    return {name: value for name, value in values.items() if value}


def plain(paged: Sequence[Page]) -> list[Page]:
    """Return the same pages as text without boxes, as a word processor's file gives them."""
    return [Page(text="\n".join(text for text, _ in page.lines)) for page in paged]
