"""submit 送交: a system of the agency hands material in under a key of its own choosing, and it becomes a batch like any other.

The bytes are written where uploads lie, flushed, and held against the digest that the sender made, before a batch names them. The same
key again with the same digest is the same batch, and no byte is read: what a lost connection left unanswered is sent again as it was.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.core.record import Channel
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.holdings.models import AgentName
from lantai.shelves.intake.models import Batch
from lantai.stages import capture, leftovers
from lantai.stages.sending import Readable, safe_path

_SHA256 = re.compile("[0-9a-f]{64}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Submission:
    """What is handed in: the sender's key, the file's name, the SHA-256 of its bytes (hexadecimal), and for which department (its code)."""

    key: str
    name: str
    sha256: str
    size_bytes: int
    department: str = ""


def submit(house: House, actor: Actor, submission: Submission, content: Readable) -> tuple[Batch, bool]:
    """Take a file in as a batch; return the batch, and whether it was there before, in which case nothing is read.

    Refusals: ACCESS-REFUSED, DEPARTMENT-UNKNOWN, API-PACKAGE-DIFFERS where the key stands for other bytes, UPLOAD-PATH for a name that will
    not do, UPLOAD-EMPTY, UPLOAD-NO-ROOM, API-PACKAGE-DIGEST where the bytes are others than the digest says. Fault API-PACKAGE-NOT-WRITTEN
    where the disk fails. Nothing is kept of what was refused.
    """
    department = submission.department or actor.department
    access.require(actor, "intake:batch:open", {"department": department})
    if before := _before(actor, submission):
        return before, True
    _admit(house, submission, department)
    folder = house.data / "uploads" / house.ids.new()
    try:
        _write(folder, submission, content)
        batch_id = capture.open_batch(
            house, actor, [folder / submission.name], channel=Channel.OA, department=department, is_upload=True,
            handed=(submission.key, submission.sha256.lower()),
        )  # fmt: skip
    except IntegrityError:  # the same key came in by another call meanwhile
        leftovers.remove(folder, is_secret=True)
        if before := _before(actor, submission):
            return before, True
        raise
    except BaseException:
        leftovers.remove(folder, is_secret=True)
        raise
    return Batch.objects.get(id=batch_id), False


def _before(actor: Actor, submission: Submission) -> Batch | None:
    """Return the batch that the key stands for. Raises Refusal API-PACKAGE-DIFFERS where it was made of other bytes."""
    before = Batch.objects.filter(submitter=actor.id, key=submission.key).first()
    if before is not None and before.sha256 != submission.sha256.lower():
        raise Refusal("API-PACKAGE-DIFFERS", submission.key)
    return before


def _admit(house: House, submission: Submission, department: str) -> None:
    """Raise the Refusal of what cannot be taken whatever its bytes are."""
    if department and not AgentName.objects.filter(agent__code=department, valid_to="").exists():
        raise Refusal("DEPARTMENT-UNKNOWN", department)
    if len(safe_path(submission.name).parts) != 1 or "\\" in submission.name:
        raise Refusal("UPLOAD-PATH", submission.name)
    if not _SHA256.fullmatch(submission.sha256.lower()):
        raise Refusal("API-PACKAGE-DIGEST", submission.key)
    if not submission.size_bytes:
        raise Refusal("UPLOAD-EMPTY")
    if submission.size_bytes > leftovers.room(house):
        raise Refusal("UPLOAD-NO-ROOM", size=submission.size_bytes // 1024**2)


def _write(folder: Path, submission: Submission, content: Readable) -> None:
    """Write the bytes as they come and make them durable, once they are those that were told."""
    sha256 = hashlib.sha256()
    with _on_disk(submission):
        folder.mkdir(parents=True)
        target = os.open(folder / submission.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb", buffering=0) as stream:
        while chunk := content.read(_CHUNK):
            sha256.update(chunk)
            with _on_disk(submission):
                stream.write(chunk)
    if sha256.hexdigest() != submission.sha256.lower():
        raise Refusal("API-PACKAGE-DIGEST", submission.key)
    make_durable(folder)


@contextmanager
def _on_disk(submission: Submission) -> Iterator[None]:
    """Tell a failing disk as a Fault; that the sender went away is none of the disk's."""
    try:
        yield
    except OSError as problem:
        raise Fault("API-PACKAGE-NOT-WRITTEN", submission.key, detail=problem.strerror or str(problem)) from problem
