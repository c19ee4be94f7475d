"""An existing catalogue against what the pages say: field by field, each difference explained and ranked by the harm it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lantai.core import officialdoc, text
from lantai.core.describing import is_same_date, is_same_number, is_same_title


@dataclass(frozen=True, slots=True)
class Difference:
    """Where catalogue and page differ: both values, the page's confidence, why it matters, and a risk from 0 to 100."""

    name: str
    said: str
    read: str
    confidence: float
    reason: str
    risk: int


def _same_text(said: str, read: str) -> bool:
    return text.normalise(said).replace(" ", "") == text.normalise(read).replace(" ", "")


#: Field → (how harmful a wrong value is, 0–100; when two values are one).
_FIELDS: dict[str, tuple[int, Callable[[str, str], bool]]] = {
    "security_classification": (100, _same_text),
    "document_number": (80, is_same_number),
    "date": (75, is_same_date),
    "title": (70, is_same_title),
    "retention_period": (65, _same_text),
    "total_number_of_pages": (60, _same_text),
    "author": (55, _same_text),
    "principal_receiver": (25, _same_text),
}


def compare(said: Mapping[str, str], read: Mapping[str, tuple[str, float]]) -> tuple[Difference, ...]:
    """Return every difference between a catalogue's row and what was read (value, confidence), the riskiest first.

    A field that the page does not say is no difference; one that the catalogue leaves empty is one of little risk.
    """
    found = []
    for name, (weight, is_same) in _FIELDS.items():
        own, (value, confidence) = said.get(name, "").strip(), read.get(name, ("", 0.0))
        if not value or (own and is_same(own, value)):
            continue
        share = confidence * (1.0 if own else 0.3)
        found.append(Difference(name, own, value, confidence, _reason(name, own, value), round(weight * share)))
    return tuple(sorted(found, key=lambda item: -item.risk))


def agreeing(said: Mapping[str, str], read: Mapping[str, str]) -> frozenset[str]:
    """Return the fields in which a catalogue's row and what was read say the same: each was written without the other."""
    return frozenset(
        name for name, (_, is_same) in _FIELDS.items() if said.get(name) and read.get(name) and is_same(said[name], read[name])
    )


def _reason(name: str, said: str, read: str) -> str:
    """Explain a difference in words: what kind of slip it looks like."""
    if not said:
        return "目录没有填。"
    if name == "date":
        one, other = (officialdoc.civil_date(value, earliest_year=1)[0] for value in (said, read))
        if one and other and one[:4] == other[:4]:
            return "年份相同，月日不同，可能把印发日期当作成文日期。"
        return "年份不同，会归错年度。"
    if name == "document_number":
        year = _year(said), _year(read)
        return "年份不同。" if all(year) and year[0] != year[1] else "机关代字或序号不同。"
    if name == "title":
        short, long = sorted((said, read), key=len)
        return "一方是另一方的一部分，可能漏录一行。" if short and short in long else f"有 {_apart(said, read)} 个字不同。"
    if name == "total_number_of_pages":
        return "可能漏扫、重扫或混入别件。"
    return "两处写法不同。"


def _year(number: str) -> str:
    _, _, rest = officialdoc.document_number(number).partition("〔")
    return rest[:4] if rest[:4].isdigit() else ""


def _apart(one: str, other: str) -> int:
    """Return how many characters two texts are apart (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, character in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, own in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (character != own))
    return row[-1]
