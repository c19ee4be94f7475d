"""What axe-core finds wrong with a page (WCAG 2.2, levels A and AA, and the good practices beside them), in both themes."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RUN = "async options => (await axe.run(document, options)).violations"
#: The other theme changes colours and nothing else: only what depends on colours is asked again.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]}
ALL = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on the page as it stands, light and dark: rule, place and what is amiss, one a line."""
    page.evaluate(_axe())
    found = []
    for theme, asked in (("light", ALL), ("dark", COLOURS)):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme} {line}" for rule in page.evaluate(RUN, asked) for line in _told(rule)]
    return found


def _told(rule: dict[str, Any]) -> list[str]:
    return [f"{rule['id']}: {node['target']} {node['html'][:160]} — {node['failureSummary']}" for node in rule["nodes"]]
