"""Facts with one fault each, and facts at the edge of one: content, packages, engine, carriers and batches (DA/T 70-2018)."""

from dataclasses import replace

from lantai.core.checks import (
    BatchFacts,
    Declared,
    DocumentFacts,
    EngineFacts,
    RecordFacts,
    ScopeNumbers,
    SignatureFacts,
)
from lantai.core.findings import Finding, finding
from lantai.core.record import ContentBasis, Representation, Role
from tests.core.checks.good import ELEMENTS, ENGINE, SHA, a_batch, a_file, a_record

PAPER = replace(a_record(package=None), documents=(), content_basis=ContentBasis.PHYSICAL_ONLY)
UNSEEN = EngineFacts()


def file(name: str = "通知.pdf", **changes: object) -> RecordFacts:
    return a_record(file=a_file(name, **changes))


def declared(**changes: object) -> RecordFacts:
    return file(declared=Declared(**changes))  # type: ignore[arg-type]


def package(**changes: object) -> RecordFacts:
    return a_record(package_with=changes)


def batch_package(**changes: object) -> BatchFacts:
    return a_batch(package=replace(a_record().package, **changes))  # type: ignore[type-var]


def documents(*roles: Role) -> tuple[DocumentFacts, ...]:
    return tuple(DocumentFacts(role, (a_file(f"{n}.pdf"),)) for n, role in enumerate(roles))


def ledger(*found: Finding) -> RecordFacts:
    return a_record(ledger_verified=False, ledger_findings=found)


def scope(*numbers: int, **more: tuple[int, ...]) -> BatchFacts:
    return a_batch(numbers=(ScopeNumbers("S", numbers, **more),))  # type: ignore[arg-type]


FAILS: dict[str, tuple[str, RecordFacts | BatchFacts, str]] = {
    "one_byte_changed": ("1.01", declared(digest="c" * 64), "GD-1-1-DIGEST"),
    "broken_seal": ("1.01", file(signatures=(SignatureFacts("公章", "seal", is_valid=False),)), "GD-1-1-SIGNATURE"),
    "renamed": ("1.10", declared(name="别名.pdf"), "GD-1-10-NAME"),
    "one_byte_longer": ("1.10", declared(size_bytes=1001), "GD-1-10-SIZE"),
    "declared_empty": ("1.10", declared(size_bytes=0), "GD-1-10-SIZE"),
    "other_digest": ("1.10", declared(digest="c" * 64), "GD-1-10-DIGEST"),
    "other_sm3": ("1.10", declared(digest="c" * 64, algorithm="SM3"), "GD-1-10-DIGEST"),
    "docx_renamed_pdf": ("1.10", file(puid="fmt/412", declared=Declared(format="PDF")), "GD-1-10-FORMAT"),
    "no_content": ("1.11", a_record(documents=()), "GD-1-11-NO-CONTENT"),
    "file_missing": ("1.11", file(exists=False), "GD-1-11-MISSING"),
    "path_climbs_out": ("1.11", file(path="../通知.pdf"), "GD-1-11-OUTSIDE"),
    "absolute_path": ("1.11", file(path="/etc/通知.pdf"), "GD-1-11-OUTSIDE"),
    "backslash_path": ("1.11", file(path="正本\\通知.pdf"), "GD-1-11-OUTSIDE"),
    "drive_letter": ("1.11", file(path="C:/通知.pdf"), "GD-1-11-OUTSIDE"),
    "orphan": ("1.11", a_record(unreferenced_files=("多.txt",)), "GD-1-11-UNREFERENCED"),
    "catalogue_too_short": ("1.12", package(catalogue_records=0), "GD-1-12"),
    "changed_on_the_way": ("1.14", package(is_manifest_verified=False), "GD-1-14"),
    "no_main_document": ("2.07", a_record(documents=documents(Role.ATTACHMENT)), "GD-2-7-NO-MAIN"),
    "main_without_file": ("2.07", a_record(documents=(DocumentFacts(Role.MAIN),)), "GD-2-7-NO-MAIN"),
    "empty_file": ("2.07", file(size_bytes=0), "GD-2-7-EMPTY"),
    "no_page": ("2.07", file(page_count=0), "GD-2-7-NO-PAGES"),
    "attachment_missing": ("2.08", a_record(attachments_named=("名单",)), "GD-2-8"),
    "package_lacks_title": ("2.10", package(elements=frozenset(("date",))), "GD-2-10"),
    "one_file_too_few": ("2.11", package(actual_files=0), "GD-2-11"),
    "unreadable_metadata": ("3.01", a_record(metadata_readable=False), "GD-3-1"),
    "database_differs": ("3.02", a_record(database_matches=False), "GD-3-2"),
    "gif": ("3.03", file("图.gif", puid="fmt/4", mime="image/gif"), "GD-3-3-UNKNOWN"),
    "executable": ("3.03", file("x.exe", puid="fmt/899"), "GD-3-3"),
    "pdf_by_name_only": ("3.03", file(puid="", mime="application/octet-stream"), "GD-3-3-UNKNOWN"),
    "docx_named_pdf": ("3.03", file(puid="fmt/412"), "GD-3-3-EXTENSION"),
    "executable_in_package": ("3.08", file("x.pdf", puid="fmt/899"), "GD-3-8"),
    "macro_document": ("3.08", file("x.docm", puid="fmt/412"), "GD-3-8"),
    "encrypted_office": ("3.08", file("x.docx", puid="fmt/494"), "GD-3-8"),
    "script_in_package": ("3.08", file("x.bat", puid="", mime="text/plain"), "GD-3-8"),
    "old_signatures": ("4.01", a_record(engine=replace(ENGINE, signatures_date="2026-02-21")), "GD-4-1-OLD"),
    "eicar": ("4.02", file(virus="infected:Eicar-Test-Signature"), "GD-4-2"),
    "thumbs_db": ("4.03", a_record(unreferenced_files=("Thumbs.db",)), "GD-4-3"),
    "broken_ledger": ("4.07", a_record(ledger_verified=False), "GD-4-7"),
    "reception_not_in_the_ledger": ("4.07", ledger(finding("GD-4-7-MISSING", "01X", act="批次建立")), "GD-4-7-MISSING"),
    "act_altered_in_the_ledger": ("4.07", ledger(finding("GD-4-7-ALTERED", "01X", act="检测")), "GD-4-7-ALTERED"),
    "act_not_under_the_checkpoint": ("4.07", ledger(finding("GD-4-7-SEAL", "01X", act="检测", reason="通不到根")), "GD-4-7-SEAL"),
    "code_not_in_the_sealed_list": ("4.07", ledger(finding("GD-4-7-LIST", "Z1", scope="Z")), "GD-4-7-LIST"),
    "one_record_too_few": ("2.01", a_batch(actual_records=2), "GD-2-1"),
    "one_byte_too_many": ("2.02", a_batch(actual_bytes=3001), "GD-2-2"),
    "gap": ("2.06", scope(1, 2, 3, 5), "GD-2-6"),
    "gap_at_the_start": ("2.06", scope(2, 3), "GD-2-6"),
    "gap_explained_elsewhere": ("2.06", scope(1, 3, explained=(4,)), "GD-2-6"),
    "number_twice": ("2.06", scope(1, 2, 2), "GD-2-6-TWICE"),
    "before_the_first": ("2.06", scope(0, 1), "GD-2-6-BEFORE"),
    "stray_file_in_batch": ("4.03", a_batch(extra_files=(".DS_Store",)), "GD-4-3"),
    "stray_file_on_carrier": ("4.03", a_batch(extra_files=(".DS_Store",), has_carrier=True, declared_records=None), "GD-4-3"),
    "catalogue_too_long_for_the_batch": ("1.12", batch_package(catalogue_records=4, declared_records=4), "GD-1-12-ACTUAL"),
    "path_out_of_the_package": ("1.13", package(findings=(finding("FILING-PATH-UNSAFE", "../x"),)), "FILING-PATH-UNSAFE"),
    "link_in_the_package": ("1.13", package(findings=(finding("FILING-LINK", "x"),)), "FILING-LINK"),
    "vault_object_altered": ("1.14", package(findings=(finding("OCFL-E092", "v1/content/record.xml", reason="sha256"),)), "OCFL-E092"),
    "last_page_not_drawn": ("3.04", file(is_drawn=False), "GD-3-4-NOT-DRAWN"),
    "damaged_pdf": ("3.04", file(findings=(finding("PDF-DAMAGED", "通知.pdf"),)), "PDF-DAMAGED"),
    "bomb_in_the_container": ("3.07", batch_package(findings=(finding("CONTAINER-RATIO", "x", limit=100),)), "CONTAINER-RATIO"),
    "program_named_pdf": ("4.02", file(findings=(finding("CONTENT-EXECUTABLE", "通知.pdf", kind="脚本"),)), "CONTENT-EXECUTABLE"),
}
WARNS: dict[str, tuple[str, RecordFacts | BatchFacts, str]] = {
    "weak_digest": ("1.01", declared(digest="d" * 32, algorithm="md5"), "GD-1-1-WEAK"),
    "minor_item_fails": ("1.09", file(puid="fmt/412"), "GD-1-9"),
    "declared_in_unknown_words": ("1.10", declared(format="某种格式"), "GD-1-10-FORMAT-UNKNOWN"),
    "other_page_count": ("2.07", file(page_count=3), "GD-2-7-PAGE-COUNT"),
    "more_attachments_than_named": ("2.08", a_record(documents=documents(Role.MAIN, Role.ATTACHMENT)), "GD-2-8-MORE"),
    "plain_pdf_for_ever": ("3.05", file(), "GD-3-5"),
    "out_of_scope": ("2.09", a_record(in_scope=False), "GD-2-9"),
    "slow_disc": ("4.04", a_batch(has_carrier=True, mb_per_s=0.4), "GD-4-4"),
    "reserved_number": ("2.06", scope(1, 2, reserved=(3,)), "GD-2-6-RESERVED"),
}
ERRORS: dict[str, tuple[str, RecordFacts | BatchFacts, str]] = {
    "no_engine": ("4.01", a_record(engine=UNSEEN), "GD-4-1"),
    "no_engine_for_batch": ("4.01", a_batch(engine=UNSEEN), "GD-4-1"),
    "engine_died_on_the_way": ("4.02", file(virus="error:Broken pipe"), "GD-4-2-NOT-SCANNED"),
    "over_the_engine_s_limit": ("4.02", file(virus="error:INSTREAM size limit exceeded. ERROR"), "GD-4-2-NOT-SCANNED"),
    "nobody_opened_it": ("3.04", file(is_read=False), "GD-3-4-NOT-READ"),
}
GOOD_AT_THE_EDGE: dict[str, tuple[str, RecordFacts | BatchFacts]] = {
    "seal_valid": ("1.01", file(signatures=(SignatureFacts("公章", "seal", is_valid=True),))),
    "digest_in_capitals": ("1.10", declared(digest=SHA.upper(), algorithm="SHA256")),
    "format_as_puid": ("1.10", declared(format="fmt/18")),
    "format_as_extension": ("1.10", declared(format=".PDF")),
    "format_as_media_type": ("1.10", declared(format="application/pdf")),
    "dots_in_a_name": ("1.11", file(path="01-正本/original/..通知..pdf")),
    "no_pages_known": ("2.07", file("表.xlsx", puid="fmt/214", page_count=None)),
    "attachment_there": ("2.08", a_record(documents=documents(Role.MAIN, Role.ATTACHMENT), attachments_named=("名单",))),
    "text_by_extension": ("3.03", file("说明.TXT", puid="", mime="text/plain")),
    "wps_in_ooxml": ("3.03", file("通知.wps", puid="fmt/412")),
    "ofd_by_media_type": ("3.03", file("通知.ofd", puid="", mime="application/ofd")),
    "text_layer_is_not_judged": ("3.03", file("text.json", puid="", mime="", representation=Representation.TEXT)),
    "signatures_just_in_time": ("4.01", a_record(engine=replace(ENGINE, signatures_date="2026-02-22"))),
    "engine_date_without_dashes": ("4.01", a_record(engine=replace(ENGINE, signatures_date="20260301"))),
    "gap_explained": ("2.06", scope(1, 3, explained=(2,))),
    "last_number_explained": ("2.06", scope(1, 2, explained=(3,))),
    "as_many_as_listed": ("1.12", batch_package(catalogue_records=3, declared_records=3)),
    "a_form_without_counts": ("1.12", package(catalogue_records=None)),
    "a_remark_on_the_structure": ("1.13", package(declared_records=None)),
    "list_of_one_empty_file": ("1.14", package(declared_files=0, actual_files=0)),
    "nothing_came_as_declared": ("2.01", a_batch(declared_records=0, actual_records=0)),
    "more_than_four_gigabytes": ("2.02", a_batch(declared_bytes=2**32 + 1, actual_bytes=2**32 + 1)),
    "in_scope": ("2.09", a_record(in_scope=True)),
    "more_elements_than_asked_for": ("2.10", package(elements=frozenset((*ELEMENTS, "electronic_record_code", "archival_code", "别的")))),
    "no_files_and_none_listed": ("2.11", package(declared_files=0, actual_files=0)),
    "metadata_read": ("3.01", a_record(metadata_readable=True)),
    "database_agrees": ("3.02", a_record(database_matches=True)),
    "one_page_drawn": ("3.04", file(is_drawn=True, page_count=1)),
    "zip_is_no_refused_format": ("3.08", file("附件.zip", puid="x-fmt/263", mime="application/zip")),
    "scanned_though_empty": ("4.02", file(size_bytes=0)),
    "nothing_stray": ("4.03", a_record(unreferenced_files=())),
    "as_fast_as_asked_for": ("4.04", a_batch(has_carrier=True, mb_per_s=1.0)),
    "ledger_holds": ("4.07", a_record(ledger_verified=True)),
    "all_withdrawn": ("2.06", scope(explained=(1, 2))),
    "numbers_in_any_order": ("2.06", scope(3, 1, 2)),
}
