"""Pictures of the screens: a demonstration in a data folder, the server on loopback, a browser, light and dark.

``python -m tests.support.screens OUT [--data DIR] [--only NAME…]`` writes PNG files into the folder OUT. The data folder is made
with ``lantai demo`` unless it is there, and enriched (material that waits, classes that await their numbers, work in
progress, ten years of holdings that are rows only) so that every screen has something to show.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Error, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
#: True once every image that is in sight has its picture.
DRAWN = """() => [...document.images].every((image) => image.complete || !image.checkVisibility()
    || image.getBoundingClientRect().top > innerHeight)"""
SIZES = ((1440, 900), (1366, 768))
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Screen:
    """One picture: its name, who looks, the address, a key to press or a selector to click before it is taken."""

    name: str
    login: str
    path: str
    click: str = ""
    wait: str = ""


def screens() -> list[Screen]:
    """Return what is pictured; addresses that depend on the data are looked up."""
    from lantai.core.lifecycle import State
    from lantai.shelves.digitising.models import Item, ScanBatch
    from lantai.shelves.holdings.models import Record
    from lantai.shelves.intake.models import Batch
    from lantai.shelves.journal.models import Act

    waiting = Batch.objects.filter(state="waiting").order_by("created_at").last()
    archived = Record.objects.filter(state=State.ARCHIVED, page_count__gt=1, content_version=1).order_by("-document_date").first()
    amended = Record.objects.filter(state=State.ARCHIVED, content_version__gt=1).order_by("-content_version").first() or archived
    batch = ScanBatch.objects.order_by("opened_at").last()
    tried = Act.objects.filter(kind="import", state="tried").last()
    unsure = Item.objects.filter(state="proposed", read__date__confidence__lt=0.8).first()
    return [
        Screen("04-catalogue", "shen", f"/describe/{unsure.id}/" if unsure else "/describe/"),
        Screen("05-qc", "luo", f"/inspect/{batch.id}/" if batch else "/inspect/"),
        Screen("33-digitise", "shen", f"/digitise/{batch.id}/" if batch else "/digitise/"),
        Screen("33b-learned", "shen", "/digitise/learned/"),
        Screen("11b-login", "", "/login"),
        Screen("01-dashboard", "shen", "/"),
        Screen("01b-done", "shen", "/?show=done"),
        Screen("02-ingest", "shen", f"/intake/{waiting.id}/" if waiting else "/intake/"),
        Screen("02b-new", "shen", "/intake/?new"),
        Screen("02c-return", "shen", f"/intake/{waiting.id}/" if waiting else "/intake/", click="text=整批退回", wait="dialog[open]"),
        Screen("03-arrange", "shen", "/arrange/"),
        Screen("03b-bulk", "shen", "/arrange/", click="tbody tr:nth-child(2) .hit", wait="#bulk:not([hidden])"),
        Screen("03c-fix", "shen", "/arrange/", click="text=/固定档号 \\d+/", wait="dialog[open]"),
        Screen("03d-palette", "shen", "/arrange/", click="Control+k", wait="dialog#palette[open]"),
        Screen("03e-sheet", "shen", "/arrange/sheet/"),
        Screen("03m-sheet-tried", "shen", f"/arrange/sheet/{tried.id}/" if tried else "/arrange/sheet/"),
        Screen("03g-compose", "shen", "/arrange/", click="text=改组成、拆件", wait="dialog[open]"),
        Screen("03k-volumes", "shen", "/arrange/volumes/?year=2020&department=BGS", click="text=2020年会计账簿", wait="#v-title"),
        Screen("03i-duplicates", "shen", "/arrange/duplicates/"),
        Screen("03j-judged", "shen", "/arrange/duplicates/?by=judged"),
        Screen("03l-views", "shen", "/arrange/?words=通知", click="text=更多", wait="#view-name"),
        Screen("03h-attach", "shen", "/arrange/attach/"),
        Screen("03j-setup", "tao", "/system/setup/"),
        Screen("03f-agency", "tao", "/system/agency/"),
        Screen("03m-classes", "tao", "/system/classes/?category=KU"),
        Screen("03n-catalogues", "tao", "/system/agency/?category=RS"),
        Screen("12d-own-keys", "shen", "/keys/"),
        Screen("28-schedule", "tao", "/system/schedule/"),
        Screen("28b-schedule-new", "shen", "/system/schedule/?line=new"),
        Screen("28c-schedule-draft", "tao", "/system/schedule/?view=draft"),
        Screen("28d-schedule-versions", "shen", "/system/schedule/?view=versions"),
        Screen("06-search", "shen", "/search/?q=项目 审批"),
        Screen("06b-empty", "shen", "/search/?q=天然气听证会 潮汐&year=2024"),
        Screen("06c-start", "shen", "/search/"),
        Screen("07-record", "shen", f"/records/{archived.id}/" if archived else "/"),
        Screen(
            "07b-verified",
            "shen",
            f"/records/{archived.id}/" if archived else "/",
            click="text=现在核验",
            wait=".verdict--ok, .verdict--err",
        ),
        Screen("07c-text", "shen", f"/records/{archived.id}/?layer=both" if archived else "/"),
        Screen("07d-found", "shen", f"/records/{archived.id}/?q=项目 通知 意见" if archived else "/"),
        Screen("07f-replace", "shen", f"/records/{archived.id}/versions/" if archived else "/", click="text=替换文件"),
        Screen("07e-versions", "shen", f"/records/{amended.id}/versions/?from=1&to=2" if amended else "/"),
        Screen("20-metadata", "tao", "/system/metadata/?element=keyword"),
        Screen("20b-metadata-new", "tao", "/system/metadata/?element=new"),
        Screen("20c-metadata-draft", "tao", "/system/metadata/?view=draft"),
        Screen("20d-metadata-versions", "shen", "/system/metadata/?view=versions"),
        Screen("12-keys", "shen", "/", click="?", wait="dialog#keys[open]"),
        Screen("12b-notfound", "shen", "/records/01ARZ3NDEKTSV4RRFFQ69G5FAV/"),
        Screen("12c-refused", "tao", "/search/"),
        Screen("02d-papers", "shen", f"/intake/{waiting.id}/" if waiting else "/", click=".papers summary", wait=".papers[open]"),
        Screen("02e-seal", "shen", f"/intake/{waiting.id}/" if waiting else "/", click="text=报告已签名", wait="dialog[open]"),
        Screen("02f-overrulings", "shen", "/intake/overrulings/"),
        Screen("20-reader", "zhou", "/"),
        Screen("21-accounts", "tao", "/accounts/"),
        Screen("22-system", "tao", "/system/"),
        Screen("27-keeping", "tao", "/system/keeping/"),
        Screen("27b-keeping-new", "tao", "/system/keeping/", click="text=设副本"),
        Screen("22b-recovery", "tao", "/system/recovery/"),
        Screen("22c-recovery-read", "shen", "/system/recovery/"),
        Screen("32-clients", "tao", "/system/clients/"),
        Screen("32b-clients-approve", "chen", "/system/clients/"),
        Screen("26-formats", "tao", "/system/formats/?family=docx"),
        Screen("15-schemes", "tao", "/system/checks/?gate=archiving&number=2.04"),
        Screen("26b-held", "shen", "/system/formats/?view=held&family=docx"),
        Screen("26c-risks", "shen", "/system/formats/?view=risks"),
        Screen("26d-table", "tao", "/system/formats/?view=held&shape=table&family=pdf"),
        Screen("23-quarantine", "chen", "/quarantine/"),
        Screen("24-approve", "chen", "/accounts/"),
        Screen("10b-audit", "liang", "/audit/"),
        Screen("10c-verified", "liang", "/audit/", click=".chain button", wait=".chain--ok, .chain--err"),
        Screen("25-auditor", "liang", "/"),
        Screen("30-register", "shen", "/register/"),
        Screen("30b-imports", "shen", "/register/imports/"),
        Screen("31-handover", "shen", "/handover/"),
        Screen("34-transfers", "shen", "/transfers/"),
        Screen("34b-transfer-new", "shen", "/transfers/", click="text=拟定移交", wait="details.pop[open]"),
        Screen("32-preserve", "shen", "/preserve/"),
    ]


def main() -> None:
    """Make the data, serve it, take the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--sizes", nargs="*", default=[f"{width}x{height}" for width, height in SIZES])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"], help="light, dark, forced (the reader's own colours)")
    given = parser.parse_args()
    data = given.data or given.out / "data"
    given.out.mkdir(parents=True, exist_ok=True)
    is_new = not (data / "lantai.toml").exists()
    if is_new:
        command = [sys.executable, "-m", "lantai.cli.main", "--data", str(data), "demo", "--no-serve", "--size", "60"]
        subprocess.run(command, check=True, env=_environment(data), cwd=ROOT)
    set_up(data)
    if is_new:
        from tests.support import scan_town, screens_data

        screens_data.enrich(data)
        scan_town.fill(data)
    wanted = [screen for screen in screens() if not given.only or any(screen.name.startswith(name) for name in given.only)]
    with serving(data) as address:
        shoot(wanted, address, (data / "demo-password.txt").read_text().strip(), given)


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {
        "LANTAI_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "lantai.server.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


def set_up(data: Path) -> None:
    """Let this process read the data folder."""
    os.environ |= _environment(data)
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    import django

    django.setup()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Run ``lantai serve`` over a data folder and yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "lantai.cli.main", "--data", str(data), "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=_environment(data), cwd=ROOT)
    try:
        yield _answering(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.wait(30)


def _answering(address: str, server: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{address}/login", timeout=2):
                return address
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not answer")


def shoot(wanted: list[Screen], address: str, password: str, given: argparse.Namespace) -> None:
    """Take every picture in every size and theme; tell what the browser's console says."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size, theme in product(given.sizes, given.themes):
            _series(browser, wanted, address, password, given.out, f"{size}-{theme}")
        browser.close()


def _series(browser: Browser, wanted: list[Screen], address: str, password: str, out: Path, mode: str) -> None:
    states: dict[str, object] = {}
    for screen in wanted:
        page = _page(browser, *mode.split("-"), states.get(screen.login))
        if screen.login and screen.login not in states:
            states[screen.login] = sign_in(page, address, screen.login, password)
        picture(page, screen, address, out / f"{screen.name}-{mode}.png")


def picture(page: Page, screen: Screen, address: str, target: Path) -> None:
    """Take one picture; what the console complains of goes to standard error."""
    page.on("console", partial(_tell, screen.name))
    page.on("pageerror", partial(_tell, screen.name))
    page.goto(f"{address}{screen.path}")
    with suppress(Error):
        act(page, screen)
    with suppress(Error):
        page.wait_for_function(DRAWN, timeout=6000)
    page.wait_for_timeout(400)
    page.screenshot(path=target)
    page.context.close()


def _page(browser: Browser, size: str, theme: str, state: object) -> Page:
    width, height = map(int, size.split("x"))
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        forced_colors="active" if theme == "forced" else "none",
        locale="zh-CN",
        storage_state=state,
        reduced_motion="reduce",
    )
    return context.new_page()


def _tell(name: str, event: object) -> None:
    if getattr(event, "type", "error") == "error":
        sys.stderr.write(f"{name}: {getattr(event, 'text', event)}\n")


def sign_in(page: Page, address: str, login: str, password: str) -> object:
    """Sign in on the page and return the state of the browser."""
    page.goto(f"{address}/login")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("button.button--tall")
    page.wait_for_selector(".shell")
    return page.context.storage_state()


def act(page: Page, screen: Screen) -> None:
    """Do what the picture needs done before it is taken."""
    if screen.click in ("?", "Control+k"):
        page.keyboard.press(screen.click)
    elif screen.click:
        page.click(screen.click, timeout=6000)
    if screen.wait:
        page.wait_for_selector(screen.wait, timeout=12000)


if __name__ == "__main__":
    main()
