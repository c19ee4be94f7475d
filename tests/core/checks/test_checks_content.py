"""Items about content, packages, engine and batch: a good case, bad cases named after their fault, and the boundaries."""

from dataclasses import replace

import pytest

from lantai.core.checks import (
    Answer,
    BatchFacts,
    Conclusion,
    DocumentFacts,
    Gate,
    Outcome,
    RecordFacts,
    SignatureFacts,
    check_record,
    conclude,
)
from lantai.core.findings import finding
from lantai.core.record import Role
from lantai.standards import da_t_70
from tests.core.checks.good import ENGINE, a_batch, a_file, a_record, item_of, without
from tests.support.gates.content import PAPER, declared, file, package

GOOD_RECORD = ("1.01", "1.09", "1.10", "1.11", "1.12", "1.13", "1.14", "2.07", "2.08", "2.09", "2.10", "2.11", "3.01", "3.02", "3.03")
GOOD_RECORD += ("3.04", "3.07", "3.08", "4.01", "4.02", "4.03", "4.07")
GOOD_BATCH = ("2.01", "2.02", "2.06", "4.01", "4.03", "4.07")


@pytest.mark.parametrize("number", GOOD_RECORD)
def test_nothing_wrong_with_the_record(number: str) -> None:
    result = item_of(a_record(), number)
    assert (result.outcome, result.findings) == (Outcome.PASS, ())


@pytest.mark.parametrize("number", GOOD_BATCH)
def test_nothing_wrong_with_the_batch(number: str) -> None:
    result = item_of(a_batch(), number)
    assert (result.outcome, result.findings) == (Outcome.PASS, ())


UNDECIDED: dict[str, tuple[str, RecordFacts | BatchFacts, Gate, Outcome, str]] = {
    "virus_not_scanned": ("4.02", file(virus="not_scanned"), Gate.ARCHIVING, Outcome.ERROR, "engine_absent"),
    "virus_engine_failed": ("4.02", file(virus="error"), Gate.ARRIVAL, Outcome.ERROR, "engine_absent"),
    "not_read": ("3.04", file(is_read=False), Gate.ARCHIVING, Outcome.ERROR, "not_read"),
    "seal_not_verified": ("1.01", file(signatures=(SignatureFacts("公章", "seal"),)), Gate.ARCHIVING, Outcome.MANUAL, "needs_person"),
    "digest_not_computed": ("1.01", declared(digest="d" * 128, algorithm="sha512"), Gate.ARRIVAL, Outcome.MANUAL, "needs_person"),
    "engine_of_unknown_age": ("4.01", a_record(engine=replace(ENGINE, signatures_date="")), Gate.ARCHIVING, Outcome.MANUAL, "needs_person"),
    "ledger_not_verified": ("4.07", a_batch(ledger_verified=None), Gate.ARCHIVING, Outcome.MANUAL, "needs_person"),
    "ledger_of_the_record": (
        "4.07",
        a_record(ledger_verified=None),
        Gate.ARCHIVING,
        Outcome.NOT_APPLICABLE,
        "ledger_not_verified",
    ),
    "ledger_on_arrival": ("4.07", a_batch(ledger_verified=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "before_arrangement"),
    "long_term_format": ("3.05", file(puid="fmt/354"), Gate.ARCHIVING, Outcome.MANUAL, "needs_person"),
    "environment": ("3.06", a_record(), Gate.ARCHIVING, Outcome.MANUAL, "needs_person"),
    "disc": ("4.06", a_batch(has_carrier=True), Gate.TRANSFER, Outcome.MANUAL, "needs_person"),
    "on_line": ("4.05", a_batch(), Gate.TRANSFER, Outcome.NOT_APPLICABLE, "online"),
    "nothing_declared": ("1.10", file(declared=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "no_fixity": ("1.01", file(declared=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_fixity_information"),
    "no_package_structure": ("1.13", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_catalogue": ("1.12", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_files": ("2.11", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_formats": ("3.08", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_elements": ("2.10", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_consistency": ("1.14", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "no_package_usability": ("3.07", a_record(package=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_package"),
    "package_without_list": ("1.14", package(is_manifest_verified=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "package_without_counts": ("2.11", package(declared_files=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "no_metadata_file": ("3.01", a_record(metadata_readable=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_metadata"),
    "not_stored_yet": ("3.02", a_record(database_matches=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "before_storing"),
    "not_compared": ("1.08", a_record(duplicates=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_compared"),
    "no_list_of_files": ("4.03", a_record(unreferenced_files=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "no_list_of_the_batch": ("4.03", a_batch(extra_files=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "nothing_to_open": ("3.04", a_record(documents=()), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_content"),
    "nothing_to_scan": ("4.02", a_record(documents=()), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_content"),
    "no_schedule": ("2.09", a_record(in_scope=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "no_scope_table"),
    "count_not_declared": ("2.01", a_batch(declared_records=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "bytes_not_declared": ("2.02", a_batch(declared_bytes=None), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "not_declared"),
    "numbers_before_numbering": ("2.06", a_batch(numbers=()), Gate.ARRIVAL, Outcome.NOT_APPLICABLE, "before_arrangement"),
    "batch_item_on_a_record": ("2.01", a_record(), Gate.ARCHIVING, Outcome.NOT_APPLICABLE, "checked_with_batch"),
    "record_item_on_a_batch": ("1.02", a_batch(), Gate.ARCHIVING, Outcome.NOT_APPLICABLE, "checked_with_records"),
}


@pytest.mark.parametrize("case", UNDECIDED)
def test_what_was_not_run_is_not_passed(case: str) -> None:
    number, facts, gate, outcome, reason = UNDECIDED[case]
    result = item_of(facts, number, gate)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize("number", ["1.01", "1.10", "1.11", "2.07", "2.08", "3.03", "3.04", "3.05", "3.06", "4.01", "4.02"])
def test_a_paper_record_has_no_content_to_check(number: str) -> None:
    result = item_of(PAPER, number)
    assert (result.outcome, result.reason) == (Outcome.NOT_APPLICABLE, "physical_only")


def test_paper_with_a_stray_file_fails() -> None:
    assert item_of(replace(PAPER, unreferenced_files=("x.txt",)), "1.11").outcome is Outcome.FAIL


class TestRouting:
    """Findings of reading go to the item they speak about."""

    def test_a_damaged_file_is_not_readable(self) -> None:
        result = item_of(file(findings=(finding("PDF-DAMAGED", "通知.pdf"),)), "3.04")
        assert result.outcome is Outcome.FAIL

    def test_an_encrypted_file_fails_3_8_even_without_package(self) -> None:
        facts = replace(file(findings=(finding("PDF-ENCRYPTED", "通知.pdf"),)), package=None)
        assert item_of(facts, "3.08", Gate.ARRIVAL).outcome is Outcome.FAIL

    def test_a_script_in_a_clean_file_is_remarked_on(self) -> None:
        result = item_of(file(findings=(finding("PDF-JAVASCRIPT", "通知.pdf"),)), "4.02")
        assert (result.outcome, len(result.findings)) == (Outcome.WARN, 1)

    def test_a_script_does_not_hide_that_nothing_was_scanned(self) -> None:
        result = item_of(file(virus="not_scanned", findings=(finding("PDF-JAVASCRIPT", "通知.pdf"),)), "4.02")
        assert result.outcome is Outcome.ERROR

    def test_information_alone_changes_nothing(self) -> None:
        result = item_of(file(findings=(finding("PDF-NO-TEXT", "通知.pdf"),)), "3.04")
        assert (result.outcome, len(result.findings)) == (Outcome.PASS, 1)

    def test_what_belongs_to_an_item_switched_off_is_kept(self) -> None:
        facts = file(findings=(finding("OFFICE-EXTERNAL", "通知.pdf"),))
        assert item_of(facts, "3.04", enable=frozenset()).outcome is Outcome.WARN

    def test_an_unsafe_path_breaks_the_structure(self) -> None:
        assert item_of(package(findings=(finding("FILING-PATH-UNSAFE", "../x"),)), "1.13").outcome is Outcome.FAIL

    def test_a_missing_file_of_the_package(self) -> None:
        assert item_of(package(findings=(finding("FILING-FILE-MISSING", "x"),)), "2.11").outcome is Outcome.FAIL

    def test_findings_of_metadata_without_a_row_make_it_unreadable(self) -> None:
        facts = a_record(metadata_findings=(finding("XML-DTD", "元数据.xml"),))
        assert item_of(facts, "3.01").outcome is Outcome.FAIL

    def test_findings_of_a_batch_package(self) -> None:
        facts = a_batch(
            package=replace(a_record().package or pytest.fail(), findings=(finding("FILING-MANIFEST-INVALID", "m", line=1, text="?"),))
        )
        assert item_of(facts, "1.12").outcome is Outcome.FAIL


class TestAnswers:
    """A person answers what is manual and nothing else."""

    def test_an_answer_takes_the_place_of_manual(self) -> None:
        facts = a_batch(ledger_verified=None, answers=(Answer("4.07", Outcome.PASS, "auditor"),))
        result = item_of(facts, "4.07")
        assert (result.outcome, result.reason) == (Outcome.PASS, "answered:auditor")

    def test_the_last_answer_counts(self) -> None:
        answers = (Answer("4.07", Outcome.PASS, "one"), Answer("4.07", Outcome.FAIL, "two"))
        assert item_of(a_batch(ledger_verified=None, answers=answers), "4.07").outcome is Outcome.FAIL

    def test_a_failed_item_is_not_answered_away(self) -> None:
        facts = a_batch(ledger_verified=False, answers=(Answer("4.07", Outcome.PASS, "auditor"),))
        assert item_of(facts, "4.07").outcome is Outcome.FAIL

    def test_an_error_is_not_answered_away(self) -> None:
        facts = replace(file(virus="not_scanned"), answers=(Answer("4.02", Outcome.PASS, "archivist"),))
        assert item_of(facts, "4.02").outcome is Outcome.ERROR

    def test_an_answer_to_another_item_changes_nothing(self) -> None:
        facts = a_batch(ledger_verified=None, answers=(Answer("4.01", Outcome.PASS, "auditor"),))
        assert item_of(facts, "4.07").outcome is Outcome.MANUAL


def test_a_path_without_store_is_judged_by_what_came() -> None:
    scheme = da_t_70.scheme_for_path(Gate.ARCHIVING)
    facts = replace(a_record(code="", ledger_verified=None, duplicates=None), elements=without("year", "retention_period"))
    results = {item.code: item for item in check_record(Gate.ARCHIVING, facts, scheme)}
    assert results["GD-1-7"].reason == results["GD-4-7"].reason == "before_arrangement"
    assert results["GD-2-4"].outcome is Outcome.PASS
    assert conclude(results.values()) is Conclusion.PASS


def test_preservation_takes_fewer_formats() -> None:
    facts = file("通知.docx", puid="fmt/412")
    assert item_of(facts, "3.03").outcome is Outcome.PASS
    assert item_of(facts, "3.03", Gate.PRESERVATION).outcome is Outcome.FAIL


def test_an_encrypted_document_is_not_called_misnamed() -> None:
    codes = [remark.code for remark in item_of(file("x.docx", puid="fmt/494"), "3.03").findings]
    assert codes == ["GD-3-3"]


def test_images_of_one_document_are_counted_together() -> None:
    pages = tuple(a_file(f"{n}.jpg", puid="fmt/43", mime="image/jpeg", page_count=1) for n in range(2))
    assert item_of(a_record(documents=(DocumentFacts(Role.MAIN, pages),)), "2.07").outcome is Outcome.PASS
