"""What signs that look alike most likely are, by what stands beside them: dashes and the figure one, brackets of numbers, commas.

Nothing is invented: a sign that was read becomes another that looks the same in small or soft print, or two become the one they are.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from lantai.ports.recogniser import Character, ReadLine

_DASHES = frozenset("—一－-–―")
_ONE, _DASH = "一", "—"
_TWO_WIDE = 2.6  # from the middle of the character before two dashes to that of the one behind: two dashes are at least three apart
_EM = 0.7
_ROOM = 0.7  # of the distance between letters: two that are closer are one
_CERTAIN = 0.97
_NUMBER = re.compile(r"(?:(?<=[\u4e00-\u9fff])|^)([(（\[〔【{]{1,2})(?:19|20)[0-9]{2}([)）\]〕】}]{1,2}[:：.·]?)(?=[0-9]{1,5}号)")
_SHORT_YEAR = re.compile(r"(?<=[\u4e00-\u9fff])([(（\[〔【{]{1,2})[0-9]{2}([)）\]〕】}]{1,2}[:：.·]?)(?=(?:字?第)?[0-9]{1,5}号)")
_YEAR_FIRST = re.compile(r"^([(（\[〔【{]{1,2})(?:19|20)?[0-9]{2}([)）\]〕】}]{1,2}[:：.·]?)(?=[\u4e00-\u9fff]{1,14}字?第?[0-9]{1,5}号)")
_THOUSANDS = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{3})+(?=\.[0-9]{1,2}(?![0-9.]))")
_MINUTES = re.compile(r"(?<=°)[0-9]{1,2}(['’‘`])")


def likely(line: ReadLine) -> ReadLine:
    """Return a line from left to right with the likelier sign at each such place."""
    if line.is_vertical or len(line.chars) != len(line.text):
        return line
    chars = _wide(_brackets(_dashes(replace(line, chars=tuple(_single(line))))))
    text = "".join(char for char, _, _ in chars)
    for found in _THOUSANDS.finditer(text):
        for at in range(found.start(), found.end()):
            chars = _set(chars, at, ",") if text[at] == "." else chars
    for found in _MINUTES.finditer(text):
        chars = _set(chars, found.start(1), "′")
    return replace(line, text="".join(char for char, _, _ in chars), chars=tuple(chars))


def once(lines: Sequence[ReadLine]) -> list[ReadLine]:
    """Return lines without the characters that two of them, one behind the other, both hold where they overlap."""
    told = list(lines)
    for one in range(len(told)):
        for other in range(len(told)):
            if one != other and (count := _repeated(told[one], told[other])):
                told[other] = _without_first(told[other], count)
    return told


def _wide(chars: Sequence[Character]) -> list[Character]:
    """Make brackets around Chinese writing those of its print, as wide as a letter: in scans the two look alike."""
    told = list(chars)
    for at, (sign, _, _) in enumerate(chars):
        inner = chars[at + 1 : at + 2] if sign == "(" else chars[at - 1 : at] if sign == ")" and at else []
        if inner and _is_han(inner[0][0]):
            told = _set(told, at, "（" if sign == "(" else "）")
    return told


def _set(chars: Sequence[Character], at: int, sign: str) -> list[Character]:
    return [(sign, box, sure) if index == at else (char, box, sure) for index, (char, box, sure) in enumerate(chars)]


def _middle(char: Character) -> float:
    return (char[1][0] + char[1][2]) / 2


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char != _ONE


def _single(line: ReadLine) -> list[Character]:
    """Make one of two same letters that have the room of one: its strokes stand wide apart, and it was read twice."""
    least = _ROOM * _em(line)
    return [
        char
        for at, char in enumerate(line.chars)
        if not (at and _is_han(char[0]) and char[0] == line.chars[at - 1][0] and _middle(char) - _middle(line.chars[at - 1]) < least)
    ]


def _dashes(line: ReadLine) -> list[Character]:
    """Make one of two dashes that have the room of one; a single stroke is the figure one between characters, a dash between numerals."""
    chars = [char for at, char in enumerate(line.chars) if not _is_second(line, at)]
    told = list(chars)
    for at in range(len(chars)):
        beside = (chars[at - 1][0] if at else "", chars[at + 1][0] if at + 1 < len(chars) else "")
        if chars[at][0] not in _DASHES or _DASHES & set(beside):
            continue
        if all(_is_han(char) for char in beside) or (not beside[0] and _is_han(beside[1])):
            told[at] = (_ONE, *chars[at][1:])
        elif chars[at][0] == _ONE and all(char.isascii() and char.isalnum() for char in beside):
            told[at] = (_DASH, *chars[at][1:])
    return told


def _is_second(line: ReadLine, at: int) -> bool:
    """Tell whether the stroke at *at* is the same as the one before it, by the room between their neighbours."""
    chars = line.chars
    if not at or chars[at][0] not in _DASHES or chars[at - 1][0] not in _DASHES:
        return False
    if at > 1 and chars[at - 2][0] in _DASHES:
        return False
    left = _middle(chars[at - 2]) if at > 1 else line.box[0]
    right = _middle(chars[at + 1]) if at + 1 < len(chars) else line.box[2]
    ends = (at < 2) + (at + 1 >= len(chars))
    return right - left < (_TWO_WIDE - 0.5 * ends) * _em(line)


def _em(line: ReadLine) -> float:
    """Return how far apart characters stand: the middle distance between two Chinese ones that are neighbours."""
    steps = [_middle(other) - _middle(one) for one, other in pairwise(line.chars) if _is_han(one[0]) and _is_han(other[0])]
    return median(steps) if steps else _EM * (line.box[3] - line.box[1])


def _brackets(chars: Sequence[Character]) -> list[Character]:
    """Make the brackets around the year of a document's number those of GB/T 9704-2012, where either was not read for certain.

    One that was read twice is one.
    """
    told, doubled = list(chars), set()
    text = "".join(char for char, _, _ in chars)
    for found in (*_NUMBER.finditer(text), *_SHORT_YEAR.finditer(text), *_YEAR_FIRST.finditer(text)):
        opens, closes = found.span(1), found.span(2)
        signs = [chars[at] for at in (*range(*opens), *range(*closes))]
        if any(sure < _CERTAIN or sign in "〔〕" for sign, _, sure in signs):
            is_short = closes[0] - opens[1] == len("87")  # years of two digits stand in brackets of either kind: the surer one tells
            pair = "（）" if is_short and max(signs, key=lambda sign: sign[2])[0] in "()（）" else "〔〕"
            told = _set(_set(told, opens[0], pair[0]), closes[0], pair[1])
            doubled |= {*range(*opens), *range(*closes)} - {opens[0], closes[0]}
    return [char for at, char in enumerate(told) if at not in doubled]


def _repeated(one: ReadLine, other: ReadLine) -> int:
    """Return with how many of the characters that *one* ends with *other* begins, which goes on where *one* ends; 0 where it does not."""
    if not one.chars or not other.chars or one.is_vertical or other.is_vertical:
        return 0
    last, first = one.chars[-1], other.chars[0]
    beside = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1]) > 0.5 * min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    if not (beside and one.box[0] < other.box[0] < one.box[2] < other.box[2] and first[1][0] < last[1][2]):
        return 0
    within = max(1, sum(_middle(char) < one.box[2] for char in other.chars))
    return within if one.text.endswith("".join(char for char, _, _ in other.chars[:within])) else int(last[0] == first[0])


def _without_first(line: ReadLine, count: int) -> ReadLine:
    chars = line.chars[count:]
    if not chars:
        return replace(line, text="", chars=())
    return replace(line, text="".join(char for char, _, _ in chars), chars=chars, box=(chars[0][1][0], *line.box[1:]))
