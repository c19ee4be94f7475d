"""An OFD as the dispatcher wants it: pages of text with boxes, what it says of itself, signatures with verdicts, findings."""

from collections.abc import Iterable

from lantai.core.findings import Finding, finding
from lantai.formats.content import Content, Pages, Source, Unreadable, clean, described
from lantai.formats.ofd.geometry import POINTS, Box
from lantai.formats.ofd.inside import NOTE_LONGEST, NOTES, attachments, outline, tags
from lantai.formats.ofd.lines import lines
from lantai.formats.ofd.model import DocInfo
from lantai.formats.ofd.model_action import OpenUri
from lantai.formats.ofd.package import OfdPackage, OfdPage, open_source
from lantai.formats.ofd.signatures import verdicts
from lantai.formats.ofd.tagging import Texts, tagged_pages, texts_of
from lantai.formats.ofd.text import Run, annotation_runs, page_runs
from lantai.ports.reader import Line, Note, OutlineEntry

_OFF_PAGE = 2.0
_FIELDS = (
    "title", "author", "subject", "abstract", "created", "modified", "usage", "creator", "creator_version",
)  # fmt: skip


def read(source: Source) -> Content:
    """Read the OFD of *source*. Raises Unreadable: ZIP-…, OFD-DAMAGED, OFD-ENCRYPTED, XML-DTD."""
    with open_source(source) as package:
        pages, remarks = Pages(source), _Remarks()
        rows: tuple[dict[str, object], ...] = ()
        said: list[Finding] = []
        entries: tuple[OutlineEntry, ...] = ()
        try:
            _gather(package, pages, remarks)
            said += _said(package, remarks)
            rows, found = verdicts(package)
            said += found
            remarks.notes += tags(package, remarks.texts)
            entries = outline(package)
        except Unreadable as problem:
            said.append(problem.finding)
        findings = dict.fromkeys((*package.findings, *pages.findings, *said))
        if not package.page_count:
            findings[finding("OFD-NO-PAGES", source.name)] = None
        elif not pages.has_text and not findings:
            findings[finding("OFD-NO-TEXT", source.name)] = None
        metadata = described(dict(_metadata(package)))
        beside = (attachments(package), entries, tuple(remarks.notes[: 2 * NOTES]))
        return Content(package.page_count, pages.kept, metadata, rows, tuple(findings), *beside)


class _Remarks:
    """What the pages gave besides their text."""

    def __init__(self) -> None:
        self.hidden: list[int] = []
        self.noted: list[int] = []
        self.notes: list[Note] = []
        self.texts: dict[int, Texts] = {}  # of the pages that tags name objects of, by the document's index
        self.tagged: dict[int, frozenset[int]] = {}


def page_text(page: OfdPage) -> tuple[str, tuple[Line, ...]]:
    """Return the visible text of a page with its templates, and its lines with boxes in points from the top left."""
    sheet = page.area.physical
    return lines(_visible(page_runs(page), sheet)[0], sheet)


def annotation_text(page: OfdPage) -> tuple[str, ...]:
    """Return what the page's annotations show or say, one string each, where it is not empty."""
    return tuple(text for _, text in _annotations(page) if text.strip())


def _annotations(page: OfdPage) -> list[tuple[str, str]]:
    """Return kind and text of each annotation of the page."""
    sheet = page.area.physical
    shown = ((item, lines(annotation_runs(page, item), sheet)[0]) for item in page.annotations)
    return [(item.kind, "\n".join(filter(None, (text, item.remark)))) for item, text in shown]


def _gather(package: OfdPackage, pages: Pages, remarks: _Remarks) -> None:
    for number, page in enumerate(package.pages(), 1):
        if pages.is_full:
            return
        _page(page, number, pages, remarks)


def _page(page: OfdPage, number: int, pages: Pages, remarks: _Remarks) -> None:
    sheet = page.area.physical
    visible, hidden = _visible(page_runs(page), sheet)
    text, found = lines(visible, sheet)
    pages.add(text, size=(round(sheet.width * POINTS, 2), round(sheet.height * POINTS, 2)), lines=found)
    own = page.document
    if own.index not in remarks.tagged:
        remarks.tagged[own.index] = tagged_pages(own)
    if page.number in remarks.tagged[own.index]:
        remarks.texts.setdefault(own.index, {})[page.number] = texts_of(page)
    if hidden:
        remarks.hidden.append(number)
    found_notes = _annotations(page) if page.annotations else []
    if any(said.strip() for _, said in found_notes):
        remarks.noted.append(number)
    room = max(0, NOTES - len(remarks.notes))
    remarks.notes += [
        Note("annotation", clean(kind)[:40], " ".join(said.split())[:NOTE_LONGEST], number) for kind, said in found_notes[:room]
    ]


def _visible(runs: Iterable[Run], sheet: Box) -> tuple[list[Run], list[Run]]:
    """Part runs that can be seen on the sheet from those that cannot; where all lie beside it the sheet must be wrong."""
    seen, beside, hidden = [], [], []
    for run in runs:
        if not run.is_visible:
            hidden.append(run)
        elif _is_on(run, sheet):
            seen.append(run)
        else:
            beside.append(run)
    return (seen, hidden + [run for run in beside if run.text.strip()]) if seen else (beside, hidden)


def _is_on(run: Run, sheet: Box) -> bool:
    right, bottom = sheet.x + sheet.width + _OFF_PAGE, sheet.y + sheet.height + _OFF_PAGE
    left, top = sheet.x - _OFF_PAGE, sheet.y - _OFF_PAGE
    return any(left <= x <= right and top <= y <= bottom for x, y in ((run.xs[0], run.ys[0]), (run.xs[-1], run.ys[-1])))


def _metadata(package: OfdPackage) -> dict[str, str]:
    found: dict[str, str] = {}
    for document in package.documents:
        for key, value in _of_info(document.info).items():
            found.setdefault(key, value)
    if package.doc_type not in ("", "OFD"):
        found.setdefault("doc_type", package.doc_type)
    return found


def _of_info(info: DocInfo) -> dict[str, str]:
    said = {name: getattr(info, name) for name in _FIELDS} | {"document_id": info.doc_id, "keywords": "；".join(info.keywords)}
    custom = {name[:100] or "custom": value for name, value in info.custom}
    return {key: value for key, value in (custom | {key: value for key, value in said.items() if value}).items() if value}


def _said(package: OfdPackage, remarks: _Remarks) -> list[Finding]:
    name = package.parts.source.name
    found: list[Finding] = []
    if any(document.facts.attachments for document in package.documents):
        found.append(finding("OFD-ATTACHMENT", name))
    if remarks.hidden:
        found.append(finding("OFD-HIDDEN-TEXT", name, pages=_numbers(remarks.hidden)))
    if remarks.noted:
        found.append(finding("OFD-ANNOTATION-TEXT", name, pages=_numbers(remarks.noted)))
    if package.integrity is not None:
        found.append(finding("OFD-INTEGRITY", name, count=len(package.integrity.files)))
    if _links(package):
        found.append(finding("OFD-LINK", name))
    return found


def _links(package: OfdPackage) -> bool:
    acts = (action.act for document in package.documents for action in document.facts.actions)
    return any(isinstance(act, OpenUri) for act in acts)


def _numbers(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:20])) + ("…" if len(numbers) > 20 else "")
