"""Titles 标题: how they end, whom they name, and what a file's name can tell where no title is found."""

import re
from functools import cache

from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.words import Words

_TAIL = pattern('(?:[(（〔\\[【][^()（）]{1,16}[)）〕\\]】]|[》”"])+$')
_CLOSING = frozenset(')）〕]】》”"')
_ABOUT = pattern("^(.{2,60}?)(?:关于|印发|批转|转发)")
_EXTENSION = pattern("\\.[A-Za-z0-9]{1,5}$")
_MEANINGLESS = pattern(
    "(?:scan|img|image|dsc|doc|document|file|page|untitled|new|copy|扫描|扫描件|图片|未命名|无标题|新建|文档|文件|副本|微信图片|复印件|正文|正本|附件)"
    "[\\s_\\-()（）0-9.]*(?:microsoft word 文档|文本文档|文档)?[\\s_\\-()（）0-9.]*|[\\W_0-9]*|[0-9a-f]{16,}",
    re.IGNORECASE,
)


@cache
def _endings(words: Words) -> tuple[tuple[str, str], ...]:
    own = [(kind, kind) for kind in words.document_types]
    return tuple(sorted([*own, *words.type_endings], key=lambda pair: -len(pair[0])))


def bare(title: str) -> str:
    """Return *title* without brackets and closing marks at its end: （试行）, (2024年版), ”."""
    return _TAIL.sub("", title) if title[-1:] in _CLOSING else title


def type_of(title: str, words: Words) -> str:
    """Return the document type 文种 that *title* ends with, empty where it ends with none."""
    ended = bare(title)
    return next((kind for ending, kind in _endings(words) if ended.endswith(ending)), "")


def ends_like_a_title(title: str, words: Words) -> bool:
    """Tell whether *title* ends with a document type or with another word that titles end with."""
    return bool(type_of(title, words)) or bare(title).endswith(words.title_endings)


def is_organisation(text: str, words: Words) -> bool:
    """Tell whether *text* looks like the name of one or more organisations, and like nothing else."""
    return re.fullmatch("[\u4e00-\u9fffA-Za-z（）()、·]{2,60}", text) is not None and text.endswith(words.organisation_endings)


def author_in(title: str, words: Words) -> str:
    """Return the issuing organ that *title* names before 关于, empty where it names none."""
    match = _ABOUT.match(title)
    return match[1] if match and is_organisation(match[1], words) else ""


def from_name(name: str) -> tuple[str, str]:
    """Return a title out of a file's name and the reason; empty where the name says nothing."""
    stem = _EXTENSION.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not stem or _MEANINGLESS.fullmatch(stem):
        return "", "正文中没有可辨认的标题，文件名也不含题名"
    return stem, "正文中没有可辨认的标题，取自文件名，请核对"
