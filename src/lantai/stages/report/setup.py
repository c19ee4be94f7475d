"""The guided first run: what an installation needs before the first delivery, step by step, what is done of it and what is missing.

Every answer is read from the tables as they are, so a step that was undone is missing again. Nothing here is a gate: whoever knows better
may receive material at once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import ADMINISTRATORS, ROLE_NAMES, Actor, Role
from lantai.ports import House
from lantai.ports.settings import Settings
from lantai.shelves.holdings.models import NumberRange, Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.people.models import Account
from lantai.shelves.policy.models import Schedule
from lantai.shelves.policy.queries import category_rules
from lantai.stages import coding, fonds
from lantai.stages.report import scope

READ = "system:agency:read"
#: What stands in the settings until somebody says which fonds this is.
USUAL_FONDS = str(Settings.model_fields["fonds"].default)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its key, name, whether it is done, what there is already, what is still missing (both in words of people)."""

    key: str
    name: str
    why: str
    is_done: bool
    done: str
    missing: str


def steps(house: House, actor: Actor) -> tuple[Step, ...]:
    """Return the steps in their order. Raises Refusal ACCESS-REFUSED."""
    access.require(actor, READ)
    return tuple(one(house) for one in _STEPS)


def obstacle(house: House) -> str:
    """Return what would stop the first batch though everything is set up; empty where nothing would."""
    if house.settings.kind == "trial" or house.scanner.engine().is_ready:
        return ""
    return "没有连上杀毒引擎，送来的件不能接收和归档。请在服务器上安装 clamav-daemon；接上以后，已送来的自动补检。"


def leads(house: House, actor: Actor) -> bool:
    """Tell whether the system administrator is to be led: nothing was ever received, and a step is missing."""
    if actor.role != Role.SYSADMIN or Record.objects.exists():
        return False
    return not all(step.is_done for step in steps(house, actor))


def is_fonds_untold(house: House) -> bool:
    """Tell whether codes for good would bear the fonds number of an installation nobody gave one."""
    return house.settings.kind == "production" and house.settings.fonds == USUAL_FONDS


def unit(house: House) -> Step:
    """Return the step of the agency itself: its name and its fonds."""
    name = fonds.name_of(house)
    done = f"全宗 {house.settings.fonds}" + (f"，{name}" if name else "")
    missing = [] if name else ["还没有写立档单位全称"]
    if is_fonds_untold(house) and not NumberRange.objects.exists():
        missing.append(f"全宗号 {USUAL_FONDS} 是缺省值：固定第一个档号以前，在数据目录的 lantai.toml 里改成本单位的（fonds），再重启")
    return Step("fonds", "全宗", "写进每一件的元数据和每一张表。", not missing, done, "；".join(missing))


def _departments(_house: House) -> Step:
    found = list(scope.departments().values())
    told = "、".join(found[:6]) + (f"等 {len(found)} 个" if len(found) > 6 else "")
    return Step("departments", "内设机构", "接收和整理按机构分，档号里用它的代码。", bool(found), told, "" if found else "还没有设机构")


def _people(_house: House) -> Step:
    """Whoever works with the system: an archivist in use, the three administrators in use, all with passwords of their own."""
    rows = list(Account.objects.filter(is_active=True).values_list("role", "must_change_password"))
    held = Counter(role for role, _ in rows)
    missing = [f"没有{ROLE_NAMES[role]}" for role in (Role.ARCHIVIST, *sorted(ADMINISTRATORS)) if not held[role]]
    closed = Event.objects.filter(type="account:disabled").values("object_id")
    waiting = Account.objects.filter(is_active=False).exclude(id__in=closed).count()
    missing += [f"{waiting} 个账号等安全保密管理员批准"] if waiting else []
    first = sum(must_change for role, must_change in rows if role == Role.ARCHIVIST)
    missing += [f"{first} 个档案员还在用初始口令"] if first else []
    told = "、".join(f"{ROLE_NAMES[role]} {count}" for role, count in sorted(held.items()))
    return Step("people", "人员", "三员分设，互不兼任；档案员办日常的事。", not missing, told, "、".join(missing))


def _category(house: House) -> Step:
    usual = house.settings.category
    rule, is_decided = coding.rule(house, usual), usual in category_rules()
    told = f"{rule.category} {rule.name}，{'按卷' if rule.is_by_volume else '按件'}，{rule.template}"
    missing = "" if is_decided else "还没有确认怎样整理、档号怎样写（现用标准写法）"
    return Step("category", "门类与编号", "固定过的档号不能再改，所以先定写法。", is_decided, told, missing)


def _schedule(_house: House) -> Step:
    row = Schedule.objects.filter(state="in_force").first()
    told = f"第 {row.number} 版，{row.approved_by}批复" if row else "国家档案局令第 8 号的通用规定"
    return Step(
        "schedule", "保管期限表", "期限按它建议，须经同级档案主管部门审核同意。", row is not None, told, "" if row else "还没有采用本单位的"
    )


_STEPS: tuple[Callable[[House], Step], ...] = (unit, _departments, _people, _category, _schedule)
