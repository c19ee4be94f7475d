"""What surrounds the gates, through the browser: a scheme changed and an item let pass by two persons, metadata, preservation, register."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Place, send_papers

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium"), pytest.mark.usefixtures("no_complaints")]


@pytest.fixture(scope="module")
def second(place: Place) -> Page:
    """Another person: made by one administrator, approved by another, with a password of his own."""
    page = place.enter("tao")
    page.goto(f"{place.address}/accounts/")
    for field, value in (("#a-login", "lu"), ("#a-name", "陆一帆"), ("#a-person", "YT-2099"), ("#a-password", "First-time-2026")):
        page.fill(field, value)
    page.select_option("#a-role", "archivist")
    with page.expect_navigation():
        page.get_by_role("button", name="建立账号").click()
    page = place.enter("chen")
    page.goto(f"{place.address}/accounts/")
    with page.expect_navigation():
        page.get_by_role("row", name="陆一帆").get_by_role("button", name="批准启用").click()
    page = place.visit()
    page.goto(f"{place.address}/login")
    page.fill("#login", "lu")
    page.fill("#password", "First-time-2026")
    page.click("button.button--tall")
    for field, value in (("#old", "First-time-2026"), ("#new", "Second-time-2026"), ("#again", "Second-time-2026")):
        page.fill(field, value)
    page.get_by_role("button", name="换成新口令").click()
    expect(page.locator(".shell")).to_be_visible()
    return page


def test_a_failed_item_is_let_pass_by_two_persons_in_two_browsers(place: Place, second: Page) -> None:
    first = place.enter("shen")
    first.goto(f"{place.address}/intake/overrulings/")
    stopped = first.locator("section.format", has_text="GD-1-1 固化信息有效性检测").first
    title = stopped.locator("h3 a").inner_text()
    item = stopped.locator(".note", has_text="GD-1-1 固化信息有效性检测")
    item.get_by_label("为什么仍可接受").fill("来文单位电话核实，内容无误")
    item.get_by_role("button", name="提出说明接受").click()
    expect(first.locator(".toast").filter(has_text="等另一位档案员确认").last).to_be_visible()
    expect(first.locator("aside", has_text="等另一人确认")).to_contain_text("您提出的，须另一人确认")

    second.goto(f"{place.address}/intake/overrulings/")
    second.get_by_label("您的意见").fill("同意接收")
    second.get_by_role("button", name="经说明接受").click()
    expect(second.locator(".toast").filter(has_text="已经说明接受").last).to_be_visible()
    expect(second.locator("aside", has_text="办过的")).to_contain_text(f"已接受　{title}")
    expect(second.locator("aside", has_text="办过的")).to_contain_text("陆一帆：同意接收")


def test_an_archived_record_is_corrected_by_two_persons_and_both_versions_stay(place: Place, second: Page) -> None:
    first = place.enter("shen")
    first.goto(f"{place.address}/search/?q=通知&state=archived")
    hit = re.search(r"hit=(\w{26})", first.locator(".found__head a").first.get_attribute("href") or "")
    assert hit is not None
    first.goto(f"{place.address}/records/{hit[1]}/")
    first.get_by_role("link", name="看各版本").click()
    title = first.get_by_label("题名 关键", exact=True)
    was = title.input_value()
    title.fill(was + "（更正）")
    first.get_by_label("更正的理由").fill("原题名漏字，依原件改正")
    first.get_by_role("button", name="更正", exact=True).click()
    expect(first.locator(".toast").filter(has_text="等另一位档案员批准").last).to_be_visible()
    expect(first.locator("aside", has_text="更正")).to_contain_text("您提出的，须另一人批准")

    second.goto(first.url)
    second.get_by_label("您的意见").fill("核对原件，同意")
    second.get_by_role("button", name="批准，成为新的一版").click()
    expect(second.locator(".toast").filter(has_text="写成了新的一版").last).to_be_visible()
    expect(second.locator("#differences")).to_contain_text(was + "（更正）")
    expect(second.locator("figure img.sheet")).to_have_count(2)
    second.wait_for_load_state("networkidle")
    assert all(second.locator("figure img.sheet").evaluate_all("all => all.map(one => one.complete && one.naturalWidth > 0)"))


def test_a_scheme_is_changed_and_the_standard_restored(place: Place) -> None:
    page = place.enter("tao")
    page.goto(f"{place.address}/system/checks/?gate=arrival&number=1.01")
    page.select_option("#v-needs_fixity", "yes")
    page.fill("#s-reason", "档案安全检查试行")
    page.get_by_role("button", name="按本机关的规定调整").click()
    expect(page.locator("#cell")).to_contain_text("本机关的规定")
    expect(page.locator("section[aria-label=检测方案]")).to_contain_text("本机关调整了 1 处")
    page.fill("#s-reason", "试行结束")
    page.get_by_role("button", name="恢复标准").click()
    expect(page.locator("#cell")).to_contain_text("按标准")


def test_an_element_of_ones_own_is_adopted_and_filled_in(place: Place) -> None:
    admin = place.enter("tao")
    admin.goto(f"{place.address}/system/metadata/?element=new")
    for field, value in (("#m-name", "印制份号"), ("#m-code", "print_copy_number"), ("#m-pattern", r"\d{6}"), ("#m-reason", "著录细则")):
        admin.fill(field, value)
    with admin.expect_navigation():
        admin.get_by_role("button", name="写入拟订稿").click()
    admin.goto(f"{place.address}/system/metadata/?view=draft")
    expect(admin.locator("main")).to_contain_text("印制份号")
    admin.fill("#a-reason", "办公会定")
    with admin.expect_navigation():
        admin.get_by_role("button", name=re.compile("采用为第")).click()
    admin.goto(f"{place.address}/system/metadata/?view=versions")
    expect(admin.locator("main")).to_contain_text("现行")
    page = place.enter("shen")
    page.goto(f"{place.address}/arrange/")
    page.locator("tr[data-row] a").first.click()
    expect(page.locator("#form")).to_contain_text("印制份号")


def test_a_preservation_run_is_started_and_read(place: Place) -> None:
    page = place.enter("shen")
    page.goto(f"{place.address}/preserve/")
    page.fill("input[name=share]", "100")
    page.get_by_role("button", name="现在检测").click()
    expect(page.locator("#run")).to_contain_text(re.compile(r"BC-\d{8}-\d{3}"))
    for _ in range(40):
        page.goto(f"{place.address}/preserve/")
        if page.locator("tr[data-row]").first.get_by_text("已完成").count():
            break
        page.wait_for_timeout(500)
    page.locator("tr[data-row] a").first.click()
    expect(page.locator("#run")).to_contain_text("已完成")


def test_a_register_of_finished_documents_is_entered_and_decided(place: Place, tmp_path: Path) -> None:
    table = tmp_path / "办结登记.csv"
    table.write_text(
        "题名,文号,承办部门,办结日期\n关于办公用品采购的请示,云发改〔2023〕901号,办公室,20230512\n会议室使用登记,,办公室,20230601\n",
        "utf-8",
    )
    page = place.enter("shen")
    page.goto(f"{place.address}/register/imports/")
    page.set_input_files("input[type=file]", str(table))
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator(".enter__done")).to_contain_text("新增 2")
    page.goto(f"{place.address}/register/?year=2023")
    page.get_by_role("link", name="会议室使用登记").click()
    document = page.locator("#document")
    document.locator("input[name=reason]").first.check()
    document.get_by_label("情况说明").fill("内部事务登记，不属归档范围")
    document.get_by_role("button", name="判为不应归").click()
    expect(page.locator(".toast").filter(has_text="已判为不应归").last).to_be_visible()
    page.goto(f"{place.address}/register/?year=2023&show=excluded")
    expect(page.locator("tr[data-row]")).to_have_count(1)


def test_two_persons_in_one_list_see_each_other_and_overwrite_nothing(place: Place, second: Page, tmp_path: Path) -> None:
    first = place.enter("shen")
    send_papers(first, place, tmp_path, 1, "供水检修")
    for page in (first, second):
        page.goto(f"{place.address}/arrange/?year=2024&department=BGS&words=号供水检修")
        page.locator("tr[data-row] a.row-link").first.click()
        expect(page.locator("#f-author")).to_be_visible()
    expect(first.locator("#presence")).to_contain_text("陆一帆 也打开着这一件", timeout=15000)
    expect(second.locator("#presence")).to_contain_text("沈静宜 也打开着这一件", timeout=15000)

    first.fill("#f-annotation", "甲写的附注")
    second.fill("#f-annotation", "乙写的附注")
    second.fill("#f-receiver", "各科室")
    first.locator("#f-annotation").press("Control+Enter")
    expect(first.locator(".toast").filter(has_text="已保存").last).to_be_visible()
    second.locator("#f-annotation").press("Control+Enter")
    dialog = second.locator("dialog#dialog")
    expect(dialog).to_contain_text("您和沈静宜都改了这一件，用谁的？")
    expect(dialog.locator(".conflict")).to_have_count(1)
    dialog.get_by_text("乙写的附注").click()
    dialog.get_by_role("button", name="按逐项所选保存").click()
    expect(second.locator(".toast").filter(has_text="已保存").last).to_be_visible()
    first.reload()
    expect(first.locator("#f-annotation")).to_have_value("乙写的附注")
    expect(first.locator("#f-receiver")).to_have_value("各科室")
    place.complaints.clear()  # the refusal of what was stale


def test_a_department_files_and_both_sides_sign(place: Place, tmp_path: Path) -> None:
    department, archives = place.enter("han"), place.enter("shen")
    paper = tmp_path / "关于办公用房调整情况的报告.txt"
    paper.write_text(
        "关于办公用房调整情况的报告\n\n市机关事务管理局：\n调整已经完成。\n\n云汀市发展和改革委员会\n2025年3月4日\n", encoding="utf-8"
    )
    department.goto(f"{place.address}/intake/?new")
    department.fill("#up-title", "办公室三月归档材料")
    department.set_input_files("input[type=file]:not([webkitdirectory])", str(paper))
    department.wait_for_url("**/intake/01*/")
    expect(department.locator(".batch-head")).to_contain_text("已接收 1 件", timeout=40000)
    expect(department.locator("[data-awaits]")).to_have_count(0, timeout=40000)  # a page drawn in the midst is drawn anew

    department.goto(f"{place.address}/handover/?new")
    department.fill("input[name=title]", "办公室 2025 年三月移交")
    for box in department.locator("input[name=record]").all():
        box.set_checked(paper.stem in (box.locator("xpath=ancestor::tr").inner_text()))
    department.get_by_role("button", name="编成清单").press("Enter")
    department.locator("input[name=count]").fill("1")
    department.keyboard.press("Enter")
    expect(department.locator(".two__side").first).to_contain_text("韩松")
    archives.goto(department.url)
    archives.locator("input[name=count]").fill("1")
    archives.keyboard.press("Enter")
    expect(archives.locator(".two__side").last).to_contain_text("沈静宜")
    expect(archives.locator(".lists")).to_contain_text("已交接")
    shown = {}
    for page in (archives, department):
        page.goto(f"{place.address}/search/?q=发展和改革委员会")
        shown[page] = page.locator("[name=department]").evaluate_all("boxes => boxes.map((box) => box.value)")
    assert len(shown[archives]) > len(shown[department])
    assert set(shown[department]) <= {"BGS"}
