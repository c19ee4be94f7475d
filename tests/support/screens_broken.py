"""Pictures of a proof that fails: each of the four ticks broken in turn, a ledger, checkpoint, witness and replica that disagree.

``python -m tests.support.screens_broken OUT --data DIR``: the folder DIR holds a demonstration (``lantai demo``). Every damage is done to
a copy, looked at where people would look (a record's 凭证 panel, 审计, 档案库), and thrown away with it.
"""

import argparse
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from lantai import wiring
from lantai.packages import ocfl
from tests.support import screens


def _object(data: Path, record: str) -> Path:
    return next(path for path in (data / "vault").rglob(f"*{record}*") if (path / "inventory.json").is_file())


def _writable(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def digest(data: Path, record: str) -> None:
    """Flip the last byte of a file."""
    path = next(path for path in sorted(_object(data, record).rglob("original/*")) if path.is_file())
    content = path.read_bytes()
    _writable(path, content[:-1] + bytes([content[-1] ^ 1]))


def signature(data: Path, record: str) -> None:
    """Change the signature, and every digest of the package with it."""
    folder = _object(data, record)
    proof = next(folder.rglob("proof.json"))
    told = json.loads(proof.read_bytes())
    first = told["signatures"][0]
    first["value"] = ("B" if first["value"][0] == "A" else "A") + first["value"][1:]
    before, content = hashlib.sha256(proof.read_bytes()).hexdigest(), json.dumps(told, ensure_ascii=False).encode()
    _writable(proof, content)
    for inventory in folder.rglob("inventory.json"):
        changed = inventory.read_text("utf-8").replace(before, hashlib.sha256(content).hexdigest()).encode()
        _writable(inventory, changed)
        _writable(inventory.with_name("inventory.json.sha256"), ocfl.sidecar(hashlib.sha256(changed).hexdigest()))


def stamp(data: Path, record: str) -> None:
    """Enter a stamp that stamps nothing."""
    from django.db import transaction

    from lantai.shelves.ledger.entries import Entry, append

    root = json.loads(next(_object(data, record).rglob("proof.json")).read_bytes())["batch"]["root"]
    wiring.provide()
    house = wiring.house()
    with transaction.atomic():
        append(house.clock.now(), [Entry("proof:stamped", "worker", root, {"digest": "sha256"})], ids=house.ids)


def ledger(data: Path, record: str) -> None:
    """Write the event of archiving anew, the database's guard taken away."""
    with sqlite3.connect(data / "lantai.db") as database:
        database.execute("DROP TRIGGER ledger_event_keep")
        database.execute("UPDATE ledger_event SET actor = 'someone' WHERE type = 'record:archived' AND object_id = ?", (record,))


def away(data: Path, record: str) -> None:
    """Take the vault away."""
    (data / "vault").rename(data / "vault-away")


def checkpoint(data: Path, record: str) -> None:
    """Let the latest checkpoint say another root, in the database and in the log."""
    from lantai.core import checkpoint as notes

    with sqlite3.connect(data / "lantai.db") as database:
        size, note = database.execute("SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        known = notes.parse(note)
        changed = notes.Checkpoint(known.origin, known.size, bytes(32), known.lines).note()
        database.execute("DROP TRIGGER ledger_checkpoint_keep")
        database.execute("UPDATE ledger_checkpoint SET note = ?, root = ? WHERE size = ?", (changed, bytes(32).hex(), size))
    (data / "ledger" / "checkpoint").write_text(changed, encoding="utf-8")


def witness(data: Path, record: str) -> None:
    """Let a witness have seen another ledger of the same name."""
    from lantai.core import checkpoint as notes
    from lantai.stages import seal

    folder = data / "见证"
    folder.mkdir()
    with (data / "lantai.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\nwitness_folders = [{json.dumps(str(folder), ensure_ascii=False)}]\n")
    wiring.provide()
    _tell(record)
    seal.seal(wiring.house())
    place = next(folder.rglob("checkpoint"))
    note = notes.parse(place.read_text("utf-8"))
    place.write_text(notes.Checkpoint(note.origin, note.size, bytes(32), note.lines).note(), encoding="utf-8")


def witness_away(data: Path, record: str) -> None:
    """Set up a witness that is not there."""
    with (data / "lantai.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\nwitness_folders = [{json.dumps(str(data / '未接上'), ensure_ascii=False)}]\n")


def _tell(record: str) -> None:
    from django.db import transaction

    from lantai.shelves.ledger.entries import Entry, append

    house = wiring.house()
    with transaction.atomic():
        append(house.clock.now(), [Entry("record:read", "worker", record, {})], ids=house.ids)


def wound_back(data: Path, record: str) -> None:
    """Seal what happens today, then put yesterday's database and log in place of today's."""
    from lantai.stages import seal

    connections.close_all()
    kept = data / "昨天"
    kept.mkdir()
    shutil.copytree(data / "ledger", kept / "ledger")
    for path in data.glob("lantai.db*"):
        shutil.copy2(path, kept / path.name)
    wiring.provide()
    _tell(record)
    seal.seal(wiring.house())
    connections.close_all()
    shutil.rmtree(data / "ledger")
    for path in data.glob("lantai.db*"):
        path.unlink()
    for path in kept.iterdir():
        path.rename(data / path.name)


def replica(data: Path, record: str) -> None:
    """Set up a replica, spoil a file in it and in the vault, let it lose another object, which the vault still has, and audit it."""
    from lantai import line
    from lantai.shelves.people.models import Account
    from lantai.stages import copies, people

    wiring.provide()
    house = wiring.house()
    actor = people.actor_of(Account.objects.get(role="sysadmin"))
    second = data.with_name("second")
    shutil.rmtree(second, ignore_errors=True)
    copies.add(house, actor, copies.Wish("近线", "disk", str(second)))
    line.finish(house)
    for place in (data, second):  # no good copy is left anywhere
        digest(place, record)
    shutil.rmtree(next(path.parent for path in sorted((second / "vault").rglob("inventory.json")) if record not in str(path)))
    copies.run_to_end(house, copies.start(house, actor, "近线").id)


@dataclass(frozen=True)
class Case:
    """One picture: what is damaged, which screen is looked at, what is pressed and waited for."""

    damage: Callable[[Path, str], None]
    login: str = "shen"
    path: str = ""
    click: str = "text=现在核验"
    wait: str = ".verdict--ok, .verdict--err, .verdict--warn"


def _chain(damage: Callable[[Path, str], None]) -> Case:
    return Case(damage, "liang", "/audit/", ".chain button", ".chain--ok, .chain--err")


CASES: dict[str, Case] = {
    "07f-digest": Case(digest),
    "07g-signature": Case(signature),
    "07h-stamp": Case(stamp),
    "07i-ledger": Case(ledger),
    "07j-away": Case(away),
    "07k-checkpoint": Case(checkpoint),
    "07l-witness": Case(witness),
    "10d-ledger": _chain(ledger),
    "10e-checkpoint": _chain(checkpoint),
    "10f-witness": _chain(witness),
    "10g-wound-back": _chain(wound_back),
    "10h-witness-away": _chain(witness_away),
    "27c-replica": Case(replica, "tao", "/system/keeping/", "", ""),
}


def main() -> None:
    """Damage, serve, look, for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--sizes", nargs="*", default=[f"{width}x{height}" for width, height in screens.SIZES])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    copy = given.out / "broken"
    for name, case in CASES.items():
        if not name.startswith(tuple(given.only)):
            continue
        shutil.rmtree(copy, ignore_errors=True)
        screens.set_up(copy)
        connections.close_all()
        wiring.house.cache_clear()
        wiring.settings.cache_clear()
        shutil.copytree(given.data, copy)
        shot = next(item for item in screens.screens() if item.name == "07b-verified")
        case.damage(copy, shot.path.strip("/").split("/")[1])
        connections.close_all()
        wanted = [screens.Screen(name, case.login, case.path or shot.path, case.click, case.wait)]
        with screens.serving(copy) as address:
            screens.shoot(wanted, address, (copy / "demo-password.txt").read_text().strip(), given)
    shutil.rmtree(copy)


if __name__ == "__main__":
    main()
