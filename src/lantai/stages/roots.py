"""What follows a new version in the vault: its batch root is told in the ledger once, time-stamped, and the version copied."""

from collections.abc import Iterable
from dataclasses import asdict

from lantai import work
from lantai.packages.proof import Batch
from lantai.ports import House
from lantai.shelves.copies import queries as copies
from lantai.shelves.ledger import entries
from lantai.shelves.ledger.models import Event


def told(batches: Iterable[Batch]) -> list[entries.Entry]:
    """Return an event for every root that no event tells of yet.

    Called in the transaction that enters the versions. A root over one version alone is told there or nowhere, so nobody is asked.
    """
    by_root = {batch.root: batch for batch in batches}
    shared = [root for root, batch in by_root.items() if batch.size > 1]
    told = Event.objects.filter(type="proof:signed", object_id__in=shared)
    known = set(told.values_list("object_id", flat=True)) if shared else set()
    return [
        entries.Entry("proof:signed", "worker", root, {"size": batch.size, "signatures": [asdict(item) for item in batch.signatures]})
        for root, batch in by_root.items()
        if root not in known
    ]


def follow(house: House) -> None:
    """Queue what follows a new version, in the transaction that tells of it: time stamps and copies, where such are set."""
    if house.stamper.digests:
        work.enqueue("stamp")
    if copies.online().exists():
        work.enqueue("replicate", replica_id="")
