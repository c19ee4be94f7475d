"""Describing a record 著录: what the sender said and what was read on the page, put together.

The sender's word always wins. What was read fills gaps only, and only where it is confident enough; the rest stays a suggestion.
Where sender and page differ in title, number or date, or the number's year is not the date's, that is remarked, never repaired.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lantai.core import officialdoc, text
from lantai.core.findings import Finding, finding
from lantai.core.officialdoc import Element, Elements

#: Elements of an official document that become metadata: those DA/T 46 has, by its code, and extension keys of ours (docs/reference).
TAKEN = (
    "title", "document_number", "author", "date", "document_type", "precedence", "principal_receiver", "other_receivers",
    "attachment_note", "release_note", "printing_body", "printing_date",
)  # fmt: skip
#: Elements that are kept with their place, but neither as metadata nor with their text.
_UNTOLD = frozenset({"body", "page_numbers"})
_BOXES = 12
_ENOUGH = 6
Said = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms reading is taken: the least confidence, the earliest likely year, today (YYYYMMDD), the longest text of an element."""

    confidence: float = 0.6
    earliest_year: int = 1949
    today: str = ""
    lengths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """The decision: all elements of the record, what was read (by element, ready for JSON), hints at business events, attachments that
    the text names and does not hold, the sender's own writing where a date was brought into form, and remarks."""

    elements: dict[str, str | list[str]]
    read: dict[str, dict[str, object]]
    hints: tuple[dict[str, object], ...] = ()
    attachments_named: tuple[str, ...] = ()
    said: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def describe(said: Said, read: Elements, terms: Terms) -> Description:
    """Return the description of a record out of the sender's elements and the elements read."""
    elements = dict(said)
    told: dict[str, dict[str, object]] = {}
    for item in read:
        is_taken = item.name in TAKEN and not said.get(item.name) and _is_fit(item, terms)
        if is_taken:
            elements[item.name] = list(item.items) if item.items and item.name == "attachment_note" else item.value
        told[item.name] = _as_json(item, is_taken=is_taken)
    doubts = (*_dated(elements, terms), *_differences(said, read, terms), *_years(elements))
    raw = str(said.get("date", ""))
    form = {"date": raw} if raw and elements.get("date") != raw else {}
    return Description(elements, told, _hints(read), _missing(read, terms), form, doubts)


def _is_fit(item: Element, terms: Terms) -> bool:
    return item.confidence >= terms.confidence and len(item.value) <= terms.lengths.get(item.name, len(item.value))


def _as_json(item: Element, *, is_taken: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "value": "" if item.name in _UNTOLD else item.value,
        "confidence": item.confidence,
        "reason": item.reason,
        "page": item.place.page,
        "boxes": [[round(edge, 1) for edge in box] for box in item.place.boxes[:_BOXES]],
        "taken": is_taken,
    }
    return told | ({"items": list(item.items)} if item.items and item.name not in _UNTOLD else {})


def _dated(elements: dict[str, str | list[str]], terms: Terms) -> tuple[Finding, ...]:
    """Bring the date into its common form where it can be read; what is doubtful about it is remarked."""
    raw = str(elements.get("date", ""))
    form, findings = officialdoc.civil_date(raw, earliest_year=terms.earliest_year, today=terms.today)
    if form:
        elements["date"] = form
    return findings


def _differences(said: Said, read: Elements, terms: Terms) -> tuple[Finding, ...]:
    """Remark on every element where the sender says one thing and a page that was read with confidence another."""
    rules: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
        ("title", "DESCRIBE-TITLE-DIFFERS", is_same_title),
        ("document_number", "DESCRIBE-NUMBER-DIFFERS", is_same_number),
        ("date", "DESCRIBE-DATE-DIFFERS", is_same_date),
    )
    found = []
    for name, code, is_same in rules:
        value, item = str(said.get(name, "")).strip(), read.get(name)
        if value and item and item.confidence >= terms.confidence and not is_same(value, item.value):
            found.append(finding(code, value, read=item.value))
    return tuple(found)


def is_same_title(said: str, read: str) -> bool:
    """Tell whether two titles are one: white space, width and marks ignored, and the one may hold the other (with or without the organ)."""
    one, other = (text.normalise(title).replace(" ", "") for title in (said, read))
    return one == other or (min(len(one), len(other)) >= _ENOUGH and (one in other or other in one))


def is_same_number(said: str, read: str) -> bool:
    """Tell whether two document numbers are one in their tidy form."""
    return officialdoc.document_number(said) == officialdoc.document_number(read)


def is_same_date(said: str, read: str) -> bool:
    """Tell whether two dates agree as far as both go; one that cannot be read is judged elsewhere."""
    one, other = (officialdoc.civil_date(date, earliest_year=1)[0] for date in (said, read))
    return not one or not other or one.startswith(other) or other.startswith(one)


def _years(elements: Said) -> tuple[Finding, ...]:
    number, date = str(elements.get("document_number", "")), str(elements.get("date", ""))
    _, _, rest = officialdoc.document_number(number).partition("〔")
    year = rest[:4]
    if rest[4:5] == "〕" and year.isdigit() and date[:4].isdigit() and year != date[:4]:
        return (finding("DESCRIBE-YEAR-DIFFERS", number, date=date),)
    return ()


def _hints(read: Elements) -> tuple[dict[str, object], ...]:
    """Who signed for issue 签发人 hints at a business event; it is none, since the page says neither when nor on what ground."""
    item = read.get("signatory")
    return ({"activity": "签发", "persons": list(item.items or (item.value,)), "confidence": item.confidence},) if item else ()


def _missing(read: Elements, terms: Terms) -> tuple[str, ...]:
    """Return the attachments that the text names and the document itself does not hold: those must be files of their own."""
    note, inside = read.get("attachment_note"), read.get("attachments")
    if note is None or note.confidence < terms.confidence:
        return ()
    names = note.items or (note.value,)
    return names[len(inside.items) :] if inside else names
