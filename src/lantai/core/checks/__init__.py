"""The four gates 四性检测 (DA/T 70-2018): facts in, item results and a conclusion out. Nothing unexecuted is ever passed.

A scheme comes from ``lantai.standards.da_t_70.scheme(gate)``; this room knows no table of its own.
"""

from lantai.core.checks.engine import check_batch, check_record, conclude, worst
from lantai.core.checks.facts import (
    Answer,
    BatchFacts,
    Declared,
    DocumentFacts,
    EngineFacts,
    FileFacts,
    PackageFacts,
    RecordFacts,
    ScopeNumbers,
    SignatureFacts,
)
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
from lantai.core.checks.packed import findings, pack, packed, whole
from lantai.core.checks.report import Run, Subject, as_report, coverage, head, report_bytes, summary
from lantai.core.checks.scheme import MODE_NAMES, Mode, Parameters, Scheme

__all__ = [
    "CONCLUSION_NAMES",
    "GATE_NAMES",
    "MODE_NAMES",
    "OUTCOME_NAMES",
    "PROPERTY_NAMES",
    "Answer",
    "BatchFacts",
    "Conclusion",
    "Declared",
    "DocumentFacts",
    "EngineFacts",
    "FileFacts",
    "Gate",
    "ItemResult",
    "Mode",
    "Outcome",
    "PackageFacts",
    "Parameters",
    "Property",
    "Reason",
    "RecordFacts",
    "Run",
    "Scheme",
    "ScopeNumbers",
    "SignatureFacts",
    "Subject",
    "Weight",
    "as_report",
    "check_batch",
    "check_record",
    "conclude",
    "coverage",
    "findings",
    "head",
    "pack",
    "packed",
    "report_bytes",
    "summary",
    "whole",
    "worst",
]
