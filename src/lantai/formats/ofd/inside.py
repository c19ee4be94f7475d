"""What an OFD holds beside its pages, as a person wants it: outline, files inside, marks of official documents."""

import posixpath
from collections.abc import Iterator
from itertools import islice

from lantai.formats.content import Source, Unreadable, clean
from lantai.formats.ofd.model import Attachment as Listed
from lantai.formats.ofd.model import OutlineItem
from lantai.formats.ofd.model_action import Goto
from lantai.formats.ofd.package import OfdDocument, OfdPackage, open_source
from lantai.formats.ofd.tagging import Marked, Texts, marked
from lantai.formats.programs import is_program
from lantai.ports.reader import Attachment, Note, OutlineEntry

ENTRIES, DEPTH, LONGEST = 500, 12, 200
NOTES, NOTE_LONGEST = 200, 300
_FILES = 200
_LOOKED_AT = 16 * 1024**2


def outline(package: OfdPackage) -> tuple[OutlineEntry, ...]:
    """Return the first 500 entries of the outlines of all documents, pages counted through the package."""
    return tuple(islice(_entries(package), ENTRIES))


def tags(package: OfdPackage, known: dict[int, Texts]) -> tuple[Note, ...]:
    """Return what custom tags mark (GB/T 33476 and others), the first 200; *known* holds texts of pages by the document's index."""
    found = ((start, item) for start, document in _starts(package) for item in marked(document, known.get(document.index)))
    return tuple(_note(start, item) for start, item in islice(found, NOTES))


def _note(start: int, item: Marked) -> Note:
    page = start + item.pages[0] if item.pages else None
    return Note("tag", clean(item.path[-1])[:LONGEST], " ".join(item.text.split())[:NOTE_LONGEST], page)


def attachments(package: OfdPackage) -> tuple[Attachment, ...]:
    """Return the files inside with their names and sizes; none where the budget ends, which a finding says already."""
    try:
        return tuple(_attachment(package, item) for item in _listed(package))
    except Unreadable:
        return ()


def attachment(source: Source, index: int, most: int) -> bytes | None:
    """Return the bytes of the file inside at *index*; None where there is none. Raises Unreadable: READ-…, ZIP-MEMBER-…."""
    with open_source(source) as package:
        item = next(islice(_listed(package), index, None), None)
        return package.parts.read(item.place, most=most) if item and item.place else None


def _listed(package: OfdPackage) -> Iterator[Listed]:
    return islice((item for document in package.documents for item in document.attachments), _FILES)


def _attachment(package: OfdPackage, item: Listed) -> Attachment:
    name, size = _name(item.name, item.place), package.parts.size(item.place) if item.place else None
    return Attachment(name, size, is_program=is_program(name, _head(package, item.place) if size else b""))


def _head(package: OfdPackage, place: str) -> bytes:
    for chunk in package.parts.chunks(place):
        return chunk[:16]
    return b""


def _name(name: str, place: str) -> str:
    """Return the name people know, with the extension of the file where it has none."""
    extension = posixpath.splitext(place)[1]
    return clean(name) + extension if name and not name.lower().endswith(extension.lower()) else clean(name) or posixpath.basename(place)


def _starts(package: OfdPackage) -> Iterator[tuple[int, OfdDocument]]:
    start = 0
    for document in package.documents:
        yield start, document
        start += document.page_count


def _entries(package: OfdPackage) -> Iterator[OutlineEntry]:
    for start, document in _starts(package):
        marks = {item.name: item.destination for item in document.facts.bookmarks}
        pages = {name: goal.page_id for name, goal in marks.items() if goal is not None}
        yield from _walk(document.facts.outlines, 0, document, (start, pages))


def _walk(items: tuple[OutlineItem, ...], level: int, document: OfdDocument, known: tuple[int, dict[str, str]]) -> Iterator[OutlineEntry]:
    for item in items if level <= DEPTH else ():
        title = " ".join(clean(item.title).split())[:LONGEST] or "（无标题）"
        yield OutlineEntry(level, title, _page(item, document, known))
        yield from _walk(item.children, level + 1, document, known)


def _page(item: OutlineItem, document: OfdDocument, known: tuple[int, dict[str, str]]) -> int | None:
    start, bookmarks = known
    for action in item.actions:
        if isinstance(action.act, Goto):
            goal = action.act.destination
            number = document.page_number(goal.page_id if goal else bookmarks.get(action.act.bookmark, ""))
            return start + number if number else None
    return None
