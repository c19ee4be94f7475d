"""The elements of an official document (GB/T 9704-2012, clause 7): value, place, confidence, and what speaks for and against it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lantai.core.officialdoc.fields import Fields
from lantai.core.officialdoc.page import Box
from lantai.core.officialdoc.rules import RULES
from lantai.core.officialdoc.stamp import Stamp

#: Every element in the order in which the standard puts them on the page, with its name there.
NAMES: dict[str, str] = {
    "copy_number": "份号",
    "security_classification": "密级",
    "secrecy_period": "保密期限",
    "precedence": "紧急程度",
    "issuing_sign": "发文机关标志",
    "document_number": "发文字号",
    "signatory": "签发人",
    "title": "标题",
    "document_type": "文种",
    "principal_receiver": "主送机关",
    "body": "正文",
    "attachment_note": "附件说明",
    "author": "发文机关署名",
    "date": "成文日期",
    "release_note": "附注",
    "attachments": "附件",
    "other_receivers": "抄送机关",
    "printing_body": "印发机关",
    "printing_date": "印发日期",
    "page_numbers": "页码",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element begins: its page (from 1, 0 where it stands on none) and the boxes of its lines there."""

    page: int = 0
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that spoke: its name, what it says in Chinese, and its weight: above 0 for the element, below 0 against it."""

    rule: str
    text: str
    weight: float


_REASONS = {rule: Reason(rule, told, weight) for rule, (weight, told) in RULES.items()}


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it was read. ``items`` holds the parts of a list (attachments, organs, page numbers), else nothing.

    ``confidence`` runs from 0 to 1 and follows from the reasons alone: one more reason for it never lowers it.
    """

    name: str
    value: str
    place: Place
    confidence: float
    reasons: tuple[Reason, ...]
    items: tuple[str, ...] = ()

    @property
    def speaks_for(self) -> tuple[str, ...]:
        """What speaks for it, the weightiest first."""
        return tuple(item.text for item in sorted(self.reasons, key=lambda item: -item.weight) if item.weight > 0)

    @property
    def speaks_against(self) -> tuple[str, ...]:
        """What speaks against it, the weightiest first."""
        return tuple(item.text for item in sorted(self.reasons, key=lambda item: item.weight) if item.weight < 0)

    @property
    def reason(self) -> str:
        """Both in one Chinese sentence."""
        told, against = "；".join(self.speaks_for), "；".join(self.speaks_against)
        return told + (f"{'。' if told else ''}但{against}" if against else "")


@dataclass(frozen=True, slots=True)
class Elements:
    """Everything read from one document: the elements found, in the order of the standard, the plain fields, and the archival stamp."""

    found: tuple[Element, ...]
    fields: Fields
    stamp: Stamp | None = None

    def __iter__(self) -> Iterator[Element]:
        return iter(self.found)

    def get(self, name: str) -> Element | None:
        """Return the element of that name, None where the document has none."""
        return next((item for item in self.found if item.name == name), None)

    def renumbered(self, numbers: Sequence[int]) -> "Elements":
        """Return the same with the numbers that the pages really have, for a document of which only some pages were read."""
        if list(numbers) == list(range(1, len(numbers) + 1)):
            return self
        moved = (
            replace(item, place=replace(item.place, page=numbers[item.place.page - 1])) if item.place.page else item for item in self.found
        )
        return Elements(tuple(moved), self.fields, self.stamp)

    def value(self, name: str) -> str:
        """Return the value of the element of that name, empty where the document has none."""
        element = self.get(name)
        return element.value if element else ""


@dataclass(slots=True)
class Found:
    """An element while rules speak about it: ``rows`` are the first and the end row on page index ``page``."""

    name: str
    value: str
    page: int = -1
    rows: tuple[int, int] = (-1, -1)
    items: tuple[str, ...] = ()
    marks: list[str] = field(default_factory=list)

    def note(self, rule: str, other: str = "", *, is_true: bool = True) -> None:
        """Let *rule* speak, or *other* where it is not true and there is such a rule."""
        chosen = rule if is_true else other
        if chosen:
            self.marks.append(chosen)


def confidence(rules: Sequence[str]) -> float:
    """Return the confidence that the named rules give together: log-odds are added, so each speaks by its weight alone."""
    return round(1 / (1 + math.exp(-sum(RULES[rule][0] for rule in rules))), 3)


def finished(found: Found, place: Place) -> Element:
    """Make the value out of what was found and what the rules said."""
    marks = tuple(dict.fromkeys(found.marks))
    reasons = tuple([_REASONS[rule] for rule in marks])
    return Element(found.name, found.value, place, confidence(marks), reasons, found.items)
