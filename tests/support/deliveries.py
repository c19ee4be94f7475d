"""Delivering folders to a House, and what must hold of any delivery whatever came: in = out, and sources untouched."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lantai import line
from lantai.core.codes import CODES
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Arrival, Batch
from lantai.stages import capture
from tests.support.line_house import ARCHIVIST

OUTCOMES = {"record", "metadata", "container", "duplicate", "quarantined", "refused"}
_HAN = re.compile("[\u4e00-\u9fff]")
_STAGED = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}(\.text\.json)?")
_OWN = {"lantai.db", "lantai.db-wal", "lantai.db-shm", "edge.db", "edge.db-wal", "edge.db-shm"}
_FOLDERS = {"staging", "keys", "index", "vault", "quarantine"}


def deliver(house: House, *sources: Path, channel: str = "manual", title: str = "") -> Batch:
    """Capture sources as one batch, do everything that is due, and check what must hold of any delivery."""
    before = {source: snapshot(source) for source in sources}
    batch_id = capture.open_batch(house, ARCHIVIST, sources, channel=channel, department="BGS", title=title)
    line.finish(house)
    batch = Batch.objects.get(id=batch_id)
    assert (batch.state, batch.needs_attention) != ("receiving", ""), batch
    assert batch.needs_attention == ""
    assert {source: snapshot(source) for source in sources} == before
    check_balance(batch)
    check_places(house)
    return batch


def snapshot(source: Path) -> dict[str, tuple[int, int, str]]:
    """Return size, time of change and digest of every plain file at or below *source*."""
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns, _digest(path)) for path in files}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_balance(batch: Batch) -> None:
    """Every arrival has one path, a known outcome and, where it was not taken, a coded reason in Chinese; records have theirs."""
    arrivals = list(Arrival.objects.filter(batch=batch))
    assert len(arrivals) == batch.file_count == len({row.path for row in arrivals})
    assert {row.outcome for row in arrivals} <= OUTCOMES
    for row in arrivals:
        if row.outcome == "refused":
            assert row.finding is not None, row.path
            assert row.finding["code"] in CODES, row.path
            assert _HAN.search(row.finding["message"]), row.path
    made = {row.record_id for row in arrivals if row.outcome in ("record", "metadata") and row.record_id}
    assert made == set(Record.objects.filter(batch_id=batch.id).values_list("id", flat=True))
    assert batch.record_count == len(made)
    files = Arrival.objects.filter(batch=batch, outcome="record").exclude(sha256="").count()
    assert files == ComputerFile.objects.filter(record__batch_id=batch.id).count()


def check_places(house: House) -> None:
    """Nothing lies in the data folder but what is ours, under names of ours."""
    inside = {path.name for path in house.data.iterdir()}
    assert inside <= _OWN | _FOLDERS, inside
    for folder in house.staging.iterdir():
        assert all(_STAGED.fullmatch(path.name) for path in folder.iterdir()), folder


def outcomes(batch: Batch) -> Counter[str]:
    """Count the arrivals of a batch by outcome."""
    return Counter(Arrival.objects.filter(batch=batch).values_list("outcome", flat=True))


def codes(batch: Batch) -> Counter[str]:
    """Count the findings of the arrivals of a batch by code."""
    return Counter(row["code"] for row in Arrival.objects.filter(batch=batch).values_list("finding", flat=True) if row)


def paths(batch: Batch, outcome: str = "") -> Sequence[str]:
    """Return the paths of a batch, of one outcome or of all, in order."""
    rows = Arrival.objects.filter(batch=batch)
    return sorted((rows.filter(outcome=outcome) if outcome else rows).values_list("path", flat=True))


def check_no_trace(house: House, words: list[str]) -> None:
    """Look for the words in the raw bytes of every file of the data folder, plain and as JSON escapes them."""
    needles = [form for word in words for form in (word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"))]
    for path in house.data.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(needle in content or needle in os.fsencode(path.name) for needle in needles), path
