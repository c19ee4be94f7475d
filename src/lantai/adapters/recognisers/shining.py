"""Writing of the back that was read along with the page's own: it is paler, and what is much paler than the rest is left out.

Only whole lines and the ends of lines are judged; nothing is taken out of the middle of a line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from lantai.imaging.colour import darkest
from lantai.imaging.opening import Pixels
from lantai.imaging.ranks import percentile
from lantai.ports.recogniser import Box, Character, ReadLine

_PALE, _PALER = 0.6, 0.68
# what is read for certain is kept though it is thinner than the rest; mirrored writing of the back is seldom read for certain
_CERTAIN, _FAINT, _ABOVE_GHOSTS = 0.95, 0.3, 1.5
_THIN = frozenset("一丨、丶（）〔〕")
# a short line is left out where its darkest letter is paler than this share of what is usual: ghosts reach 0.71 of it, own lines begin
# at 0.86; on a page where nothing seems to shine through, an end of a line where it is this share of the line's own
_SHORT, _SHORT_PALE, _END_PALE = 6, 0.75, 0.35
_STROKES_PALE = 0.56
# per cent of the place of a character that its strokes fill at least, and one of few strokes
_STROKES, _STROKE = 6.0, 1.5
_FEW = 3
# of a line that is hard to read: least characters, confidence, and darkness as a share of what is usual
_LONG, _HARD, _NEARLY = 8, 0.6, 0.8


def without[Source](
    told: Sequence[tuple[Source, ReadLine]], pixels: Pixels, *, least: float, ghosts: float = 0.28
) -> Iterator[tuple[Source, ReadLine]]:
    """Yield the lines that are as dark as the page's own, their ends cut where they are not; red counts as dark as black.

    What is the page's own is told by the lines whose confidence is *least* or more; of the others those that are as dark are yielded
    too. *ghosts* is how dark what shines through is, as a share of the page's own strokes.
    """
    ink = darkest(pixels)
    paper = percentile(ink[::8, ::8], 75)
    depths = [[paper - _darkest(ink, char) for char in line.chars] for _, line in told]
    faint = min(_PALE, max(_FAINT, _ABOVE_GHOSTS * ghosts))
    sure = [depth for (_, line), row in zip(told, depths, strict=True) if line.confidence >= least for depth in row]
    usual = median(sure) if sure else 0.0
    for (source, line), row in zip(told, depths, strict=True):
        kept = _kept(line, row, usual, faint)
        if kept is not None and (kept.confidence >= least or _is_own(kept, row, usual)):
            yield source, kept


def trimmed[Source](told: Sequence[tuple[Source, ReadLine]], pixels: Pixels) -> Iterator[tuple[Source, ReadLine]]:
    """Yield the lines of a page that seems free of ghosts: only ends much paler than the line's own writing are cut.

    A letter of the back that looks the same in a mirror (关, 会, 中) is read for certain, and one is enough to spoil a title.
    """
    paper = percentile(darkest(pixels[::16, ::16]), 75)
    for source, line in told:
        kept = (
            line if len(line.chars) <= _FEW or line.is_vertical or not _has_pale_end(line, pixels, paper) else _bounded(line, pixels, paper)
        )
        if kept is not None:
            yield source, kept


def _has_pale_end(line: ReadLine, pixels: Pixels, paper: float) -> bool:
    """Look at the darkest pixel of both ends and of a letter between: enough to tell that nothing is to be cut, on nearly every line."""
    first, inner, last = (paper - _darkest_pixel(pixels, line.chars[at][1]) for at in (0, len(line.chars) // 2, -1))
    return min(first, last) < _END_PALE * inner


def _bounded(line: ReadLine, pixels: Pixels, paper: float) -> ReadLine | None:
    row = [paper - _darkest(darkest(pixels), char) for char in line.chars]
    mark = _END_PALE * _own(row)
    dark = [at for at, (depth, char) in enumerate(zip(row, line.chars, strict=True)) if depth >= mark or not char[0].isalnum()]
    return _cut(line, dark[0], dark[-1] + 1) if dark else None


def _kept(line: ReadLine, row: Sequence[float], usual: float, faint: float) -> ReadLine | None:
    """Return what is the page's own of a line, None where nothing is; *row* is how dark its characters are."""
    if not row or line.is_vertical:
        return line
    if len(line.chars) <= _FEW:
        return line if _is_dark(row, usual) else None
    own = max(_own(row), 1.0)
    marks = [_mark(char, faint) * own if char[2] >= _CERTAIN else _mark(char, faint) * max(usual, own) for char in line.chars]
    shares = [depth / mark for depth, mark in zip(row, marks, strict=True)]
    dark = [at for at, share in enumerate(_even(shares, line)) if share >= 1]
    if not dark or len(dark) * 2 <= dark[-1] - dark[0] + 1 or not _is_dark(row[dark[0] : dark[-1] + 1], usual):
        return None
    return _cut(line, dark[0], dark[-1] + 1)


def _is_dark(row: Sequence[float], usual: float) -> bool:
    """Tell whether what is kept of a line is dark enough for one of so few letters."""
    return len(row) > _SHORT or max(row) >= _SHORT_PALE * usual


def _is_own(line: ReadLine, row: Sequence[float], usual: float) -> bool:
    """Tell whether a line that is hard to read is the page's own: long, and nearly as dark as what was read for certain."""
    return len(line.chars) >= _LONG and line.confidence >= _HARD and median(row) >= _NEARLY * usual


def _own(row: Sequence[float]) -> float:
    """Return how dark the darker half of a line's characters is: its own writing, whatever was read along with it."""
    return median(sorted(row)[len(row) // 2 :]) if row else 0.0


def _even(row: Sequence[float], line: ReadLine) -> list[float]:
    """Return each depth as the middle one of itself and its neighbours, so that one speck at an end does not hold a ghost.

    One that was read for certain at an end is as dark as its neighbour, a ghost being seldom alone, unless it has strokes enough to be dark
    itself: a letter that looks the same in a mirror (合, 关) is read for certain.
    """
    if len(row) < 2:
        return list(row)
    ends = [
        max(row[at], row[beside]) if line.chars[at][2] >= _CERTAIN and not _has_strokes(line.chars[at][0]) else row[at]
        for at, beside in ((0, 1), (-1, -2))
    ]
    around = [ends[0], *row, ends[1]]
    return [median(around[at : at + 3]) for at in range(len(row))]


def _mark(char: Character, faint: float) -> float:
    """Return how dark, as a share of its line, a character must be: the darker, the less surely it was read."""
    text, _, sure = char
    if sure < _CERTAIN:
        return _PALE if sure >= _HARD else _PALER
    return max(faint, _STROKES_PALE) if _has_strokes(text) else faint


def _has_strokes(text: str) -> bool:
    """Tell whether a character has strokes enough to be as dark as others: a Chinese one that is no single stroke."""
    return "\u4e00" <= text <= "\u9fff" and text not in _THIN


def _darkest_pixel(pixels: Pixels, box: Box) -> float:
    """Return the darkest of every fourth pixel of a place."""
    x0, y0, x1, y1 = (round(side) for side in box)
    part = pixels[y0:y1:2, x0:x1:2]
    return float(part.min()) if part.size else 255.0


def _darkest(ink: Pixels, char: Character) -> float:
    """Return how dark the strokes of a character are."""
    text, box, sure = char
    x0, y0, x1, y1 = (round(side) for side in box)
    part = ink[y0:y1, x0:x1]
    is_thin = sure >= _CERTAIN or text in _THIN or text.isascii()
    return percentile(part, _STROKE if is_thin else _STROKES) if part.size else 255.0


def _cut(line: ReadLine, start: int, end: int) -> ReadLine:
    """Return characters *start* to before *end*; signs at an end, which have little ink, stay with the character before them."""
    while end < len(line.chars) and not line.chars[end][0].isalnum():
        end += 1
    if (start, end) == (0, len(line.chars)):
        return line
    chars: tuple[Character, ...] = line.chars[start:end]
    box = (chars[0][1][0], line.box[1], chars[-1][1][2], line.box[3])
    sure = round(sum(item[2] for item in chars) / len(chars), 4)
    return replace(line, text="".join(item[0] for item in chars), box=box, confidence=sure, chars=chars)
