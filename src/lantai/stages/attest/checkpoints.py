"""Checkpoints: is each a note of ours, signed with keys of ours, saying what its row says; and is the published one the latest?"""

from collections.abc import Iterator, Sequence

from lantai.core import checkpoint as notes
from lantai.core.findings import Finding, finding
from lantai.packages.tiles import TileFolder
from lantai.ports.signer import Signer
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Checkpoint


def of_rows(rows: Sequence[Checkpoint], signer: Signer) -> Iterator[Finding]:
    """Yield what is wrong with the checkpoints of the database, one by one."""
    origin, before = "", 0
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
        if reason := unsigned(note, signer):
            yield finding("LEDGER-CHECKPOINT-UNSIGNED", str(row.size), reason=reason)


def unsigned(note: notes.Checkpoint, signer: Signer) -> str:
    """Return why a note does not count as signed by us, empty where it does: both algorithms, every signature good."""
    held = list(log.signers(note, signer))
    bad = [key.algorithm for key, is_good in held if not is_good]
    if bad:
        return "、".join(bad) + " 签名无效"
    missing = {notes.ED25519, notes.SM2} - {key.algorithm for key, _ in held}
    return "、".join(sorted(missing)) + " 没有签名" if missing else ""


def latest(files: TileFolder, row: Checkpoint | None) -> Iterator[Finding]:
    """Yield what is wrong with the published checkpoint, which must be the latest row."""
    told = files.latest()
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
