"""Looking at pages in this process: what a child of the pool does, and what tests use. It cannot stop what hangs or survive a crash."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lantai.core.digitising import Measured
from lantai.core.errors import Fault
from lantai.formats import frames
from lantai.imaging import cleaning, opening, quality
from lantai.imaging.shrinking import shrunk
from lantai.ports.imager import Job, Seen

_MODES = {"bilevel": "1", "grey": "L", "colour": "RGB"}
_SIDE = 900
#: What is smaller than this holds no letter, and cannot be looked at.
_LEAST_PX = 8
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What looking at a page gave, its picture not yet written."""

    seen: Seen
    image: bytes


class DirectImager:
    """Looks in process, at pages of *most_pixels* at most."""

    def __init__(self, most_pixels: int = opening.MOST_PIXELS) -> None:
        self._most_pixels = most_pixels

    def look(self, jobs: Iterable[Job]) -> Iterator[Seen]:
        """Look at one page after the other, each when it is asked for."""
        return map(self._one, jobs)

    def close(self) -> None:
        """Do nothing."""

    def _one(self, job: Job) -> Seen:
        done = look(job, most_pixels=self._most_pixels)
        done.seen.picture.write_bytes(done.image)
        return done.seen


def look(job: Job, *, most_pixels: int) -> Picture:
    """Measure and clean one page; it is decoded once. Raises Fault SCAN-UNREADABLE or SCAN-TOO-LARGE."""
    opened = opening.opened(job.source, frame=job.frame, most_pixels=most_pixels)
    if min(opened.width, opened.height) < _LEAST_PX:
        raise Fault("SCAN-UNREADABLE", str(job.source), detail=f"只有 {opened.width}×{opened.height} 像素，不是一页")
    measured = quality.measured(opened, quality.Limits())
    skew = None if measured.border_mm else measured.skew_degrees
    cleaned = cleaning.clean_picture(opened, cleaning.Recipe(quarter_turns=job.quarter_turns), skew_degrees=skew)
    steps = [step.as_json() for step in cleaned.steps]
    turned = next((int(str(step.parameters["quarter_turns"])) for step in cleaned.steps if step.name == "turn"), 0)
    fingerprint = frames.fingerprint(Image.fromarray(shrunk(opened.pixels, _SIDE)))
    seen = Seen(
        _beside(job.target, cleaned.mime), opened.width, opened.height, opened.dpi, fingerprint,
        _measured(measured, turned), measured.ink, {"steps": steps, "matrix": list(cleaned.matrix), "version": cleaning.VERSION},
    )  # fmt: skip
    return Picture(seen, cleaned.image)


def _beside(target: Path, mime: str) -> Path:
    return target.with_suffix(_SUFFIXES[mime])


def _measured(found: quality.Quality, turned: int) -> Measured:
    return Measured(
        dpi=found.dpi or None,
        skew=found.skew_degrees,
        turn=turned,
        sharpness=found.sharpness,
        border=found.border_mm,
        contrast=found.contrast,
        is_blank=found.is_blank,
        is_clipped=bool(found.clipped),
        has_lost_corner=bool(found.missing_corners),
        has_colour=found.has_colour,
        is_inverted=found.is_inverted,
        mode=_MODES.get(found.mode, "RGB"),
    )
