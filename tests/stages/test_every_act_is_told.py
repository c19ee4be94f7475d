"""No verb acts without an event: every transaction of a stage reaches the ledger, and every type of event is named by a test.

Read from the code itself: a block under ``transaction.atomic()`` must call, directly or through functions of the stages, the ledger's
``append``. What may do without stands below with its reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lantai.core import event_words
from lantai.core.event_words import FIELDS
from lantai.core.events import EVENTS
from lantai.standards import da_t_31

ROOT = Path(__file__).resolve().parents[2]
STAGES = ROOT / "src" / "lantai" / "stages"
TELLS = {"entries.append", "append_events"}

#: Transactions that tell the ledger nothing, and why that is right.
SILENT: dict[str, str] = {
    "copies.replicas.enter": "a savepoint within its caller's transaction; the event follows in it",
    "digitise.erasing.erase": "the first half of one act; the second overwrites the bytes and tells",
    "people._written": "a frame: its callers write and tell within it",
}


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sorted(STAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def called(node: ast.AST) -> set[str]:
    """Return the last names of what is called or handed on below a node, and the dotted ones of the ledger."""
    names: set[str] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Name):
            names.add(item.id)
        elif isinstance(item, ast.Attribute):
            names |= {item.attr, ast.unparse(item)}
    return names


def reaching() -> set[str]:
    """Return the names of functions of the stages from which the ledger is told, however far down."""
    graph: dict[str, set[str]] = {}
    for _, node in functions():
        graph.setdefault(node.name, set()).update(called(node))
    reached: set[str] = {name for name, names in graph.items() if names & TELLS}
    while more := {name for name, names in graph.items() if name not in reached and names & reached & graph.keys()}:
        reached |= more
    return reached


def queues(line: ast.stmt) -> bool:
    """Tell whether a statement only queues work, or keeps the row that says what was asked for: the work itself tells."""
    text = ast.unparse(line)
    return text.startswith("work.enqueue(") or text.endswith(".save(force_insert=True)")


def silent() -> set[str]:
    """Return the transactions of the stages from which the ledger is not told, as ``module.function``."""
    reached, found = reaching(), set()
    for path, node in functions():
        blocks = [item for item in ast.walk(node) if isinstance(item, ast.With) and "transaction.atomic" in ast.unparse(item.items[0])]
        blocks = [block for block in blocks if not all(queues(line) for line in block.body)]
        names = [set().union(*(called(line) for line in block.body)) for block in blocks]
        if any(not known & (TELLS | reached) for known in names):
            found.add(f"{path.relative_to(STAGES).with_suffix('').as_posix().replace('/', '.')}.{node.name}")
    return found


def test_every_transaction_of_a_verb_tells_the_ledger() -> None:
    assert silent() <= set(SILENT), "tell the ledger of it (shelves.ledger.entries), or say above why not"


def test_every_type_of_event_is_told_somewhere_and_named_by_a_test() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "lantai").rglob("*.py") if path.name != "events.py")
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    made = {name for name in EVENTS if f'"{name}"' in code or re.search(rf'"{name.split(":")[1]}"', code)}
    assert set(EVENTS) - made == set(), "an event that nothing tells"
    assert {name for name in EVENTS if name not in tests} == set(), "name it in the test of the verb that tells it"


def bodies(node: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what the events made in a function say, where it is spelt out there."""
    named = {
        target.id: line.value
        for line in ast.walk(node)
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Dict)
        for target in line.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Entry") and len(call.args) > 3:
            body = call.args[3]
            yield named.get(body.id, body) if isinstance(body, ast.Name) else body


def written_keys() -> Iterator[tuple[str, str]]:
    """Yield function and key of every payload that is spelt out where its event is made."""
    for path, node in functions():
        dicts = (part for body in bodies(node) for part in ast.walk(body) if isinstance(part, ast.Dict))
        yield from ((f"{path.stem}.{node.name}", key.value) for part in dicts for key in part.keys if isinstance(key, ast.Constant))


def test_an_auditor_reads_every_field_in_chinese() -> None:
    keys = set(written_keys())
    assert len(keys) > 100
    assert sorted(f"{where}: {key}" for where, key in keys if key not in FIELDS) == []


def test_steps_of_the_paper_line_are_called_as_the_standard_does() -> None:
    for step in da_t_31.steps("catalogue_first"):
        assert event_words.value("step", step.name) == step.label
