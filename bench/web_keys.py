"""From a key to the painted answer: the workbench in a Chromium, over the real server with its worker.

A key's time runs from the event's own time stamp to the end of the first frame in which the answer stands: the tick (X), the next row
chosen (J), the form of a row fetched from the server (Enter). Needs playwright and the Debian package chromium, as the tests do.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.serve import ROOT, answers, command, free_port
from bench.web_fonds import LARGE, PASSWORD

_WATCH = """(name) => {
  const chosen = () => document.querySelector("tr[data-row][aria-selected=true]");
  const tick = () => chosen()?.querySelector("input.tick")?.checked, form = () => document.querySelector("#form [name=version]");
  const before = {row: chosen()?.id, tick: tick(), form: form()};
  const isDone = {
    select: () => tick() !== before.tick,
    move: () => chosen()?.id !== before.row,
    open: () => form() && form() !== before.form,
  }[name];
  window.told = new Promise((resolve) => document.addEventListener("keydown", (event) => {
    const line = new MessageChannel(), painted = () => line.port2.postMessage(0);
    line.port1.onmessage = () => resolve(performance.now() - event.timeStamp);
    const look = () => (isDone() ? painted() : requestAnimationFrame(look));
    requestAnimationFrame(look);
  }, {once: true, capture: true}));
}"""
#: What is measured and by which key; before Enter the row is chosen without its form.
_KEYS = (("select", "x"), ("move", "j"), ("open", "Enter"))


def measure(data: Path, times: int) -> dict[str, Any]:
    """Serve the installation and return, by what a key does, p50 and p95 in milliseconds."""
    from playwright.sync_api import sync_playwright

    from tests.support.screens import CHROMIUM, FLAGS, sign_in

    query = "&".join(f"{name}={value}" for name, value in LARGE.items())
    took: dict[str, list[float]] = {name: [] for name, _ in _KEYS}
    with _serving(data) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        sign_in(page, address, "shen", PASSWORD)
        page.goto(f"{address}/arrange/?{query}")
        page.wait_for_selector("tr[data-row]")
        page.keyboard.press("j")
        for _ in range(times):
            for name, key in _KEYS:
                page.evaluate(_WATCH, name)
                page.keyboard.press(key)
                took[name].append(page.evaluate("window.told"))
            page.wait_for_timeout(250)
        browser.close()
    return {"key_to_paint_ms": {name: _figures(values[1:] or values) for name, values in took.items()}}


@contextmanager
def _serving(data: Path) -> Iterator[str]:
    """Run the server with one worker and the variables of this process; what it says goes nowhere, the figures are on our output."""
    port = free_port()
    environment = os.environ | {"LANTAI_WORKERS": "1", "PYTHONPATH": f"{ROOT / 'src'}"}
    words = [*command("--data", str(data), "serve", "--port", str(port))]
    server = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        while not answers(port):
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def _figures(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(ordered[len(ordered) // 2], 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}
