"""A large package goes up in parts from a real browser: the server is killed on the way, the page is left, and every byte arrives."""

import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.screens import CHROMIUM, FLAGS, ROOT, serving, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@dataclass
class Place:
    """An installation that can be started and killed, and a browser."""

    data: Path
    password: str
    browser: Browser


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A small demonstration whose parts are small."""
    data = tmp_path / "data"
    for name, value in {"UPLOAD_WHOLE_BYTES": "100000", "UPLOAD_PART_BYTES": "65536"}.items():
        monkeypatch.setenv(f"LANTAI_{name}", value)
    environment = os.environ | {"LANTAI_DATA": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": ""}
    command = [sys.executable, "-m", "lantai.cli.main", "--data", str(data), "demo", "--no-serve", "--size", "4"]
    subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Place(data, (data / "demo-password.txt").read_text().strip(), browser)
        browser.close()


def _package(path: Path) -> Path:
    dice = random.Random(3)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("通知/关于值班的通知.txt", "关于值班的通知\n各科室：请按表值班。\n")
        archive.writestr("通知/附件.bin", dice.randbytes(4_000_000))
    return path


def _choose(page: Page, address: str, package: Path) -> None:
    page.goto(f"{address}/intake/?new")
    page.fill("#up-title", "年度大包")
    page.set_input_files("input[type=file]:not([webkitdirectory])", str(package))


def test_killed_and_left_on_the_way(place: Place, tmp_path: Path) -> None:
    package = _package(tmp_path / "年度大包.zip")
    page = place.browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(30000)
    with serving(place.data) as address:
        sign_in(page, address, "shen", place.password)
        page.route("**/intake/sending/*/20", lambda route: route.abort())
        page.route("**/intake/sending/*/40", lambda route: None)  # held back, so that there is something to stop on a fast machine too
        _choose(page, address, package)
        words = page.locator("[data-upload-words]")
        expect(words).to_contain_text("与服务器断开，接上后从断处继续", timeout=30000)
        page.unroute("**/intake/sending/*/20")
        expect(words).to_contain_text("正在送入", timeout=30000)
        page.get_by_role("button", name="停下").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".toast").filter(has_text="已停下").last).to_be_visible()
        page.unroute("**/intake/sending/*/40")
    with serving(place.data) as address:
        page.goto(f"{address}/intake/?new")
        expect(page.locator(".unfinished")).to_contain_text("年度大包")
        _choose(page, address, package)
        page.wait_for_url("**/intake/01*/")
        expect(page.locator(".toast").filter(has_text="摘要相符").last).to_be_visible()
        expect(page.locator("#batch-title")).to_have_text("年度大包")
        assert not list((place.data / "unfinished").iterdir())
