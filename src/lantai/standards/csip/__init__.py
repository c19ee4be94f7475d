"""E-ARK Common Specification for Information Packages 2.x (DILCIS Board): requirements, and the rules that METS documents are held to.

A rule is two XPath expressions: which nodes it is about, and what each of them must give. ``@@name`` stands for a comparison that
XPath cannot make; :mod:`lantai.packages.csip_rules` knows each by name.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the table: the requirement it checks, the nodes it is about, and what is asked of each."""

    code: str
    each: str
    needs: str


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, in order of the requirements."""
    text = (files(__package__) / "rules.csv").read_text("utf-8")
    return tuple(Rule(row["code"], row["each"], row["needs"]) for row in csv.DictReader(text.splitlines()))
