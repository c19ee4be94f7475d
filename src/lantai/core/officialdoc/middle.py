"""What stands between head and imprint: body, attachment note, signature and date (GB/T 9704-2012, 7.3.3 to 7.3.5)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lantai.core.officialdoc.element import Found
from lantai.core.officialdoc.head import joined, neat
from lantai.core.officialdoc.page import Row, Sheet
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.signature import NOTE
from lantai.core.officialdoc.tail import signature_rows
from lantai.core.officialdoc.titles import author_in, is_organisation
from lantai.core.officialdoc.top import Read

_PAGE_NUMBER = pattern("[—\\-－–·.\\s]*[0-9]{1,4}[—\\-－–·.\\s]*")
_BOTTOM = 0.85
_SHORT = 12


def gather(read: Read) -> Iterator[Found]:
    """Yield everything found in the middle."""
    yield from _body(read)
    yield from _note(read)
    yield from _author(read)
    yield from _date(read)


# --- body


def _body(read: Read) -> Iterator[Found]:
    page, row = _after_head(read)
    last, stop = _before_signature(read)
    if page < 0:
        return
    rows: list[Row] = []
    for index in range(page, last + 1):
        first, end = row if index == page else 0, stop if index == last else len(read.rows(index))
        rows += [item for at, item in enumerate(read.rows(index)[first:end], first) if not _is_page_number(read.sheets[index], at)]
    paragraphs = _paragraphs(rows, _margins(rows, read.rows(page)))
    if not paragraphs:
        return
    found = Found("body", "\n".join(paragraphs), page, (row, stop if page == last else len(read.rows(page))), marks=["body.after_title"])
    found.note("body.before_signature", "body.endless", is_true=read.understood.signed.page >= 0)
    found.note("body.short", is_true=len(found.value) < _SHORT)
    yield found


def _after_head(read: Read) -> tuple[int, int]:
    """Return page and row at which the body begins: after the receiver, the title, or the number where that stands lower."""
    head = read.understood.head
    places = [read.at(span) for span in (head.receiver_at, head.title_at, head.number_at)]
    ends = [(page, rows[1]) for page, rows in places if page >= 0]
    return max(ends) if ends and head.title else (-1, -1)


def _before_signature(read: Read) -> tuple[int, int]:
    """Return page and end row of the body: above the attachment note, else the signature, else the end."""
    signed = read.understood.signed
    if signed.page < 0:
        return len(read.sheets) - 1, len(read.rows(len(read.sheets) - 1))
    place = _note_place(read)
    return place if place[0] >= 0 else (signed.page, read.sheets[signed.page].row_at(signed.offset))


@dataclass(frozen=True, slots=True)
class _Margins:
    """Where lines begin and end on these pages, and whether paragraphs are told apart by an indent."""

    left: float
    right: float
    is_indented: bool

    def begins(self, row: Row) -> bool:
        """Tell whether a row begins a paragraph, as far as its own place tells."""
        return not row.boxes or row.span[0] - self.left > row.size

    def goes_on(self, row: Row) -> bool:
        """Tell whether what follows *row* may belong to its paragraph: the row is none of its own, and full where nothing is indented."""
        if not row.boxes or row.span[0] - self.left > 4 * row.size:
            return False
        return self.is_indented or self.right - row.span[1] < 2 * row.size


def _margins(rows: Sequence[Row], around: Sequence[Row]) -> _Margins:
    """Measure the margins by the rows of the body and what stands *around* it, the indent by those of the body alone."""
    placed = [row.span for row in (*rows, *around) if row.boxes]
    left = min((span[0] for span in placed), default=0.0)
    right = max((span[1] for span in placed), default=0.0)
    return _Margins(left, right, any(row.size < row.span[0] - left < 4 * row.size for row in rows if row.boxes))


def _paragraphs(rows: Sequence[Row], margins: _Margins) -> list[str]:
    """Put rows together to paragraphs: by indent and short last lines where there are boxes, else each line is one."""
    paragraphs: list[str] = []
    is_open = False
    for row in rows:
        text = neat(row.text)
        if not text:
            continue
        if is_open and not margins.begins(row):
            paragraphs[-1] = joined([paragraphs[-1], text])
        else:
            paragraphs.append(text)
        is_open = margins.goes_on(row)
    return paragraphs


def _is_page_number(ready: Sheet, row: int) -> bool:
    return ready.depth(row) > _BOTTOM and _PAGE_NUMBER.fullmatch(ready.rows[row].text) is not None


# --- attachment note


def _note(read: Read) -> Iterator[Found]:
    items = read.understood.fields.attachments
    if not items:
        return
    page, row = _note_place(read)
    signed = read.understood.signed
    stop = read.sheets[page].row_at(signed.offset) if page == signed.page and page >= 0 else row + len(items)
    found = Found("attachment_note", "；".join(items), page, (row, max(stop, row + 1)), items, ["note.labelled"])
    found.note("note.before_signature", "note.unsigned", is_true=signed.page >= 0)
    if len(items) > 1 and page >= 0:
        numbers = [int(hit) for row in read.rows(page)[row:stop] for hit in re.findall("(?:^|[:：\\s])([0-9]{1,2})[.．、]", row.text)]
        found.note("note.numbered", "note.gap", is_true=numbers == list(range(1, len(items) + 1)))
    yield found


def _note_place(read: Read) -> tuple[int, int]:
    """Return page and row of the note, (-1, -1) where there is none."""
    if not read.understood.fields.attachments:
        return -1, -1
    signed = read.understood.signed
    for page in range(min(signed.page if signed.page >= 0 else 5, len(read.sheets) - 1), -1, -1):
        text = read.texts[page]
        hits = [hit.start() for hit in NOTE.finditer(text, 0, signed.offset if page == signed.page else len(text))]
        if hits:
            return page, read.sheets[page].row_at(hits[0])
    return -1, -1


# --- signature


def _author(read: Read) -> Iterator[Found]:
    author = read.understood.fields.author
    if not author:
        return
    signed, head = read.understood.signed, read.understood.head
    found = Found("author", author, items=tuple(author.split("；")) if "；" in author else ())
    if signed.author:
        found.page = signed.page
        ready = read.sheets[signed.page]
        found.rows = (ready.row_at(signed.offset), max(ready.row_at(signed.date_offset), ready.row_at(signed.offset) + 1))
        found.note("author.signed")
    else:
        is_title = author_in(read.understood.fields.title, read.words) == author
        found.page, found.rows = read.at(head.title_at if is_title else head.sign_at)
        found.note("author.of_title", "author.of_sign", is_true=is_title)
    found.note("author.odd", is_true=not all(is_organisation(name, read.words) for name in author.split("；")))
    found.note("author.agrees_title", is_true=bool(signed.author) and author_in(read.understood.fields.title, read.words) == author)
    yield found


def _date(read: Read) -> Iterator[Found]:
    date, signed = read.understood.fields.date, read.understood.signed
    if not date:
        return
    found = Found("date", date, *(signature_rows(read) if signed.date else read.at(read.understood.head.date_at)))
    found.note("date.signed", "date.of_head", is_true=bool(signed.date))
    if signed.date:
        found.note("date.with_author", is_true=bool(signed.author))
        ready = read.sheets[found.page]
        if ready.depth(found.rows[0]) >= 0:
            left, right = ready.rows[found.rows[0]].span
            found.note("date.right", "date.left", is_true=left + right > ready.page.width)
    yield found
