"""copies 副本: the same objects in other vaults, written after archiving, read again by audits, and used to mend what is damaged.

A record is archived when the vault itself holds it; in how many more places it must be kept is the setting ``copies_required``, and
what is still short of that is counted where people look. Every verb may run twice and may die anywhere: what is written before its row
is found again by the next run, which compares and reads back instead of writing.
"""

from lantai.stages.copies.audit import audit_task, begin_due, is_due, resume, run_to_end, start, stop
from lantai.stages.copies.fsck import Checked, fsck, refound
from lantai.stages.copies.media import Entered, check_medium, register
from lantai.stages.copies.mend import mend, mend_as_service
from lantai.stages.copies.replicas import Wish, add, find, retire
from lantai.stages.copies.replicate import fill, pending, replicate, replicate_task

__all__ = [
    "Checked",
    "Entered",
    "Wish",
    "add",
    "audit_task",
    "begin_due",
    "check_medium",
    "fill",
    "find",
    "fsck",
    "is_due",
    "mend",
    "mend_as_service",
    "pending",
    "refound",
    "register",
    "replicate",
    "replicate_task",
    "resume",
    "retire",
    "run_to_end",
    "start",
    "stop",
]
