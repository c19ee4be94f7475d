"""What was signed here last: does the ledger still begin with it? And where nothing is left of the ledger, was there one?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lantai.core import checkpoint as notes
from lantai.core.errors import Fault
from lantai.core.evidence import leaf_hashes
from lantai.core.findings import Finding, finding
from lantai.core.tlog import Frontier
from lantai.packages.last_signed import NAME, LastSigned
from lantai.packages.tiles import TileFolder
from lantai.packages.witness import WitnessFolder
from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.shelves.ledger.models import Checkpoint

_ROWS_A_STEP = 2048
UNKNOWN = "签署处：没有记着最近签署的检查点（早先的版本不记，还原以后也没有），数据库和日志一起被换成旧的看不出来"


def remembered(house: House) -> notes.Checkpoint | None:
    """Return what was signed here last, to be read before anything else of the ledger. Raises ValueError for what is no note."""
    return LastSigned(house.data / "keys").read()


def look(files: TileFolder, rows: Sequence[Checkpoint], known: notes.Checkpoint | None) -> tuple[list[Finding], list[str]]:
    """Return what the memory of the signer speaks against, and what could not be checked."""
    if known is None:
        return [], [UNKNOWN] if rows else []
    where, size = f"keys/{NAME}", rows[-1].size if rows else 0
    try:
        if known.size <= size:
            is_same = files.tree(known.size).root() == known.root
            return [] if is_same else [finding("LEDGER-SIGNER-DIFFERS", where, reason=f"第 {known.size} 条时的根不同")], []
        if _reached(files, size, known):
            return [], []
    except (Fault, OSError) as problem:
        return [finding("LEDGER-SIGNER-DIFFERS", where, reason=str(problem))], []
    return [finding("LEDGER-SIGNER-DIFFERS", where, reason=f"签到第 {known.size} 条，账本现在只有 {size} 条")], []


def _reached(files: TileFolder, size: int, known: notes.Checkpoint) -> bool:
    """Tell whether the events beyond the last checkpoint that have their places lead to *known*: a run was broken off behind signing."""
    if log.positioned() < known.size:
        return False
    edge = files.tree(size).frontier() if size else Frontier()
    for first in range(size, known.size, _ROWS_A_STEP):
        held = log.rows(first, min(_ROWS_A_STEP, known.size - first))
        edge = edge.extend(leaf_hashes(row.entry for row in held))
    return edge.size == known.size and edge.root() == known.root


def of_nothing(house: House, known: notes.Checkpoint | None) -> Iterator[Finding]:
    """Yield what witnesses know of a ledger of which no checkpoint is left here."""
    for folder in house.settings.witness_folders:
        for origin in sorted({known.origin} if known else set(_origins(house))):
            try:
                seen = WitnessFolder(Path(folder), origin).latest()
            except (OSError, ValueError) as problem:
                yield finding("LEDGER-WITNESS-DIFFERS", folder, reason=str(problem))
                continue
            if seen is not None:
                yield finding("LEDGER-WITNESS-AHEAD", folder, reason=f"它见过 {origin} 第 {seen.size} 条，现在一个检查点也没有")


def _origins(house: House) -> Iterator[str]:
    """Yield what the log may be called: it is named after the key it began with, which may be a former one."""
    for key in house.signer.public_keys():
        if key.algorithm == notes.ED25519:
            yield log.name(house.settings.fonds, key.key_id)
