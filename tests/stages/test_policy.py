"""The agency judges formats differently from the standard: who may, what is kept of it, and the gates that follow."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.core.access import Actor
from lantai.core.checks import Gate, Outcome, RecordFacts, Scheme, check_record
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.policy import formats
from lantai.shelves.policy.models import FormatDecision
from lantai.stages import policy
from lantai.standards import da_t_70
from lantai.standards.da_t_70.formats import Archiving, standard
from tests.core.checks.good import a_file, a_record
from tests.support.line_house import ARCHIVIST, line_house

SYSADMIN = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin", "")


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path) as built:
        yield built


def _outcome(number: str, facts: RecordFacts, scheme: Scheme) -> tuple[Outcome, list[str]]:
    result = next(item for item in check_record(scheme.gate, facts, scheme) if item.id.endswith(number))
    return result.outcome, [item.code for item in result.findings]


def test_without_decisions_the_scheme_is_the_standard_s(house: House) -> None:
    assert gates.schemes(Gate.ARCHIVING).of() is da_t_70.scheme(Gate.ARCHIVING)


def test_with_decisions_the_scheme_is_made_once(house: House) -> None:
    policy.change(house, SYSADMIN, "docx", {"archiving": "no"}, reason="试行")
    assert gates.schemes(Gate.ARCHIVING).of() is gates.schemes(Gate.ARCHIVING).of()


def test_the_gates_judge_by_the_table_in_force(house: House) -> None:
    docx = a_record(file=a_file("通知.docx", puid="fmt/412", mime=""))
    assert _outcome("3.03", docx, gates.schemes(Gate.ARCHIVING).of()) == (Outcome.PASS, [])
    policy.change(house, SYSADMIN, "docx", {"archiving": "no"}, reason="本机关只收版式文件")
    assert _outcome("3.03", docx, gates.schemes(Gate.ARCHIVING).of()) == (Outcome.FAIL, ["GD-3-3"])
    assert _outcome("3.08", docx, gates.schemes(Gate.ARCHIVING).of())[0] is Outcome.PASS
    policy.change(house, SYSADMIN, "docx", {"archiving": "refused"}, reason="一律不收")
    assert _outcome("3.08", docx, gates.schemes(Gate.ARCHIVING).of()) == (Outcome.FAIL, ["GD-3-8"])
    assert gates.schemes(Gate.ARCHIVING).of().version != da_t_70.scheme(Gate.ARCHIVING).version
    policy.restore(house, SYSADMIN, "docx", reason="与上级规定一致")
    assert _outcome("3.03", docx, gates.schemes(Gate.ARCHIVING).of()) == (Outcome.PASS, [])


def test_preservation_follows_the_table_too(house: House) -> None:
    png = a_record(file=a_file("图.png", puid="fmt/11", mime="image/png"))
    assert _outcome("3.03", png, gates.schemes(Gate.PRESERVATION).of()) == (Outcome.FAIL, ["GD-3-3"])
    policy.change(house, SYSADMIN, "png", {"preservation": "yes", "target": ""}, reason="扫描件以 PNG 长期保存")
    assert _outcome("3.03", png, gates.schemes(Gate.PRESERVATION).of()) == (Outcome.PASS, [])


def test_long_term_format_is_judged_once_switched_on(house: House) -> None:
    decisions = formats.decisions()
    scheme = da_t_70.scheme_with(Gate.ARCHIVING, enable=frozenset({"3.05"}), decisions=decisions)
    doc = a_record(file=a_file("旧件.doc", puid="fmt/40", mime=""))
    assert _outcome("3.05", doc, scheme) == (Outcome.WARN, ["GD-3-5"])
    ofd = a_record(file=a_file("通知.ofd", puid="", mime="application/ofd"))
    assert _outcome("3.05", ofd, scheme)[0] is Outcome.MANUAL


def test_every_version_is_kept_and_told(house: House) -> None:
    before = standard()["rtf"].judgement
    policy.change(house, SYSADMIN, "rtf", {"risk": "high", "note": "只收 2010 年前的"}, reason="试行")
    policy.change(house, SYSADMIN, "rtf", {"archiving": "note"}, reason="补充")
    policy.restore(house, SYSADMIN, "rtf", reason="试行结束")
    rows = list(FormatDecision.objects.filter(family="rtf").order_by("id"))
    assert [(row.risk, row.archiving, row.reason, row.retired_by) for row in rows] == [
        ("high", "yes", "试行", SYSADMIN.id),
        ("high", "note", "补充", SYSADMIN.id),
    ]
    assert formats.decisions() == ()
    events = list(Event.objects.filter(object_id="rtf").order_by("id"))
    assert [event.type for event in events] == ["format:changed", "format:changed", "format:restored"]
    body = json.loads(Payload.objects.get(event_id=events[0].id).body)
    assert (body["before"]["risk"], body["after"]["risk"], body["reason"]) == (before.risk.value, "high", "试行")


@pytest.mark.parametrize(
    ("family", "given", "reason", "code"),
    [
        ("docx", {"archiving": "no"}, "  ", "POLICY-INCOMPLETE"),
        ("docx", {"archiving": "perhaps"}, "试行", "POLICY-INCOMPLETE"),
        ("docx", {"risk": ""}, "试行", "POLICY-INCOMPLETE"),
        ("docx", {"preservation": "1"}, "试行", "POLICY-INCOMPLETE"),
        ("ofd", {"archiving": "refused"}, "试行", "POLICY-INCOMPLETE"),
        ("docx", {"note": "x" * 201}, "试行", "POLICY-INCOMPLETE"),
        ("docx", {"target": "a\x00b"}, "试行", "POLICY-INCOMPLETE"),
        ("docx", {}, "试行", "POLICY-SAME"),
        ("clay-tablet", {"archiving": "yes"}, "试行", "POLICY-FORMAT-UNKNOWN"),
    ],
)
def test_what_cannot_be_decided_changes_nothing(house: House, family: str, given: dict[str, str], reason: str, code: str) -> None:
    with pytest.raises(Refusal) as told:
        policy.change(house, SYSADMIN, family, given, reason=reason)
    assert told.value.code == code
    assert not FormatDecision.objects.exists()
    assert not Event.objects.filter(object_kind="format").exists()


def test_there_must_be_something_to_restore(house: House) -> None:
    with pytest.raises(Refusal, match="现在就是这样"):
        policy.restore(house, SYSADMIN, "docx", reason="试行")


def test_only_the_system_administrator_decides(house: House) -> None:
    with pytest.raises(Refusal) as told:
        policy.change(house, ARCHIVIST, "docx", {"archiving": "no"}, reason="试行")
    assert told.value.code == "ACCESS-REFUSED"


def test_the_standard_itself_never_changes(house: House) -> None:
    policy.change(house, SYSADMIN, "docx", {"archiving": "no"}, reason="试行")
    assert standard()["docx"].judgement.archiving is Archiving.YES
    assert da_t_70.scheme(Gate.ARCHIVING).parameters.formats.by_puid["fmt/412"].is_accepted
