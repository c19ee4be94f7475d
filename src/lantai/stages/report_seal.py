"""report_seal 检测报告签名: the arrival reports of a batch, signed together and kept beside them; verified wherever they are shown.

One Merkle tree (RFC 6962) over the canonical bytes of every report of the batch in the order of their ids; its root is signed with every
key of the signer (Ed25519, SM2). A report that is added later asks for a new seal; the older ones stay.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from lantai import work
from lantai.core.checks import report_bytes
from lantai.core.evidence import leaf_hash, merkle_root
from lantai.ports import House
from lantai.ports.signer import Signature
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger import entries
from lantai.shelves.reports.models import Seal
from lantai.shelves.reports.queries import body, last_seal
from lantai.stages import rest

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """The seal of a batch as it is now: ``state`` none, good, open (reports came after it), altered or forged."""

    state: str
    reports: int = 0
    root: str = ""
    sealed_at: datetime | None = None
    algorithms: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the document of a seal's state."""
        at = self.sealed_at.isoformat() if self.sealed_at else ""
        return {"state": self.state, "reports": self.reports, "root": self.root, "sealed_at": at, "algorithms": list(self.algorithms)}


def message(size: int, root: str) -> bytes:
    """Return the bytes that are signed: three lines, the kind, how many reports, the root in hex."""
    return f"lantai arrival reports v1\n{size}\n{root}\n".encode()


def seal(house: House, batch_id: str) -> bool:
    """Sign the reports of a batch unless the newest seal covers them already; tell whether a seal was made."""
    count, last = _extent(batch_id)
    before = last_seal(batch_id)
    if not count or (before is not None and (before.reports, before.last_report) == (count, last)):
        return False
    root = merkle_root(list(_leaves(batch_id, last))).hex()
    signatures = [asdict(item) for item in house.signer.sign(message(count, root))]
    now = house.clock.now()
    row = Seal(
        id=house.ids.new(), batch_id=batch_id, reports=count, last_report=last, root=root, signatures=signatures, sealed_at=now
    )  # fmt: skip
    with transaction.atomic():
        if Seal.objects.filter(batch_id=batch_id, reports=count, last_report=last).exists():
            return False
        row.save(force_insert=True)
        told = {"reports": count, "root": root}
        entries.append(now, [entries.Entry("batch:sealed", "worker", batch_id, told)], ids=house.ids)
    return True


def state(house: House, batch_id: str) -> Sealed:
    """Compute the seal anew from the reports as they are, and verify its signatures."""
    row = last_seal(batch_id)
    if row is None:
        return Sealed("none")
    leaves = list(_leaves(batch_id, row.last_report))
    signatures = [Signature(**item) for item in row.signatures]
    is_same = len(leaves) == row.reports and bool(leaves) and merkle_root(leaves).hex() == row.root
    said = message(row.reports, row.root)
    own = house.signer.key_ids()
    is_signed = bool(signatures) and all(item.key_id in own and house.signer.verify(said, item) for item in signatures)
    is_last = _extent(batch_id) == (row.reports, row.last_report)
    verdict = "altered" if not is_same else "forged" if not is_signed else "good" if is_last else "open"
    return Sealed(verdict, row.reports, row.root, row.sealed_at, tuple(item.algorithm for item in signatures))


def is_sealed(batch_id: str) -> bool:
    """Tell whether the reports of a batch were ever signed; :func:`state` tells whether the signature holds."""
    return last_seal(batch_id) is not None


def _extent(batch_id: str) -> tuple[int, str]:
    reports = Report.objects.filter(batch_id=batch_id, gate="arrival")
    return reports.count(), reports.order_by("-id").values_list("id", flat=True).first() or ""


def _leaves(batch_id: str, last: str) -> Iterator[bytes]:
    reports = Report.objects.filter(batch_id=batch_id, gate="arrival", id__lte=last).order_by("id")
    for report in reports.iterator(chunk_size=CHUNK):
        yield leaf_hash(report_bytes(body(report)))


@work.task("seal_reports", on_give_up=rest.nothing)
def seal_task(batch_id: str) -> None:
    """Sign the reports of a batch in the background."""
    seal(work.house(), batch_id)
