"""recopy 重写副本: the payloads beside the log written anew from the database, where verifying found files that are not what was sealed.

Only what has the digest in its event is written. Who alters a file is not helped by it: the event says when it was done and how many lines.
"""

from collections.abc import Iterator
from getpass import getuser

from django.db import transaction

from lantai.core.errors import Refusal
from lantai.core.events import EVENTS
from lantai.core.evidence import payload_digest
from lantai.packages.payload_copies import Copy
from lantai.ports import House
from lantai.shelves.databases import alone
from lantai.shelves.ledger import entries, log

_SLICE = 2048


def recopy(house: House) -> int:
    """Write every payload of a sealed event beside the log once more and tell the ledger; return how many there are.

    Raises Refusal LEDGER-BUSY while the ledger is being sealed.
    """
    files = log.folder(house.data)
    with alone("seal", files.root) as is_ours:
        if not is_ours:
            raise Refusal("LEDGER-BUSY", str(files.root))
        log.copies(house.data).clear()
        written = write(house)
        files.flush()
    with transaction.atomic():
        told = entries.Entry("ledger:recopied", f"service:{getuser()}"[:64], "ledger", {"payloads": written})
        entries.append(house.clock.now(), [told], ids=house.ids)
    return written


def write(house: House) -> int:
    """Write the payloads of the sealed events beside the log, not yet durable; return how many."""
    last, written = log.latest(), 0
    size = last.size if last else 0
    for first in range(0, size, _SLICE):
        copies = list(_true(log.rows(first, min(_SLICE, size - first))))
        log.copies(house.data).append(copies)
        written += len(copies)
    return written


def _true(rows: list[log.Row]) -> Iterator[Copy]:
    """Yield the payloads that have the digest and the class of their event."""
    for row in rows:
        known = EVENTS.get(row.type)
        if row.salt is None or row.body is None or known is None or row.kind != known.payload.value:
            continue
        try:
            digest = payload_digest(bytes.fromhex(row.salt), row.body.encode("utf-8", "surrogatepass"))
        except (ValueError, OverflowError):
            continue
        if digest == row.digest:
            yield Copy(row.position, row.kind, row.salt, row.body)
