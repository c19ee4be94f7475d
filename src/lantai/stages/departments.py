"""departments 内设机构: what stands in archival codes for them, and their names by day. Names change, departments end; records keep theirs.

A code is given once. A renamed department keeps its code and has the former name until the day before; one that is closed or merged keeps
its code and names for what it left, and takes nothing new.
"""

from django.db import transaction
from django.db.models import Max

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.archival_code import CodeParts, Template
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Agent, AgentName
from lantai.shelves.holdings.queries import DEPARTMENT
from lantai.shelves.ledger import entries
from lantai.stages import dated

CHANGE = "system:agency:change"


def add(house: House, actor: Actor, *, code: str, name: str, since: str = "") -> str:
    """Set up a department with its code; return its id. A code that was given once, even to one long closed, is refused."""
    access.require(actor, CHANGE)
    code, name, since = code.strip().upper(), dated.name(name, "DEPARTMENT-INCOMPLETE"), dated.day(since)
    if not code:
        raise Refusal("DEPARTMENT-INCOMPLETE", parts="代码")
    Template(house.settings.code_template).scope(_example(house, code))
    with transaction.atomic():
        if Agent.objects.filter(kind=DEPARTMENT, code=code).exists():
            raise Refusal("DEPARTMENT-CODE-TAKEN", code)
        last = Agent.objects.filter(kind=DEPARTMENT).aggregate(last=Max("position"))["last"]
        agent = Agent.objects.create(id=house.ids.new(), kind=DEPARTMENT, code=code, position=0 if last is None else last + 1)
        AgentName.objects.create(id=house.ids.new(), agent=agent, name=name, valid_from=since)
        _tell(house, actor, "department:added", agent, {"code": code, "name": name, "since": since})
    return agent.id


def rename(house: House, actor: Actor, code: str, *, name: str, since: str) -> None:
    """Let a department have another name from a day (YYYYMMDD) on; the former one holds until the day before."""
    access.require(actor, CHANGE)
    name, since = dated.name(name, "DEPARTMENT-INCOMPLETE"), dated.day(since)
    if not since:
        raise Refusal("DEPARTMENT-INCOMPLETE", parts="起用日期")
    with transaction.atomic():
        agent, now = _standing(code)
        if now.name == name:
            raise Refusal("DEPARTMENT-SAME", name)
        if now.valid_from and since <= now.valid_from:
            raise Refusal("DEPARTMENT-DAY-WRONG", since, after=now.valid_from)
        AgentName.objects.filter(id=now.id).update(valid_to=dated.before(since))
        AgentName.objects.create(id=house.ids.new(), agent=agent, name=name, valid_from=since)
        _tell(house, actor, "department:renamed", agent, {"code": code, "before": now.name, "after": name, "since": since})


def close(house: House, actor: Actor, code: str, *, since: str, into: str = "") -> None:
    """Let a department end on a day; *into* is the code of the one it is merged into, empty where it is closed for good."""
    access.require(actor, CHANGE)
    since = dated.day(since)
    if not since:
        raise Refusal("DEPARTMENT-INCOMPLETE", parts="撤并日期")
    with transaction.atomic():
        agent, now = _standing(code)
        if into:
            if into == code:
                raise Refusal("DEPARTMENT-UNKNOWN", into)
            _standing(into)
        if now.valid_from and since <= now.valid_from:
            raise Refusal("DEPARTMENT-DAY-WRONG", since, after=now.valid_from)
        AgentName.objects.filter(id=now.id).update(valid_to=dated.before(since))
        _tell(house, actor, "department:closed", agent, {"code": code, "name": now.name, "since": since, "into": into})


def _standing(code: str) -> tuple[Agent, AgentName]:
    """Return a department and its name in force, locked until the transaction ends."""
    agent = Agent.objects.select_for_update().filter(kind=DEPARTMENT, code=code).exclude(code="").first()
    name = AgentName.objects.filter(agent=agent, valid_to="").order_by("-valid_from").first() if agent else None
    if agent is None or name is None:
        raise Refusal("DEPARTMENT-UNKNOWN", code)
    return agent, name


def _example(house: House, code: str) -> CodeParts:
    return CodeParts(house.settings.fonds, house.settings.category, "2024", "Y", code, 1, catalogue="1", volume="001")


def _tell(house: House, actor: Actor, event: str, agent: Agent, body: dict[str, str]) -> None:
    entries.append(house.clock.now(), [entries.Entry(event, actor.id, agent.id, body)], ids=house.ids)
