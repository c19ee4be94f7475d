"""Metadata schemes 元数据方案: what an agency asks of described metadata otherwise than the standard, by category 门类.

The standard (DA/T 46) gives the base; an agency's scheme is a list of rules laid over it, one version after the other, for all
categories or for one. :func:`effective` is the whole evaluation and pure; :func:`objections` says what a scheme may not ask: it never
loosens the standard, admits no state secret and never gives a name or code to two elements.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from lantai.core import patterns
from lantai.core.checks.scheme import Condition, Domain, ElementRule

#: The steps of the line from which an element may be asked for, in order.
STEPS: dict[str, str] = {"arrival": "接收", "description": "著录", "arrangement": "整理", "archiving": "归档"}
OBLIGATIONS: dict[str, str] = {"M": "必选", "C": "条件选", "O": "可选"}
DATA_TYPES: dict[str, str] = {"text": "文本", "date": "日期", "year": "年度", "integer": "整数", "instant": "时间"}
#: Circumstances of a record that a condition may name, and that facts tell (``core.checks.circumstances``).
CIRCUMSTANCES: dict[str, str] = {
    "signed": "有电子签名",
    "digitised": "由纸质数字化形成",
    "documents": "由多个文档组成",
    "item": "按件编号",
    "arranged_by_department": "按机构（问题）分类",
    "category_coded": "档号含门类代码",
}
#: Circumstances of the standard's table that no fact tells: printed, never judged.
TOLD: dict[str, str] = {
    "accessioned": "进馆以后",
    "volume": "按卷整理",
    "volume_accessioned": "进馆按卷整理",
    "item_accessioned": "进馆按件整理",
    "numbered_by_author": "有发文字号",
    "offline": "有脱机载体",
}
#: Elements of the standard that say which record it is, whose, of what day, how long and from whom it is kept: corrected after archiving
#: only with a second person's approval, unless the agency's scheme says otherwise (a rule of this house, not of the standard).
KEY = frozenset(
    {
        *("archival_code", "electronic_record_code", "fonds_identifier", "category_code", "title", "document_number", "author", "date"),
        *("year", "retention_period", "organizational_structure_or_function", "security_classification", "secrecy_period"),
        *("total_number_of_pages", "agency_item_number", "fonds_constituting_unit_name", "document_type"),
    }
)
ANY = "*"
_CODE = re.compile("[a-z][a-z0-9_]{1,47}")
_LONGEST_HELP = 200
_LONGEST_VALUE = 4000
_LONGEST_NAME = 30
_MOST_VALUES = 500
_MOST_RULES = 200


@dataclass(frozen=True, slots=True)
class Element:
    """One element as a scheme asks for it.

    ``number`` is M1–M88, empty for an element of the agency's own; ``group`` the container it stands in; ``kept_in`` the part of a
    record that holds it. ``condition`` is ``element=value|value``, ``element=*`` or ``@circumstance``; ``required_from`` the step from
    which a value must be there. ``domain`` names a table of the standard, ``values`` the agency's own in its place, ``list`` the
    list 代码表 that they come from.
    ``max_length`` is in characters, 0 for none. ``is_key``: once archived, it is corrected only with a second person's approval.
    ``set_by`` names the scheme version that asks otherwise than the standard.
    """

    code: str
    name: str
    number: str = ""
    group: str = ""
    kept_in: str = "elements"
    data_type: str = "text"
    obligation: str = "O"
    condition: str = ""
    required_from: str = ""
    is_repeatable: bool = False
    max_length: int = 0
    domain: str = ""
    values: tuple[str, ...] = ()
    list: str = ""
    is_closed: bool = True
    pattern: str = ""
    default: str = ""
    help: str = ""
    certainty: str = ""
    is_key: bool = False
    set_by: str = ""

    @property
    def is_own(self) -> bool:
        """True for an element that the standard does not have."""
        return not self.number


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of an agency's scheme: what it asks of an element. None and empty mean as inherited; a new code is an own element.

    ``list`` names a list of the agency's own 代码表; its values stand in ``values`` where the rule is applied, and are not stored.
    """

    code: str
    name: str = ""
    data_type: str = ""
    obligation: str = ""
    condition: str = ""
    required_from: str = ""
    is_repeatable: bool | None = None
    max_length: int | None = None
    values: tuple[str, ...] = ()
    list: str = ""
    is_closed: bool | None = None
    pattern: str = ""
    default: str = ""
    help: str = ""
    is_key: bool | None = None


Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a scheme: the category it holds for (empty: all), its number, and its rules."""

    category: str
    number: int
    rules: Rules

    @property
    def label(self) -> str:
        """How records remember it: ``2``, or with a category ``WS:2``."""
        return f"{self.category}:{self.number}" if self.category else str(self.number)


@dataclass(frozen=True, slots=True)
class Change:
    """What one version asks otherwise than another: an element, the property, and its two values as text."""

    code: str
    name: str
    what: str
    before: str
    after: str


def effective(base: Sequence[Element], versions: Iterable[Version]) -> tuple[Element, ...]:
    """Return the elements in force: the standard's, then the versions' rules in order (all categories first), own elements last."""
    found = {item.code: item for item in base}
    for version in versions:
        for rule in version.rules:
            found[rule.code] = _laid_over(found.get(rule.code), rule, version.label)
    return tuple(found.values())


def _laid_over(item: Element | None, rule: Rule, label: str) -> Element:
    start = item or Element(rule.code, rule.name or rule.code)
    said = {entry.name: value for entry in fields(Rule) if (value := getattr(rule, entry.name)) not in ("", None, ())}
    if not start.is_own:
        said.pop("name", None)
        said.pop("data_type", None)
    if "values" in said:
        said.setdefault("list", "")
    if said.get("obligation") in ("M", "C") and "required_from" not in said and not start.required_from:
        said["required_from"] = "archiving"
    if said.get("obligation") == "O":
        said |= {"required_from": "", "condition": ""}
    return replace(start, **said, set_by=label)


def described_by(versions: Iterable[Version]) -> str:
    """Return what a record remembers of the versions it was described by; empty where the standard alone held."""
    return "+".join(version.label for version in versions)


def labels(items: Iterable[Element]) -> dict[str, str]:
    """Return the Chinese names of own elements by their codes."""
    return {item.code: item.name for item in items if item.is_own}


# --- for the checks


def element_rule(item: Element, domains: Mapping[str, Domain]) -> ElementRule:
    """Return what the gates ask of a value of *item*."""
    domain = domains.get(item.domain)
    if item.values:
        forbidden = domain.forbidden if domain else frozenset[str]()
        domain = Domain(item.code, item.is_closed, {value: value for value in item.values}, (), forbidden)
    pattern = re.compile(item.pattern) if item.pattern else None
    is_strict = bool(item.set_by and item.pattern)
    return ElementRule(item.code, item.name, item.data_type, item.max_length, domain, pattern, item.is_repeatable, is_strict)


def required(items: Iterable[Element], steps: Iterable[str]) -> tuple[str, ...]:
    """Return the elements of the record that must have a value at any of *steps*."""
    wanted = set(steps)
    return tuple(item.code for item in items if item.obligation == "M" and item.required_from in wanted)


def conditions(items: Iterable[Element], steps: Iterable[str]) -> tuple[Condition, ...]:
    """Return the conditions that can be evaluated: of values always, of circumstances where a step asks for them."""
    wanted = set(steps)
    found = []
    for item in items:
        parsed = condition(item.condition)
        if item.obligation != "C" or parsed is None or item.kept_in not in ("elements", "record"):
            continue
        if parsed[0].startswith("@") and item.required_from not in wanted:
            continue
        if item.set_by and item.required_from and item.required_from not in wanted:
            continue
        found.append(Condition(item.code, *parsed))
    return tuple(found)


def condition(text: str) -> tuple[str, frozenset[str]] | None:
    """Return what a condition looks at and the values that fulfil it; None where it is told only, or is none."""
    if text.startswith("@"):
        return (text, frozenset[str]()) if text[1:] in CIRCUMSTANCES else None
    other, sign, values = text.partition("=")
    return (other.strip(), frozenset(value.strip() for value in values.split("|"))) if sign else None


def condition_words(text: str, names: Mapping[str, str]) -> str:
    """Return a condition in Chinese, with the elements' names."""
    if text.startswith("@"):
        told = TOLD.get(text[1:])
        return f"{told}（由人判断）" if told else CIRCUMSTANCES.get(text[1:], text)
    other, _, values = text.partition("=")
    return (
        f"{names.get(other, other)}不空" if values == ANY else f"{names.get(other, other)}为{values.replace('|', '、')}" if values else ""
    )


# --- what a scheme may not ask


def objections(base: Sequence[Element], versions: Sequence[Version]) -> tuple[str, ...]:
    """Say in Chinese, rule by rule, what is wrong with the last of *versions* laid over the others; nothing where nothing is."""
    mine = versions[-1].rules
    below = {item.code: item for item in effective(base, versions[:-1])}
    after = {item.code: item for item in effective(base, versions)}
    found = [f"{rule.code}：{problem}" for rule in mine for problem in _wrong(rule, below.get(rule.code), after)]
    codes = [rule.code for rule in mine]
    found += [f"{code}：列了不止一次" for code in sorted({code for code in codes if codes.count(code) > 1})]
    names = [item.name for item in after.values()]
    found += [f"{name}：两个元素同名" for name in sorted({name for name in names if names.count(name) > 1})]
    return tuple(found if len(mine) <= _MOST_RULES else [f"最多 {_MOST_RULES} 个元素", *found])


def _wrong(rule: Rule, below: Element | None, after: Mapping[str, Element]) -> Iterable[str]:
    item = after[rule.code]
    if below is None:
        yield from _own_element(rule)
    elif not below.is_own:
        yield from _loosened(rule, below, item)
    yield from _shape(rule)
    if rule.condition and (problem := _condition_problem(rule, after)):
        yield problem
    if item.obligation == "C" and not item.condition:
        yield "条件选须写明条件"
    if item.default and item.values and item.default not in item.values:
        yield "缺省值不在值表中"


def _own_element(rule: Rule) -> Iterable[str]:
    if not _CODE.fullmatch(rule.code):
        yield "自定元素的代码只能用小写字母、数字和下划线，以字母开头，不超过 48 个字符"
    if not rule.name.strip() or len(rule.name) > _LONGEST_NAME or not rule.name.isprintable():
        yield f"自定元素须有名称，不超过 {_LONGEST_NAME} 字"
    if rule.data_type and rule.data_type not in DATA_TYPES:
        yield f"类型只能是 {'、'.join(DATA_TYPES)}"


def _loosened(rule: Rule, below: Element, item: Element) -> Iterable[str]:
    if (rule.name and rule.name != below.name) or (rule.data_type and rule.data_type != below.data_type):
        yield "标准元素的名称和类型不能改"
    if below.obligation == "M" and item.obligation != "M":
        yield "标准必选的元素不能放宽"
    if below.obligation == "M" and _step(item.required_from) > _step(below.required_from):
        yield "标准必选的元素不能推迟"
    if item.is_repeatable and not below.is_repeatable:
        yield "标准不可重复的元素不能改为可重复"
    if rule.values and below.code == "security_classification" and {"绝密", "机密", "秘密"} & set(rule.values):
        yield "本系统不处理国家秘密，值表不能列入涉密密级"
    if below.kept_in not in ("elements", "record") and rule.obligation:
        yield "机构人员、业务、关系、签名和文件的元素只能改长度、值表和格式"


def _shape(rule: Rule) -> Iterable[str]:
    if rule.obligation and rule.obligation not in OBLIGATIONS:
        yield f"约束只能是 {'、'.join(OBLIGATIONS)}"
    if rule.required_from and rule.required_from not in STEPS:
        yield f"必填时点只能是 {'、'.join(STEPS)}"
    if rule.max_length is not None and not 0 <= rule.max_length <= _LONGEST_VALUE:
        yield f"最大长度须在 0 至 {_LONGEST_VALUE} 之间"
    if rule.list and not rule.values:
        yield f"没有代码表“{rule.list}”，或其中没有可选的值"
    if len(rule.values) > _MOST_VALUES or any(not value.strip() or not value.isprintable() for value in rule.values):
        yield f"值表最多 {_MOST_VALUES} 个，不能有空值"
    if len(rule.help) > _LONGEST_HELP or (rule.help and not rule.help.isprintable()):
        yield f"说明不超过 {_LONGEST_HELP} 字"
    if rule.pattern and (problem := patterns.problem(rule.pattern)):
        yield problem


def _condition_problem(rule: Rule, after: Mapping[str, Element]) -> str:
    parsed = condition(rule.condition)
    if parsed is None:
        return f"条件“{rule.condition}”不认识，写成 元素=值|值、元素=* 或 @情形"
    other, values = parsed
    if not other.startswith("@") and (other not in after or other == rule.code or not values - {""}):
        return f"条件“{rule.condition}”所说的元素不存在，或没有写值"
    return ""


def _step(name: str) -> int:
    return list(STEPS).index(name) if name in STEPS else len(STEPS)


# --- differences


def differences(before: Sequence[Element], after: Sequence[Element]) -> tuple[Change, ...]:
    """Return what *after* asks otherwise than *before*, element by element."""
    old, new = ({item.code: item for item in items} for items in (before, after))
    found = []
    for code in dict.fromkeys([*old, *new]):
        one, other = old.get(code), new.get(code)
        if one is None or other is None:
            name = (other or one or Element(code, code)).name
            found.append(Change(code, name, "元素", "" if one is None else "有", "" if other is None else "有"))
            continue
        found += [
            Change(code, other.name, word, _shown(one, key), _shown(other, key))
            for key, word in _WORDS.items()
            if _shown(one, key) != _shown(other, key)
        ]
    return tuple(found)


_WORDS = {
    "name": "名称",
    "data_type": "类型",
    "obligation": "约束",
    "condition": "条件",
    "required_from": "必填时点",
    "is_repeatable": "可重复",
    "max_length": "最大长度",
    "list": "代码表",
    "values": "值表",
    "is_closed": "值表封闭",
    "pattern": "格式",
    "default": "缺省",
    "help": "说明",
    "is_key": "更正须另一人批准",
}


def _shown(item: Element, key: str) -> str:
    value = getattr(item, key)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    tables: dict[str, Mapping[str, str]] = {"obligation": OBLIGATIONS, "data_type": DATA_TYPES, "required_from": STEPS}
    return tables.get(key, {}).get(str(value), str(value)) if value not in (0, "") else ""


# --- changing one rule


def with_rule(rules: Rules, rule: Rule) -> Rules:
    """Return *rules* with *rule* in the place of the one of its code, or at the end."""
    if any(item.code == rule.code for item in rules):
        return tuple(rule if item.code == rule.code else item for item in rules)
    return (*rules, rule)


def without(rules: Rules, code: str) -> Rules:
    """Return *rules* without what they say of *code*."""
    return tuple(item for item in rules if item.code != code)


def narrowed(rule: Rule, below: Element | None) -> Rule:
    """Return *rule* without what only repeats what is inherited (*below*, None for an own element): no rule at all is left empty."""
    if below is None:
        return rule
    said = {item.name: getattr(rule, item.name) for item in fields(Rule) if item.name != "code"}
    kept = {name: value for name, value in said.items() if value != getattr(below, name)}
    return Rule(rule.code, **kept)
