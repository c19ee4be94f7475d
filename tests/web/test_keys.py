"""A person's own keys: kept with the account, shown on every page, refused where two acts would have one key."""

import pytest

from lantai.core import own_keys
from lantai.shelves.people.models import Account
from tests.web import town as rows
from tests.web.conftest import house, town
from tests.web.test_pages import page
from tests.web.town import Town

__all__ = ["house", "town"]


def test_own_keys_are_kept_shown_and_given_up(town: Town) -> None:
    client = town.client("archivist")
    done = client.post("/keys/", {"key-y": " S ", "key-j": "k", "key-k": "j", "key-m": "m"}, follow=True).content.decode()
    assert "快捷键已存" in done
    kept = Account.objects.get(id=town.actor("archivist").id).own_keys
    assert kept == {"y": "s", "j": "k", "k": "j"}
    rows.record()
    assert set((page(client, "/").find(".//body").get("data-keys") or "").split()) == {"ys", "jk", "kj"}
    assert page(client, "/keys/").find(".//input[@name='key-y']").get("value") == "s"
    assert page(town.client("sysadmin"), "/").find(".//body").get("data-keys") is None
    client.post("/keys/", {"act": "usual"})
    assert Account.objects.get(id=town.actor("archivist").id).own_keys == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key-y": "m"}, "既是「改期限」又是「改机构」"),
        ({"key-y": "s", "key-m": "s"}, "“S”既是"),
        ({"key-y": "1"}, "小写字母或标点"),
        ({"key-y": "/"}, "小写字母或标点"),
        ({"key-y": "长"}, "小写字母或标点"),
        ({"key-y": "\x07"}, "小写字母或标点"),
        ({"key-y": "ss"}, "小写字母或标点"),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_stays_on_the_page(town: Town, given: dict[str, str], said: str) -> None:
    answer = town.client("archivist").post("/keys/", given)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert f'value="{given["key-y"]}"' in answer.content.decode()
    assert Account.objects.get(id=town.actor("archivist").id).own_keys == {}


def test_only_known_acts_have_keys() -> None:
    assert "没有快捷键" in own_keys.problem({"w": "s"})
    assert own_keys.problem({}) == ""
