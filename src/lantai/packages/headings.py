"""The table of what elements are called by those who write catalogues and metadata (``catalogue_headings.toml``)."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources

from lantai.packages.record_xml import element_names

_TRAILING = re.compile(r"\([^()]*\)$")
_SPACE = re.compile(r"\s+")


def element_of(heading: str) -> str:
    """Return the element that *heading* stands for, empty where the table does not know it."""
    elements, _ = _table()
    key = _key(heading)
    return elements.get(key) or elements.get(_TRAILING.sub("", key), "")


def names_files(heading: str) -> bool:
    """Tell whether a column of that heading names computer files."""
    return _key(heading) in _table()[1]


def register_field_of(heading: str) -> str:
    """Return the field of a register of finished documents that *heading* stands for, empty where it is none of its own."""
    key = _key(heading)
    fields = _register()
    return fields.get(key) or fields.get(_TRAILING.sub("", key), "")


@cache
def _register() -> dict[str, str]:
    return {_key(name): field for field, names in _listed()["register"].items() for name in names}


@cache
def name_of(element: str) -> str:
    """Return the Chinese name that *element* is written under, empty where it has none of its own."""
    if element in element_names():
        return element_names()[element][1]
    listed = _listed()["elements"].get(element)
    return listed[0] if listed else ""


def _key(heading: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", heading)).strip("*:")


@cache
def _listed() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((resources.files("lantai.packages") / "catalogue_headings.toml").read_text("utf-8"))


@cache
def _table() -> tuple[dict[str, str], frozenset[str]]:
    elements = {_key(name): element for element, (_, name) in element_names().items()}
    for element, names in _listed()["elements"].items():
        elements |= {_key(name): element for name in names}
    files = frozenset(map(_key, _listed()["files"]["headings"]))
    return {name: element for name, element in elements.items() if name not in files}, files
