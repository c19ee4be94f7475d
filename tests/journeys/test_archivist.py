"""A day of the archivist through the public doors: browser, server, worker, vault. Nothing here reaches into the program."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PAPER, Place, send_papers
from tests.support.screens import sign_in

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium"), pytest.mark.usefixtures("no_complaints")]


def shows_what_became_of_it(page: Page) -> None:
    """The page of a batch that is taken in is drawn anew by itself once there is something to show."""
    expect(page.locator(".batch-head")).to_contain_text("已接收 1 件", timeout=40000)
    expect(page.locator("[data-awaits]")).to_have_count(0, timeout=40000)  # a page drawn in the midst is drawn anew
    expect(page.locator("main")).to_contain_text("进出相符", timeout=40000)
    expect(page.locator("main")).not_to_contain_text("正在接收和检测")


def test_from_a_file_to_a_proved_record(place: Place, tmp_path: Path) -> None:
    paper = tmp_path / "关于做好冬季供暖保障工作的通知.txt"
    paper.write_text(PAPER, encoding="utf-8")
    page = place.enter("shen")
    page.goto(f"{place.address}/intake/?new")
    page.select_option("#up-department", "BGS")
    page.fill("#up-title", "办公室补送")
    page.set_input_files("input[type=file]:not([webkitdirectory])", str(paper))
    page.wait_for_url("**/intake/01*/")
    expect(page.locator("#batch-title")).to_have_text("办公室补送")
    expect(page.locator(".toast").filter(has_text="已送入 1 个文件").last).to_be_visible()
    shows_what_became_of_it(page)

    page.goto(f"{place.address}/arrange/?year=2024&department=BGS")
    page.fill("input[name=words]", "供暖")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(1, timeout=20000)
    title = page.locator("#f-title")
    title.fill("云汀市发展和改革委员会关于做好冬季供暖保障工作的通知")
    page.fill("#f-author", "云汀市发展改革委")
    page.select_option("#f-retention", "D10")
    expect(page.locator("[data-unsaved]")).to_have_text("3 处未保存")
    page.locator("tr[data-row] a").click()
    expect(page.locator(".toast").filter(has_text="先保存或放弃").last).to_be_visible()
    expect(title).to_have_value("云汀市发展和改革委员会关于做好冬季供暖保障工作的通知")
    told_at_its_field(place, page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".toast").filter(has_text="已保存").last).to_be_visible()

    page.goto(f"{place.address}/arrange/?year=2024&department=BGS&retention=D10")
    page.locator("body").press("f")
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_contain_text("固定后档号和顺序不能再改")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.locator("body").press("f")
    dialog.get_by_role("button", name="落印").click()
    expect(page.locator(".toast").filter(has_text="已固定").last).to_be_visible()

    expect_archived(page, place, "冬季供暖")
    page.locator("body").press("v")
    expect(page.locator(".verdict__says")).to_have_text("与归档时一致")
    expect(page.locator(".verdict .seal")).to_have_text("核讫")
    expect(page.locator("#proof")).to_contain_text("账本")


def told_at_its_field(place: Place, page: Page) -> None:
    """A wrong value is told where it was typed, and nothing that was typed is lost."""
    date, said = page.locator("#f-date"), page.locator("#error-f-date")
    date.fill("20240231")
    date.press("Control+Enter")
    expect(said).to_contain_text("「20240231」不是一个真实的日期。日期写作 20240312")
    expect(date).to_have_attribute("aria-invalid", "true")
    expect(date).to_be_focused()
    expect(page.locator("#errors")).to_be_empty()
    expect(page.locator("#f-author")).to_have_value("云汀市发展改革委")
    date.fill("20241101")
    expect(said).to_have_count(0)
    assert all("422" in each for each in place.complaints)
    place.complaints.clear()


def test_many_records_are_arranged_by_keyboard_alone(place: Place, tmp_path: Path) -> None:
    page = place.enter("shen")
    send_papers(page, place, tmp_path, 4, "锅炉检修")
    for key in ("x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    page.keyboard.press("y")
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_contain_text("把 3 件的保管期限改为")
    page.keyboard.press("Space")
    expect(dialog.locator("#foresee tbody tr").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".toast").filter(has_text="3 件的保管期限已改好").last).to_be_visible()
    page.reload()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").filter(has_text="3 件恢复原样").last).to_be_visible()
    compose_two(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("导入改好")
    page.keyboard.press("Enter")
    expect(page.locator("#s-file")).to_be_visible()


def compose_two(page: Page) -> None:
    """Make one item of the first two rows of four, and take it back after a reload, by keyboard."""
    rows, dialog = page.locator("tr[data-row]"), page.locator("dialog#dialog")
    for key in ("x", "j", "x", "h"):
        page.keyboard.press(key)
    expect(dialog).to_contain_text("把 2 件合为一件")
    second = dialog.locator("[name=part]").nth(1).input_value()
    dialog.locator("[name=role]").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(dialog.locator("[name=part]").first).to_have_value(second)
    dialog.get_by_role("button", name="合为一件").press("Enter")
    expect(page.locator(".toast").filter(has_text="2 件已合为一件").last).to_be_visible()
    expect(rows).to_have_count(3)
    page.reload()
    page.keyboard.press("z")
    expect(page.locator(".toast").filter(has_text="2 件恢复原样").last).to_be_visible()
    expect(rows).to_have_count(4)


def expect_archived(page: Page, place: Place, words: str) -> None:
    """Search until the worker has put the record into the vault and the index, then open it."""
    for _ in range(40):
        page.goto(f"{place.address}/search/?q={words}")
        if page.locator(".found").count():
            page.locator(".found h2 a").first.click()
            page.goto(
                page.locator("[data-key=o]").get_attribute("href")
                and place.address + str(page.locator("[data-key=o]").get_attribute("href"))
            )
            if page.get_by_text("已归档，档号固定").count():
                return
        page.wait_for_timeout(500)
    raise AssertionError("not archived in time")


def test_the_hand_stays_on_the_keyboard(place: Place) -> None:
    page = place.enter("shen")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0  # panes scroll, the page does not
    page.locator("body").press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("body").press("g")
    page.locator("body").press("s")
    page.wait_for_url("**/search/")
    expect(page.locator("[data-search-main]")).to_be_focused()
    page.keyboard.type("通知 gi?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?*")
    expect(page.locator("[data-search-main]")).to_have_value("通知 gi?")
    page.goto(f"{place.address}/search/?q=通知")
    first = page.locator(".found[aria-current=true] h2").inner_text()
    page.locator("body").press("j")
    expect(page.locator(".found[aria-current=true] h2")).not_to_have_text(first)
    expect(page.locator(".found[aria-current=true]")).to_be_focused()
    page.wait_for_url("**hit=*")
    page.locator("body").press("/")
    expect(page.locator("[data-search-main]")).to_be_focused()


def test_a_page_is_read_larger_and_its_hits_are_marked(place: Place) -> None:
    page = place.enter("shen")
    # Of a year of the demonstration: what other journeys sent in as plain text has no page to look at.
    page.goto(f"{place.address}/search/?q=云汀市&year=2022")
    # By its address: on a busy machine the preview may still be changing places under the mouse.
    page.goto(place.address + str(page.locator("a", has_text="打开全件").first.get_attribute("href")))
    page.wait_for_selector(".leaf__hit")
    expect(page.locator(".viewer__told")).to_contain_text("检索词共")
    page.keyboard.press("z")
    expect(page.locator(".leaf--width")).to_be_visible()
    page.keyboard.press("+")
    expect(page.locator(".leaf--percent img")).to_have_attribute("width", "794")
    page.click("text=不再标出")
    expect(page.locator(".leaf__hit")).to_have_count(0)
    expect(page.locator(".leaf--percent")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("article.sheet--text")).to_be_visible()


def test_composing_text_is_no_shortcut(place: Place) -> None:
    page = place.enter("shen")
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true, isComposing: true}))")
    expect(page.locator("dialog#keys")).not_to_be_visible()
    page.locator("details.who summary").click()
    page.locator("[data-single-keys]").uncheck()
    page.locator("body").press("?")
    expect(page.locator("dialog#keys")).not_to_be_visible()


def test_an_expired_session_asks_in_place_and_loses_nothing(place: Place) -> None:
    page = place.enter("shen")
    page.goto(f"{place.address}/search/?q=通知")
    page.context.clear_cookies(name="lantai_session")
    page.locator(".found h2 a").nth(1).click()
    again = page.locator("dialog#sign-in-again")
    expect(again).to_be_visible()
    page.fill("#again-password", place.password)
    again.get_by_role("button", name="登录").click()
    expect(again).not_to_be_visible()
    page.locator(".found h2 a").nth(1).click()
    page.wait_for_url("**hit=*")


def test_a_form_outlives_its_session_and_is_sent_once_signed_in_again(place: Place) -> None:
    page = place.enter("shen")
    page.goto(f"{place.address}/system/schedule/?line=R01")
    reason = page.locator("#s-reason")
    reason.fill("合本单位职能")
    page.fill("#s-any", "请示、批复、防汛")
    page.context.clear_cookies()
    page.get_by_role("button", name="写入拟订稿").click()
    again = page.locator("dialog#sign-in-again")
    expect(again).to_be_visible()
    page.fill("#again-password", place.password)
    page.keyboard.press("Enter")
    expect(again).not_to_be_visible()
    expect(reason).to_have_value("合本单位职能")
    page.get_by_role("button", name="写入拟订稿").click()
    expect(page.locator(".toast").filter(has_text="拟订稿").last).to_be_visible()


def test_another_window_that_signs_in_anew_leaves_the_forms_of_this_one_valid(place: Place) -> None:
    page = place.enter("shen")
    page.goto(f"{place.address}/keys/")
    page.context.clear_cookies(name="lantai_session")
    sign_in(page.context.new_page(), place.address, "shen", place.password)
    page.get_by_role("button", name="都用通常的").click()
    expect(page.locator(".toast").filter(has_text="快捷键已存").last).to_be_visible()


def test_bulk_work_says_how_many(place: Place, tmp_path: Path) -> None:
    page = place.enter("shen")
    folder = tmp_path / "移交"
    folder.mkdir()
    for at in range(3):
        (folder / f"关于第{at}号防汛工作的通知.txt").write_text(f"关于第{at}号防汛工作的通知\n2023年7月{at + 1}日\n", encoding="utf-8")
    page.goto(f"{place.address}/intake/?new")
    page.select_option("#up-department", "GHK")
    page.set_input_files("input[type=file]:not([webkitdirectory])", [str(path) for path in sorted(folder.iterdir())])
    page.wait_for_url("**/intake/01*/")
    expect(page.locator(".batch-head")).to_contain_text("已接收 3 件", timeout=40000)
    expect(page.locator("[data-awaits]")).to_have_count(0, timeout=40000)  # a page drawn in the midst is drawn anew
    page.goto(f"{place.address}/arrange/?year=2023&department=GHK&words=防汛&fixed=0")
    for _ in range(20):
        if page.locator("tr[data-row]").count() == 3:
            break
        page.wait_for_timeout(500)
        page.reload()
    page.locator("body").press("j")
    page.locator("body").press("x")
    page.locator("body").press("j")
    page.locator("body").press("j")
    page.locator("body").press("Shift+X")
    expect(page.locator("#bulk")).to_contain_text("已选")
    page.locator("[data-tick-all]").check()
    expect(page.locator("#bulk")).to_contain_text("已选 3 件")
    page.locator("body").press("y")
    page.locator("dialog#dialog .chip", has_text="永久").click()
    page.get_by_role("button", name="改 3 件").click()
    expect(page.locator(".toast").filter(has_text="3 件的保管期限已改好").last).to_be_visible()


def test_the_theme_follows_the_person(place: Place) -> None:
    page = place.enter("han", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("details.who summary").click()
    with page.expect_response(f"{place.address}/theme"):
        page.get_by_title("深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_page_itself_never_scrolls_sideways(place: Place) -> None:
    page = place.enter("shen")
    for width, height in ((1440, 900), (1366, 768), (683, 384)):
        page.set_viewport_size({"width": width, "height": height})
        for address in ("/", "/intake/?list=all", "/search/?q=通知"):
            page.goto(f"{place.address}{address}")
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (address, width)


def test_the_auditor_sees_the_day_and_changes_nothing(place: Place) -> None:
    page = place.enter("liang")
    page.locator("body").press("g")
    page.locator("body").press("u")
    page.wait_for_url("**/audit/")
    # The worker may have told of something since: the auditor's own sign-in is among the newest, not always the first.
    expect(page.locator("tr[data-row]", has_text="登录").filter(has_text="梁").first).to_be_visible()
    page.locator("body").press("j")
    page.wait_for_url("**event=*")
    expect(page.locator(".event")).to_contain_text("类型")


def test_a_delivery_is_decided_by_keyboard_alone(place: Place, tmp_path: Path) -> None:
    good, bad = tmp_path / "关于做好防汛值守工作的通知.txt", tmp_path / "附表.pdf"
    good.write_text(PAPER.replace("供暖", "防汛"), encoding="utf-8")
    bad.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")
    page = place.enter("shen")
    send_in(page, place, "办公室防汛材料", [str(good), str(bad)])
    expect(page.locator(".batch-head")).to_contain_text("接收合格 1 件", timeout=40000)
    for key in ("g", "i"):
        page.keyboard.press(key)
    expect(page.locator("#batch-title")).to_have_text("办公室防汛材料")
    evidence, bulk = page.locator("#evidence"), page.locator("#bulk")
    expect(evidence.locator(".pane__head")).to_contain_text("1 / ")
    page.keyboard.press("j")
    expect(evidence.locator(".pane__head")).to_contain_text("2 / ")
    page.keyboard.press("k")
    expect(evidence.locator(".pane__head")).to_contain_text("1 / ")
    page.keyboard.press("x")
    expect(bulk).to_contain_text("已选 1 条")
    page.keyboard.press("Escape")
    expect(bulk).not_to_be_visible()
    give_back_by_keys(page)
    page.keyboard.press("a")
    expect(page.locator(".toast").filter(has_text="已接收 1 件").last).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_contain_text("退回此件")
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    for hidden in (".rail", ".top", ".status", "#batch-live .button"):
        expect(page.locator(hidden).first).not_to_be_visible()
    expect(page.locator("table.lines")).to_be_visible()


def send_in(page: Page, place: Place, title: str, files: list[str]) -> None:
    """Send files in as the office's delivery, which waits for a person."""
    page.goto(f"{place.address}/intake/?new")
    page.select_option("#up-channel", "oa")
    page.select_option("#up-department", "BGS")
    page.fill("#up-title", title)
    page.set_input_files("input[type=file]:not([webkitdirectory])", files)
    page.wait_for_url("**/intake/01*/")


def give_back_by_keys(page: Page) -> None:
    """Return the record at hand; the bar that does it is in sight on a small screen and says the reason."""
    bar = page.locator(".evidence__bar")
    box = bar.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 768
    page.keyboard.press("r")
    expect(page.locator("input[name=reason]:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(bar).to_contain_text("理由：附件缺失")
    page.keyboard.press("Tab")
    page.keyboard.type("请重新导出附表后单独移交。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").filter(has_text="已退回 1 件").last).to_be_visible()
    expect(page.locator(".batch-note")).to_contain_text("附件缺失")


def test_a_volume_is_made_ordered_fixed_and_printed_by_own_keys(place: Place, tmp_path: Path) -> None:
    page = place.enter("shen")
    own_key(page, place, "v", "b")
    by_volume(page, place)
    send_papers(page, place, tmp_path, 3, "账簿移交")
    dialog = page.locator("dialog#dialog")
    choose_three(page, "e")
    dialog.locator("#b-value").fill("KU")
    dialog.locator("#b-field").select_option("category")
    dialog.get_by_role("button", name="改 3 件").press("Enter")
    expect(page.locator(".toast").filter(has_text="3 件的门类已改好").last).to_be_visible()
    page.goto(f"{place.address}/arrange/?category=KU&year=2024&department=BGS&fixed=0")
    choose_three(page, "b")
    expect(dialog).to_contain_text("把 3 件组成一卷")
    page.keyboard.type("云汀市发展和改革委员会人事工作的请示、报告")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").filter(has_text="组成一卷").last).to_be_visible()
    page.goto(f"{place.address}/arrange/volumes/?year=2024&department=BGS")
    page.locator("tr.volumes__head a").press("Enter")
    items = page.locator("tr.volumes__item")
    expect(items).to_have_count(3)
    first = items.first.locator("a").inner_text()
    items.first.locator("a").press("Enter")
    expect(page.locator("#f-title")).to_be_visible()
    page.locator("body").press("Alt+ArrowDown")
    expect(items.nth(1)).to_contain_text(first)
    page.locator("body").press("z")
    expect(items.first).to_contain_text(first)
    page.locator("tr.volumes__head a").press("Enter")
    page.locator("body").press("f")
    dialog.get_by_role("button", name="落印").press("Enter")
    expect(page.locator(".toast").filter(has_text="已固定").last).to_be_visible()
    for name in ("案卷封面", "卷内文件目录", "卷内备考表"):
        printed = page.request.get(place.address + str(page.get_by_role("link", name=name).get_attribute("href")))
        assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    expect(page.get_by_role("button", name="固定本卷")).to_have_count(0)
    own_key(page, place, "v", "v")  # the other journeys of this person go by the usual keys


def choose_three(page: Page, then: str) -> None:
    """Select the first three rows and press a key."""
    expect(page.locator("tr[data-row]")).to_have_count(3)
    for key in ("x", "j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    page.keyboard.press(then)


def own_key(page: Page, place: Place, usual: str, own: str) -> None:
    """Exchange a key for another, by keyboard; the list of keys shows it."""
    page.goto(f"{place.address}/keys/")
    page.locator(f"#key-{usual}").focus()
    page.keyboard.press(own)
    page.keyboard.press("Enter")
    expect(page.locator(".toast").filter(has_text="快捷键已存").last).to_be_visible()


def by_volume(page: Page, place: Place) -> None:
    """Let the category of accounts be filed by volume."""
    page.goto(f"{place.address}/system/agency/?category=new")
    page.fill("#k-code", "KU")
    page.fill("#k-name", "会计档案")
    page.select_option("#k-filing", "volume")
    page.fill("#a-template", "{fonds}-{category}·{year}·{retention}-{volume:03d}-{item:03d}")
    page.fill("#k-reason", "按卷整理")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").filter(has_text="规则已存").last).to_be_visible()
