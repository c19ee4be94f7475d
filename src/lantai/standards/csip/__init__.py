"""E-ARK Common Specification for Information Packages 2.x and its SIP, AIP and DIP (DILCIS Board): requirements, and the rules for METS.

A rule is two XPath expressions: which nodes it is about, and what each of them must give. ``@@name`` stands for a comparison that
XPath cannot make; :mod:`lantai.packages.csip_rules` knows each by name.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the table: the requirement it checks, the nodes it is about, and what is asked of each.

    ``is_for_package`` is set where the METS document of the whole package alone is meant, and not those of representations.
    """

    code: str
    each: str
    needs: str
    is_for_package: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, in order of the requirements."""
    text = (files(__package__) / "rules.csv").read_text("utf-8")
    return tuple(Rule(row["code"], row["each"], row["needs"], row["of"] == "package") for row in csv.DictReader(text.splitlines()))


@cache
def vocabulary(name: str) -> frozenset[str]:
    """Return the values of a vocabulary, folded."""
    text = (files(__package__) / "vocabularies.csv").read_text("utf-8")
    return frozenset(folded(row["value"]) for row in csv.DictReader(text.splitlines()) if row["vocabulary"] == name)


def folded(value: str) -> str:
    """Return a value as it is compared: without case, with one kind of dash and one white space."""
    return " ".join(re.sub("[‐-―-]", "-", value).casefold().split())
