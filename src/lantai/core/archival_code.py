"""Archival codes 档号: one template engine for the written forms of DA/T 22-2015 and DA/T 13-2022.

A template is text with fields: ``{fonds}-{category}·{year}-{retention}-{org}-{item:04d}``. A width (``:04d``) fixes the
number of digits. ``{org}`` may be left out of a code together with the separator before it. ``parse`` and ``format`` are
inverse on the fields a template has: what would not come back the same is refused, never written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding

_SEPARATORS = str.maketrans(dict.fromkeys("•・･‧∙⋅・", "·") | dict.fromkeys("－‐‑‒–—―−﹣", "-"))
_SEPARATOR = re.compile("[-·]")
_FIELD = re.compile(r"\{(\w+)(?::0?(\d{1,2})d?)?\}")
_UNBOUNDED_DIGITS = 9
_VOLUME_DIGITS = 8
_NUMBERS = frozenset({"catalogue", "volume", "item", "page"})
# The elements that a code is made of, in the order of its segments (DA/T 13-2022, DA/T 22-2015).
CODE_ELEMENTS = (
    "fonds_identifier",
    "category_code",
    "catalogue_number",
    "year",
    "retention_period",
    "organizational_structure_or_function",
    "agency_item_number",
)


@dataclass(frozen=True, slots=True)
class CodeParts:
    """The parts of a code. ``item`` is 0 where the code has none; the others are text, empty where absent.

    ``category`` may have several levels joined by ``·`` (KJ·JJ·02). ``volume`` also holds a group or book number.
    """

    fonds: str
    category: str = ""
    year: str = ""
    retention: str = ""
    org: str = ""
    item: int = 0
    catalogue: str = ""
    volume: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field may hold (DA/T 13-2022, DA/T 22-2015): pattern, Chinese name and Chinese description of the form."""

    pattern: str
    label: str
    form: str


_KINDS: dict[str, _Kind] = {
    "fonds": _Kind(r"[A-Z][0-9]{3}", "全宗号", "1 位大写字母加 3 位数字"),
    "category": _Kind(r"[A-Z]{2,4}(?:·[A-Z0-9]{1,8})*", "档案门类代码", "大写字母代码，下级用“·”连接"),
    "year": _Kind(r"[0-9]{4}", "年度", "4 位数字"),
    "retention": _Kind(r"Y|D[1-9][0-9]{0,2}|C|D", "保管期限代码", "Y 或 D 加年数（如 D30）"),
    "org": _Kind(r"[A-Z0-9一-鿿]{1,20}", "机构（问题）代码", "大写字母、数字或汉字"),
    "item": _Kind(r"[0-9]{1,9}", "件号", "数字"),
    "catalogue": _Kind(r"[0-9A-Z]{1,8}", "目录号", "数字或大写字母"),
    "volume": _Kind(r"[0-9A-Z]{1,8}", "案卷号", "数字或大写字母"),
    "page": _Kind(r"[0-9]{1,6}", "页号", "数字"),
}


def normalise_separators(code: str) -> str:
    """Return *code* with every look-alike of the interpunct as U+00B7, of the hyphen as U+002D, and no white space."""
    return "".join(code.translate(_SEPARATORS).split())


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a template: the separator before it, its name and fixed number of digits (0: any)."""

    separator: str
    name: str
    width: int

    @property
    def pattern(self) -> str:
        return f"[0-9]{{{self.width}}}" if self.width else _KINDS[self.name].pattern

    @property
    def form(self) -> str:
        return f"{self.width} 位数字" if self.width else _KINDS[self.name].form

    def write(self, value: str | int) -> str:
        text = str(value).zfill(self.width) if self.name == "item" else str(value)
        return self.separator + text

    def matches(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None

    def as_regex(self) -> str:
        group = f"{re.escape(self.separator)}(?P<{self.name}>{self.pattern})"
        return f"(?:{group})?" if self.name == "org" else group


@dataclass(frozen=True)
class Template:
    """A compiled code template. Raises Refusal CODE-TEMPLATE where the text cannot serve as one."""

    text: str

    def __post_init__(self) -> None:
        if problem := _template_problem(self.text, self.fields):
            raise Refusal("CODE-TEMPLATE", self.text, problem=problem)

    @cached_property
    def fields(self) -> tuple[_Field, ...]:
        """The fields in order."""
        text = normalise_separators(self.text)
        found = list(_FIELD.finditer(text))
        starts = [0, *(match.end() for match in found)]
        return tuple(_Field(text[start : match.start()], match[1], int(match[2] or 0)) for start, match in zip(starts, found, strict=False))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the fields this template has; other parts are not written."""
        return frozenset(field.name for field in self.fields)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile("".join(field.as_regex() for field in self.fields))

    @property
    def capacity(self) -> int:
        """The highest item number a code of this template can hold; 0 where it has no item."""
        last = self.fields[-1]
        return 10 ** (last.width or _UNBOUNDED_DIGITS) - 1 if last.name == "item" else 0

    @property
    def is_by_volume(self) -> bool:
        """True where codes are given by volume 按卷: they end in a volume number and the number of an item in it."""
        return [field.name for field in self.fields[-2:]] == ["volume", "item"]

    @property
    def volumes_most(self) -> int:
        """The highest volume number that a code of this template can hold; 0 where it is not by volume."""
        return 10 ** (self.fields[-2].width or _VOLUME_DIGITS) - 1 if self.is_by_volume else 0

    def item_text(self, number: int) -> str:
        """Return an item number as codes write it."""
        return str(number).zfill(self.fields[-1].width)

    @property
    def catalogue_digits(self) -> int:
        """How many digits a catalogue number 目录号 has in codes of this template; 0 where it may have any, or there is none."""
        return next((field.width for field in self.fields if field.name == "catalogue"), 0)

    def segments(self, parts: CodeParts) -> tuple[tuple[str, str, str], ...]:
        """Return what a code of this template is made of as (separator before it, name of the segment, value), values as they are."""
        chosen = [(field, str(getattr(parts, field.name) or "")) for field in self.fields]
        return tuple((field.separator, _KINDS[field.name].label, value) for field, value in chosen if value or field.name != "org")

    def volume_text(self, number: int) -> str:
        """Return a volume number as codes write it. Raises Refusal CODE-VOLUME-OVERFLOW where no code can hold it."""
        if not 1 <= number <= self.volumes_most:
            raise Refusal("CODE-VOLUME-OVERFLOW", self.text, volume=number, capacity=self.volumes_most)
        return str(number).zfill(self.fields[-2].width)

    def volume_scope(self, parts: CodeParts) -> str:
        """Return the scope within which volumes are numbered: the code without volume and item. Raises Refusal like :meth:`format`."""
        return self._write(parts, self.fields[:-2])

    def restrict(self, parts: CodeParts) -> CodeParts:
        """Return *parts* with what this template does not write left empty."""
        unused = {name: 0 if name == "item" else "" for name in _KINDS if name not in self.names}
        return replace(parts, **unused)  # type: ignore[arg-type] # every name is a field of CodeParts

    def format(self, parts: CodeParts) -> str:
        """Write the code of *parts*.

        Raises Refusal CODE-ITEM-OVERFLOW where the item number exceeds the capacity and CODE-VALUE where a value does not
        have the form of its field or would not be read back the same.
        """
        if "item" in self.names and parts.item > self.capacity:
            raise Refusal("CODE-ITEM-OVERFLOW", self.scope(parts), item=parts.item, capacity=self.capacity)
        written = self._write(parts, self.fields)
        if self._read(written) != self.restrict(parts):
            raise Refusal("CODE-VALUE", written, segment="档号", form="写出后能原样读回", actual=written)
        return written

    def scope(self, parts: CodeParts) -> str:
        """Return the numbering scope 流水域: the code without its last number (item, or page where there is no item).

        Raises Refusal CODE-VALUE like :meth:`format`.
        """
        return self._write(parts, self.fields[:-1])

    def parse(self, code: str) -> CodeParts:
        """Read *code*, separators normalised first. Raises Refusal CODE-SHAPE with the findings of :func:`explain` as reasons."""
        parts = self._read(normalise_separators(code))
        if parts is None:
            raise Refusal("CODE-SHAPE", code, explain(code, self), template=self.text)
        return parts

    def _write(self, parts: CodeParts, chosen: tuple[_Field, ...]) -> str:
        written: list[str] = []
        for field in chosen:
            value = getattr(parts, field.name)
            if field.name == "org" and not value:
                continue
            text = field.write(value)
            if not field.matches(text[len(field.separator) :]) or (field.name == "item" and value < 1):
                raise Refusal("CODE-VALUE", text, segment=_KINDS[field.name].label, form=field.form, actual=value)
            written.append(text)
        return "".join(written)

    def _read(self, code: str) -> CodeParts | None:
        match = self._regex.fullmatch(code)
        if match is None:
            return None
        values: dict[str, str] = {name: value or "" for name, value in match.groupdict().items()}
        item = int(values.pop("item", 0))
        return CodeParts(**values, item=item) if item or "item" not in self.names else None


def _template_problem(text: str, chosen: tuple[_Field, ...]) -> str:
    """Say in Chinese why *text* cannot serve as a template; empty where it can."""
    names = [field.name for field in chosen]
    if unknown := sorted(set(names) - set(_KINDS)):
        return f"有不认识的字段 {'、'.join(unknown)}"
    if len(set(names)) != len(names) or names[:1] != ["fonds"] or chosen[0].separator:
        return "须以 {fonds} 开头，且每个字段只出现一次"
    if any(field.separator not in {"-", "·"} for field in chosen[1:]):
        return "字段之间须用一个“-”或“·”隔开"
    if names[-1] not in {"item", "page"} or "item" in names[:-1] or _FIELD.sub("", text[text.rindex("}") :]) != "}":
        return "须以 {item} 或 {page} 结尾"
    if any(field.width > _UNBOUNDED_DIGITS or (field.width and field.name not in _NUMBERS) for field in chosen):
        return "只有目录号、案卷号、件号、页号能指定位数，且不超过 9 位"
    return ""


def matching_template(code: str, templates: Sequence[str]) -> Template | None:
    """Return the first of *templates* that reads *code*, None where none does."""
    for text in templates:
        template = Template(text)
        if template._read(code) is not None:
            return template
    return None


def explain(code: str, template: Template, expected: CodeParts | None = None) -> tuple[Finding, ...]:
    """Say what is wrong with *code* under *template*, segment by segment; empty where nothing is (DA/T 70, GD-1-7).

    With *expected* (what the record's metadata say), segments are also compared with it. Findings: CODE-SEPARATOR,
    CODE-SEGMENT, CODE-SEGMENT-COUNT, CODE-MISMATCH.
    """
    clean = normalise_separators(code)
    remarks = [finding("CODE-SEPARATOR", code, actual=code, expected=clean)] if clean != code else []
    parts = template._read(clean)
    if parts is None:
        return (*remarks, *_misfits(clean, template.fields))
    if expected is not None:
        remarks += _differences(clean, parts, template.restrict(expected))
    return tuple(remarks)


def _differences(code: str, parts: CodeParts, expected: CodeParts) -> list[Finding]:
    return [
        finding("CODE-MISMATCH", code, segment=_KINDS[name].label, expected=wanted, actual=actual)
        for name in _KINDS
        if (actual := getattr(parts, name)) != (wanted := getattr(expected, name))
    ]


def _misfits(code: str, chosen: tuple[_Field, ...]) -> tuple[Finding, ...]:
    """Compare *code* with the template, with and without its optional segment; return the shorter list of findings."""
    without = tuple(field for field in chosen if field.name != "org")
    compared = [found for variant in dict.fromkeys((chosen, without)) if (found := _misfit(code, variant)) is not None]
    if compared:
        return min(compared, key=len)
    counts = " 或 ".join(str(len(variant)) for variant in dict.fromkeys((without, chosen)))
    return (finding("CODE-SEGMENT-COUNT", code, expected=counts, actual=len(_SEPARATOR.split(code))),)


def _misfit(code: str, chosen: tuple[_Field, ...]) -> tuple[Finding, ...] | None:
    """Return the findings of *code* laid along *chosen*, or None where the number of segments differs."""
    tokens = _SEPARATOR.split(code)
    separators = ["", *_SEPARATOR.findall(code)]
    extra = len(tokens) - len(chosen)
    names = [field.name for field in chosen]
    if extra < 0 or (extra > 0 and "category" not in names):
        return None
    at = names.index("category") if extra else 0
    tokens[at : at + extra + 1] = ["·".join(tokens[at : at + extra + 1])]
    del separators[at + 1 : at + 1 + extra]
    return tuple(remark for row in zip(chosen, separators, tokens, strict=True) for remark in _segment(code, *row))


def _segment(code: str, field: _Field, separator: str, token: str) -> list[Finding]:
    label = _KINDS[field.name].label
    remarks = []
    if separator != field.separator:
        remarks.append(finding("CODE-SEGMENT", code, segment=f"{label}前的分隔符", expected=f"“{field.separator}”", actual=separator))
    if not field.matches(token) or (field.name == "item" and int(token) == 0):
        remarks.append(finding("CODE-SEGMENT", code, segment=label, expected=field.form, actual=token))
    return remarks
