"""All elements of an official document, out of pages with or without boxes: found, then weighed against one another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lantai.core.officialdoc import middle, tail, top
from lantai.core.officialdoc.element import NAMES, Elements, Found, Place, finished
from lantai.core.officialdoc.fields import understand
from lantai.core.officialdoc.numbers import code_and_year
from lantai.core.officialdoc.page import Page, sheet
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.receipt import without_receipt
from lantai.core.officialdoc.stamp import stamp, without
from lantai.core.officialdoc.top import Read
from lantai.core.officialdoc.words import WORDS, Words

_YEAR = pattern("([0-9]{4})年")
#: What the red head says after or between the organs.
_SIGN_ENDING = pattern("文件|(?:会议)?(?:令|公报|公告|通告|纪要|简报|议案)$")
_ORGANS = ("author", "principal_receiver", "other_receivers", "printing_body")
#: Elements whose order on the page the standard fixes; those on one height or wherever there is room are left out.
_ORDERED = ("issuing_sign", "document_number", "title", "principal_receiver", "body", "author", "date", "other_receivers", "printing_date")

#: Rules of elements that were read in another place than their own.
_ELSEWHERE = frozenset({"receiver.in_imprint", "author.of_title", "author.of_sign", "date.of_head"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the page: names of bodies (the agency, its departments, senders seen), codes 机关代字 of its numbers, and
    how many attachment files came with the document (None where that cannot be told)."""

    bodies: frozenset[str] = frozenset()
    number_codes: frozenset[str] = frozenset()
    attachment_files: int | None = None


def elements(pages: Sequence[Page], name: str, *, words: Words = WORDS, known: Known = Known()) -> Elements:
    """Read every element of GB/T 9704-2012 out of *pages*; *name* is the file's name, the last resort for the title.

    Nothing is guessed in silence: each element has its place, a confidence and the rules that spoke for and against it; what
    cannot be read is not there. Whatever the pages hold, nothing is raised.
    """
    stamped = stamp(pages[0]) if pages else None
    sheets = tuple(sheet(without_receipt(without(page, stamped)) if at == 0 else page) for at, page in enumerate(pages))
    texts = tuple(item.text for item in sheets)
    read = Read(sheets, texts, understand(texts, name, words), top.origin(sheets), words)
    found: dict[str, Found] = {}
    for item in (*top.gather(read), *tail.gather(read), *middle.gather(read)):
        found.setdefault(item.name, item)
    _weigh_head(found)
    _weigh_author(found)
    _weigh_code(found)
    _weigh_years(found)
    _weigh_dates(found)
    _weigh_attachments(found, known)
    _weigh_bodies(found, known)
    _weigh_order(found)
    ordered = sorted(found.values(), key=lambda item: _PLACES[item.name])
    return Elements(tuple(finished(item, _place(item, read)) for item in ordered), read.understood.fields, stamped)


_PLACES = {name: place for place, name in enumerate(NAMES)}


def _place(found: Found, read: Read) -> Place:
    if found.page < 0:
        return Place()
    rows = read.rows(found.page)[found.rows[0] : found.rows[1]]
    return Place(found.page + 1, tuple(box for row in rows for box in row.boxes))


def _weigh_head(found: dict[str, Found]) -> None:
    """Digits on a page without a red head are hardly a copy number, and words without a number below them hardly a red head."""
    if "copy_number" in found and not {"issuing_sign", "document_number"} & found.keys():
        found["copy_number"].note("copy.no_head")
    if "issuing_sign" in found and "document_number" not in found:
        found["issuing_sign"].note("sign.no_number")


def _weigh_author(found: dict[str, Found]) -> None:
    """The red head and the signature are two places that name the same organs, whole; a part of a name says neither this nor that."""
    author, sign = found.get("author"), found.get("issuing_sign")
    if author is None or sign is None or "author.of_sign" in author.marks:
        return
    names, left = author.value.split("；"), _SIGN_ENDING.sub("", sign.value)
    for name in names:
        left = left.replace(name, "", 1)
    if not left:
        author.note("author.agrees_sign")
    elif not any(name in sign.value or _SIGN_ENDING.sub("", sign.value) in name for name in names):
        author.note("author.differs_sign")


def _weigh_code(found: dict[str, Found]) -> None:
    """A code 机关代字 that begins as the organ does was read whole; where a scan has lost its first character it does not."""
    number = found.get("document_number")
    organs = [found[name].value[:1] for name in ("author", "issuing_sign") if name in found]
    if number and (code_and_year(number.value)[0] or number.value)[:1] in organs:
        number.note("number.code_agrees")


def _weigh_years(found: dict[str, Found]) -> None:
    """The year in the number and the year of the date speak for or against both."""
    number, date = found.get("document_number"), found.get("date")
    year = _year(number.value) if number else ""
    if number and date and year:
        is_same = date.value[:4].endswith(year)
        number.note("number.year_agrees", "number.year_differs", is_true=is_same)
        date.note("date.year_agrees", "date.year_differs", is_true=is_same)


def _year(number: str) -> str:
    """Return the year that a number bears, of four or two digits, empty where it bears none."""
    ordered = _YEAR.search(number)
    return ordered[1] if ordered else code_and_year(number)[1]


def _weigh_dates(found: dict[str, Found]) -> None:
    """No document is printed before it is signed."""
    date, printed = found.get("date"), found.get("printing_date")
    if date and printed:
        is_later = date.value <= printed.value
        date.note("date.before_printing", "date.after_printing", is_true=is_later)
        printed.note("imprint.after_date", "imprint.before_date", is_true=is_later)


def _weigh_attachments(found: dict[str, Found], known: Known) -> None:
    """The attachment note, the attachments in the document, and the files that came with it must agree in number."""
    note, inside = found.get("attachment_note"), found.get("attachments")
    if inside:
        listed = set(note.items) if note else set()
        is_listed = bool(listed) and all(any(_alike(title, name) for name in listed) for title in inside.items)
        inside.note("attachment.listed", "attachment.unlisted", is_true=is_listed)
    if note is None or not (inside or known.attachment_files is not None):
        return
    counts = {len(inside.items)} if inside else set()
    counts |= {known.attachment_files} if known.attachment_files is not None else set()
    note.note("note.count_agrees", "note.count_differs", is_true=len(note.items) in counts)


def _alike(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one in other or other in one)


def _weigh_bodies(found: dict[str, Found], known: Known) -> None:
    """A body that the house knows speaks for where it was read."""
    rules = {"author": "author.known", "principal_receiver": "receiver.known"}
    for name in _ORGANS:
        item = found.get(name)
        if item and any(part in known.bodies for part in re.split("[；，、,]", item.value)):
            item.note(rules.get(name, "imprint.known"))
    number = found.get("document_number")
    code = code_and_year(number.value)[0] if number else ""
    if number and code and code in known.number_codes:
        number.note("number.known")


def _weigh_order(found: dict[str, Found]) -> None:
    """An element that stands on the wrong side of most others speaks against itself, in order for itself."""
    own = [name for name in _ORDERED if name in found and not _ELSEWHERE & set(found[name].marks)]
    placed = [(name, found[name].page, found[name].rows[0]) for name in own if found[name].page >= 0]
    if len(placed) < 3:
        return
    for index, (name, *place) in enumerate(placed):
        wrong = sum(1 for other in placed[:index] if list(other[1:]) > place) + sum(
            1 for other in placed[index + 1 :] if list(other[1:]) < place
        )
        if wrong * 2 >= len(placed) - 1:
            found[name].note("order.breaks")
        elif not wrong:
            found[name].note("order.fits")
