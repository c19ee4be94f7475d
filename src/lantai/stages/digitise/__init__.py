"""digitise 数字化: from a box of paper to accepted, catalogued scans that join the ordinary line (docs/design/digitising.md).

Scans are taken in file by file and never touched again; every other picture of a page is made from them by a recipe that is kept. A
worker measures, cleans, recognises and proposes; persons confirm, inspect and accept; what is accepted goes through reception like
everything else that arrives.
"""

from lantai.stages.digitise.intake import take_in
from lantai.stages.digitise.projects import Done, Order, Papers, close, make_project, open_batch, record_step
from lantai.stages.digitise.working import digitise_task, work_through

__all__ = ["Done", "Order", "Papers", "close", "digitise_task", "make_project", "open_batch", "record_step", "take_in", "work_through"]
