"""GB/T 33480-2016 metadata of official documents: its core elements and the elements of DA/T 46 (or keys of ours) they become."""

from functools import cache

from lantai.standards.rows import rows

#: Keys that DA/T 46 does not have and that we keep under these names.
OWN = frozenset({"copy_number", "issuer_mark", "attachment_note", "printing_body", "printing_date", "release_level"})


@cache
def mapping() -> dict[str, tuple[str, ...]]:
    """Return core element -> the elements it becomes."""
    return {row["name"]: tuple(row["elements"].split("|")) for row in rows("gb_t_33480", "elements")}


@cache
def by_element() -> dict[str, str]:
    """Return element -> the core element it comes from."""
    return {code: name for name, codes in mapping().items() for code in codes}
