"""The parts of design and reference pages that are drawn from the code, between ``<!-- drawn: NAME -->`` and ``<!-- end -->``.

``python -m tests.support.pages`` draws them anew; tests/docs fails where a page and the code differ. Those of the reference are in
tests/support/reference.py.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
from django.apps import apps
from django.db import models

from lantai.core import lifecycle
from lantai.core.events import EVENTS, Envelope
from lantai.core.evidence import canonical_json, leaf_hash, payload_digest
from lantai.core.lifecycle import MOVES, STATE_NAMES, STOPPING_FLAGS, State
from lantai.core.recovery import SOURCES
from tests.support import interface, reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
DESIGN, REFERENCE = DOCS / "design", DOCS / "reference"
SHELVES = (
    "people",
    "recovery",
    "intake",
    "holdings",
    "ledger",
    "policy",
    "gates",
    "reports",
    "metadata",
    "upkeep",
    "copies",
    "register",
    "exchange",
    "digitising",
    "journal",
    "edge",
)
_BLOCK = re.compile(r"<!-- drawn: (?P<name>[a-z_]+) -->\n.*?<!-- end -->", re.DOTALL)


def diagram() -> str:
    """Draw the tables and what refers to what; a line without key is an identifier that is not enforced."""
    lines = ["```mermaid", "erDiagram"]
    for model in _models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                many = "||" if field.unique else "o{"
                lines.append(f"  {_table(field.related_model)} ||--{many} {_table(model)} : {field.name}")
    lines += [f"  {source} ||..o{{ {target} : {name}" for source, target, name in _LOOSE]
    return "\n".join([*lines, "```"])


def tables() -> str:
    """List every table with its columns, shelf by shelf."""
    lines: list[str] = []
    for model in _models():
        purpose = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ").replace("``", "`")
        lines += [f"### {_table(model)}", "", purpose, "", "| column | kind | rules |", "|---|---|---|"]
        lines += [f"| {field.column} | {_kind(field)} | {_rules(field)} |" for field in model._meta.concrete_fields]
        lines.append("")
    return "\n".join(lines).rstrip()


def states() -> str:
    """Draw the processing states and the moves between them."""
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {State.RECEIVED}"]
    lines += [f"  {row.origin} --> {row.target}: {row.verb}" for row in MOVES]
    lines += [f"  {state} --> [*]" for state in State if state in lifecycle.FINAL]
    return "\n".join([*lines, "```"])


def state_names() -> str:
    """List the states with their Chinese names."""
    rows = [f"| {state} | {STATE_NAMES[state]} | {'yes' if state in lifecycle.FINAL else ''} |" for state in State]
    return "\n".join(["| state | in Chinese | final |", "|---|---|---|", *rows])


def moves() -> str:
    """List the moves: who makes them, how often they are tried, and where they rest after that."""
    lines = ["| from | to | verb | who | attempts | first retry after | then |", "|---|---|---|---|---|---|---|"]
    for row in MOVES:
        retry, then = (f"{row.retry_seconds} s", "needs_attention") if row.actor == "worker" else ("", "told at once")
        lines.append(f"| {row.origin} | {row.target} | {row.verb} | {row.actor} | {row.attempts} | {retry} | {then} |")
    return "\n".join(lines)


def facets() -> str:
    """List the facets that stand beside processing, and the flags that stop any move."""
    lines = ["| facet | values |", "|---|---|"]
    for facet in (lifecycle.Appraisal, lifecycle.Custody, lifecycle.Opening):
        lines.append(f"| {facet.__name__.lower()} | {' · '.join(facet)} |")
    return "\n".join([*lines, f"| flags that stop any move | {' · '.join(STOPPING_FLAGS)} |"])


def events() -> str:
    """List the types of events with the class of their payloads."""
    rows = [f"| {row.type} | {row.name} | {row.payload} | {row.object_kind} |" for row in EVENTS.values()]
    return "\n".join(["| type | in Chinese | payload | object |", "|---|---|---|---|", *rows])


def example() -> str:
    """Work one event through: body, salt, digest, entry and leaf."""
    salt, body = bytes(range(16)), canonical_json({"code": "Z109-WS·2026-Y-BGS-0001", "version": 1})
    digest = payload_digest(salt, body)
    instant = datetime(2026, 3, 2, 1, 30, 0, 250, tzinfo=UTC)
    entry = Envelope("01HF7YAT00000000000000001X", "record:archived", instant, "worker", "record", "01HF7YAT00000000000000001A", digest)
    return "\n".join(
        [
            "```",
            f"body    {body.decode()}",
            f"salt    {salt.hex()}",
            f"digest  {digest}",
            f"entry   {entry.entry().decode()}",
            f"leaf    {leaf_hash(entry.entry()).hex()}",
            "```",
        ]
    )


def protected_tables() -> str:
    """List the tables that are held against ledger and packages, and the columns that are not."""
    from lantai.stages import protected  # its tables need Django set up

    rows = []
    for item in protected.TABLES:
        (model,) = [model for model in _models() if model._meta.db_table == item.table]
        free = [field.column for field in model._meta.concrete_fields if field.column not in item.columns and not field.primary_key]
        held = "、".join(f"`{name}`" for name in item.columns)
        others = " ".join(f"`{name}`" for name in free)
        rows.append(f"| `{item.table}` | {held.replace('、', ' ')} | `{item.command}` | {item.names} | {item.rows} | {others} |")
    return "\n".join(["| table | columns held | by | named | rows | not held |", "|---|---|---|---|---|---|", *rows])


def protected_files() -> str:
    """List the files that are held against digests, signatures and the tree."""
    from lantai.stages import protected

    rows = [f"| `{item.place}` | {item.holds} | `{item.command}` | {item.names} |" for item in protected.FILES]
    return "\n".join(["| files | what is in them | by | named |", "|---|---|---|---|", *rows])


def sources() -> str:
    """List for every table what it is rebuilt from, and what cannot be equal."""
    rows = [f"| {row.table} | {'、'.join(row.sources)} | {row.how} | {row.differs} |" for row in SOURCES.values()]
    return "\n".join(["| table | source | what from where | not equal afterwards |", "|---|---|---|---|", *rows]).replace("、", ", ")


DRAWERS: dict[str, Callable[[], str]] = {
    "diagram": diagram,
    "tables": tables,
    "states": states,
    "state_names": state_names,
    "moves": moves,
    "facets": facets,
    "events": events,
    "example": example,
    "protected_tables": protected_tables,
    "protected_files": protected_files,
    "sources": sources,
    "interface": interface.page,
    **reference.DRAWERS,
}


def drawn(text: str) -> str:
    """Return a page with every drawn part as the code has it now. Raises KeyError for a part nobody draws."""
    return _BLOCK.sub(lambda block: f"<!-- drawn: {block['name']} -->\n\n{DRAWERS[block['name']]()}\n\n<!-- end -->", text)


def pages() -> Iterator[Path]:
    """Yield the pages that have drawn parts."""
    yield from (page for folder in (DESIGN, REFERENCE) for page in sorted(folder.glob("*.md")) if _BLOCK.search(page.read_text("utf-8")))


_LOOSE = (
    ("intake_batch", "holdings_record", "batch_id"),
    ("holdings_record", "intake_arrival", "record_id"),
    ("holdings_record", "holdings_indexoutbox", "record_id"),
    ("holdings_numberscope", "holdings_numberrange", "scope"),
    ("holdings_numberscope", "holdings_numbergap", "scope"),
    ("holdings_numberscope", "holdings_archivalcode", "scope"),
    ("holdings_record", "intake_report", "subject_id"),
    ("holdings_record", "ledger_event", "object_id"),
)


def _models() -> list[type[models.Model]]:
    return [model for name in SHELVES for model in apps.get_app_config(name).get_models()]


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _kind(field: "models.Field[object, object]") -> str:
    if isinstance(field, models.ForeignKey):
        return f"→ {_table(field.related_model)}"
    size = f"({field.max_length})" if field.max_length else ""
    return field.get_internal_type().removesuffix("Field").lower() + size


def _rules(field: "models.Field[object, object]") -> str:
    named = {
        "key": field.primary_key,
        "unique": field.unique and not field.primary_key,
        "indexed": field.db_index,
        "may be null": field.null,
    }
    words = [word for word, holds in named.items() if holds]
    if field.has_default() and not callable(field.default) and field.default != "":
        words.append(f"default {field.default}")
    return ", ".join(words)


def main() -> None:
    """Draw every page anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    for page in pages():
        page.write_text(drawn(page.read_text("utf-8")), "utf-8")
    (REFERENCE / "openapi.json").write_text(interface.document(), "utf-8")


if __name__ == "__main__":
    main()
