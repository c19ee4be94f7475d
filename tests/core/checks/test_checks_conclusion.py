"""Laws of the conclusion and shape of the report."""

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.checks import (
    Conclusion,
    EngineFacts,
    Gate,
    ItemResult,
    Outcome,
    Property,
    Run,
    Subject,
    Weight,
    as_report,
    check_batch,
    check_record,
    conclude,
    report_bytes,
)
from lantai.standards import da_t_70
from tests.core.checks.good import a_batch, a_file, a_record

SCHEME = da_t_70.scheme(Gate.ARCHIVING)
RANK = list(Conclusion)
WORSE = {
    Outcome.PASS: (Outcome.WARN, Outcome.MANUAL, Outcome.FAIL, Outcome.ERROR),
    Outcome.WARN: (Outcome.MANUAL, Outcome.FAIL, Outcome.ERROR),
    Outcome.MANUAL: (Outcome.FAIL, Outcome.ERROR),
    Outcome.ERROR: (),
    Outcome.FAIL: (),
    Outcome.NOT_APPLICABLE: (),
}


def line(number: str, outcome: Outcome, severity: Weight = Weight.BLOCK) -> ItemResult:
    return ItemResult(f"archiving.{number}", number, number, Property.SECURITY, outcome, "A", severity)


# The weights of the virus items are those of the standard; any other item may have any.
NUMBERS = st.sampled_from([spec.number for spec in SCHEME.items if spec.number not in ("4.01", "4.02")])
OTHERS = st.builds(line, NUMBERS, st.sampled_from(Outcome), st.sampled_from(Weight))
VIRUS = st.tuples(
    st.builds(line, st.just("4.01"), st.sampled_from(Outcome), st.just(Weight.MAJOR)),
    st.builds(line, st.just("4.02"), st.sampled_from(Outcome), st.just(Weight.BLOCK)),
)
RESULTS = st.builds(lambda some, virus: [*some, *virus], st.lists(OTHERS, max_size=12), VIRUS)


@given(RESULTS, st.booleans())
def test_an_error_never_concludes_pass(results: list[ItemResult], is_trial: bool) -> None:
    if any(item.outcome is Outcome.ERROR for item in results):
        assert conclude(results, is_trial) is not Conclusion.PASS


@given(RESULTS, st.booleans())
def test_a_failed_blocking_item_fails(results: list[ItemResult], is_trial: bool) -> None:
    if any(item.outcome is Outcome.FAIL and item.severity is Weight.BLOCK for item in results):
        assert conclude(results, is_trial) is Conclusion.FAIL


@given(RESULTS, st.booleans(), st.data())
def test_making_one_result_worse_never_improves_the_conclusion(results: list[ItemResult], is_trial: bool, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(results) - 1))
    worse = WORSE[results[place].outcome]
    if not worse:
        return
    changed = [*results]
    changed[place] = replace(results[place], outcome=data.draw(st.sampled_from(worse)))
    assert RANK.index(conclude(changed, is_trial)) >= RANK.index(conclude(results, is_trial))


@given(RESULTS, st.booleans(), st.randoms())
def test_order_does_not_matter(results: list[ItemResult], is_trial: bool, random: Random) -> None:
    shuffled = [*results]
    random.shuffle(shuffled)
    assert conclude(shuffled, is_trial) is conclude(results, is_trial)


@given(RESULTS)
def test_a_trial_only_ever_excuses_the_virus_items(results: list[ItemResult]) -> None:
    if conclude(results, is_trial=True) is Conclusion.TRIAL:
        others = [item for item in results if not item.id.endswith(("4.01", "4.02"))]
        assert all(item.outcome in (Outcome.PASS, Outcome.WARN, Outcome.NOT_APPLICABLE) for item in others)
        assert not any(item.id.endswith("4.02") and item.outcome is Outcome.FAIL for item in results)
        assert conclude(results) is not Conclusion.PASS


@given(RESULTS)
def test_outside_a_trial_nothing_concludes_trial(results: list[ItemResult]) -> None:
    assert conclude(results) is not Conclusion.TRIAL


def test_nothing_carried_out_waits_for_a_person() -> None:
    assert conclude(()) is Conclusion.MANUAL
    assert conclude([line("1.02", Outcome.NOT_APPLICABLE)]) is Conclusion.MANUAL


class TestWholeGate:
    """The whole scheme on whole facts."""

    def conclusion(self, is_trial: bool = False, gate: Gate = Gate.ARCHIVING, **changes: object) -> Conclusion:
        return conclude(check_record(gate, a_record(**changes), da_t_70.scheme(gate)), is_trial)

    @pytest.mark.parametrize("gate", Gate)
    def test_a_good_record_passes_every_gate(self, gate: Gate) -> None:
        assert self.conclusion(gate=gate) is (Conclusion.MANUAL if gate is Gate.PRESERVATION else Conclusion.PASS)

    def test_without_an_engine_the_gate_is_closed(self) -> None:
        assert self.conclusion(engine=EngineFacts(), file=a_file(virus="not_scanned")) is Conclusion.ERROR

    def test_without_an_engine_a_trial_goes_on(self) -> None:
        assert self.conclusion(is_trial=True, engine=EngineFacts(), file=a_file(virus="not_scanned")) is Conclusion.TRIAL

    def test_a_trial_does_not_admit_a_virus(self) -> None:
        assert self.conclusion(is_trial=True, file=a_file(virus="infected:Eicar")) is Conclusion.FAIL

    def test_a_trial_with_an_engine_is_a_plain_pass(self) -> None:
        assert self.conclusion(is_trial=True) is Conclusion.PASS

    def test_a_good_batch_passes(self) -> None:
        assert conclude(check_batch(Gate.ARCHIVING, a_batch(), SCHEME)) is Conclusion.PASS

    def test_a_plain_folder_passes_on_arrival(self) -> None:
        bare = replace(
            a_record(events=(), code="", package=None, ledger_verified=None, database_matches=None, metadata_readable=None),
            elements={},
            has_metadata=False,
        )
        assert conclude(check_record(Gate.ARRIVAL, bare, da_t_70.scheme(Gate.ARRIVAL))) is Conclusion.PASS

    def test_a_scheme_of_another_gate_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="arrival"):
            check_record(Gate.ARRIVAL, a_record(), SCHEME)

    def test_the_same_facts_give_the_same_results(self) -> None:
        facts = a_record(file=a_file(size_bytes=0))
        assert check_record(Gate.ARCHIVING, facts, SCHEME) == check_record(Gate.ARCHIVING, facts, SCHEME)

    def test_one_record_leaves_no_trace_in_the_next(self) -> None:
        before = check_record(Gate.ARCHIVING, a_record(), SCHEME)
        check_record(Gate.ARCHIVING, a_record(file=a_file(virus="error", is_read=False), code="", ledger_verified=None), SCHEME)
        assert check_record(Gate.ARCHIVING, a_record(), SCHEME) == before


class TestReport:
    """The document that the edges, the package and the database keep."""

    def report(self, **changes: object) -> dict[str, object]:
        facts = a_record(**changes)
        results = check_record(Gate.ARCHIVING, facts, SCHEME)
        run = Run(id="R1", scheme=SCHEME.version, started="2026-03-01T00:00:00+00:00", finished="2026-03-01T00:00:01+00:00", system="0.1.0")
        return as_report(Gate.ARCHIVING, results, subject=Subject("record", facts.record_id, facts.code), run=run, engine=facts.engine)

    def test_names_that_others_rely_on(self) -> None:
        report = self.report()
        assert {"stage", "conclusion", "items", "summary"} <= report.keys()
        assert report["stage"] == "archiving"
        items = report["items"]
        assert isinstance(items, list)
        assert len(items) == 40
        assert items[7] == {
            "id": "archiving.1.08",
            "code": "GD-1-8",
            "name": "元数据项数据重复性检测",
            "property": "authenticity",
            "outcome": "pass",
            "severity": "block",
            "findings": [],
        }

    def test_findings_stand_with_their_item(self) -> None:
        items = self.report(file=a_file(size_bytes=0))["items"]
        assert isinstance(items, list)
        found = {item["code"]: [remark["code"] for remark in item["findings"]] for item in items if item["findings"]}
        assert found == {"GD-1-10": ["GD-1-10-SIZE"], "GD-2-7": ["GD-2-7-EMPTY"]}

    def test_summary_counts_every_item_once(self) -> None:
        report = self.report()
        summary, coverage = report["summary"], report["coverage"]
        assert isinstance(summary, dict)
        assert isinstance(coverage, dict)
        assert list(summary) == ["authenticity", "integrity", "usability", "security"]
        assert sum(sum(counts.values()) for counts in summary.values()) == 40
        assert coverage["unverified"] == 5

    def test_bytes_are_canonical(self) -> None:
        report = self.report()
        data = report_bytes(report)
        assert data == report_bytes(json.loads(data))
        assert data.endswith(b"}\n")
        assert "通过".encode() not in data
        assert "元数据".encode() in data

    @given(RESULTS)
    def test_every_report_survives_its_bytes(self, results: list[ItemResult]) -> None:
        report = as_report(Gate.ARCHIVING, results, subject=Subject("record", "x"))
        assert json.loads(report_bytes(report)) == report
