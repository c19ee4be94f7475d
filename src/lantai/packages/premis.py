"""PREMIS 3 beside METS: the files, agents and events of a package, written of our records and read from anybody's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from lantai.core.record import Agent, BusinessEvent, ComputerFile, Record
from lantai.packages.outside import local, text_of

PREMIS = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_P = f"{{{PREMIS}}}"
_NAMESPACES = {"premis": PREMIS, "xsi": _XSI}
_UNSAYABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {"个人": "person", "机构": "organization", "内设机构": "organization", "软件": "software"}
_KINDS = {"person": "个人", "organization": "机构", "software": "软件"}


@dataclass(frozen=True, slots=True)
class Told:
    """What PREMIS tells: agents and events as ours, and digests by the original name or identifier of each file."""

    agents: tuple[Agent, ...] = ()
    events: tuple[BusinessEvent, ...] = ()
    digests: Mapping[str, Mapping[str, str]] | None = None


def write(record: Record, files: Iterable[tuple[ComputerFile, str]]) -> bytes:
    """Return the PREMIS document of a record; *files* with the path each has in the package. What XML cannot hold becomes ``�``."""
    root = etree.Element(f"{_P}premis", {"version": "3.0"}, nsmap=_NAMESPACES)
    for item, path in files:
        node = etree.SubElement(root, f"{_P}object", {f"{{{_XSI}}}type": "premis:file"})
        _identifier(node, "object", "path", path)
        about = _below(node, "objectCharacteristics")
        for algorithm, digest in (("SHA-256", item.sha256), ("SM3", item.sm3)):
            if digest:
                fixity = _below(about, "fixity")
                _below(fixity, "messageDigestAlgorithm", algorithm)
                _below(fixity, "messageDigest", digest)
        _below(about, "size", str(item.size_bytes))
        form = _below(about, "format")
        _below(_below(form, "formatDesignation"), "formatName", item.format_name or item.mime or "unknown")
        if item.puid:
            registry = _below(form, "formatRegistry")
            _below(registry, "formatRegistryName", "PRONOM")
            _below(registry, "formatRegistryKey", item.puid)
        _below(node, "originalName", item.name)
    for event in record.events:
        _event(root, event)
    for agent in record.agents:
        _agent(root, agent)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def read(root: etree._Element) -> Told:
    """Return what a PREMIS document of any edition tells; what is not told stays empty."""
    digests = {
        name: found for node in _each(root, "object") if (name := _value(node, "objectIdentifierValue")) and (found := _digests(node))
    }
    agents = tuple(
        Agent(_value(node, "agentIdentifierValue"), _KINDS.get(_value(node, "agentType").lower(), "个人"), _value(node, "agentName"))
        for node in _each(root, "agent")
        if _value(node, "agentName")
    )
    events = tuple(
        BusinessEvent(
            id=_value(node, "eventIdentifierValue"),
            agent_id=_value(node, "linkingAgentIdentifierValue"),
            activity=_value(node, "eventType"),
            time=_value(node, "eventDateTime"),
            description=_value(node, "eventDetail"),
        )
        for node in _each(root, "event")
    )
    return Told(agents, events, digests)


def unexplained(documents: Iterable[etree._Element]) -> Iterator[tuple[str, str]]:
    """Yield ``AIP16`` and the event for every event that names no agent, ``AIP18`` and the agent for every one named but not described."""
    described: set[str] = set()
    named: dict[str, None] = {}
    for root in documents:
        described |= {_value(node, "agentIdentifierValue") for node in _each(root, "agent")}
        for event in _each(root, "event"):
            agent = _value(event, "linkingAgentIdentifierValue")
            if agent:
                named[agent] = None
            else:
                yield "AIP16", _value(event, "eventIdentifierValue") or _value(event, "eventType")
    yield from (("AIP18", agent) for agent in named if agent not in described)


def sayable(text: str) -> str:
    """Return *text* with what XML 1.0 cannot hold as ``�``; record.xml beside keeps it whole."""
    return _UNSAYABLE.sub("�", text)


def _each(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (node for node in root.iter() if isinstance(node.tag, str) and local(node) == name)


def _value(node: etree._Element, name: str) -> str:
    return next((text_of(item) for item in _each(node, name) if text_of(item)), "")


def _digests(node: etree._Element) -> dict[str, str]:
    pairs = (
        (_value(item, "messageDigestAlgorithm").lower().replace("-", ""), _value(item, "messageDigest").lower())
        for item in _each(node, "fixity")
    )
    return {algorithm: digest for algorithm, digest in pairs if algorithm and digest}


def _below(node: etree._Element, name: str, text: str = "") -> etree._Element:
    child = etree.SubElement(node, f"{_P}{name}")
    child.text = sayable(text) or None
    return child


def _identifier(node: etree._Element, kind: str, form: str, value: str) -> None:
    identifier = _below(node, f"{kind}Identifier")
    _below(identifier, f"{kind}IdentifierType", form)
    _below(identifier, f"{kind}IdentifierValue", value)


def _event(root: etree._Element, event: BusinessEvent) -> None:
    node = _below(root, "event")
    _identifier(node, "event", "local", event.id)
    _below(node, "eventType", event.activity or "unknown")
    _below(node, "eventDateTime", event.time)
    if event.description:
        _below(_below(node, "eventDetailInformation"), "eventDetail", event.description)
    if event.agent_id:
        linked = _below(node, "linkingAgentIdentifier")
        _below(linked, "linkingAgentIdentifierType", "local")
        _below(linked, "linkingAgentIdentifierValue", event.agent_id)


def _agent(root: etree._Element, agent: Agent) -> None:
    node = _below(root, "agent")
    _identifier(node, "agent", "local", agent.id)
    _below(node, "agentName", agent.name)
    _below(node, "agentType", _TYPES.get(agent.kind, agent.kind))
