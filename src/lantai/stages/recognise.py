"""recognise: what stands on scanned pages, as text with boxes and as the fields of one document. Needs no store and no database."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lantai.core import officialdoc
from lantai.core.errors import Fault, Refusal
from lantai.core.findings import Finding, Severity, has_error
from lantai.core.officialdoc import STAMP, Cell, Element
from lantai.core.retention import Retention, RetentionFacts, propose
from lantai.formats import frames
from lantai.ports.imager import Imager, Job, Seen
from lantai.ports.reader import Reader
from lantai.ports.recogniser import Box, ReadPage, Recogniser
from lantai.stages.inspect import secrets
from lantai.standards import gb_t_9704, order_8

_POINTS = 72.0
_RULE_HIT, _RULE_NONE = 0.9, 0.5
#: What may be told by another element than its own, such as the author by the red head, and has no place then.
TOLD_ELSEWHERE = frozenset({"author", "date"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: where it came from (file, frame from 1), what was read in its cleaned picture, and how that came of it."""

    path: Path
    frame: int
    read: ReadPage
    matrix: Sequence[float]

    def placed(self, box: Sequence[float]) -> list[float]:
        """Return a box of the cleaned picture as the rectangle around it in pixels of the original."""
        a, b, c, d, e, f = self.matrix
        whole = a * e - b * d
        corners = [(x - c, y - f) for x in (box[0], box[2]) for y in (box[1], box[3])]
        xs = [(e * x - b * y) / whole for x, y in corners]
        ys = [(a * y - d * x) / whole for x, y in corners]
        return [round(min(xs), 1), round(min(ys), 1), round(max(xs), 1), round(max(ys), 1)]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read: pages in order, the fields of the document they make, and what could not be read or must not be kept."""

    sheets: tuple[Sheet, ...]
    fields: dict[str, dict[str, Any]]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the document of ``lantai recognise``; boxes are in pixels of the original images."""
        return {
            "text": "\n".join(sheet.read.text for sheet in self.sheets),
            "lines": [line for number, sheet in enumerate(self.sheets, 1) for line in _lines(sheet, number)],
            "fields": self.fields,
            "pages": [_page(sheet, number) for number, sheet in enumerate(self.sheets, 1)],
            "findings": [item.as_json() for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Engines:
    """Who opens and draws files, looks at pages, and reads them, and how many pixels a page may have."""

    reader: Reader
    imager: Imager
    recogniser: Recogniser
    most_pixels: int


def recognise(engines: Engines, paths: Sequence[Path]) -> Recognised:
    """Read *paths* as the pages of one document, in order. A page that cannot be read is a finding, the others go on.

    Only the reader opens a PDF, within its limits.

    Raises Refusal FILE-UNKNOWN where a file is not there.
    """
    for path in paths:
        if not path.is_file():
            raise Refusal("FILE-UNKNOWN", str(path))
    told: list[Finding] = []
    with TemporaryDirectory(prefix="lantai-") as folder:
        sheets = list(_sheets(engines, Path(folder), paths, told))
    told += secrets(officialdoc.secrecy([sheet.read.text for sheet in sheets], {}, ""), paths[0].name)
    return Recognised(tuple(sheets), fields(sheets, paths[0].name), tuple(told))


@dataclass(frozen=True, slots=True)
class _Place:
    """A page on its way: its file, its frame from 1, and what the two are called in a finding."""

    path: Path
    frame: int
    name: str


def _sheets(engines: Engines, folder: Path, paths: Sequence[Path], told: list[Finding]) -> Iterator[Sheet]:
    """Clean page after page while those before are read; each is forgotten when its turn has come."""
    asked: deque[tuple[_Place, Path]] = deque()
    waiting: deque[tuple[_Place, Seen]] = deque()

    def looked() -> Iterator[Path]:
        jobs = _jobs(_Opening(engines, folder, asked), paths, told)
        for (place, source), seen in _answered(engines.imager.look(jobs), asked, told):
            if source != place.path:
                source.unlink()
            waiting.append((place, seen))
            yield seen.picture

    for (place, seen), read in _answered(engines.recogniser.read(looked()), waiting, told):
        seen.picture.unlink()
        yield Sheet(place.path, place.frame, read, seen.recipe["matrix"])


def _answered[Thing, Answer](
    answers: Iterator[Answer], asked: deque[tuple[_Place, Thing]], told: list[Finding]
) -> Iterator[tuple[tuple[_Place, Thing], Answer]]:
    """Yield what was asked with its answer; what is answered by a fault is told, unless nobody is there to answer."""
    while True:
        try:
            answer = next(answers)
        except StopIteration:
            return
        except Fault as problem:
            if problem.code == "RECOGNISER-NOT-STARTED":
                raise
            told.append(_finding(problem, asked.popleft()[0].name))
            continue
        yield asked.popleft(), answer


@dataclass(frozen=True, slots=True)
class _Opening:
    """What pages are opened with, where what is drawn of them lies in the meantime, and the pages that were asked for."""

    engines: Engines
    folder: Path
    asked: deque[tuple[_Place, Path]]


def _jobs(opening: _Opening, paths: Sequence[Path], told: list[Finding]) -> Iterator[Job]:
    """Yield a job for every page that can be taken out of its file; what cannot is told."""
    at = 0
    for path in paths:
        count = _count(opening.engines.reader, path, told)
        for frame in range(1, count + 1):
            place = _Place(path, frame, f"{path.name} {frame}" if count > 1 else path.name)
            at += 1
            try:
                source, inside = _source(opening, place, at)
            except Fault as problem:
                told.append(_finding(problem, place.name))
                continue
            opening.asked.append((place, source))
            yield Job(source, opening.folder / f"{at}", inside)


def _source(opening: _Opening, place: _Place, at: int) -> tuple[Path, int]:
    """Return the image that holds a page, and its frame in it from 0; a page of a PDF is drawn first. Raises Fault SCAN-UNREADABLE."""
    if not frames.is_pdf(place.path):
        return place.path, place.frame - 1
    drawn = opening.folder / f"{at}.drawn.png"
    try:
        frames.extract(opening.engines.reader, place.path, place.frame, drawn, pixels=opening.engines.most_pixels)
    except frames.FrameDamaged as problem:
        raise Fault("SCAN-UNREADABLE", place.path.name, detail=str(problem)) from None
    return drawn, 0


def _count(reader: Reader, path: Path, told: list[Finding]) -> int:
    """Return how many pages *path* holds; 0 where that cannot be told, which is a finding."""
    if frames.is_pdf(path):
        seen = reader.read(path, path.name)
        told += [item for item in seen.findings if has_error((item,))]
        return seen.page_count or 0
    try:
        return frames.count(path)
    except frames.FrameDamaged as problem:
        told.append(_finding(Fault("SCAN-UNREADABLE", path.name, detail=str(problem)), path.name))
        return 0


def _finding(problem: Fault, where: str) -> Finding:
    return Finding(problem.code, Severity.ERROR, problem.message, where)


def fields(sheets: Sequence[Sheet], name: str) -> dict[str, dict[str, Any]]:
    """Return the fields of the document that the pages make: value, confidence, page and boxes, and what speaks for and against it."""
    found = officialdoc.elements([sheet.read.sheet() for sheet in sheets], name, words=gb_t_9704.words())
    told = {item.name: _field(item, sheets) for item in found if item.place.page or item.name in TOLD_ELSEWHERE}
    if found.stamp is not None:
        told |= {f"stamp_{cell.name}": _cell(cell, sheets[0]) for cell in found.stamp.cells}
    title = told.get("title", {}).get("value", "")
    facts = RetentionFacts(str(title), found.value("document_type"), text_head=found.value("body")[:200])
    proposal = propose(facts, order_8.rules()) if title else None
    if proposal and proposal.retention_code:
        sure = _RULE_HIT if proposal.rule_id else _RULE_NONE
        told["retention_period"] = _row(Retention.parse(proposal.retention_code).label, sure, proposal.reason)
    return told


def _field(item: Element, sheets: Sequence[Sheet]) -> dict[str, Any]:
    if not item.place.page:
        return _row(item.value, item.confidence, item.reason)
    sheet = sheets[item.place.page - 1]
    scale = sheet.read.dpi / _POINTS
    boxes: list[Box] = [(x0 * scale, y0 * scale, x1 * scale, y1 * scale) for x0, y0, x1, y1 in item.place.boxes]
    told = _row(item.value, min(item.confidence, sheet.read.surety(boxes)), item.reason)
    return told | {"page": item.place.page, "boxes": [sheet.placed(box) for box in boxes]}


def _cell(cell: Cell, sheet: Sheet) -> dict[str, Any]:
    scale = sheet.read.dpi / _POINTS
    x0, y0, x1, y1 = (edge * scale for edge in cell.box)
    sure = min(cell.confidence, sheet.read.surety([(x0, y0, x1, y1)]))
    return _row(cell.value, sure, f"归档章“{STAMP[cell.name]}”一格") | {"page": 1, "boxes": [sheet.placed((x0, y0, x1, y1))]}


def _row(value: str, confidence: float, reason: str) -> dict[str, Any]:
    return {"value": value, "confidence": round(confidence, 3), "reason": reason, "page": 0, "boxes": []}


def _lines(sheet: Sheet, number: int) -> Iterator[dict[str, Any]]:
    for line in sheet.read.lines:
        yield {
            "text": line.text,
            "box": sheet.placed(line.box),
            "confidence": round(line.confidence, 4),
            "page": number,
            "vertical": line.is_vertical,
            "chars": [[text, sheet.placed(box), round(sure, 3)] for text, box, sure in line.chars],
        }


def _page(sheet: Sheet, number: int) -> dict[str, Any]:
    return {
        "page": number,
        "file": sheet.path.name,
        "frame": sheet.frame,
        "dpi": sheet.read.dpi,
        "engine": sheet.read.engine,
        "unread": [sheet.placed(box) for box in sheet.read.unread],
    }
