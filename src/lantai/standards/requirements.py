"""The table of requirements of a package standard: requirement → clause, level, text, and whether it is checked.

One CSV a standard (bagit, ocfl, csip) in the same columns; every one that is checked has a finding of its name in the code table.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: ``code`` without the prefix of its findings, ``level`` must, should or may, and the standard's editions and clause.

    ``check`` is ``yes``, ``as CODE…`` where another row's finding tells of it, or ``no`` with the reason.
    """

    code: str
    level: str
    editions: tuple[str, ...]
    clause: str
    check: str
    text: str

    @property
    def is_checked(self) -> bool:
        """Tell whether a finding of its own tells of it."""
        return self.check == "yes"


@cache
def requirements(standard: str) -> tuple[Requirement, ...]:
    """Return every row of the table of *standard* (``bagit``, ``ocfl``, ``csip``), in order."""
    text = (files("lantai.standards") / standard / "requirements.csv").read_text("utf-8")
    return tuple(
        Requirement(row["code"], row["level"], tuple(row["editions"].split()), row["clause"], row["check"], row["text"])
        for row in csv.DictReader(text.splitlines())
    )


@cache
def names(standard: str, table: str) -> dict[str, str]:
    """Return a table of two names a row (``bagit``/``info``, ``csip``/``descriptive``): theirs, in lower case, to our element."""
    rows = csv.reader((files("lantai.standards") / standard / f"{table}.csv").read_text("utf-8").splitlines()[1:])
    return {row[0].lower(): row[1] for row in rows}
