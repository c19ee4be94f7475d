"""A report as it is kept in the database: without what its scheme says anyway, a tenth of the whole.

A catalogue of a hundred thousand rows leaves a hundred thousand reports that differ in a few words. :func:`whole` gives back exactly
the document that :func:`~lantai.core.checks.report.as_report` makes; the report in a package is always kept whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lantai.core.checks.outcomes import ItemResult, Outcome, Weight
from lantai.core.checks.report import AUTOMATIC, lines
from lantai.core.checks.scheme import ItemSpec, Scheme
from lantai.core.findings import Finding

_OUTCOMES, _FOUND, _CHANGED = "outcomes", "found", "changed"
_TOLD = frozenset({"items", "summary", "coverage"})


def pack(head: Mapping[str, object], results: Sequence[ItemResult], standard: Scheme) -> dict[str, object]:
    """Return what is kept of a report: its head, the numbers of items by outcome and reason, in full what has findings, and what of the
    items' code, method and weight the agency chose otherwise than the *standard* scheme."""
    plain: dict[str, str] = {}
    found: list[tuple[str, str, str, list[dict[str, str]]]] = []
    for item in results:
        number = item.id.partition(".")[2]
        if item.findings:
            found.append((number, item.outcome.value, item.reason, [remark.as_json() for remark in item.findings]))
        else:
            key = f"{item.outcome.value} {item.reason}"
            plain[key] = f"{plain[key]} {number}" if key in plain else number
    changed = _changed(results, standard)
    return {**head, _OUTCOMES: plain, _FOUND: found} | ({_CHANGED: changed} if changed else {})


def _changed(results: Sequence[ItemResult], standard: Scheme) -> dict[str, tuple[str, str, str]]:
    specs = {spec.id: spec for spec in standard.items}
    return {
        specs[item.id].number: (item.code, item.method, item.severity.value)
        for item in results
        if (item.code, item.method, item.severity) != (specs[item.id].code, specs[item.id].method, specs[item.id].severity)
    }


def packed(report: Mapping[str, Any], scheme: Scheme) -> dict[str, Any]:
    """Return a whole report packed; as it is where the scheme does not tell everything about its items."""
    specs = {spec.id: spec for spec in scheme.items}
    if any(item["id"] not in specs for item in report["items"]):
        return dict(report)
    results = [
        replace(
            _result(specs[item["id"]], item["outcome"], item.get("reason", ""), [Finding.from_json(row) for row in item["findings"]]),
            code=item["code"],
            method=item.get("method", AUTOMATIC),
            severity=Weight(item["severity"]),
        )
        for item in report["items"]
    ]
    body = pack({name: value for name, value in report.items() if name not in _TOLD}, results, scheme)
    return body if whole(body, scheme) == report else dict(report)


def whole(body: Mapping[str, Any], scheme: Scheme) -> dict[str, Any]:
    """Return the report that *body* was packed from; one that was kept whole comes back as it is."""
    if _OUTCOMES not in body:
        return dict(body)
    told: dict[str, tuple[str, str, list[Finding]]] = {}
    for key, numbers in body[_OUTCOMES].items():
        outcome, _, reason = key.partition(" ")
        told |= dict.fromkeys(numbers.split(), (outcome, reason, []))
    for number, outcome, reason, rows in body[_FOUND]:
        told[number] = (outcome, reason, [Finding.from_json(row) for row in rows])
    changed = body.get(_CHANGED, {})
    results = [_result(_as_chosen(spec, changed), *told[spec.number]) for spec in scheme.items if spec.number in told]
    return {name: value for name, value in body.items() if name not in {_OUTCOMES, _FOUND, _CHANGED}} | lines(results)


def _as_chosen(spec: ItemSpec, changed: Mapping[str, Sequence[str]]) -> ItemSpec:
    if spec.number not in changed:
        return spec
    code, method, severity = changed[spec.number]
    return replace(spec, code=code, method=method, severity=Weight(severity))


def findings(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return all findings of a report, packed or whole, as JSON."""
    if _OUTCOMES in body:
        return [row for _, _, _, rows in body[_FOUND] for row in rows]
    return [row for item in body.get("items", ()) for row in item["findings"]]


def _result(spec: ItemSpec, outcome: str, reason: str, found: Sequence[Finding]) -> ItemResult:
    return ItemResult(spec.id, spec.code, spec.name, spec.property, Outcome(outcome), spec.method, spec.severity, tuple(found), reason)
