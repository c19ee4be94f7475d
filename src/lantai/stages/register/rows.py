"""From rows as they came to documents that can be registered, or the findings that say why not. Pure but for the tables it is given."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lantai.core import officialdoc
from lantai.core.findings import Finding, Severity, finding
from lantai.core.finished import document_key, plain_title
from lantai.core.identity import identity_key, number_key
from lantai.packages.finished import Row

#: Columns of a document that a row fills and that a later row may change.
COLUMNS = (
    "oa_number",
    "document_number",
    "title",
    "document_date",
    "finished_on",
    "author",
    "department",
    "person",
    "outcome",
    "said_filed",
    "sha256",
)
NAMES = {
    "oa_number": "OA 编号",
    "document_number": "文号",
    "title": "题名",
    "document_date": "成文日期",
    "finished_on": "办结日期",
    "author": "责任者",
    "department": "部门",
    "person": "经办人",
    "outcome": "处理结果",
    "said_filed": "是否归档",
    "sha256": "摘要",
}
_LIMITS = {"oa_number": 128, "document_number": 200, "title": 2000, "author": 300, "person": 64, "outcome": 200, "said_filed": 32}
_DIGEST = re.compile("[0-9a-f]{64}")
_NOT = re.compile("^(否|不|无需|未归|不归|n$|no$|0$|false$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark(Finding):
    """A finding about a row: ``where`` is its number, ``field`` the column that it is about (empty: the row)."""

    field: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the documented fields, with the name of the column as people and as programs know it."""
        return Finding.as_json(self) | {"field": self.field, "column": NAMES.get(self.field, "")}


def remark(code: str, row: Row, field: str = "", **values: object) -> Remark:
    """Make the remark *code* about a row and one of its columns."""
    found = finding(code, str(row.number), **values)
    return Remark(found.code, found.severity, found.message, found.where, field)


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be registered: its key, the values of its columns, what follows from them, and remarks."""

    row: Row
    key: str
    values: dict[str, str]
    derived: dict[str, str]
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be registered, with why; ``is_secret`` rows are kept without what they say."""

    row: Row
    findings: tuple[Finding, ...]
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Departments: ``codes`` maps code and every name to the code, ``default`` is that of rows that name none.

    ``allowed`` are those whose documents may be entered, None for all.
    """

    codes: Mapping[str, str]
    default: str = ""
    allowed: frozenset[str] | None = None

    def may(self, code: str) -> bool:
        """Tell whether documents of a department may be entered."""
        return self.allowed is None or code in self.allowed


def read(rows: Iterable[Row], places: Places) -> tuple[list[Read], list[Refused]]:
    """Return what can be registered, each document once, and what cannot."""
    good: dict[str, Read] = {}
    refused: list[Refused] = []
    for row in rows:
        outcome = _row(row, places)
        if isinstance(outcome, Refused):
            refused.append(outcome)
        elif (first := good.get(outcome.key)) is None:
            good[outcome.key] = outcome
        else:
            code = "REGISTER-ROW-SAME-TWICE" if first.values == outcome.values else "REGISTER-ROW-REPEATED"
            refused.append(Refused(row, (remark(code, row, first=first.row.number),)))
    return list(good.values()), refused


def _row(row: Row, places: Places) -> Read | Refused:
    given = row.fields
    level = {"security_classification": given["security_classification"]} if "security_classification" in given else {}
    if officialdoc.secrecy((), level | {"title": given.get("title", "")}, "").strong:
        return Refused(row, (remark("REGISTER-SECRET", row),), is_secret=True)
    values = {name: given.get(name, "") for name in COLUMNS}
    found = [*_dates(row, values), *_lengths(row, values), *_department(row, values, places)]
    if not values["title"]:
        found.append(remark("REGISTER-TITLE-MISSING", row, "title"))
    day = values["finished_on"] or values["document_date"]
    if not day and not found:
        found.append(remark("REGISTER-DATE-MISSING", row, "finished_on"))
    if any(item.severity is Severity.ERROR for item in found):
        return Refused(row, tuple(found))
    values["sha256"] = digest if _DIGEST.fullmatch(digest := values["sha256"].lower().replace(" ", "")) else ""
    if _NOT.match(values["said_filed"]):
        found.append(remark("REGISTER-SAID-NOT", row, "said_filed", value=values["said_filed"]))
    return Read(row, _key(values), values, _derived(values, day), tuple(found))


def _key(values: Mapping[str, str]) -> str:
    day = values["document_date"] or values["finished_on"]
    return document_key(values["oa_number"], values["document_number"], title=values["title"], day=day, author=values["author"])


def _derived(values: Mapping[str, str], day: str) -> dict[str, str]:
    return {
        "number_key": number_key(values["document_number"]),
        "plain_title": plain_title(values["title"]),
        "identity_key": identity_key(values["title"], values["document_date"], values["author"]),
        "year": day[:4],
    }


def _dates(row: Row, values: dict[str, str]) -> list[Finding]:
    """Bring the dates into the form of civil dates; one that cannot be read refuses the row."""
    found: list[Finding] = []
    for name in ("document_date", "finished_on"):
        said = values[name]
        values[name] = officialdoc.civil_date(said)[0] if said else ""
        if said and not values[name]:
            found.append(remark("REGISTER-DATE-UNREADABLE", row, name, name=NAMES[name], value=said[:40]))
    return found


def _lengths(row: Row, values: Mapping[str, str]) -> list[Finding]:
    return [remark("REGISTER-TOO-LONG", row, name, name=NAMES[name]) for name, most in _LIMITS.items() if len(values[name]) > most]


def _department(row: Row, values: dict[str, str], places: Places) -> list[Finding]:
    said = values["department"]
    code = places.codes.get(said.strip()) if said else places.default
    values["department"] = code or ""
    if code is None:
        return [remark("REGISTER-DEPARTMENT-UNKNOWN", row, "department", value=said[:40])]
    return [] if places.may(code) else [remark("REGISTER-DEPARTMENT-OTHER", row, "department")]
