"""What goes on paper: the facts of each form, gathered within what the actor may see. The forms themselves stand in ``lantai.forms``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from lantai import forms
from lantai.core import beijing
from lantai.core.access import Actor
from lantai.core.checks import PROPERTY_NAMES, Gate, Property
from lantai.core.errors import Refusal
from lantai.forms import lists, registers
from lantai.forms import report as reports
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, NumberRange, Record
from lantai.shelves.intake.models import Batch
from lantai.shelves.ledger import entries
from lantai.stages import fonds
from lantai.stages.printed import foot
from lantai.stages.report import batches, held, receipts, scan_forms, scope, summary, verdicts, volumes
from lantai.standards import da_t_70

OUTCOMES = {"pass": "通过", "fail": "不通过", "warn": "有提示", "manual": "待人工", "error": "未能执行"}
ARRIVALS = {"duplicate": "重复，未再收", "quarantined": "疑似涉密，已隔离", "refused": "未收"}
CATEGORIES = {"WS": "文书档案（WS）"}
GLOSSES = {"authenticity": "确实是它，没有被改过", "integrity": "该有的都有", "usability": "打得开、读得懂", "security": "无病毒、过程可控"}
MOST_UNRECEIVED = 5000


@dataclass(frozen=True, slots=True)
class Printed:
    """A form as it was made: its name for a file, and its bytes (PDF/A-2b)."""

    name: str
    content: bytes


def make(house: House, actor: Actor, form: str, target: str) -> Printed:
    """Make a form about a batch, a record or a class of codes, and note in the ledger that it was printed.

    Raises Refusal FORM-UNKNOWN, FORM-TARGET-UNKNOWN, or what the gathering refuses.
    """
    known = (*FORMS, *volumes.FORMS, *scan_forms.FORMS)
    if form not in known:
        raise Refusal("FORM-UNKNOWN", form, known="、".join(known))
    now = house.clock.now()
    sheet = _sheet(house, actor, form, target)
    content = forms.pdf(sheet, foot(actor, now))
    with transaction.atomic():
        told = {"form": form, "range": sheet.range, "digest": sheet.digest()}
        entries.append(now, [entries.Entry("form:printed", actor.id, target[:26], told)], ids=house.ids)
    return Printed(f"{sheet.title}-{sheet.range}.pdf".replace("/", "_"), content)


def _sheet(house: House, actor: Actor, form: str, target: str) -> forms.Sheet:
    if form in FORMS:
        return FORMS[form][1](house, actor, target)
    if form in volumes.FORMS:
        return volumes.sheet(house, actor, form, target)
    return scan_forms.sheet(house, actor, form, target)


def of_report(house: House | None, report: Mapping[str, Any]) -> forms.Sheet:
    """Return the 检测报告 of one report; without a house it bears no agency."""
    own = _house(house) if house else reports.House()
    return reports.check_report(report, house=own, reasons=da_t_70.reasons())


def _house(house: House) -> reports.House:
    return reports.House(house.settings.fonds, fonds.name_of(house))


# --- reports


def _report(house: House, actor: Actor, target: str) -> forms.Sheet:
    """The report of a batch on arrival, or the newest report of a record: preservation, archiving, arrival."""
    if Batch.objects.filter(code=target).exists() or Batch.objects.filter(id=target).exists():
        return _batch_report(house, actor, target)
    for gate in (Gate.ARCHIVING, Gate.ARRIVAL):
        try:
            return of_report(house, _named(summary.report_of(house, actor, target, gate=gate)))
        except Refusal as refused:
            if refused.code != "CHECK-NOT-DONE":
                raise
    raise Refusal("CHECK-NOT-DONE", target)


def _named(report: dict[str, Any]) -> dict[str, Any]:
    """Give the subject of a report the code and title of today, where it was checked before it had them."""
    row = Record.objects.filter(id=report["subject"]["id"]).first()
    if row is None:
        return report
    subject = report["subject"]
    return report | {"subject": subject | {"code": subject["code"] or row.code, "title": subject["title"] or row.title}}


def _batch_report(house: House, actor: Actor, target: str) -> forms.Sheet:
    view = batches.batch(actor, target)
    found = verdicts.verdicts(view.row.id)
    sums = "，".join(f"{summary.OUTCOME_NAMES.get(item.outcome, item.outcome)} {item.files}" for item in view.sums)
    received = beijing.minute(view.created_at)
    told = reports.BatchReport(
        code=view.row.code,
        facts=(
            ("批次名称|", view.row.title),
            ("移交人", view.submitter), ("移交部门", view.row.department_name or "—"), ("送来时间", received),
            ("件数", f"{view.row.records} 件"), ("字节数", str(view.size_bytes)), ("收到文件", f"{view.in_files} 个"),
            ("去向|", sums), ("检测方案|", found.scheme),
        ),
        summary=tuple(
            (PROPERTY_NAMES[Property(card.aspect)], GLOSSES[card.aspect], str(card.passed), str(card.failed), str(card.manual))
            for card in found.cards
        ),
        lines=tuple(_line(line) for line in verdicts.in_words(actor, found.lines)),
        unreceived=_unreceived(actor, view.row.id),
        is_cut=found.is_cut,
        is_trial=house.settings.kind == "trial",
    )  # fmt: skip
    return reports.batch_report(told, house=_house(house))


def _unreceived(actor: Actor, batch_id: str) -> tuple[tuple[str, str, str], ...]:
    rows = batches.unreceived(batch_id, limit=MOST_UNRECEIVED, actor=actor)
    return tuple((ARRIVALS.get(row.outcome, row.outcome), row.path, row.message) for row in rows)


def _line(line: verdicts.Line) -> tuple[str, str, str, str, str, str, str]:
    aspect = PROPERTY_NAMES[Property(line.aspect)]
    return (OUTCOMES.get(line.outcome, line.outcome), aspect, line.code, line.name, line.subject, line.message, str(line.affected))


def _receipt(house: House, actor: Actor, target: str) -> forms.Sheet:
    told = receipts.receipt(house, actor, target)
    batch = told["batch"]
    facts = (
        ("批次名称|", batch["title"]),
        ("移交人", batch["submitter"]),
        ("移交部门", batch["department_name"] or "—"),
        ("送来时间", _instant(batch["received"])),
        ("接收时间", _instant(batch["accepted"])),
        ("接收人", batch["accepted_by"] or "—"),
        ("还在判定", f"{len(told['waiting'])} 件"),
        ("接替批次|", "、".join(batch["predecessors"]) or "—"),
    )
    accepted = tuple((row["code"], row["title"], row["document_number"]) for row in told["accepted"])
    returned = tuple(_returned(row) for row in told["returned"])
    return registers.receipt(batch["code"], facts, accepted, returned, house=_house(house))


def _returned(row: Mapping[str, Any]) -> registers.Returned:
    evidence = "".join(item["message"] for item in row["findings"])
    deadline = row["deadline"]
    day = f"{deadline[:4]}年{int(deadline[4:6])}月{int(deadline[6:])}日" if deadline else "—"
    return registers.Returned(row["title"], row["document_number"], "；".join(row["reasons"]), row["message"], day, evidence)


def _instant(text: str) -> str:
    return reports.instant(text)


# --- classes of codes


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of codes with its archived or numbered records in order."""

    name: str
    rows: tuple[Record, ...]

    @property
    def range(self) -> str:
        return f"{self.rows[0].code}—{self.rows[-1].code.rpartition('-')[2]}" if len(self.rows) > 1 else self.rows[0].code

    def words(self, departments: Mapping[str, str]) -> str:
        first = self.rows[0]
        codes = list(dict.fromkeys(row.department for row in self.rows))
        named = "、".join(departments.get(code, code) for code in codes[:3]) + (" 等" if len(codes) > 3 else "")
        return f"年度：{first.year}　机构（问题）：{named}　保管期限：{retention(first.retention)}"


def retention(code: str) -> str:
    """Return the name of a retention code: 永久, 30年."""
    return "永久" if code == "Y" else f"{code[1:]}年" if code.startswith("D") else code


def _class(actor: Actor, target: str) -> _Class:
    """Return what *target* names: a scope of codes, a sealed range by its id, or a batch with its numbered records."""
    seen = scope.records(actor).exclude(code="")
    batch = Batch.objects.filter(code=target).first()
    if batch is not None:
        rows = seen.filter(batch_id=batch.id)
    elif (sealed := NumberRange.objects.filter(id=target).first()) is not None:
        rows = seen.filter(codes__scope=sealed.scope, codes__item_number__range=(sealed.first, sealed.last), codes__valid_to="")
    else:
        rows = seen.filter(codes__scope=target, codes__valid_to="")
    found = tuple(rows.distinct().order_by("code"))
    if not found:
        raise Refusal("FORM-TARGET-UNKNOWN", target)
    return _Class(target, found)


def scope_of(record_id: str) -> str:
    """Return the class of codes that a record's code in force belongs to, empty where it has none."""
    codes = ArchivalCode.objects.filter(record_id=record_id, kind="agency", valid_to="")
    return codes.values_list("scope", flat=True).first() or ""


def _rows(rows: tuple[Record, ...]) -> tuple[lists.Row, ...]:
    return tuple(
        lists.Row(
            row.code.rpartition("-")[2],
            row.author,
            row.document_number,
            row.title,
            row.document_date,
            str(row.page_count or ""),
            "",
            row.code,
        )
        for row in rows
    )


def _file_list(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    return lists.file_list(_rows(found.rows), house=_house(house), scope=(found.words(scope.classed()), found.range))


def _cover(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    told = _counted(found)
    facts = (
        ("全宗号", house.settings.fonds),
        ("全宗名称", fonds.name_of(house) or "—"),
        ("档案门类", told.category),
        ("年度", told.years),
        ("保管期限", told.retention),
        ("机构（问题）", told.department),
        ("起止档号", found.range),
        ("件数", f"{told.records} 件，{registers.paged(told.pages)}"),
    )
    return lists.cover(facts, house=_house(house), scope=("", found.range))


def _handover_list(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    return lists.handover_list(_rows(found.rows), house=_house(house), scope=(found.words(scope.classed()), found.range))


def _remarks(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    counted = _counted(found)
    facts = (("起止档号|", found.range), ("件数", f"{counted.records} 件"), ("页数", registers.paged(counted.pages)))
    return lists.remarks_sheet(facts, "", house=_house(house), scope=(found.words(scope.classed()), found.range))


def _counted(found: _Class) -> registers.Counted:
    ids = [row.id for row in found.rows]
    sums = (
        ComputerFile.objects.filter(record_id__in=ids).exclude(representation="text").aggregate(files=Count("id"), size=Sum("size_bytes"))
    )
    departments = scope.classed()
    return registers.Counted(
        name=found.name,
        range=found.range,
        records=len(ids),
        files=sums["files"] or 0,
        size_bytes=sums["size"] or 0,
        pages=sum(row.page_count or 0 for row in found.rows),
        years="、".join(sorted({row.year for row in found.rows})),
        category="、".join(CATEGORIES.get(code, code) for code in sorted({row.category for row in found.rows})),
        retention="、".join(retention(code) for code in sorted({row.retention for row in found.rows})),
        department="、".join(departments.get(code, code) for code in sorted({row.department for row in found.rows})),
    )


def _held(found: _Class) -> tuple[registers.Checked, tuple[registers.Digests, ...]]:
    return held.checked([row.id for row in found.rows], Gate.ARCHIVING), held.digests(found.rows)


def _filing_register(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    last = max((row.archived_at for row in found.rows if row.archived_at), default=None)
    ways = ("在线归档", beijing.minute(last) if last else "尚未入库")
    return registers.filing_register(
        _counted(found),
        *_held(found),
        house=_house(house),
        ways=ways,
    )


def _transfer_register(house: House, actor: Actor, target: str) -> forms.Sheet:
    found = _class(actor, target)
    parties = (fonds.name_of(house) or "—", "")
    return registers.transfer_register(
        _counted(found),
        *_held(found),
        house=_house(house),
        parties=parties,
    )


FORMS: dict[str, tuple[str, Callable[[House, Actor, str], forms.Sheet]]] = {
    "report": ("检测报告", _report),
    "receipt": ("接收回执", _receipt),
    "filing-register": ("归档登记表", _filing_register),
    "transfer-register": ("电子档案移交与接收登记表", _transfer_register),
    "file-list": ("归档文件目录", _file_list),
    "cover": ("目录封面", _cover),
    "handover-list": ("移交清单", _handover_list),
    "remarks": ("备考表", _remarks),
}
