"""Labels written one character below the other in forms (购/买/方): put together into one word at the place of the first.

Single Chinese characters that stand apart in their rows, straight below each other and of one size, make a label, when the last
of them and at least half of all share their rows with nothing but other such characters. A column of one-character cells
(units as 次, 个) always shares its rows with other cells and stays as it is.
"""

from dataclasses import replace

from lantai.formats.ofd.piece import Piece, around, is_han

Rows = list[list[list[Piece]]]
_STEP = 3.0
_ALIGNED = 0.3
_SAME_SIZE = 0.1
_LONGEST = 10
_MOST = 400
_Spot = tuple[int, int]


def stacked(rows: Rows) -> Rows:
    """Return *rows* with labels put together; the characters below the first are gone from their own rows."""
    spots = {(i, j): group[0] for i, row in enumerate(rows) for j, group in enumerate(row) if _is_single(group)}
    if not 2 <= len(spots) <= _MOST:
        return rows
    lonely = {i for i, row in enumerate(rows) if all((i, j) in spots for j in range(len(row)))}
    heads: dict[_Spot, Piece] = {}
    gone: set[_Spot] = set()
    for spot in spots:
        chain = _chain(spot, spots, gone) if spot not in gone else []
        while chain and chain[-1][0] not in lonely:
            chain.pop()
        if len(chain) >= 2 and 2 * sum(i in lonely for i, _ in chain) >= len(chain):
            heads[spot] = _label([spots[at] for at in chain])
            gone.update(chain)
    if not heads:
        return rows
    kept = [[_kept((i, j), group, heads, gone) for j, group in enumerate(row)] for i, row in enumerate(rows)]
    return [left for row in kept if (left := [group for group in row if group])]


def _is_single(group: list[Piece]) -> bool:
    return len(group) == 1 and len(group[0].text.strip()) == 1 and is_han(group[0].text.strip()) and not group[0].tail


def _chain(start: _Spot, spots: dict[_Spot, Piece], gone: set[_Spot]) -> list[_Spot]:
    chain = [start]
    while len(chain) <= _LONGEST:
        last = spots[chain[-1]]
        below = [(piece.y, spot) for spot, piece in spots.items() if spot not in gone and _is_below(last, piece)]
        if not below:
            break
        chain.append(min(below)[1])
    return chain if len(chain) <= _LONGEST else []


def _is_below(last: Piece, piece: Piece) -> bool:
    height = last.height
    is_aligned = abs(piece.x - last.x) <= _ALIGNED * height and abs(piece.height - height) <= _SAME_SIZE * height
    return is_aligned and 0 < piece.y - last.y <= _STEP * height


def _label(pieces: list[Piece]) -> Piece:
    text = "".join(piece.text.strip() for piece in pieces)
    return replace(pieces[0], text=text, box=around([piece.box for piece in pieces]))


def _kept(spot: _Spot, group: list[Piece], heads: dict[_Spot, Piece], gone: set[_Spot]) -> list[Piece]:
    if spot in heads:
        return [heads[spot]]
    return [] if spot in gone else group
