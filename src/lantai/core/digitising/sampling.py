"""The human sample of a batch, and whether the batch passes by it (DA/T 31-2017, acceptance)."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass


def sample(seed: str, strata: Mapping[str, str], *, percent: float, least: int = 1) -> tuple[str, ...]:
    """Return the ids to be looked at, in order: at least *percent* of all, *least* in all, and one of every stratum.

    *strata* gives the stratum of each id. The same seed and ids give the same sample whatever their order, and a larger share
    holds the smaller one.
    """
    if not 0 < percent <= 100:
        raise ValueError(f"share of {percent} percent")
    groups: dict[str, list[str]] = {}
    for key in sorted(strata, key=lambda key: _draw(seed, key)):
        groups.setdefault(strata[key], []).append(key)
    chosen = {key for keys in groups.values() for key in keys[: max(1, math.ceil(len(keys) * percent / 100))]}
    for key in sorted(strata, key=lambda key: _draw(seed, key)):
        if len(chosen) >= min(least, len(strata)):
            break
        chosen.add(key)
    return tuple(sorted(chosen))


def _draw(seed: str, key: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{key}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Figures:
    """What the inspection of a sample found: pages in it, those found good, those still undecided, and errors of zero tolerance."""

    sampled: int
    good: int
    undecided: int = 0
    zero_tolerance: int = 0

    @property
    def rate(self) -> float:
        """The share of good pages among those in the sample, in percent; 0 where there is none."""
        return self.good / self.sampled * 100 if self.sampled else 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a batch passes, and why not, in words."""

    passes: bool
    reasons: tuple[str, ...]


def judge(figures: Figures, *, least_percent: float) -> Judged:
    """Decide on a batch: every page of the sample is decided, the share of good ones suffices, no error of zero tolerance is left."""
    reasons = []
    if not figures.sampled:
        reasons.append("没有样本")
    if figures.undecided:
        reasons.append(f"样本中 {figures.undecided} 页还没有判定")
    if figures.sampled and figures.rate < least_percent:
        reasons.append(f"合格率 {figures.rate:.1f}% 低于 {least_percent:g}%")
    if figures.zero_tolerance:
        reasons.append(f"有 {figures.zero_tolerance} 处目录、漏扫、顺序或挂接差错，这几类不容许有")
    return Judged(not reasons, tuple(reasons))
