"""amend 更正: an archived record described anew, as an earlier version described it, or with other files, as a new version.

Archived records are write-once and their codes fixed: whatever changes is a version of its own, with a reason. What touches a key
element of the metadata scheme, or files, another person approves; then the version is made, and the row says so. Every step is a ledger
event, and what was approved is made even if the machine dies meanwhile.
"""

from lantai.stages.amend.carry import amend_task, carry_out, rest_amendment, unmade
from lantai.stages.amend.decide import ALONE, correct, decide, replace, restore, resume
from lantai.stages.amend.pages import page_image
from lantai.stages.amend.reading import Compared, Pair, Version, compared, correctable, listed, standing
from lantai.stages.amend.replacing import offered

__all__ = [
    "ALONE",
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
