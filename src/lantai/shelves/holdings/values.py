"""From rows to the value of a record, for whoever builds packages or runs checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from lantai.core import identity
from lantai.core import record as core
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import ComputerFile, Document, Record


def records(rows: Sequence[Record], *, version: int | None = None) -> list[core.Record]:
    """Return the records as values, in order, with two further queries for all of them.

    ``version`` is the content version the values describe; by default the one after the version in the vault.
    """
    documents, files = queries.documents_of(rows), queries.files_of(rows)
    return [record_value(row, documents.get(row.id, []), files.get(row.id, []), version=version or row.content_version + 1) for row in rows]


def record_value(row: Record, documents: Sequence[Document], files: Sequence[ComputerFile], *, version: int) -> core.Record:
    """Return one record as a value."""
    return core.Record(
        id=row.id,
        electronic_record_code=row.electronic_record_code,
        version=version,
        content_basis=core.ContentBasis(row.content_basis),
        elements=dict(row.elements),
        documents=tuple(_document(item, [file for file in files if file.document_id == item.id]) for item in documents),
        agents=tuple(core.Agent(**item) for item in row.agents),
        events=tuple(core.BusinessEvent(**item) for item in row.events),
        relations=tuple(core.Relation(**item) for item in row.relations),
        code=row.code,
    )


def set_keys(row: Record) -> None:
    """Set the columns by which records are compared and found from what the row describes."""
    row.number_key = identity.number_key(row.document_number)
    row.identity_key = identity.identity_key(row.title, row.document_date, row.author)
    row.sought = identity.sought_text(row.title, row.document_number, row.author)


def file_value(item: ComputerFile) -> core.ComputerFile:
    """Return one computer file as a value."""
    return core.ComputerFile(
        id=item.id,
        name=item.name,
        size_bytes=item.size_bytes,
        sha256=item.sha256,
        sm3=item.sm3,
        puid=item.puid,
        mime=item.mime,
        format_name=item.format_name,
        page_count=item.page_count,
        representation=core.Representation(item.representation),
        path=item.path,
        virus=item.virus,
        findings=tuple(item.facts.get("findings", ())),
        attributes=_texts(item.facts.get("metadata", {})),
        elements=dict(item.facts.get("elements", {})),
    )


def _document(row: Document, files: Sequence[ComputerFile]) -> core.Document:
    return core.Document(row.sequence, core.Role(row.role), row.title, tuple(file_value(item) for item in files))


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
