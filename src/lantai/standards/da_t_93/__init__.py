"""Transfer packages: the directory forms of DA/T 93-2022 and of 档发〔2012〕7号, and what is asked of them.

The two differ in the catalogue and in where the records lie; ``forms.toml`` holds both, a setting chooses which is written, and
whichever came is read.
"""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lantai.standards.da_t_48 import Requirement


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the catalogue: its name, the element it repeats (empty: a fact of the package), its level (must, should, may)."""

    name: str
    element: str
    level: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue file: its name, the root element, and the element of a row."""

    file: str
    root: str
    row: str


@dataclass(frozen=True, slots=True)
class Form:
    """One directory form; ``content`` is the folder that holds the records, empty where that is the root."""

    key: str
    name: str
    certainty: str
    content: str
    other: str
    description: str
    catalogues: tuple[Catalogue, ...]
    columns: tuple[Column, ...]
    fields: tuple[str, ...]


@cache
def forms() -> dict[str, Form]:
    """Return the forms by key, ``da_t_93`` and ``form_2012``."""
    read = {}
    for key, table in tomllib.loads(_text("forms.toml")).items():
        table["catalogues"] = tuple(Catalogue(**row) for row in table["catalogues"])
        table["columns"] = tuple(Column(**row) for row in table["columns"])
        table["fields"] = tuple(table["fields"])
        read[key] = Form(key=key, **table)
    return read


@cache
def requirements() -> dict[str, Requirement]:
    """Return everything that is asked of a transfer package, by code."""
    lines = (line for line in _text("requirements.csv").splitlines() if line and not line.startswith("#"))
    return {row["code"]: Requirement(**row) for row in csv.DictReader(lines)}


def _text(name: str) -> str:
    return (resources.files("lantai.standards.da_t_93") / name).read_text("utf-8")
