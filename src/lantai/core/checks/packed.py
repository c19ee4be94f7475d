"""A report as it is kept in the database: without what its edition says anyway, a tenth of the whole.

A catalogue of a hundred thousand rows leaves a hundred thousand reports that differ in a few words. :func:`whole` gives back exactly
the document that :func:`~lantai.core.checks.report.as_report` makes, by the lines of the edition that the report names; the report in
a package is always kept whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lantai.core.checks.edition import Asked, Edition, Grounds, Tool
from lantai.core.checks.outcomes import ItemResult, Outcome, Weight
from lantai.core.checks.report import lines, words
from lantai.core.findings import Finding

RULES = "rules"
_Item = tuple[str, str, str, list[dict[str, str]]]  # an item's number, outcome, reason and findings
_NOT_CARRIED = Outcome.NOT_APPLICABLE.value
_OUTCOMES, _FOUND, _MEASURED = "outcomes", "found", "measured"
_TOLD = frozenset({"items", "summary", "coverage"})
_CHANGED = "changed"  # of reports of edition 1 alone: what the agency chose otherwise of an item's code, method and weight
_KEPT = frozenset({_OUTCOMES, _FOUND, _MEASURED, _CHANGED})


def pack(head: Mapping[str, object], results: Sequence[ItemResult], measured: Mapping[str, str]) -> dict[str, object]:
    """Return what is kept of a report: its head, the numbers of items by outcome and reason, in full what has findings, and what was
    measured."""
    told = ((_number(item.id), item.outcome.value, item.reason, [remark.as_json() for remark in item.findings]) for item in results)
    return _body(head, told, measured)


def _body(head: Mapping[str, object], told: Iterable[_Item], measured: Mapping[str, str]) -> dict[str, object]:
    plain: dict[str, str] = {}
    found: list[_Item] = []
    carried: set[str] = set()
    for item in told:
        number, outcome, reason, findings = item
        if outcome != _NOT_CARRIED:
            carried.add(number)
        if findings:
            found.append(item)
        else:
            key = f"{outcome} {reason}"
            plain[key] = f"{plain[key]} {number}" if key in plain else number
    return {**head, _OUTCOMES: plain, _FOUND: found, _MEASURED: _grouped(measured, carried)}


def _grouped(measured: Mapping[str, str], carried: set[str]) -> dict[str, str]:
    """Return text -> the numbers it was measured for: many items measure the same."""
    grouped: dict[str, str] = {}
    for number, text in measured.items():
        if number in carried:
            grouped[text] = f"{grouped[text]} {number}" if text in grouped else number
    return grouped


def packed(report: Mapping[str, Any], edition: Edition) -> dict[str, Any]:
    """Return a whole report packed; as it is where *edition* is not the one it was made by."""
    body = presumed(report, edition)
    return body if whole(body, edition) == report else dict(report)


def presumed(report: Mapping[str, Any], edition: Edition) -> dict[str, Any]:
    """Return :func:`packed` as it nearly always comes out, unproven: for whoever knows the digest of what it must be."""
    items = report["items"]
    if report.get(RULES) != edition.digest or any(item["id"] not in edition.by_id for item in items):
        return dict(report)
    told = [(_number(item["id"]), item["outcome"], item.get("reason", ""), item["findings"]) for item in items]
    measured = {
        number: item["actual"]
        for item, (number, outcome, _, rows) in zip(items, told, strict=True)
        if "actual" in item and item["actual"] != words(outcome, [row["message"] for row in rows])
    }
    return _body({name: value for name, value in report.items() if name not in _TOLD}, told, measured)


def whole(body: Mapping[str, Any], edition: Edition) -> dict[str, Any]:
    """Return the report that *body* was packed from, by the lines of its *edition*; one that was kept whole comes back as it is."""
    if _OUTCOMES not in body:
        return dict(body)
    told: dict[str, tuple[str, str, list[Finding]]] = {}
    for key, numbers in body[_OUTCOMES].items():
        outcome, _, reason = key.partition(" ")
        told |= dict.fromkeys(numbers.split(), (outcome, reason, []))
    for number, outcome, reason, rows in body[_FOUND]:
        told[number] = (outcome, reason, [Finding.from_json(row) for row in rows])
    changed = body.get(_CHANGED, {})
    results = [_result(_as_chosen(asked, changed), *told[asked.number]) for asked in edition.lines if asked.number in told]
    grounds = _grounds(body, edition) if RULES in body else None
    return {name: value for name, value in body.items() if name not in _KEPT} | lines(results, grounds)


def apart(body: Mapping[str, Any]) -> tuple[object, dict[str, Any], dict[str, Any]]:
    """Return a kept report in two: what it has in common with every report of the same mark (None: with none), and what was found in it.

    The items of both together are those of the report. Thousands of records come out alike, so that what they share is gone through once.
    """
    if _OUTCOMES not in body:
        return None, dict(body), {}
    mark = body.get(RULES, ""), tuple(body[_OUTCOMES].items()), str(body.get(_CHANGED, ""))
    return mark, {**body, _FOUND: []}, {**body, _OUTCOMES: {}} if body[_FOUND] else {}


def _as_chosen(asked: Asked, changed: Mapping[str, Sequence[str]]) -> Asked:
    if asked.number not in changed:
        return asked
    code, method, severity = changed[asked.number]
    return replace(asked, code=code, method=method, severity=Weight(severity))


def _grounds(body: Mapping[str, Any], edition: Edition) -> Grounds:
    measured = {number: text for text, numbers in body[_MEASURED].items() for number in numbers.split()}
    return Grounds(edition, {kind: Tool(**tool) for kind, tool in body["tools"].items()}, measured)


def findings(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return all findings of a report, packed or whole, as JSON."""
    if _OUTCOMES in body:
        return [row for _, _, _, rows in body[_FOUND] for row in rows]
    return [row for item in body.get("items", ()) for row in item["findings"]]


def _number(item_id: str) -> str:
    return item_id.partition(".")[2]


def _result(asked: Asked, outcome: str, reason: str, found: Sequence[Finding]) -> ItemResult:
    return ItemResult(
        asked.id, asked.code, asked.name, asked.property, Outcome(outcome), asked.method, asked.severity, tuple(found), reason
    )
