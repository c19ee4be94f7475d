"""Installations for the journeys, served and looked at through a browser that can reach nothing else: a demonstration for a module, and
one that is bare."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support.screens import CHROMIUM, FLAGS, ROOT, serving, sign_in

OWN = "Yunting-2026-q"
PAPER = "关于做好冬季供暖保障工作的通知\n\n各科室：\n请于十一月十五日前完成供暖设备检修。\n\n云汀市发展和改革委员会\n2024年11月1日\n"


@dataclass
class Place:
    """A running installation and a browser."""

    address: str
    password: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def enter(self, login: str, **more: object) -> Page:
        """Sign in and return the page; what the console complains of is kept."""
        page = self.visit(**more)
        sign_in(page, self.address, login, self.password)
        return page

    def visit(self, **more: object) -> Page:
        """Return a page of a browser that nobody has signed in with."""
        context: BrowserContext = self.browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}, **more)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(15000)
        page.on("console", self._complain)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _complain(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "401" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demonstration, served, and a browser that can reach nothing else."""
    data = tmp_path_factory.mktemp("journey") / "data"
    environment = os.environ | {"LANTAI_DATA": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": ""}
    command = [sys.executable, "-m", "lantai.cli.main", "--data", str(data), "demo", "--no-serve", "--size", "16"]
    subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True)
    password = (data / "demo-password.txt").read_text().strip()
    with serving(data) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Place(address, password, browser)
        browser.close()


def send_papers(page: Page, place: Place, folder: Path, count: int, about: str) -> None:
    """Send some papers of the office in, and open the list in which they wait to be arranged."""
    page.goto(f"{place.address}/intake/?new")
    page.select_option("#up-department", "BGS")
    page.fill("#up-title", f"办公室补送{about}材料")
    papers = []
    for at in range(count):
        papers.append(folder / f"关于第{at}号{about}情况的报告.txt")
        papers[-1].write_text(PAPER.replace("冬季供暖保障工作", f"第{at}号{about}"), encoding="utf-8")
    page.set_input_files("input[type=file]:not([webkitdirectory])", [str(path) for path in papers])
    page.wait_for_url("**/intake/01*/")
    expect(page.locator(".batch-head")).to_contain_text(f"已接收 {count} 件", timeout=40000)
    expect(page.locator("[data-awaits]")).to_have_count(0, timeout=40000)  # a page drawn in the midst is drawn anew
    rows = page.locator("tr[data-row]")
    for _ in range(20):
        page.goto(f"{place.address}/arrange/?year=2024&department=BGS&words=号{about}")
        if rows.count() == count:
            break
        page.wait_for_timeout(1000)
    expect(rows).to_have_count(count)


@pytest.fixture
def no_complaints(place: Place) -> Iterator[None]:
    """Nothing is blocked by the content policy and no script fails, in any journey."""
    place.complaints.clear()
    yield
    assert place.complaints == []


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
        page.wait_for_load_state("load")
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
