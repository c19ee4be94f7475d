"""What every form of package must hold of a record, to compare what went in with what came out."""

import hashlib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lantai.core.record import Elements
from lantai.packages.filing import FilingPackage
from lantai.packages.parcel import Parcel

PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1, max_size=12)
ELEMENTS = PLAIN | st.lists(PLAIN, min_size=2, max_size=3)
NAMES = st.sampled_from(
    (
        *("title", "document_number", "author", "keyword", "descriptor", "annotation", "copy_number", "year", "retention_period"),
        *("自定义＝项", "approver", "agency_item_number", "document_aggregation_type", "aggregation_level", "total_number_of_items"),
        "authorized_agent",
    )
)
_OWN = ("electronic_record_code", "archival_code")


def essence_of(parcel: Parcel) -> dict[str, Any]:
    """Return what a form holds of *parcel*."""
    record = parcel.record
    return {
        "code": record.electronic_record_code,
        "elements": plain(record.elements),
        "documents": [
            (item.role, item.title, [(one.name, digest(b"".join(parcel.chunks(one)))) for one in item.files]) for item in parcel.documents
        ],
        "agents": record.agents,
        "events": record.events,
        "relations": record.relations,
    }


def essence_read(package: FilingPackage, folder: Path) -> dict[str, Any]:
    """Return what was read of a package whose files lie below *folder*."""
    return {
        "code": package.code,
        "elements": plain(package.elements),
        "documents": [
            (item.role, item.title, [(one.name, digest((folder / one.path).read_bytes())) for one in item.files])
            for item in package.documents
        ],
        "agents": package.agents,
        "events": package.events,
        "relations": package.relations,
    }


def plain(elements: Elements) -> Elements:
    """Return the elements but for the two codes, which are fields of the record."""
    return {name: value for name, value in elements.items() if name not in _OWN and value}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
