"""Pictures of pages: what the machine sees of one, and what a person is shown of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import Defect, Limits, defects
from lantai.core.errors import Refusal
from lantai.formats import frames
from lantai.ports import House
from lantai.ports.imager import Seen
from lantai.shelves.digitising import queries


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


def looked(house: House, seen: Seen) -> Looked:
    """Return what is kept of a page that was looked at: what stands out is told by the thresholds in force."""
    found = seen.measured
    measures = {
        "mode": found.mode,
        "skew": found.skew,
        "sharpness": found.sharpness,
        "border_mm": found.border,
        "contrast": found.contrast,
        "ink": seen.ink,
    }
    judged = replace(found, sharpness=None) if found.mode == "1" else found
    told = defects(judged, limits(house))
    return Looked(
        seen.picture, seen.width, seen.height, round(seen.dpi), seen.fingerprint, measures, dict(seen.recipe), told, found.is_blank
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
