"""Whatever came, a gate answers every item, never raises, and its report can be written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.core.checks import (
    Conclusion,
    Declared,
    DocumentFacts,
    FileFacts,
    Gate,
    Outcome,
    PackageFacts,
    RecordFacts,
    ScopeNumbers,
    SignatureFacts,
    Subject,
    as_report,
    check_batch,
    check_record,
    conclude,
    report_bytes,
    worst,
)
from lantai.core.checks.values import UNPRINTABLE, remark, visible, whole_number
from lantai.core.findings import finding
from lantai.core.record import BusinessEvent, ContentBasis, Role
from lantai.standards import da_t_46, da_t_70
from tests.core.checks.good import EVERY, a_batch, a_file, a_record

# Any code point at all, lone surrogates among them, and what looks nearly right.
WILD = st.text(st.characters(), max_size=30) | st.sampled_from(
    [
        "",
        "20260230",
        "99999999",
        "00000000",
        "９",
        "²",
        "9" * 5000,
        "\ud800",
        "\x00",
        "30年",
        "D0",
        "绝密★",
        "2026-13-45T00:00:00",
        "../..",
        "a.PDF",
        ".",
        "/",
    ]
)
ELEMENTS = st.dictionaries(st.sampled_from(sorted(da_t_46.by_code())) | WILD, WILD | st.lists(WILD, max_size=3), max_size=12)
DECLARED = st.none() | st.builds(Declared, WILD, st.none() | st.integers(), WILD, WILD, WILD)
FILES = st.builds(
    FileFacts,
    WILD,
    WILD,
    st.integers(0, 2**60),
    st.dictionaries(st.sampled_from(["sha256", "sm3"]), WILD),
    WILD,
    WILD,
    page_count=st.none() | st.integers(0, 10**9),
    virus=st.sampled_from(["clean", "not_scanned", "error", "infected:X", "infected", "", "\ud800"]),
    is_read=st.booleans(),
    exists=st.booleans(),
    findings=st.just(()) | st.just((finding("PDF-DAMAGED", "x", detail="y"),)),
    signatures=st.lists(st.builds(SignatureFacts, WILD, WILD, st.none() | st.booleans()), max_size=2).map(tuple),
    declared=DECLARED,
)
DOCUMENTS = st.lists(st.builds(DocumentFacts, st.sampled_from(Role), st.lists(FILES, max_size=3).map(tuple), WILD), max_size=3).map(tuple)
EVENTS = st.lists(st.builds(BusinessEvent, WILD, WILD, WILD, WILD), max_size=4).map(tuple)
PACKAGES = st.none() | st.builds(
    PackageFacts,
    WILD,
    is_manifest_verified=st.none() | st.booleans(),
    declared_files=st.none() | st.integers(),
    actual_files=st.none() | st.integers(),
    elements=st.none() | st.frozensets(WILD),
)
FACTS = st.builds(
    RecordFacts,
    st.just("01JA"),
    st.just("20260301"),
    content_basis=st.sampled_from(ContentBasis),
    electronic_record_code=WILD,
    elements=ELEMENTS,
    has_metadata=st.booleans(),
    metadata_readable=st.none() | st.booleans(),
    code=WILD,
    code_parts=st.dictionaries(st.sampled_from(["year", "retention_period", "agency_item_number"]), WILD),
    documents=DOCUMENTS,
    events=EVENTS,
    direction=st.sampled_from(["", "发文", "收文", "别的"]),
    duplicates=st.none() | st.dictionaries(st.sampled_from(["code", "digest"]), st.lists(WILD, max_size=2).map(tuple)),
    attachments_named=st.lists(WILD, max_size=2).map(tuple),
    unreferenced_files=st.lists(WILD, max_size=2).map(tuple),
    package=PACKAGES,
)


@settings(max_examples=40)
@given(FACTS, st.sampled_from(Gate))
def test_a_gate_answers_whatever_came(facts: RecordFacts, gate: Gate) -> None:
    scheme = da_t_70.scheme_with(gate, enable=EVERY)
    results = check_record(gate, facts, scheme)
    assert [item.id for item in results] == [spec.id for spec in scheme.items]
    assert all(item.reason for item in results if item.outcome in (Outcome.NOT_APPLICABLE, Outcome.ERROR))
    assert all(item.findings for item in results if item.outcome in (Outcome.FAIL, Outcome.WARN))
    data = report_bytes(as_report(gate, results, subject=Subject("record", "01JA", facts.code, facts.electronic_record_code)))
    assert json.loads(data)["stage"] == gate.value


@settings(max_examples=40)
@given(FACTS)
def test_no_remark_holds_what_a_database_refuses(facts: RecordFacts) -> None:
    results = check_record(Gate.ARCHIVING, facts, da_t_70.scheme_with(Gate.ARCHIVING, enable=EVERY))
    for item in results:
        for found in item.findings:
            assert not UNPRINTABLE.search(found.message + found.where)


@settings(max_examples=40)
@given(FACTS)
def test_what_no_engine_saw_is_never_passed(facts: RecordFacts) -> None:
    unseen = [file for file in facts.files if file.virus != "clean"]
    results = check_record(Gate.ARCHIVING, facts, da_t_70.scheme(Gate.ARCHIVING))
    verdict = next(item for item in results if item.id.endswith(".4.02"))
    if unseen:
        assert verdict.outcome in (Outcome.ERROR, Outcome.FAIL)
        assert conclude(results) in (Conclusion.ERROR, Conclusion.FAIL)


@settings(max_examples=40)
@given(FACTS)
def test_checking_twice_gives_the_same(facts: RecordFacts) -> None:
    scheme = da_t_70.scheme(Gate.ARRIVAL)
    assert check_record(Gate.ARRIVAL, facts, scheme) == check_record(Gate.ARRIVAL, facts, scheme)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_numbers_are_continuous_exactly_where_nothing_is_missing(used: set[int], explained: set[int], reserved: set[int]) -> None:
    there = used | explained | reserved
    facts = a_batch(numbers=(ScopeNumbers("S", tuple(used), tuple(explained), tuple(reserved)),))
    results = check_batch(Gate.ARCHIVING, facts, da_t_70.scheme(Gate.ARCHIVING))
    outcome = next(item.outcome for item in results if item.id.endswith(".2.06"))
    assert (outcome is Outcome.FAIL) == (there != set(range(1, len(there) + 1)))


@given(st.sampled_from(["name", "size_bytes", "digest"]), st.data())
def test_any_difference_from_what_was_declared_is_found(field: str, data: st.DataObject) -> None:
    good = a_file()
    true = {"name": good.name, "size_bytes": good.size_bytes, "digest": good.digests["sha256"]}[field]
    lie = data.draw(
        {"name": st.text("甲乙", min_size=1), "size_bytes": st.integers(0), "digest": st.text("0123456789abcdef", min_size=1)}[field]
    )
    facts = a_record(file=replace(good, declared=Declared(**{field: lie})))
    results = check_record(Gate.ARRIVAL, facts, da_t_70.scheme(Gate.ARRIVAL))
    outcome = next(item.outcome for item in results if item.id.endswith(".1.10"))
    assert outcome is (Outcome.PASS if lie == true else Outcome.FAIL)


@given(WILD)
def test_visible_text_can_always_be_encoded(text: str) -> None:
    assert visible(text).encode().decode() == visible(text)
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(("text", "number"), [("0012", 12), ("0", 0), ("", None), ("²", None), ("９", None), ("9" * 16, None)])
def test_whole_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_a_long_value_is_cut_in_the_remark() -> None:
    assert len(remark("GD-1-4", "题名", value="长" * 500).message) < 100


@given(st.lists(st.sampled_from(Conclusion)))
def test_a_batch_is_as_good_as_its_worst_record(conclusions: list[Conclusion]) -> None:
    ranks = list(Conclusion)
    assert all(ranks.index(worst(conclusions)) >= ranks.index(one) for one in conclusions)
    assert worst(conclusions) in (conclusions or [Conclusion.PASS])
