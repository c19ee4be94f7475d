"""Set-up of an agency from nothing: what ``init`` leaves, then browsers alone, until the first volume of records may come."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.conftest import Place
from tests.support.screens import CHROMIUM, FLAGS, ROOT, serving

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]
OWN = "Yunting-2026-q"


@dataclass
class Bare:
    """An installation as ``init`` left it, served: a browser, and the first passwords by login."""

    place: Place
    passwords: dict[str, str]

    def first(self, login: str) -> Page:
        """Sign in for the first time and choose a password of one's own."""
        page = self.place.visit()
        page.goto(f"{self.place.address}/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", self.passwords[login])
        page.keyboard.press("Enter")
        page.fill("input[name=old]", self.passwords[login])
        page.fill("input[name=new]", OWN)
        page.fill("input[name=again]", OWN)
        page.keyboard.press("Enter")
        expect(page.locator("input[name=again]")).to_have_count(0)
        return page


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Nothing but what ``init`` makes, without even the name of the agency."""
    data = tmp_path_factory.mktemp("nothing") / "data"
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": "", "XDG_CONFIG_HOME": str(home)}
    command = [sys.executable, "-m", "lantai.cli.main", "--data", str(data), "init", "--json", "--fonds", "Y205"]
    done = subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL)
    passwords = {row["login"]: row["password"] for row in json.loads(done.stdout)["accounts"]}
    with serving(data) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Bare(Place(address, OWN, browser), passwords)
        browser.close()


def test_set_up_of_an_agency_from_nothing(bare: Bare) -> None:
    page = bare.first("sysadmin")
    expect(page).to_have_url(f"{bare.place.address}/system/setup/")
    steps = page.locator(".setup__step")
    expect(steps.first).to_contain_text("还没有写立档单位全称")

    steps.first.get_by_role("link").click()
    page.fill("#u-name", "云汀市水务局")
    page.keyboard.press("Enter")
    expect(page.locator(".agency__unit")).to_contain_text("云汀市水务局")
    for code, name in (("BGS", "办公室"), ("GHK", "规划科")):
        page.fill(".agency__add input[name=code]", code)
        page.fill(".agency__add input[name=name]", name)
        page.get_by_role("button", name="设立机构").click()
        expect(page.locator("table[data-list]")).to_contain_text(name)

    page.fill("#a-template", "{fonds}-{category}·{year}·{retention}·{org}-{item:05d}")
    expect(page.locator("#tried")).to_contain_text("Y205-WS·2024·D30·BGS-00012")
    page.fill("#k-reason", "按 DA/T 13 的写法，件号五位")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator(".toast")).to_contain_text("门类 WS 的规则已存")

    page.goto(f"{bare.place.address}/system/schedule/?line=R01")
    page.fill("#s-any", "请示、批复、防汛")
    page.fill("#s-reason", "合本单位职能")
    page.get_by_role("button", name="写入拟订稿").click()
    page.goto(f"{bare.place.address}/system/schedule/?view=draft")
    page.fill("input[name=authority]", "云汀市档案局")
    page.fill("#a-number", "云档函〔2026〕3号")
    page.fill("#a-day", "2026-03-12")
    page.get_by_role("button", name="采用").click()

    page.goto(bare.place.address)
    page.get_by_role("link", name="开始使用").first.click()
    expect(page.locator(".setup")).to_contain_text("4 / 5 步已就绪")
    expect(steps.nth(2)).to_contain_text("1 个档案员还在用初始口令")
    archivist = bare.first("archivist")
    archivist.goto(f"{bare.place.address}/intake/?new")
    expect(archivist.locator("#up-department")).to_contain_text("规划科")
    page.goto(f"{bare.place.address}/system/setup/")
    expect(page.locator(".setup")).to_contain_text("5 / 5 步已就绪")
    expect(page.locator(".setup")).to_contain_text("可以收第一批材料")
    page.goto(bare.place.address)
    expect(page.locator("body")).not_to_contain_text("单位还没有设好")
    assert bare.place.complaints == []
