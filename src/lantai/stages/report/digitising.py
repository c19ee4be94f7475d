"""The paper line as lists and figures: projects, batches ranked by what goes first, one batch, what operators did."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BATCH_NAMES, ITEM_NAMES, ItemState, Shape, ranked, same_format
from lantai.core.events import instant_text
from lantai.core.findings import Finding
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import CatalogueRow, Item, Learned, Page, Project, Scan, ScanBatch, StepDone
from lantai.shelves.intake.models import Batch
from lantai.shelves.people.models import Account
from lantai.stages.digitise import assigning, inspecting
from lantai.standards import da_t_31

WORKER = "worker"
_PROBLEMS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Summary:
    """One batch in figures: its state in words, items and pages, items by state, steps done in words, the inspection, what is
    remarked on items (``problems``) and on the batch itself (``remarks``); ``intake`` is the code of the batch of reception that its
    accepted items went to, empty where none has."""

    batch: ScanBatch
    state: str
    items: int
    pages: int
    states: dict[str, int]
    done: tuple[str, ...]
    left: tuple[str, ...]
    sampled: int
    good: int
    undecided: int
    aside: int
    problems: tuple[tuple[int, str], ...]
    remarks: tuple[Finding, ...]
    intake: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A batch in the list: how much of it there is, how far it has come (percent), what waits, and why it goes first."""

    batch: ScanBatch
    state: str
    items: int
    pages: int
    described: int
    waiting: int
    weight: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """What one operator did of one step: items, pages, and the seconds it took."""

    step: str
    operator: str
    items: int
    pages: int
    seconds: float

    @property
    def pace(self) -> str:
        """Seconds a page in words, a dash where there is nothing to reckon with."""
        return f"{self.seconds / self.pages:.1f} 秒" if self.pages and self.seconds else "—"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the project's order: name, label, whether it is done, whether a person notes it, who did it, and who is to do it.

    ``able`` are the persons who may: (account, name, whether named for it); empty for a step of the system.
    """

    name: str
    label: str
    is_done: bool
    is_noted: bool
    by: str
    note: str
    named: tuple[str, ...] = ()
    able: tuple[tuple[str, str, bool], ...] = ()


def rows(actor: Actor, *, is_open_only: bool = True) -> tuple[Row, ...]:
    """Return the batches that *actor* may see, what goes first in front."""
    access.require(actor, "digitise:batch:read")
    found = ScanBatch.objects.select_related("project").annotate(
        item_count=Count("items", distinct=True),
        described=Count("items", distinct=True, filter=Q(items__state__in=("confirmed", "accepted", "delivered"))),
        waiting=Count("items", distinct=True, filter=Q(items__state=ItemState.PROPOSED)),
    )
    if is_open_only:
        found = found.exclude(state="closed")
    known = list(found.order_by("-opened_at")[:300])
    pages = dict(Page.objects.filter(batch__in=known, kind__in=queries.KEPT).values_list("batch").annotate(Count("id")))
    order = {item.key: item for item in ranked((row.id, row.reasons) for row in known)}
    made = [
        Row(
            row, BATCH_NAMES[row.state], row.item_count, pages.get(row.id, 0), row.described, row.waiting, order[row.id].weight,
            order[row.id].words,
        )
        for row in known
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda row: -row.weight))


def projects(actor: Actor) -> tuple[Project, ...]:
    """Return the projects, newest first."""
    access.require(actor, "digitise:batch:read")
    return tuple(Project.objects.annotate(batch_count=Count("batches")).order_by("-id"))


def summary(actor: Actor, key: str) -> Summary:
    """Return one batch in figures. Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN."""
    access.require(actor, "digitise:batch:read")
    batch = queries.batch(key)
    tallied = queries.counts(batch.id)
    stands = inspecting.standing(batch)
    done = queries.steps_done(batch)
    order = da_t_31.steps(batch.project.shape)
    return Summary(
        batch,
        BATCH_NAMES[batch.state],
        sum(tallied.values()),
        Page.objects.filter(batch=batch, kind__in=queries.KEPT).count(),
        {ITEM_NAMES[state]: tallied[state] for state in ItemState if state in tallied},
        tuple(item.label for item in order if item.name in done),
        tuple(item.label for item in order if item.name not in done),
        stands.figures.sampled,
        stands.figures.good,
        stands.figures.undecided,
        tallied.get(ItemState.ASIDE, 0),
        tuple(_problems(batch)),
        same_format(dict(Scan.objects.filter(batch=batch, outcome="pages").values_list("mime").annotate(Count("id")))),
        Batch.objects.filter(id=batch.intake_batch_id).values_list("code", flat=True).first() or "",
    )


def _problems(batch: ScanBatch) -> Iterator[tuple[int, str]]:
    for row in Item.objects.filter(batch=batch).exclude(findings=[]).order_by("-risk", "sequence")[:_PROBLEMS_SHOWN]:
        for item in row.findings:
            yield row.sequence, item["message"]


def as_json(found: Summary) -> dict[str, Any]:
    """Return the documented JSON of a batch."""
    row = found.batch
    return {
        "batch": {"id": row.id, "code": row.code, "title": row.title, "state": row.state, "project": row.project.code},
        "opened": instant_text(row.opened_at),
        "items": found.items,
        "pages": found.pages,
        "states": queries.counts(row.id),
        "steps_done": list(found.done),
        "steps_left": list(found.left),
        "inspection": {"sampled": found.sampled, "good": found.good, "undecided": found.undecided},
        "intake": found.intake,
        "problems": [{"item": number, "message": message} for number, message in found.problems],
        "remarks": [item.as_json() for item in found.remarks],
    }


def steps(batch: ScanBatch) -> tuple[Step, ...]:
    """Return the steps of a batch in its project's order, with who did what last."""
    done = queries.steps_done(batch)
    noted = {row.step: row for row in StepDone.objects.filter(batch=batch, item_id="").order_by("ended_at")}
    people = names({row.operator for row in noted.values()})
    able = {step: _able(batch, step) for step in assigning.NEEDED}
    return tuple(
        Step(
            item.name, item.label, item.name in done, item.actor == "person" and item.name in ("take_out", "prepare", "scan", "give_back"),
            people.get(noted[item.name].operator, "") if item.name in noted else "", noted[item.name].note if item.name in noted else "",
            tuple(name for _, name, is_named in able.get(item.name, ()) if is_named), able.get(item.name, ()),
        )
        for item in da_t_31.steps(batch.project.shape)
    )  # fmt: skip


def _able(batch: ScanBatch, step: str) -> tuple[tuple[str, str, bool], ...]:
    """Return who may do a step, those named for it first; whoever was named and may not any more is left out."""
    named = assigning.persons(batch).get(step, [])
    rows = [(row.id, row.name, row.id in named) for row in assigning.able(step)]
    return tuple(sorted(rows, key=lambda row: not row[2]))


def names(account_ids: set[str]) -> dict[str, str]:
    """Return the names of accounts by id; the worker is 系统."""
    return dict(Account.objects.filter(id__in=account_ids).values_list("id", "name")) | {WORKER: "系统"}


def worked(batch: ScanBatch | None = None) -> tuple[Worked, ...]:
    """Return what was done of each step by each operator, in one batch or in all of them."""
    rows = list(StepDone.objects.filter(batch=batch) if batch else StepDone.objects.exclude(operator=WORKER))
    people = names({row.operator for row in rows})
    labels = {item.name: item.label for item in da_t_31.steps(batch.project.shape if batch else Shape.CATALOGUE_FIRST)}
    items, pages, spent = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        key = (row.step, row.operator)
        items[key] += row.items
        pages[key] += row.pages
        spent[key] += max(row.ended_at - row.began_at, timedelta()).total_seconds()  # type: ignore[assignment]
    order = list(labels)
    keys = sorted(pages, key=lambda key: (order.index(key[0]) if key[0] in order else 99, key[1]))
    return tuple(
        Worked(labels.get(step, step), people.get(who, who), items[step, who], pages[step, who], spent[step, who]) for step, who in keys
    )


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not come out even: rows of the catalogue without scans, scans that were refused, and items set aside."""

    rows: tuple[CatalogueRow, ...]
    refused: tuple[Scan, ...]


def missing(batch: ScanBatch) -> Missing:
    """Return what of a batch's catalogue has no scan, and which files were not taken."""
    unscanned = CatalogueRow.objects.filter(batch=batch, items=None).exclude(elements={}).order_by("number")
    return Missing(
        tuple(unscanned[:200]), tuple(Scan.objects.filter(batch=batch, outcome__in=("refused", "duplicate")).order_by("path")[:200])
    )


def totals(batch: ScanBatch) -> dict[str, int]:
    """Return items, pages, scans and bytes of a batch."""
    sums = Scan.objects.filter(batch=batch, outcome="pages").aggregate(count=Count("id"), size=Sum("size_bytes"))
    return {
        "items": Item.objects.filter(batch=batch).exclude(state=ItemState.ERASED).count(),
        "pages": Page.objects.filter(batch=batch, kind__in=queries.KEPT).count(),
        "scans": sums["count"] or 0,
        "bytes": sums["size"] or 0,
    }


@dataclass(frozen=True, slots=True)
class Taught:
    """One line of what was learned: kind in words, value, how often, which batches it came from (first, last), retired by whom."""

    row: Learned
    kind: str
    sources: tuple[tuple[str, str], ...]
    retired_by: str


TAUGHT_KINDS = {
    "body": "机构",
    "number_code": "机关代字",
    "department": "归到哪个机构（问题）",
    "receiver": "主送",
    "keyword": "关键词",
    "person": "人名",
}
_TAUGHT_SHOWN = 500


def taught(actor: Actor, kind: str = "", words: str = "") -> tuple[Taught, ...]:
    """Return what accepted records taught, most often seen first, the retired last. Refusals: ACCESS-REFUSED."""
    access.require(actor, "digitise:batch:read")
    found = Learned.objects.filter(**({"kind": kind} if kind else {}), value__contains=words)
    rows = list(found.order_by(F("retired_at").asc(nulls_first=True), "-count", "value")[:_TAUGHT_SHOWN])
    people = names({row.retired_by for row in rows})
    codes = dict(
        ScanBatch.objects.filter(id__in={key for row in rows for key in (row.first_batch, row.last_batch)}).values_list("id", "code")
    )
    return tuple(
        Taught(
            row,
            TAUGHT_KINDS.get(row.kind, row.kind),
            tuple((key, codes[key]) for key in dict.fromkeys((row.first_batch, row.last_batch)) if key in codes),
            people.get(row.retired_by, ""),
        )
        for row in rows
    )
