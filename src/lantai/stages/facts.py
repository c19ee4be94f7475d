"""Gathering what a gate must be told about records and batches, from rows to the frozen facts of ``core.checks``."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lantai.core import officialdoc
from lantai.core.checks import Outcome
from lantai.core.checks.facts import (
    Answer,
    BatchFacts,
    Declared,
    DocumentFacts,
    EngineFacts,
    FileFacts,
    PackageFacts,
    RecordFacts,
    ScopeNumbers,
    SignatureFacts,
)
from lantai.core.findings import Finding
from lantai.core.lifecycle import State
from lantai.core.record import Agent, BusinessEvent, ContentBasis, Relation, Representation, Role
from lantai.ports import House
from lantai.shelves.holdings import numbers, queries
from lantai.shelves.holdings.models import ComputerFile, Document, NumberRange, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.standards import da_t_46

ALIKE = {"document_number": "number_key", "identity": "identity_key"}
DATES = tuple(element.code for element in da_t_46.elements() if element.data_type == "date")
#: Facts of a batch: the number of the medium that it was handed over on, and bytes and seconds of reading from that.
CARRIER, READ = "carrier", "carrier_read"
MEGABYTE = 1_000_000
PACKAGE_PREFIXES = ("FILING-", "CATALOGUE-", "EEP-", "TRANSFER-", "ZIP-", "CONTAINER-")


def engine(house: House) -> EngineFacts:
    """Ask the virus engine for its state, once a slice."""
    state = house.scanner.engine()
    return EngineFacts(state.is_ready, state.name, state.signatures, state.signatures_date, house.settings.virus_signature_days)


def documents(
    rows: Sequence[Document],
    files: Sequence[ComputerFile],
    said: dict[str, dict[str, str]] | None = None,
    *,
    own: bool = False,
) -> tuple[DocumentFacts, ...]:
    """Return the documents of one record with the facts of their files, in order.

    ``said`` is what the sender declared, by file id; with ``own`` our own metadata are what the files are held against.
    """
    by_document: dict[str, list[FileFacts]] = defaultdict(list)
    for item in files:
        declared = _own(item) if own else (said or {}).get(item.id)
        by_document[item.document_id].append(file(item, declared))
    return tuple(DocumentFacts(Role(row.role), tuple(by_document[row.id]), row.title) for row in rows)


def file(row: ComputerFile, said: dict[str, str] | None) -> FileFacts:
    """Return the facts of one file; ``said`` is what the sender declared of it."""
    facts = row.facts
    return FileFacts(
        name=row.name,
        path=row.path,
        size_bytes=row.size_bytes,
        digests={"sha256": row.sha256, "sm3": row.sm3},
        puid=row.puid,
        mime=row.mime,
        page_count=row.page_count,
        representation=Representation(row.representation),
        virus=row.virus,
        is_read=True,
        findings=tuple(Finding.from_json(item) for item in facts.get("findings", ())),
        signatures=tuple(SignatureFacts.of(item) for item in facts.get("signatures", ())),
        declared=Declared.of(said) if said else None,
        elements=dict(facts.get("elements", {})),
    )


def _own(row: ComputerFile) -> dict[str, str]:
    return {"name": row.name, "size_bytes": str(row.size_bytes), "format": row.puid or row.mime, "sha256": row.sha256}


def record(
    row: Record,
    parts: tuple[DocumentFacts, ...],
    *,
    today: str,
    engine_facts: EngineFacts,
    duplicates: dict[str, tuple[str, ...]],
) -> RecordFacts:
    """Return the facts of a record on arrival.

    A row of a catalogue is a description that somebody made, not the metadata of an electronic record: what it leaves out is
    asked for when the record is arranged.
    """
    arrival: dict[str, Any] = row.arrival
    findings = tuple(Finding.from_json(item) for item in arrival.get("findings", ()))
    package = _package(arrival, findings, parts)
    return RecordFacts(
        record_id=row.id,
        today=today,
        content_basis=ContentBasis(row.content_basis),
        electronic_record_code=row.electronic_record_code,
        elements=_told(row.elements),
        has_metadata=bool(row.elements) and not arrival.get("raw") and (bool(arrival.get("package")) or row.state == State.RECEIVED),
        metadata_readable=True if arrival.get("package") else None,
        metadata_findings=tuple(item for item in findings if package is None or not item.code.startswith(PACKAGE_PREFIXES)),
        code=row.code,
        documents=parts,
        events=tuple(BusinessEvent(**item) for item in row.events),
        agents=tuple(Agent(**item) for item in row.agents),
        relations=tuple(Relation(**item) for item in row.relations),
        duplicates=duplicates,
        package=package,
        engine=engine_facts,
        answers=answers(row),
    )


def answers(row: Record) -> tuple[Answer, ...]:
    """Return what persons have answered about the record, for every gate that asks."""
    return _given(row.arrival.get("answers", ()))


def _given(rows: Sequence[dict[str, Any]]) -> tuple[Answer, ...]:
    return tuple(Answer(**given | {"outcome": Outcome(given["outcome"])}) for given in rows)


def _speed(read: Sequence[float] | None) -> float | None:
    """Return megabytes a second of a carrier out of bytes and seconds; None where nobody measured, or less than a megabyte was read."""
    return read[0] / MEGABYTE / read[1] if read and read[0] >= MEGABYTE and read[1] > 0 else None


def _told(elements: dict[str, Any]) -> dict[str, Any]:
    """Return the elements with every date that can be read in the form the gate asks for; description will note what was said."""
    read = {name: tidy for name in DATES if isinstance(said := elements.get(name), str) and (tidy := officialdoc.civil_date(said)[0])}
    return elements | read if read else elements


def _package(arrival: dict[str, Any], findings: tuple[Finding, ...], parts: tuple[DocumentFacts, ...]) -> PackageFacts | None:
    if not arrival.get("package"):
        return None
    declared = arrival.get("declared", {})
    actual = sum(len(part.files) for part in parts)
    missing = sum(1 for item in findings if item.code.endswith("-FILE-MISSING"))
    return PackageFacts(
        kind="归档信息包",
        findings=tuple(item for item in findings if item.code.startswith(PACKAGE_PREFIXES)),
        declared_files=actual + missing if declared or missing else None,
        actual_files=actual,
        signatures=tuple(SignatureFacts.of(item) for item in arrival.get("signatures", ())),
    )


def duplicates(rows: Sequence[Record]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return record id -> kind -> where the same document number, or title, date and author, is kept already or came with it."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for kind, column in ALIKE.items():
        alike = queries.alike(column, {getattr(row, column) for row in rows})
        for row in rows:
            others = [key for key in alike.get(getattr(row, column), ()) if key != row.id]
            if others:
                found[row.id][kind] = tuple(others)
    return found


def scope_numbers(scope: str) -> ScopeNumbers:
    """Return the numbers of a scope as its continuity is judged by."""
    used = numbers.used(scope)
    return ScopeNumbers(scope, used.archived, used.explained, used.reserved)


def sealed_range(row: NumberRange, *, today: str, engine_facts: EngineFacts) -> BatchFacts:
    """Return the facts of a sealed range at the archiving gate: as many archived as were numbered, and the numbers of its scope."""
    return BatchFacts(
        batch_id=row.id,
        today=today,
        declared_records=row.last - row.first + 1,
        actual_records=numbers.in_range(row.id).filter(state=State.ARCHIVED).count(),
        numbers=(scope_numbers(row.scope),),
        engine=engine_facts,
    )


def batch(row: Batch, *, today: str, engine_facts: EngineFacts) -> BatchFacts:
    """Return the facts of a batch on arrival: what was declared, what came, what is too many."""
    extra = Arrival.objects.filter(batch=row, outcome="refused", finding__code="CAPTURE-JUNK").values_list("path", flat=True)[:50]
    return BatchFacts(
        batch_id=row.id,
        today=today,
        declared_records=row.declared_records,
        actual_records=row.record_count,
        declared_bytes=row.declared_bytes,
        actual_bytes=row.size_bytes,
        extra_files=tuple(extra),
        has_carrier=bool(row.facts.get(CARRIER)),
        mb_per_s=_speed(row.facts.get(READ)),
        answers=_given(row.facts.get("answers", ())),
        has_content=Record.objects.filter(batch_id=row.id).exclude(content_basis=ContentBasis.PHYSICAL_ONLY).exists(),
        engine=engine_facts,
    )
