"""The agency's schedule 归档范围和保管期限表: lines that people read and the retention proposer works by, in the order they are asked.

An agency starts from Order No. 8 and keeps its own versions. A line is never deleted: one that is not to hold any more is retired
and stays where it was, so that a record's reason can always be looked up (Order No. 8; 档案法实施条例 art. 19).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from lantai.core.errors import Refusal
from lantai.core.retention import Kind, Retention, Rule, Rules, compile_rules
from lantai.core.text import normalise

MOST_LINES = 2000
UNKNOWN = "不明"
DIRECTIONS = ("本机关", "上级", "同级", "下级", UNKNOWN)
#: Heading of the table -> field, in order.
HEADINGS: dict[str, str] = {
    "编号": "id",
    "归档范围": "name",
    "保管期限": "retention",
    "不归档": "is_outside",
    "题名含其一": "any_of",
    "并含其一": "also",
    "不含": "unless",
    "文种": "types",
    "来文方向": "directions",
    "并含可在文首": "in_head",
    "依据": "source",
    "停用": "is_retired",
}
_TEXTS = {"id": 16, "name": 120, "source": 200}
_YES = frozenset({"是", "y", "yes", "1", "true", "√"})
_NO = frozenset({"", "否", "n", "no", "0", "false"})
_ID = re.compile(r"[A-Za-z0-9一-鿿][A-Za-z0-9一-鿿.\-]*")
_APART = re.compile(r"[、，,;；|\n]+")
_MOST_PHRASES = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number, what is filed, for how long (a code such as Y or D30), and by which words of a title it is known.

    Without words, types or directions it is for people alone. ``is_outside``: what it names is not filed at all.
    """

    id: str
    name: str
    retention: str
    is_outside: bool = False
    any_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    in_head: bool = False
    source: str = ""
    is_retired: bool = False

    @property
    def is_asked(self) -> bool:
        """True where the proposer works by this line."""
        return not self.is_retired and bool(self.any_of or self.types or self.directions)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions: line, its name, which column, and what stood and stands there."""

    id: str
    name: str
    what: str
    before: str
    after: str


def from_rules(rules: Iterable[Rule]) -> tuple[Line, ...]:
    """Return the lines that say what a table of rules says; rules of one id are numbered apart, those that are off are retired."""
    ordered = sorted(rules, key=lambda rule: rule.priority)
    many = {key for key, count in Counter(rule.id for rule in ordered).items() if count > 1}
    seen: Counter[str] = Counter()
    found = []
    for rule in ordered:
        seen[rule.id] += 1
        found.append(
            Line(
                f"{rule.id}-{seen[rule.id]}" if rule.id in many else rule.id,
                rule.name,
                Retention.parse(rule.retention).code,
                rule.is_outside_scope,
                rule.any_of,
                rule.also,
                rule.unless,
                rule.types,
                tuple(name or UNKNOWN for name in rule.directions),
                rule.in_head,
                rule.source if rule.is_enabled else f"{rule.source}（待核）",
                not rule.is_enabled,
            )
        )
    return tuple(found)


def line(said: Mapping[str, str]) -> Line:
    """Read a line from its texts by field; lists are parted by 、, commas or lines. Raises Refusal SCHEDULE-WRONG naming all."""
    wrong: list[str] = []
    texts = {name: _text(said, name, longest, wrong) for name, longest in _TEXTS.items()}
    lists = {name: _list(said, name) for name in ("any_of", "also", "unless", "types", "directions")}
    flags = {name: _flag(said.get(name, ""), name, wrong) for name in ("is_outside", "in_head", "is_retired")}
    period = _period(said.get("retention", ""), wrong)
    wrong += _misread(texts, lists)
    if wrong:
        raise Refusal("SCHEDULE-WRONG", texts["id"] or "新的一行", problems="；".join(wrong))
    return Line(retention=period, **texts, **lists, **flags)  # type: ignore[arg-type] # fields by name, of three kinds


def texts(row: Line) -> dict[str, str]:
    """Return a line as the texts that :func:`line` reads."""
    return {item.name: _cell(item.name, getattr(row, item.name)) for item in fields(Line)}


def objections(lines: Sequence[Line]) -> list[str]:
    """Return what keeps lines from being a schedule: a number twice, none at all, too many."""
    twice = [key for key, count in Counter(row.id for row in lines).items() if count > 1]
    said = [f"编号 {key} 出现了不止一次" for key in twice]
    said += ["一行也没有"] if not lines else []
    return said + ([f"超过 {MOST_LINES} 行"] if len(lines) > MOST_LINES else [])


def with_line(lines: Sequence[Line], row: Line) -> tuple[Line, ...]:
    """Return the lines with *row* in the place of the one of its number, or at the end."""
    if all(other.id != row.id for other in lines):
        return (*lines, row)
    return tuple(row if other.id == row.id else other for other in lines)


def carried(lines: Sequence[Line], before: Sequence[Line]) -> tuple[Line, ...]:
    """Return *lines* and behind them, retired, those of *before* that are not among them: a number never disappears."""
    known = {row.id for row in lines}
    gone = (row for row in before if row.id not in known)
    return (*lines, *(Line(**{item.name: getattr(row, item.name) for item in fields(Line)} | {"is_retired": True}) for row in gone))


def changes(before: Sequence[Line], after: Sequence[Line]) -> tuple[Change, ...]:
    """Return what *after* says otherwise than *before*, line by line; a new line is told by its period alone."""
    names = {field: heading for heading, field in HEADINGS.items()}
    old = {row.id: texts(row) for row in before}
    found = []
    for row in after:
        new = texts(row)
        if row.id not in old:
            found.append(Change(row.id, row.name, "新增", "", new["retention"]))
            continue
        found += [Change(row.id, row.name, names[key], old[row.id][key], value) for key, value in new.items() if value != old[row.id][key]]
    return tuple(found)


def compiled(lines: Sequence[Line], basis: str) -> Rules:
    """Return the rules that the proposer asks, in the order of the lines; *basis* is what a proposal names as its ground."""
    return compile_rules((_rule(row, place) for place, row in enumerate(lines) if row.is_asked), basis=basis)


def _rule(row: Line, priority: int) -> Rule:
    own = {name: getattr(row, name) for name in ("id", "name", "retention", "any_of", "also", "unless", "types", "directions", "in_head")}
    own["directions"] = tuple("" if name == UNKNOWN else name for name in row.directions)
    return Rule(priority=priority, is_outside_scope=row.is_outside, source=row.source, **own)


def _text(said: Mapping[str, str], name: str, longest: int, wrong: list[str]) -> str:
    text = " ".join(str(said.get(name, "")).split())
    if len(text) > longest or not text.isprintable():
        wrong.append(f"{_heading(name)}超过 {longest} 字或含不可见字符")
        return ""
    return text


def _heading(name: str) -> str:
    return next(heading for heading, field in HEADINGS.items() if field == name)


def _list(said: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = (part.strip() for part in _APART.split(str(said.get(name, ""))))
    return tuple(dict.fromkeys(normalise(part) if name in ("any_of", "also", "unless") else part for part in parts if part))


def _flag(text: str, name: str, wrong: list[str]) -> bool:
    said = str(text).strip().lower()
    if said not in _YES | _NO:
        wrong.append(f"{_heading(name)}只能写“是”或不写")
    return said in _YES


def _period(text: str, wrong: list[str]) -> str:
    try:
        period = Retention.parse(str(text))
    except Refusal:
        wrong.append("保管期限须是永久、30年、10年这样的写法")
        return ""
    if period.kind in (Kind.LEGACY_LONG, Kind.LEGACY_SHORT):
        wrong.append("长期、短期是旧的期限，须写成年数")
    return period.code


def _misread(texts: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]) -> list[str]:
    phrases = [phrase for name in ("any_of", "also", "unless") for phrase in lists[name]]
    said = [] if _ID.fullmatch(texts["id"]) else ["编号须是字母、数字或汉字，如 R12 或 1.3"]
    said += [] if texts["name"] else ["归档范围没有写"]
    said += [f"“{phrase}”只有一个字，会命中太多" for phrase in phrases if len(phrase) < 2]
    said += ["词超过 200 个"] if len(phrases) > _MOST_PHRASES else []
    said += [f"来文方向没有“{item}”" for item in lists["directions"] if item not in DIRECTIONS]
    named = any(lists[name] for name in ("any_of", "types", "directions"))
    return said + (
        ["写了“并含其一”或“不含”，也须写“题名含其一”、文种或来文方向"] if not named and (lists["also"] or lists["unless"]) else []
    )


def _cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, tuple):
        return "、".join(value)
    return Retention.parse(str(value)).label if name == "retention" else str(value)
