"""Scans by keyboard alone, in a real browser: pages described and submitted, judged on the light table, signed by two; and every
screen there is, looked at by axe-core."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.journeys.test_archivist import Place
from tests.support.accessible import violations
from tests.support.screens import CHROMIUM, FLAGS, ROOT, Screen, act, serving

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]
PICTURES = ROOT / "screens"


@dataclass
class Town(Place):
    """A place whose screens are known."""

    screens: list[Screen] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A small demonstration with a batch of four items and something on every screen, served."""
    data = tmp_path_factory.mktemp("scans") / "data"
    own = {"LANTAI_DATA": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": ""}
    environment = os.environ | own | {"DJANGO_SETTINGS_MODULE": "lantai.server.settings"}
    for command in (
        ["lantai.cli.main", "--data", str(data), "demo", "--no-serve", "--size", "8"],
        ["tests.support.scan_town", str(data), "4", "12"],
    ):
        done = subprocess.run([sys.executable, "-m", *command], check=True, env=environment, cwd=ROOT, capture_output=True)
    screens = [Screen(**screen) for screen in json.loads(done.stdout.splitlines()[-1])]
    password = (data / "demo-password.txt").read_text().strip()
    with serving(data) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Town(address, password, browser, screens=screens)
        browser.close()


@pytest.fixture(scope="module")
def amiss(place: Town) -> dict[str, list[str]]:
    """What axe-core finds on each screen, light and dark, before any journey has emptied it; a picture of each stays in ``screens/``."""
    found: dict[str, list[str]] = {}
    PICTURES.mkdir(exist_ok=True)
    pages = {
        login: place.enter(login, reduced_motion="reduce") if login else place.visit(reduced_motion="reduce")
        for login in {screen.login for screen in place.screens}
    }
    for screen in place.screens:
        page = pages[screen.login]
        page.goto(f"{place.address}{screen.path}")
        with suppress(Error):
            act(page, screen)
        page.screenshot(path=PICTURES / f"{screen.name}.png")
        found[screen.name] = violations(page)
        page.screenshot(path=PICTURES / f"{screen.name}-dark.png")  # the theme that axe-core looked at last
    for page in pages.values():
        page.context.close()
    place.complaints.clear()
    return found


def test_axe_finds_nothing_amiss_on_any_screen(amiss: dict[str, list[str]]) -> None:
    assert len(amiss) > 50
    assert {name: lines for name, lines in amiss.items() if lines} == {}


def at(page: Page) -> str:
    """The name of the field that has the focus."""
    return str(page.evaluate("document.activeElement.name || ''"))


@pytest.mark.usefixtures("amiss")
def test_four_items_are_described_judged_and_signed(place: Place) -> None:
    page = place.enter("shen")
    page.goto(f"{place.address}/describe/")
    describe_the_first(page)
    for left in (2, 1, 0):
        submit_with_few_keys(page, left)
    expect(page.locator(".empty h2")).to_have_text("没有等着著录的件")
    judge(place.enter("luo"), place)
    page.goto(f"{place.address}/inspect/")
    sign(page)
    expect(page.locator(".toast").filter(has_text="验收通过").last).to_be_visible()
    assert place.complaints == []


def describe_the_first(page: Page) -> None:
    """Type, take a box, draw one, and submit, with the keyboard alone."""
    expect(page.locator(".box:visible").first).to_be_visible()
    assert at(page)
    page.locator("#e-title").focus()
    page.keyboard.press("End")
    page.keyboard.type("（试改）")
    expect(page.locator('[data-entry="title"] [data-person]')).to_be_visible()
    page.locator("#e-annotation").focus()
    page.keyboard.press("Alt+1")
    expect(page.locator("#e-annotation")).not_to_have_value("")
    page.keyboard.press("F2")
    expect(page.locator("[data-drawn]:not([hidden])")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#e-annotation").fill("")
    page.locator("#e-keyword").focus()
    offer = page.locator("[data-offer][data-next]")
    expect(offer).to_be_visible()
    value = offer.get_attribute("data-offer") or ""
    page.keyboard.press("Enter")
    expect(page.locator("#e-keyword")).to_have_value(value)
    submit_with_few_keys(page, 3)


def submit_with_few_keys(page: Page, left: int) -> None:
    """Submit a page with Enter for what must be looked at and one chord; at most three keys."""
    keys = 0
    while page.locator('[data-count="must"]').inner_text() != "0":
        page.keyboard.press("Enter")
        keys += 1
    address = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda now: now != address)
    assert keys + 1 <= 3, left


def judge(page: Page, place: Place) -> None:
    page.goto(f"{place.address}/inspect/")
    page.get_by_role("button", name="抽取样本").press("Enter")
    expect(page.locator(".toast").filter(has_text="已抽取样本").last).to_be_visible()
    cards = page.locator("[data-card]")
    count = cards.count()
    page.keyboard.press("3")
    page.keyboard.press("u")
    expect(page.locator(".toast").filter(has_text="已撤销").last).to_be_visible()
    while page.locator('[data-card][aria-current="true"]').get_attribute("data-card") != cards.first.get_attribute("data-card"):
        page.keyboard.press("ArrowLeft")
    for _ in range(count):
        page.keyboard.press("1")
    expect(page.locator('[data-card]:not([data-verdict="good"])')).to_have_count(0)
    expect(page.locator("[data-undecided]")).to_have_text("0", timeout=15000)
    for key in ("c", "z", "c", "z"):
        page.keyboard.press(key)
    sign(page)
    expect(page.locator(".toast").filter(has_text="还要另一人签署").last).to_be_visible()


def sign(page: Page) -> None:
    page.get_by_role("button", name="签署验收").press("Enter")
    sampled = page.locator("dialog#dialog .pairs dd").first.inner_text().split(" ")[0]
    page.locator("dialog#dialog input[name=count]").fill(sampled)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
