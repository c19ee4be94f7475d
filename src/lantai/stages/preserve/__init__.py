"""preserve 长期保存检测: the preservation gate over the holdings, planned, sampled, or asked for after a migration or a restore.

A run is a row with a cursor. Its worker takes one slice after another: reads every byte of each record once, runs the gate, and writes
reports, results and the new cursor in one transaction; killed anywhere it goes on at the cursor. What is damaged is flagged on
the record, told in the ledger and stands on the desk until a later run finds it mended. What could not be checked is an ``error``.
"""

from lantai.stages.preserve.plans import begin_due, is_due, make_plan, retire_plan
from lantai.stages.preserve.runs import Scope, resume, start, start_as_service, stop
from lantai.stages.preserve.work import preserve_task, run_to_end

__all__ = [
    "Scope",
    "begin_due",
    "is_due",
    "make_plan",
    "preserve_task",
    "resume",
    "retire_plan",
    "run_to_end",
    "start",
    "start_as_service",
    "stop",
]
