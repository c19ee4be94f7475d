"""The one engine of the four gates: runs a scheme over facts and draws the conclusion."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from zlib import crc32

from lantai.core.checks.facts import Answer, BatchFacts, Overruled, RecordFacts
from lantai.core.checks.outcomes import Conclusion, Gate, ItemResult, Outcome, Reason, Verdict, Weight, is_accepted, judged
from lantai.core.checks.registry import BATCH_CHECKS, EXCUSED_IN_TRIAL, RECORD_CHECKS
from lantai.core.checks.scheme import WHOLE, ItemSpec, Mode, Parameters, Scheme
from lantai.core.evidence import canonical_json
from lantai.core.findings import Finding

_EXCUSED = frozenset((Outcome.FAIL, Outcome.ERROR, Outcome.MANUAL))
_DONE = frozenset((Outcome.PASS, Outcome.WARN))
_RANK: dict[Conclusion, int] = {conclusion: rank for rank, conclusion in enumerate(Conclusion)}
_STRENGTH = {
    Outcome.NOT_APPLICABLE: 0,
    Outcome.PASS: 0,
    Outcome.WARN: 1,
    Outcome.MANUAL: 2,
    Outcome.ERROR: 3,
    Outcome.FAIL: 4,
}


@dataclass(frozen=True, slots=True)
class _Step[F]:
    number: str
    check: Callable[[F, Parameters], Verdict] | None
    plain: dict[Reason | Outcome, ItemResult]
    spec: ItemSpec


def check_record(gate: Gate, facts: RecordFacts, scheme: Scheme) -> tuple[ItemResult, ...]:
    """Run every item of *scheme* on one record, in the standard's order; items of the batch read ``checked_with_batch``.

    Raises ValueError where *scheme* is another gate's.
    """
    _same_gate(gate, scheme)
    routed = _routed(facts, scheme) if _remarks(facts) else {}
    return tuple(_run(step, facts, scheme.parameters, routed) for step in _record_plan(scheme))


def check_batch(gate: Gate, facts: BatchFacts, scheme: Scheme) -> tuple[ItemResult, ...]:
    """Run every item of *scheme* on a batch as a whole; items of its records read ``checked_with_records``.

    Raises ValueError where *scheme* is another gate's.
    """
    _same_gate(gate, scheme)
    remarks = facts.package.findings if facts.package else ()
    routed = _sorted_in(remarks, "1.13", scheme, BATCH_CHECKS.keys())
    return tuple(_run(step, facts, scheme.parameters, routed) for step in _batch_plan(scheme))


def conclude(results: Iterable[ItemResult], is_trial: bool = False) -> Conclusion:  # noqa: FBT001, FBT002 - the agreed signature
    """Return the conclusion of *results*: the worst that any of them asks for.

    A failed blocking item: fail. An item that could not be carried out: error, never pass. A failed other item, or an
    unanswered manual one: manual. Nothing carried out at all: manual. In a trial installation, where the virus items alone
    stand in the way of a pass, the conclusion is trial; an infected file fails there too.
    """
    found = tuple(results)
    excused = frozenset(id(item) for item in found if is_trial and _is_excused(item))
    weighed = [item for item in found if id(item) not in excused]
    worst = max((_asks(item) for item in weighed), key=_RANK.__getitem__, default=Conclusion.MANUAL)
    if worst is Conclusion.PASS and not any(item.outcome in _DONE for item in weighed):
        worst = Conclusion.MANUAL
    return Conclusion.TRIAL if excused and worst is Conclusion.PASS else worst


def worst(conclusions: Iterable[Conclusion]) -> Conclusion:
    """Return the worst of many conclusions, as of a batch and its records; pass where there are none."""
    return max(conclusions, key=_RANK.__getitem__, default=Conclusion.PASS)


def _asks(item: ItemResult) -> Conclusion:
    if item.outcome is Outcome.ERROR:
        return Conclusion.ERROR
    if is_accepted(item):
        return Conclusion.PASS
    if item.outcome is Outcome.FAIL:
        return Conclusion.FAIL if item.severity is Weight.BLOCK else Conclusion.MANUAL
    return Conclusion.MANUAL if item.outcome is Outcome.MANUAL else Conclusion.PASS


def _is_excused(item: ItemResult) -> bool:
    if item.outcome not in _EXCUSED or item.id.partition(".")[2] not in EXCUSED_IN_TRIAL:
        return False
    return item.outcome is not Outcome.FAIL or item.severity is not Weight.BLOCK


def _run[F: (RecordFacts, BatchFacts)](step: _Step[F], facts: F, parameters: Parameters, routed: dict[str, list[Finding]]) -> ItemResult:
    if step.check is None:
        return step.plain[Outcome.PASS]
    verdict = step.check(facts, parameters)
    if routed and step.number in routed:
        verdict = _joined(verdict, judged(routed[step.number]))
    if step.spec.mode is not Mode.AUTOMATIC:
        verdict = _handed_over(step.spec, verdict, facts.record_id if isinstance(facts, RecordFacts) else facts.batch_id)
    is_asked = verdict.outcome is Outcome.MANUAL and facts.answers
    result = _answered(step, verdict, facts.answers) if is_asked else _result(step, verdict)
    return _accepted(step, result, facts.overruled, parameters) if result.outcome is Outcome.FAIL and facts.overruled else result


def is_sampled(subject: str, number: str, share: int) -> bool:
    """Tell whether a person is to look at *subject* for an item of which *share* in a hundred are looked at; always the same answer."""
    return share >= WHOLE or crc32(f"{number} {subject}".encode(errors="surrogatepass")) % WHOLE < share


def _handed_over(spec: ItemSpec, verdict: Verdict, subject: str) -> Verdict:
    """Return the verdict where a person has a part in it: a manual item asks, an assisted one asks about what the machine let pass."""
    is_asked = is_sampled(subject, spec.number, spec.share)
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        return verdict
    if spec.mode is Mode.MANUAL:
        outcome, reason = (Outcome.MANUAL, Reason.NEEDS_PERSON) if is_asked else (Outcome.NOT_APPLICABLE, Reason.NOT_SAMPLED)
        return Verdict(outcome, verdict.findings, reason)
    if is_asked and verdict.outcome in (Outcome.PASS, Outcome.WARN):
        return Verdict(Outcome.MANUAL, verdict.findings, Reason.NEEDS_PERSON)
    return verdict


def _result[F](step: _Step[F], verdict: Verdict) -> ItemResult:
    if verdict.findings:
        base = step.plain[Outcome.PASS]
        return replace(base, outcome=_weighed(step.spec, verdict.outcome), findings=verdict.findings, reason=verdict.reason.value)
    key = verdict.reason or verdict.outcome
    shared = step.plain.get(key)
    if shared is None or shared.outcome is not verdict.outcome:
        shared = replace(step.plain[Outcome.PASS], outcome=_weighed(step.spec, verdict.outcome), reason=verdict.reason.value)
        step.plain[key] = shared
    return shared


def findings_digest(findings: Iterable[Finding]) -> str:
    """Return the SHA-256 of what was found, by which an acceptance is bound to it."""
    return sha256(canonical_json(sorted([item.code, item.where, item.message] for item in findings))).hexdigest()


def _accepted[F](step: _Step[F], result: ItemResult, overruled: tuple[Overruled, ...], parameters: Parameters) -> ItemResult:
    """Return a failed item as it is, with the names of the two who let exactly these findings pass, where they did and may."""
    if not step.spec.is_overrulable or parameters.is_dangerous(result.findings):
        return result
    digest = findings_digest(result.findings)
    given = next((item for item in overruled if item.item == step.number and item.findings_digest == digest), None)
    return replace(result, reason=f"{Reason.ACCEPTED.value}:{given.proposer}、{given.confirmer}") if given else result


def _answered[F](step: _Step[F], verdict: Verdict, answers: tuple[Answer, ...]) -> ItemResult:
    given = next((answer for answer in reversed(answers) if answer.item == step.number), None)
    if given is None:
        return _result(step, verdict)
    who = f"{Reason.ANSWERED.value}:{given.operator}"
    return replace(step.plain[Outcome.PASS], outcome=_weighed(step.spec, given.outcome), findings=verdict.findings, reason=who)


def _weighed(spec: ItemSpec, outcome: Outcome) -> Outcome:
    return Outcome.WARN if outcome is Outcome.FAIL and spec.severity is Weight.MINOR else outcome


def _joined(first: Verdict, second: Verdict) -> Verdict:
    worse = first if _STRENGTH[first.outcome] >= _STRENGTH[second.outcome] else second
    return Verdict(worse.outcome, (*first.findings, *second.findings), worse.reason)


def _remarks(facts: RecordFacts) -> bool:
    package = facts.package
    return bool(facts.metadata_findings or (package and package.findings) or any(file.findings for file in facts.files))


def _routed(facts: RecordFacts, scheme: Scheme) -> dict[str, list[Finding]]:
    of_files = [item for file in facts.files for item in file.findings]
    of_package = facts.package.findings if facts.package else ()
    routed: dict[str, list[Finding]] = {}
    for remarks, default in ((facts.metadata_findings, "3.01"), (of_package, "1.13"), (of_files, "3.04")):
        for number, found in _sorted_in(remarks, default, scheme, RECORD_CHECKS.keys()).items():
            routed.setdefault(number, []).extend(found)
    return routed


def _sorted_in(remarks: Sequence[Finding], default: str, scheme: Scheme, known: Iterable[str]) -> dict[str, list[Finding]]:
    """Send each finding to the item that the table names, or to *default* where that item is not run here."""
    if not remarks:
        return {}
    enabled = {spec.number for spec in scheme.items if spec.is_enabled} & set(known)
    sorted_in: dict[str, list[Finding]] = {}
    for item in remarks:
        number = next((number for number in scheme.parameters.items_of(item.code) if number in enabled), default)
        sorted_in.setdefault(number, []).append(item)
    return sorted_in


@lru_cache(maxsize=64)
def _record_plan(scheme: Scheme) -> tuple[_Step[RecordFacts], ...]:
    return tuple(_step(spec, RECORD_CHECKS.get(spec.number), Reason.CHECKED_WITH_BATCH) for spec in scheme.items)


@lru_cache(maxsize=64)
def _batch_plan(scheme: Scheme) -> tuple[_Step[BatchFacts], ...]:
    return tuple(_step(spec, BATCH_CHECKS.get(spec.number), Reason.CHECKED_WITH_RECORDS) for spec in scheme.items)


def _step[F](spec: ItemSpec, check: Callable[[F, Parameters], Verdict] | None, elsewhere: Reason) -> _Step[F]:
    if not spec.is_enabled:
        reason = Reason.UNVERIFIED if spec.certainty == "?" else Reason.SWITCHED_OFF
        return _Step(spec.number, None, {Outcome.PASS: _line(spec, Outcome.NOT_APPLICABLE, reason)}, spec)
    if check is None:
        return _Step(spec.number, None, {Outcome.PASS: _line(spec, Outcome.NOT_APPLICABLE, elsewhere)}, spec)
    return _Step(spec.number, check, {Outcome.PASS: _line(spec, Outcome.PASS, Reason.NONE)}, spec)


def _line(spec: ItemSpec, outcome: Outcome, reason: Reason) -> ItemResult:
    return ItemResult(spec.id, spec.code, spec.name, spec.property, outcome, spec.method, spec.severity, (), reason.value)


def _same_gate(gate: Gate, scheme: Scheme) -> None:
    if scheme.gate is not gate:
        raise ValueError(f"scheme of {scheme.gate} used at gate {gate}")
