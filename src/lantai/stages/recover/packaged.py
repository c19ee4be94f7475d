"""Archived records out of the vault: what the state package left out is read from their packages and held against its digest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Model

from lantai import work
from lantai.core import record as core
from lantai.core.checks import Gate, packed, presumed
from lantai.core.errors import Coded
from lantai.core.findings import Finding, finding
from lantai.packages import layout, record_xml
from lantai.packages.table_package import TablePackage, digest_of
from lantai.ports import House
from lantai.shelves import tables
from lantai.stages.recover import carried
from lantai.stages.recover.loading import cells
from lantai.stages.recover.writing import IN_VAULT
from lantai.standards.da_t_70 import telling

RECORDS, DOCUMENTS, FILES, REPORTS = "holdings_record", "holdings_document", "holdings_computerfile", "intake_report"
_SLICE = 500
Cells = dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What came of it: records put in, and what is wrong."""

    records: int = 0
    problems: list[Finding] = field(default_factory=list)


class Children:
    """The rows of a table in the order of the records they belong to, taken record by record."""

    def __init__(self, package: TablePackage, table: str, owner: str) -> None:
        self._columns = package.columns(table + IN_VAULT)
        self._rows = package.rows(table + IN_VAULT)
        self._owner = owner
        self._next: Cells | None = self._advance()

    def of(self, record_id: str) -> list[Cells]:
        """Return the rows of the record, which must come in the order in which the rows were written."""
        found = []
        while self._next is not None and self._next[self._owner] == record_id:
            found.append(self._next)
            self._next = self._advance()
        return found

    def _advance(self) -> Cells | None:
        row = next(self._rows, None)
        return None if row is None else cells(self._columns, row)


class Packaged:
    """Puts records, documents, files and reports of archived records back, a few hundred at a time."""

    def __init__(self, house: House, package: TablePackage, models: dict[str, type[Model]]) -> None:
        self._house = house
        self._package = package
        self._models = models
        self._children = {DOCUMENTS: Children(package, DOCUMENTS, "record_id"), FILES: Children(package, FILES, "record_id")}
        self._reports = Children(package, REPORTS, "subject_id")
        self.outcome = Outcome()

    def put(self) -> Outcome:
        """Put every record back that the state package knows to be in the vault."""
        columns = self._package.columns(RECORDS + IN_VAULT)
        rows = (cells(columns, row) for row in self._package.rows(RECORDS + IN_VAULT))
        with work.progress("rebuild", "records", step="由封装包重建", total=self._package.count(RECORDS + IN_VAULT)) as progress:
            while part := list(islice(rows, _SLICE)):
                self._slice(part)
                progress.advance(len(part))
        return self.outcome

    def _slice(self, part: list[Cells]) -> None:
        made: dict[str, list[Cells]] = {RECORDS: [], DOCUMENTS: [], FILES: [], REPORTS: []}
        for row in part:
            value = self._value(row)
            made[RECORDS].append(self._record(row, value))
            made[DOCUMENTS] += self._documents(row["id"], value)
            made[FILES] += self._files(row["id"], value)
            made[REPORTS] += self._told(row)
        for table, found in made.items():
            if found:
                names = list(found[0])
                tables.put(self._models[table], names, ([item[name] for name in names] for item in found))
        self.outcome.records += len(part)

    def _value(self, row: Cells) -> core.Record | None:
        try:
            with self._house.store.open(row["id"], layout.RECORD_XML, row["content_version"]) as stream:
                return record_xml.read(stream.read())
        except Coded as problem:
            self.outcome.problems.append(finding("REBUILD-OBJECT-MISSING", row["code"] or row["id"], reason=problem.code))
            return None

    def _record(self, row: Cells, value: core.Record | None) -> Cells:
        own, told = row.pop("own_elements"), row.pop("digest")
        if value is None:
            empty: Cells = {"elements": own, "agents": [], "events": [], "relations": []}
            return {**row, "needs_attention": row["needs_attention"] or "REBUILD-OBJECT-MISSING"} | empty
        return row | self._judged(carried.record_columns(value, own), carried.RECORD, told, row["code"] or row["id"])

    def _documents(self, record_id: str, value: core.Record | None) -> Iterator[Cells]:
        known = {item.sequence: item for item in value.documents} if value else {}
        for row in self._children[DOCUMENTS].of(record_id):
            told, item = row.pop("digest"), known.get(row["sequence"])
            columns = carried.document_columns(item) if item else {"role": core.Role.OTHER.value, "title": ""}
            yield row | (self._judged(columns, carried.DOCUMENT, told, record_id) if value else columns)

    def _files(self, record_id: str, value: core.Record | None) -> Iterator[Cells]:
        known = {item.id: item for item in value.files} if value else {}
        for row in self._children[FILES].of(record_id):
            own, told, item = row.pop("own_facts"), row.pop("digest"), known.get(row["id"])
            if item is not None:
                yield row | self._judged(carried.file_columns(item, own), carried.FILE, told, record_id)
            elif value is not None:
                self.outcome.problems.append(finding("REBUILD-ROW-DIFFERS", record_id))

    def _told(self, record: Cells) -> Iterator[Cells]:
        """Return the report of the archiving gate, as the database packs it."""
        for row in self._reports.of(record["id"]):
            told = row.pop("digest")
            found = self._report(record["id"], told)
            if found is not None:
                report, is_same = found
                if not is_same:
                    self.outcome.problems.append(finding("REBUILD-ROW-DIFFERS", record["id"]))
                yield row | {"packed": report}

    def _report(self, record_id: str, told: str) -> tuple[Any, bool] | None:
        """Return the report of a record's package packed, and whether it is the one whose digest was *told*."""
        try:
            with self._house.store.open(record_id, layout.REPORT, 1) as stream:
                report = json.load(stream)
        except Coded:
            return None
        edition = telling.made(str(report.get("rules", ""))) or telling.current(Gate.ARCHIVING)
        body = presumed(report, edition)
        if digest_of(body) == told:
            return body, True
        body = packed(report, edition)
        return body, digest_of(body) == told

    def _judged(self, columns: Cells, names: tuple[str, ...], told: str, where: str) -> Cells:
        if carried.digest(columns, names) != told:
            self.outcome.problems.append(finding("REBUILD-ROW-DIFFERS", where))
        return columns
