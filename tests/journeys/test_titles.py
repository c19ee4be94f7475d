"""A day over real titles: an agency is set up, its catalogue of many thousand comes in, a year of it is arranged, fixed and printed, and
but for the choice of the file no hand leaves the keyboard."""

import csv
import re
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Bare

pytestmark = [pytest.mark.corpus, pytest.mark.slow, pytest.mark.needs("chromium")]
LARGE = "公文目录_国务院及六省市.csv"
YEAR = "2019"
LONG = 120_000


def test_from_set_up_to_the_printed_catalogue(bare: Bare, corpus: Path) -> None:
    titles = of_the_year(corpus / "catalogue" / LARGE)
    set_up(bare)
    page = bare.first("archivist")
    receive(page, corpus / "catalogue" / LARGE)
    arrange(page, f"{bare.place.address}/arrange/?year={YEAR}&department=BGS", len(titles))
    fix(page, len(titles))
    text = printed(page)
    assert [title for title in titles if squeezed(title) not in text] == []
    assert bare.place.complaints == []


def of_the_year(path: Path) -> list[str]:
    """Return the titles of the rows whose document was made in the year."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row["题名"] for row in csv.DictReader(stream) if row["成文日期"].startswith(YEAR)]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def set_up(bare: Bare) -> None:
    """Name the agency and found its office."""
    page = bare.first("sysadmin")
    page.locator(".setup__step").first.get_by_role("link").press("Enter")
    page.locator("#u-name").fill("云汀市水务局")
    page.keyboard.press("Enter")
    expect(page.locator(".agency__unit")).to_contain_text("云汀市水务局")
    page.locator(".agency__add input[name=code]").fill("BGS")
    page.locator(".agency__add input[name=name]").fill("办公室")
    page.keyboard.press("Enter")
    expect(page.locator("table[data-list]")).to_contain_text("办公室")


def palette(page: Page, words: str) -> None:
    """Go where words lead in the list of every place and act."""
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def receive(page: Page, path: Path) -> None:
    """Send the catalogue in and wait until every row of it is a record."""
    with page.expect_navigation():
        palette(page, "去接收")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.locator("#up-channel").press("End")
    page.locator("#up-department").press("End")
    page.locator("#up-title").fill("历年文件目录")
    with page.expect_file_chooser() as chooser:
        page.locator("input[type=file]:not([webkitdirectory])").press("Enter")
    chooser.value.set_files(str(path))
    page.wait_for_url("**/intake/01*/")
    expect(page.locator(".batch-head")).to_contain_text("已接收 16\u2009196 件", timeout=LONG)
    expect(page.locator("[data-awaits]")).to_have_count(0, timeout=40000)  # a page drawn in the midst is drawn anew
    expect(page.locator(".batch-head")).not_to_contain_text("正在整理", timeout=LONG)


def arrange(page: Page, place: str, count: int) -> None:
    """Give a class another period and take that back; then give another the period of the first, which so holds the whole year."""
    page.goto(f"{place}&retention=D30")
    before = listed(page)
    choose(page, "D10")
    assert listed(page) == 0
    page.keyboard.press("z")
    done_in_the_background(page)
    assert listed(page) == before
    page.goto(f"{place}&retention=Y")
    choose(page, "D30")
    page.goto(f"{place}&retention=D30")
    assert listed(page) == count


def listed(page: Page) -> int:
    """Return how many records the list says it has."""
    return int(re.sub(r"\s", "", re.findall(r"\d[\d\s]*", page.locator("[data-where]").inner_text() or "0")[-1]))


def choose(page: Page, retention: str) -> None:
    """Choose all of the list and give it a period, with the arrows of the dialog."""
    page.keyboard.press("Control+a")
    page.keyboard.press("y")
    value = page.locator("dialog#dialog input[name=value]:checked")
    while not value.count() or value.input_value() != retention:
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    done_in_the_background(page)


def done_in_the_background(page: Page) -> None:
    """Wait for what tells of the end of the work: quick work is told at once, other work offers to look again."""
    told = page.locator(".toast").filter(has_text=re.compile("后台作业做完了|已撤销|已固定|已改好")).first
    expect(told).to_be_visible(timeout=LONG)
    again = told.get_by_role("button", name="刷新")
    if again.count():
        with page.expect_navigation():
            again.press("Enter")


def fix(page: Page, count: int) -> None:
    """Fix the class for good: Enter alone does not, the seal must be gone to."""
    page.keyboard.press("f")
    expect(page.locator("dialog#dialog")).to_contain_text("固定后档号和顺序不能再改")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    done_in_the_background(page)
    expect(page.locator("tr[data-row]").first).to_contain_text("档号已固定")


def printed(page: Page) -> str:
    """Print the catalogue of the class and return what it says, without blanks."""
    with page.context.expect_event("request", lambda asked: "/forms/" in asked.url) as opened:
        palette(page, "归档文件目录")
    answer = page.context.request.get(opened.value.url, timeout=LONG)
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.body()) as document:
        return squeezed("".join(sheet.get_textpage().get_text_range() for sheet in document))
