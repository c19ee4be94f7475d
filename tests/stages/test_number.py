"""Numbers: one winner among several, no overflow, no unexplained gap; the whole of a range is judged with its scope."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.checks import BatchFacts, Gate, ScopeNumbers, check_batch
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ArchivalCode, NumberGap, NumberRange, NumberScope, Record
from lantai.shelves.intake.models import Report
from lantai.shelves.ledger.models import Event
from lantai.shelves.reports import queries
from lantai.stages import archive, capture, facts, number
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


def test_of_several_processes_one_fixes_the_class_and_the_others_are_told(house: House, tmp_path: Path) -> None:
    go, command = tmp_path / "go", [sys.executable, "-m", "tests.support.fix_process", str(tmp_path / "go"), *CLASS.values()]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert all(process.stdout is not None and process.stdout.readline() == b"ready\n" for process in processes)
    go.touch()
    ends = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    won = [end for end in ends if "list_sha256" in end]
    assert [(end["first"], end["last"]) for end in won] == [(1, RECORDS)]
    assert [end["code"] for end in ends if "code" in end] == ["NUMBER-NOTHING"] * 2
    assert sorted(ArchivalCode.objects.values_list("item_number", flat=True)) == list(range(1, RECORDS + 1))
    assert NumberRange.objects.count() == Event.objects.filter(type="record:numbered").count() == 1


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
    write = number._write

    def late(*given: object) -> int:
        Record.objects.filter(id=Record.objects.order_by("id").values_list("id", flat=True)[0]).update(hold=True)
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(number, "_write", late)
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
