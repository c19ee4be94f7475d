"""What a machine finds wrong with a page, out of numbers that were measured; only remarks: the verdict is a person's."""

from collections.abc import Sequence
from dataclasses import dataclass

_MM_AN_INCH = 25.4
_SAME_BITS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds: least dots an inch, most skew in degrees, least sharpness (0–1), most black border in mm, least
    contrast (0–1)."""

    dpi: float = 200
    skew: float = 1.0
    sharpness: float = 0.12
    border: float = 3.0
    faint: float = 0.25


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a page; None where it was not. Skew in degrees, turn in quarter turns, border in mm, the rest from 0 to 1."""

    dpi: float | None = None
    skew: float | None = None
    turn: int | None = None
    sharpness: float | None = None
    border: float | None = None
    contrast: float | None = None
    is_blank: bool = False
    is_clipped: bool = False
    has_lost_corner: bool = False
    has_colour: bool = False
    is_inverted: bool = False
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Defect:
    """A remark on a page: its kind (a row of standards/da_t_31/defects.csv) and what was found, in few words."""

    name: str
    words: str


def defects(page: Measured, limits: Limits) -> tuple[Defect, ...]:
    """Return what stands out about a page, worst first."""
    sharpness, contrast, skew = page.sharpness or 0.0, page.contrast or 0.0, abs(page.skew or 0.0)
    dpi, border = page.dpi or 0.0, page.border or 0.0
    is_unsharp = page.sharpness is not None and sharpness < limits.sharpness
    is_faint = page.contrast is not None and contrast < limits.faint
    rules = (
        (bool(page.turn), Defect("upside_down", "倒置" if page.turn == 2 else "横放")),
        (page.is_inverted, Defect("distorted", "黑白颠倒")),
        (page.has_lost_corner, Defect("corner", "缺角")),
        (page.is_clipped, Defect("clipped", "裁切缺字")),
        (is_unsharp and not page.is_blank, Defect("blur", f"模糊 {sharpness * 100:.0f}")),
        (0 < dpi < limits.dpi, Defect("resolution", f"{dpi:.0f} dpi")),
        (skew > limits.skew, Defect("skew", f"歪斜 {skew:.1f}°")),
        (border > limits.border, Defect("border", "黑边")),
        (is_faint and not page.is_blank, Defect("faint", "偏淡")),
        (page.has_colour and page.mode == "1", Defect("colour", "应为彩色")),
        (page.is_blank, Defect("blank", "疑似空白")),
    )
    return tuple(defect for is_so, defect in rules if is_so)


def alike(prints: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return (place, place of the earlier one) of pages that look the same as one of the few before them; prints are 64 bits in hex."""
    found = []
    known = [int(text, 16) if text else None for text in prints]
    for at, own in enumerate(known):
        for before in range(max(0, at - 3), at):
            other = known[before]
            if own is not None and other is not None and (own ^ other).bit_count() <= _SAME_BITS:
                found.append((at, before))
                break
    return tuple(found)


def millimetres(pixels: int, dpi: float) -> float:
    """Return a length on paper, 0 where the resolution is not known."""
    return pixels / dpi * _MM_AN_INCH if dpi > 0 else 0.0
