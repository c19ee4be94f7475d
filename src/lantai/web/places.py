"""The places of the rail, and who sees which: what a role may not open is not shown at all."""

from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: two characters, its icon, its address, the permission that shows it, the letter after G."""

    id: str
    label: str
    icon: str
    url: str
    action: str
    letter: str
    is_after_break: bool = False


PLACES: tuple[Place, ...] = (
    Place("desk", "首页", "home", "desk", "", "h"),
    Place("intake", "接收", "inbox", "intake", "intake:batch:read", "i"),
    Place("register", "应归", "list", "register", "intake:register:read", "r"),
    Place("arrange", "整理", "tree", "arrange", "holdings:record:revise", "z"),
    Place("digitise", "扫描", "upload", "digitise", "digitise:batch:open", "d"),
    Place("describe", "著录", "pen", "describe-start", "digitise:item:describe", "l"),
    Place("inspect", "质检", "quality", "inspect-start", "digitise:page:inspect", "q"),
    Place("search", "检索", "search", "search", "search:record:find", "s"),
    Place("transfers", "移交", "box", "transfers", "holdings:record:export", "y"),
    Place("preserve", "保存", "shield", "preserve", "upkeep:run:read", "b"),
    Place("quarantine", "隔离", "lock", "quarantine", "quarantine:item:list", "e"),
    Place("accounts", "账号", "person", "accounts", "people:account:list", "a"),
    Place("audit", "审计", "log", "audit", "ledger:event:read", "u"),
    Place("system", "系统", "gear", "system", "system:health:read", "x", is_after_break=True),
)


def places(actor: Actor) -> tuple[Place, ...]:
    """Return the places that *actor* may open, in order."""
    return tuple(place for place in PLACES if not place.action or access.RULES.get(actor.role, {}).get(place.action))
