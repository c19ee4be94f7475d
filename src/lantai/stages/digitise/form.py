"""The form of 著录: its fields in their order, and what the agency's metadata scheme in force asks of them besides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lantai.core import metadata
from lantai.core.checks.metadata import of_value
from lantai.core.findings import has_error
from lantai.core.metadata import ANY, Element
from lantai.shelves.metadata import queries
from lantai.standards import da_t_46

_USUAL: tuple[tuple[str, str, bool], ...] = (
    ("title", "题名", True),
    ("document_number", "文号", False),
    ("author", "责任者", True),
    ("date", "成文日期", True),
    ("principal_receiver", "主送", False),
    ("total_number_of_pages", "页数", True),
    ("retention_period", "保管期限", True),
    ("year", "年度", True),
    ("organizational_structure_or_function", "机构（问题）", False),
    ("precedence", "紧急程度", False),
    ("other_receivers", "抄送", False),
    ("attachment_note", "附件题名", False),
    ("keyword", "关键词", False),
    ("personal_name", "人名", False),
    ("annotation", "附注", False),
)
#: A person describes a page at these steps; what a scheme asks for later is nobody's business here.
_STEPS = frozenset({"", "arrival", "description"})


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form; ``asked`` is what the agency's scheme says of it, None where it says nothing."""

    name: str
    label: str
    is_required: bool
    asked: Element | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The agency's closed list of values; empty where any is admitted."""
        return self.asked.values if self.asked and self.asked.is_closed else ()

    @property
    def default(self) -> str:
        """What stands in the field where nothing was read."""
        return self.asked.default if self.asked else ""


def fields() -> tuple[FormField, ...]:
    """Return the fields in their order: the usual ones, then what the scheme for all categories asks a person for besides."""
    asked = {item.code: item for item in queries.elements() if item.set_by}
    usual = [_field(name, label, asked.get(name), is_required=is_required) for name, label, is_required in _USUAL]
    names = {name for name, _, _ in _USUAL}
    return (*usual, *(_field(item.code, item.name, item) for item in asked.values() if item.code not in names and _is_for_persons(item)))


def _field(name: str, label: str, item: Element | None, *, is_required: bool = False) -> FormField:
    is_asked = item is not None and item.obligation == "M" and item.required_from in _STEPS
    return FormField(name, label, is_required or is_asked, item)


def _is_for_persons(item: Element) -> bool:
    return item.kept_in == "elements" and (item.is_own or (item.obligation in ("M", "C") and item.required_from in _STEPS))


def objections(form: Sequence[FormField], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (field, reason) of what the scheme refuses: a value it does not admit, an empty one where its condition is fulfilled."""
    for item in form:
        value = values.get(item.name, "").strip()
        if item.asked and value:
            rule = metadata.element_rule(item.asked, da_t_46.domains())
            yield from ((item.name, remark.message) for remark in of_value(rule, value) if has_error((remark,)))
        elif item.asked and not item.is_required and _holds(item.asked, values):
            yield item.name, "本单位方案要求此时填写"


def _holds(item: Element, values: Mapping[str, str]) -> bool:
    is_due = item.obligation == "C" and item.required_from in _STEPS
    parsed = metadata.condition(item.condition) if is_due else None
    if parsed is None or parsed[0].startswith("@"):
        return False
    other, wanted = parsed
    value = values.get(other, "").strip()
    return value in wanted or (ANY in wanted and bool(value))
