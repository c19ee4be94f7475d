"""The drawn parts of docs/reference: commands, exit codes, settings, codes, permissions, JSON documents, coverage."""

import importlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import get_args, get_origin

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lantai.cli.console import EXITS, Verb
from lantai.cli.help import option_rows
from lantai.cli.main import COMMANDS, table
from lantai.core.access import ACTION_NAMES, CLIENT_NAMES, OWN, ROLE_NAMES, RULES, Conditions
from lantai.core.codes import (
    bagit,
    checking,
    csip,
    digitising,
    eep,
    keeping,
    line,
    ocfl,
    operating,
    packaging,
    reading,
    records,
    recovering,
    scanning,
    transfer,
    upkeeping,
)
from lantai.core.codes.row import Code
from lantai.ports.settings import Settings
from lantai.standards import da_t_48, da_t_93
from lantai.standards.requirements import requirements as of_standard
from tests.support import coverage
from tests.support.shapes import SHAPES

PURPOSES: dict[str, str] = {
    "demo": "Composes a fictional agency's documents, takes them through the whole line, prints in and out, and serves.",
    "init": "Makes a data folder: settings, keys, databases and the first accounts.",
    "config": "Prints every setting with its value, where that came from, and its help.",
    "doctor": "Looks at every part of an installation.",
    "login": "Signs the command line in with a token of twelve hours, kept for this operating-system user and data folder.",
    "client": "Issues, approves, withdraws and lists the tokens by which systems of the agency call the interface (api.md).",
    "serve": "Runs the web server with its embedded workers until told to stop.",
    "worker": "Runs one background worker until told to stop.",
    "capture": "Takes files, folders, packages and archives in as one batch. Sources are only read.",
    "digitise": "Takes scans in as a batch of the paper line, or shows, confirms, samples and signs one.",
    "attach": "Holds the files of a folder against catalogue rows without files, and hangs them onto these.",
    "import-catalogue": "Takes in a catalogue: each row becomes a record that is kept on paper.",
    "sheet": "Writes a list out as a workbook, tries the edited one cell by cell, and applies it whole.",
    "import-register": "Takes in the office system's register of finished documents; entering it again writes only what changed.",
    "inspect": "Tells what a file is and what can be read in it. Needs no data folder.",
    "recognise": "Reads scanned pages: text with boxes and confidence, and the fields of the document. Needs no data folder.",
    "check": "Runs a gate of DA/T 70-2018 over a path (needs no data folder), shows the report of a batch or record, or repeats a report.",
    "receipt": "Gives the sender's receipt of a batch, signed: accepted with codes, returned with reasons and evidence. Verifies one.",
    "print": "Prints a form as PDF/A-2b. The print is noted in the ledger.",
    "setup": "Sets the agency up: unit, departments, categories, classes, lists of values, schedule; alone it tells what is missing.",
    "volume": "Forms volumes of arranged records, orders them, undoes them, and fixes the code of a volume with those of its items.",
    "archive": "Accepts what passed, fixes the archival codes, writes the packages into the vault.",
    "show": "Shows one record. The read is noted in the ledger.",
    "versions": "Lists and compares the versions of an archived record; a correction is proposed by one account, approved by another.",
    "find": "Searches. Counts are exact and cover what the account may see. The search is noted in the ledger.",
    "export": "Writes archived records as packages: EEP, filing package, transfer package. The export is noted in the ledger first.",
    "transfer": "Transfer acts: what is due, an act over it, the transfer gate, the package, and the receiver's receipt.",
    "verify": "Checks archived records against inventory, proof, database and ledger, byte by byte. Runs as the service account.",
    "excerpt": "Writes events of the ledger with the proof of each, for an inspector. Acts as an account that may read the ledger.",
    "ledger": "Verifies the whole ledger, seals it now, or shows the latest checkpoint. Runs as the service account.",
    "preserve": "Runs the preservation gate over a sample or all of the holdings, plans it, and tells what differs from the last run.",
    "replica": "Sets up, lists, fills and retires copies of the vault on another disk or in a bucket; filled in the background too.",
    "medium": "The register of offline media: entering a mounted one, filling it, and writing down the grade of a check.",
    "fixity": "Reads every byte of the vault or a replica, whole or sampled; damage is mended from a good copy at once.",
    "fsck": "Reads a vault from end to end; finishes what a crash left, mends what it can, names the rest. Runs as the service account.",
    "mend": "Puts a good copy of one record wherever its copy is damaged or gone.",
    "migrate-store": "Moves the whole vault to another disk or bucket while everything goes on; the old place stays until removed.",
    "resume": "Lets a batch or record that rests after a fault, or after its worker died too often, go on from where it stopped.",
    "metadata": "Shows, exports, proposes, adopts or retires a metadata scheme; a proposal is held against what is not archived yet.",
    "tidy": "Removes what crashes left lying and lets go on what rests after a passing fault; workers do it hourly by themselves.",
    "state": "Writes a state package: what lives in the databases alone, signed, secrets sealed. Runs as the service account.",
    "backup": "Backs the whole installation up while it runs, verifies, lists and prunes backups. Runs as the service account.",
    "restore": "Restores a backup into an empty data folder, once every byte of it has been read. Runs as the service account.",
    "drill": "Restores the newest backup aside, checks and compares it, and files the drill. Runs as the service account.",
    "rebuild": "Makes databases and index anew from vault, log and state package, in place or beside. Runs as the service account.",
    "bench": "Runs one benchmark in a temporary folder.",
}
SHAPE_OF: dict[str, tuple[str, ...]] = {name: (name,) if name in SHAPES else () for name in COMMANDS} | {
    "check": ("check", "check --replay"),
    "versions": ("versions list", "versions compare", "versions correct"),
    "receipt": ("receipt", "receipt --verify"),
    "import-catalogue": ("capture",),
    "sheet": ("sheet", "sheet out", "sheet list"),
    "excerpt": ("excerpt",),
    "ledger": (
        "ledger verify",
        "ledger seal",
        "ledger stamp",
        "ledger renew",
        "ledger expire",
        "ledger recopy",
        "ledger rotate",
        "ledger checkpoint",
    ),
    "backup": ("backup make", "backup list", "backup verify", "backup prune", "backup plan"),
    "bench": ("bench line", "bench search", "bench serve"),
}
EXIT_MEANINGS: dict[int, str] = {
    0: "done",
    2: "the command line is wrong",
    3: "refused by a rule, with reasons",
    4: "findings of error level",
    5: "fault, try again",
    6: "fault, trying again will not help",
    70: "a bug, with its traceback on stderr",
    130: "interrupted; running the command again goes on",
}
_FIELDS = (
    ("Reading files", reading.ROWS),
    ("Packages, containers, catalogues", packaging.ROWS),
    ("EEP packages (DA/T 48-2009)", eep.ROWS),
    ("Transfer packages and transfer acts", transfer.ROWS),
    ("BagIt bags", bagit.ROWS),
    ("OCFL objects and storage roots", ocfl.ROWS),
    ("E-ARK packages", csip.ROWS),
    ("The four gates", checking.ROWS),
    ("Records", records.ROWS),
    ("Vault, index, ledger, keys", keeping.ROWS),
    ("Running: accounts, quarantine, virus engine, work", operating.ROWS),
    ("The line and the command line", line.ROWS),
    ("Scanned pages", scanning.ROWS),
    ("Preservation runs, finished documents, hand-over lists", upkeeping.ROWS),
    ("The paper line", digitising.ROWS),
    ("State packages, rebuilding, backup, restore, drills", recovering.ROWS),
)


def rows_of(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table."""
    head = list(head)
    lines = [_row(head), "|" + "---|" * len(head), *(_row(row) for row in rows)]
    return "\n".join(lines)


def commands() -> str:
    """Describe every command."""
    context = click.Context(table, info_name="lantai")
    return "\n\n".join(_command(name, context) for name in COMMANDS)


def exits() -> str:
    """List the exit codes."""
    return rows_of(("exit code", "meaning", "as shown"), ((code, EXIT_MEANINGS[code], text) for code, text in EXITS.items()))


def settings() -> str:
    """List every setting with its default, its variable and its help."""
    rows = (
        (f"`{name}`", _kind(field), _default(name, field), f"`LANTAI_{name.upper()}`", field.description)
        for name, field in Settings.model_fields.items()
    )
    return rows_of(("setting", "kind", "default", "variable", "help"), rows)


def codes() -> str:
    """List the whole code table."""
    return "\n\n".join(f"## {title}\n\n{_codes(rows)}" for title, rows in _FIELDS)


def requirements(standard: str, prefix: str) -> str:
    """Set every requirement of a package standard against the code that tells of it."""
    rows = of_standard(standard)
    checked = sum(row.is_checked for row in rows)
    told = {True: "checked", False: ""}
    cells = (
        (f"`{prefix}{row.code}`", row.level, row.clause, told[row.is_checked] or row.check.replace("no ", "not checked: ", 1), row.text)
        for row in rows
    )
    others = sum(row.check.startswith("as ") for row in rows)
    head = f"{len(rows)} requirements, {checked} checked by a code of their own, {others} by another's."
    return head + "\n\n" + rows_of(("code", "level", "clause or place", "check", "requirement"), cells)


def package_forms() -> str:
    """List the forms in which records go out and what each cannot hold."""
    forms = importlib.import_module("lantai.stages.export.forms").FORMS.values()  # needs Django to have been set up
    rows = [(f"`{form.key}`", form.name, "one a record" if form.write else "one for all", " ".join(form.cannot)) for form in forms]
    return rows_of(("`--as`", "form", "packages", "cannot hold"), rows)


def eep_requirements() -> str:
    """List what is asked of an EEP."""
    return _asked(da_t_48.requirements().values())


def transfer_requirements() -> str:
    """List what is asked of a transfer package."""
    return _asked(da_t_93.requirements().values())


def _asked(rows: Iterable[da_t_48.Requirement]) -> str:
    marks = {"?": "待核"}
    told = ((f"`{row.code}`", row.clause, row.level, marks.get(row.certainty, row.certainty), row.text) for row in rows)
    return rows_of(("code", "where", "level", "certainty", "requirement"), told)


def permissions() -> str:
    """Set roles, those of clients last, against permissions."""
    roles = ROLE_NAMES | CLIENT_NAMES
    head = ("permission", "in Chinese", *(f"{role} {name}" for role, name in roles.items()))
    rows = ((f"`{action}`", name, *(_cell(RULES[role].get(action)) for role in roles)) for action, name in ACTION_NAMES.items())
    return rows_of(head, rows)


def documents() -> str:
    """Describe every JSON document."""
    return "\n\n".join(_document(name) for name in SHAPES)


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _command(name: str, parent: click.Context) -> str:
    command = table.get_command(parent, name)
    if not isinstance(command, Verb):
        raise TypeError(name)
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    parts = [f"## {name}", PURPOSES[name], f"> {command.help}", f"```\n{_usage(context, command)}\n```"]
    if command.arguments:
        parts.append(rows_of(("argument", "as shown"), ((f"`{term}`", text) for term, text in command.arguments)))
    parts.append(rows_of(("option", "as shown"), ((f"`{term}`", text) for term, text in option_rows(command, context))))
    if command.exits:
        parts.append(rows_of(("exit code", "here"), command.exits.items()))
    if SHAPE_OF[name]:
        links = ", ".join(f"[{shape}](json.md#{shape.replace(' ', '-')})" for shape in SHAPE_OF[name])
        parts.append(f"JSON: {links}")
    if command.examples:
        parts.append("```\n" + "\n".join(f"{term}    # {text}" for term, text in command.examples) + "\n```")
    return "\n\n".join(parts)


def _usage(context: click.Context, command: Verb) -> str:
    return " ".join((context.command_path, *command.collect_usage_pieces(context)))


def _kind(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is tuple:
        return "list of words"
    choices = get_args(kind)
    if choices:
        return " or ".join(f"`{choice}`" for choice in choices)
    return {"str": "text", "int": "number", "float": "number", "bool": "true or false", "Path": "path"}[getattr(kind, "__name__", "")]


def _default(name: str, field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined or value in ("", ()):
        return "made by `lantai init`" if name == "secret_key" else "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _codes(rows: Iterable[Code]) -> str:
    head = ("code", "kind", "severity", "text", "safe", "next", "HTTP", "exit")
    cells = ((f"`{row.code}`", row.kind, row.severity, row.text, row.safe, row.next, row.http, row.exit) for row in rows)
    return rows_of(head, cells)


def _cell(alternatives: tuple[Conditions, ...] | None) -> str:
    if alternatives is None:
        return ""
    ways = [", ".join(f"{key} is {'the own one' if value == OWN else value}" for key, value in row) for row in alternatives]
    return "yes" if ways == [""] else "; or ".join(ways)


def _document(name: str) -> str:
    rows = ((f"`{row.path}`", row.kind + (" (may be absent)" if row.is_optional else ""), row.meaning) for row in SHAPES[name])
    return f"## {name}\n\n{rows_of(('field', 'kind', 'meaning'), rows)}"


DRAWERS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "exits": exits,
    "settings": settings,
    "codes": codes,
    "permissions": permissions,
    "package_forms": package_forms,
    "eep_requirements": eep_requirements,
    "transfer_requirements": transfer_requirements,
    "documents": documents,
    "bagit": partial(requirements, "bagit", "BAGIT-"),
    "ocfl": partial(requirements, "ocfl", "OCFL-"),
    "csip": partial(requirements, "csip", ""),
    "coverage": coverage.page,
}
