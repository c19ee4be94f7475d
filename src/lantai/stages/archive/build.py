"""Building the package of a record: record.xml, page texts, the archiving-gate report and the proof (docs/design/package-format.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from lantai.core import beijing
from lantai.core import record as core
from lantai.core.archival_code import CodeParts, Template, explain
from lantai.core.checks import Conclusion, Gate, Piece, Run, Subject, as_report, check_record, conclude, report_bytes
from lantai.core.checks.engine import is_sampled
from lantai.core.checks.facts import DocumentFacts, EngineFacts, FileFacts, Overruled, PackageFacts, RecordFacts
from lantai.core.errors import Refusal
from lantai.core.events import instant_text
from lantai.core.findings import Finding, Severity
from lantai.formats.kinds import DRAWN
from lantai.packages import layout, record_xml
from lantai.ports import House
from lantai.ports.store import Content, content_of
from lantai.shelves.gates.queries import Schemes
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.holdings.values import record_value
from lantai.shelves.metadata import queries as metadata
from lantai.stages import coding, fonds, grounds
from lantai.stages.agreement import differences
from lantai.stages.conduct import Conducted
from lantai.stages.facts import answers
from lantai.stages.facts import documents as document_facts

SYSTEM = "system"
PICTURE_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Material:
    """A record with its rows, ready to be packaged."""

    row: Record
    documents: tuple[Document, ...]
    files: tuple[ComputerFile, ...]
    numbered_at: datetime | None
    duplicates: dict[str, tuple[str, ...]]
    conducted: Conducted
    overruled: tuple[Overruled, ...] = ()
    #: Files that stand in the vault already, by path; all others are staged.
    kept: Mapping[str, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """A package but for its proof: contents in order, the gate's conclusion and report."""

    material: Material
    value: core.Record
    contents: tuple[Content, ...]
    conclusion: Conclusion
    report_id: str
    report: dict[str, object]


class Builder:
    """Builds packages of one slice; what is the same for all is looked up once."""

    def __init__(self, house: House, schemes: Schemes, engine: EngineFacts, now: datetime) -> None:
        self._house = house
        self._schemes = schemes
        self._engine = engine
        self._now = now
        self._labels = metadata.own_names()
        self._forms = coding.Forms(house)
        self._unit = fonds.names(house)

    def build(self, material: Material) -> Built:
        """Return the package of one record, judged by the archiving gate."""
        texts = self._texts(material)
        return self._judged(material, self._value(material, texts), texts)

    def again(self, material: Material, said: core.Record) -> Built:
        """Return the package of an archived record with other files, described as *said* but for them, judged like the first."""
        texts, number = self._texts(material), material.row.content_version + 1
        rows = record_value(material.row, material.documents, material.files, version=number)
        documents = tuple(_with_texts(item, texts) for item in rows.documents)
        return self._judged(material, replace(said, version=number, documents=documents), texts)

    def _judged(self, material: Material, value: core.Record, texts: Mapping[str, Content]) -> Built:
        described = record_xml.write(value, labels=self._labels)
        contents = [content_of(layout.RECORD_XML, described), *self._originals(material, value), *texts.values()]
        scheme = self._schemes.of(material.row.category)
        told = self._facts(material, value, described, contents)
        results = check_record(Gate.ARCHIVING, told, scheme)
        standing = grounds.of(scheme, told, [Piece(item.path, item.size_bytes, item.sha256) for item in contents])
        is_trial, report_id = self._house.settings.kind == "trial", self._house.ids.new()
        report = as_report(
            Gate.ARCHIVING,
            results,
            subject=Subject("record", material.row.id),
            run=Run(report_id, scheme.version, started=instant_text(self._now), system=grounds.SYSTEM, grounds=standing),
            engine=self._engine,
            is_trial=is_trial,
        )
        contents.append(content_of(layout.REPORT, report_bytes(report)))
        return Built(material, value, tuple(contents), conclude(results, is_trial=is_trial), report_id, report)

    def _texts(self, material: Material) -> dict[str, Content]:
        """Return the page text of each file that has one, by file id."""
        found: dict[str, Content] = {}
        for item in material.files:
            path = str(item.facts.get("text_path", ""))
            if path in material.kept:
                found[item.id] = material.kept[path]
            elif path:
                content = (self._house.data / f"{item.staged}.text.json").read_bytes()
                found[item.id] = content_of(path, content)
        return found

    def _originals(self, material: Material, value: core.Record) -> list[Content]:
        staged = {item.id: self._house.data / item.staged for item in material.files}
        return [
            material.kept.get(item.path) or Content(item.path, staged[item.id], item.size_bytes, item.sha256, item.sm3)
            for item in value.files
            if item.representation is not core.Representation.TEXT
        ]

    def _value(self, material: Material, texts: dict[str, Content]) -> core.Record:
        row = material.row
        value = record_value(row, material.documents, material.files, version=row.content_version + 1)
        documents = tuple(_with_texts(item, texts) for item in value.documents)
        elements = dict(value.elements) | _code_elements(row, self._forms.of(row), self._unit.on(row.document_date))
        own = _free(SYSTEM, [item.id for item in value.agents])
        agents = (*value.agents, core.Agent(own, "单位", self._unit.on() or "档案室"))
        acts = [replace(item, id=_free(item.id, [event.id for event in value.events]), agent_id=own) for item in self._acts(material)]
        events, scheme = (*value.events, *acts), self._schemes.label(row.category)
        return replace(value, documents=documents, elements=elements, agents=agents, events=events, scheme=scheme)

    def _acts(self, material: Material) -> list[core.BusinessEvent]:
        """Return the acts that made this version, as business events (M80–M84)."""
        row = material.row
        acts = [("capture", "捕获", row.created_at), ("number", "编号", material.numbered_at), ("archive", "归档", self._now)]
        return [core.BusinessEvent(f"lantai-{key}", SYSTEM, name, instant_text(at)) for key, name, at in acts if at is not None]

    def _drawn(self, material: Material, documents: tuple[DocumentFacts, ...]) -> tuple[DocumentFacts, ...]:
        """Draw first and last pages of the records that the scheme samples (3-4); the others stay undrawn."""
        share = self._schemes.of(material.row.category).parameters.drawn_share
        if not share or not is_sampled(material.row.id, "3.04", share):
            return documents
        staged = {item.path: self._house.data / item.staged for item in material.files if item.staged and item.mime in DRAWN}
        return tuple(replace(part, files=tuple(self._looked(item, staged.get(item.path)) for item in part.files)) for part in documents)

    def _looked(self, item: FileFacts, staged: Path | None) -> FileFacts:
        if staged is None or not item.page_count:
            return item
        pages = dict.fromkeys((1, item.page_count))
        draw = self._house.reader.render
        return replace(item, is_drawn=all(draw(staged, item.name, page=page, width=PICTURE_WIDTH) is not None for page in pages))

    def _facts(self, material: Material, value: core.Record, described: bytes, contents: Sequence[Content]) -> RecordFacts:
        row = material.row
        kept, findings = _read_back(described)
        conducted = material.conducted
        template = self._forms.of(row)
        declared = sum(1 for _ in value.files)
        return RecordFacts(
            record_id=row.id,
            today=beijing.day(self._now),
            content_basis=value.content_basis,
            electronic_record_code=row.electronic_record_code,
            elements=value.elements,
            metadata_readable=kept == value,
            metadata_findings=findings,
            code=row.code,
            code_parts=_code_parts(value),
            code_findings=explain(row.code, template, _parts(row, template, is_flat=row.category in self._forms.flat)),
            documents=self._drawn(material, document_facts(material.documents, material.files, own=True)),
            events=value.events,
            agents=value.agents,
            relations=value.relations,
            signatures_described=value.signatures,
            duplicates=material.duplicates,
            answers=answers(row),
            overruled=material.overruled,
            attachments_named=tuple(row.arrival.get("attachments_named", ())),
            package=PackageFacts(
                kind="档案包",
                is_manifest_verified=True,
                declared_files=declared,
                actual_files=len(contents) - 1,
                elements=frozenset(value.elements),
            ),
            engine=self._engine,
            **conducted.told(),
            database_matches=kept is not None and _is_as_the_tables(material, kept),
        )


def _free(identity: str, taken: Sequence[str]) -> str:
    """Return *identity*, with a number after it where a record that came from another system has it already."""
    free, number = identity, 1
    while free in taken:
        number += 1
        free = f"{identity}-{number}"
    return free


def _read_back(described: bytes) -> tuple[core.Record | None, tuple[Finding, ...]]:
    """Return what record.xml says when it is read again, or None with the reason."""
    try:
        return record_xml.read(described), ()
    except Refusal as problem:
        return None, (Finding(problem.code, Severity.ERROR, problem.message, layout.RECORD_XML),)


def _is_as_the_tables(material: Material, kept: core.Record) -> bool:
    """Tell whether the rows, as this run read them from the database, and the description that was read back agree (3-2)."""
    row = material.row
    return not any(differences(row, material.documents, material.files, kept, version=row.content_version + 1))


def _parts(row: Record, template: Template, *, is_flat: bool) -> CodeParts:
    """Return what the code must say by the record's own columns; what only the code knows is taken from it. In a category that is, or was
    once, parted by year and period alone (*is_flat*) a code may leave the department out."""
    known = template.parse(row.code)
    org = row.department if known.org or not is_flat else ""
    return replace(known, fonds=row.fonds, category=row.category, year=row.year, retention=row.retention, org=org)


def _code_elements(row: Record, template: Template, agency: str) -> core.Elements:
    """Return the elements that follow from the fixed code (M8–M17) and the agency (M6)."""
    parts = template.parse(row.code) if row.code else None
    item = parts.item if parts else 0
    said: core.Elements = {
        "electronic_record_code": row.electronic_record_code,
        "archival_code": row.code,
        "fonds_identifier": row.fonds,
        "category_code": row.category,
        "catalogue_number": parts.catalogue if parts else "",
        "agency_item_number": str(item) if item else "",
        "fonds_constituting_unit_name": str(row.elements.get("fonds_constituting_unit_name") or agency),
        "total_number_of_pages": str(row.elements.get("total_number_of_pages") or row.page_count or ""),
    }
    return {name: text for name, text in said.items() if text}


def _code_parts(value: core.Record) -> dict[str, str]:
    names = ("fonds_identifier", "category_code", "year", "retention_period", "organizational_structure_or_function", "agency_item_number")
    return {name: value.text(name) for name in names if value.text(name)}


def _with_texts(document: core.Document, texts: dict[str, Content]) -> core.Document:
    """Add the page texts to the files of a document."""
    files: list[core.ComputerFile] = list(document.files)
    for item in document.files:
        if (content := texts.get(item.id)) is not None:
            files.append(_text_file(item, content))
    return replace(document, files=tuple(files))


def _text_file(item: core.ComputerFile, content: Content) -> core.ComputerFile:
    return core.ComputerFile(
        id=f"{item.id}-text",
        name=Path(content.path).name,
        size_bytes=content.size_bytes,
        sha256=content.sha256,
        sm3=content.sm3,
        mime="application/json",
        format_name="lantai-text/1",
        representation=core.Representation.TEXT,
        path=content.path,
        virus="clean" if item.virus == "clean" else item.virus,
    )
