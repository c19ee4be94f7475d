"""What the vault and its copies survive: one row a fault, each many times, every object looked at after each.

``python -m bench.faults --kills 200 --verb-kills 200 --seed 1`` kills a writing process at random moments of archiving, of a new version,
of writing a copy and of mending; kills the verbs themselves with their rows; lets a PostgreSQL crash in the midst; fails every call of
writing once; fills a small disk; makes it read-only; tears a file; takes a copy away in the midst; and lets
two write one object. After each: nothing acknowledged is lost, nothing is half there, fsck is clean, and ``ocfl-py`` finds no error.
"""

import argparse
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bench.faults_row import Row, ocfl_errors
from bench.tables import Table
from lantai.adapters.stores import disk
from lantai.adapters.stores.local import LocalStore
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports.store import Content, Draft

ACTS = ("archive", "version", "replicate", "mend")
RECORDS = 12
MADE = ("2026-03-08T09:00:00Z", "归档", "云汀市发展和改革委员会", "urn:lantai:archive")
CALLS = ("link", "open", "write", "mkdir", "rename", "replace", "read")


def main(arguments: list[str]) -> dict[str, Any]:
    """Run every fault and return the table."""
    parser = argparse.ArgumentParser(prog="lantai bench faults")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs in all, shared by the four acts")
    parser.add_argument("--verb-kills", type=int, default=200, help="SIGKILLs of whole verbs with their rows, shared by six of them")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    home = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        rows = [run(home, chosen.seed) for run in faults(chosen.kills)]
        rows += _verbs(home / "verbs", chosen.verb_kills, chosen.seed) if chosen.verb_kills else []
        rows.append(_restart(home / "restart"))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    table = Table(row.as_dict() for row in rows)
    return {"faults": table, "ok": all(row["结果"] == "通过" for row in table), "notes": [note for row in rows for note in row.notes]}


def _verbs(home: Path, kills: int, seed: int) -> list[Row]:
    from bench import faults_verbs

    return faults_verbs.run(home, kills, seed)


def _restart(home: Path) -> Row:
    """Run the crashes of a PostgreSQL server beside; not done where there is none."""
    root = Path(__file__).resolve().parents[1]
    home.mkdir()
    command = [sys.executable, "-m", "tests.support.postgres", "--", sys.executable, "-m", "bench.faults_restart", str(home)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LANTAI_")}
    environment |= {"PYTHONPATH": f"{root / 'src'}:{root}", "LANTAI_DATA": str(home / "data")}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    row = Row("PostgreSQL 中途崩溃并重启")
    if done.returncode or not done.stdout.strip():
        row.notes += done.stderr.strip().splitlines()[-3:]
        return row
    return Row(**json.loads(done.stdout.splitlines()[-1]))


def faults(kills: int) -> list[Callable[[Path, int], Row]]:
    """Return every fault as a function of the folder to work in and the seed."""
    killed: list[Callable[[Path, int], Row]] = [partial(kill, act=act, times=max(1, kills // len(ACTS))) for act in ACTS]
    return [*killed, every_call, full, read_only, torn, vanishing, two_writers]


# --- what is written, and what must hold afterwards


def body(record: int, version: int, name: str) -> bytes:
    """Return the bytes of a file: always the same for the same record, version and name."""
    return Random(f"{record}/{version}/{name}").randbytes(40_000 if name.endswith(".pdf") else 3_000)


def record_id(number: int) -> str:
    """Return the ULID of a record."""
    return f"01JF{number:022d}"


def draft(number: int, version: int) -> Draft:
    """Return a version of a record: its file never changes, its description does."""
    files = {"01-正本/original/正文.pdf": body(number, 1, "a.pdf"), "record.xml": body(number, version, "record.xml")}
    return Draft(record_id(number), version, tuple(_content(path, content) for path, content in files.items()), *MADE)


def _content(path: str, content: bytes) -> Content:
    import hashlib

    return Content(path, content, len(content), hashlib.sha256(content).hexdigest(), hashlib.new("sm3", content).hexdigest())


def copied(store: LocalStore, number: int, versions: int) -> list[Draft]:
    """Return the versions of a record as drafts for another vault."""
    key = record_id(number)
    return [ocfl.draft_of(key, store.inventory(key, at), partial(_open, store, key, at)) for at in range(1, versions + 1)]


def _open(store: LocalStore, key: str, version: int, path: str) -> Any:
    return store.open(key, path, version)


def judge(row: Row, store: LocalStore, acknowledged: dict[int, int], *, where: str) -> None:
    """Look at everything: what was acknowledged is there, what is there is whole, and an independent judge agrees."""
    store.sweep()
    for key in list(store.record_ids()):
        store.settle(key)
        found = store.verify(key)
        errors = ocfl_errors(store.root / ocfl.object_path(key))
        if found or errors:
            row.half += 1
            row.notes.append(f"{where}: {key} {[item.code for item in found]} {errors}")
    for number, version in acknowledged.items():
        if not store.has(record_id(number), version) or store.files(record_id(number), version) != _expected(number, version):
            row.lost += 1
            row.notes.append(f"{where}: {record_id(number)} v{version} is not there")
    left = list(store.aside.iterdir()) if store.aside.is_dir() else []
    empty = [path for path in store.root.rglob("*") if path.is_dir() and not any(path.iterdir())] if store.root.is_dir() else []
    row.unclean += bool(left) + bool(empty)
    row.notes += [f"{where}: {path.name} is left" for path in (*left, *empty)]


def _expected(number: int, version: int) -> dict[str, str]:
    return {item.path: item.sha256 for item in draft(number, version).files}


# --- killed


def kill(home: Path, seed: int, *, act: str, times: int) -> Row:
    """Kill a process that does one act over and over, at random moments; it says what it has done as it does it."""
    chance, row = Random(f"{seed}/{act}"), Row(f"SIGKILL：{act}", is_by_chance=True)
    for turn in range(times):
        folder = home / f"{act}-{turn}"
        _prepared(folder, act)
        told = _killed(folder, act, chance.uniform(0.0, 0.35))
        row.times += 1
        row.midway += len(told) < RECORDS
        store = LocalStore(folder / ("second" if act == "replicate" else "vault"))
        version = 2 if act in {"version", "mend"} else 1
        known = dict.fromkeys(range(RECORDS), 1) if act == "version" else {}
        known |= dict.fromkeys(told, version)
        if act == "mend":
            known |= dict.fromkeys(range(RECORDS), 2)
            _mend_rest(folder)
        judge(row, store, known, where=f"{act} {turn}")
        shutil.rmtree(folder)
    return row


def _prepared(folder: Path, act: str) -> None:
    """Make what the act needs to be there before."""
    folder.mkdir(parents=True)
    first = LocalStore(folder / "vault")
    first.write([])
    if act in {"version", "replicate", "mend"}:
        first.write([draft(number, 1) for number in range(RECORDS)])
    if act == "mend":
        first.write([draft(number, 2) for number in range(RECORDS)])
        shutil.copytree(first.root, folder / "second")
        for number in range(RECORDS):
            spoil(first, number)


def spoil(store: LocalStore, number: int) -> None:
    """Change the last byte of a record's file."""
    path = store.root / ocfl.object_path(record_id(number)) / "v1/content/01-正本/original/正文.pdf"
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _mend_rest(folder: Path) -> None:
    """Mend what the killed process had not come to: run twice, it ends the same."""
    store, second = LocalStore(folder / "vault"), LocalStore(folder / "second")
    store.sweep()
    for number in range(RECORDS):
        if store.verify(record_id(number)):
            store.mend(record_id(number), copied(second, number, 2))


def _killed(folder: Path, act: str, seconds: float) -> list[int]:
    """Run an act in a process of its own, kill that after a while, and return the numbers it said were done."""
    command = [sys.executable, "-m", "bench.faults_worker", act, str(folder)]
    root = Path(__file__).resolve().parents[1]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"}
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env=environment, text=True)
    assert worker.stdout is not None
    worker.stdout.readline()  # it is ready
    time.sleep(seconds)
    worker.send_signal(signal.SIGKILL)
    told = worker.communicate()[0]
    return [int(line) for line in told.splitlines() if line.isdigit()]


def work(act: str, folder: Path, say: Callable[[int], None]) -> None:
    """Do an act over every record, in small batches, saying each number when it is done; then rest until killed."""
    store = LocalStore(folder / "vault")
    for at in range(0, RECORDS, 3):
        numbers = range(at, at + 3)
        if act in {"archive", "version"}:
            store.write([draft(number, 2 if act == "version" else 1) for number in numbers])
        elif act == "replicate":
            LocalStore(folder / "second").write([item for number in numbers for item in copied(store, number, 1)])
        else:
            for number in numbers:
                store.mend(record_id(number), copied(LocalStore(folder / "second"), number, 2))
        for number in numbers:
            say(number)
    time.sleep(60)


# --- the other faults


@contextmanager
def failing(at: int, number: int) -> Iterator[list[str]]:
    """Count the system calls of writing, and let the *at*-th fail with an error of the system."""
    made: list[str] = []
    originals: dict[str, Any] = {name: getattr(os, name) for name in CALLS}
    syncfs = disk._LIBC.syncfs

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            if len(made) == at:
                raise OSError(number, os.strerror(number))
            return call(*arguments, **options)

        return do

    for name, call in originals.items():
        setattr(os, name, counted(name, call))
    disk._LIBC.syncfs = counted("syncfs", syncfs)
    try:
        yield made
    finally:
        for name, call in originals.items():
            setattr(os, name, call)
        disk._LIBC.syncfs = syncfs


def every_call(home: Path, seed: int) -> Row:
    """Fail every call of writing once: a new record and a later version in one batch."""
    row, codes = Row("每个存储调用各失败一次"), (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
    batch = [draft(1, 1), draft(0, 2)]
    at = 0
    while True:
        at += 1
        folder = home / f"call-{at}"
        store = LocalStore(folder / "vault")
        folder.mkdir()
        store.write([draft(0, 1)])
        with failing(at, codes[at % len(codes)]) as made:
            is_told = _is_refused(lambda: store.write(batch))  # noqa: B023 - called at once
        if len(made) < at:
            shutil.rmtree(folder)
            return row
        row.times += 1
        row.midway += is_told
        judge(row, store, {0: 1} if is_told else {0: 2, 1: 1}, where=f"call {at}")
        shutil.rmtree(folder)


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except Fault:
        return True
    return False


@contextmanager
def small_disk(home: Path, megabytes: int) -> Iterator[Path | None]:
    """Mount a small file system in memory; None where the machine or the user may not."""
    place = home / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    is_mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield place if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def full(home: Path, seed: int) -> Row:
    """Write until a small disk is full, then make room and go on until it is full again."""
    row, known = Row("磁盘写满（ENOSPC）"), dict[int, int]()
    with small_disk(home, 2) as place:
        if place is None:
            return row
        ballast = place / "ballast"
        ballast.write_bytes(bytes(400_000))
        store, number = LocalStore(place / "vault"), 0
        for _ in range(2):
            while not _is_refused(partial(store.write, [draft(number, 1), draft(number + 1000, 1)])):
                known |= {number: 1, number + 1000: 1}
                number += 1
            row.times += 1
            row.midway += 1
            judge(row, store, known, where=f"full {number}")
            ballast.unlink(missing_ok=True)
    return row


def read_only(home: Path, seed: int) -> Row:
    """Make the disk read-only under the vault, then writable again."""
    row = Row("磁盘变为只读")
    (home / "ro").mkdir()
    with small_disk(home / "ro", 4) as place:
        if place is None:
            return row
        store = LocalStore(place / "vault")
        store.write([draft(0, 1)])
        for how in ("ro", "rw"):
            subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)
            is_refused = _is_refused(lambda: store.write([draft(1, 1)]))
            row.times += how == "ro"
            row.midway += is_refused
            row.lost += is_refused == (how == "rw")
            row.half += bool(store.verify(record_id(0)))
        judge(row, store, {0: 1, 1: 1}, where="read-only")
    return row


def torn(home: Path, seed: int) -> Row:
    """Tear a file at a random place behind the vault's back, of every kind it writes; the audit finds it and a copy mends it."""
    row, chance = Row("撕裂的写（字节缺尾）"), Random(seed)
    names = (
        "v1/content/01-正本/original/正文.pdf",
        "v1/content/record.xml",
        "inventory.json",
        "inventory.json.sha256",
        "v1/inventory.json",
    )
    for name in names:
        folder = home / f"torn-{names.index(name)}"
        folder.mkdir()
        store, second = LocalStore(folder / "vault"), LocalStore(folder / "second")
        store.write([draft(0, 1)])
        second.write(copied(store, 0, 1))
        path = store.root / ocfl.object_path(record_id(0)) / name
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[: chance.randrange(len(content))])
        row.times += 1
        row.half += not store.verify(record_id(0))
        store.mend(record_id(0), copied(second, 0, 1))
        judge(row, store, {0: 1}, where=f"torn {name}")
    return row


def vanishing(home: Path, seed: int) -> Row:
    """Take the copy's disk away in the midst of writing it, and bring it back."""
    row = Row("副本中途消失")
    first = LocalStore(home / "kept" / "vault")
    first.root.parent.mkdir()
    first.write([draft(number, 1) for number in range(RECORDS)])
    for at in range(1, 60, 6):
        base = home / f"second-{at}"
        base.mkdir()
        second = LocalStore(base / "vault")
        second.write(copied(first, 0, 1))
        with failing(at, errno.ENODEV) as made:
            is_refused = _is_refused(lambda: second.write([item for n in (1, 2, 3) for item in copied(first, n, 1)]))  # noqa: B023
            row.midway += is_refused and len(made) >= at
        gone = base.with_name(f"gone-{at}")
        base.rename(gone)
        away = LocalStore(base / "vault", founds=False)
        row.times += 1
        row.lost += not _is_refused(away.reach)
        row.half += base.exists()
        gone.rename(base)
        back = LocalStore(base / "vault", founds=False)
        back.write([item for n in (1, 2, 3) for item in copied(first, n, 1)])
        judge(row, back, {0: 1, 1: 1, 2: 1, 3: 1}, where=f"vanishing {at}")
    return row


def two_writers(home: Path, seed: int) -> Row:
    """Let two write one object at once, with the same and with different bytes."""
    from concurrent.futures import ThreadPoolExecutor

    row = Row("两个进程同写一件")
    for turn in range(20):
        folder = home / f"two-{turn}"
        folder.mkdir()
        store = LocalStore(folder / "vault")
        store.write([])
        mine, theirs = draft(turn, 1), draft(turn, 1)
        if turn % 2:
            theirs = Draft(theirs.record_id, 1, (_content("record.xml", b"other"),), *MADE)
        with ThreadPoolExecutor(2) as pool:
            ends: Sequence[bool] = list(pool.map(lambda item: _is_refused(lambda: store.write([item])), (mine, theirs)))  # noqa: B023
        row.times += 1
        row.midway += any(ends)
        row.lost += all(ends)
        judge(row, store, {}, where=f"two {turn}")
        kept = store.files(record_id(turn))
        row.half += kept not in ({item.path: item.sha256 for item in one.files} for one in (mine, theirs))
    return row


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1, default=str) + "\n")
