"""Questions to the agency's decisions: rules of categories, how they are parted, and lists of values."""

from collections.abc import Iterable

from lantai.core.classification import Scheme
from lantai.shelves.once import once
from lantai.shelves.policy.models import CategoryRule, ClassScheme, ValueList


@once
def category_rules() -> dict[str, CategoryRule]:
    """Return the rules of categories in force, by category; one query over a table of a few rows."""
    return {row.category: row for row in CategoryRule.objects.filter(retired_at=None).order_by("category")}


@once
def all_category_rules() -> list[CategoryRule]:
    """Return every rule of a category that is or was in force, those in force first, then the newest."""
    return sorted(CategoryRule.objects.order_by("-decided_at"), key=lambda row: row.retired_at is not None)


@once
def class_schemes() -> dict[str, tuple[Scheme, ...]]:
    """Return the classification schemes in force by category; one query over a table of a few rows."""
    found: dict[str, tuple[Scheme, ...]] = {}
    for row in ClassScheme.objects.filter(retired_at=None).order_by("category", "since"):
        found[row.category] = (*found.get(row.category, ()), class_scheme(row))
    return found


def class_scheme(row: ClassScheme) -> Scheme:
    """Return the scheme that a row holds."""
    return Scheme(row.category, row.number, row.form, tuple((code, name) for code, name in row.terms), row.since)


@once
def flat_categories() -> frozenset[str]:
    """Return the categories that are, or were once, parted by year and period alone."""
    rows = ClassScheme.objects.exclude(form__contains="department").exclude(form__contains="subject")
    return frozenset(rows.values_list("category", flat=True))


@once
def subjects() -> dict[str, str]:
    """Return code -> name of every subject that a scheme lists or listed, the newest name winning."""
    rows = ClassScheme.objects.filter(form__contains="subject").order_by("decided_at").values_list("terms", flat=True)
    return {code: name for terms in rows for code, name in terms}


def values(codes: Iterable[str], *, ever: bool = False) -> dict[str, tuple[str, ...]]:
    """Return the values of lists by code: those that may be chosen now, or all that a list ever had; a retired list keeps only these."""
    rows = ValueList.objects.filter(code__in=list(codes)).order_by("number").values_list("code", "entries", "retired_at")
    found: dict[str, tuple[str, ...]] = {}
    for code, entries, retired_at in rows:
        if ever or retired_at is None:
            found[code] = tuple(value for value, _, is_retired in entries if ever or not is_retired)
    return found
