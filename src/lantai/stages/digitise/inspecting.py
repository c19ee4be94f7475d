"""质检: a seeded sample drawn over the pages of a batch, verdicts page by page, one step back, and items sent back to the scanner."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BATCH_NAMES, ITEM_NAMES, BatchState, Figures, ItemState, Verdict, judge, sample
from lantai.core.digitising.sampling import Judged
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Acceptance, Item, Page, ScanBatch, StepDone
from lantai.shelves.ledger import entries
from lantai.standards import da_t_31

_SLICE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """How the inspection of a batch stands: its acceptance, the figures of the sample, whether it would pass, errors by kind."""

    acceptance: Acceptance | None
    figures: Figures
    judged: Judged
    errors: dict[str, int]


def draw(house: House, actor: Actor, batch_id: str) -> Acceptance:
    """Draw the sample of a batch: its share of the pages, at least the least number, some of every box, year and kind of remark.

    Refusals: ACCESS-REFUSED, DIGITISE-STATE; DIGITISE-UNDECIDED where items are not described yet.
    """
    access.require(actor, "digitise:page:inspect")
    batch = queries.batch(batch_id)
    if batch.state == BatchState.CLOSED:
        raise Refusal("DIGITISE-STATE", batch.code, state=BATCH_NAMES[batch.state], act="抽样")
    tallied = queries.counts(batch.id)
    waiting = sum(tallied.get(state, 0) for state in (ItemState.RECEIVED, ItemState.PROCESSED, ItemState.PROPOSED))
    if waiting or not tallied.get(ItemState.CONFIRMED):
        raise Refusal("DIGITISE-UNDECIDED", f"还有 {waiting} 件没有著录完" if waiting else "没有已著录的件")
    now, seed = house.clock.now(), house.ids.new()
    strata = {
        row["id"]: f"{row['item__values__year']}|{row['item__values__retention_period']}|{bool(row['defects'])}"
        for row in _pages(batch.id).values("id", "item__values__year", "item__values__retention_period", "defects")
    }
    chosen = sample(seed, strata, percent=batch.project.sample_percent, least=house.settings.sample_least)
    row = Acceptance(
        id=house.ids.new(),
        batch=batch,
        seed=seed,
        percent=batch.project.sample_percent,
        sampled=len(chosen),
        drawn_by=actor.id,
        drawn_at=now,
    )
    with transaction.atomic():
        Acceptance.objects.filter(batch=batch, state__in=("open", "signed")).update(state="rejected", reasons=["重新抽样"])
        Page.objects.filter(batch=batch, is_sampled=True).update(is_sampled=False)
        for at in range(0, len(chosen), _SLICE):
            Page.objects.filter(id__in=chosen[at : at + _SLICE]).update(is_sampled=True)
        row.save(force_insert=True)
        told = {"seed": seed, "percent": row.percent, "pages": len(strata), "sampled": len(chosen), "strata": len(set(strata.values()))}
        entries.append(now, [entries.Entry("digitising:sampled", actor.id, batch.id, told)], ids=house.ids)
    return row


def verdict(house: House, actor: Actor, page_id: str, said: str, *, error: str = "") -> Page:
    """Judge a page: 合格, 退扫 with the kind of error, 待议; an empty verdict takes the last one back.

    A page sent back takes its item back to the scanner. Refusals: ACCESS-REFUSED, DIGITISE-PAGE-UNKNOWN, DIGITISE-STATE,
    DIGITISE-VERDICT.
    """
    access.require(actor, "digitise:page:inspect")
    page = queries.page(page_id)
    if page.item is None or page.item.state not in (ItemState.PROPOSED, ItemState.CONFIRMED):
        raise Refusal("DIGITISE-STATE", page.batch.code, state=ITEM_NAMES[page.item.state] if page.item else "分隔页", act="判定")
    if said and (said not in set(Verdict) or (said == Verdict.RESCAN and error not in da_t_31.defects())):
        raise Refusal("DIGITISE-VERDICT", said)
    now = house.clock.now()
    judged = {
        "verdict": said,
        "error": error if said != Verdict.GOOD else "",
        "judged_by": actor.id if said else "",
        "judged_at": now if said else None,
    }
    with transaction.atomic():
        Page.objects.filter(id=page.id).update(version=F("version") + 1, **judged)
        _void(page.batch)
        told = {"page": page.sequence, "verdict": said, "error": judged["error"], "before": page.verdict}
        entries.append(now, [entries.Entry("digitising:judged", actor.id, page.id, told)], ids=house.ids)
        if said:
            StepDone.objects.create(
                id=house.ids.new(), batch=page.batch, item_id=page.item_id or "", step="inspect", operator=actor.id, began_at=now,
                ended_at=now, pages=1, facts={"verdict": said, "error": error},
            )  # fmt: skip
    return queries.page(page_id)


def judge_rest(house: House, actor: Actor, batch_id: str) -> int:
    """Judge every page of the sample good that has no verdict yet, as who has looked at all of them does; return how many.

    Refusals as for :func:`verdict`.
    """
    pages = list(_pages(batch_id).filter(is_sampled=True, verdict="").order_by("id").values_list("id", flat=True))
    for page_id in pages:
        verdict(house, actor, page_id, Verdict.GOOD)
    return len(pages)


def sampled(batch_id: str) -> Sequence[Page]:
    """Return the pages of the sample in order, with item and scan."""
    return list(_pages(batch_id).filter(is_sampled=True).select_related("item", "scan").order_by("item__sequence", "sequence"))


def page_at(batch_id: str, item: int, page: int) -> Page:
    """Return a page by the place of its item in the batch and its own place in that, from 1. Raises Refusal DIGITISE-PAGE-UNKNOWN."""
    found = _pages(batch_id).filter(item__sequence=item, sequence=page).first()
    if found is None:
        raise Refusal("DIGITISE-PAGE-UNKNOWN", f"{item}-{page}")
    return found


def send_back(house: House, actor: Actor, batch_id: str) -> int:
    """Send every item with a page judged 退扫 back to the scanner; return how many. Its description is kept."""
    access.require(actor, "digitise:page:inspect")
    batch, now = queries.batch(batch_id), house.clock.now()
    rows = Item.objects.filter(batch=batch, pages__verdict=Verdict.RESCAN).distinct()
    moved = []
    with transaction.atomic():
        for row in rows:
            draft = {"values": row.values, "seen": []} if row.values else row.draft
            if row.state in (ItemState.PROPOSED, ItemState.CONFIRMED) and queries.move(
                row, "send_back", ItemState.RESCAN, {"draft": draft}
            ):
                moved.append(row.sequence)
        if moved:
            entries.append(now, [entries.Entry("digitising:returned", actor.id, batch.id, {"items": moved})], ids=house.ids)
    return len(moved)


def standing(batch: ScanBatch) -> Standing:
    """Return how the inspection of a batch stands."""
    row = queries.acceptance(batch.id)
    sampled = list(_pages(batch.id).filter(is_sampled=True).values_list("verdict", "error"))
    errors = Counter(_pages(batch.id).exclude(error="").values_list("error", flat=True))
    strict = sum(count for name, count in errors.items() if da_t_31.defects()[name].is_zero_tolerance)
    said = Counter(verdict for verdict, _ in sampled)
    figures = Figures(len(sampled), said[Verdict.GOOD], said[""] + said[Verdict.DOUBT], strict)
    return Standing(row, figures, judge(figures, least_percent=batch.project.pass_percent), dict(errors))


def _pages(batch_id: str) -> "QuerySet[Page]":
    """Return the pages that an inspection is about: those of described items that have not been accepted yet."""
    return Page.objects.filter(batch_id=batch_id, kind__in=queries.KEPT, item__state__in=(ItemState.CONFIRMED, ItemState.RESCAN))


def _void(batch: ScanBatch) -> None:
    """A verdict after the first signature makes it void; both have to sign what they see."""
    signed = Acceptance.objects.filter(batch=batch, state="signed")
    signed.update(state="open", first_by="", first_at=None, digest="", version=F("version") + 1)


def pages_judged(batch_id: str) -> Sequence[tuple[str, str, str]]:
    """Return (id, verdict, error) of every page of the sample, in order: what a signature stands under."""
    return list(_pages(batch_id).filter(is_sampled=True).order_by("id").values_list("id", "verdict", "error"))
