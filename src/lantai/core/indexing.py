"""What a record is about 关键词 and whom it names 人名, proposed for a person to confirm: counted, never guessed, each with its reason.

A keyword is a piece of the title, or a run of characters that the text repeats and uses freely (with different neighbours on both
sides), once the words that any document has are taken out. It weighs by how often it stands here and how seldom in other records;
one that the agency has used before leads. A person is a name after a post or a label, told by its surname.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lantai.core import text as texts

#: Characters of a text that are gone through, the lengths of a keyword, and how many of each kind are proposed.
READ = 20_000
SHORTEST, LONGEST = 2, 10
KEYWORDS, PERSONS = 6, 5
#: How many candidates are looked up in other records.
CANDIDATES = 24
_REPEATED, _REPEATED_IN_TITLE = 3, 2
_PART = 0.8
_TITLE_WEIGHT = 3
_LONG_PIECE = 6
_SHORT = {2: 0.6, 3: 0.8}
_SELDOM, _VERY_SELDOM = 4, 20
_HAN = "\u4e00-\u9fff"
_COUNTED = "(?:第?[0-9一二三四五六七八九十百]+)(?:年度?|季度|月份?|日|项|批次?|件|份|期|次|届|号|条|款|个|家|户|万元|亿元)"
_SEPARATORS = "[；;、，,\\s\u3000]+"


@dataclass(frozen=True, slots=True)
class Words:
    """Word lists: what is no keyword, whole words that hold such a one, surnames, posts, labels of a name, what may follow a name."""

    plain: tuple[str, ...]
    kept: tuple[str, ...]
    surnames: tuple[str, ...]
    posts: tuple[str, ...]
    labels: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible keyword: how often the title and the text have it."""

    value: str
    in_title: int
    in_text: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value to be confirmed: where it comes from and why it is proposed, in words."""

    value: str
    source: str
    reason: str


def parts(value: str) -> tuple[str, ...]:
    """Return the single words of an element that holds several."""
    return tuple(dict.fromkeys(part for part in re.split(_SEPARATORS, value.strip()) if part))


def candidates(title: str, body: str, leave_out: Iterable[str], words: Words) -> tuple[Candidate, ...]:
    """Return the possible keywords of a title and a text, the likeliest first, at most :data:`CANDIDATES`.

    *leave_out* are names that are no subject here: the author, the receivers, what the agency retired.
    """
    head, tail = _plain(title, leave_out), _plain(body[:READ], leave_out)
    pieces = [piece for piece in _runs(head, words) if len(piece) <= LONGEST]
    runs = _runs(tail, words)
    counted = _repeated(runs, tail)
    told = {gram for gram, _ in counted.items() if gram in head}
    for piece in pieces:
        inside = [gram for gram in told if gram in piece and gram != piece]
        if len(piece) <= _LONG_PIECE or 2 * sum(map(len, inside)) < len(piece):
            told.add(piece)
    found = [Candidate(value, head.count(value), tail.count(value)) for value in told | counted.keys()]
    return tuple(sorted(found, key=lambda item: (-_weight(item), item.value))[:CANDIDATES])


def keywords(found: Sequence[Candidate], held: Mapping[str, int], total: int, used: Mapping[str, int]) -> tuple[Suggestion, ...]:
    """Return the keywords to propose, the best first. *held*: in how many of *total* records each stands; *used*: in how many accepted
    records of the agency each is a keyword already."""
    scored = sorted(found, key=lambda item: (item.value not in used, -_score(item, held.get(item.value, 0), total), item.value))
    chosen: list[Candidate] = []
    for item in scored:
        is_within = any(item.value in other.value or other.value in item.value for other in chosen)
        if (item.value in used or _is_rare(item, held.get(item.value, 0), total)) and not is_within:
            chosen.append(item)
    return tuple(_keyword(item, held.get(item.value, 0), total, used.get(item.value, 0)) for item in chosen[:KEYWORDS])


def known_in(title: str, body: str, used: Iterable[str]) -> tuple[Candidate, ...]:
    """Return the keywords used before that a title or a text holds."""
    head, tail = _plain(title, ()), _plain(body[:READ], ())
    return tuple(
        Candidate(value, head.count(folded), tail.count(folded))
        for value in used
        if (folded := _plain(value, ())) and (folded in head or folded in tail)
    )


def persons(
    body: str, signed: Iterable[tuple[str, str]], used: Mapping[str, int], words: Words, *, bodies: Iterable[str] = ()
) -> tuple[Suggestion, ...]:
    """Return the persons to propose: who signed for issue first (name, what is known of it), then whom the text names, by how often.

    *used*: in how many accepted records each is named; *bodies*: names of organs, where a person's name ends.
    """
    found: dict[str, Suggestion] = {name: Suggestion(name, "业务过程", _with_use(why, name, used)) for name, why in signed if name}
    text = _plain(body[:READ], bodies)
    mentions: dict[str, list[str]] = {}
    for name, role in _mentions(text, words):
        mentions.setdefault(name, []).append(role)
    for name, roles in sorted(mentions.items(), key=lambda pair: (-len(pair[1]), text.find(pair[0]))):
        why = f"正文写作「{roles[0]}{name}」" + (f"，共 {text.count(name)} 处" if text.count(name) > 1 else "")
        found.setdefault(name, Suggestion(name, "正文", _with_use(why, name, used)))
    return tuple(found.values())[:PERSONS]


def _plain(text: str, leave_out: Iterable[str]) -> str:
    folded = texts.normalise(text).replace(" ", "")
    for name in sorted({texts.normalise(name).replace(" ", "") for name in leave_out} - {""}, key=len, reverse=True):
        folded = folded.replace(name, "\n")
    return folded


def _runs(text: str, words: Words) -> list[str]:
    """Return what is left of a text between plain words, numbers and marks."""
    one = [word for word in words.plain if len(word) == 1]
    many = sorted({*words.plain} - {*one}, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(words.kept)})|{_COUNTED}|{'|'.join(many)}|[{''.join(one)}]|[0-9]+|[^{_HAN}0-9]+")
    return [run for run in pattern.sub(lambda match: match[1] or "\n", text).split("\n") if len(run) >= SHORTEST]


def _repeated(runs: Sequence[str], text: str) -> dict[str, int]:
    """Return the runs of characters that are repeated and stand by themselves: no part of a longer one, with free neighbours."""
    counted: Counter[str] = Counter()
    for run in runs:
        for size in range(SHORTEST, min(LONGEST, len(run)) + 1):
            counted.update(run[at : at + size] for at in range(len(run) - size + 1))
    within = {
        part
        for gram, count in counted.items()
        if len(gram) > SHORTEST and count >= _REPEATED_IN_TITLE
        for part in (gram[1:], gram[:-1])
        if count >= _PART * counted[part]
    }
    often = {gram: count for gram, count in counted.items() if count >= _REPEATED and gram not in within}
    return {gram: count for gram, count in often.items() if _is_free(gram, text)}


def _is_free(gram: str, text: str) -> bool:
    """Tell whether a run has different neighbours on both sides; a mark, an end or a plain word's character counts as each its own."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for match in re.finditer(re.escape(gram), text):
        before[text[match.start() - 1 : match.start()]] += 1
        after[text[match.end() : match.end() + 1]] += 1
    return all(len(side) > 1 or not re.match(f"[{_HAN}]", next(iter(side), "")) for side in (before, after))


def _is_rare(item: Candidate, held: int, total: int) -> bool:
    """Tell whether a word tells one record from others; a short one of the text alone must be rarer."""
    part = _SELDOM if item.in_title or len(item.value) > 2 else _VERY_SELDOM
    return not total or held <= max(2, total // part)


def _weight(item: Candidate) -> float:
    return (_TITLE_WEIGHT * item.in_title + math.log2(1 + item.in_text)) * _SHORT.get(len(item.value), 1.0)


def _score(item: Candidate, held: int, total: int) -> float:
    return _weight(item) * max(math.log((total + 2) / (held + 1)) if total else 1.0, 0.1)


def _keyword(item: Candidate, held: int, total: int, used: int) -> Suggestion:
    where = "题名里有" if item.in_title else ""
    count = f"全文出现 {item.in_text} 次" if item.in_text else ""
    here = "，".join(part for part in (where, count) if part)
    if used:
        return Suggestion(item.value, "以前用过", f"本单位已有 {used} 件用它；{here}")
    others = f"；馆藏 {total} 件里 {held} 件有" if total else ""
    return Suggestion(item.value, "全文推荐", f"{here}{others}")


def _with_use(why: str, name: str, used: Mapping[str, int]) -> str:
    return f"{why}；另有 {used[name]} 件著录过" if used.get(name) else why


def _mentions(text: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield (name, role) for every name after a post or label, or before 同志."""
    surnames = "|".join(words.surnames)
    roles = "|".join(sorted((*words.posts, *words.labels), key=len, reverse=True))
    end = f"(?=[^{_HAN}]|$|{'|'.join(words.after)}|{roles})"
    name = f"((?:{surnames})[{_HAN}]{{1,2}}?){end}"
    for match in re.finditer(f"({roles})(?:[:：]|同志)?{name}", text):
        if not any(post in match[2] for post in words.posts):
            yield match[2], match[1]
