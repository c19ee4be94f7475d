"""renew 换算法: old proofs are signed anew under another digest, before the old one can no longer be relied on.

A leaf is the new digest of a record's proof.json as it lies in the vault, which itself lists SHA-256 and SM3 of every file. The root
is signed with the keys in use, told to the ledger with its leaves (``proof:renewed``), and time-stamped like every root.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from lantai import work
from lantai.core.errors import Refusal
from lantai.core.lifecycle import State
from lantai.packages import layout, renewal
from lantai.packages.renewal import DIGESTS, Renewal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import renewals, rest

EVERY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What one run did: records whose proofs were signed anew, and in how many batches."""

    records: int
    batches: int


def renew(house: House, digest: str) -> Renewed:
    """Sign the proofs of all archived records anew under *digest*, those that are not yet; broken off, it goes on where it was.

    Raises Refusal RENEW-DIGEST-UNKNOWN; Faults as of the vault.
    """
    if digest not in DIGESTS:
        raise Refusal("RENEW-DIGEST-UNKNOWN", digest, known="、".join(DIGESTS))
    done = {(record, version) for made in renewals.told() if made.digest == digest for record, version, _ in made.leaves}
    records, batches, last = 0, 0, ""
    with work.progress("renew", "renew", step="证明换算法", total=_archived().count()) as progress:
        while rows := list(_archived().filter(id__gt=last)[: house.settings.slice_records]):
            last = rows[-1].id
            waiting = [row for row in rows if (row.id, row.content_version) not in done]
            if waiting:
                _slice(house, waiting, digest)
                records, batches = records + len(waiting), batches + 1
            progress.advance(len(rows))
    return Renewed(records, batches)


def _archived() -> "QuerySet[Record]":
    return Record.objects.filter(state=State.ARCHIVED, content_version__gt=0).order_by("id")


def _slice(house: House, rows: Sequence[Record], digest: str) -> None:
    leaves = []
    for row in rows:
        with house.store.open(row.id, layout.PROOF, row.content_version) as stream:
            leaves.append((row.id, row.content_version, renewal.leaf(digest, stream.read())))
    made = Renewal(digest, tuple(leaves), renewal.root(digest, [bytes.fromhex(leaf) for _, _, leaf in leaves]))
    made = replace(made, signatures=house.signer.sign(made.message()))
    body = {"digest": digest, "size": len(leaves), "leaves": leaves, "signatures": [asdict(item) for item in made.signatures]}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry(renewals.RENEWED, "worker", made.root, body)], ids=house.ids)


def due(house: House) -> bool:
    """Tell whether the agency asks for another digest and it is time to look for proofs that have none under it."""
    if not house.settings.renew_digest:
        return False
    last = work.last_run("renew", "renew")
    return last is None or house.clock.now() - last >= EVERY


@work.task("renew", on_give_up=rest.nothing)
def renew_task() -> None:
    """Sign anew in the background what is not yet."""
    renew(work.house(), work.house().settings.renew_digest)
