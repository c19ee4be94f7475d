"""Categories: how they are filed and their codes are written is decided, tried and told; what was given by a former rule is still read."""

import json

import pytest

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Payload
from lantai.shelves.policy.models import CategoryRule
from lantai.stages import arrange, categories, coding, number, undo, volumes
from lantai.stages.categories import Wanted
from lantai.stages.report import arrangement
from tests.support.line_house import ARCHIVIST, READER
from tests.support.told import types
from tests.web import town as rows
from tests.web.conftest import house

__all__ = ["house"]
BY_ITEM = "{fonds}-{category}·{year}·{retention}·{org}-{item:05d}"
BY_VOLUME = "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}"
CLASS = {"year": "2024", "department": "BGS", "retention": "D30"}


def refused(code: str, act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code
    return caught.value.message


def test_codes_follow_the_rule_in_force_and_older_ones_are_still_read(house: House) -> None:
    one = rows.record()
    number.fix(house, ARCHIVIST, **CLASS)
    categories.decide(house, ARCHIVIST, "ws", Wanted("文书", "item", BY_ITEM.replace("·{year}", "•{year}")), reason="加宽件号")
    two = rows.record()
    number.fix(house, ARCHIVIST, **CLASS)
    categories.decide(house, ARCHIVIST, "WS", Wanted("文书档案", "volume", BY_VOLUME), reason="改为案卷级")
    first, second = Record.objects.get(id=one.id), Record.objects.get(id=two.id)
    assert (first.code, second.code) == ("Z109-WS·2024-D30-BGS-0001", "Z109-WS·2024·D30·BGS-00001")
    forms = coding.Forms(house)
    assert [forms.of(row).parse(row.code).item for row in (first, second)] == [1, 1]
    assert coding.rule(house, "WS").is_by_volume
    assert not coding.rule(house, "KJ").is_own
    categories.retire(house, ARCHIVIST, "WS", reason="恢复标准写法")
    assert coding.rule(house, "WS").template == house.settings.code_template
    assert (CategoryRule.objects.count(), CategoryRule.objects.filter(retired_at=None).count()) == (2, 0)
    assert types() >= {"category:decided", "category:retired"}
    told = json.loads(Payload.objects.filter(event__type="category:decided").order_by("event_id")[1].body)
    assert (told["before"]["filing"], told["after"]["filing"], told["reason"]) == ("item", "volume", "改为案卷级")


@pytest.mark.parametrize(
    ("category", "wanted", "reason", "said"),
    [
        ("", Wanted("文书", "item", BY_ITEM), "定", "代码"),
        ("WSS12", Wanted("文书", "item", BY_ITEM), "定", "代码"),
        ("WS", Wanted(" ", "item", BY_ITEM), "定", "名称"),
        ("WS", Wanted("文书", "other", BY_ITEM), "定", "按件、按卷或按组"),
        ("WS", Wanted("文书", "item", BY_ITEM), " ", "理由"),
        ("WS", Wanted("文书", "item", BY_VOLUME), "定", "不能有案卷号"),
        ("WS", Wanted("文书", "volume", BY_ITEM), "定", "结尾"),
        ("WS", Wanted("文书", "item", "{fonds}-{year}-{retention}-{item}"), "定", "缺门类"),
        ("WS", Wanted("文书", "item", "{fonds}-{category}·{year}-{retention}-{catalogue}-{item}"), "定", "目录号"),
        ("WS", Wanted("文书", "volume", "{fonds}-{catalogue:03d}-{volume:03d}-{item:03d}"), "定", "各保管期限的目录号"),
        ("WS", Wanted("文书", "volume", "{fonds}-{catalogue:03d}-{volume:03d}-{item:03d}", {"Y": "1000"}), "定", "目录号"),
        ("ZP", Wanted("照片", "group", BY_ITEM), "定", "按组"),
        ("WS", Wanted("文书", "item", "{fonds}-{category}·{year}-{retention}-{page}"), "定", "页号"),
        ("WS", Wanted("文书", "item", "{fonds}{item}"), "定", "隔开"),
        ("WS", Wanted("文书", "item", "{fonds}" * 40), "定", "太长"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_reason(house: House, category: str, wanted: Wanted, reason: str, said: str) -> None:
    assert said in refused("CATEGORY-WRONG", lambda: categories.decide(house, ARCHIVIST, category, wanted, reason=reason))
    assert not CategoryRule.objects.exists()


def test_who_may_not_and_what_is_so_already_is_refused(house: House) -> None:
    wanted = Wanted("科技", "volume", BY_VOLUME)
    refused("ACCESS-REFUSED", lambda: categories.decide(house, READER, "KJ", wanted, reason="定"))
    categories.decide(house, ARCHIVIST, "KJ", wanted, reason="定")
    refused("POLICY-SAME", lambda: categories.decide(house, ARCHIVIST, "KJ", wanted, reason="再定"))
    refused("CATEGORY-UNKNOWN", lambda: categories.retire(house, ARCHIVIST, "KU", reason="停"))
    refused("CATEGORY-WRONG", lambda: categories.retire(house, ARCHIVIST, "KJ", reason=""))


def test_the_way_through_the_screen(house: House) -> None:
    client = rows.found(house).client("sysadmin")
    page = client.get("/system/agency/").content.decode()
    assert "Z109-WS·2024-D30-BGS-0012" in page
    asked = {"category": "WS", "filing": "volume", "template": BY_VOLUME}
    part = client.get("/system/agency/", asked, headers={"HX-Request": "true", "HX-Target": "tried"}).content.decode()
    assert "Z109-WS·2024·D30-001-012" in part
    given = asked | {"name": "文书档案", "reason": "案卷级整理", "act": "decide"}
    assert client.post("/system/agency/category", given).status_code == 302
    wrong = client.post("/system/agency/category", given | {"template": BY_ITEM, "reason": "没写对"})
    assert (wrong.status_code, "没写对" in wrong.content.decode(), BY_ITEM in wrong.content.decode()) == (422, True, True)
    assert coding.rule(house, "WS").is_by_volume
    assert client.post("/system/agency/category", {"category": "WS", "act": "retire", "reason": "不再用"}).status_code == 302
    assert not coding.rule(house, "WS").is_own
    new = client.get("/system/agency/?category=new").content.decode()
    assert 'value="new"' not in new


def test_a_class_of_several_categories_is_numbered_one_after_another_and_volumes_apart(house: House) -> None:
    categories.decide(house, ARCHIVIST, "KJ", Wanted("科技", "item", BY_ITEM), reason="定")
    categories.decide(house, ARCHIVIST, "KU", Wanted("会计", "volume", BY_VOLUME), reason="定")
    keys = [rows.record(document_date=f"2024030{at}").id for at in range(1, 6)]
    arrange.revise_many(house, ARCHIVIST, [keys[1]], changes={"category": "kj"})
    arrange.revise_many(house, ARCHIVIST, [keys[0], keys[3]], changes={"category": "KU"})
    refused("CATEGORY-UNKNOWN", lambda: arrange.revise_many(house, ARCHIVIST, [keys[2]], changes={"category": "RS"}))
    moved = Record.objects.get(id=keys[3])
    assert (moved.category, moved.elements["category_code"]) == ("KU", "KU")
    seen = number.outlook(house, ARCHIVIST, **CLASS)
    assert (seen.scope, seen.free, seen.impeded, seen.without) == ("Z109-WS·2024-D30-BGS", 2, 0, {"KJ", "KU"})
    chosen = arrangement.Class(**CLASS, left_out=seen.without)
    assert [row.item for row in arrangement.listing(ARCHIVIST, chosen, seen.first).rows] == ["—", "—", "0001", "—", "0002"]
    assert arrangement.item_of(keys[4], CLASS, seen.first, seen.without) == 2
    assert arrangement.item_of(keys[1], CLASS, seen.first, seen.without) is None
    assert [item.record_id for item in number.preview(house, ARCHIVIST, **CLASS).items] == [keys[2], keys[4]]
    number.begin(house, ARCHIVIST, **CLASS, expected=2)
    assert number.outlook(house, ARCHIVIST, **CLASS).scope == "Z109-KJ·2024·D30·BGS"
    number.begin(house, ARCHIVIST, **CLASS, expected=1)
    assert number.outlook(house, ARCHIVIST, **CLASS).free == 0
    refused("NUMBER-NOTHING", lambda: number.fix(house, ARCHIVIST, **CLASS))
    act = volumes.form(house, ARCHIVIST, [keys[0], keys[3]], title="会计账簿")
    volumes.fix(house, ARCHIVIST, act.asked["volume"])
    assert [Record.objects.get(id=key).code for key in keys] == [
        "Z109-KU·2024·D30-001-001",
        "Z109-KJ·2024·D30·BGS-00001",
        "Z109-WS·2024-D30-BGS-0001",
        "Z109-KU·2024·D30-001-002",
        "Z109-WS·2024-D30-BGS-0002",
    ]


def test_what_arrives_goes_into_the_category_it_names_where_there_is_one(house: House) -> None:
    categories.decide(house, ARCHIVIST, "KJ", Wanted("科技", "item", BY_ITEM), reason="定")
    batch = rows.batch()
    for said in ("KJ", "ZP", ""):
        rows.record(batch, state="described", elements={"category_code": said} if said else {})
    arrange.arrange(house, batch.id)
    assert sorted(Record.objects.values_list("category", flat=True)) == ["KJ", "WS", "WS"]


def test_a_change_of_category_is_taken_back(house: House) -> None:
    categories.decide(house, ARCHIVIST, "KJ", Wanted("科技", "item", BY_ITEM), reason="定")
    row = rows.record()
    arrange.revise_many(house, ARCHIVIST, [row.id], changes={"category": "KJ"})
    undo.undo(house, ARCHIVIST)
    back = Record.objects.get(id=row.id)
    assert (back.category, "category_code" in back.elements) == ("WS", False)
