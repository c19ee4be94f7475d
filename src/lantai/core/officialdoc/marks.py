"""Marks of state secrets 国家秘密标志: strong hits, weak hits, and what has been declassified (house rules; GB/T 9704-2012, 7.2.2).

Lantai is a non-classified system, so a strong hit keeps a file out. Texts come from anywhere: marks may be spaced out,
broken over lines, in full width or traditional characters, and on the head of any page, since scans and attachments come
inside.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lantai.core.officialdoc.dates import civil_date
from lantai.core.officialdoc.pattern import pattern
from lantai.core.officialdoc.words import WORDS, Words

_GAP = "[\\s\u00ad\u200b-\u200f\u2060\ufeff_]*"
_LEVEL = f"[绝絕机機秘祕]{_GAP}密"
_DIGIT = f"[0-9０-９一二三四五六七八九十百两兩半]{_GAP}"
_UNIT = f"(?:年|个{_GAP}月|個{_GAP}月|月|天|日)"
_FOREVER = f"[长長]{_GAP}期"
_PERIOD = f"(?:(?:{_DIGIT}){{1,4}}{_UNIT}|{_FOREVER})"
_BEFORE_OPENING = f"[启啓啟]{_GAP}用{_GAP}前"
# What stands for a star where a font or a recogniser had none: only before a period, and no period as long as the number of a year.
_NO_STAR = "[*＊﹡✱∗✻✽❋✹※●○◎■□◆◇▲△·•・]"
_SHORT = f"(?=(?:{_DIGIT}){{1,3}}{_UNIT}|{_FOREVER}|{_BEFORE_OPENING})"
_OPEN = f"(?:[(（\\[【〔]{_GAP})?"
_STAR = f"[★☆⭐✩✪✫✬✭✮✯✰✦✶⋆\uf0ab\uf0b6]|(?:{_NO_STAR}{_GAP}){{1,3}}{_OPEN}{_SHORT}"
_MARK = pattern(f"({_LEVEL}){_GAP}(?:级{_GAP}|級{_GAP})?{_OPEN}(?:\ufe0f|{_STAR}){_GAP}{_OPEN}({_PERIOD}|{_BEFORE_OPENING})?")
_ANY = pattern(_LEVEL)
_OTHER_SECRETS = pattern(f"(?:商{_GAP}[业業]|工{_GAP}作|企{_GAP}[业業]|核{_GAP}心{_GAP}商|普{_GAP}通{_GAP}商)$")
_LABEL = "(?:本件|文件|定密|国家秘密)?(?:密级|[保涉秘]密(?:等级|级别|程度)|秘密等级)(?:和保密期限|及保密期限|标志|标识)?"
_UNTIL = "至?[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:前|止|解密)?"
_LASTS = f"[(（\\[【]?(?:{_PERIOD}|{_BEFORE_OPENING}|{_UNTIL})[)）\\]】]?"
_PERIOD_LABEL = "[，,；;、]?保密期限[:：]?"
_HEAD_LINE = pattern(
    f"(?:[0-9]{{4,7}})?(?P<label>[【\\[]{_LABEL}[】\\]][:：]?|{_LABEL}[:：])?(?P<level>绝密|机密|秘密)级?"
    f"(?P<period>(?:{_PERIOD_LABEL})?{_LASTS})?(?:特急|加急|特提|平急|急件)?"
)
# A cell 密级 and a cell with the level beside it, as forms have them; and the same with a colon, anywhere on a page.
_CELLS = pattern(f"(?P<label>{_LABEL})(?P<level>绝密|机密|秘密)级?(?P<period>{_PERIOD_LABEL}{_LASTS})?")
_HIDDEN = pattern("[\u00ad\u200b-\u200f\u2060\ufeff]+")
_OLD = pattern("[絕機祕級個長啓啟兩]")
_TRADITIONAL = str.maketrans("絕機祕級個長啓啟兩", "绝机秘级个长启启两")
_LEVELS = pattern("绝密|机密|秘密")
_OPENING_QUOTES, _CLOSING_QUOTES = ("“", "「", "『", "‘", '"'), ("”", "」", "』", "’", '"')
_MACHINES = ("计算", "手", "飞", "随", "主", "取款", "整", "电", "司")
_DENSITIES = ("码", "钥", "封", "度", "闭", "集")
_HEAD_LINES = 12
_HEAD_CHARACTERS = 600
_MARK_CHARACTERS = 24
_CELL_CHARACTERS = 14
_LINE_CHARACTERS = 72
#: Stands for a line too long to be a mark, so that what is around it is not joined over it.
_LONG = "·" * (_MARK_CHARACTERS + 1)
_ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Secrecy:
    """What was found: strong and weak hits, each as 「place：mark」 without any other content, and whether it was declassified."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]
    declassified: bool

    @property
    def is_blocked(self) -> bool:
        """True where the file must be sealed away: a strong hit that was not declassified."""
        return bool(self.strong) and not self.declassified


def secrecy(texts: Sequence[str], metadata: Mapping[str, object], name: str, *, words: Words = WORDS) -> Secrecy:
    """Look for marks of state secrets in page *texts*, *metadata* (element → text or list of texts) and file *name*.

    Strong: a level with a star, or before a period with what a missing font makes of a star, unless it is quoted as an example;
    a line of a page that is nothing but a level with a period, with 启用前 or after 密级：, unless several levels stand so, as in a
    table about secrets; and a 密级 of 秘密 or above in the metadata. Weak: the bare word alone on a head line, in running text
    where no other secret (国家秘密, 商业秘密 …) is spoken of, or in the file name. Declassified: a date that exists and a basis
    both stand in the metadata.
    """
    strong = _in_metadata(metadata, words)
    weak: list[str] = []
    for place, text in _texts(texts, metadata, name):
        if "密" not in text:
            continue
        found, doubtful = _in_text(place, text, words)
        strong += found
        weak += doubtful
    return Secrecy(tuple(dict.fromkeys(strong))[:_ENOUGH], tuple(dict.fromkeys(weak))[:_ENOUGH], _is_declassified(metadata, words))


def _texts(texts: Sequence[str], metadata: Mapping[str, object], name: str) -> Iterator[tuple[str, str]]:
    yield "文件名", name
    yield from ((f"第{number}页", text) for number, text in enumerate(texts, start=1))
    yield from ((f"元数据 {key}", value) for key, values in metadata.items() for value in _values(values))


def _values(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []


def _in_text(place: str, text: str, words: Words) -> tuple[list[str], list[str]]:
    first = _ANY.search(text)
    if first is None:
        return [], []
    strong: list[str] = []
    weak: list[str] = []
    marked: list[tuple[int, int]] = []
    for match in _MARK.finditer(text):
        marked.append(match.span())
        is_other = _OTHER_SECRETS.search(text, max(0, match.start() - 12), match.start())
        is_quoted = text[match.start() - 1 : match.start()] in _OPENING_QUOTES and text[match.end() : match.end() + 1] in _CLOSING_QUOTES
        (weak if is_other or is_quoted else strong).append(f"{place}：{_plain(match[0])}")
    if place.startswith("第"):
        head_strong, head_weak = _in_head(place, text)
        strong += head_strong or _after_head(place, text)
        weak += head_weak
    return strong, weak if strong else weak + _spoken_of(place, text, marked, words)


def _in_head(place: str, text: str) -> tuple[list[str], list[str]]:
    """Judge the lines of a page's head; a mark may be broken over two or three lines."""
    head = text[:_HEAD_CHARACTERS]
    if "密" not in head:
        return [], []
    lines = [flat for line in head.splitlines() if (flat := _plain(line) if len(line) <= _LINE_CHARACTERS else _LONG)][:_HEAD_LINES]
    is_one_level = len(set(_LEVELS.findall("·".join(line for line in lines if len(line) <= _CELL_CHARACTERS)))) == 1
    matches = []
    for joined in ("".join(lines[index : index + count]) for index in range(len(lines)) for count in (1, 2, 3)):
        if len(joined) <= _MARK_CHARACTERS and "密" in joined:
            matches.append(_HEAD_LINE.fullmatch(joined) or (_CELLS.fullmatch(joined) if is_one_level else None))
    return _judged(f"{place}版头", [match for match in matches if match])


def _after_head(place: str, text: str) -> list[str]:
    """Return the lines anywhere that are nothing but 密级：or a period with a level: forms and cells, headers and text boxes set last."""
    lines = (_plain(line) for line in text.splitlines() if "密" in line and len(line) <= _LINE_CHARACTERS)
    return _judged(place, [match for line in lines if len(line) <= _MARK_CHARACTERS and (match := _HEAD_LINE.fullmatch(line))])[0]


def _judged(place: str, matches: Sequence[re.Match[str]]) -> tuple[list[str], list[str]]:
    """Return strong and weak of lines that are marks by their form; different levels with their periods are a table about secrets."""
    lasting = {match["level"] for match in matches if match["period"]}
    strong = [match for match in matches if match["label"] or (match["period"] and len(lasting) == 1)]
    return [f"{place}：{match[0]}" for match in strong], [f"{place}：{match[0]}" for match in matches if match not in strong]


def _spoken_of(place: str, text: str, marked: Sequence[tuple[int, int]], words: Words) -> list[str]:
    """Return the first bare word of the running text that speaks of no other secret; marks already found are passed over."""
    for match in _ANY.finditer(text):
        start, stop = match.span()
        if text[start - 2 : start] in words.talk and match[0] == "秘密" and start > 1:
            continue
        if any(begin <= start < end for begin, end in marked) or _is_talk(text, start, stop, words):
            continue
        return [f"{place}：{_plain(match[0])}"]
    return []


def _is_talk(text: str, start: int, stop: int, words: Words) -> bool:
    before = _plain(text[max(0, start - 10) : start])
    after = _plain(text[stop : stop + 4])
    return (_plain(text[start:stop]) == "秘密" and before.endswith(words.talk)) or _is_part_of_another_word(before, after)


def _is_part_of_another_word(before: str, after: str) -> bool:
    """True for 计算机密码, 手机密钥, 飞机密封 …, where 机密 is no word."""
    return before.endswith(_MACHINES) or after.startswith(_DENSITIES)


def _in_metadata(metadata: Mapping[str, object], words: Words) -> list[str]:
    return [
        f"元数据密级：{value.strip()}"
        for key, values in metadata.items()
        if _is_key(key, words.secrecy_keys)
        for value in _values(values)
        if _is_classified(value, words)
    ]


def _is_key(key: str, names: Sequence[str]) -> bool:
    plain = _plain(key).lower()
    return plain in names or any("\u4e00" <= name[0] <= "\u9fff" and plain.startswith(name) for name in names)


def _is_classified(value: str, words: Words) -> bool:
    plain = _plain(value).lower()
    return plain in words.secrecy_values or plain.startswith(("秘密", "机密", "绝密", "国家秘密"))


def _is_declassified(metadata: Mapping[str, object], words: Words) -> bool:
    dates = [value for key, values in metadata.items() if _is_key(key, words.declassified_date_keys) for value in _values(values)]
    bases = [value for key, values in metadata.items() if _is_key(key, words.declassified_basis_keys) for value in _values(values)]
    return any(civil_date(value)[0] for value in dates) and any(value.strip() for value in bases)


def _plain(text: str) -> str:
    """Return *text* without white space, in half width and simplified as far as marks need it."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if _HIDDEN.search(plain):
        plain = _HIDDEN.sub("", plain)
    return plain.translate(_TRADITIONAL) if _OLD.search(plain) else plain
