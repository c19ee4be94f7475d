"""The agency's metadata schemes: proposed, looked at, adopted, gone back from; the gates and the records follow."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.access import Actor
from lantai.core.checks import Gate
from lantai.core.errors import Refusal
from lantai.core.metadata import Rule
from lantai.packages import layout, record_xml
from lantai.ports import House
from lantai.shelves.gates import queries as gates
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event, Payload
from lantai.shelves.metadata import queries
from lantai.shelves.metadata.models import MetadataScheme
from lantai.stages import accept, archive, arrange, capture, check, describe, metadata, prove
from lantai.standards import da_t_46, da_t_70
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.told import types

SYSADMIN = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin", "")
COPY_NUMBER = Rule("copy_number", name="份号", pattern=r"\d{6}")
RULES = (COPY_NUMBER, Rule("keyword", obligation="M", required_from="arrangement"))


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation whose rows are rolled back."""
    with line_house(tmp_path) as built:
        yield built


def adopted(house: House, *rules: Rule, category: str = "") -> int:
    number = metadata.propose(house, ARCHIVIST, category, rules, reason="著录细则").number
    metadata.adopt(house, SYSADMIN, category, number, reason="经讨论采用")
    return number


def a_row(house: House, **columns: object) -> Record:
    given: dict[str, object] = {"state": "arranged", "fonds": "Z109", "category": "WS", "created_at": house.clock.now()} | columns
    key = house.ids.new()
    return Record.objects.create(id=key, electronic_record_code=key, batch_id="01TESTBATCH", channel="manual", **given)


def test_the_standard_holds_until_a_version_is_adopted(house: House) -> None:
    assert queries.elements() == da_t_46.base()
    metadata.propose(house, ARCHIVIST, "", RULES, reason="著录细则")
    assert queries.elements() == da_t_46.base()
    metadata.adopt(house, SYSADMIN, "", 1, reason="经讨论采用")
    assert queries.elements()[-1].name == "份号"
    scheme = gates.schemes(Gate.ARCHIVING).of("WS")
    assert "keyword" in scheme.parameters.required
    assert scheme.version.endswith("元数据方案 1")
    assert [event.type for event in Event.objects.order_by("id")][-2:] == ["metadata:proposed", "metadata:adopted"]
    assert json.loads(Payload.objects.latest("event_id").body)["rules"][0] == {"code": "copy_number", "name": "份号", "pattern": r"\d{6}"}


def test_a_version_in_force_is_retired_and_stays_readable(house: House) -> None:
    adopted(house, *RULES)
    assert adopted(house, COPY_NUMBER) == 2
    states = dict(MetadataScheme.objects.values_list("number", "state"))
    assert states == {1: "retired", 2: "in_force"}
    (old,) = queries.named("1")
    assert old.rules == RULES
    earlier = gates.schemes(Gate.PRESERVATION).of("WS", described_by="1")
    assert "keyword" in earlier.parameters.required
    assert "keyword" not in gates.schemes(Gate.PRESERVATION).of("WS").parameters.required
    assert gates.schemes(Gate.PRESERVATION).of("WS", described_by="") is da_t_70.scheme(Gate.PRESERVATION)


def test_going_back_to_the_standard(house: House) -> None:
    adopted(house, *RULES)
    metadata.retire(house, SYSADMIN, "", reason="试行结束")
    assert "metadata:retired" in types()
    assert queries.elements() == da_t_46.base()
    assert queries.own_names() == {"copy_number": "份号"}
    with pytest.raises(Refusal, match="POLICY-SAME"):
        metadata.retire(house, SYSADMIN, "", reason="再来")


def test_a_category_has_its_own(house: House) -> None:
    adopted(house, COPY_NUMBER)
    adopted(house, Rule("project", name="项目名称", obligation="M"), category="KJ")
    assert [item.code for item in queries.elements("KJ") if item.is_own] == ["copy_number", "project"]
    assert [item.code for item in queries.elements("WS") if item.is_own] == ["copy_number"]
    assert gates.schemes(Gate.ARCHIVING).label("KJ") == "1+KJ:1"
    assert [version.label for version in queries.named("1+KJ:1")] == ["1", "KJ:1"]


@pytest.mark.parametrize(
    ("actor", "code"),
    [(Actor("x", "x", "某", "reader", ""), "ACCESS-REFUSED"), (Actor("x", "x", "某", "auditor", ""), "ACCESS-REFUSED")],
)
def test_who_may_not_propose(house: House, actor: Actor, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        metadata.propose(house, actor, "", RULES, reason="著录细则")


def test_only_the_system_administrator_adopts(house: House) -> None:
    metadata.propose(house, ARCHIVIST, "", RULES, reason="著录细则")
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        metadata.adopt(house, ARCHIVIST, "", 1, reason="采用")


def test_what_is_refused_changes_nothing(house: House) -> None:
    for rules, reason, code in (
        (RULES, " ", "POLICY-INCOMPLETE"),
        ((), "空", "POLICY-SAME"),
        ((Rule("title", obligation="O"),), "放宽", "METADATA-SCHEME-WRONG"),
    ):
        with pytest.raises(Refusal, match=code):
            metadata.propose(house, ARCHIVIST, "", rules, reason=reason)
    with pytest.raises(Refusal, match="METADATA-SCHEME-UNKNOWN"):
        metadata.adopt(house, SYSADMIN, "", 1, reason="采用")
    assert not MetadataScheme.objects.exists()
    assert not Event.objects.filter(type__startswith="metadata:").exists()


def test_a_category_s_condition_keeps_what_it_leans_on(house: House) -> None:
    adopted(house, COPY_NUMBER)
    adopted(house, Rule("copies", name="份数", obligation="C", condition="copy_number=*"), category="WS")
    with pytest.raises(Refusal, match="METADATA-SCHEME-WRONG"):
        metadata.retire(house, SYSADMIN, "", reason="不用了")


def test_a_later_proposal_replaces_the_open_one(house: House) -> None:
    metadata.propose(house, ARCHIVIST, "", RULES, reason="一")
    seen = MetadataScheme.objects.get().version
    metadata.propose(house, ARCHIVIST, "", (COPY_NUMBER,), reason="二")
    assert list(MetadataScheme.objects.values_list("number", "state", "reason")) == [(1, "proposed", "二")]
    with pytest.raises(Refusal, match="POLICY-CHANGED"):
        metadata.adopt(house, SYSADMIN, "", 1, reason="采用", seen=seen)
    metadata.withdraw(house, ARCHIVIST, "", 1)
    assert metadata.look(ARCHIVIST).proposed is None
    assert "metadata:withdrawn" in types()
    assert metadata.propose(house, ARCHIVIST, "", RULES, reason="三").number == 2


def test_the_preview_counts_what_would_newly_fail(house: House) -> None:
    good = a_row(house, elements={"title": "通知", "keyword": "规划"})
    bad = a_row(house, elements={"title": "通知", "copy_number": "12"})
    seen = metadata.preview(house, ARCHIVIST, "", RULES)
    assert (seen.looked_at, seen.affected) == (2, 1)
    assert {(row.message, row.count, row.examples) for row in seen.newly} == {
        ("份号：不合规定的格式", 1, (bad.id,)),
        ("关键词：必填而没有填", 1, (bad.id,)),
    }
    assert good.id not in {key for row in seen.newly for key in row.examples}
    assert all(row.examples == () for row in metadata.preview(house, SYSADMIN, "", RULES).newly)


def test_look_tells_the_differences_of_the_proposal(house: House) -> None:
    metadata.propose(house, ARCHIVIST, "", RULES, reason="著录细则")
    seen = metadata.look(SYSADMIN)
    assert [(row.name, row.what, row.before, row.after) for row in seen.changes] == [
        ("关键词", "约束", "可选", "必选"),
        ("关键词", "必填时点", "", "整理"),
        ("份号", "元素", "", "有"),
    ]
    assert metadata.compare(SYSADMIN, "", 0, 1) == seen.changes
    with pytest.raises(Refusal, match="METADATA-SCHEME-UNKNOWN"):
        metadata.compare(SYSADMIN, "", 0, 9)


def test_an_own_element_goes_through_the_line_into_record_xml_and_back(house: House, tmp_path: Path) -> None:
    adopted(house, COPY_NUMBER)
    one_page_pdfs(tmp_path / "papers", 1, 5)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "papers"], channel="manual", department="BGS")
    capture.receive(house, batch_id)
    for verb in (check.check, describe.describe, accept.settle, arrange.arrange):
        verb(house, batch_id)
    row = Record.objects.get(batch_id=batch_id)
    with pytest.raises(Refusal, match="ELEMENT-NOT-ADMITTED"):
        arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"copy_number": "12"})
    arrange.revise(house, ARCHIVIST, row.id, version=row.version, changes={"copy_number": "000012"})
    line.seal(house, ARCHIVIST, list(Record.objects.filter(batch_id=batch_id)))
    assert archive.archive(house) == 1
    metadata.retire(house, SYSADMIN, "", reason="试行结束")
    assert "metadata:retired" in types()
    with house.store.open(row.id, layout.RECORD_XML) as stream:
        described = stream.read()
    kept = record_xml.read(described)
    assert (kept.text("copy_number"), kept.scheme) == ("000012", "1")
    assert "份号" in described.decode()
    row.refresh_from_db()
    assert prove.verify_as_service(house, [row.id]).ok
    assert "copy_number" in gates.schemes(Gate.PRESERVATION).of(row.category, described_by=kept.scheme).parameters.elements
