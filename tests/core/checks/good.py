"""A record, a file and a batch with nothing wrong, and a way to run one item of a gate on them."""

from dataclasses import replace

from lantai.core.checks import (
    BatchFacts,
    Declared,
    DocumentFacts,
    EngineFacts,
    FileFacts,
    Gate,
    ItemResult,
    PackageFacts,
    RecordFacts,
    ScopeNumbers,
    check_batch,
    check_record,
)
from lantai.core.record import BusinessEvent, Role
from lantai.standards import da_t_70

SHA = "a" * 64
EVERY = frozenset(("1.09", "2.08", "3.05", "3.06", "3.07"))
ENGINE = EngineFacts(is_ready=True, name="clamd", signatures="27000", signatures_date="2026-02-27")
ELEMENTS: dict[str, str | list[str]] = {
    "aggregation_level": "文件",
    "fonds_constituting_unit_name": "云汀市发展和改革委员会",
    "year": "2026",
    "retention_period": "永久",
    "title": "关于印发云汀市绿道建设方案的通知",
    "author": "云汀市发展和改革委员会",
    "date": "20260105",
    "document_number": "云发改〔2026〕12号",
    "document_type": "通知",
    "security_classification": "无",
    "document_aggregation_type": "单件",
    "total_number_of_pages": "2",
    "language": "汉语",
}
STEPS = ("拟稿", "审核", "签发", "用印", "分发")


def a_file(name: str = "通知.pdf", **changes: object) -> FileFacts:
    """Return a clean two-page PDF that is what its metadata says."""
    plain = FileFacts(
        name=name,
        path=f"01-正本/original/{name}",
        size_bytes=1000,
        digests={"sha256": SHA, "sm3": "b" * 64},
        puid="fmt/18",
        mime="application/pdf",
        page_count=2,
        virus="clean",
        is_read=True,
        declared=Declared(name, 1000, "PDF 1.4", SHA),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def a_record(**changes: object) -> RecordFacts:
    """Return a record, ready for archiving, with nothing wrong; ``elements`` are merged, ``file`` and ``package`` replace parts."""
    elements = {**ELEMENTS, **changes.pop("elements", {})}  # type: ignore[dict-item]
    file, package = changes.pop("file", a_file()), changes.pop("package_with", {})
    plain = RecordFacts(
        record_id="01JA0000000000000000000001",
        today="20260301",
        electronic_record_code="OA-2026-0012",
        elements=elements,
        metadata_readable=True,
        code="Z109-WS·2026-Y-BGS-0012",
        code_parts={"fonds_identifier": "Z109", "year": "2026", "retention_period": "Y", "agency_item_number": "0012"},
        documents=(DocumentFacts(Role.MAIN, (file,)),),  # type: ignore[arg-type]
        events=tuple(BusinessEvent(f"e{n}", "a1", act, f"2026-01-0{n + 1}T09:00:00+08:00") for n, act in enumerate(STEPS)),
        direction="发文",
        package=replace(
            PackageFacts(
                "ocfl",
                is_manifest_verified=True,
                declared_files=1,
                actual_files=1,
                declared_records=1,
                catalogue_records=1,
                elements=frozenset((*elements, "electronic_record_code", "archival_code")),
            ),
            **package,  # type: ignore[arg-type]
        ),
        engine=ENGINE,
        duplicates={},
        unreferenced_files=(),
        in_scope=True,
        ledger_verified=True,
        database_matches=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def without(*names: str) -> dict[str, str | list[str]]:
    """Return the good elements less some."""
    return {name: value for name, value in ELEMENTS.items() if name not in names}


def a_batch(**changes: object) -> BatchFacts:
    """Return a batch with nothing wrong."""
    plain = BatchFacts(
        batch_id="01JB0000000000000000000001",
        today="20260301",
        declared_records=3,
        actual_records=3,
        declared_bytes=3000,
        actual_bytes=3000,
        numbers=(ScopeNumbers("Z109-WS·2026-Y-BGS", (1, 2, 3)),),
        extra_files=(),
        engine=ENGINE,
        ledger_verified=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def item_of(facts: RecordFacts | BatchFacts, number: str, gate: Gate = Gate.ARCHIVING, enable: frozenset[str] = EVERY) -> ItemResult:
    """Run the whole gate, items to be verified too, and return one line of it."""
    scheme = da_t_70.scheme_with(gate, enable=enable)
    results = check_record(gate, facts, scheme) if isinstance(facts, RecordFacts) else check_batch(gate, facts, scheme)
    return next(item for item in results if item.id == f"{gate.value}.{number}")
