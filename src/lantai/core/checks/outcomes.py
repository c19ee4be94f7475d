"""The words of the four gates: gates, properties, outcomes, severities, conclusions, and the result of one item (DA/T 70-2018)."""

from dataclasses import dataclass
from enum import StrEnum

from lantai.core.findings import Finding, Severity


class Gate(StrEnum):
    """Where a check is run: on arrival, before archiving, at transfer, while preserved."""

    ARRIVAL = "arrival"
    ARCHIVING = "archiving"
    TRANSFER = "transfer"
    PRESERVATION = "preservation"


class Property(StrEnum):
    """The four properties 四性; the order is that of the item numbers."""

    AUTHENTICITY = "authenticity"
    INTEGRITY = "integrity"
    USABILITY = "usability"
    SECURITY = "security"


class Outcome(StrEnum):
    """What one item came to. ``error`` means that it could not be carried out; it is never a pass."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    WARN = "warn"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


class Weight(StrEnum):
    """What a failed item does: ``block`` fails the whole, ``major`` waits for a person, ``minor`` is a remark."""

    BLOCK = "block"
    MAJOR = "major"
    MINOR = "minor"


class Conclusion(StrEnum):
    """What all items together came to, from best to worst."""

    PASS = "pass"  # noqa: S105 - not a password
    TRIAL = "trial"
    MANUAL = "manual"
    ERROR = "error"
    FAIL = "fail"


CONCLUSION_NAMES: dict[Conclusion, str] = {
    Conclusion.PASS: "通过",
    Conclusion.TRIAL: "试用通过（未查病毒）",
    Conclusion.MANUAL: "待人工裁定",
    Conclusion.ERROR: "未能检测",
    Conclusion.FAIL: "不通过",
}
OUTCOME_NAMES: dict[Outcome, str] = {
    Outcome.PASS: "通过",
    Outcome.FAIL: "不通过",
    Outcome.WARN: "有提示",
    Outcome.MANUAL: "待人工",
    Outcome.NOT_APPLICABLE: "不适用",
    Outcome.ERROR: "未能执行",
}
PROPERTY_NAMES: dict[Property, str] = {
    Property.AUTHENTICITY: "真实性",
    Property.INTEGRITY: "完整性",
    Property.USABILITY: "可用性",
    Property.SECURITY: "安全性",
}
GATE_NAMES: dict[Gate, str] = {
    Gate.ARRIVAL: "接收检测",
    Gate.ARCHIVING: "归档检测",
    Gate.TRANSFER: "移交检测",
    Gate.PRESERVATION: "长期保存检测",
}


class Reason(StrEnum):
    """Why an item was not carried out, or who answered it; Chinese words stand in ``standards/da_t_70/reasons.csv``."""

    NONE = ""
    BEFORE_ARRANGEMENT = "before_arrangement"
    BEFORE_DESCRIPTION = "before_description"
    BEFORE_STORING = "before_storing"
    CHECKED_WITH_BATCH = "checked_with_batch"
    CHECKED_WITH_RECORDS = "checked_with_records"
    PHYSICAL_ONLY = "physical_only"
    NO_CONTENT = "no_content"
    LEDGER_NOT_VERIFIED = "ledger_not_verified"
    NOT_COMPARED = "not_compared"
    NO_PACKAGE = "no_package"
    NO_METADATA = "no_metadata"
    NOT_DECLARED = "not_declared"
    NO_FIXITY_INFORMATION = "no_fixity_information"
    NO_SCOPE_TABLE = "no_scope_table"
    ONLINE = "online"
    ENGINE_ABSENT = "engine_absent"
    NOT_READ = "not_read"
    NOT_COMPARABLE = "not_comparable"
    NEEDS_PERSON = "needs_person"
    NOT_SAMPLED = "not_sampled"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    SWITCHED_OFF = "switched_off"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the function of one item returns: its outcome, the findings that led there, and the reason where it was not run."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One line of a report: stable ``id`` (archiving.1.08), displayed ``code`` (GD-1-8), and what the item came to.

    ``reason`` is one of :class:`Reason`, ``answered:WHO`` where a person answered, or ``accepted:WHO、WHO`` where two persons let a
    failed item pass.
    """

    id: str
    code: str
    name: str
    property: Property
    outcome: Outcome
    method: str
    severity: Weight
    findings: tuple[Finding, ...] = ()
    reason: str = ""


def is_accepted(result: ItemResult) -> bool:
    """Tell whether two persons let a failed item pass; its outcome stays failed."""
    return result.outcome is Outcome.FAIL and result.reason.startswith(f"{Reason.ACCEPTED.value}:")


PASSED = Verdict(Outcome.PASS)


def absent(reason: Reason) -> Verdict:
    """Return the verdict that an item does not apply, with its reason."""
    return _ABSENT[reason]


def judged(findings: list[Finding] | tuple[Finding, ...]) -> Verdict:
    """Return fail where any finding is an error, warn where any is a warning, else pass, with the findings."""
    if not findings:
        return PASSED
    levels = {item.severity for item in findings}
    if Severity.ERROR in levels:
        return Verdict(Outcome.FAIL, tuple(findings))
    return Verdict(Outcome.WARN if Severity.WARNING in levels else Outcome.PASS, tuple(findings))


_ABSENT: dict[Reason, Verdict] = {reason: Verdict(Outcome.NOT_APPLICABLE, (), reason) for reason in Reason}
