"""One record a described element of DA/T 46, good but for that element: the fixtures that break the elements, by name.

``bad/M22_missing`` · ``bad/M22_too_long`` · ``bad/M33_no_date`` · ``bad/M38_not_listed``: number of the element and its fault.
"""

from dataclasses import dataclass, replace

from lantai.core.checks import Declared, Outcome, RecordFacts
from lantai.core.record import Agent, Relation, Signature
from lantai.standards import da_t_46
from lantai.standards.da_t_46 import Element
from tests.core.checks.good import a_file, a_record

_AGENT = {"agent_type": "kind", "agent_name": "name", "organization_code": "organization_code", "position_name": "position"}
_EVENT = {
    "business_status": "status",
    "business_activity": "activity",
    "action_time": "time",
    "action_mandate": "mandate",
    "action_description": "description",
}
_RELATION = {"entity_identifier": "target", "relation_type": "kind", "relation": "relation", "relation_description": "description"}
_SIGNATURE = {
    "signature_rules": "rules",
    "signature_time": "time",
    "signer": "signer",
    "signature": "value",
    "certificate": "certificates",
    "certificate_reference": "certificate_reference",
    "signature_algorithm_identifier": "algorithm",
}
_WRONG = {"date": "20261301", "year": "26", "integer": "十二", "instant": "昨天"}
_ITEMS = {"missing": "2.04", "too_long": "1.02", "not_listed": "1.04", "secret": "1.04", "lacking": "2.04"}
_CODES = {
    "missing": "GD-2-4",
    "too_long": "GD-1-2",
    "not_listed": "GD-1-4",
    "secret": "GD-1-4-SECRET",
    "lacking": "GD-2-4-ENTITY",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A record with one element wrong: the fixture's name, the element, the item that tells, the facts and the code of the finding."""

    name: str
    element: str
    number: str
    facts: RecordFacts
    code: str
    is_remark: bool = False

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What the item may come to."""
        return (Outcome.WARN,) if self.is_remark else (Outcome.FAIL,)


def broken() -> tuple[Broken, ...]:
    """Return every fixture, in the order of the elements."""
    return tuple(row for item in da_t_46.elements() if item.kind != "container" for row in _of(item))


def by_element() -> dict[str, tuple[Broken, ...]]:
    """Return the fixtures of each element by its code."""
    found: dict[str, tuple[Broken, ...]] = {}
    for row in broken():
        found[row.element] = (*found.get(row.element, ()), row)
    return found


def _of(item: Element) -> list[Broken]:
    if item.code in _DECLARED:
        fault, facts, code = _DECLARED[item.code]
        return [Broken(f"bad/{item.number}_{fault}", item.code, "1.10", facts, code)]
    if item.code == "document_sequence_number":
        return []
    rows = [_fault(item, fault, value) for fault, value in _faults(item)]
    return [row for row in rows if row]


def _faults(item: Element) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if item.obligation == "M" and item.required_from:
        found.append(("missing", ""))
    if item.code in da_t_46.of_entities():
        found.append(("lacking", ""))
    if item.data_type in _WRONG:
        found.append((f"no_{item.data_type}", _WRONG[item.data_type]))
    table = da_t_46.domains().get(item.domain)
    if table and table.forbidden:
        found.append(("secret", "机密"))
    elif table:
        found.append(("not_listed" if table.is_closed else "unlisted", "没有这个值"))
    if item.max_length and item.kept_in in ("elements", "agents", "events", "relations", "signatures", "files"):
        found.append(("too_long", "长" * (item.max_length + 1)))
    return found


def _fault(item: Element, fault: str, value: str) -> Broken:
    codes = _CODES | {"unlisted": "GD-1-4-UNLISTED"} | {f"no_{kind}": f"GD-1-3-{kind.upper()}" for kind in _WRONG}
    numbers = _ITEMS | {"unlisted": "1.04"} | {f"no_{kind}": "1.03" for kind in _WRONG}
    facts = _with(item, value)
    return Broken(f"bad/{item.number}_{fault}", item.code, numbers[fault], facts, codes[fault], fault in ("lacking", "unlisted"))


def _with(item: Element, value: str) -> RecordFacts:
    """Return a good record in which the element has *value*."""
    if item.code == "electronic_record_code":
        return a_record(electronic_record_code=value)
    if item.code == "archival_code":
        return replace(a_record(), code=value)
    if item.code in _AGENT:
        return a_record(agents=(replace(Agent("a1", "个人", "沈静宜"), **{_AGENT[item.code]: value}),))
    if item.code in _EVENT:
        good = a_record()
        return replace(good, events=(*good.events[:-1], replace(good.events[-1], **{_EVENT[item.code]: value})))
    if item.code in _RELATION:
        return a_record(relations=(replace(Relation("x", "文件—文件", "版本"), **{_RELATION[item.code]: value}),))
    if item.kept_in == "files":
        return a_record(file=a_file(elements={item.code: value}))
    if item.code in _SIGNATURE:
        said = (value,) if item.code == "certificate" and value else () if item.code == "certificate" else value
        good_one = Signature("s1", "CMS", "MA==", "SM2-SM3", ("MA==",))
        return a_record(signatures_described=(replace(good_one, **{_SIGNATURE[item.code]: said}),))
    return a_record(elements={item.code: value})


_DECLARED: dict[str, tuple[str, RecordFacts, str]] = {
    "format_information": ("other_format", a_record(file=a_file(declared=Declared("通知.pdf", 1000, "OFD"))), "GD-1-10-FORMAT"),
    "computer_file_name": ("other_name", a_record(file=a_file(declared=Declared("别名.pdf", 1000))), "GD-1-10-NAME"),
    "computer_file_size": ("other_size", a_record(file=a_file(declared=Declared("通知.pdf", 999))), "GD-1-10-SIZE"),
}
