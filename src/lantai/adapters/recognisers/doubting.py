"""The fast model first, the strong one where it doubts: only the stretch of a line around doubtful characters is read again.

The stretch is cut between characters that the fast model is sure of, and what the strong model reads is put in only where it
agrees about those at its ends; else the whole line is read again.
"""

from collections.abc import Iterator

from lantai.adapters.recognisers.models import SMALL, TINY
from lantai.adapters.recognisers.spelling import Letter, Spelt, spell
from lantai.imaging.opening import Pixels

_SURE = 0.9
_AROUND = 3
_SHORT = 8
_MUCH = 0.5
_HAN = ("\u4e00", "\u9fff")


def read(strip: Pixels) -> Spelt:
    """Read a line with the fast model, and what it is not sure of with the strong one."""
    first = spell(strip, TINY)
    letters = first.letters
    doubts = [index for index, letter in enumerate(letters) if letter.confidence < _SURE]
    if letters and not doubts:
        return first
    stretches = list(_stretches(letters, doubts))
    again = sum(end - start for start, end in stretches)
    if len(letters) <= _SHORT or again > _MUCH * len(letters):
        return _better(first, spell(strip, SMALL))
    told = list(letters)
    for start, end in reversed(stretches):
        part = _again(strip, letters, start, end)
        if part is None:
            return _better(first, spell(strip, SMALL))
        told[start:end] = part
    return Spelt(tuple(told))


def _better(first: Spelt, second: Spelt) -> Spelt:
    """The strong model is believed, unless it saw next to nothing where the fast one was sure."""
    return first if len(second.letters) * 2 < len(first.letters) and first.confidence > second.confidence else second


def _stretches(letters: tuple[Letter, ...], doubts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and end index of each stretch to read again, widened to characters that a cut may go beside."""
    start = end = -1
    for doubt in doubts:
        left, right = _left(letters, doubt - _AROUND), _right(letters, doubt + _AROUND)
        if start >= 0 and left <= end + 1:
            end = max(end, right)
            continue
        if start >= 0:
            yield start, end + 1
        start, end = left, right
    if start >= 0:
        yield start, end + 1


def _left(letters: tuple[Letter, ...], index: int) -> int:
    while index > 0 and not (_is_firm(letters[index]) and _is_firm(letters[index - 1])):
        index -= 1
    return max(index, 0)


def _right(letters: tuple[Letter, ...], index: int) -> int:
    last = len(letters) - 1
    while index < last and not (_is_firm(letters[index]) and _is_firm(letters[index + 1])):
        index += 1
    return min(index, last)


def _is_firm(letter: Letter) -> bool:
    """A Chinese character that is surely read fills its square: beside it the line can be cut."""
    return _HAN[0] <= letter.text <= _HAN[1] and letter.confidence >= _SURE


def _again(strip: Pixels, letters: tuple[Letter, ...], start: int, end: int) -> list[Letter] | None:
    """Return the stretch as the strong model reads it, None where the two do not agree about its ends."""
    wide = strip.shape[1]
    left = (letters[start - 1].at + letters[start].at) / 2 if start else 0.0
    right = (letters[end - 1].at + letters[end].at) / 2 if end < len(letters) else 1.0
    from_, to = round(left * wide), round(right * wide)
    part = spell(strip[:, from_:to], SMALL).letters if to - from_ > 2 else ()
    if not part:
        return None
    if (start and part[0].text != letters[start].text) or (end < len(letters) and part[-1].text != letters[end - 1].text):
        return None
    return [Letter(item.text, left + item.at * (right - left), item.confidence) for item in part]
