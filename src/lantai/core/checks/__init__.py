"""The four gates 四性检测 (DA/T 70-2018): facts in, item results and a conclusion out. Nothing unexecuted is ever passed.

A scheme comes from ``lantai.standards.da_t_70.scheme(gate)``; this room knows no table of its own.
"""

from lantai.core.checks.edition import Asked, Edition, Grounds, Piece, Telling, Tool, edition, pieces
from lantai.core.checks.engine import check_batch, check_record, conclude, findings_digest, worst
from lantai.core.checks.facts import (
    Answer,
    BatchFacts,
    Declared,
    DocumentFacts,
    EngineFacts,
    FileFacts,
    Overruled,
    PackageFacts,
    RecordFacts,
    ScopeNumbers,
    SignatureFacts,
)
from lantai.core.checks.measured import measured
from lantai.core.checks.outcomes import (
    CONCLUSION_NAMES,
    GATE_NAMES,
    OUTCOME_NAMES,
    PROPERTY_NAMES,
    Conclusion,
    Gate,
    ItemResult,
    Outcome,
    Property,
    Reason,
    Weight,
)
from lantai.core.checks.packed import findings, pack, packed, presumed, whole
from lantai.core.checks.registry import EXCUSED_IN_TRIAL
from lantai.core.checks.repeated import KIND_NAMES, Difference, Kind, NotRepeated, Repeated, compare
from lantai.core.checks.report import Run, Subject, as_report, coverage, head, report_bytes, summary
from lantai.core.checks.scheme import MODE_NAMES, Mode, Parameters, Scheme

__all__ = [
    "CONCLUSION_NAMES",
    "EXCUSED_IN_TRIAL",
    "GATE_NAMES",
    "KIND_NAMES",
    "MODE_NAMES",
    "OUTCOME_NAMES",
    "PROPERTY_NAMES",
    "Answer",
    "Asked",
    "BatchFacts",
    "Conclusion",
    "Declared",
    "Difference",
    "DocumentFacts",
    "Edition",
    "EngineFacts",
    "FileFacts",
    "Gate",
    "Grounds",
    "ItemResult",
    "Kind",
    "Mode",
    "NotRepeated",
    "Outcome",
    "Overruled",
    "PackageFacts",
    "Parameters",
    "Piece",
    "Property",
    "Reason",
    "RecordFacts",
    "Repeated",
    "Run",
    "Scheme",
    "ScopeNumbers",
    "SignatureFacts",
    "Subject",
    "Telling",
    "Tool",
    "Weight",
    "as_report",
    "check_batch",
    "check_record",
    "compare",
    "conclude",
    "coverage",
    "edition",
    "findings",
    "findings_digest",
    "head",
    "measured",
    "pack",
    "packed",
    "pieces",
    "presumed",
    "report_bytes",
    "summary",
    "whole",
    "worst",
]
