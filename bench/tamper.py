"""Tampering: seeded changes to what is protected, each looked for with the means of the product and taken back.

``python -m bench.tamper --changes 500 --seed 1`` archives a few records, seals the ledger into a witness, and then, as somebody who
owns the host would (the database's triggers are gone), changes one thing at a time: bytes and files of the vault, of the log and of the
witness, columns and rows of the database. A change is *found* where the command that :mod:`lantai.stages.protected` names for it reports
anything, and *located* where what it reports names the thing. Every hundredth time, and at the end, both commands look at everything
with nothing changed; as before, after legitimate acts, they must raise nothing: a false alarm is a failure.
"""

import argparse
import base64
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.line import cpu_seconds
from bench.tables import Table
from lantai.packages.last_signed import NAME

RECORDS = 3
WHOLE_EVERY = 100
VERIFY, LEDGER = "verify --all", "ledger verify"
EVENTS = 330
NUMBERS = frozenset({"content_version", "size_bytes", "page_count", "sequence", "position", "size", "after"})
JSON = {"elements": {"title": "改动"}, "agents": [{"id": "x"}], "events": [{"id": "x"}], "relations": [{"kind": "x"}]}
KEYS = {"ledger_payload": "event_id", "ledger_checkpoint": "size"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, what must be named (any of these words), how it is made, and the command that must find it; taking it back is
    the caller's."""

    kind: str
    names: tuple[str, ...]
    make: Callable[[], None]
    command: str = LEDGER


@dataclass(slots=True)
class Tally:
    """What came of the changes of one kind."""

    changes: int = 0
    found: int = 0
    located: int = 0


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench tamper")
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--acts", type=int, default=200, help="legitimate acts that must raise nothing")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder, chosen.changes, chosen.acts, Random(chosen.seed))
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, changes: int, acts: int, chance: Random) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data, witness = folder / "data", folder / "witness"
    witness.mkdir()
    found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    with (data / "lantai.toml").open("a", encoding="utf-8") as stream:
        stream.write(f"witness_folders = [{json.dumps(str(witness))}]\n")
    start(data)
    there = Installation(data, witness, chance)
    there.fill(folder / "source")
    alarms = there.legitimate(acts)
    there.unguard()
    began = cpu_seconds()
    missed: list[str] = []
    vague: list[str] = []
    kinds: dict[str, Tally] = {}
    for number in range(1, changes + 1):
        change = there.draw()
        tally = kinds.setdefault(change.kind, Tally())
        tally.changes += 1
        with there.undone():
            change.make()
            told = there.look(change.command)
        is_located = any(name in line for name in change.names for line in told)
        tally.found += bool(told)
        tally.located += is_located
        if not told:
            missed.append(f"{change.kind} {change.names}")
        elif not is_located:
            vague.append(f"{change.kind} {change.names}: {told[:2]}")
        if number % WHOLE_EVERY == 0 or number == changes:
            alarms += len(there.look())
    there.close()
    per_change = (cpu_seconds() - began) / max(changes, 1)
    return {
        "cpu_ms_per_change": round(1000 * per_change, 1),
        "changes": changes,
        "found": changes - len(missed),
        "located": changes - len(missed) - len(vague),
        "legitimate_acts": acts,
        "false_alarms": alarms,
        "missed": missed[:10],
        "not_located": vague[:10],
        "kinds": Table({"kind": kind} | asdict(tally) for kind, tally in sorted(kinds.items())),
    }


class Installation:
    """A small installation, what may be changed in it, and what the product says of it."""

    def __init__(self, data: Path, witness: Path, chance: Random) -> None:
        from lantai import wiring

        wiring.provide()
        self._house, self._data, self._witness, self._chance = wiring.house(), data, witness, chance
        self._kept: dict[Path, bytes | None] = {}
        self._old: dict[Path, bytes] = {}

    def fill(self, source: Path) -> None:
        """Archive a few records and seal everything into the witness, in several checkpoints."""
        from bench import corpus
        from lantai import line
        from lantai.demo import run
        from lantai.shelves.holdings.models import Record
        from lantai.stages import capture, seal
        from lantai.stages.recover import state

        corpus.one_page_pdfs(source, RECORDS, 1)
        archivist = run.install(self._house, "Bench-tamper-1")
        batch_id = capture.open_batch(self._house, archivist, [source], channel="manual", department="BGS")
        line.finish(self._house)
        line.seal(self._house, archivist, list(Record.objects.filter(batch_id=batch_id, state="arranged")))
        line.finish(self._house)
        for _ in range(2):
            self._tell(EVENTS // 3)
            seal.seal(self._house)
        line.rotate_keys(self._house, reason="试验", is_compromised=False)
        self._old = {path: path.read_bytes() for root in (self._witness, self._data / "ledger") for path in _files(root)}
        self._tell(EVENTS // 3)
        seal.seal(self._house)
        state.write_state(self._house)
        seal.seal(self._house)

    def _tell(self, count: int) -> None:
        from django.db import transaction

        from lantai.shelves.ledger.entries import Entry, append

        told = [Entry("search:asked", "worker", "search", {"words": [str(self._chance.random())]}) for _ in range(count)]
        with transaction.atomic():
            append(self._house.clock.now(), told, ids=self._house.ids)

    def legitimate(self, acts: int) -> int:
        """Do what is allowed (events, sealing, verifying, reading) *acts* times; return how many alarms that raised."""
        from lantai.shelves.holdings.models import Record
        from lantai.stages import prove, seal

        alarms, keys = 0, list(Record.objects.values_list("id", flat=True))
        for act in range(acts):
            self._tell(self._chance.randrange(1, 4))
            if act % 5 == 0:
                seal.seal(self._house)
            if act % 10 == 0:
                alarms += len(prove.verify_as_service(self._house, [self._chance.choice(keys)]).problems)
        seal.seal(self._house)
        return alarms + len(self.look())

    def look(self, command: str = "") -> list[str]:
        """Return what a command, or both where none is named, says is wrong, a line a problem."""
        from lantai.core.errors import Coded
        from lantai.stages import attest, prove

        lines = []
        try:
            if command != LEDGER:
                found = prove.verify_as_service(self._house, None).problems
                lines += [f"{item.code} {item.record} {item.path} {item.message}" for item in found]
            if command != VERIFY:
                lines += [f"{item.code} {item.where} {item.message}" for item in attest.attest(self._house).problems]
        except Coded as problem:
            return [str(problem)]
        return lines

    def unguard(self) -> None:
        """Take the database's own guards away."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute("PRAGMA synchronous = OFF")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back, at the end of the block, every change of rows and files made in it."""
        from django.db import transaction

        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        for path, content in self._kept.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.parent.chmod(0o755)
                path.unlink(missing_ok=True)
                path.write_bytes(content)
        self._kept = {}

    def close(self) -> None:
        """End the reading child."""
        self._house.reader.close()

    def draw(self) -> Change:
        """Draw a change."""
        ways = (
            self._vault,
            self._vault,
            self._log,
            self._held,
            self._keys,
            self._kept_here,
            self._column,
            self._column,
            self._gone,
            self._added,
            self._replay,
        )
        return self._chance.choice(ways)()

    def _file(self, root: Path, kind: str, names: Callable[[Path], tuple[str, ...]]) -> Change:
        path = self._chance.choice(_files(root))
        how = self._chance.choice(("flip", "flip", "remove", "cut"))

        def make() -> None:
            content = path.read_bytes()
            if how == "remove":
                self._put(path, None)
                return
            at = self._chance.randrange(len(content)) if content else 0
            flipped = content[:at] + bytes([content[at] ^ (1 << self._chance.randrange(8))]) + content[at + 1 :] if content else b"x"
            self._put(path, flipped if how == "flip" else content[: len(content) // 2])

        return Change(f"{kind} {how}", names(path), make, VERIFY if kind == "vault" else LEDGER)

    def _put(self, path: Path, content: bytes | None) -> None:
        """Write or remove a file, keeping what was there to be put back."""
        self._kept.setdefault(path, path.read_bytes() if path.exists() else None)
        path.unlink(missing_ok=True)
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _vault(self) -> Change:
        from lantai.packages import ocfl
        from lantai.shelves.holdings.models import Record

        roots = [self._data / "vault" / ocfl.object_path(row.id) for row in Record.objects.filter(state="archived")]
        root = self._chance.choice(roots)
        record = Record.objects.get(id=ocfl.record_id_of(root.name))
        if self._chance.random() < 0.15:
            extra = root / self._chance.choice(("v1/content/多出.txt", "多出.txt"))
            return Change("vault add", (record.code, record.id), lambda: self._put(extra, b"x"), VERIFY)
        return self._file(root, "vault", lambda _: (record.code, record.id))

    def _log(self) -> Change:
        def names(path: Path) -> tuple[str, ...]:
            told = path.relative_to(self._data / "ledger").as_posix()
            return (
                (told, told.partition(".p/")[0], "LEDGER-ENTRY-ALTERED", "LEDGER-HASH-ALTERED")
                if path.name != "checkpoint"
                else ("checkpoint",)
            )

        return self._file(self._data / "ledger", "log", names)

    def _held(self) -> Change:
        return self._file(self._witness, "witness", lambda _: (str(self._witness),))

    def _keys(self) -> Change:
        """A former key that nobody handed over from, or one that is gone."""
        folder = self._data / "keys" / "former"
        if self._chance.random() < 0.5:
            path = self._chance.choice(_files(folder))
            return Change("key gone", ("LEDGER-CHECKPOINT-UNSIGNED",), lambda: self._put(path, None))
        public = base64.b64encode(self._chance.randbytes(32)).decode()
        content = json.dumps({"algorithm": "Ed25519", "public_key": public}).encode()
        return Change("key added", ("LEDGER-KEY-UNKNOWN",), lambda: self._put(folder / "ed25519-own.json", content))

    def _kept_here(self) -> Change:
        """The newest state package, or what was signed here last: bytes changed, files gone, an earlier note in its place."""
        newest = sorted(path for path in (self._data / "state").iterdir() if path.is_dir())[-1]
        if self._chance.random() < 0.6:
            return self._file(newest, "state", lambda _: (newest.name,))
        place = self._data / "keys" / NAME
        note = place.read_text("utf-8")
        size = note.split("\n")[1]
        changed = self._chance.choice((*(note.replace(f"\n{size}\n", f"\n{other}\n", 1) for other in (int(size) + 7, 3)), "x"))
        return Change("last signed", (NAME,), lambda: self._put(place, changed.encode()))

    def _pick(self, table: str) -> tuple[str, Any]:
        from django.db import connection

        key = KEYS.get(table, "id")
        only = ""
        if table == "ledger_event":
            only = " WHERE position IS NOT NULL"
        if table == "ledger_payload":
            only = " WHERE event_id IN (SELECT id FROM ledger_event WHERE position IS NOT NULL)"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key} FROM {table}{only} ORDER BY {key}")
            return key, self._chance.choice(cursor.fetchall())[0]

    def _column(self) -> Change:
        from lantai.stages.protected import TABLES

        table = self._chance.choice(TABLES)
        column = self._chance.choice([name for name in table.columns if name != KEYS.get(table.table, "id")])
        key, value = self._pick(table.table)
        names = self._named(table.table, value)

        def make() -> None:
            wanted: object = 70_000 if column in NUMBERS else "2001-01-01 00:00:00" if column == "instant" else "改动"
            if column in JSON:
                wanted = json.dumps(JSON[column], ensure_ascii=False)
            if column == "state":
                wanted = "numbered"
            if column == "note":
                wanted = self._resigned(value)
            self._execute(f"UPDATE {table.table} SET {column} = %s WHERE {key} = %s", wanted, value)

        return Change(f"{table.table}.{column}", names, make, table.command)

    def _resigned(self, size: int) -> str:
        """Return the note of a checkpoint with one sign of a signature changed."""
        from lantai.shelves.ledger.models import Checkpoint

        note = Checkpoint.objects.get(size=size).note
        at = self._chance.randrange(note.index("— ") + 60, len(note) - 8)
        return note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]

    def _gone(self) -> Change:
        from lantai.stages.protected import TABLES

        table = self._chance.choice(TABLES).table
        key, value = self._pick(table)
        names = self._named(table, value)
        children = {
            "ledger_event": ["DELETE FROM ledger_payload WHERE event_id = %s"],
            "holdings_document": ["DELETE FROM holdings_computerfile WHERE document_id = %s"],
            "holdings_record": [
                f"DELETE FROM {child} WHERE record_id = %s"
                for child in ("holdings_computerfile", "holdings_document", "holdings_archivalcode")
            ],
        }

        def make() -> None:
            for statement in children.get(table, ()):
                self._execute(statement, value)
            self._execute(f"DELETE FROM {table} WHERE {key} = %s", value)

        return Change(f"{table} removed", names, make, _command(table))

    def _added(self) -> Change:
        """A row more: a copy of one under another key, an event with a position that nobody sealed or one between."""
        table = self._chance.choice(("ledger_event", "ledger_checkpoint", "holdings_document", "holdings_computerfile"))
        key, value = self._pick(table)
        changed = {
            "ledger_event": {"id": "01" + "Z" * 24, "position": self._chance.choice((-5, 90_000))},
            "ledger_checkpoint": {"size": self._chance.choice((1, 90_000))},
            "holdings_document": {"id": "01" + "Z" * 24, "sequence": 90},
            "holdings_computerfile": {"id": "01" + "Z" * 24},
        }[table]
        told = {"ledger_event": ("01ZZ",), "ledger_checkpoint": (str(changed.get("size")), "checkpoint")}
        names = told.get(table) or self._named(table, value)
        return Change(f"{table} added", names, lambda: self._copy(table, key, value, changed), _command(table))

    def _copy(self, table: str, key: str, value: Any, changed: dict[str, Any]) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [value])
            names = [item[0] for item in cursor.description]
            row = dict(zip(names, cursor.fetchone(), strict=True)) | changed
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", [row[name] for name in names]
            )

    def _replay(self) -> Change:
        """Something old in place of what is there: the database, the log with it, or the witness."""
        from lantai.shelves.ledger.models import Checkpoint

        size = list(Checkpoint.objects.order_by("-size").values_list("size", flat=True)[:2])[1]
        what = self._chance.choice(("database", "database and log", "witness"))

        def make() -> None:
            if what != "witness":
                self._execute("DELETE FROM ledger_payload WHERE event_id IN (SELECT id FROM ledger_event WHERE position >= %s)", size)
                self._execute("DELETE FROM ledger_event WHERE position >= %s", size)
                self._execute("DELETE FROM ledger_checkpoint WHERE size > %s", size)
            if what != "database":
                self._restore(self._witness if what == "witness" else self._data / "ledger")

        return Change(f"old {what}", ("checkpoint", str(self._witness)), make)

    def _restore(self, root: Path) -> None:
        for path in _files(root):
            self._put(path, self._old.get(path))
        for path, content in self._old.items():
            if path.is_relative_to(root):
                self._put(path, content)

    def _named(self, table: str, value: Any) -> tuple[str, ...]:
        from lantai.shelves.holdings.models import ComputerFile, Document, Record
        from lantai.shelves.ledger.models import Event

        if table == "ledger_checkpoint":
            return (str(value), "checkpoint")
        if table in {"ledger_event", "ledger_payload"}:
            return (str(Event.objects.get(id=value).position), str(value))
        owners = {"holdings_document": Document, "holdings_computerfile": ComputerFile}
        record_id = owners[table].objects.get(id=value).record_id if table in owners else value
        return (Record.objects.get(id=record_id).code, record_id)

    def _execute(self, statement: str, *values: object) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))


def _command(table: str) -> str:
    """Return the command that finds a change of the rows of a table."""
    from lantai.stages.protected import TABLES

    return next(item.command for item in TABLES if item.table == table)


def _files(root: Path) -> list[Path]:
    return sorted(item for item in root.rglob("*") if item.is_file() and not item.name.startswith("."))
