"""Witnesses: has each seen the beginning of this very log, and as far as it must have?"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lantai.core import beijing
from lantai.core import checkpoint as notes
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.core.tlog import Tree
from lantai.packages.tiles import TileFolder
from lantai.packages.witness import WitnessFolder
from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Checkpoint
from lantai.stages import keys
from lantai.stages.attest.checkpoints import unsigned
from lantai.stages.witnessed import agreed_at

NO_WITNESS = "见证：没有设置见证处，连密钥一起掌握的人把账本整本换过看不出来"


def look(house: House, files: TileFolder, rows: Sequence[Checkpoint], *, is_whole: bool) -> tuple[list[Finding], list[str]]:
    """Return what witnesses speak against, and what could not be checked. *is_whole* tells that the tiles were found as they must be."""
    found: list[Finding] = []
    not_checked = [] if house.settings.witness_folders else [NO_WITNESS]
    if not is_whole and house.settings.witness_folders:
        return [], ["见证：日志本身不符，没有再与见证处对照"]
    for folder in house.settings.witness_folders:
        if not rows:
            continue
        try:
            found += _one(house, files, rows, folder)
        except OSError as problem:
            found.append(finding("LEDGER-WITNESS-AWAY", folder, reason=problem.strerror or str(problem), since=_since(folder)))
        except (ValueError, Fault) as problem:
            found.append(finding("LEDGER-WITNESS-DIFFERS", folder, reason=str(problem)))
    return found, not_checked


def _since(folder: str) -> str:
    """Return in words when a witness was last read and agreed."""
    at = agreed_at(folder)
    return f"最近一次读到并相符是 {at.astimezone(beijing.ZONE):%Y-%m-%d %H:%M}" if at else "还没有读到过"


def _one(house: House, files: TileFolder, rows: Sequence[Checkpoint], folder: str) -> Iterator[Finding]:
    last = rows[-1]
    witness = WitnessFolder(Path(folder), notes.parse(last.note).origin)
    if not Path(folder).is_dir():
        raise FileNotFoundError(2, "文件夹不在", folder)
    known = witness.latest()
    if known is None:
        yield finding("LEDGER-WITNESS-BEHIND", folder, reason=f"一个检查点也没有，{_since(folder)}")
        return
    rows = [*rows, *Checkpoint.objects.filter(size__gt=last.size).order_by("size")]  # sealing goes on while this verifies
    last = rows[-1]
    if known.size > last.size:
        yield finding("LEDGER-WITNESS-AHEAD", folder, reason=f"它见过第 {known.size} 条，现在只有 {last.size} 条")
        return
    if Tree(known.size, files.hashes).root() != known.root:
        yield finding("LEDGER-WITNESS-DIFFERS", folder, reason=f"第 {known.size} 条时的根不同")
        return
    if reason := unsigned(known, house.signer, keys.retired()):
        yield finding("LEDGER-WITNESS-DIFFERS", folder, reason=f"它的检查点{reason}")
    if known.size < last.size:
        yield finding("LEDGER-WITNESS-BEHIND", folder, reason=f"它到第 {known.size} 条，账本已到第 {last.size} 条")
    yield from _history(files, witness, {row.size: row for row in rows}, known)


def _history(files: TileFolder, witness: WitnessFolder, rows: Mapping[int, Checkpoint], latest: notes.Checkpoint) -> Iterator[Finding]:
    """Yield every note that is not a beginning of this log or not the one that the database keeps; the last of them is the *latest*.

    The walk has held the root of each row against the tiles; only a note of another size has its root reckoned. What the witness was
    handed since its latest was read is not looked at.
    """
    last, folder = 0, str(witness.folder)
    kept = {size: row.note for size, row in rows.items()}
    for text in witness.all():
        note = notes.parse(text)
        if last == latest.size and note.size > last and log.has(note):
            break
        if note.size < last or note.size > max(kept) or _root(files, rows, note.size) != note.root:
            yield finding("LEDGER-WITNESS-DIFFERS", folder, reason=f"第 {note.size} 条时的记录不是这本账")
        elif kept.get(note.size) != text:
            yield finding("LEDGER-WITNESS-DIFFERS", folder, reason=f"第 {note.size} 条时的检查点与数据库里的不同，或数据库里没有")
        last = note.size
    if last != latest.size:
        yield finding("LEDGER-WITNESS-BEHIND", folder, reason=f"逐月记录到第 {last} 条，最新检查点到第 {latest.size} 条")
    if not (witness.is_latest(kept.get(latest.size, "")) or _went_on(witness, latest)):
        yield finding("LEDGER-WITNESS-DIFFERS", folder, reason="它的最新检查点与数据库里的不同")


def _went_on(witness: WitnessFolder, before: notes.Checkpoint) -> bool:
    """Tell whether the witness was handed a later checkpoint that is kept here, since *before* was read."""
    now = witness.latest()
    return now is not None and now.size > before.size and log.has(now)


def _root(files: TileFolder, rows: Mapping[int, Checkpoint], size: int) -> bytes:
    return bytes.fromhex(rows[size].root) if size in rows else Tree(size, files.hashes).root()
