"""Rows for tests of the shelves and whatever stands on them."""

from datetime import UTC, datetime

from lantai.ports.clock import CountingIds
from lantai.shelves.holdings.models import ComputerFile, Document, Record
from lantai.shelves.intake.models import Arrival, Batch

NOW = datetime(2026, 3, 2, 1, 30, 0, 250, tzinfo=UTC)
IDS = CountingIds(seed=7)


def batch(code: str = "PC-20260302-01", **columns: object) -> Batch:
    """Insert a batch."""
    plain = {"channel": "oa", "title": "来文", "source": "/in", "submitter": "a", "created_at": NOW, "state": "checking"}
    return Batch.objects.create(id=IDS.new(), code=code, **(plain | columns))


def record(batch_id: str = "", **columns: object) -> Record:
    """Return a record that is not inserted yet."""
    record_id = IDS.new()
    plain = {
        "electronic_record_code": record_id,
        "batch_id": batch_id,
        "channel": "oa",
        "fonds": "Z109",
        "category": "WS",
        "title": "关于春耕备耕工作的通知",
        "created_at": NOW,
        "elements": {"title": "关于春耕备耕工作的通知", "keywords": ["春耕", "备耕"]},
    }
    return Record(id=record_id, **(plain | columns))


def records(count: int, batch_id: str = "", **columns: object) -> list[Record]:
    """Insert records."""
    return Record.objects.bulk_create([record(batch_id, **columns) for _ in range(count)])


def document(row: Record, sequence: int = 1, role: str = "正本") -> Document:
    """Insert a document of a record."""
    return Document.objects.create(id=IDS.new(), record=row, sequence=sequence, role=role, title=role)


def file(row: Record, part: Document, **columns: object) -> ComputerFile:
    """Insert a computer file."""
    plain = {"name": "a.pdf", "size_bytes": 3, "sha256": "0" * 64, "sm3": "1" * 64, "facts": {"metadata": {"Pages": 2}}}
    return ComputerFile.objects.create(id=IDS.new(), record=row, document=part, **(plain | columns))


def arrival(of: Batch, path: str, outcome: str, size_bytes: int = 1) -> Arrival:
    """Insert an arrival."""
    return Arrival.objects.create(id=IDS.new(), batch=of, path=path, size_bytes=size_bytes, outcome=outcome)
