"""The agency chooses check items otherwise than the standard: who may, what is kept of it, and the gates that follow."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.core.access import Actor
from lantai.core.checks import Gate, Outcome, RecordFacts, Run, Weight, check_record, packed, whole
from lantai.core.checks.engine import is_sampled
from lantai.core.checks.report import Subject, as_report
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.gates import queries
from lantai.shelves.gates.models import CheckChoice
from lantai.shelves.ledger.models import Event, Payload
from lantai.stages import grounds, scheme
from lantai.stages.scheme import Place
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import telling
from tests.core.checks.good import a_file, a_record
from tests.support.line_house import ARCHIVIST, line_house

SYSADMIN = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin", "")
LENGTH = Place("archiving", "1.02")


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path) as built:
        yield built


def _outcome(number: str, facts: RecordFacts, category: str = "", gate: Gate = Gate.ARCHIVING) -> tuple[Outcome, str]:
    chosen = queries.schemes(gate).of(category)
    result = next(item for item in check_record(gate, facts, chosen) if item.id.endswith(number))
    return result.outcome, result.reason


def test_without_choices_the_scheme_is_the_standard_s(house: House) -> None:
    assert all(queries.schemes(gate).of() is da_t_70.scheme(gate) for gate in Gate)


def test_an_item_is_switched_off_and_on_again(house: House) -> None:
    long = a_record(elements={"title": "长" * 2000})
    assert _outcome("1.02", long)[0] is Outcome.FAIL
    scheme.change(house, SYSADMIN, LENGTH, {"enabled": "no"}, reason="旧目录题名偏长")
    assert _outcome("1.02", long) == (Outcome.NOT_APPLICABLE, "switched_off")
    assert _outcome("1.02", long, gate=Gate.TRANSFER)[0] is Outcome.FAIL
    version = queries.schemes(Gate.ARCHIVING).of().version
    assert version.startswith(f"{da_t_70.EDITION} archiving 方案 ")
    scheme.restore(house, SYSADMIN, LENGTH, reason="整理完毕")
    assert queries.schemes(Gate.ARCHIVING).of() is da_t_70.scheme(Gate.ARCHIVING)


def test_an_item_to_be_verified_can_be_switched_on(house: House) -> None:
    misnamed = a_record(file=a_file("通知.doc"))
    assert _outcome("1.09", misnamed) == (Outcome.NOT_APPLICABLE, "unverified")
    scheme.change(house, SYSADMIN, Place("archiving", "1.09"), {"enabled": "yes", "severity": "block"}, reason="试行")
    assert _outcome("1.09", misnamed)[0] is Outcome.FAIL


def test_a_category_chooses_for_itself(house: House) -> None:
    early = a_record(elements={"date": "19300101", "year": "1930"})
    assert _outcome("1.05", early)[0] is Outcome.WARN
    scheme.change(house, SYSADMIN, Place("archiving", "1.05", "KJ"), {"earliest_year": "1900"}, reason="科技档案年代早")
    assert _outcome("1.05", early)[0] is Outcome.WARN
    assert _outcome("1.05", early, "KJ")[0] is Outcome.PASS


def test_required_elements_follow_the_scheme(house: House) -> None:
    plain = a_record()
    assert _outcome("2.04", plain)[0] is Outcome.PASS
    wanted = "title|author|date|subject"
    codes = {item.code for item in da_t_70.da_t_46.elements()}
    chosen = "|".join(name for name in (*wanted.split("|"), "keyword", "abstract") if name in codes)
    scheme.change(house, SYSADMIN, Place("archiving", "2.04"), {"required": chosen}, reason="著录细则")
    assert _outcome("2.04", plain)[0] is Outcome.FAIL


def test_a_person_has_a_part(house: House) -> None:
    good, bad = a_record(), a_record(elements={"title": "长" * 2000})
    scheme.change(house, SYSADMIN, LENGTH, {"mode": "assisted"}, reason="抽看")
    assert (_outcome("1.02", good)[0], _outcome("1.02", bad)[0]) == (Outcome.MANUAL, Outcome.FAIL)
    scheme.change(house, SYSADMIN, LENGTH, {"mode": "manual", "share": "50"}, reason="抽看一半")
    seen = [_outcome("1.02", a_record(record_id=f"R{number}")) for number in range(40)]
    assert {outcome for outcome, _ in seen} == {Outcome.MANUAL, Outcome.NOT_APPLICABLE}
    assert {reason for _, reason in seen} == {"needs_person", "not_sampled"}
    assert [is_sampled(f"R{number}", "1.02", 50) for number in range(40)] == [outcome is Outcome.MANUAL for outcome, _ in seen]


def test_fixity_is_asked_for_where_the_agency_says_so(house: House) -> None:
    bare = a_record(file=a_file(declared=None))
    assert _outcome("1.01", bare) == (Outcome.NOT_APPLICABLE, "no_fixity_information")
    scheme.change(house, SYSADMIN, Place("archiving", "1.01"), {"needs_fixity": "yes"}, reason="须有摘要")
    assert _outcome("1.01", bare)[0] is Outcome.FAIL


def test_display_codes_are_a_choice(house: House) -> None:
    scheme.change(house, SYSADMIN, Place("preservation"), {"prefix": "CQ"}, reason="与省馆一致")
    specs = queries.schemes(Gate.PRESERVATION).of().items
    assert (specs[7].id, specs[7].code) == ("preservation.1.08", "CQ-1-8")


def test_a_packed_report_keeps_what_it_was_judged_by(house: House) -> None:
    scheme.change(house, SYSADMIN, LENGTH, {"severity": "block", "mode": "assisted"}, reason="试行")
    scheme.change(house, SYSADMIN, Place("archiving"), {"prefix": "DA"}, reason="与省馆一致")
    chosen = queries.schemes(Gate.ARCHIVING).of()
    facts, edition = a_record(), telling.edition_of(chosen)
    results, standing = check_record(Gate.ARCHIVING, facts, chosen), grounds.of(chosen, facts)
    told = as_report(Gate.ARCHIVING, results, subject=Subject("record", "R"), run=Run(scheme=chosen.version, grounds=standing))
    assert (told["items"][1]["code"], told["items"][1]["severity"]) == ("DA-1-2", "block")  # type: ignore[index]
    assert whole(packed(told, edition), edition) == told


def test_every_version_is_kept_and_told(house: House) -> None:
    scheme.change(house, SYSADMIN, LENGTH, {"severity": "minor"}, reason="试行")
    scheme.change(house, SYSADMIN, LENGTH, {"severity": "block"}, reason="从严")
    scheme.restore(house, SYSADMIN, LENGTH, reason="试行结束")
    rows = list(CheckChoice.objects.order_by("id"))
    assert [(row.severity, row.reason, row.retired_by) for row in rows] == [("minor", "试行", SYSADMIN.id), ("block", "从严", SYSADMIN.id)]
    events = list(Event.objects.filter(object_id="archiving.1.02").order_by("id"))
    assert [event.type for event in events] == ["scheme:changed", "scheme:changed", "scheme:restored"]
    body = json.loads(Payload.objects.get(event_id=events[1].id).body)
    assert (body["before"]["severity"], body["after"]["severity"], body["reason"]) == ("minor", "block", "从严")


@pytest.mark.parametrize(
    ("place", "given", "reason", "code"),
    [
        (LENGTH, {"severity": "minor"}, " ", "POLICY-INCOMPLETE"),
        (LENGTH, {"severity": "grave"}, "试行", "POLICY-INCOMPLETE"),
        (LENGTH, {"mode": "sometimes"}, "试行", "POLICY-INCOMPLETE"),
        (LENGTH, {"mode": "manual", "share": "0"}, "试行", "POLICY-INCOMPLETE"),
        (LENGTH, {"mode": "manual", "share": "ten"}, "试行", "POLICY-INCOMPLETE"),
        (LENGTH, {}, "试行", "POLICY-SAME"),
        (Place("archiving", "4.02"), {"enabled": "no"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "4.02"), {"severity": "minor"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "4.02"), {"mode": "manual"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "4.05"), {"mode": "automatic"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "1.05"), {"earliest_year": "0"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "2.04"), {"required": "title|nonsense"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "2.04"), {"required": "author"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving"), {"prefix": "归档"}, "试行", "POLICY-INCOMPLETE"),
        (Place("archiving", "9.99"), {"enabled": "no"}, "试行", "SCHEME-ITEM-UNKNOWN"),
        (Place("nowhere", "1.02"), {"enabled": "no"}, "试行", "SCHEME-ITEM-UNKNOWN"),
    ],
)
def test_what_cannot_be_chosen_changes_nothing(house: House, place: Place, given: dict[str, str], reason: str, code: str) -> None:
    with pytest.raises(Refusal) as told:
        scheme.change(house, SYSADMIN, place, given, reason=reason)
    assert told.value.code == code
    assert not CheckChoice.objects.exists()
    assert not Event.objects.filter(object_kind="scheme").exists()


def test_there_must_be_something_to_restore(house: House) -> None:
    with pytest.raises(Refusal, match="现在就是这样"):
        scheme.restore(house, SYSADMIN, LENGTH, reason="试行")


def test_only_the_system_administrator_chooses(house: House) -> None:
    with pytest.raises(Refusal) as told:
        scheme.change(house, ARCHIVIST, LENGTH, {"severity": "minor"}, reason="试行")
    assert told.value.code == "ACCESS-REFUSED"


def test_the_standard_itself_never_changes(house: House) -> None:
    before = da_t_70.scheme(Gate.ARCHIVING)
    scheme.change(house, SYSADMIN, LENGTH, {"severity": "block"}, reason="试行")
    assert da_t_70.scheme(Gate.ARCHIVING) is before
    assert before.items[1].severity is Weight.MAJOR
