"""Items about what surrounds content (DA/T 70-2018).

Packages (1-12 to 1-14, 2-10, 2-11, 3-1), counts and numbers (2-1, 2-2, 2-6), scope (2-9), database (3-2), and engine, carrier
and conduct (4-1, 4-3 to 4-7).
"""

from collections import Counter
from datetime import date
from itertools import pairwise

from lantai.core.checks.facts import BatchFacts, EngineFacts, RecordFacts, ScopeNumbers
from lantai.core.checks.outcomes import PASSED, Outcome, Reason, Verdict, absent, judged
from lantai.core.checks.scheme import Parameters
from lantai.core.checks.values import remark
from lantai.core.findings import Finding
from lantai.core.record import ContentBasis

MOST_LISTED = 10
Facts = RecordFacts | BatchFacts
_NEEDS_PERSON = Verdict(Outcome.MANUAL, (), Reason.NEEDS_PERSON)


def catalogue(facts: Facts, _: Parameters) -> Verdict:
    """1-12: description and catalogue of the package are well-formed and agree on the number of records."""
    package = facts.package
    if package is None or not package.has_template:
        return absent(Reason.NO_PACKAGE)
    stated, listed = package.declared_records, package.catalogue_records
    if stated is not None and listed is not None and stated != listed:
        return judged([remark("GD-1-12", package.kind, stated=stated, listed=listed)])
    if isinstance(facts, BatchFacts) and listed is not None and listed != facts.actual_records:
        return judged([remark("GD-1-12-ACTUAL", package.kind, listed=listed, actual=facts.actual_records)])
    return PASSED


def structure(facts: Facts, _: Parameters) -> Verdict:
    """1-13: the folders of the package follow its template; such findings are routed here by the table."""
    return PASSED if facts.package and facts.package.has_template else absent(Reason.NO_PACKAGE)


def consistency(facts: Facts, _: Parameters) -> Verdict:
    """1-14: the package is byte for byte what was sent, by a list drawn up by the sender."""
    package = facts.package
    if package is None:
        return absent(Reason.NO_PACKAGE)
    if package.is_manifest_verified is None:
        return absent(Reason.NOT_DECLARED)
    return PASSED if package.is_manifest_verified else judged([remark("GD-1-14", package.kind)])


def record_count(facts: BatchFacts, _: Parameters) -> Verdict:
    """2-1: as many records came as were declared."""
    return _equal(facts, "GD-2-1", facts.declared_records, facts.actual_records)


def byte_count(facts: BatchFacts, _: Parameters) -> Verdict:
    """2-2: as many bytes came as were declared, to the byte."""
    return _equal(facts, "GD-2-2", facts.declared_bytes, facts.actual_bytes)


def continuity(facts: BatchFacts, parameters: Parameters) -> Verdict:
    """2-6: within a scope no number is missing or twice; an explained empty number 空号说明 counts as there."""
    if not facts.numbers:
        return absent(Reason.BEFORE_ARRANGEMENT if parameters.is_before_arrangement else Reason.NOT_DECLARED)
    return judged([item for scope in facts.numbers for item in _continuous(scope)])


def retention_scope(facts: RecordFacts, _: Parameters) -> Verdict:
    """2-9: the retention schedule covers the record; one outside it is remarked on."""
    if facts.in_scope is None:
        return absent(Reason.NO_SCOPE_TABLE)
    return PASSED if facts.in_scope else judged([remark("GD-2-9", facts.record_id)])


def package_elements(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """2-10: the package's own metadata has every element that the scheme asks for."""
    package = facts.package
    if package is None or package.elements is None:
        return absent(Reason.NO_PACKAGE if package is None else Reason.NO_METADATA)
    return judged([remark("GD-2-10", parameters.label(name)) for name in parameters.required if name not in package.elements])


def package_files(facts: Facts, _: Parameters) -> Verdict:
    """2-11: as many files are in the package as its metadata records."""
    package = facts.package
    if package is None:
        return absent(Reason.NO_PACKAGE)
    if package.declared_files is None or package.actual_files is None:
        return absent(Reason.NOT_DECLARED)
    if package.declared_files == package.actual_files:
        return PASSED
    return judged([remark("GD-2-11", package.kind, declared=package.declared_files, actual=package.actual_files)])


def metadata_readable(facts: RecordFacts, _: Parameters) -> Verdict:
    """3-1: the metadata file can be parsed and its encoding is true."""
    if facts.metadata_readable is None:
        return absent(Reason.NO_METADATA)
    return PASSED if facts.metadata_readable else judged([remark("GD-3-1", facts.record_id)])


def database(facts: RecordFacts, _: Parameters) -> Verdict:
    """3-2: the database row read back equals the package."""
    if facts.database_matches is None:
        return absent(Reason.BEFORE_STORING)
    return PASSED if facts.database_matches else judged([remark("GD-3-2", facts.record_id)])


def engine_ready(facts: Facts, _: Parameters) -> Verdict:
    """4-1: a virus engine answers and its signatures are not older than allowed; an unknown age waits for a person.

    An engine that does not answer is an error: whether one is installed could not be seen.
    """
    if isinstance(facts, RecordFacts) and facts.content_basis is ContentBasis.PHYSICAL_ONLY and not facts.documents:
        return absent(Reason.PHYSICAL_ONLY)
    if isinstance(facts, BatchFacts) and not facts.has_content:
        return absent(Reason.PHYSICAL_ONLY)
    engine = facts.engine
    if not engine.is_ready:
        return Verdict(Outcome.ERROR, (remark("GD-4-1", ""),), Reason.ENGINE_ABSENT)
    age = _age_days(engine, facts.today)
    if age is None:
        return _NEEDS_PERSON
    if age > engine.allowed_days:
        return judged([remark("GD-4-1-OLD", engine.name, date=engine.signatures_date, days=age, limit=engine.allowed_days)])
    return PASSED


def extra_files(facts: BatchFacts, _: Parameters) -> Verdict:
    """4-3: nothing lies on the carrier beside what is listed.

    Where there is neither a carrier nor a list, what a system left among the files of a folder is told and left out; it fails nothing.
    """
    if facts.extra_files is None:
        return absent(Reason.NOT_DECLARED)
    is_listed = facts.has_carrier or facts.declared_records is not None
    return judged([remark("GD-4-3" if is_listed else "GD-4-3-LEFT-OUT", path) for path in facts.extra_files])


def extra_files_of_record(facts: RecordFacts, _: Parameters) -> Verdict:
    """4-3 for one record's folder or package."""
    stray = facts.unreferenced_files
    return absent(Reason.NOT_DECLARED) if stray is None else judged([remark("GD-4-3", path) for path in stray])


def carrier_speed(facts: BatchFacts, parameters: Parameters) -> Verdict:
    """4-4: a carrier gives its bytes as fast as asked for; where nobody measured, a person does."""
    if not facts.has_carrier:
        return absent(Reason.ONLINE)
    if facts.mb_per_s is None:
        return _NEEDS_PERSON
    if facts.mb_per_s >= parameters.slowest_mb_per_s:
        return PASSED
    return judged([remark("GD-4-4", facts.batch_id, speed=f"{facts.mb_per_s:.2f}", limit=parameters.slowest_mb_per_s)])


def carrier(facts: BatchFacts, _: Parameters) -> Verdict:
    """4-5 and 4-6: look and quality of a carrier are for a person; what comes on line has none."""
    return _NEEDS_PERSON if facts.has_carrier else absent(Reason.ONLINE)


def contents_of_package(facts: BatchFacts, _: Parameters) -> Verdict:
    """3-7 and 3-8 of a container as a whole: what could not be taken out of it is routed here by the table."""
    return PASSED if facts.package else absent(Reason.NO_PACKAGE)


def conduct(facts: Facts, parameters: Parameters) -> Verdict:
    """4-7: every act on the subject is in the ledger and the chain holds; where nobody has verified a batch's, a person answers.

    Acts of a moment ago that wait to be sealed are told of beside a pass.
    """
    if facts.ledger_verified is False:
        return judged([remark("GD-4-7", _subject(facts)), *facts.ledger_findings])
    if facts.ledger_verified:
        waiting = facts.ledger_acts - facts.ledger_sealed
        return judged([remark("GD-4-7-WAITING", _subject(facts), count=waiting)]) if waiting else PASSED
    if parameters.is_before_arrangement:
        return absent(Reason.BEFORE_ARRANGEMENT)
    return absent(Reason.LEDGER_NOT_VERIFIED) if isinstance(facts, RecordFacts) else _NEEDS_PERSON


def _equal(facts: BatchFacts, code: str, declared: int | None, actual: int) -> Verdict:
    if declared is None:
        return absent(Reason.NOT_DECLARED)
    return PASSED if declared == actual else judged([remark(code, facts.batch_id, declared=declared, actual=actual)])


def _continuous(scope: ScopeNumbers) -> list[Finding]:
    used = set(scope.numbers)
    found = []
    if len(used) != len(scope.numbers):
        twice = sorted(number for number, count in Counter(scope.numbers).items() if count > 1)
        found.append(remark("GD-2-6-TWICE", scope.scope, numbers=_listed(twice)))
    there = sorted({number for number in (*used, *scope.explained, *scope.reserved) if number >= scope.first})
    steps = pairwise((scope.first - 1, *there))
    if gaps := [(before + 1, after - 1) for before, after in steps if after - before > 1]:
        found.append(remark("GD-2-6", scope.scope, numbers=_spans(gaps)))
    if before := sorted(number for number in used if number < scope.first):
        found.append(remark("GD-2-6-BEFORE", scope.scope, numbers=_listed(before), first=scope.first))
    if waiting := sorted(set(scope.reserved) - used):
        found.append(remark("GD-2-6-RESERVED", scope.scope, numbers=_listed(waiting)))
    return found


def _listed(numbers: list[int]) -> str:
    shown = "、".join(str(number) for number in numbers[:MOST_LISTED])
    return shown if len(numbers) <= MOST_LISTED else f"{shown} 等 {len(numbers)} 个"


def _spans(gaps: list[tuple[int, int]]) -> str:
    """Write gaps, single numbers by themselves while they are few."""
    total = sum(last - first + 1 for first, last in gaps)
    if total <= MOST_LISTED:
        return "、".join(str(number) for first, last in gaps for number in range(first, last + 1))
    shown = "、".join(str(first) if first == last else f"{first}—{last}" for first, last in gaps[:MOST_LISTED])
    return f"{shown}{' 等' if len(gaps) > MOST_LISTED else ''} {total} 个"


def _age_days(engine: EngineFacts, today: str) -> int | None:
    try:
        made = date.fromisoformat(engine.signatures_date)
    except ValueError:
        return None
    return (date.fromisoformat(today) - made).days


def _subject(facts: Facts) -> str:
    return facts.record_id if isinstance(facts, RecordFacts) else facts.batch_id
