"""Questions to the metadata schemes: which are in force, what they ask of a category, and what a label meant."""

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from lantai.core.metadata import Element, Rule, Rules, Version, effective, labels
from lantai.shelves.metadata.models import MetadataScheme
from lantai.shelves.once import once
from lantai.shelves.policy import queries as policy
from lantai.standards import da_t_46

_TUPLES = frozenset({"values"})


def version(row: MetadataScheme, *, ever: bool = False) -> Version:
    """Return the version that a row holds, lists of values filled in: what may be chosen now, or (*ever*) what a list ever had."""
    return Version(row.category, row.number, filled(rules(row.rules), ever=ever))


def filled(wanted: Rules, *, ever: bool = False) -> Rules:
    """Return rules with the values of the lists that they name; one query where any does."""
    named = {rule.list for rule in wanted if rule.list}
    if not named:
        return wanted
    values = policy.values(named, ever=ever)
    return tuple(replace(rule, values=values.get(rule.list, ())) if rule.list else rule for rule in wanted)


def rules(rows: Iterable[dict[str, Any]]) -> Rules:
    """Return rules out of their stored form; what a later release may have added is left out."""
    known = {item.name for item in fields(Rule)}
    found: list[Rule] = []
    for row in rows:
        said: dict[str, Any] = {key: tuple(value) if key in _TUPLES else value for key, value in row.items() if key in known}
        found.append(Rule(**said))
    return tuple(found)


def stored(wanted: Rules) -> list[dict[str, Any]]:
    """Return rules in their stored form: one object a rule, without what it does not say."""
    return [
        {
            item.name: list(value) if isinstance(value, tuple) else value
            for item in fields(Rule)
            if (value := getattr(rule, item.name)) not in ("", None, ()) and not (rule.list and item.name == "values")
        }
        for rule in wanted
    ]


@once
def in_force() -> dict[str, Version]:
    """Return the versions in force by category; one query over a table of a few rows."""
    return {row.category: version(row) for row in MetadataScheme.objects.filter(state="in_force")}


def of_category(category: str = "", *, known: dict[str, Version] | None = None) -> tuple[Version, ...]:
    """Return the versions that hold for a category: that of all categories, then its own."""
    found = in_force() if known is None else known
    return tuple(found[name] for name in dict.fromkeys(("", category)) if name in found)


def named(label: str) -> tuple[Version, ...]:
    """Return the versions that a record's label means (``2+WS:1``); those that are not known are left out. What was described by a list
    stays good whatever is retired in it since."""
    found = []
    for part in label.split("+"):
        category, _, number = part.rpartition(":")
        row = MetadataScheme.objects.filter(category=category, number=int(number) if number.isdigit() else -1).first()
        found += [version(row, ever=True)] if row else []
    return tuple(found)


def elements(category: str = "") -> tuple[Element, ...]:
    """Return the elements in force for a category: the standard's with the agency's rules over them, own elements last."""
    return laid_over(of_category(category))


@lru_cache(maxsize=64)
def laid_over(versions: tuple[Version, ...]) -> tuple[Element, ...]:
    """Return the standard's elements with *versions* over them."""
    return effective(da_t_46.base(), versions)


def own_names() -> dict[str, str]:
    """Return the Chinese name of every own element that was ever in force, the newest name winning, by code."""
    rows = MetadataScheme.objects.exclude(state__in=("proposed", "withdrawn")).order_by("decided_at")
    found: dict[str, str] = {}
    for category, number, said in rows.values_list("category", "number", "rules"):
        found |= labels(laid_over((Version(category, number, rules(said)),)))
    return found
