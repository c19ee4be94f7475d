"""Out of the house from a real browser: everything a search found as packages, and a transfer from its draft to its package."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

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
        _transfer(page, address, tmp_path)
        browser.close()


def _export(page: Page, address: str, folder: Path) -> None:
    page.goto(f"{address}/search/?state=archived&q=")
    page.get_by_role("button", name="导出查到的").click()
    dialog = page.locator("dialog#dialog")
    dialog.locator("input[value=csip]").check(force=True)
    dialog.get_by_role("button", name="导出").last.click()
    expect(page.locator(".toast")).to_contain_text("正在导出")
    _until(page, lambda: page.get_by_role("link", name="下载").count() > 0)
    with page.expect_download() as got:
        page.get_by_role("link", name="下载").click()
    got.value.save_as(folder / "export.zip")
    with zipfile.ZipFile(folder / "export.zip") as archive:
        packages = {name.split("/")[0] for name in archive.namelist()}
        assert len(packages) > 20
        assert all(f"{name}/METS.xml" in archive.namelist() for name in packages)


def _transfer(page: Page, address: str, folder: Path) -> None:
    page.goto(f"{address}/transfers/")
    page.get_by_text("拟定移交").click()
    page.fill("input[name=receiver]", "云汀市档案馆")
    page.fill("input[name=last_year]", "2022")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("已拟定移交")
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


def _until(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(60):
        if is_so():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("not done in a minute")
