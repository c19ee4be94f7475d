"""Versions of an archived record compared: which elements changed, which files came, went or became others; and what may be changed.

An archived record is write-once (house.md §4): a correction, or going back to an earlier description, is a version of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lantai.core.record import Elements

Value = str | list[str]
#: Elements that stand in the archival code or follow from it and from the files; no correction touches them.
FIXED = frozenset(
    {
        "archival_code",
        "electronic_record_code",
        "fonds_identifier",
        "category_code",
        "year",
        "retention_period",
        "organizational_structure_or_function",
        "agency_item_number",
        "fonds_constituting_unit_name",
        "total_number_of_pages",
    }
)


@dataclass(frozen=True, slots=True)
class ElementChange:
    """An element that two versions say otherwise; None where a version does not have it."""

    name: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that two versions do not share. ``kind``: added, removed, changed (other bytes), moved (the same bytes at another place).

    ``path`` is where it lies now, or lay where it is gone; ``was`` its path in the earlier version. Digests are SHA-256, empty where a
    version does not have the file.
    """

    kind: str
    path: str
    was: str
    before_sha256: str
    after_sha256: str


def changed_elements(before: Elements, after: Elements) -> tuple[ElementChange, ...]:
    """Return the elements that differ, in the order of the earlier version, then what is new."""
    names = dict.fromkeys((*before, *after))
    return tuple(ElementChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name))


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Return the files that differ; both map a path to its SHA-256."""
    gone = {path: digest for path, digest in before.items() if path not in after}
    found = [
        FileChange("changed", path, path, before[path], after[path]) for path in before if after.get(path, before[path]) != before[path]
    ]
    for path, digest in after.items():
        if path in before:
            continue
        was = next((old for old, known in gone.items() if known == digest), "")
        gone.pop(was, None)
        found.append(FileChange("moved" if was else "added", path, was, digest if was else "", digest))
    found += [FileChange("removed", path, path, digest, "") for path, digest in gone.items()]
    return tuple(sorted(found, key=lambda item: item.path))


def applied(elements: Elements, changes: Mapping[str, Value | None]) -> Elements:
    """Return *elements* with changed values put in; None takes an element out."""
    return {name: value for name, value in ({**elements, **changes}).items() if value is not None}
