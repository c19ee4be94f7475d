"""Categories: how they are filed and their codes are written is decided, tried and told; what was given by a former rule is still read."""

import json

import pytest

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Payload
from lantai.shelves.policy.models import CategoryRule
from lantai.stages import categories, coding, number
from lantai.stages.categories import Wanted
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
        ("WS", Wanted("文书", "other", BY_ITEM), "定", "按件或按卷"),
        ("WS", Wanted("文书", "item", BY_ITEM), " ", "理由"),
        ("WS", Wanted("文书", "item", BY_VOLUME), "定", "不能有案卷号"),
        ("WS", Wanted("文书", "volume", BY_ITEM), "定", "结尾"),
        ("WS", Wanted("文书", "item", "{fonds}-{year}-{retention}-{item}"), "定", "缺门类"),
        ("WS", Wanted("文书", "item", "{fonds}-{category}·{year}-{retention}-{catalogue}-{item}"), "定", "目录号"),
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
