"""What the desk must remind of besides the work that waits: damage in the vault, runs that stopped, checks that are overdue."""

from datetime import datetime

from lantai.core import access
from lantai.core.access import ROLE_NAMES, Actor, Role
from lantai.core.codes import CODES
from lantai.ports import House
from lantai.shelves.upkeep import queries as upkeep
from lantai.stages.recover import schedule
from lantai.stages.report import accounts, amendments, handovers, preservation, recovery, register, setup
from lantai.stages.report.todo import Todo

_MOST = 8


def todos(house: House, actor: Actor, now: datetime) -> tuple[Todo, ...]:
    """Return the reminders of *actor*, the worst first."""
    return (
        *_preservation(house, actor),
        *_backups(house, actor),
        *register.todos(house, actor, now),
        *handovers.todos(actor),
        *amendments.todos(actor),
        *_agency(house, actor),
        *_accounts(actor),
    )


def _agency(house: House, actor: Actor) -> tuple[Todo, ...]:
    """What of the agency itself keeps records from being archived, or would be wrong in them for good."""
    if actor.role != Role.SYSADMIN:
        return ()
    step = setup.unit(house)
    return (Todo("system", step.missing, "", None, ("setup", "")),) if step.missing else ()


def _accounts(actor: Actor) -> tuple[Todo, ...]:
    """Who cannot sign in before this administrator approves it."""
    rows = accounts.waiting(actor)
    return tuple(
        Todo("accounts", f"账号 {row.login}（{row.name}，{ROLE_NAMES[Role(row.role)]}）等您批准", "", row.created_at, ("accounts", ""))
        for row in rows[:_MOST]
    )


def _backups(house: House, actor: Actor) -> tuple[Todo, ...]:
    """What is overdue, failed or damaged of backups stands before whoever decides their timetable."""
    if not access.may(actor, schedule.CHANGE).allowed:
        return ()
    found = [item.message for item in recovery.alarms(house) if item.state == "error"]
    return tuple(Todo("system", text, "", None, ("recovery", ""), is_late=True) for text in found)


def _preservation(house: House, actor: Actor) -> tuple[Todo, ...]:
    if not access.may(actor, "upkeep:run:start").allowed:
        return ()
    found: list[Todo] = []
    if damaged := upkeep.damaged():
        found.append(
            Todo("preserve", f"{damaged} 件在库档案的字节与归档时不一致，请从副本恢复", "", None, ("preserve", "damaged"), is_late=True)
        )
    for run in preservation.stuck():
        reason = CODES[run.reason].text.split("：")[0].split("（")[0] if run.reason in CODES else "没有做完"
        found.append(
            Todo(
                "preserve",
                f"保存检测停在 {run.done} / {run.total} 件：{reason}",
                run.code,
                run.started_at,
                ("preserve", run.id),
                is_late=True,
            )
        )
    for plan, days in preservation.overdue(house):
        found.append(Todo("preserve", f"保存检测计划「{plan.name}」逾期 {days} 天没有做", "", None, ("preserve", ""), is_late=True))
    return tuple(found)
