"""系统›分类: schemes with live examples and lists of values, who may change them; the workbench follows."""

import pytest

from lantai.core.metadata import Rule
from lantai.shelves.holdings.models import Record
from lantai.shelves.policy.models import ClassScheme, ValueList
from lantai.stages import metadata
from tests.web import town as rows
from tests.web.conftest import house, town
from tests.web.test_pages import page
from tests.web.town import Town

__all__ = ["house", "town"]
ADDRESS = "/system/classes/"
FLAT = {"category": "WS", "form": "year-retention", "since": "", "reason": "机构很小", "act": "decide"}


def test_a_scheme_is_tried_decided_followed_by_the_tree_and_retired(town: Town) -> None:
    one, other = rows.record(), rows.record(department="GHK", document_number="")
    client = town.client("archivist")
    tried = client.get(ADDRESS, {"category": "WS", "form": "year-retention"}, headers={"HX-Request": "true", "HX-Target": "parted"})
    assert "Z109-WS·" in tried.content.decode()
    assert "<html" not in tried.content.decode()
    done = client.post(f"{ADDRESS}scheme", FLAT, follow=True).content.decode()
    assert "第 1 版分类方案已存" in done
    seen = page(client, f"/arrange/?year=2024&retention=D30&record={other.id}")
    assert "年度—期限" in seen.text_content()
    assert [row.get("id") for row in seen.findall(".//tr[@data-row]")] == [f"row-{one.id}", f"row-{other.id}"]
    assert "固定档号 2 件" in seen.text_content()
    assert seen.find(".//select[@name='department']").get("required") is None
    client.post("/arrange/fix", {"year": "2024", "department": "*", "retention": "D30", "expected": "2"})
    assert sorted(Record.objects.values_list("code", flat=True)) == ["Z109-WS·2024-D30-0001", "Z109-WS·2024-D30-0002"]
    client.post(f"{ADDRESS}scheme", {"category": "WS", "number": "1", "act": "retire", "reason": "恢复标准"})
    assert not ClassScheme.objects.filter(retired_at=None).exists()


def test_a_record_without_a_subject_of_the_scheme_says_why_it_gets_no_number(town: Town) -> None:
    row, client = rows.record(), town.client("archivist")
    subjects = {"category": "WS", "form": "year-subject-retention", "terms": "ZH 综合\nFX 防汛", "reason": "按问题", "act": "decide"}
    assert client.post(f"{ADDRESS}scheme", subjects).status_code == 302
    seen = page(client, f"/arrange/?year=2024&department=BGS&retention=D30&record={row.id}")
    assert "问题不在分类方案里" in seen.text_content()
    assert [item.get("value") for item in seen.findall(".//select[@name='department']/option")] == ["ZH", "FX", "BGS"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"since": "0"}, "4 位数字"),
        ({"form": "year-subject-retention", "terms": ""}, "须列出问题"),
        ({"form": "year-subject-retention", "terms": "ZH 综\x07合"}, "控制字符"),
        ({"form": "forged"}, "只能是"),
        ({"reason": "长" * 10_000}, "超过 200 字"),
        ({"category": "RS"}, "没有为门类"),
    ],
)
def test_what_a_scheme_cannot_be_comes_back_with_what_was_typed(town: Town, given: dict[str, str], said: str) -> None:
    answer = town.client("archivist").post(f"{ADDRESS}scheme", FLAT | given)
    text = answer.content.decode()
    assert (answer.status_code, said in text) == (422, True)
    assert (FLAT | given)["reason"] in text
    assert not ClassScheme.objects.exists()


def test_a_scheme_sent_twice_is_one_version(town: Town) -> None:
    client = town.client("archivist")
    assert [client.post(f"{ADDRESS}scheme", FLAT).status_code for _ in range(2)] == [302, 422]
    assert ClassScheme.objects.count() == 1


def test_a_list_is_made_used_by_an_element_and_chosen_from(town: Town) -> None:
    client = town.client("archivist")
    given = {"code": "wenzhong", "name": "公文种类", "values": "通知｜告知\n函", "reason": "定", "act": "decide"}
    assert client.post(f"{ADDRESS}list", given | {"values": "通\x07知"}).status_code == 422
    assert client.post(f"{ADDRESS}list", given).status_code == 302
    assert "wenzhong" in page(client, "/system/metadata/?element=new").text_content()
    metadata.propose(town.house, town.actor("archivist"), "", (Rule("kind", name="公文种类", list="wenzhong"),), reason="定")
    metadata.adopt(town.house, town.actor("sysadmin"), "", 1, reason="定")
    row = rows.record()
    form = page(client, f"/arrange/?year=2024&department=BGS&retention=D30&record={row.id}")
    assert [item.text for item in form.findall(".//select[@name='kind']/option")] == ["—", "通知", "函"]
    assert client.post(f"{ADDRESS}list", {"code": "wenzhong", "act": "retire", "reason": "停"}).status_code == 409
    assert ValueList.objects.get().retired_at is None


@pytest.mark.parametrize(("role", "status"), [("sysadmin", 200), ("archivist", 200), ("reader", 403), ("secadmin", 403)])
def test_who_may_look(town: Town, role: str, status: int) -> None:
    assert town.client(role).get(ADDRESS).status_code == status
    if status == 403:
        assert town.client(role).post(f"{ADDRESS}scheme", FLAT).status_code == 403
