"""amend 更正: an archived record described anew, as an earlier version described it, or with other files, as a new version.

Archived records are write-once and their codes fixed: whatever changes goes by approval. One person proposes with a reason, another
approves; then the version is made, and the row says so. Every step is a ledger event, and what was approved is made even if the machine
dies meanwhile.
"""

from lantai.stages.amend.carry import amend_task, carry_out, rest_amendment, unmade
from lantai.stages.amend.decide import correct, decide, replace, restore, resume
from lantai.stages.amend.pages import page_image
from lantai.stages.amend.reading import Compared, Pair, Version, compared, correctable, listed, standing
from lantai.stages.amend.replacing import offered

__all__ = [
    "Compared",
    "Pair",
    "Version",
    "amend_task",
    "carry_out",
    "compared",
    "correct",
    "correctable",
    "decide",
    "listed",
    "offered",
    "page_image",
    "replace",
    "rest_amendment",
    "restore",
    "resume",
    "standing",
    "unmade",
]
