"""Numbers: one winner among several, no overflow, no unexplained gap; the whole of a range is judged with its scope."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.checks import BatchFacts, Gate, ScopeNumbers, check_batch
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.shelves.holdings import claims, numbers
from lantai.shelves.holdings.models import ArchivalCode, NumberClaim, NumberGap, NumberRange, NumberScope, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.journal.models import Act
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries
from lantai.stages import archive, arrange, capture, due, facts, fixing, number, numbering
from lantai.stages.numbering import Plan
from lantai.standards import da_t_70
from tests.support.line_house import ARCHIVIST, READER, line_house

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 6
CLASS = {"year": "2026", "department": "BGS", "retention": "D30"}


@pytest.fixture
def house(fresh_data: Path, tmp_path: Path) -> Iterator[House]:
    """Six arranged records of one class."""
    one_page_pdfs(tmp_path / "papers", RECORDS, 7)
    with line_house(fresh_data) as built:
        capture.open_batch(built, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
        line.finish(built)
        Record.objects.update(**CLASS)
        for row in Record.objects.all():
            row.elements |= {"year": "2026", "organizational_structure_or_function": "BGS", "retention_period": "30年"}
            row.save()
        yield built


def scope_of(house: House) -> str:
    return number.preview(house, ARCHIVIST, **CLASS).scope


def refused(code: str, act: object) -> None:
    with pytest.raises(Refusal, match=code):
        act()  # type: ignore[operator]


def item(report: Report, name: str) -> dict[str, object]:
    return next(line for line in queries.body(report)["items"] if line["id"] == name)


def processes(go: Path, *words: str, count: int = 1) -> list[bytes]:
    """Start processes that fix, let them go at the same moment, and return what each said at its end."""
    command = [sys.executable, "-m", "tests.support.fix_process", str(go), *words]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    started = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) for _ in range(count)]
    assert all(process.stdout is not None and process.stdout.readline() == b"ready\n" for process in started)
    go.touch()
    return [process.communicate(timeout=60)[0] for process in started]


def begun(house: House, monkeypatch: pytest.MonkeyPatch) -> Act:
    """Begin to fix the class as a job."""
    monkeypatch.setattr(number, "AT_ONCE", 2)
    act = number.begin(house, ARCHIVIST, **CLASS, expected=RECORDS)
    assert isinstance(act, Act)
    return act


def is_sealed() -> bool:
    """Tell whether the class is sealed, and that it is whole or not at all; codes that records bear are those that are sealed."""
    codes = dict(ArchivalCode.objects.values_list("record_id", "value"))
    told = (
        NumberRange.objects.count(),
        Event.objects.filter(type="record:numbered").count(),
        sum(NumberScope.objects.values_list("last", flat=True)),
    )
    borne = Record.objects.exclude(code="").values_list("id", "code", "state", "position")
    assert sorted(ArchivalCode.objects.values_list("item_number", flat=True)) in ([], list(range(1, RECORDS + 1)))
    assert told == ((1, 1, RECORDS) if codes else (0, 0, 0))
    assert all((codes[key], state, value[-4:]) == (value, "numbered", f"{place:04d}") for key, value, state, place in borne)
    return bool(codes)


def test_of_several_processes_one_fixes_the_class_and_the_others_are_told(house: House, tmp_path: Path) -> None:
    ends = [json.loads(said) for said in processes(tmp_path / "go", *CLASS.values(), count=3)]
    won = [end for end in ends if "list_sha256" in end]
    assert [(end["first"], end["last"]) for end in won] == [(1, RECORDS)]
    assert [end["code"] for end in ends if "code" in end] == ["NUMBER-NOTHING"] * 2
    assert sorted(ArchivalCode.objects.values_list("item_number", flat=True)) == list(range(1, RECORDS + 1))
    assert NumberRange.objects.count() == Event.objects.filter(type="record:numbered").count() == 1


def test_a_job_that_is_killed_wherever_it_is_seals_all_or_nothing_and_goes_on(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, seen, until = begun(house, monkeypatch), [], 4
    while not (said := processes(tmp_path / f"go-{until}", "--act", act.id, "--slice", "2", "--until", str(until))[0]):
        seen.append((is_sealed(), Record.objects.filter(state="numbered").count()))
        until += 7
    assert seen[0] == (False, 0)
    assert (True, 0) in seen or (True, 2) in seen
    assert json.loads(said)["sent"] > 0
    assert (is_sealed(), Record.objects.filter(state="numbered").count(), NumberClaim.objects.count()) == (True, RECORDS, 0)
    act.refresh_from_db()
    assert (act.state, act.done) == ("sealed", RECORDS)


def test_of_several_processes_that_go_on_with_one_job_none_seals_it_twice(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = begun(house, monkeypatch)
    assert all("sent" in json.loads(said) for said in processes(tmp_path / "go", "--act", act.id, "--slice", "1", count=3))
    assert (is_sealed(), Record.objects.filter(state="numbered").count(), NumberClaim.objects.count()) == (True, RECORDS, 0)


def test_who_was_overtaken_while_it_planned_lets_nothing_go_and_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    act, planned, take_up, claimed = begun(house, monkeypatch), fixing._planned, fixing._take_up, []

    def overtaken(house: House, act: Act) -> Plan:
        monkeypatch.setattr(fixing, "_planned", planned)
        monkeypatch.setattr(fixing, "_take_up", lambda *_: None)
        fixing.go_on(house, act.id)
        monkeypatch.setattr(fixing, "_take_up", take_up)
        claimed.append(NumberClaim.objects.count())
        raise Refusal("NUMBER-COUNT-CHANGED", act.title, expected=act.total, actual=0)

    monkeypatch.setattr(fixing, "_planned", overtaken)
    fixing.go_on(house, act.id)
    assert claimed == [RECORDS]
    assert (is_sealed(), Record.objects.filter(state="numbered").count(), NumberClaim.objects.count()) == (True, RECORDS, 0)


def test_what_is_claimed_nobody_changes_but_for_its_flags(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    act, taken = begun(house, monkeypatch), []

    def look(scope: str, between: tuple[int, int]) -> int:
        for row in claimed()[:1]:
            refused("RECORD-CHANGED-MEANWHILE", lambda row=row: revised(house, row))
            assert Record.objects.filter(id=row.id).update(hold=True) == 1
            assert number.outlook(house, ARCHIVIST, **CLASS).free == 0
            taken.append(row.id)
        return take_up(scope, between)

    take_up = numbers.take_up_sealed
    monkeypatch.setattr(fixing, "TAKEN_UP_AT_ONCE", 2)
    monkeypatch.setattr(numbers, "take_up_sealed", look)
    fixing.go_on(house, act.id)
    assert set(Record.objects.filter(hold=True).values_list("id", "state")) == {(key, "numbered") for key in taken}
    assert (len(taken), is_sealed(), NumberClaim.objects.count()) == (2, True, 0)


def test_a_range_is_archived_when_all_its_records_bear_their_codes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    act = begun(house, monkeypatch)

    def once(scope: str, between: tuple[int, int]) -> int:
        if between[0] > 1:
            raise Fault("CAPTURE-CONTENDED", scope)
        return take_up(scope, between)

    take_up = numbers.take_up_sealed
    monkeypatch.setattr(fixing, "TAKEN_UP_AT_ONCE", 4)
    monkeypatch.setattr(numbers, "take_up_sealed", once)
    with pytest.raises(Fault):
        fixing.go_on(house, act.id)
    assert (is_sealed(), Record.objects.filter(state="numbered").count()) == (True, 4)
    assert (list(due._unfixed(house)), list(due._unarchived(house))) == ([{"act_id": act.id}], [])
    fixing._gave_up("TASK-GAVE-UP", act_id=act.id)
    monkeypatch.setattr(numbers, "take_up_sealed", take_up)
    fixing.go_on(house, act.id)
    assert Record.objects.filter(state="numbered").count() == RECORDS
    assert (list(due._unfixed(house)), list(due._unarchived(house))) == ([], [{"range_id": NumberRange.objects.get().id}])


def claimed() -> list[Record]:
    return list(Record.objects.filter(id__in=NumberClaim.objects.values("record_id")).order_by("id"))


def revised(house: House, row: Record) -> None:
    arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"retention": "永久"})


@pytest.mark.parametrize("how", ["refused", "given up"])
def test_a_job_that_seals_nothing_lets_go_of_what_it_claimed(house: House, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    act, ids = begun(house, monkeypatch), list(Record.objects.order_by("id").values_list("id", flat=True))
    with transaction.atomic():
        assert claims.claim(act.id, ids[:3])
        assert not claims.claim("01ANOTHER", ids[:1])
    refused("RECORD-CHANGED-MEANWHILE", lambda: revised(house, Record.objects.get(id=ids[1])))
    assert number.outlook(house, ARCHIVIST, **CLASS).free == RECORDS  # nothing of it is to be seen yet
    if how == "refused":
        Record.objects.filter(id=ids[0]).update(hold=True)
        refused("NUMBER-COUNT-CHANGED", lambda: fixing.go_on(house, act.id))
    else:
        fixing._gave_up("TASK-GAVE-UP", act_id=act.id)
    assert (is_sealed(), NumberClaim.objects.count()) == (False, 0)
    revised(house, Record.objects.get(id=ids[1]))


def test_overflow_is_refused_before_anything_is_sealed(house: House) -> None:
    NumberScope.objects.create(scope=scope_of(house), last=9999 - RECORDS + 1)
    refused("CODE-ITEM-OVERFLOW", lambda: number.fix(house, ARCHIVIST, **CLASS))
    assert not ArchivalCode.objects.exists()
    assert not NumberRange.objects.exists()
    assert NumberScope.objects.get().last == 9999 - RECORDS + 1
    assert set(Record.objects.values_list("state", flat=True)) == {"arranged"}


def test_a_chosen_part_bears_the_category_of_the_records_not_of_the_setting(house: House) -> None:
    Record.objects.update(category="KJ")
    chosen = list(Record.objects.values_list("id", flat=True)[:2])
    number.fix(house, ARCHIVIST, **CLASS, record_ids=chosen)
    assert {"·KJ" in code.value or "-KJ" in code.value for code in ArchivalCode.objects.all()} == {True}
    assert all(code.value.startswith(code.scope[:4]) for code in ArchivalCode.objects.all())


def test_a_sealed_range_is_judged_whole_with_the_numbers_of_its_scope(house: House) -> None:
    sealed = number.fix(house, ARCHIVIST, **CLASS)
    assert facts.scope_numbers(sealed.scope).reserved == tuple(range(1, RECORDS + 1))
    line.finish(house)
    report = Report.objects.get(subject_kind="range")
    assert (report.subject_id, item(report, "archiving.2.06")["outcome"]) == (sealed.range_id, "pass")
    assert item(report, "archiving.2.01")["outcome"] == "pass"
    assert facts.scope_numbers(sealed.scope).numbers == tuple(range(1, RECORDS + 1))
    archive.archive(house, sealed.range_id)
    assert Report.objects.filter(subject_kind="range").count() == 1


def test_a_gap_is_remarked_on_until_it_is_explained(house: House) -> None:
    scope = scope_of(house)
    NumberScope.objects.create(scope=scope, last=2)
    sealed = number.fix(house, ARCHIVIST, **CLASS)
    assert sealed.first == 3
    line.finish(house)
    assert item(Report.objects.get(subject_kind="range"), "archiving.2.06")["outcome"] == "fail"
    assert [remark.code for remark in number.check_scope(house, ARCHIVIST, scope)] == ["GD-2-6"]
    number.explain_gap(house, ARCHIVIST, scope=scope, number=1, reason="撤件")
    assert "2" in number.check_scope(house, ARCHIVIST, scope)[0].message
    number.explain_gap(house, ARCHIVIST, scope=scope, number=2, reason="涉密另存", note="见保密室登记")
    assert number.check_scope(house, ARCHIVIST, scope) == ()
    assert Event.objects.filter(type="number:voided").count() == 2


def test_what_is_no_gap_is_not_explained(house: House) -> None:
    scope = scope_of(house)
    NumberScope.objects.create(scope=scope, last=1)
    number.fix(house, ARCHIVIST, **CLASS)
    for wrong in (-1, 0, 2, RECORDS + 1, RECORDS + 2):
        refused("NUMBER-NOT-EMPTY", lambda wrong=wrong: number.explain_gap(house, ARCHIVIST, scope=scope, number=wrong, reason="撤件"))
    refused("NUMBER-GAP-REASON", lambda: number.explain_gap(house, ARCHIVIST, scope=scope, number=1, reason=" "))
    number.explain_gap(house, ARCHIVIST, scope=scope, number=1, reason="撤件")
    refused("NUMBER-GAP-EXPLAINED", lambda: number.explain_gap(house, ARCHIVIST, scope=scope, number=1, reason="撤件"))
    refused("ACCESS-REFUSED", lambda: number.explain_gap(house, READER, scope=scope, number=1, reason="撤件"))
    refused("ACCESS-REFUSED", lambda: number.check_scope(house, READER, scope))
    assert NumberGap.objects.count() == 1


def test_a_record_changed_under_the_act_undoes_all_of_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody freezes a record between the look and the update: nothing is sealed."""
    seal = numbering.seal

    def late(house: House, actor_id: str, planned: numbering.Plan) -> numbering.Sealed:
        Record.objects.filter(id=Record.objects.order_by("id").values_list("id", flat=True)[0]).update(hold=True)
        return seal(house, actor_id, planned)

    monkeypatch.setattr(numbering, "seal", late)
    refused("NUMBER-COUNT-CHANGED", lambda: number.fix(house, ARCHIVIST, **CLASS))
    assert not ArchivalCode.objects.exists()
    assert not Record.objects.filter(hold=True).exists()


@given(st.lists(st.integers(1, 40), unique=True), st.lists(st.integers(1, 40), unique=True), st.lists(st.integers(1, 40), unique=True))
def test_continuity_is_the_same_law_for_any_numbers(archived: list[int], reserved: list[int], explained: list[int]) -> None:
    """A number below the last one is missing exactly where it is neither archived, nor reserved, nor explained."""

    told = ScopeNumbers("S", tuple(archived), tuple(explained), tuple(set(reserved) - set(archived)))
    results = check_batch(Gate.ARCHIVING, BatchFacts("B", "20260302", numbers=(told,)), da_t_70.scheme(Gate.ARCHIVING))
    found = next(result for result in results if result.id == number.CONTINUITY)
    there = {*archived, *reserved, *explained}
    missing = set(range(1, max(there, default=0) + 1)) - there
    assert ("GD-2-6" in {remark.code for remark in found.findings}) == bool(missing)
