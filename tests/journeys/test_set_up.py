"""Set-up of an agency from nothing: what ``init`` leaves, then browsers alone, until the first volume of records may come."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Bare

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


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
    expect(page.locator(".toast").filter(has_text="门类 WS 的规则已存").last).to_be_visible()

    page.goto(f"{bare.place.address}/system/schedule/?line=R01")
    page.fill("#s-any", "请示、批复、防汛")
    page.fill("#s-reason", "合本单位职能")
    page.get_by_role("button", name="写入拟订稿").click()
    expect(page.locator(".toast").filter(has_text="拟订稿").last).to_be_visible()
    page.goto(f"{bare.place.address}/system/schedule/?view=draft")
    for field, told in (("input[name=authority]", "云汀市档案局"), ("#a-number", "云档函〔2026〕3号"), ("#a-day", "2026-03-12")):
        page.fill(field, told)
    page.get_by_role("button", name="采用").click()
    expect(page.locator(".toast").filter(has_text="采用").last).to_be_visible()

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
