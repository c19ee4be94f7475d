"""DA/T 31-2017 digitisation of paper records: what a scan must, should and may be. Rows marked ``?`` are kept and never used to judge."""

from dataclasses import dataclass
from functools import cache

from lantai.standards.rows import rows


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: ``level`` least, most, must, should or may; values joined by ``|``; the element of DA/T 46 that records it."""

    name: str
    label: str
    level: str
    value: str
    unit: str
    certainty: str
    source: str
    element: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the work: its place in either order of steps (0 where it is none of it), and who does it, person or system."""

    name: str
    label: str
    catalogue_first: int
    recognise_first: int
    actor: str


@dataclass(frozen=True, slots=True)
class Defect:
    """A kind of error of a scan: where it lies (image, link or catalogue), how grave it is, and whether one of it fails a batch."""

    name: str
    label: str
    area: str
    level: str
    is_zero_tolerance: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A working paper that is kept with the batch, and the step at which it is made."""

    name: str
    label: str
    step: str


@cache
def steps(shape: str) -> tuple[Step, ...]:
    """Return the steps of a shape (``catalogue_first`` or ``recognise_first``) in their order."""
    found = [
        Step(row["name"], row["label"], int(row["catalogue_first"] or 0), int(row["recognise_first"] or 0), row["actor"])
        for row in rows("da_t_31", "steps")
    ]
    return tuple(sorted((item for item in found if getattr(item, shape)), key=lambda item: int(getattr(item, shape))))


@cache
def defects() -> dict[str, Defect]:
    """Return every kind of error by name."""
    return {
        row["name"]: Defect(row["name"], row["label"], row["area"], row["level"], row["is_zero_tolerance"] == "1")
        for row in rows("da_t_31", "defects")
    }


@cache
def forms() -> dict[str, Form]:
    """Return every working paper by name."""
    return {row["name"]: Form(row["name"], row["label"], row["step"]) for row in rows("da_t_31", "forms")}


@cache
def parameters() -> dict[str, Parameter]:
    """Return every parameter by name, those to be verified among them."""
    return {row["name"]: Parameter(**row) for row in rows("da_t_31", "parameters")}


def least(name: str) -> float | None:
    """Return the number of a parameter, None where it is to be verified or no number."""
    row = parameters()[name]
    return float(row.value) if row.certainty != "?" and row.value.replace(".", "", 1).isdigit() else None
