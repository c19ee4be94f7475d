"""What the arrival gate found in a batch: the four cards, one line an item, and the evidence behind a line."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from lantai.core.access import Actor
from lantai.core.checks.outcomes import GATE_NAMES, Gate, Property
from lantai.core.codes import CODES
from lantai.core.lifecycle import State
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Batch, Report
from lantai.shelves.reports import queries as kept
from lantai.shelves.reports.queries import body
from lantai.stages.report import returns, scope
from lantai.stages.report.returns import Returned

ORDER = {"fail": 0, "error": 1, "manual": 2, "warn": 3, "pass": 4, "not_applicable": 5}
NEEDS_PERSON = ("manual",)
FAILED = ("fail", "error")
MOST_LINES = 2000
KEPT = 24
SAME = 3
NAMED = 12
SHOWN_GROUPS = 5
_NAMED = re.compile(r"[“「《]?\{\w+\}[”」》]?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: an item as it came out for a record, or (``record_id`` empty) for all records it held for."""

    key: str
    outcome: str
    aspect: str
    item: str
    code: str
    name: str
    subject: str
    record_id: str
    message: str
    affected: int
    records: tuple[str, ...] = ()
    finding: str = ""
    is_settled: bool = False

    @property
    def number(self) -> str:
        """The item's number, the same at every gate."""
        return self.item.partition(".")[2]

    @property
    def is_of_batch(self) -> bool:
        """True where the line speaks of the batch as a whole."""
        return self.key == f"{self.item}@" and self.outcome != "pass"


@dataclass(frozen=True, slots=True)
class Card:
    """One of the four properties: how many items held for all, failed for some, or wait for a person; ``untested`` are those of the
    failed that could not be run at all."""

    aspect: str
    passed: int
    failed: int
    manual: int
    untested: int = 0

    @property
    def broken(self) -> int:
        """Items that were run and did not hold."""
        return self.failed - self.untested

    @property
    def total(self) -> int:
        """Items that were run."""
        return self.passed + self.failed + self.manual


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All lines of a batch, worst first, its four cards, and which scheme and when."""

    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    scheme: str
    skipped: int
    is_cut: bool

    @property
    def failing(self) -> int:
        """How many lines did not pass."""
        return sum(line.outcome in FAILED and not line.is_settled for line in self.lines)

    @property
    def waiting(self) -> int:
        """How many lines need a person."""
        return sum(line.outcome in (*FAILED, *NEEDS_PERSON) and not line.is_settled for line in self.lines)


@dataclass(frozen=True, slots=True)
class Pair:
    """A declared value beside the actual one."""

    label: str
    declared: str
    actual: str

    @property
    def differs(self) -> bool:
        """True where the two are not the same."""
        return self.declared.lower() != self.actual.lower()

    @property
    def declared_count(self) -> int | None:
        """The declared value as a number."""
        return int(self.declared) if self.declared.isdigit() else None

    @property
    def actual_count(self) -> int | None:
        """The actual value as a number."""
        return int(self.actual) if self.actual.isdigit() else None

    @property
    def declared_groups(self) -> tuple[tuple[str, bool], ...]:
        """The declared digest in groups of four, each with whether it is the same as the actual one."""
        return _groups(self.declared.lower(), self.actual.lower())

    @property
    def declared_shown(self) -> tuple[tuple[str, bool], ...]:
        """The groups of the declared digest that a line has room for: those around the first that differs."""
        return self.declared_groups[self._shown]

    @property
    def actual_shown(self) -> tuple[tuple[str, bool], ...]:
        """The same groups of the actual digest."""
        return self.actual_groups[self._shown]

    @property
    def _shown(self) -> slice:
        differing = next((at for at, (_, same) in enumerate(self.declared_groups) if not same), 0)
        first = max(0, differing - SHOWN_GROUPS + 2)
        return slice(first, first + SHOWN_GROUPS)

    @property
    def actual_groups(self) -> tuple[tuple[str, bool], ...]:
        """The actual digest in groups of four, each with whether it is the same as the declared one."""
        return _groups(self.actual.lower(), self.declared.lower())


def _groups(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    return tuple((text[at : at + 4], text[at : at + 4] == other[at : at + 4]) for at in range(0, len(text), 4))


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """A file under suspicion: what the sender declared of it beside what was computed here."""

    id: str
    name: str
    mime: str
    page_count: int | None
    pairs: tuple[Pair, ...]

    @property
    def is_pictured(self) -> bool:
        """True where its first page can be drawn: it has pages, and is of a kind that is drawn as it is."""
        return bool(self.page_count) and (self.mime == "application/pdf" or "image" in self.mime or "ofd" in self.mime)

    @property
    def differs(self) -> bool:
        """True where anything declared of the file is not what came."""
        return any(pair.differs for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a line: the record, the findings, the files, when it was checked."""

    line: Line
    record: Record | None
    findings: tuple[dict[str, str], ...]
    files: tuple[FileEvidence, ...]
    checked_at: datetime | None
    other_lines: tuple[Line, ...]
    reason: str
    is_returnable: bool
    named: tuple[tuple[str, str], ...] = ()
    story: tuple[Returned, ...] = ()


@dataclass(slots=True)
class _Item:
    """Counting of one item over the reports of a batch."""

    row: dict[str, Any]
    passed: int = 0
    skipped: int = 0
    lines: list[Line] = field(default_factory=list)


_kept: OrderedDict[tuple[str, int, str, frozenset[str]], Verdicts] = OrderedDict()


def verdicts(batch_id: str) -> Verdicts:
    """Return what the arrival gate found. Reports never change, so the answer is kept until another report is added."""
    reports = Report.objects.filter(batch_id=batch_id, gate="arrival")
    last = reports.order_by("-id").values_list("id", flat=True).first() or ""
    settled = _settled(batch_id)
    key = (batch_id, reports.count(), last, settled)
    if key not in _kept:
        _kept[key] = _gather(batch_id, settled)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return _kept[key]


def evidence(actor: Actor, batch_id: str, key: str) -> Evidence | None:
    """Return what stands behind the line *key* of a batch, or None where there is no such line."""
    found = verdicts(batch_id)
    line = next((each for each in found.lines if each.key == key), None)
    if line is None:
        return None
    record = scope.records(actor).filter(id=line.record_id).first() if line.record_id else None
    subject = line.record_id or next(iter(line.records), batch_id)
    report = Report.objects.filter(subject_id=subject, gate="arrival").order_by("-created_at").first()
    items: list[dict[str, Any]] = body(report).get("items", []) if report else []
    row = next((item for item in items if item["id"] == line.item), {})
    findings = row.get("findings", ())
    told = scope.in_words(actor, [item["message"] for item in findings])
    others = tuple(each for each in found.lines if line.record_id and each.record_id == line.record_id and each.key != key)
    return Evidence(
        in_words(actor, (line,))[0],
        record,
        tuple(item | {"message": message} for item, message in zip(findings, told, strict=True)),
        _files(record) if record else (),
        report.created_at if report else None,
        others,
        str(row.get("reason", "")),
        bool(record and record.state in ("described", "arranged") and not record.hold),
        tuple(_called(scope.records(actor).filter(id__in=line.records[:NAMED])).items()),
        returns.story(actor, record) if record else (),
    )


def in_words(actor: Actor, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return *lines* with the records that their messages point at put as what people know them by."""
    told = scope.in_words(actor, [line.message for line in lines])
    return tuple(replace(line, message=message) for line, message in zip(lines, told, strict=True))


def _settled(batch_id: str) -> frozenset[str]:
    """Return the records that nobody has to decide on any more: what the gate said of them stays, and asks for nothing."""
    gone = Record.objects.filter(batch_id=batch_id, state__in=(State.RETURNED, State.DISCARDED))
    return frozenset(gone.values_list("id", flat=True))


def _gather(batch_id: str, settled: frozenset[str]) -> Verdicts:
    latest: dict[str, Report] = {}
    for report in Report.objects.filter(batch_id=batch_id, gate="arrival").order_by("created_at").iterator(chunk_size=500):
        latest[report.subject_id] = report
    titles = _called(Record.objects.filter(batch_id=batch_id))
    total = Batch.objects.filter(id=batch_id).values_list("record_count", flat=True).first() or len(titles)
    items = _count(latest.values(), titles, settled)
    lines = [line for item in items.values() for line in (*_together(item), *_held(item, total))]
    lines.sort(
        key=lambda line: (line.is_settled, ORDER.get(line.outcome, 9), list(Property).index(Property(line.aspect)), line.item, line.subject)
    )
    scheme = next((str(body(report).get("scheme", "")) for report in latest.values()), "")
    skipped = sum(1 for item in items.values() if not item.passed and not item.lines)
    return Verdicts(tuple(lines[:MOST_LINES]), _cards(items.values()), _scheme_words(scheme), skipped, len(lines) > MOST_LINES)


def _scheme_words(scheme: str) -> str:
    """Return a scheme as people call it: the standard, the edition, the gate."""
    name, _, gate = scheme.rpartition(" ")
    return f"{name} {GATE_NAMES[Gate(gate)]}" if gate in set(Gate) else scheme


def _called(rows: QuerySet[Record]) -> dict[str, str]:
    """Return what each record is called: its title, or the name it came under."""
    titles = dict(rows.values_list("id", "title"))
    return titles | scope.untitled_of([key for key, title in titles.items() if not title])


def _count(reports: Iterable[Report], titles: dict[str, str], settled: frozenset[str]) -> dict[str, _Item]:
    items: dict[str, _Item] = {}
    for those, rows in kept.items(reports):
        for row in rows:
            item = items.setdefault(row["id"], _Item(row))
            if row["outcome"] == "pass":
                item.passed += len(those)
            elif row["outcome"] == "not_applicable":
                item.skipped += len(those)
            else:
                item.lines += [_line_of(report, row, titles, settled) for report in those]
    return items


def _line_of(report: Report, row: dict[str, Any], titles: dict[str, str], settled: frozenset[str]) -> Line:
    is_record = report.subject_kind == "record"
    line = _line(row, report.subject_id if is_record else "", titles.get(report.subject_id, "") if is_record else "本批次")
    return replace(line, is_settled=report.subject_id in settled)


def _line(row: dict[str, Any], record_id: str, subject: str) -> Line:
    findings = row.get("findings", ())
    message = "".join(item["message"] for item in findings[:3])
    return Line(
        f"{row['id']}@{record_id}",
        row["outcome"],
        row["property"],
        row["id"],
        row["code"],
        row["name"],
        subject,
        record_id,
        message or _said(str(row.get("reason", ""))),
        1,
        finding=findings[0]["code"] if findings else "",
    )


def _said(reason: str) -> str:
    """Return what persons said of an item in which nothing was found by the machine."""
    how, _, who = reason.partition(":")
    words = {"answered": f"{who} 判定不符合", "accepted": f"{who} 说明接受，结果仍是不通过"}
    return words.get(how, "需要人看一看")


def _together(item: _Item) -> tuple[Line, ...]:
    """Return the lines of an item; where many records got the very same remark, one line says it for all of them."""
    same: dict[tuple[str, bool, str], list[Line]] = {}
    for line in item.lines:
        same.setdefault((line.outcome, line.is_settled, _gist(line)), []).append(line)
    found: list[Line] = []
    for at, ((_, _, gist), lines) in enumerate(same.items()):
        ids = tuple(line.record_id for line in lines if line.record_id)
        together = replace(
            lines[0], key=f"{lines[0].item}@+{at}", subject=f"{len(ids)} 件", message=gist, record_id="", affected=len(ids), records=ids
        )
        found += [together] if len(ids) >= SAME else lines
    return tuple(found)


def _gist(line: Line) -> str:
    """Return what a line says without naming files, where the check could not be run: that is the same for every record."""
    row = CODES.get(line.finding) if line.outcome == "error" else None
    return _NAMED.sub("", row.text).strip() if row else line.message


def _held(item: _Item, total: int) -> tuple[Line, ...]:
    """Return the line of an item that held: for how many records, or for the batch as a whole."""
    if not item.passed:
        return ()
    row, count = item.row, item.passed
    subject = f"{'其余' if item.lines else '本批次'} {count} 件" if count > 1 or total == 1 else "本批次"
    return (Line(f"{row['id']}@", "pass", row["property"], row["id"], row["code"], row["name"], subject, "", "符合", count),)


def _cards(items: Iterable[_Item]) -> tuple[Card, ...]:
    counts = {each.value: [0, 0, 0, 0] for each in Property}
    for item in items:
        outcomes = {line.outcome for line in item.lines if not line.is_settled}
        if outcomes & set(FAILED):
            counts[item.row["property"]][1] += 1
            counts[item.row["property"]][3] += not outcomes & {"fail"}
        elif outcomes & set(NEEDS_PERSON):
            counts[item.row["property"]][2] += 1
        elif item.passed or item.lines:
            counts[item.row["property"]][0] += 1
    return tuple(Card(name, *row) for name, row in counts.items())


def _files(record: Record) -> tuple[FileEvidence, ...]:
    declared = record.arrival.get("declared", {})
    rows = ComputerFile.objects.filter(record=record).order_by("document__sequence", "sequence")
    return tuple(FileEvidence(row.id, row.name, row.mime, row.page_count, _pairs(row, declared.get(row.id, {}))) for row in rows)


def _pairs(row: ComputerFile, declared: dict[str, str]) -> tuple[Pair, ...]:
    """Set what the sender declared beside what was computed; only what was declared is compared."""
    pairs = []
    for algorithm, label in (("sm3", "SM3"), ("sha256", "SHA-256")):
        if declared.get(algorithm):
            pairs.append(Pair(label, declared[algorithm], getattr(row, algorithm)))
    if any(pair.differs for pair in pairs):
        pairs = [next(pair for pair in pairs if pair.differs)]
    if size := declared.get("size_bytes", ""):
        pairs.append(Pair("字节数", str(size), str(row.size_bytes)))
    return tuple(pairs)


def as_json(batch_id: str) -> dict[str, Any]:
    """Return every report of a batch at the arrival gate as one document: the batch's own first, then record by record."""
    reports = Report.objects.filter(batch_id=batch_id, gate="arrival").order_by("subject_kind", "created_at")
    return {"gate": "arrival", "reports": [body(report) | {"kind": report.subject_kind, "id": report.subject_id} for report in reports]}
