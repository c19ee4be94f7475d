"""Items about described metadata: 1-2 to 1-8, 2-3 to 2-5 (DA/T 70-2018 with the elements of DA/T 46-2009)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from lantai.core import patterns
from lantai.core.checks import described
from lantai.core.checks.facts import RecordFacts
from lantai.core.checks.outcomes import Reason, Verdict, absent, judged
from lantai.core.checks.scheme import ElementRule, Parameters, Process
from lantai.core.checks.values import UNPRINTABLE, remark, whole_number
from lantai.core.findings import Finding

_STRANGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ue000-\uf8ff\U000f0000-\U0010fffd]"
    r"|<\s*/?\s*[a-zA-Z][^<>]{0,200}>|&#\w+;"
)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_BAD_IN_NAMES = re.compile(r'[\\/:*?"<>|]')
_DATE = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,2}")
_INSTANT = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")


def length(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-2: no value is longer than the scheme allows (characters)."""
    found = [
        remark("GD-1-2", rule.label, length=len(value), limit=rule.max_length)
        for rule, value in _ruled(facts, parameters)
        if rule.max_length and len(value) > rule.max_length
    ]
    return _of_metadata(facts, found)


def data_type(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-3: dates are real dates, numbers numbers; a document number in an unusual form is remarked on."""
    found = [item for rule, value in _ruled(facts, parameters) for item in _typed(rule, value)]
    for name, value in facts.elements.items():
        rule = parameters.elements.get(name)
        if rule and not rule.is_repeatable and isinstance(value, list) and len(value) > 1:
            found.append(remark("GD-1-3-REPEATED", rule.label, count=len(value)))
    return _of_metadata(facts, found)


def domain(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-4: values with a code table stand in it; a secret level is never admitted (the system is non-classified)."""
    found = [item for rule, value in _ruled(facts, parameters) for item in _admitted(rule, value)]
    return _of_metadata(facts, found)


def of_value(rule: ElementRule, value: str) -> tuple[Finding, ...]:
    """Return what 1-2 to 1-4 say of one value as it is being entered."""
    too_long = rule.max_length and len(value) > rule.max_length
    found = [remark("GD-1-2", rule.label, length=len(value), limit=rule.max_length)] if too_long else []
    return (*found, *_typed(rule, value), *_admitted(rule, value))


def plausibility(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-5: dates, year, pages, process times and secrecy period agree with each other and with today."""
    found = [*_dates(facts, parameters), *_pages(facts, parameters), *_times(facts), *_secrecy(facts, parameters)]
    return _of_metadata(facts, found)


def characters(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-6: no control, unseen, private-use or replacement characters, no markup, no outer white space; safe file names."""
    told = (*_values(facts), *((name, value) for _, name, value in _entities(facts)))
    found = [item for name, value in told for item in _strange(parameters.label(name), value)]
    found += [remark("GD-1-6-NAME", file.name) for file in facts.files if _BAD_IN_NAMES.search(file.name)]
    found += [item for file in facts.files if _STRANGE.search(file.name) for item in _strange(file.name, file.name.strip())]
    return judged(found) if found or facts.elements or facts.documents else absent(_not_yet(facts))


def archival_code(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-7: the archival code parses by its template and its segments agree with the described elements."""
    if not facts.code:
        return (
            absent(Reason.BEFORE_ARRANGEMENT) if parameters.is_before_arrangement else judged([remark("GD-1-7-MISSING", facts.record_id)])
        )
    found = list(facts.code_findings)
    for name, part in facts.code_parts.items():
        described = _text(facts, name)
        if described and part and not _same(parameters.elements.get(name), part, described):
            found.append(remark("GD-1-7-PART", facts.code, element=parameters.label(name), part=part, value=described))
    return judged(found)


def duplicates(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """1-8: code and electronic record code are unique; an equal number, identity or digest is remarked on."""
    if facts.duplicates is None:
        return absent(Reason.NOT_COMPARED)
    found = []
    for kind, places in facts.duplicates.items():
        if places:
            code, label = parameters.duplicate_kinds[kind]
            found.append(remark(code, "、".join(places[:5]), label=label, count=len(places)))
    return judged(found)


def elements_present(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """2-3: every element that the scheme asks for is there, even if empty."""
    if not facts.has_metadata:
        return absent(_not_yet(facts))
    found = [
        remark("GD-2-3", parameters.label(name)) for name in parameters.required if name not in facts.elements and not _own(facts, name)
    ]
    return judged(found)


def required_filled(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """2-4: must-have elements are not empty; conditional ones are not empty where their condition holds."""
    if not facts.has_metadata and parameters.is_before_arrangement:
        return absent(Reason.BEFORE_DESCRIPTION)
    wanted = list(parameters.required)
    wanted += [rule.element for rule in parameters.conditions if described.holds(rule, facts)]
    found = [remark("GD-2-4", parameters.label(name)) for name in wanted if not (_text(facts, name) or _own(facts, name)).strip()]
    lacking = [row for row in _entities(facts) if not row[2].strip() and row[1] in parameters.of_entities]
    found += [remark("GD-2-4-ENTITY", where, element=parameters.label(name)) for where, name, _ in lacking]
    return judged(found)


def process(facts: RecordFacts, parameters: Parameters) -> Verdict:
    """2-5: the handling shows every act of its kind, each with person and time. Only ever remarks."""
    if not facts.events:
        return absent(_not_yet(facts)) if not facts.has_metadata else judged([remark("GD-2-5-NONE", facts.record_id)])
    rule = parameters.elements.get("business_activity")
    acts = frozenset(_canonical(rule, event.activity) for event in facts.events)
    found = [remark("GD-2-5-INCOMPLETE", event.activity or event.id) for event in facts.events if not (event.agent_id and event.time)]
    found += [remark("GD-2-5-KEPT", facts.record_id, acts=act) for act in parameters.kept_acts if act not in acts]
    kind = _kind(facts, parameters.processes, acts)
    missing = [step for step in kind.activities if acts.isdisjoint(step.split("|"))] if kind else []
    if kind is None:
        found.append(remark("GD-2-5-NONE", facts.record_id))
    elif missing:
        found.append(remark("GD-2-5", kind.direction, acts="、".join(missing).replace("|", "或")))
    return judged(found)


def _kind(facts: RecordFacts, processes: tuple[Process, ...], acts: frozenset[str]) -> Process | None:
    named = next((row for row in processes if row.direction == facts.direction), None)
    told = [row for row in processes if row.tells & acts]
    return named or max(told, key=lambda row: len(row.tells & acts), default=None)


def objections(rule: ElementRule, value: str) -> tuple[Finding, ...]:
    """Return what the items of length, type and domain remark on one value, for whoever takes it in."""
    long = rule.max_length and len(value) > rule.max_length
    found = (remark("GD-1-2", rule.label, length=len(value), limit=rule.max_length),) if long else ()
    return (*found, *_typed(rule, value), *_admitted(rule, value))


def _typed(rule: ElementRule, value: str) -> Iterator[Finding]:
    check = _TYPES.get(rule.data_type)
    if check and not check(value):
        yield remark(f"GD-1-3-{rule.data_type.upper()}", rule.label, value=value)
    if rule.pattern and not patterns.fits(rule.pattern, value):
        yield remark("GD-1-3-PATTERN" if rule.is_strict else "GD-1-3-FORM", rule.label, value=value)


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date(int(value[:4]), int(value[4:6] or 1), int(value[6:8] or 1))
    except ValueError:
        return False
    return True


def _is_instant(value: str) -> bool:
    match = _INSTANT.fullmatch(value)
    return bool(match) and _is_date("".join(match.groups())) if match else False


def _is_integer(value: str) -> bool:
    return bool(whole_number(value))


_TYPES = {
    "date": _is_date,
    "year": lambda value: len(value) == 4 and _is_date(value),
    "integer": _is_integer,
    "instant": _is_instant,
}


def _admitted(rule: ElementRule, value: str) -> Iterator[Finding]:
    table = rule.domain
    if table is None or value in table.canonical:
        return
    if value.strip("★ ") in table.forbidden:
        yield remark("GD-1-4-SECRET", rule.label, value=value)
    elif not table.admits(value):
        yield remark("GD-1-4" if table.is_closed else "GD-1-4-UNLISTED", rule.label, value=value)


def _dates(facts: RecordFacts, parameters: Parameters) -> Iterator[Finding]:
    when, year = _text(facts, "date"), _text(facts, "year")
    if when and _is_date(when):
        if when > facts.today[: len(when)]:
            yield remark("GD-1-5-FUTURE", parameters.label("date"), value=when, today=facts.today)
        if int(when[:4]) < parameters.earliest_year:
            yield remark("GD-1-5-EARLY", parameters.label("date"), value=when, year=parameters.earliest_year)
        archived = min((_day(event.time) for event in facts.events if event.activity == "归档" and _day(event.time)), default="")
        if archived and when > archived[: len(when)]:
            yield remark("GD-1-5-AFTER-ARCHIVING", parameters.label("date"), value=when, archived=archived)
    if year and year > facts.today[:4]:
        yield remark("GD-1-5-FUTURE", parameters.label("year"), value=year, today=facts.today)
    if year and when and year != when[:4]:
        yield remark("GD-1-5-YEAR" if year < when[:4] else "GD-1-5-YEAR-LATER", parameters.label("year"), value=year, date=when)


def _pages(facts: RecordFacts, parameters: Parameters) -> Iterator[Finding]:
    pages = whole_number(_text(facts, "total_number_of_pages"))
    if pages is not None and pages > parameters.most_pages:
        yield remark("GD-1-5-PAGES", parameters.label("total_number_of_pages"), value=pages, limit=parameters.most_pages)


def _times(facts: RecordFacts) -> Iterator[Finding]:
    if len(facts.events) < 2:
        return
    days = [(_day(event.time), event.activity) for event in facts.events]
    known = [pair for pair in days if pair[0]]
    for (before, _), (after, activity) in pairwise(known):
        if after < before:
            yield remark("GD-1-5-ORDER", activity, before=before, after=after)
    for day, activity in known:
        if day > facts.today:
            yield remark("GD-1-5-FUTURE", activity, value=day, today=facts.today)


def _secrecy(facts: RecordFacts, parameters: Parameters) -> Iterator[Finding]:
    limit = parameters.secrecy_years.get(_text(facts, "security_classification"), 0)
    match = re.fullmatch(r"(\d{1,3})年", _text(facts, "secrecy_period"))
    if limit and match and int(match[1]) > limit:
        yield remark("GD-1-5-SECRECY", parameters.label("secrecy_period"), value=match[0], limit=limit)


def _day(time: str) -> str:
    match = _INSTANT.match(time)
    return "".join(match.groups()) if match else ""


def _strange(label: str, value: str) -> Iterator[Finding]:
    if value != value.strip():
        yield remark("GD-1-6-SPACE", label)
    if not _STRANGE.search(value):
        return
    if match := UNPRINTABLE.search(value):
        yield remark("GD-1-6-BROKEN", label, character=f"U+{ord(match[0]):04X}")
    if match := _UNSEEN.search(value):
        yield remark("GD-1-6-UNSEEN", label, character=f"U+{ord(match[0]):04X}")
    if match := _PRIVATE.search(value):
        yield remark("GD-1-6-PRIVATE", label, character=f"U+{ord(match[0]):04X}")
    if re.search(r"<\s*/?\s*[a-zA-Z]|&#\w+;", value):
        yield remark("GD-1-6-MARKUP", label)


def _same(rule: ElementRule | None, part: str, described: str) -> bool:
    if part == described:
        return True
    if rule and rule.data_type == "integer" and whole_number(part) is not None:
        return whole_number(part) == whole_number(described)
    return bool(rule and rule.domain) and _canonical(rule, part) == _canonical(rule, described)


def _canonical(rule: ElementRule | None, value: str) -> str:
    table = rule.domain if rule else None
    known = table.canonical.get(value, value) if table else value
    return re.sub(r"^D(\d+)$", r"\1年", known)


def _ruled(facts: RecordFacts, parameters: Parameters) -> Iterator[tuple[ElementRule, str]]:
    rules = parameters.elements
    for name, value in facts.elements.items():
        rule = rules.get(name)
        if rule is None or not value:
            continue
        if isinstance(value, str):
            yield rule, value
        else:
            yield from ((rule, one) for one in value if one)
    yield from ((rules[name], value) for _, name, value in _entities(facts) if value and name in rules)


def _entities(facts: RecordFacts) -> Iterable[tuple[str, str, str]]:
    has_any = facts.documents or facts.events or facts.agents or facts.relations or facts.signatures_described
    return described.values(facts) if has_any else ()


def _values(facts: RecordFacts) -> Iterator[tuple[str, str]]:
    for name, value in facts.elements.items():
        if isinstance(value, str):
            yield name, value
        else:
            yield from ((name, one) for one in value)


def _text(facts: RecordFacts, name: str) -> str:
    value = facts.elements.get(name, "")
    return value if isinstance(value, str) else "；".join(value)


def _own(facts: RecordFacts, name: str) -> str:
    if name == "electronic_record_code":
        return facts.electronic_record_code
    return facts.code if name == "archival_code" else ""


def _not_yet(facts: RecordFacts) -> Reason:
    return Reason.NO_METADATA if facts.has_metadata else Reason.BEFORE_DESCRIPTION


def _of_metadata(facts: RecordFacts, found: list[Finding]) -> Verdict:
    return judged(found) if found or facts.elements else absent(_not_yet(facts))
