"""The log by itself: its files against the checkpoint that lies with them and the agency's keys, without asking the database."""

from lantai.core import checkpoint as notes
from lantai.core.findings import finding
from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.stages.attest.checkpoints import unsigned
from lantai.stages.attest.outcome import Attested
from lantai.stages.attest.walk import TilesAlone

NO_DATABASE = "数据库：这一次没有看，事件内容、以前的检查点、时间戳和见证处都没有核"


def attest_tiles(house: House) -> Attested:
    """Verify the files of the log alone; nothing is written, nothing wrong is raised."""
    files = log.folder(house.data)
    text = files.latest()
    if text is None:
        return Attested(0, 0, (finding("LEDGER-TILE-LOST", "checkpoint"),), (NO_DATABASE,), 0)
    try:
        note = notes.parse(text)
    except ValueError as problem:
        return Attested(0, 0, (finding("LEDGER-CHECKPOINT-UNREADABLE", "checkpoint", reason=str(problem)),), (NO_DATABASE,), 0)
    walk = TilesAlone(files, note.size, {note.size: note.root.hex()})
    for _ in walk.steps():
        pass
    reason = unsigned(note, house.signer, {})
    wrong = [finding("LEDGER-CHECKPOINT-UNSIGNED", str(note.size), reason=reason)] if reason else []
    problems = (*walk.problems, *wrong)
    return Attested(note.size, 1, problems, (NO_DATABASE,), 0, "" if problems else note.fingerprint())
