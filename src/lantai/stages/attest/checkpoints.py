"""Checkpoints: is each a note of ours, signed with keys of ours, saying what its row says; and is the published one the latest?"""

import time
from collections.abc import Iterator, Mapping, Sequence

from lantai.core import checkpoint as notes
from lantai.core.findings import Finding, finding
from lantai.packages.tiles import TileFolder
from lantai.ports.signer import PublicKey, Signer
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Checkpoint
from lantai.stages import keys

_AGAIN = (0, 0.05, 0.1, 0.2, 0.4, 0.8)


def of_keys(signer: Signer) -> Iterator[Finding]:
    """Yield what is wrong with the keys: every former key gave way in an event that it signed, and the keys in use came by the last."""
    told = list(keys.changes())
    gone = {key.key_id for item in told for key in item.handover.former}
    for key in signer.public_keys():
        if not key.is_current and key.key_id not in gone:
            yield finding("LEDGER-KEY-UNKNOWN", key.key_id, reason="账本里没有它被更换的记录")
    if told and {key.key_id for key in told[-1].handover.current} != set(signer.key_ids()):
        yield finding("LEDGER-KEY-UNKNOWN", "、".join(signer.key_ids()), reason="不是账本所记最近一次更换后的密钥")
    for item in told:
        former = {key.key_id for key in item.handover.former}
        good = {one.key_id for one in item.handover.signatures if signer.verify(item.handover.message(), one)}
        if not former or former != good & former:
            yield finding("LEDGER-KEY-UNKNOWN", item.handover.current[0].key_id, reason="更换没有前任密钥的有效签名")


def of_rows(rows: Sequence[Checkpoint], signer: Signer) -> Iterator[Finding]:
    """Yield what is wrong with the checkpoints of the database, one by one."""
    origin, before, retired, known = "", 0, keys.retired(), signer.public_keys()
    for row in rows:
        if row.after != before:
            yield finding("LEDGER-CHECKPOINT-GONE", str(row.size), before=row.after, found=before)
        before = row.size
        try:
            note = notes.parse(row.note)
        except ValueError as problem:
            yield finding("LEDGER-CHECKPOINT-UNREADABLE", str(row.size), reason=str(problem))
            continue
        if (note.size, note.root.hex()) != (row.size, row.root):
            yield finding("LEDGER-CHECKPOINT-DIFFERS", str(row.size), reason="所签的与数据库所记的条数或根不同")
        origin = origin or note.origin
        if note.origin != origin:
            yield finding("LEDGER-CHECKPOINT-DIFFERS", str(row.size), reason=f"日志名称 {note.origin}，此前是 {origin}")
        if reason := unsigned(note, signer, retired, known):
            yield finding("LEDGER-CHECKPOINT-UNSIGNED", str(row.size), reason=reason)


def unsigned(note: notes.Checkpoint, signer: Signer, retired: Mapping[str, int], known: Sequence[PublicKey] = ()) -> str:
    """Return why a note does not count as signed by us, empty where it does: both algorithms, every signature good, no key *retired*."""
    held = list(log.signers(note, signer, known))
    late = [key.algorithm for key, _ in held if retired.get(key.key_id, note.size) < note.size]
    if late:
        return "、".join(late) + " 签名用的是此前已更换的密钥"
    bad = [key.algorithm for key, is_good in held if not is_good]
    if bad:
        return "、".join(bad) + " 签名无效"
    missing = {notes.ED25519, notes.SM2} - {key.algorithm for key, _ in held}
    return "、".join(sorted(missing)) + " 没有签名" if missing else ""


def kept(files: TileFolder) -> tuple[str | None, list[Checkpoint]]:
    """Return the published note and the checkpoints of the database, as they stood at one moment.

    A sealer keeps a checkpoint first and publishes it next, every few seconds: what differs is read again for a moment before it counts.
    """
    for seconds in _AGAIN:
        time.sleep(seconds)
        told, rows = files.latest(), list(Checkpoint.objects.order_by("size"))
        if told == (rows[-1].note if rows else None):
            break
    return told, rows


def latest(told: str | None, row: Checkpoint | None) -> Iterator[Finding]:
    """Yield what is wrong with the published checkpoint *told*, which must be the latest row."""
    if row is None:
        if told is not None:
            yield finding("LEDGER-CHECKPOINT-DIFFERS", "checkpoint", reason="日志有检查点，数据库里没有，数据库可能被换成了旧的")
        return
    if told is None:
        yield finding("LEDGER-TILE-LOST", "checkpoint")
    elif told != row.note:
        yield finding("LEDGER-CHECKPOINT-DIFFERS", "checkpoint", reason=_difference(told, row))


def _difference(told: str, row: Checkpoint) -> str:
    try:
        size = notes.parse(told).size
    except ValueError:
        return "日志的检查点无法识别"
    if size > row.size:
        return f"日志到第 {size} 条，数据库到第 {row.size} 条，数据库可能被换成了旧的"
    return f"日志到第 {size} 条，数据库到第 {row.size} 条" if size < row.size else "同一条数，内容不同"
