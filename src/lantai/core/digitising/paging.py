"""Pages against what they should be: count, order, gaps in the printed numbers, a sheet drawn in with its neighbour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from lantai.core.findings import Finding, finding

#: A page this much longer than the usual one of its batch may be two sheets drawn in together.
_LONGER = 1.12


@dataclass(frozen=True, slots=True)
class Expected:
    """What the catalogue says of an item: its pages, 0 where it says nothing, and whether it names the item at all."""

    pages: int = 0
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What was scanned: pages that count, and the numbers printed on them in order, 0 where a page bears none."""

    pages: int
    printed: tuple[int, ...] = ()


def jumps(printed: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Return (place, number before, number after) wherever the printed numbers do not go on by one from page to page.

    Pages without a number count on silently; a run that begins again at 1 (an attachment) is no jump.
    """
    found = []
    seen = [(at, number) for at, number in enumerate(printed, 1) if number]
    for (before_at, before), (at, number) in pairwise(seen):
        if number != before + (at - before_at) and number != 1:
            found.append((at, before, number))
    return tuple(found)


def remarks(name: str, expected: Expected, found: Found) -> tuple[Finding, ...]:
    """Remark on count and order of an item's pages."""
    told = []
    if not expected.is_listed:
        told.append(finding("DIGITISE-NOT-IN-CATALOGUE", name))
    if expected.pages and expected.pages != found.pages:
        told.append(finding("DIGITISE-PAGES-DIFFER", name, declared=expected.pages, found=found.pages))
    if gaps := jumps(found.printed):
        words = "、".join(f"第 {at} 页印作 {number}，前一页是 {before}" for at, before, number in gaps[:3])
        told.append(finding("DIGITISE-PAGE-GAP", name, found=words))
    return tuple(told)


def same_format(formats: Mapping[str, int]) -> tuple[Finding, ...]:
    """Remark where the scans of a batch are not all of one storage format (DA/T 31: format_same); media type → how many, the usual first.

    A scan whose type nobody knows is of no other format.
    """
    known = sorted(((name, count) for name, count in formats.items() if name and count), key=lambda row: (-row[1], row[0]))
    if len(known) < 2:
        return ()
    words = [f"{name.rpartition('/')[2]} {count} 个" for name, count in known]
    return (finding("DIGITISE-FORMATS-DIFFER", usual=words[0], others="、".join(words[1:])),)


def too_long(heights: Sequence[float]) -> tuple[int, ...]:
    """Return the places (from 0) of pages so much longer than the usual that two sheets may have been drawn in together.

    *heights* are in millimetres, 0 where unknown; fewer than four known heights tell nothing.
    """
    known = [height for height in heights if height > 0]
    if len(known) < 4:
        return ()
    usual = median(known)
    return tuple(at for at, height in enumerate(heights) if height > usual * _LONGER)
