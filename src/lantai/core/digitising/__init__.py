"""Rules of the paper line 数字化 (DA/T 31-2017): states of an item, order of the steps, sampling, what a page says against a catalogue.

Everything here is decided from facts alone; docs/design/digitising.md is the page to it.
"""

from lantai.core.digitising.compare import Difference, agreeing, compare
from lantai.core.digitising.confidence import Marks, level, open_fields, unsure
from lantai.core.digitising.defects import Defect, Limits, Measured, alike, defects, millimetres
from lantai.core.digitising.paging import Expected, Found, jumps, remarks, same_format, too_long
from lantai.core.digitising.periods import BY_SCHEDULE, settled
from lantai.core.digitising.priority import RANKS, Ranked, ranked
from lantai.core.digitising.sampling import Figures, Judged, judge, sample
from lantai.core.digitising.states import (
    BATCH_NAMES,
    ITEM_NAMES,
    MOVES,
    SHAPE_NAMES,
    BatchState,
    ItemState,
    Move,
    Shape,
    Verdict,
    next_steps,
    objection,
    origins,
)

__all__ = [
    "BATCH_NAMES",
    "BY_SCHEDULE",
    "ITEM_NAMES",
    "MOVES",
    "RANKS",
    "SHAPE_NAMES",
    "BatchState",
    "Defect",
    "Difference",
    "Expected",
    "Figures",
    "Found",
    "ItemState",
    "Judged",
    "Limits",
    "Marks",
    "Measured",
    "Move",
    "Ranked",
    "Shape",
    "Verdict",
    "agreeing",
    "alike",
    "compare",
    "defects",
    "judge",
    "jumps",
    "level",
    "millimetres",
    "next_steps",
    "objection",
    "open_fields",
    "origins",
    "ranked",
    "remarks",
    "same_format",
    "sample",
    "settled",
    "too_long",
    "unsure",
]
