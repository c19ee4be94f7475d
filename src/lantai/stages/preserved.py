"""What the preservation gate must be told about a record in the vault: its package, its row and its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lantai.core import beijing
from lantai.core import record as core
from lantai.core.archival_code import CODE_ELEMENTS, explain
from lantai.core.checks.facts import DocumentFacts, EngineFacts, PackageFacts, RecordFacts
from lantai.core.errors import Fault, Refusal
from lantai.core.findings import Finding
from lantai.packages import layout, record_xml
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.stages import coding, facts
from lantai.stages.agreement import differences
from lantai.stages.seals import Seals


@dataclass(frozen=True, slots=True)
class Preserved:
    """A record in the vault with its rows; ``is_whole`` tells whether the bytes that were read have their digests.

    ``findings`` are what reading the whole object found; where there are any, parts of it that are gone are no fault of the machine.
    ``seals`` is the ledger, None where nobody asks it. ``virus`` is what an engine says of the files now, by path; where it says nothing,
    what was said when they were last scanned stands.
    """

    row: Record
    documents: Sequence[Document]
    files: Sequence[ComputerFile]
    duplicates: Mapping[str, tuple[str, ...]]
    is_whole: bool
    findings: tuple[Finding, ...] = ()
    seals: Seals | None = None
    virus: Mapping[str, str] = field(default_factory=dict)

    def facts(self, house: House, engine: EngineFacts) -> RecordFacts:
        """Read the package's own description and return the facts. Raises Fault where the vault fails."""
        row, kept = self.row, self._kept(house)
        elements = kept.elements if kept else dict(row.elements)
        return RecordFacts(
            record_id=row.id,
            today=beijing.day(house.clock.now()),
            content_basis=core.ContentBasis(row.content_basis),
            electronic_record_code=row.electronic_record_code,
            elements=elements,
            metadata_readable=kept is not None,
            code=row.code,
            code_parts={name: kept.text(name) for name in CODE_ELEMENTS if kept.text(name)} if kept else {},
            code_findings=explain(row.code, coding.Forms(house).of(row)),
            documents=tuple(self._scanned(item) for item in facts.documents(self.documents, self.files, own=True)),
            events=kept.events if kept else (),
            agents=kept.agents if kept else (),
            relations=kept.relations if kept else (),
            signatures_described=kept.signatures if kept else (),
            described_by=kept.scheme if kept else "",
            duplicates=self.duplicates,
            package=self._package(house, kept),
            engine=engine,
            database_matches=kept is not None and not list(differences(row, self.documents, self.files, kept)),
            ledger_verified=self._in_ledger(),
        )

    def _scanned(self, document: DocumentFacts) -> DocumentFacts:
        files = tuple(replace(item, virus=self.virus.get(item.path, item.virus)) for item in document.files)
        return replace(document, files=files)

    def _in_ledger(self) -> bool | None:
        """Tell whether the ledger proves the archiving; None where nobody asks it, and where the vault's inventory is gone anyway."""
        try:
            return self.seals.verdict(self.row) if self.seals is not None else None
        except Fault:
            if not self.findings:
                raise
            return None

    def _kept(self, house: House) -> core.Record | None:
        try:
            with house.store.open(self.row.id, layout.RECORD_XML, self.row.content_version) as stream:
                return record_xml.read(stream.read())
        except Refusal:
            return None
        except Fault:
            if not self.findings:
                raise
            return None

    def _package(self, house: House, kept: core.Record | None) -> PackageFacts:
        own = {layout.RECORD_XML, layout.REPORT, layout.PROOF}
        there = self._there(house)
        declared = {item.path: item.sha256 for item in kept.files} if kept else {}
        is_same = all(there.get(path) == digest for path, digest in declared.items())
        return PackageFacts(
            kind="档案包",
            findings=self.findings,
            is_manifest_verified=self.is_whole and is_same,
            declared_files=len(declared),
            actual_files=len([path for path in there if path not in own]),
            elements=frozenset(kept.elements) if kept else frozenset(),
        )

    def _there(self, house: House) -> dict[str, str]:
        try:
            return house.store.files(self.row.id, self.row.content_version)
        except Fault:
            if not self.findings:
                raise
            return {}
