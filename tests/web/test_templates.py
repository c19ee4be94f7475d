"""What the templates and style sheets promise: nothing inline, every icon there, contrast as measured, one theme like the other."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "src" / "lantai" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
TOKENS = (WEB / "static" / "web" / "tokens.css").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_inline_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"hx-on|hx-vals=.js:|<style", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_is_in_the_sprite(path: Path) -> None:
    known = set(re.findall(r'symbol id="([a-z]+)"', (WEB / "static" / "web" / "icons.svg").read_text()))
    assert set(re.findall(r'{% icon "([a-z]+)"', path.read_text())) <= known


def test_words_have_no_exclamation_and_no_blame() -> None:
    for path in TEMPLATES:
        said = re.sub(r"{[%{#].*?[%}#]}|<[^>]+>", "", path.read_text())
        assert not re.search(r"[！哦呢]|您输错|操作失败|未知错误", said), path.name


def block(selector: str) -> dict[str, str]:
    body = TOKENS[TOKENS.index(selector) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6})", body[: body.index("}")]))


LIGHT = block(":root")
DARK = LIGHT | block('[data-theme="dark"]')


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "dai") for ground in ("surface", "paper", "sunk", "dai-soft")),
    *((tone, f"{tone}-soft") for tone in ("ok", "warn", "err", "zhu")),
    *((tone, "surface") for tone in ("ok", "warn", "err", "zhu")),
    ("on-dai", "dai"),
    ("on-yin", "yin-button"),
    ("mark-ink", "mark"),
    ("rail-ink", "rail"),
    ("on-badge", "badge"),
    ("toast-ink", "toast"),
    ("toast-link", "toast"),
]


@pytest.mark.parametrize(("ink", "ground"), TEXT)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.45


@pytest.mark.parametrize("mark", ["line-ctl", "c1", "c2", "c3", "c4", "c5", "c6", "spine"])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_and_marks_are_seen(theme: dict[str, str], mark: str) -> None:
    assert contrast(theme[mark], theme["surface"]) >= 3


def test_the_automatic_dark_is_the_dark() -> None:
    auto = TOKENS[TOKENS.index("prefers-color-scheme") :]
    assert dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6})", auto)) == block('[data-theme="dark"]')


def test_cinnabar_is_only_for_seals() -> None:
    allowed = re.compile(r"seal|rail__item|badge--seal|note--locked|login__seal|merkle__root|life--sealed")
    for path in (WEB / "static" / "web").glob("*.css"):
        for rule in re.findall(r"([^{}]+){([^}]*)}", path.read_text()) if path.name != "tokens.css" else []:
            if re.search(r"var\(--(?:zhu|yin)", rule[1]):
                assert allowed.search(rule[0]), rule[0].strip()


def test_headings_do_not_skip_a_level() -> None:
    for path in TEMPLATES:
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", path.read_text())]
        assert all(later - earlier <= 1 for earlier, later in pairwise([2, *levels])), path.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_is_polled_hands_its_swap_to_no_button_in_it(path: Path) -> None:
    text = path.read_text()
    for polled in re.finditer(r'<\w+ [^>]*hx-swap="outerHTML"[^>]*data-poll[^>]*>', text):
        if "hx-get=" in text[polled.end() :]:
            assert 'hx-disinherit="*"' in polled.group()
