"""amend 更正: an archived record described anew, or as an earlier version described it, as a new version.

Archived records are write-once and their codes fixed: whatever changes goes by approval. One person proposes with a reason, another
approves; then the version is made, and the row says so. Every step is a ledger event, and what was approved is made even if the machine
dies meanwhile.
"""

from lantai.stages.amend.carry import amend_task, carry_out, rest_amendment, unmade
from lantai.stages.amend.decide import correct, decide, restore, resume
from lantai.stages.amend.pages import page_image
from lantai.stages.amend.reading import Compared, Pair, Version, compared, correctable, listed, standing

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
    "page_image",
    "rest_amendment",
    "restore",
    "resume",
    "standing",
    "unmade",
]
