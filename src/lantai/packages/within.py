"""What a foreign package holds, as one of ours: by the record.xml that a Lantai put in, else by folders and names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lantai.core.errors import Refusal
from lantai.core.record import ComputerFile, Record, Representation, Role
from lantai.packages import record_xml
from lantai.packages.filing_read import by_folder, natural
from lantai.packages.filing_values import FilingDocument, FilingFile, FilingPackage

RECORD = "record.xml"


def record_of(content: bytes) -> Record | None:
    """Return the record that a record.xml describes, None where it is none."""
    try:
        return record_xml.read(content)
    except Refusal:
        return None


def package_of(record: Record, stored: Mapping[str, str], own: Iterable[str]) -> FilingPackage:
    """Return the package of *record*; *stored* maps its paths to where the bytes lie, *own* are the paths that describe it.

    What the record does not tell of, and is there, becomes documents of its own; so nothing is lost.
    """
    documents = [
        FilingDocument(item.sequence, item.role, item.title, tuple(_file(file, stored) for file in item.files if _is_there(file, stored)))
        for item in record.documents
    ]
    told = {file.path for item in record.documents for file in item.files}
    rest = rest_of([path for path in stored if path not in told], stored, has_main=True)
    last = max((item.sequence for item in documents), default=0)
    documents += [replace(item, sequence=last + number) for number, item in enumerate(rest, 1)]
    return FilingPackage(
        code=record.electronic_record_code,
        elements=dict(record.elements),
        documents=tuple(documents),
        agents=record.agents,
        events=record.events,
        relations=record.relations,
        own_files=tuple(own),
    )


def rest_of(paths: Iterable[str], stored: Mapping[str, str], *, has_main: bool = False) -> list[FilingDocument]:
    """Return documents made of *paths* by folder and name; where there is one alone it is the main one."""
    documents = list(by_folder(sorted(paths, key=natural), has_main=has_main))
    if len(documents) == 1 and not has_main:
        documents = [replace(documents[0], role=Role.MAIN)]
    return [
        replace(item, sequence=number, files=tuple(replace(file, stored=stored[file.path]) for file in item.files))
        for number, item in enumerate(documents, 1)
    ]


def _is_there(file: ComputerFile, stored: Mapping[str, str]) -> bool:
    return file.path in stored and file.representation is not Representation.TEXT


def _file(file: ComputerFile, stored: Mapping[str, str]) -> FilingFile:
    return FilingFile(file.path, file.name, file.size_bytes, file.sha256, file.sm3, stored[file.path])
