"""GB/T 9704-2012, the layout of official documents of Party and government agencies: the words they are recognised by."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from lantai.core.officialdoc import Words


@cache
def words() -> Words:
    """Return the word lists for ``core.officialdoc``."""
    table = _table()
    lists = {row["name"]: tuple(row["words"]) for row in table["list"]}
    return Words(**lists, type_endings=tuple((row["ending"], row["document_type"]) for row in table["ending"]))


def sources() -> dict[str, tuple[str, str]]:
    """Return source and certainty of every word list, by its name."""
    return {row["name"]: (row["source"], row["certainty"]) for row in _table()["list"]}


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
