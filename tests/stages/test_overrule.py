"""A failed item let pass by two persons: who may, what stays, what ends it, and what nobody may let pass."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.access import Actor
from lantai.core.checks import Conclusion, Gate, Outcome, Overruled, Reason, check_record, conclude, findings_digest
from lantai.core.errors import Refusal
from lantai.packages import layout
from lantai.ports import House
from lantai.shelves.gates.models import Overruling
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.queries import latest_report
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.shelves.reports.queries import body
from lantai.stages import accept, archive, arrange, capture, check, describe, overrule, scheme
from lantai.stages.scheme import Place
from lantai.standards import da_t_70
from tests.core.checks.good import a_file, a_record
from tests.formats.made import pdf
from tests.support.line_house import ARCHIVIST, SECADMIN, line_house
from tests.support.told import types
from tests.web import town

SYSADMIN = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin", "")
OTHER = Actor("01TESTARCHIVIST00000000002", "lin", "林晓", "archivist", "")


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path / "data") as built:
        yield built


@pytest.fixture
def row(house: House, tmp_path: Path) -> Record:
    """A record whose arrival check failed: fixity is asked for and nothing of the kind came."""
    scheme.change(house, SYSADMIN, Place("arrival", "1.01"), {"needs_fixity": "yes"}, reason="须有摘要")
    folder = tmp_path / "来件"
    folder.mkdir()
    (folder / "通知.pdf").write_bytes(pdf("(x) Tj"))
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS", title="")
    capture.receive(house, batch_id)
    check.check(house, batch_id)
    describe.describe(house, batch_id)
    record = Record.objects.get(batch_id=batch_id)
    assert (record.state, record.conclusion) == ("described", "fail")
    return record


def test_two_persons_let_a_failed_item_pass(house: House, row: Record) -> None:
    proposed = overrule.propose(house, ARCHIVIST, row.id, "1.01", reason="来文单位确认无误")
    decided = overrule.decide(house, OTHER, proposed.id, is_accepted=True, words="同意")
    assert decided.state == "accepted"
    row.refresh_from_db()
    assert row.conclusion != "fail"
    report = latest_report(row.id, "arrival")
    assert report is not None
    item = body(report)["items"][0]
    assert (item["outcome"], item["reason"]) == ("fail", "accepted:沈静宜、林晓")
    assert item["findings"][0]["code"] == "GD-1-1-MISSING"
    types = list(Event.objects.filter(object_id=row.id, type__startswith="overruling:").order_by("id").values_list("type", flat=True))
    assert types == ["overruling:proposed", "overruling:accepted"]


def test_two_persons_let_a_record_through_the_archiving_gate(house: House, tmp_path: Path) -> None:
    one_page_pdfs(tmp_path / "papers", 1, 5)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
    capture.receive(house, batch_id)
    for verb in (check.check, describe.describe, accept.settle, arrange.arrange):
        verb(house, batch_id)
    line.seal(house, ARCHIVIST, list(Record.objects.filter(batch_id=batch_id)))
    scheme.change(house, SYSADMIN, Place("archiving", "2.04"), {"required": "title|keyword"}, reason="须有主题词")
    assert archive.archive(house) == 0
    row = Record.objects.get(batch_id=batch_id)
    assert (row.state, row.needs_attention) == ("numbered", "ARCHIVE-CHECK-FAILED")
    numbers = [item.number for item in overrule.failed(row)]
    assert numbers == ["2.03", "2.04", "2.10"]
    asked = [overrule.propose(house, ARCHIVIST, row.id, number, reason="该件无主题词，依据著录细则") for number in numbers]
    for proposed in asked:
        assert archive.archive(house) == 0  # the gate judges anew after each, and finds the same
        overrule.decide(house, OTHER, proposed.id, is_accepted=True, words="同意")
    assert archive.archive(house) == 1
    row.refresh_from_db()
    with house.store.open(row.id, layout.REPORT) as stream:
        items = {item["id"].partition(".")[2]: item for item in json.load(stream)["items"]}
    assert (items["2.04"]["outcome"], items["2.04"]["reason"]) == ("fail", "accepted:沈静宜、林晓")
    assert (row.state, row.needs_attention, row.conclusion) == ("archived", "", "trial")


def test_the_same_person_may_not_confirm(house: House, row: Record) -> None:
    proposed = overrule.propose(house, ARCHIVIST, row.id, "1.01", reason="确认无误")
    with pytest.raises(Refusal, match="OVERRULE-SECOND-PERSON"):
        overrule.decide(house, ARCHIVIST, proposed.id, is_accepted=True, words="同意")
    first, second = (town.account("archivist", name, "沈静宜") for name in ("shen1", "shen2"))
    Account.objects.filter(id__in=[first.id, second.id]).update(person="same")
    Overruling.objects.filter(id=proposed.id).update(proposed_by=first.id)
    with pytest.raises(Refusal, match="OVERRULE-SECOND-PERSON"):
        overrule.decide(house, town.actor(second), proposed.id, is_accepted=True, words="同意")
    for administrator in (SYSADMIN, SECADMIN):
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            overrule.decide(house, administrator, proposed.id, is_accepted=True, words="同意")
        with pytest.raises(Refusal, match="ACCESS-REFUSED"):
            overrule.propose(house, administrator, row.id, "1.01", reason="确认无误")


def test_what_was_rejected_stays_failed(house: House, row: Record) -> None:
    proposed = overrule.propose(house, ARCHIVIST, row.id, "1.01", reason="确认无误")
    overrule.decide(house, OTHER, proposed.id, is_accepted=False, words="不同意")
    row.refresh_from_db()
    assert row.conclusion == "fail"
    assert "overruling:rejected" in types()
    with pytest.raises(Refusal, match="OVERRULE-UNKNOWN"):
        overrule.decide(house, OTHER, proposed.id, is_accepted=True, words="同意")


def test_a_change_of_content_voids_it(house: House, row: Record) -> None:
    proposed = overrule.propose(house, ARCHIVIST, row.id, "1.01", reason="确认无误")
    Record.objects.filter(id=row.id).update(elements=row.elements | {"title": "改过的题名"})
    with pytest.raises(Refusal, match="OVERRULE-VOID"):
        overrule.decide(house, OTHER, proposed.id, is_accepted=True, words="同意")
    assert Overruling.objects.get(id=proposed.id).state == "void"


@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [("1.01", " ", "OVERRULE-REASON-MISSING"), ("1.02", "x", "OVERRULE-NOTHING"), ("9.99", "x", "OVERRULE-NOTHING")],
)
def test_what_cannot_be_proposed(house: House, row: Record, number: str, reason: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        overrule.propose(house, ARCHIVIST, row.id, number, reason=reason)


def test_nobody_lets_a_virus_pass() -> None:
    facts = a_record(file=a_file(virus="infected:Eicar"))
    standard = da_t_70.scheme(Gate.ARCHIVING)
    item = next(item for item in check_record(Gate.ARCHIVING, facts, standard) if item.id.endswith("4.02"))
    told = a_record(file=a_file(virus="infected:Eicar"), overruled=(Overruled("4.02", findings_digest(item.findings), "甲", "乙"),))
    results = check_record(Gate.ARCHIVING, told, standard)
    assert conclude(results) is Conclusion.FAIL
    assert next(item for item in results if item.id.endswith("4.02")).reason == ""


def test_nobody_lets_a_secret_pass() -> None:
    plain = a_record(elements={"security_classification": "机密"})
    standard = da_t_70.scheme(Gate.ARCHIVING)
    item = next(item for item in check_record(Gate.ARCHIVING, plain, standard) if item.id.endswith("1.04"))
    let = (Overruled("1.04", findings_digest(item.findings), "甲", "乙"),)
    results = check_record(Gate.ARCHIVING, a_record(elements={"security_classification": "机密"}, overruled=let), standard)
    assert next(item for item in results if item.id.endswith("1.04")).reason == ""


def test_it_holds_for_what_was_found_and_nothing_else() -> None:
    standard = da_t_70.scheme(Gate.ARCHIVING)
    long = a_record(elements={"date": "20260230"})
    item = next(item for item in check_record(Gate.ARCHIVING, long, standard) if item.id.endswith("1.03"))
    let = (Overruled("1.03", findings_digest(item.findings), "甲", "乙"),)
    same = check_record(Gate.ARCHIVING, a_record(elements={"date": "20260230"}, overruled=let), standard)
    other = check_record(Gate.ARCHIVING, a_record(elements={"date": "20260231"}, overruled=let), standard)
    assert next(item for item in same if item.id.endswith("1.03")).reason == f"{Reason.ACCEPTED.value}:甲、乙"
    assert next(item for item in same if item.id.endswith("1.03")).outcome is Outcome.FAIL
    assert next(item for item in other if item.id.endswith("1.03")).reason == ""
