"""Whether the ledger proves the archiving of records: the latest checkpoint looked at once, then each event's path to its root."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from lantai.core import checkpoint as notes
from lantai.core.errors import Fault
from lantai.core.events import VERSION_EVENTS, instant_text
from lantai.core.evidence import leaf_hash, payload_digest, verify_path
from lantai.core.findings import Finding, finding
from lantai.packages.last_signed import LastSigned
from lantai.packages.witness import WitnessFolder
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import keys

SHOWN = 20
Told = tuple[Event, Payload]


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """Where a record's archiving stands in the ledger: position and leaf, the path (hex) to the root of a checkpoint of *size* entries."""

    record: str
    event: str
    position: int
    leaf: str
    path: tuple[str, ...]
    size: int
    root: str
    fingerprint: str
    signed_at: datetime

    def as_json(self) -> dict[str, object]:
        """Return the fields, the instant as text in UTC."""
        return asdict(self) | {"signed_at": instant_text(self.signed_at)}


@dataclass(frozen=True, slots=True)
class WitnessSeen:
    """A witness: its folder, up to which entry it has seen the log (None: it cannot be read now), what is wrong with that."""

    folder: str
    size: int | None
    problem: str = ""


def archived_events(record_ids: Sequence[str]) -> dict[str, list[Told]]:
    """Return the events by which versions of records came into the vault, with their payloads; one whose payload is gone is left out."""
    found: dict[str, list[Told]] = {}
    told = Event.objects.filter(object_id__in=record_ids, type__in=VERSION_EVENTS, payload__isnull=False)
    for event in told.select_related("payload"):
        found.setdefault(event.object_id, []).append((event, event.payload))
    return found


def is_intact(event: Event, payload: Payload) -> bool:
    """Tell whether a payload has the digest that its event names; one that cannot be read has not."""
    try:
        return payload_digest(bytes.fromhex(payload.salt), payload.body.encode()) == event.payload_digest
    except (ValueError, OverflowError):
        return False


class Seals:
    """The ledger as of its latest checkpoint, held against events one by one; ``proofs`` keeps those of the first records."""

    def __init__(self, house: House) -> None:
        self.proofs: list[LedgerProof] = []
        self._house = house
        self._waiting = 0
        self._tiles = log.folder(house.data)
        self._row = log.latest()
        self._note: notes.Checkpoint | None = None
        self._broken = ""
        self._seen: tuple[WitnessSeen, ...] | None = None
        if self._row is not None:
            self._open(self._row.note)

    def _open(self, note: str) -> None:
        try:
            self._note = notes.parse(note)
        except ValueError as problem:
            self._broken = str(problem)
            return
        retired = keys.retired()
        signed = [(key, is_good) for key, is_good in log.signers(self._note, self._house.signer)]
        if not signed or not all(is_good for _, is_good in signed):
            self._broken = "没有本机关密钥的有效签名"
        elif any(retired.get(key.key_id, self._note.size) < self._note.size for key, _ in signed):
            self._broken = "签名用的是此前已更换的密钥"
        else:
            self._broken = self._otherwise(self._note)

    def _otherwise(self, note: notes.Checkpoint) -> str:
        """Return why the log does not go on from what was signed here last; empty where it does, and where that is not known."""
        try:
            known = LastSigned(self._house.data / "keys").read()
            if known is None:
                return ""
            if known.size > note.size and not log.has(known):
                return "" if log.positioned() >= known.size else f"这里签到过第 {known.size} 条，账本现在只有 {note.size} 条"
            is_same = known.origin == note.origin and self._tiles.tree(known.size).root() == known.root
        except (ValueError, OSError, Fault) as problem:
            return str(problem)
        return "" if is_same else f"与这里最近签到第 {known.size} 条时的不同"

    def is_sealed(self, event: Event) -> bool:
        """Tell whether the latest checkpoint covers *event*."""
        return self._row is not None and event.position is not None and event.position < self._row.size

    def remarks(self, row: Record, told: Sequence[Told]) -> list[Finding]:
        """Return what is wrong with the archiving events *told* of *row*.

        The ledger must tell of archiving this very inventory, in a payload that has its digest; where that is sealed, the seal must hold.
        """
        if not told:
            return [finding("PROVE-EVENT-MISSING", row.code or row.id)]
        altered = [finding("PROVE-EVENT-ALTERED", event.id) for event, payload in told if not is_intact(event, payload)]
        if altered:
            return altered
        bodies = {body.get("version"): body for body in (json.loads(payload.body) for _, payload in told)}
        named = bodies.get(row.content_version, {}).get("inventory_sha256", "")
        if named != hashlib.sha256(self._house.store.inventory(row.id, row.content_version)).hexdigest():
            return [finding("PROVE-INVENTORY-DIFFERS", row.code or row.id)]
        newest = max((number for number in bodies if isinstance(number, int)), default=0)
        if newest > row.content_version and Record.objects.filter(id=row.id, content_version=row.content_version).exists():
            return [finding("PROVE-VERSION-OLDER", row.code or row.id, newest=newest, version=row.content_version)]
        return [item for event, _ in told for item in self.check(row, event)]

    def verdict(self, row: Record) -> bool | None:
        """Tell whether the ledger proves the archiving of *row* (DA/T 70, 4-7); None where that is not sealed yet."""
        told = archived_events([row.id]).get(row.id, [])
        if self.remarks(row, told):
            return False
        return True if all(self.is_sealed(event) for event, _ in told) else None

    def check(self, row: Record, event: Event) -> list[Finding]:
        """Return what is wrong with the seal of *row*'s archiving event; one that is not sealed yet is counted, not wrong."""
        if event.position is None or not self.is_sealed(event):
            self._waiting += 1
            return []
        if self._broken or self._note is None:
            return [finding("PROVE-CHECKPOINT-BROKEN", str(self._row.size if self._row else 0), reason=self._broken)]
        leaf = leaf_hash(log.entry(event))
        path = self._path(event, event.position, leaf)
        if isinstance(path, str):
            return [finding("PROVE-LEDGER-BROKEN", str(event.position), reason=path)]
        if len(self.proofs) < SHOWN:
            self.proofs.append(self._proof(row, event, leaf, path))
        return [finding("PROVE-WITNESS-DIFFERS", item.folder, reason=item.problem) for item in self.witnesses() if item.problem]

    def witnesses(self) -> tuple[WitnessSeen, ...]:
        """Return what each witness has seen, looked at once."""
        if self._seen is None:
            self._seen = tuple(self._look(folder) for folder in self._house.settings.witness_folders)
        return self._seen

    def _look(self, folder: str) -> WitnessSeen:
        """Hold the latest note of a witness against the tree; it must be a beginning of this very log."""
        note = self._note
        if note is None:
            return WitnessSeen(folder, None)
        try:
            known = WitnessFolder(Path(folder), note.origin).latest()
            if known is None:
                return WitnessSeen(folder, 0 if Path(folder).is_dir() else None)
            if known.size > note.size and not log.has(known):
                return WitnessSeen(folder, known.size, f"它见过第 {known.size} 条，账本现在只有 {note.size} 条")
            is_same = self._tiles.tree(known.size).root() == known.root
        except OSError:
            return WitnessSeen(folder, None)
        except (ValueError, Fault) as problem:
            return WitnessSeen(folder, None, str(problem))
        return WitnessSeen(folder, known.size, "" if is_same else f"第 {known.size} 条时它见到的账本与现在的不同")

    def broken(self, event: Event) -> str:
        """Return why the seal of an event does not hold; empty where it does, and where it is not sealed yet."""
        if event.position is None or not self.is_sealed(event):
            return ""
        path = self._path(event, event.position, leaf_hash(log.entry(event)))
        return path if isinstance(path, str) else ""

    def _path(self, event: Event, position: int, leaf: bytes) -> tuple[bytes, ...] | str:
        """Return the path of a leaf to the checkpoint's root, or why there is none."""
        if self._broken or self._note is None:
            return self._broken or "没有检查点"
        try:
            path = self._tiles.tree(self._note.size).inclusion(position)
        except (Fault, OSError) as problem:
            return str(problem)
        is_good = verify_path(leaf, position, self._note.size, path, self._note.root)
        return path if is_good else "这一条通不到检查点的根"

    def _proof(self, row: Record, event: Event, leaf: bytes, path: tuple[bytes, ...]) -> LedgerProof:
        note, kept = self._note, self._row
        if note is None or kept is None or event.position is None:
            raise ValueError("a proof without a checkpoint")
        hexes = tuple(item.hex() for item in path)
        told = note.root.hex(), note.fingerprint(), kept.created_at
        return LedgerProof(row.code or row.id, event.id, event.position, leaf.hex(), hexes, note.size, *told)

    def not_checked(self) -> tuple[str, ...]:
        """Return what could not be checked, in words."""
        told = []
        if self._waiting:
            told.append(f"账本：{self._waiting} 件的归档事件还没有封存，只核对了事件摘要；封存每隔几秒进行一次")
        if not self._house.settings.witness_folders:
            told.append("见证：没有设置见证处，检查点没有与别处的对照")
        told += [f"见证：{item.folder} 现在读不到" for item in self._seen or () if item.size is None and not item.problem]
        return tuple(told)
