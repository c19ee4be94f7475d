"""What to digitise first: a ranked list with reasons, so that the order can be explained to whoever asks."""

from collections.abc import Iterable
from dataclasses import dataclass

#: Reason → (weight, words). What is easily lost goes first, then what is precious, then what many ask for.
RANKS: dict[str, tuple[int, str]] = {
    "fragile": (40, "纸张破损、字迹褪变，越晚越难扫"),
    "precious": (30, "珍贵档案"),
    "permanent": (20, "永久保管"),
    "used": (20, "利用频繁"),
    "opening": (10, "即将开放"),
    "moving": (10, "将要移交或迁库"),
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A thing with its weight and the words that explain it, the weightiest reason first."""

    key: str
    weight: int
    words: tuple[str, ...]


def ranked(items: Iterable[tuple[str, Iterable[str]]]) -> tuple[Ranked, ...]:
    """Return the things (key, reasons) by weight, heaviest first; equal ones keep their order. Raises KeyError for an unknown reason."""
    found = []
    for key, reasons in items:
        known = sorted({name: RANKS[name] for name in reasons}.values(), key=lambda row: -row[0])
        found.append(Ranked(key, sum(weight for weight, _ in known), tuple(words for _, words in known)))
    return tuple(sorted(found, key=lambda item: -item.weight))
