"""Pictures of a proof that fails: each of the four ticks broken in turn, and a verification that could not be done.

``python -m tests.support.screens_broken OUT --data DIR``: the folder DIR holds a demonstration (``lantai demo``). Every damage is done to
a copy, looked at in the record's 凭证 panel, and thrown away with it.
"""

import argparse
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from django.db import connections

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

    from lantai import wiring
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


DAMAGES: dict[str, Callable[[Path, str], None]] = {
    "07f-digest": digest,
    "07g-signature": signature,
    "07h-stamp": stamp,
    "07i-ledger": ledger,
    "07j-away": away,
}


def main() -> None:
    """Damage, serve, look, for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=list(DAMAGES))
    given = parser.parse_args()
    given.sizes, given.themes = [f"{width}x{height}" for width, height in screens.SIZES], ["light", "dark"]
    given.out.mkdir(parents=True, exist_ok=True)
    copy = given.out / "broken"
    for name in given.only:
        shutil.rmtree(copy, ignore_errors=True)
        screens.set_up(copy)
        connections.close_all()
        shutil.copytree(given.data, copy)
        shot = next(item for item in screens.screens() if item.name == "07b-verified")
        DAMAGES[name](copy, shot.path.strip("/").split("/")[1])
        wanted = [screens.Screen(name, shot.login, shot.path, shot.click, ".verdict--ok, .verdict--err, .verdict--warn")]
        with screens.serving(copy) as address:
            screens.shoot(wanted, address, (copy / "demo-password.txt").read_text().strip(), given)
    shutil.rmtree(copy)


if __name__ == "__main__":
    main()
