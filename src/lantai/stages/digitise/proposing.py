"""Fields of a record proposed from its pages: value, place, confidence, what speaks for and against, other values it might be.

What an existing catalogue says is compared with them and the differences are ranked by risk; nothing is decided here for a person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lantai.core import officialdoc
from lantai.core.describing import TAKEN
from lantai.core.digitising import Difference, Expected, Found, agreeing, compare, remarks
from lantai.core.findings import Finding, finding
from lantai.core.officialdoc import Element, Elements, Known
from lantai.core.retention import Retention, RetentionFacts
from lantai.core.retention import propose as propose_period
from lantai.ports import House
from lantai.ports.recogniser import ReadPage
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Item, Page
from lantai.shelves.holdings import queries as holdings
from lantai.shelves.policy.schedules import retention_rules
from lantai.stages.digitise import stamped
from lantai.standards import da_t_46, gb_t_9704

_POINTS = 72.0
_USUAL_DPI = 300.0
_SEEN = 2000
_BOXES = 12
#: What may be told by another element than its own, such as the author by the red head, and has no place then.
_TOLD_ELSEWHERE = frozenset({"author", "date"})
_CANDIDATES = 4
_SURE_BY_COUNT, _UNSURE_BY_COUNT = 0.99, 0.7
_RULE_FOUND, _RULE_MISSING = 0.9, 0.6
#: Page and catalogue say the same, and neither was copied from the other.
_AGREES = 0.99
Read = Sequence[tuple[Page, ReadPage | None]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Fields ready for JSON, remarks, the risk of what differs from the catalogue (0–100), and a title for lists."""

    fields: dict[str, dict[str, Any]]
    findings: tuple[Finding, ...]
    risk: int
    title: str


def known(house: House) -> Known:
    """Return the bodies and number codes that this house knows: its own names, former records, and what accepted scans taught."""
    own = {house.settings.agency} if house.settings.agency else set()
    bodies = holdings.body_names() | own | queries.learned("body") | queries.learned("receiver")
    codes = {number.partition("〔")[0] for number in holdings.newest_numbers(_SEEN) if "〔" in number} | queries.learned("number_code")
    return Known(frozenset(bodies - queries.retired("body")), frozenset(codes - queries.retired("number_code")))


def propose(house: House, row: Item, read: Read, context: Known) -> Proposed:
    """Propose the fields of an item out of its pages as they were read."""
    pages = [(page, answer) for page, answer in read if answer is not None]
    found = officialdoc.elements([answer.sheet() for _, answer in pages], row.key, words=gb_t_9704.words(), known=context)
    fields = {
        item.name: _field(item, pages, context)
        for item in found
        if item.name in TAKEN and (item.place.page or item.name in _TOLD_ELSEWHERE)
    }
    if title := found.get("title"):
        fields.setdefault("title", _field(title, pages, context))
    listed = row.catalogue.elements if row.catalogue else {}
    fields = _agreed(listed, fields)
    fields |= _derived(row, found, read, fields)
    remarked: list[Finding] = []
    if found.stamp is not None:
        fields, remarked = stamped.merged(house, row, found.stamp, pages[0], fields)
    fields = _agreed(listed, fields)
    differences = compare(listed, {name: (str(field["value"]), float(field["confidence"])) for name, field in fields.items()})
    for item in differences:
        if item.said:
            fields[item.name]["candidates"] = [{"value": item.said, "why": "目录"}, *fields[item.name].get("candidates", [])]
    has_row = row.catalogue is not None or not row.batch.rows.exists()
    expected = Expected(_whole(listed.get("total_number_of_pages", "")), is_listed=has_row)
    told = [*remarks(row.key, expected, Found(_count(read), printed(found))), *_unread(pages), *_told(differences), *remarked]
    return Proposed(
        fields, tuple(told), max((item.risk for item in differences if item.said), default=0), str(fields.get("title", {}).get("value", ""))
    )


def _agreed(listed: Mapping[str, str], fields: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the fields, those sure in which the catalogue says the same."""
    same = agreeing(listed, {name: str(field["value"]) for name, field in fields.items()})
    sure = {name: {"confidence": max(_AGREES, float(fields[name]["confidence"]))} for name in same}
    return {name: field | sure.get(name, {}) for name, field in fields.items()}


def printed(found: Elements) -> tuple[int, ...]:
    """Return the numbers printed on the pages in order; empty where the document has none."""
    item = found.get("page_numbers")
    return tuple(_whole(text) for text in item.items) if item else ()


def _whole(text: str) -> int:
    digits = "".join(character for character in text if character.isdecimal())
    return int(digits) if 0 < len(digits) < 7 else 0


def _count(read: Read) -> int:
    return sum(page.kind == "page" for page, _ in read)


def _field(item: Element, pages: Sequence[tuple[Page, ReadPage]], context: Known) -> dict[str, Any]:
    page, answer = pages[item.place.page - 1] if item.place.page else (None, None)
    scale = (answer.dpi or _USUAL_DPI) / _POINTS if answer else 1.0
    boxes = [[round(edge * scale, 1) for edge in box] for box in item.place.boxes]
    confidence = min(item.confidence, answer.surety(boxes)) if answer else item.confidence
    return {
        "value": item.value,
        "confidence": round(confidence, 3),
        "reason": item.reason,
        "against": "；".join(item.speaks_against),
        "page": page.id if page else "",
        "boxes": boxes[:_BOXES],
        "source": "page",
        "candidates": list(_candidates(item, context)),
    }


def _candidates(item: Element, context: Known) -> Iterator[dict[str, str]]:
    """Yield values that a field may be instead: bodies known by nearly that name."""
    if item.name in ("author", "printing_body") and item.value not in context.bodies:
        for name in get_close_matches(item.value, sorted(context.bodies), n=_CANDIDATES, cutoff=0.75):
            yield {"value": name, "why": "已有机构"}


def _derived(row: Item, found: Elements, read: Read, told: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the fields that no page says in words: pages, period, year, department; none surer than what it follows from in *told*."""
    count = _count(read)
    is_whole = all(answer is not None for _, answer in read) and not any(page.kind != "page" for page, _ in read)
    fields = {"total_number_of_pages": _plain(str(count), _SURE_BY_COUNT if is_whole else _UNSURE_BY_COUNT, "扫描页数", "count")}
    if row.batch.retention:
        fields["retention_period"] = _plain(Retention.parse(row.batch.retention).label, 1.0, "本批次同一期限", "batch")
    else:
        facts = RetentionFacts(found.value("title"), found.value("document_type"), direction="", text_head=found.value("body")[:200])
        proposal = propose_period(facts, retention_rules())
        if proposal.retention_code:
            label = Retention.parse(proposal.retention_code).label
            sure = min(_RULE_FOUND if proposal.rule_id else _RULE_MISSING, _sure(told, "title"))
            rule = "" if proposal.is_outside_scope else proposal.rule_id
            fields["retention_period"] = _plain(label, sure, proposal.reason, "rule") | {"rule": rule}
    if row.batch.year:
        fields["year"] = _plain(row.batch.year, 1.0, "本批次同一年度", "batch")
    elif date := found.value("date"):
        fields["year"] = _year(date[:4], told)
    if row.batch.department:
        fields["organizational_structure_or_function"] = _plain(row.batch.department, 1.0, "本批次同一机构（问题）", "batch")
    elif taught := _taught(found.value("document_number"), _sure(told, "document_number")):
        fields["organizational_structure_or_function"] = taught
    return fields


def _year(year: str, told: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the year of a date, as sure as the date; where the number bears the same year, two that were read apart speak for it."""
    sure, number = _sure(told, "date"), str(told.get("document_number", {}).get("value", ""))
    if f"〔{year}〕" not in number:
        return _plain(year, sure, "取自成文日期", "rule")
    return _plain(year, min(_AGREES, 1 - (1 - sure) * (1 - _sure(told, "document_number"))), "取自成文日期，与文号年份一致", "rule")


def _sure(told: Mapping[str, dict[str, Any]], name: str) -> float:
    return float(told[name]["confidence"]) if name in told else 0.0


def _taught(number: str, most_sure: float) -> dict[str, Any] | None:
    """Return the department whose accepted records bore this number's code 机关代字 most, as sure as they were of one mind, and no surer
    than the number."""
    code, opening, _ = number.partition("〔")
    counted = queries.departments_of(code) if opening and code else {}
    if not counted:
        return None
    department, most = max(counted.items(), key=lambda pair: pair[1])
    sure = min(most / (sum(counted.values()) + 1), most_sure)
    return _plain(department, sure, f"以前{most}件“{code}”归在这里", "rule")


def _plain(value: str, confidence: float, reason: str, source: str) -> dict[str, Any]:
    return {
        "value": value,
        "confidence": round(confidence, 3),
        "reason": reason,
        "source": source,
        "boxes": [],
        "page": "",
        "candidates": [],
    }


def _unread(pages: Sequence[tuple[Page, ReadPage]]) -> list[Finding]:
    return [finding("DIGITISE-UNREAD", f"第 {page.sequence} 页") for page, read in pages if page.kind == "page" and not read.text.strip()]


def _told(differences: Sequence[Difference]) -> list[Finding]:
    names: Mapping[str, Any] = da_t_46.by_code()
    return [
        finding("DIGITISE-FIELD-DIFFERS", names[item.name].name if item.name in names else item.name,
                said=item.said, read=item.read, reason=item.reason)
        for item in differences
        if item.said
    ]  # fmt: skip
