"""What a sender's XML says of a record: elements by any known name, agents, business events and relations.

Element names are those of DA/T 46 and DA/T 48, in any namespace or none, whatever containers they stand in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.core.record import Agent, BusinessEvent, Elements, Relation
from lantai.packages.headings import element_of
from lantai.packages.outside import attribute, child_text, local, text_of
from lantai.packages.record_names import FILE_ELEMENTS

# Blocks with a reading of their own; what is in them is no element of the record.
_APART = frozenset({"文件数据", "业务实体块", "机构人员实体块", "实体关系块", "电子签名块", "锁定签名", "文件实体关系", "机构人员实体关系"})


@dataclass(frozen=True, slots=True)
class Process:
    """Who did what: agents, business events, relations, and what was odd about them."""

    agents: tuple[Agent, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    relations: tuple[Relation, ...] = ()
    findings: tuple[Finding, ...] = ()


def elements(root: etree._Element) -> Elements:
    """Return every leaf below *root* under the element it stands for, or under its own name where none is known.

    Empty leaves are left out. One that comes again in the same place makes a list; the same value in another place is
    taken once.
    """
    read: Elements = {}
    places: dict[str, str] = {}
    for place, name, value in _leaves(root, ""):
        key = element_of(name) or name
        before = read.get(key)
        if before is None:
            read[key], places[key] = value, place
        elif places[key] == place or value not in ([before] if isinstance(before, str) else before):
            read[key] = [*([before] if isinstance(before, str) else before), value]
    return read


def file_elements(holder: etree._Element) -> Elements:
    """Return what is described of one computer file: the program that made it (M50), and how it was digitised (M53–M56)."""
    read: Elements = {}
    for container, name, element in ((*place, element) for element, place in FILE_ELEMENTS.items()):
        found = next((node for node in holder if local(node) == container), None)
        if found is not None and (value := child_text(found, name)):
            read[element] = value
    return read


def process(*roots: etree._Element) -> Process:
    """Return the agents, events and relations below *roots*; identifiers that are missing or repeated are made up."""
    nodes = [node for root in roots for node in root.iter()]
    agents = _agents([node for node in nodes if local(node) == "机构人员实体"])
    events = [_event(node, number, agents) for number, node in enumerate((node for node in nodes if local(node) == "业务实体"), 1)]
    relations = [_relation(node) for node in nodes if local(node) in {"实体关系", "文件实体关系"}]
    findings = [
        finding("FILING-AGENT-UNKNOWN", event.activity or event.id, agent=event.agent_id)
        for event in events
        if event.agent_id and event.agent_id not in agents
    ]
    return Process(tuple(agents.values()), tuple(events), tuple(relations), tuple(findings))


def _leaves(node: etree._Element, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield (place, name, value) of the leaves below *node*; a container with text of its own is a leaf too (档号)."""
    for item in node:
        name = local(item)
        if name in _APART:
            continue
        value = text_of(item)
        if value:
            yield f"{place}/{name}", attribute(item, "名称") or name if name == "元素" else name, value
        yield from _leaves(item, f"{place}/{name}")


def _agents(nodes: list[etree._Element]) -> dict[str, Agent]:
    agents: dict[str, Agent] = {}
    number = 1
    for node in nodes:
        identity = node.get("标识") or child_text(node, "机构人员标识符")
        while not identity or identity in agents:
            identity, number = f"机构人员{number}", number + 1
        agents[identity] = Agent(
            identity,
            child_text(node, "机构人员类型") or "个人",
            child_text(node, "机构人员名称"),
            child_text(node, "组织机构代码"),
            child_text(node, "个人职位"),
        )
    return agents


def _event(node: etree._Element, number: int, agents: dict[str, Agent]) -> BusinessEvent:
    return BusinessEvent(
        id=node.get("标识") or child_text(node, "业务标识符") or f"业务{number}",
        agent_id=node.get("机构人员标识") or child_text(node, "机构人员标识符") or _by_name(child_text(node, "机构人员名称"), agents),
        activity=child_text(node, "业务行为"),
        time=child_text(node, "行为时间"),
        status=child_text(node, "业务状态") or "历史行为",
        mandate=child_text(node, "行为依据"),
        description=child_text(node, "行为描述"),
    )


def _by_name(name: str, agents: dict[str, Agent]) -> str:
    """Return the agent of that name, made up where the sender only gave the name, empty where it gave none."""
    known = next((agent.id for agent in agents.values() if agent.name == name), "")
    if name and not known:
        known = next(free for number in count(1) if (free := f"机构人员{number}") not in agents)
        agents[known] = Agent(known, "个人", name)
    return known


def _relation(node: etree._Element) -> Relation:
    target = child_text(node, "实体标识符") or child_text(node, "被关联文件标识符")
    return Relation(target, child_text(node, "关系类型"), child_text(node, "关系"), child_text(node, "关系描述"))
