"""Classification schemes in the house: the tree, numbers and codes follow; what was sealed keeps its version. Lists of values likewise."""

import json
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.metadata import Rule
from lantai.ports import House
from lantai.shelves.holdings.models import NumberRange, Record
from lantai.shelves.ledger.models import Payload
from lantai.shelves.metadata import queries as schemes
from lantai.shelves.policy.models import ClassScheme, ValueList
from lantai.stages import arrange, capture, categories, classification, coding, metadata, number, prove, value_lists, volumes
from lantai.stages.classification import Wanted
from lantai.stages.report import arrangement, classes, desk, printing
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]
SYSADMIN = Actor("01TESTSYSADMIN000000000000", "tao", "陶志刚", "sysadmin", "")
FLAT = Wanted("year-retention")
SUBJECTS = Wanted("year-subject-retention", (("ZH", "综合"), ("FX", "防汛")))
CLASS = {"year": "2024", "department": "BGS", "retention": "D30"}


def refused(code: str, act: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code
    return caught.value


def shown(nodes: tuple[classes.Node, ...]) -> list[object]:
    """Return a tree as names, a leaf by its period too."""
    return [(node.name or node.parts["retention"], node.count, shown(node.below)) if node.below else (*node.parts.values(), node.count)
            for node in nodes]  # fmt: skip


def test_the_tree_follows_the_scheme_of_each_year(house: House) -> None:
    rows.departments(BGS="办公室")
    for year, department, retention in (("2024", "BGS", "D30"), ("2024", "CWK", "Y"), ("2025", "BGS", "D30"), ("2025", "CWK", "D30")):
        rows.record(year=year, department=department, retention=retention)
    classification.decide(house, ARCHIVIST, "ws", Wanted("year-retention-department", since="2025"), reason="机构常变")
    assert shown(classes.tree(ARCHIVIST)) == [
        ("2025 年度", 2, [("D30", 2, [("2025", "D30", "BGS", 1), ("2025", "D30", "CWK", 1)])]),
        ("2024 年度", 2, [("办公室", 1, [("2024", "BGS", "D30", 1)]), ("CWK", 1, [("2024", "CWK", "Y", 1)])]),
    ]
    classification.decide(house, ARCHIVIST, "WS", Wanted("year-retention", since="2025"), reason="机构很小")
    assert shown(classes.tree(ARCHIVIST))[0] == ("2025 年度", 2, [("2025", "D30", 2)])
    classification.retire(house, ARCHIVIST, "WS", 2, reason="恢复标准")
    assert shown(classes.tree(ARCHIVIST))[0] == (
        "2025 年度",
        2,
        [("办公室", 1, [("2025", "BGS", "D30", 1)]), ("CWK", 1, [("2025", "CWK", "D30", 1)])],
    )
    assert [(row.number, row.retired_at is None) for row in ClassScheme.objects.order_by("number")] == [(1, False), (2, False)]
    assert types() == {"classification:decided", "classification:retired"}


def test_each_category_has_a_tree_of_its_own(house: House) -> None:
    by_item = "{fonds}-{category}·{year}·{retention}-{item:03d}"
    categories.decide(house, ARCHIVIST, "ZP", categories.Wanted("照片", "item", by_item), reason="定")
    classification.decide(house, ARCHIVIST, "ZP", FLAT, reason="照片不分机构")
    photo, letter = (rows.record().id for _ in range(2))
    arrange.revise_many(house, ARCHIVIST, [photo], changes={"category": "ZP"})
    tree = classes.tree(ARCHIVIST)
    assert [(node.name, node.count) for node in tree] == [("WS 文书", 1), ("ZP 照片", 1)]
    assert [leaf.parts for node in tree for leaf in node.leaves] == [
        {"category": "WS", **CLASS},
        {"category": "ZP", "year": "2024", "retention": "D30"},
    ]
    seen = number.outlook(house, ARCHIVIST, category="ZP", **CLASS)
    assert (seen.scope, seen.free, seen.without) == ("Z109-ZP·2024·D30", 1, {"WS"})
    chosen = arrangement.Class(category="ZP", year="2024", retention="D30", is_flat=True, left_out=seen.without)
    assert [(row.id, row.item) for row in arrangement.listing(ARCHIVIST, chosen, seen.first).rows] == [(photo, "0001")]
    number.begin(house, ARCHIVIST, category="ZP", **CLASS, expected=1)
    assert dict(Record.objects.values_list("id", "code")) == {photo: "Z109-ZP·2024·D30-001", letter: ""}


def test_without_a_level_between_all_departments_are_numbered_in_one_order(house: House) -> None:
    keys = [rows.record(department=code, document_date=f"2024030{at}").id for at, code in enumerate(("CWK", "BGS", "CWK"), 1)]
    classification.decide(house, ARCHIVIST, "WS", FLAT, reason="机构很小")
    seen = number.outlook(house, ARCHIVIST, **CLASS)
    assert (seen.scope, seen.free, seen.of["department"]) == ("Z109-WS·2024-D30", 3, "*")
    arrange.reorder(house, ARCHIVIST, [keys[2]], after="")
    chosen = arrangement.Class(year="2024", retention="D30", is_flat=True)
    assert chosen.is_leaf
    assert [(row.id, row.item) for row in arrangement.listing(ARCHIVIST, chosen, seen.first).rows] == [
        (keys[2], "0001"), (keys[0], "0002"), (keys[1], "0003"),
    ]  # fmt: skip
    assert arrangement.item_of(keys[1], seen.of, seen.first) == 3
    (todo,) = [row for row in desk.todos(ARCHIVIST, house.clock.now()) if row.place == "arrange"]
    assert (todo.target, "各机构 30年期共 3 件" in todo.text) == (("group", "2024/*/D30"), True)
    sealed = number.fix(house, ARCHIVIST, **CLASS, expected=3)
    printed = printing._class(ARCHIVIST, sealed.scope)
    assert printed.words({"BGS": "办公室", "CWK": "财务科"}) == "年度：2024　机构（问题）：财务科、办公室　保管期限：30年"
    assert NumberRange.objects.get(id=sealed.range_id).scheme == "WS:1"
    told = json.loads(Payload.objects.get(event__type="record:numbered").body)
    assert told["scheme"] == "WS:1"
    assert Record.objects.get(id=keys[2]).code == "Z109-WS·2024-D30-0001"
    assert Record.objects.get(id=keys[2]).department == "CWK"


def test_subjects_that_the_scheme_does_not_list_get_no_number(house: House) -> None:
    key = rows.record().id
    classification.decide(house, ARCHIVIST, "WS", SUBJECTS, reason="按问题")
    assert number.outlook(house, ARCHIVIST, **CLASS).scope == ""
    assert "BGS" in refused("CLASS-TERM-UNKNOWN", lambda: number.fix(house, ARCHIVIST, **CLASS)).message
    arrange.revise_many(house, ARCHIVIST, [key], changes={"department": "FX"})
    assert shown(classes.tree(ARCHIVIST)) == [("2024 年度", 1, [("防汛", 1, [("2024", "FX", "D30", 1)])])]
    assert number.fix(house, ARCHIVIST, **CLASS | {"department": "FX"}).scope == "Z109-WS·2024-D30-FX"


def test_what_cannot_be_decided_is_refused_with_its_reason(house: House) -> None:
    def decide(wanted: Wanted, *, category: str = "WS", actor: Actor = ARCHIVIST, reason: str = "定") -> object:
        return lambda: classification.decide(house, actor, category, wanted, reason=reason)

    refused("ACCESS-REFUSED", decide(FLAT, actor=READER))
    refused("CATEGORY-UNKNOWN", decide(FLAT, category="RS"))
    refused("CLASSIFICATION-WRONG", decide(Wanted("year")))
    refused("CLASSIFICATION-WRONG", decide(FLAT, reason=" "))
    refused("POLICY-SAME", decide(Wanted("year-department-retention")))
    classification.decide(house, ARCHIVIST, "WS", SUBJECTS, reason="定")
    refused("POLICY-SAME", decide(SUBJECTS))
    refused("CLASSIFICATION-UNKNOWN", lambda: classification.retire(house, ARCHIVIST, "WS", 7, reason="停"))
    refused("CLASSIFICATION-WRONG", lambda: classification.retire(house, ARCHIVIST, "WS", 1, reason=""))
    assert coding.scheme("WS", "2024").label == "WS:1"


def test_codes_with_a_catalogue_number_and_codes_without_department_pass_the_gate(db: None, tmp_path: Path) -> None:
    with line_house(tmp_path) as house:
        form = "{fonds}-{catalogue:03d}-{volume:03d}-{item:03d}"
        wanted = categories.Wanted("会计", "volume", form, {"D30": "2", "Y": "1"})
        assert categories.decide(house, ARCHIVIST, "KU", wanted, reason="沿用旧目录").catalogues == {"Y": "001", "D30": "002"}
        refused("POLICY-SAME", lambda: categories.decide(house, ARCHIVIST, "KU", wanted, reason="再定"))
        classification.decide(house, ARCHIVIST, "WS", FLAT, reason="机构很小")
        one_page_pdfs(tmp_path / "来文", 3, 5)
        batch = capture.open_batch(house, ARCHIVIST, [tmp_path / "来文"], channel="manual", department="BGS")
        line.finish(house)
        keys = [row.id for row in Record.objects.filter(batch_id=batch).order_by("id")]
        arrange.revise_many(house, ARCHIVIST, keys, changes={"year": "2024", "retention": "D30", "department": "BGS"})
        arrange.revise_many(house, ARCHIVIST, keys[:2], changes={"category": "KU"})
        act = volumes.form(house, ARCHIVIST, keys[:2], title="会计账簿")
        volumes.fix(house, ARCHIVIST, act.asked["volume"])
        line.archive(house, ARCHIVIST, [batch])
        found = {key: Record.objects.get(id=key) for key in keys}
        assert [found[key].code for key in keys] == ["Z109-002-001-001", "Z109-002-001-002", "Z109-WS·2024-D30-0001"]
        assert {(row.state, row.department, row.year) for row in found.values()} == {("archived", "BGS", "2024")}, [
            (row.state, row.needs_attention) for row in found.values()
        ]
        assert prove.verify(house, ARCHIVIST, keys).ok
        described = b"".join(path.read_bytes() for path in house.settings.data.rglob("record.xml"))
        assert described.count("<目录号>002</目录号>".encode()) == 2
        Record.objects.filter(id=keys[0]).update(year="2023")
        assert not prove.verify(house, ARCHIVIST, keys[:1]).ok


def test_lists_of_values_are_chosen_from_and_what_is_retired_in_them_is_still_read(house: House) -> None:
    refused("ACCESS-REFUSED", lambda: value_lists.decide(house, READER, "gongwen", "公文种类", [("通知", "")], reason="定"))
    value_lists.decide(house, ARCHIVIST, "Gongwen", "公文种类", [("通知", "告知"), ("通告", "")], reason="定")
    same = [("通知", "告知"), ("通告", "")]
    refused("POLICY-SAME", lambda: value_lists.decide(house, ARCHIVIST, "gongwen", "公文种类", same, reason="再定"))
    rule = Rule("kind_of_letter", name="公文种类", list="gongwen")
    refused(
        "METADATA-SCHEME-WRONG", lambda: metadata.propose(house, ARCHIVIST, "", (Rule("x_y", name="别的", list="nolist"),), reason="定")
    )
    metadata.propose(house, ARCHIVIST, "", (rule,), reason="定")
    metadata.adopt(house, SYSADMIN, "", 1, reason="定")
    assert schemes.elements()[-1].values == ("通知", "通告")
    key = rows.record().id
    refused("ELEMENT-NOT-ADMITTED", lambda: arrange.revise_many(house, ARCHIVIST, [key], changes={"kind_of_letter": "函"}))
    arrange.revise_many(house, ARCHIVIST, [key], changes={"kind_of_letter": "通告"})
    value_lists.decide(house, ARCHIVIST, "gongwen", "公文种类", [("通知", "告知"), ("函", "")], reason="通告不用了")
    assert schemes.elements()[-1].values == ("通知", "函")
    assert [version.rules[0].values for version in schemes.named("1")] == [("通知", "函", "通告")]
    refused("ELEMENT-NOT-ADMITTED", lambda: arrange.revise_many(house, ARCHIVIST, [key], changes={"kind_of_letter": "通告"}))
    refused("LIST-IN-USE", lambda: value_lists.retire(house, ARCHIVIST, "gongwen", reason="停"))
    metadata.retire(house, SYSADMIN, "", reason="停")
    value_lists.retire(house, ARCHIVIST, "gongwen", reason="停")
    refused("LIST-UNKNOWN", lambda: value_lists.retire(house, ARCHIVIST, "gongwen", reason="停"))
    assert (ValueList.objects.count(), ValueList.objects.filter(retired_at=None).count()) == (2, 0)
    assert [version.rules[0].values for version in schemes.named("1")] == [("通知", "函", "通告")]
    assert value_lists.decide(house, ARCHIVIST, "gongwen", "公文种类", [("通知", "")], reason="再用").number == 3
    assert types() >= {"list:decided", "list:retired"}
    refused("LIST-WRONG", lambda: value_lists.decide(house, ARCHIVIST, "gongwen", "", [("通知", "")], reason="再用"))
