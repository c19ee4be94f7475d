"""Which columns of an archived record its package holds, and how a row and a package are made into each other.

What the package holds is left out of the ``state/`` package; a digest of it goes along, so that a rebuilt row is known to be the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from lantai.core import record as core
from lantai.packages.table_package import digest_of

RECORD = ("elements", "agents", "events", "relations")
DOCUMENT = ("role", "title")
FILE = ("name", "path", "size_bytes", "sha256", "sm3", "puid", "mime", "format_name", "page_count", "representation", "facts")
# What packaging adds to the described elements (stages.archive.build); a row's own values of these go with the state package.
ADDED = (
    "electronic_record_code",
    "archival_code",
    "fonds_identifier",
    "category_code",
    "agency_item_number",
    "fonds_constituting_unit_name",
    "total_number_of_pages",
)
_AGENT, _EVENT, _RELATION = (tuple(item.name for item in fields(kind)) for kind in (core.Agent, core.BusinessEvent, core.Relation))
# What archiving, transfer and correction add to the acts, the first of them last seen from the end.
_ACT, _FIRST_ACT = "lantai-", "lantai-capture"
_FACTS = ("findings", "metadata", "elements")


def own_elements(elements: Mapping[str, Any]) -> dict[str, Any]:
    """Return the elements of a row that a package may say otherwise."""
    return {name: elements[name] for name in ADDED if name in elements}


def own_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a file's facts its package does not hold, and the names of those that it does."""
    given = [name for name in _FACTS if name in facts and _is_held(facts[name])]
    return {"own": {name: value for name, value in facts.items() if name not in given}, "given": given}


def _is_held(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether record.xml gives a value back as it is: texts, and lists of texts or of rows of texts."""
    if isinstance(value, Mapping):
        return all(isinstance(item, str) or _is_texts(item) for item in value.values())
    rows = value if isinstance(value, list) else [None]
    return all(isinstance(row, Mapping) and all(isinstance(item, str) for item in row.values()) for row in rows)


def _is_texts(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def record_columns(value: core.Record, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return :data:`RECORD` of a row, from its package and its own elements."""
    agents, events = list(value.agents), list(value.events)
    added = set[str]()
    while events and events[-1].id.startswith(_ACT):
        last = events.pop()
        added.add(last.agent_id)
        if last.id.startswith(_FIRST_ACT):
            break
    while agents and agents[-1].id in added:
        agents.pop()
    elements = {name: said for name, said in value.elements.items() if name not in ADDED} | dict(own)
    return {
        "elements": elements,
        "agents": [_flat(item, _AGENT) for item in agents],
        "events": [_flat(item, _EVENT) for item in events],
        "relations": [_flat(item, _RELATION) for item in value.relations],
    }


def _flat(item: object, names: Sequence[str]) -> dict[str, Any]:
    """Return a value of texts by name, as ``asdict`` does at five times the cost."""
    return {name: getattr(item, name) for name in names}


def document_columns(value: core.Document) -> dict[str, Any]:
    """Return :data:`DOCUMENT` of a row."""
    return {"role": value.role.value, "title": value.title}


def file_columns(value: core.ComputerFile, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return :data:`FILE` of a row, from its package and its own facts."""
    told = {"findings": list(value.findings), "metadata": value.attributes, "elements": value.elements}
    facts = dict(own["own"]) | {name: told[name] for name in own["given"]}
    plain = {name: getattr(value, name) for name in FILE if name not in ("facts", "representation")}
    return {**plain, "representation": value.representation.value, "facts": facts}


def digest(columns: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the digest of the named columns of a row: order of keys in JSON does not matter."""
    return digest_of([columns[name] for name in names])
