"""Pictures of pages: what the machine sees of one, and what a person is shown of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import Defect, Limits, Measured, defects
from lantai.core.errors import Refusal
from lantai.formats import frames
from lantai.imaging import cleaning, opening, quality
from lantai.ports import House
from lantai.shelves.digitising import queries

_MODES = {"bilevel": "1", "grey": "L", "colour": "RGB"}
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class Looked:
    """A page as the machine sees it: the picture that is shown and read and how it was made, size and resolution of the scan, what was
    measured, what stands out, and 64 bits in hex by which pages that look alike are known."""

    picture: Path
    width: int
    height: int
    dpi: int
    fingerprint: str
    quality: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()
    is_blank: bool = False


def limits(house: House) -> Limits:
    """Return the thresholds in force."""
    return Limits(dpi=house.settings.scan_dpi_least, skew=house.settings.scan_skew_most)


def look(house: House, source: Path, target: Path, *, quarter_turns: int | None = None) -> Looked:
    """Measure the single-frame scan *source* and write its cleaned picture beside *target* (a path without suffix).

    *quarter_turns*, counter-clockwise, are a person's; None lets the machine find what is up. Raises Fault SCAN-UNREADABLE
    or SCAN-TOO-LARGE. The same scan and recipe give the same picture.
    """
    opened = opening.opened(source, most_pixels=house.settings.file_pixels)
    measured = quality.measured(opened, quality.Limits())
    cleaned = cleaning.clean_picture(opened, cleaning.Recipe(quarter_turns=quarter_turns))
    picture = target.with_suffix(_SUFFIXES[cleaned.mime])
    picture.write_bytes(cleaned.image)
    steps = [step.as_json() for step in cleaned.steps]
    mode = _MODES.get(measured.mode, "RGB")
    told = {
        "mode": mode,
        "skew": measured.skew_degrees,
        "sharpness": measured.sharpness,
        "border_mm": measured.border_mm,
        "contrast": measured.contrast,
        "ink": measured.ink,
    }
    return Looked(
        picture,
        opened.width,
        opened.height,
        round(opened.dpi),
        frames.fingerprint(Image.fromarray(opened.pixels)),
        told,
        {"steps": steps, "matrix": list(cleaned.matrix), "version": cleaning.VERSION},
        defects(_judged(measured, mode, steps), limits(house)),
        measured.is_blank,
    )


def _judged(measured: quality.Quality, mode: str, steps: list[dict[str, Any]]) -> Measured:
    return Measured(
        dpi=measured.dpi or None,
        skew=measured.skew_degrees,
        turn=quarter_turns(steps),
        sharpness=None if mode == "1" else measured.sharpness,
        border=measured.border_mm,
        contrast=measured.contrast,
        is_blank=measured.is_blank,
        is_clipped=bool(measured.clipped),
        has_lost_corner=bool(measured.missing_corners),
        has_colour=measured.has_colour,
        is_inverted=measured.is_inverted,
        mode=mode,
    )


def quarter_turns(steps: Sequence[Mapping[str, Any]]) -> int:
    """Return by how many quarters, counter-clockwise, the steps of a recipe have turned a page."""
    return next((int(step["parameters"]["quarter_turns"]) for step in steps if step["name"] == "turn"), 0)


def shown(house: House, actor: Actor, page_id: str, *, of_scan: bool, width: int, box: tuple[int, int, int, int] | None = None) -> bytes:
    """Return a page for the screen, JPEG *width* pixels wide, or the part *box* of it as PNG. Refusals: ACCESS-REFUSED,
    DIGITISE-PAGE-UNKNOWN, also where the picture is gone."""
    access.require(actor, "digitise:batch:read")
    page = queries.page(page_id)
    place = str(page.recipe.get("source", "")) if of_scan else page.picture
    limit = house.settings.file_pixels
    content = None
    if place:
        path = house.data / place
        turned = page.turned if of_scan else 0
        content = frames.crop(path, box, pixels=limit) if box else frames.thumbnail(path, width, pixels=limit, turned=turned)
    if content is None:
        raise Refusal("DIGITISE-PAGE-UNKNOWN", page_id)
    return content


def histogram(house: House, actor: Actor, page_id: str) -> tuple[int, ...]:
    """Return how many pixels of a page fall into each of 64 tones from black to white; nothing where it cannot be decoded."""
    access.require(actor, "digitise:batch:read")
    page = queries.page(page_id)
    place = str(page.recipe.get("source", ""))
    return frames.histogram(house.data / place, pixels=house.settings.file_pixels) if place else ()
