"""质检 as a light table: the pages of a batch with what stands out, verdicts, filters with counts, and one page compared."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Q

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import ItemState, Verdict
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import Page, ScanBatch
from lantai.stages.digitise import inspecting
from lantai.stages.digitise.inspecting import Standing
from lantai.standards import da_t_31

PAGE = 120
_COLOURS = {"1": "黑白", "L": "灰度", "RGB": "彩色"}


@dataclass(frozen=True, slots=True)
class Flag:
    """A remark on a page: its kind, words, and whether it is severe."""

    name: str
    words: str
    is_severe: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A page on the table; ``number`` is its place in the batch."""

    id: str
    number: int
    title: str
    flags: tuple[Flag, ...]
    verdict: str
    error: str
    is_sampled: bool
    turned: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its count; ``depth`` 1 stands below the machine's remarks."""

    key: str
    label: str
    count: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What is on the table: cards from ``offset`` of ``total``, filters, how the inspection stands, pages seen and still to see."""

    batch: ScanBatch
    cards: tuple[Card, ...]
    total: int
    offset: int
    filters: tuple[Filter, ...]
    show: str
    standing: Standing
    judged: int
    pages: int
    good: int
    bad: int
    seconds: float

    @property
    def left_minutes(self) -> int:
        """How long the rest will take at the pace so far; 0 where that is not known."""
        return round((self.pages - self.judged) * self.seconds / 60) if self.seconds else 0

    @property
    def rate(self) -> float:
        """The share of good pages among those judged, in percent."""
        return self.good / self.judged * 100 if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One page large: the card, its sizes in words, what was measured, and which error a rejection would name."""

    card: Card
    page: Page
    facts: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]
    suggested: str


def first(actor: Actor) -> str:
    """Return the batch whose inspection goes on: the one that has a sample open, else the newest with described items."""
    access.require(actor, "digitise:page:inspect")
    sampled = ScanBatch.objects.filter(pages__is_sampled=True, pages__verdict="").order_by("-opened_at").first()
    ready = ScanBatch.objects.filter(items__state__in=(ItemState.CONFIRMED, ItemState.PROPOSED)).order_by("-opened_at").first()
    row = sampled or ready or ScanBatch.objects.order_by("-opened_at").first()
    return row.id if row else ""


def waiting(actor: Actor) -> int:
    """Return how many pages of samples wait for a verdict, 0 for whoever may not judge."""
    if not access.may(actor, "digitise:page:inspect").allowed:
        return 0
    return Page.objects.filter(is_sampled=True).filter(Q(verdict="") | Q(verdict=Verdict.DOUBT)).count()


def batches(actor: Actor) -> tuple[ScanBatch, ...]:
    """Return the batches that have pages to look at, newest first."""
    access.require(actor, "digitise:page:inspect")
    return tuple(ScanBatch.objects.filter(pages__isnull=False).exclude(state="closed").distinct().order_by("-opened_at")[:50])


def table(actor: Actor, batch_id: str, *, show: str = "", offset: int = 0) -> Table:
    """Return the light table of a batch, filtered by *show*: empty, sample, flagged, rescan, doubt, open, or a kind of defect."""
    access.require(actor, "digitise:page:inspect")
    batch = queries.batch(batch_id)
    rows = list(_rows(batch))
    numbers = {row.id: at for at, row in enumerate(rows, 1)}
    kinds = Counter(name for row in rows for name in {item["name"] for item in row.defects})
    chosen = [row for row in rows if _shows(row, show)]
    said = Counter(row.verdict for row in rows)
    judged = len(rows) - said[""]
    return Table(
        batch,
        tuple(_card(row, numbers[row.id]) for row in chosen[offset : offset + PAGE]),
        len(chosen),
        offset,
        _filters(rows, kinds, said),
        show,
        inspecting.standing(batch),
        judged,
        len(rows),
        said[Verdict.GOOD],
        said[Verdict.RESCAN],
        _pace(rows),
    )


def compared(actor: Actor, page_id: str) -> Compared:
    """Return one page large. Refusals: ACCESS-REFUSED, DIGITISE-PAGE-UNKNOWN."""
    access.require(actor, "digitise:page:inspect")
    page = queries.page(page_id)
    number = next((at for at, key in enumerate(_rows(page.batch).values_list("id", flat=True), 1) if key == page.id), 0)
    card = _card(page, number)
    errors = tuple((name, item.label) for name, item in da_t_31.defects().items())
    suggested = page.error or (card.flags[0].name if card.flags else "")
    return Compared(card, page, tuple(_facts(page)), errors, suggested)


def _rows(batch: ScanBatch) -> Any:  # noqa: ANN401 - a query set
    rows = Page.objects.filter(batch=batch, kind__in=queries.KEPT).exclude(item__state__in=(ItemState.ERASED, ItemState.ASIDE))
    return rows.select_related("item").order_by("item__sequence", "sequence", "id")


def _shows(row: Page, show: str) -> bool:
    rules = {
        "": True,
        "sample": row.is_sampled,
        "open": not row.verdict,
        "flagged": bool(row.defects),
        "rescan": row.verdict == Verdict.RESCAN,
        "doubt": row.verdict == Verdict.DOUBT,
    }
    return rules[show] if show in rules else any(item["name"] == show for item in row.defects)


def _filters(rows: list[Page], kinds: Mapping[str, int], said: Mapping[str, int]) -> tuple[Filter, ...]:
    sampled = sum(row.is_sampled for row in rows)
    found = [Filter("", "全部", len(rows))]
    found += [Filter("sample", "抽检样本", sampled)] if sampled else []
    found.append(Filter("flagged", "机检标记", sum(bool(row.defects) for row in rows)))
    labels = da_t_31.defects()
    found += [
        Filter(name, labels[name].label, count, 1) for name, count in sorted(kinds.items(), key=lambda row: -row[1]) if name in labels
    ]
    found += [Filter("rescan", "已退扫", said.get(Verdict.RESCAN, 0)), Filter("doubt", "待议", said.get(Verdict.DOUBT, 0))]
    return (*found, Filter("open", "未判定", said.get("", 0)))


def _card(row: Page, number: int) -> Card:
    labels = da_t_31.defects()
    flags = tuple(
        Flag(item["name"], item["words"], labels[item["name"]].level == "severe") for item in row.defects if item["name"] in labels
    )
    title = (row.item.title or row.item.key) if row.item else ""
    return Card(row.id, number, title, flags, row.verdict, row.error, row.is_sampled, row.turned)


def _pace(rows: list[Page]) -> float:
    """Return the seconds a page took so far, out of the instants of verdicts that followed one another closely."""
    at = sorted(row.judged_at for row in rows if row.judged_at)
    gaps = [gap for one, other in pairwise(at) if (gap := (other - one).total_seconds()) < 60]
    return sum(gaps) / len(gaps) if gaps else 0.0


def _facts(page: Page) -> list[str]:
    found = [f"{page.width} × {page.height}", f"{page.dpi} dpi" if page.dpi else "没有注明分辨率"]
    found.append(_COLOURS.get(str(page.quality.get("mode", "")), ""))
    if "skew" in page.quality:
        found.append(f"倾斜 {abs(float(page.quality['skew'] or 0)):.1f}°")
    if "sharpness" in page.quality:
        found.append(f"清晰度 {float(page.quality['sharpness'] or 0) * 100:.0f}")
    return [text for text in found if text]
