"""Out of the house from a real browser: what a search found as packages, and a transfer from draft to the other house's receipt."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lantai.packages import transfer
from tests.support.screens import CHROMIUM, FLAGS, ROOT, serving, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small demonstration."""
    place = tmp_path / "data"
    environment = os.environ | {"LANTAI_DATA": str(place), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": ""}
    command = [sys.executable, "-m", "lantai.cli.main", "--data", str(place), "demo", "--no-serve", "--size", "24"]
    subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True)
    return place


def test_search_export_and_transfer(data: Path, tmp_path: Path) -> None:
    with serving(data) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(60000)
        sign_in(page, address, "shen", (data / "demo-password.txt").read_text().strip())
        _export(page, address, tmp_path)
        sent = _transfer(page, address, tmp_path)
        receipt = _receive(browser, founded(tmp_path / "receiver"), tmp_path, sent)
        _settle(page, receipt, sent)
        browser.close()


def _export(page: Page, address: str, folder: Path) -> None:
    page.goto(f"{address}/search/?state=archived&q=")
    page.get_by_role("button", name="导出查到的").click()
    dialog = page.locator("dialog#dialog")
    dialog.locator("input[value=csip]").check(force=True)
    dialog.get_by_role("button", name="导出").last.click()
    expect(page.locator(".toast").filter(has_text="正在导出").last).to_be_visible()
    _until(page, lambda: page.get_by_role("link", name="下载").count() > 0)
    with page.expect_download() as got:
        page.get_by_role("link", name="下载").click()
    got.value.save_as(folder / "export.zip")
    with zipfile.ZipFile(folder / "export.zip") as archive:
        packages = {name.split("/")[0] for name in archive.namelist()}
        assert len(packages) > 20
        assert all(f"{name}/METS.xml" in archive.namelist() for name in packages)


FOUND = """
import sys
from pathlib import Path
from lantai.cli.console import start
from lantai.cli.setting_up import found
data = Path(sys.argv[1])
found(data, agency="云汀市档案馆", fonds="Z109", kind="trial")
start(data)
from lantai import wiring
from lantai.demo import run
wiring.provide()
run.install(wiring.house(), "Receiver-2026-x")
"""


def founded(place: Path) -> Path:
    """An installation of another agency, without a record."""
    environment = os.environ | {"LANTAI_DATA": str(place), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LANTAI_DATABASE": ""}
    subprocess.run([sys.executable, "-c", FOUND, str(place)], check=True, env=environment, cwd=ROOT, capture_output=True)
    return place


def _receive(browser: Browser, data: Path, folder: Path, count: int) -> Path:
    """The other side takes the package in by the channel 移交, accepts it, registers the codes, and gives its receipt."""
    with serving(data) as address:
        page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(60000)
        sign_in(page, address, "shen", "Receiver-2026-x")
        page.goto(f"{address}/intake/?new")
        page.select_option("#up-channel", "transfer")
        page.set_input_files("input[type=file]:not([webkitdirectory])", str(folder / "transfer.zip"))
        page.wait_for_url("**/intake/01*/")
        _until(page, lambda: page.get_by_role("button", name=f"接收合格 {count} 件").count() > 0)
        expect(page.locator(".lines__head")).to_contain_text("DA/T 70-2018/1 移交检测")
        page.get_by_role("button", name=f"接收合格 {count} 件").click()
        _until(page, lambda: page.get_by_role("button", name=f"登记原有档号 {count} 件").count() > 0)
        page.get_by_role("button", name="登记原有档号").click()
        _until(page, lambda: page.locator(".steps").inner_text().count(f"{count} / {count}") >= 3)
        page.locator(".papers summary").click()
        with page.expect_download() as got:
            page.get_by_role("link", name="回执数据（JSON）").click()
        got.value.save_as(folder / "回执.json")
        page.context.close()
    return folder / "回执.json"


def _settle(page: Page, receipt: Path, count: int) -> None:
    """The sender enters the receipt: every record is the receiver's, judged there by the transfer gate."""
    page.set_input_files("#receipt", str(receipt))
    page.get_by_role("button", name="登记回执").click()
    _until(page, lambda: page.get_by_text("对方检测").count() > 0)
    expect(page.locator("#act")).to_contain_text("移交检测，")
    expect(page.locator("#act")).to_contain_text(f"接收 {count} 件")
    assert page.locator("#act .badge", has_text="已接收").count() == count


def _transfer(page: Page, address: str, folder: Path) -> int:
    page.goto(f"{address}/transfers/")
    page.get_by_text("拟定移交").click()
    page.fill("input[name=receiver]", "云汀市档案馆")
    page.fill("input[name=last_year]", "2022")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").filter(has_text="已拟定移交").last).to_be_visible()
    page.get_by_role("button", name="移交检测").click()
    _until(page, lambda: page.get_by_role("button", name="形成移交信息包").count() > 0)
    page.get_by_role("button", name="形成移交信息包").click()
    _until(page, lambda: page.get_by_role("link", name="下载移交信息包").count() > 0)
    with page.expect_download() as got:
        page.get_by_role("link", name="下载移交信息包").click()
    got.value.save_as(folder / "transfer.zip")
    with zipfile.ZipFile(folder / "transfer.zip") as archive:
        archive.extractall(folder / "transfer")
    (package,) = (folder / "transfer").iterdir()
    assert [item for item in transfer.validate(package) if item.severity == "error"] == []
    assert (package / "其他" / "移交与接收登记表.pdf").read_bytes().startswith(b"%PDF")
    return len(transfer.read(package).items)


def _until(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(60):
        if is_so():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("not done in a minute")
