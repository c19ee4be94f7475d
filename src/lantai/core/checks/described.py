"""What is described besides the record itself: agents, acts, relations, signatures, files, and its circumstances.

The items of metadata judge these values by the same element rules as the record's own.
"""

from collections.abc import Callable, Iterator, Mapping

from lantai.core.checks.facts import RecordFacts
from lantai.core.checks.scheme import Condition
from lantai.core.record import Agent, BusinessEvent, Elements, Relation, Signature

_AGENT: Mapping[str, Callable[[Agent], str]] = {
    "agent_type": lambda item: item.kind,
    "agent_name": lambda item: item.name,
    "organization_code": lambda item: item.organization_code,
    "position_name": lambda item: item.position,
}
_EVENT: Mapping[str, Callable[[BusinessEvent], str]] = {
    "business_status": lambda item: item.status,
    "business_activity": lambda item: item.activity,
    "action_time": lambda item: item.time,
    "action_mandate": lambda item: item.mandate,
    "action_description": lambda item: item.description,
}
_RELATION: Mapping[str, Callable[[Relation], str]] = {
    "entity_identifier": lambda item: item.target,
    "relation_type": lambda item: item.kind,
    "relation": lambda item: item.relation,
    "relation_description": lambda item: item.description,
}
_SIGNATURE: Mapping[str, Callable[[Signature], str]] = {
    "signature_rules": lambda item: item.rules,
    "signature_time": lambda item: item.time,
    "signer": lambda item: item.signer,
    "signature": lambda item: item.value,
    "certificate": lambda item: "".join(item.certificates[:1]),
    "certificate_reference": lambda item: item.certificate_reference,
    "signature_algorithm_identifier": lambda item: item.algorithm,
}


def values(facts: RecordFacts) -> Iterator[tuple[str, str, str]]:
    """Yield (whose value, element, value) of every described agent, act, relation, signature and file, empty values included."""
    for agent in facts.agents:
        yield from ((f"机构人员 {agent.name or agent.id}", code, read(agent)) for code, read in _AGENT.items())
    for event in facts.events:
        yield from ((f"业务 {event.activity or event.id}", code, read(event)) for code, read in _EVENT.items())
    for relation in facts.relations:
        yield from ((f"关系 {relation.relation or relation.target}", code, read(relation)) for code, read in _RELATION.items())
    for file in facts.files:
        for code, said in file.elements.items():
            yield from ((f"文件 {file.name}", code, value) for value in ([said] if isinstance(said, str) else said))
    for signature in facts.signatures_described:
        yield from ((f"签名 {signature.signer or signature.id}", code, read(signature)) for code, read in _SIGNATURE.items())


def holds(rule: Condition, facts: RecordFacts) -> bool:
    """Tell whether a condition is fulfilled: a value of another element, any value of it (``*``), or a circumstance (``@signed``)."""
    if rule.other.startswith("@"):
        return _CIRCUMSTANCES[rule.other](facts)
    said = facts.elements.get(rule.other, "")
    values = [said] if isinstance(said, str) else said
    if "*" in rule.values:
        return any(value.strip() for value in values)
    return any(value in rule.values for value in values)


def _all(facts: RecordFacts) -> Iterator[Elements]:
    """Yield what is described of the record and of each of its files."""
    yield facts.elements
    yield from (item.elements for item in facts.files)


_DIGITISED = ("scanning_resolution", "scanning_color_model", "image_compression_scheme", "physical_record_characteristics")
_CIRCUMSTANCES: Mapping[str, Callable[[RecordFacts], bool]] = {
    "@signed": lambda facts: bool(facts.signatures_described) or any(item.signatures for item in facts.files),
    "@digitised": lambda facts: any(described.get(code) for described in _all(facts) for code in _DIGITISED),
    "@documents": lambda facts: len(facts.documents) > 1,
    "@item": lambda facts: bool(facts.code_parts.get("agency_item_number")),
    "@arranged_by_department": lambda facts: bool(facts.code_parts.get("organizational_structure_or_function")),
    "@category_coded": lambda facts: bool(facts.code_parts.get("category_code")),
}
