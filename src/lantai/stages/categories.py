"""categories 门类: the agency decides how a category is filed, by item or by volume, and how its codes are written.

A decision holds for codes that are given from then on; codes that were given stay and are still read. Nothing is deleted: a rule that is
changed or retired goes on being known by its version. Every change is an event.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from django.db import IntegrityError, transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template, normalise_separators
from lantai.core.errors import Refusal
from lantai.formats.content import clean
from lantai.ports import House
from lantai.shelves.holdings.models import Volume
from lantai.shelves.ledger import entries
from lantai.shelves.policy import queries
from lantai.shelves.policy.models import CategoryRule
from lantai.stages import binding, coding

CHANGE = "system:agency:change"
FILINGS = {coding.ITEM: "按件", coding.VOLUME: "按卷", coding.GROUP: "按组"}
#: The periods that a catalogue number 目录号 may be given for.
CATALOGUED = {"Y": "永久", "D30": "30年", "D10": "10年"}
LONGEST_NAME, LONGEST_REASON, LONGEST_TEMPLATE = 60, 200, 200
_CATEGORY = re.compile(r"[A-Z]{2,4}(?:·[A-Z0-9]{1,3})?")
_CATALOGUE = re.compile("[0-9]{1,8}")
_NEEDED = (("category", "门类"), ("year", "年度"), ("retention", "保管期限"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to hold for a category: its name, filing (item, volume or group of photographs), the written form of its codes, and the
    catalogue number of each period where the form has one (C038-001-002-003)."""

    name: str
    filing: str
    template: str
    catalogues: Mapping[str, str] = field(default_factory=dict)


def decide(house: House, actor: Actor, category: str, wanted: Wanted, *, reason: str) -> CategoryRule:
    """Put a rule of a category in force in place of the former one; return it.

    Refusals: ACCESS-REFUSED, CATEGORY-WRONG (code, name, filing, form or reason), CATEGORY-IN-USE (volumes that are still open),
    POLICY-SAME, POLICY-CHANGED.
    """
    access.require(actor, CHANGE)
    category = category.strip().upper()
    wanted = _tidied(wanted)
    if problem := _problem(house, category, wanted, reason.strip()):
        raise Refusal("CATEGORY-WRONG", category, problem=problem)
    before = queries.category_rules().get(category)
    if before is not None and wanted == Wanted(before.name, before.filing, before.template, before.catalogues):
        raise Refusal("POLICY-SAME", category)
    if wanted.filing == coding.ITEM:
        _demand_no_volumes(category)
    told = {"before": _said(before), "after": asdict(wanted), "reason": reason.strip()}
    made = {"decided_by": actor.id, "decided_at": house.clock.now(), "reason": reason.strip()}
    row = CategoryRule(id=house.ids.new(), category=category, **asdict(wanted), **made)
    try:
        with transaction.atomic():
            _end(house, actor, before)
            row.save(force_insert=True)
            _tell(house, actor, "category:decided", category, told)
    except IntegrityError as clash:
        raise Refusal("POLICY-CHANGED", category) from clash
    return row


def _tidied(wanted: Wanted) -> Wanted:
    template = normalise_separators(wanted.template)
    return replace(wanted, name=wanted.name.strip(), template=template, catalogues=catalogues_of(template, wanted.catalogues))


def catalogues_of(template: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the catalogue numbers as codes of a form write them; none where the form has none."""
    if "{catalogue" not in template:
        return {}
    match = re.search(r"\{catalogue:0?(\d{1,2})d?\}", template)
    return {period: given[period].strip().zfill(int(match[1]) if match else 0) for period in CATALOGUED if given.get(period, "").strip()}


def retire(house: House, actor: Actor, category: str, *, reason: str) -> None:
    """Let the agency have no rule of its own for a category any more. Refusals: CATEGORY-UNKNOWN, and as in :func:`decide`."""
    access.require(actor, CHANGE)
    before = queries.category_rules().get(category)
    if before is None:
        raise Refusal("CATEGORY-UNKNOWN", category)
    if not _is_fit(reason.strip(), LONGEST_REASON):
        raise Refusal("CATEGORY-WRONG", category, problem="没有写理由")
    _demand_no_volumes(category)
    with transaction.atomic():
        _end(house, actor, before)
        _tell(house, actor, "category:retired", category, {"before": _said(before), "reason": reason.strip()})


def _end(house: House, actor: Actor, before: CategoryRule | None) -> None:
    if before is None:
        return
    own = CategoryRule.objects.filter(id=before.id, retired_at=None)
    if not own.update(retired_by=actor.id, retired_at=house.clock.now(), version=before.version + 1):
        raise Refusal("POLICY-CHANGED", before.category)


def _demand_no_volumes(category: str) -> None:
    if count := Volume.objects.filter(category=category, state=binding.OPEN).count():
        raise Refusal("CATEGORY-IN-USE", category, count=count)


def _problem(house: House, category: str, wanted: Wanted, reason: str) -> str:
    """Say in Chinese why a rule cannot be, empty where it can."""
    if not _CATEGORY.fullmatch(category):
        return "代码须是 2 至 4 位大写字母，下级用“·”连接，如 KJ·JJ"
    if not _is_fit(wanted.name, LONGEST_NAME):
        return "没有写名称，或名称超过 60 字"
    if wanted.filing not in FILINGS:
        return "须选按件、按卷或按组"
    if not _is_fit(reason, LONGEST_REASON):
        return "没有写理由，或理由超过 200 字"
    return form_problem(house, category, wanted)


def form_problem(house: House, category: str, wanted: Wanted) -> str:
    """Say in Chinese why codes of a category cannot be written in a form, empty where they can."""
    if len(wanted.template) > LONGEST_TEMPLATE:
        return "写法太长"
    try:
        form = Template(wanted.template)
        if problem := _shape_problem(form, wanted):
            return problem
        for period in wanted.catalogues or ("D30",):
            form.format(example(house, category, wanted, 1, period))
    except Refusal as refused:
        return f"{refused.message}{''.join(item.message for item in refused.reasons)}".rstrip("。")
    return ""


def _shape_problem(form: Template, wanted: Wanted) -> str:
    if "page" in form.names:
        return "新编的档号里不能有页号"
    if form.is_by_volume == (wanted.filing == coding.ITEM):
        return "按件的写法里不能有案卷号" if wanted.filing == coding.ITEM else "按卷、按组的写法须以 {volume} 和 {item} 结尾"
    if "catalogue" not in form.names:
        missing = [name for key, name in _NEEDED if key not in form.names]
        return f"写法里缺{'、'.join(missing)}" if missing else ""
    if wanted.filing != coding.VOLUME:
        return "有目录号的写法只用于按卷"
    if not wanted.catalogues or not all(map(_CATALOGUE.fullmatch, wanted.catalogues.values())):
        return "有目录号的写法须写明各保管期限的目录号，只用数字"
    return ""


def example(house: House, category: str, wanted: Wanted, item: int, retention: str) -> CodeParts:
    """Return the parts of an example of a code in a form."""
    form = Template(wanted.template)
    volume = form.volume_text(1) if form.is_by_volume else ""
    catalogue = wanted.catalogues.get(retention, "")
    parts = CodeParts(house.settings.fonds, category, "2024", retention, "BGS", item, catalogue=catalogue, volume=volume)
    return form.restrict(parts)


def _is_fit(text: str, most: int) -> bool:
    return bool(text) and len(text) <= most and text.isprintable() and clean(text) == text


def _said(row: CategoryRule | None) -> dict[str, object]:
    return {"name": row.name, "filing": row.filing, "template": row.template, "catalogues": row.catalogues} if row else {}


def _tell(house: House, actor: Actor, event: str, category: str, body: Mapping[str, object]) -> None:
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, category, dict(body))], ids=house.ids)
