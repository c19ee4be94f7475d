"""DA/T 38-2021 with DA/T 74 and 75: offline media, how often each kind is checked, and the grades of a check."""

from functools import cache

from lantai.standards.rows import rows


@cache
def types() -> dict[str, str]:
    """Return type -> name of the media known."""
    return {row["type"]: row["name"] for row in rows("da_t_38", "media")}


@cache
def years_between_checks(medium_type: str) -> int:
    """Return after how many years a medium of a type is checked again. Raises KeyError for an unknown type."""
    return {row["type"]: int(row["years"]) for row in rows("da_t_38", "media")}[medium_type]


@cache
def grades() -> dict[str, str]:
    """Return grade -> name."""
    return {row["grade"]: row["name"] for row in rows("da_t_38", "grades")}


@cache
def must_migrate() -> frozenset[str]:
    """Return the grades at which what a medium holds must be moved to another."""
    return frozenset(row["grade"] for row in rows("da_t_38", "grades") if row["must_migrate"])
