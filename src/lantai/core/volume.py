"""What a volume 案卷 is made of and what follows from it: span of dates, pages, the period that is the longest of its items.

Source: DA/T 13-2022 (by volume), GB/T 9705-2008 (卷内文件目录, 卷内备考表), DA/T 22-2015; the period of a volume is that of the item
that is kept longest.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lantai.core.findings import Finding, finding

#: How long the periods of before 2006 ran at most (国档发〔1987〕27号: 长期 16 to 50 years, 短期 up to 15), for comparing alone.
_LEGACY_YEARS = {"C": 50, "D": 15}
_NEVER = 10_000
_YEARS = re.compile("D([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Item:
    """A record as its volume sees it. ``impediment`` says in Chinese what keeps it from being numbered, empty where nothing does."""

    id: str
    title: str
    date: str
    pages: int | None
    retention: str
    place: tuple[str, str, str, str]
    impediment: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """What follows from the items: first and last date (empty where none has one), retention code, pages (None: not all counted)."""

    count: int
    first_date: str
    last_date: str
    retention: str
    pages: int | None

    @property
    def span(self) -> str:
        """The span of dates as volumes have it: one date, or two with a dash."""
        return self.first_date if self.first_date == self.last_date else f"{self.first_date}—{self.last_date}"


def longest(periods: Iterable[str]) -> str:
    """Return the code of the longest period; empty where there is none at all."""
    return max((code for code in periods if code), key=lambda code: (_years(code), code), default="")


def _years(code: str) -> int:
    if code == "Y":
        return _NEVER
    match = _YEARS.fullmatch(code)
    return int(match[1]) if match else _LEGACY_YEARS.get(code, 0)


def sums(items: Sequence[Item]) -> Sums:
    """Return what follows from the items of a volume."""
    dates = [item.date for item in items if item.date]
    pages = [item.pages for item in items]
    total = None if None in pages else sum(count for count in pages if count is not None)
    latest = max(dates, key=lambda date: date.ljust(8, "9"), default="")
    return Sums(len(items), min(dates, default=""), latest, longest(item.retention for item in items), total)


def first_pages(pages: Sequence[int | None]) -> list[int | None]:
    """Return the page of the volume on which each item begins, numbered through from 1; None from the first uncounted one on."""
    found: list[int | None] = []
    at: int | None = 1
    for count in pages:
        found.append(at)
        at = None if at is None or count is None else at + count
    return found


def objections(items: Sequence[Item], place: tuple[str, str, str, str]) -> Iterator[tuple[str, Finding]]:
    """Yield (record id, why) for what keeps a volume of this place (fonds, category, year, department) from being fixed."""
    for item in items:
        if item.impediment:
            yield item.id, finding("VOLUME-ITEM-IMPEDED", item.title[:30], reason=item.impediment)
        elif item.place != place:
            yield item.id, finding("VOLUME-ITEM-ELSEWHERE", item.title[:30])
