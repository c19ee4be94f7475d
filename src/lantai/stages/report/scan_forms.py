"""The working papers of a batch of scans, gathered from its rows (DA/T 31-2017)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from lantai import forms
from lantai.core import access, beijing
from lantai.core.access import Actor
from lantai.core.digitising import RANKS, ItemState, Shape
from lantai.core.errors import Refusal
from lantai.forms import scans
from lantai.forms.report import House as Whose
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Acceptance, CatalogueRow, Item, Page, Scan, ScanBatch, StepDone
from lantai.shelves.ledger.models import Event
from lantai.stages import fonds
from lantai.stages.report import digitising as read
from lantai.standards import da_t_31

PREFIX = "scan-"
_SHAPES = {Shape.CATALOGUE_FIRST.value: "目录先行", Shape.RECOGNISE_FIRST.value: "识别后著录"}
_COLOURS = {"1": "黑白二值", "L": "灰度", "RGB": "彩色"}
_STATES = {"open": "进行中", "signed": "待第二人", "accepted": "通过", "rejected": "未通过"}


def sheet(house: House, actor: Actor, form: str, target: str) -> forms.Sheet:
    """Return the working paper *form* of the batch *target*. Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN, DIGITISE-FORM."""
    access.require(actor, "digitise:batch:read")
    batch = queries.batch(target)
    if form not in FORMS:
        raise Refusal("DIGITISE-FORM", batch.code, form=form)
    return FORMS[form](house, batch)


def _head(house: House, batch: ScanBatch) -> scans.Batch:
    totals = read.totals(batch)
    facts = (
        ("批次名称|", batch.title),
        ("所属项目", f"{batch.project.code}　{batch.project.name}"),
        ("做法", _SHAPES[batch.project.shape]),
        ("盒号", batch.box or "—"),
        ("件数与页数", f"{totals['items']} 件 {totals['pages']} 页"),
    )
    return scans.Batch(batch.code, batch.title, facts, Whose(house.settings.fonds, fonds.name_of(house)))


def _plan(house: House, batch: ScanBatch) -> forms.Sheet:
    project = batch.project
    steps = [item.label for item in da_t_31.steps(project.shape)]
    return scans.plan(
        _head(house, batch), steps=steps, scope=project.scope, excluded="\n".join([project.excluded, *_not_scanned(batch)]).strip()
    )


def _not_scanned(batch: ScanBatch) -> Iterator[str]:
    for row in CatalogueRow.objects.filter(batch=batch).exclude(not_scanned="").order_by("number"):
        yield f"目录第 {row.number} 行《{row.elements.get('title', '')}》：{row.not_scanned}"


def _approval(house: House, batch: ScanBatch) -> forms.Sheet:
    return scans.approval(_head(house, batch), reasons=[RANKS[name][1] for name in batch.reasons if name in RANKS])


def _handing(house: House, batch: ScanBatch, step: str, title: str) -> forms.Sheet:
    rows = [_item(at, row) for at, row in enumerate(_items(batch), 1)]
    rows = rows or [_listed(row) for row in CatalogueRow.objects.filter(batch=batch).order_by("number")]
    noted = StepDone.objects.filter(batch=batch, step=step).order_by("ended_at").last()
    people = read.names({noted.operator}) if noted else {}
    told = (
        f"{_at(noted.ended_at)}　经手：{people.get(noted.operator, '')}　对方：{noted.facts.get('with', '—')}　{noted.note}"
        if noted
        else ""
    )
    return scans.handing(_head(house, batch), rows, title=title, note=told)


def _items(batch: ScanBatch) -> list[Item]:
    return list(Item.objects.filter(batch=batch).exclude(state=ItemState.ERASED).select_related("catalogue").order_by("sequence"))


def _item(at: int, row: Item) -> tuple[str, ...]:
    number = str(row.values.get("document_number") or row.read.get("document_number", {}).get("value", ""))
    note = "搁置" if row.state == ItemState.ASIDE else "退扫" if row.state == ItemState.RESCAN else ""
    return (str(at), row.key, row.title, number, str(row.page_count), note)


def _listed(row: CatalogueRow) -> tuple[str, ...]:
    said = row.elements
    pages = said.get("total_number_of_pages", "")
    return (str(row.number), row.key, said.get("title", ""), said.get("document_number", ""), pages, row.not_scanned)


def _flow(house: House, batch: ScanBatch) -> forms.Sheet:
    rows = list(StepDone.objects.filter(batch=batch, item_id="").order_by("ended_at"))
    people = read.names({row.operator for row in rows})
    labels = {item.name: item.label for item in da_t_31.steps(batch.project.shape)}
    noted = [
        (
            labels.get(row.step, row.step),
            people.get(row.operator, ""),
            str(row.items or ""),
            str(row.pages or ""),
            _at(row.began_at),
            _at(row.ended_at),
            row.note,
        )
        for row in rows
    ]
    worked = [(item.step, item.operator, str(item.items or ""), str(item.pages or ""), item.pace, "") for item in read.worked(batch)]
    return scans.flow(_head(house, batch), noted, worked)


def _equipment(house: House, batch: ScanBatch) -> forms.Sheet:
    pages = list(Page.objects.filter(batch=batch, kind__in=queries.KEPT).values_list("dpi", "quality", "scan__mime"))
    noted = [row.facts["device"] for row in StepDone.objects.filter(batch=batch, step="scan") if row.facts.get("device")]
    rows = [("分辨率", f"{dpi} dpi" if dpi else "没有注明", str(count)) for dpi, count in Counter(row[0] for row in pages).most_common()]
    modes = Counter(str(row[1].get("mode", "")) for row in pages)
    rows += [("色彩模式", _COLOURS.get(mode, "未知"), str(count)) for mode, count in modes.most_common()]
    rows += [("存储格式", mime, str(count)) for mime, count in Counter(row[2] for row in pages).most_common()]
    return scans.equipment(_head(house, batch), (("扫描设备|", "、".join(dict.fromkeys(noted)) or "未登记"),), rows)


def _inspection(house: House, batch: ScanBatch) -> forms.Sheet:
    row = queries.acceptance(batch.id)
    if row is None:
        raise Refusal("DIGITISE-FORM", batch.code, form="数据验收单（还没有抽样）")
    kinds = da_t_31.defects()
    errors = [
        (kinds[name].label, str(count), "不容许有" if kinds[name].is_zero_tolerance else "计入合格率") for name, count in row.errors.items()
    ]
    people = read.names({row.drawn_by, row.first_by, row.second_by})
    facts = (
        ("抽样时间", _at(row.drawn_at)),
        ("抽样人", people.get(row.drawn_by, "")),
        ("抽检率", f"{row.percent:g}%"),
        ("样本", f"{row.sampled} 页"),
        ("种子|", row.seed),
        ("合格", f"{row.good} 页"),
        ("合格率", f"{row.good / row.sampled * 100:.1f}%" if row.sampled else "—"),
        ("第一人", f"{people.get(row.first_by, '—')}　{_at(row.first_at)}"),
        ("第二人", f"{people.get(row.second_by, '—')}　{_at(row.second_at)}"),
    )
    told = _STATES[row.state] + ("：" + "；".join(row.reasons) if row.reasons else "。")
    return scans.inspection(_head(house, batch), facts, errors, told)


def _acceptance(house: House, batch: ScanBatch) -> forms.Sheet:
    rows = list(Acceptance.objects.filter(batch=batch).order_by("id"))
    people = read.names({name for row in rows for name in (row.first_by, row.second_by)})
    rounds = [
        (
            str(at),
            _at(row.drawn_at),
            f"{row.sampled} 页",
            f"{row.good} 页",
            _STATES[row.state],
            "、".join(filter(None, (people.get(row.first_by, ""), people.get(row.second_by, "")))),
        )
        for at, row in enumerate(rows, 1)
    ]
    tallied = queries.counts(batch.id)
    left = [
        f"{name} {tallied[state]} 件" for state, name in ((ItemState.RESCAN, "退扫待补"), (ItemState.ASIDE, "搁置")) if tallied.get(state)
    ]
    totals = read.totals(batch)
    facts = (("扫描文件", f"{totals['scans']} 个"), ("字节数", str(totals["bytes"])))
    return scans.acceptance(_head(house, batch), facts, rounds, "；".join(left))


def _results(house: House, batch: ScanBatch) -> forms.Sheet:
    rows = Scan.objects.filter(batch=batch, outcome="pages").order_by("path")
    listed = [(str(at), row.path, row.mime, str(row.frames), row.sm3) for at, row in enumerate(rows, 1)]
    return scans.results(_head(house, batch), listed)


def _erasure(house: House, batch: ScanBatch) -> forms.Sheet:
    erased = Item.objects.filter(batch=batch, state=ItemState.ERASED).values_list("id", flat=True)
    rows = []
    for event in Event.objects.filter(type="digitising:erased", object_id__in=list(erased)).select_related("payload").order_by("id"):
        body = json.loads(event.payload.body)
        rows.append((f"第 {body['position']} 件", str(body["pages"]), str(body["scans"]), _at(event.instant), event.id))
    if not rows:
        raise Refusal("DIGITISE-FORM", batch.code, form="扫描件销毁证明（没有销毁过）")
    return scans.erasure(_head(house, batch), rows)


def _at(instant: datetime | None) -> str:
    return beijing.minute(instant) if instant else ""


FORMS: dict[str, Callable[[House, ScanBatch], forms.Sheet]] = {
    "scan-plan": _plan,
    "scan-approval": _approval,
    "scan-take-out": lambda house, batch: _handing(house, batch, "take_out", "档案出库交接单"),
    "scan-flow": _flow,
    "scan-equipment": _equipment,
    "scan-inspection": _inspection,
    "scan-acceptance": _acceptance,
    "scan-results": _results,
    "scan-give-back": lambda house, batch: _handing(house, batch, "give_back", "档案归还交接单"),
    "scan-media": lambda house, batch: scans.media(_head(house, batch)),
    "scan-erasure": _erasure,
}


def labels() -> dict[str, str]:
    """Return the Chinese name of every working paper, in their order."""
    return {f"{PREFIX}{name}": item.label for name, item in da_t_31.forms().items()}
