"""What the machine sees of one page: measured, cleaned, and what stands out by the thresholds of the settings."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lantai.core.digitising import Defect, Limits, Measured, defects
from lantai.formats.frames import Frame
from lantai.ports import House


@dataclass(frozen=True, slots=True)
class Looked:
    """The picture that is shown and read, how it was made, what was measured, and what stands out."""

    picture: Path
    quality: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()
    is_blank: bool = False


def limits(house: House) -> Limits:
    """Return the thresholds in force."""
    return Limits(dpi=house.settings.scan_dpi_least, skew=house.settings.scan_skew_most)


def look(house: House, source: Path, target: Path, frame: Frame, *, turned: int) -> Looked:
    """Measure *source* and make its picture beside *target* (a path without suffix)."""
    measured = Measured(dpi=frame.dpi or None, mode=frame.mode)
    return Looked(source, {}, {}, defects(measured, limits(house)))
