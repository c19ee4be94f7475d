"""SIGKILL of the verbs that keep the vault, rows and all: archive, a correction, going back, copying, mending, backing up.

A process with everything loaded forks one child a kill (``python -m bench.faults_verbs PLACE``); the child does one verb again and again
and says what it has done; it is killed at a random moment. Then what a restarted installation does by itself is done, and everything is
looked at: rows, vault, copy, backup.
"""

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from bench.corpus import AGENCY, one_page_pdfs
from bench.faults_row import Row, ocfl_errors

if TYPE_CHECKING:
    from lantai.core.access import Actor
    from lantai.ports import House
    from lantai.shelves.holdings.models import Record

ACTS = ("archive", "version", "restore", "replace", "replicate", "mend", "backup")
ROOT = Path(__file__).resolve().parents[1]
_SLICE = 4
_DONE = ("version", "archived", "mended", "backup")
_PASSPHRASE = "bench-only-passphrase"


@dataclass
class Ground:
    """An installation under kills: its House, who acts, where copy and backups lie, and what was said to be done."""

    house: "House"
    archivist: "Actor"
    place: Path
    versions: dict[str, int] = field(default_factory=dict)
    ranges: set[str] = field(default_factory=set)
    backup: str = ""

    def take(self, told: list[str]) -> None:
        """Note what a process said it had done."""
        for line in told:
            act, _, rest = line.partition(" ")
            if act == "version":
                key, number = rest.split()
                self.versions[key] = int(number)
            elif act == "archived":
                self.ranges.add(rest)
            elif act == "backup":
                self.backup = rest


def prepared(house: "House", archivist: "Actor", place: Path, records: int) -> Ground:
    """Take records to their numbers, slice by slice, archive two slices, and found a copy and a recovery key."""
    from lantai import line
    from lantai.shelves.holdings.models import Record
    from lantai.stages import archive, capture, copies
    from lantai.stages.recover import schedule

    one_page_pdfs(place / "papers", records, 7)
    batch = capture.open_batch(house, archivist, [place / "papers"], channel="manual", department="BGS")
    line.finish(house)
    rows = list(Record.objects.filter(batch_id=batch, state="arranged").order_by("id"))
    sealed = [made for at in range(0, len(rows), _SLICE) for made in line.seal(house, archivist, rows[at : at + _SLICE])]
    for made in sealed[:2]:
        archive.archive(house, made.range_id)
    one_page_pdfs(place / "others", records, 8)  # waiting to take the place of files
    capture.open_batch(house, archivist, [place / "others"], channel="manual", department="BGS")
    line.finish(house)
    copies.add(house, replace(archivist, role="sysadmin"), copies.Wish("近线", "disk", str(place / "second")))
    copies.replicate(house)
    schedule.set_passphrase(house, _PASSPHRASE)
    return Ground(house, archivist, place)


# --- the process that is killed


def work(house: "House", archivist: "Actor", place: Path, act: str, chance: Random) -> None:
    """Do one verb for ever, saying what is done; ``begin`` before each."""
    second = replace(archivist, id="01BENCHSECONDARCHIVIST0000", login="lu", name="陆一帆")
    acts: dict[str, Callable[[], str]] = {
        "archive": lambda: _archive(house) or _version(house, archivist, second, chance),
        "version": lambda: _version(house, archivist, second, chance),
        "restore": lambda: _restore(house, archivist, second, chance),
        "replace": lambda: _replace(house, archivist, second, chance),
        "replicate": lambda: _replicate(house, archivist, second, chance),
        "mend": lambda: _mend(house, chance),
        "backup": lambda: _backup(house, place),
    }
    while True:
        _say("begin")
        try:
            _say(acts[act]())
        except Exception as problem:  # noqa: BLE001 - a database that restarts ends any act; what was not said was not done
            _say(f"failed {type(problem).__name__}")
            _close()
            time.sleep(0.05)


def _archive(house: "House") -> str:
    from lantai.shelves.holdings import numbers
    from lantai.shelves.holdings.models import Record
    from lantai.stages import archive

    waiting = numbers.ranges_of(Record.objects.filter(state="numbered"))
    if not waiting:
        return ""
    archive.archive(house, waiting[0])
    return f"archived {waiting[0]}"


def _version(house: "House", first: "Actor", second: "Actor", chance: Random) -> str:
    from lantai.stages import amend

    row = _one(chance)
    made = _live(row.id) or amend.correct(house, first, row.id, {"title": f"更正 {chance.random()}"}, reason="依原件")
    amend.decide(house, second, made.id, is_approved=True, words="同意")
    row.refresh_from_db()
    return f"version {row.id} {row.content_version}"


def _restore(house: "House", first: "Actor", second: "Actor", chance: Random) -> str:
    from lantai.core.errors import Refusal
    from lantai.stages import amend

    row = _one(chance)
    try:
        made = _live(row.id) or amend.restore(house, first, row.id, 1, reason="恢复")
    except Refusal:  # it is described as at first already
        return _version(house, first, second, chance)
    amend.decide(house, second, made.id, is_approved=True, words="同意")
    row.refresh_from_db()
    return f"version {row.id} {row.content_version}"


def _replace(house: "House", first: "Actor", second: "Actor", chance: Random) -> str:
    from lantai.core.errors import Refusal
    from lantai.stages import amend, seal

    row, offers = _one(chance), amend.offered(first)
    if not offers:
        return _version(house, first, second, chance)
    seal.seal(house)
    try:
        made = _live(row.id) or amend.replace(house, first, row.id, chance.choice(offers).id, reason="缺页")
    except Refusal:  # another correction of this record waits for its version
        return _version(house, first, second, chance)
    amend.decide(house, second, made.id, is_approved=True, words="同意")
    row.refresh_from_db()
    return f"version {row.id} {row.content_version}"


def _replicate(house: "House", first: "Actor", second: "Actor", chance: Random) -> str:
    from lantai.stages import copies

    told = _version(house, first, second, chance)
    copies.replicate(house)
    return told


def _mend(house: "House", chance: Random) -> str:
    from lantai.stages import copies

    row = _one(chance)
    copies.replicate(house)
    path = next(_folder(house.data / "vault", row.id).glob("v1/content/*/original/*"))
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    copies.mend_as_service(house, row.id)
    return "mended"


def _backup(house: "House", place: Path) -> str:
    from lantai.stages.recover import backup

    return f"backup {backup.back_up(house, place / 'backups').code}"


def _one(chance: Random) -> "Record":
    from lantai.shelves.holdings.models import Record

    return chance.choice(list(Record.objects.filter(state="archived", needs_attention="").order_by("id")[:16]))


def _live(record_id: str) -> Any:
    from lantai.shelves.versions.models import Amendment

    return Amendment.objects.filter(record_id=record_id, state="proposed").first()


def _folder(root: Path, record_id: str) -> Path:
    from lantai.packages import ocfl

    return root / ocfl.object_path(record_id)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _close() -> None:
    from django.db import connections

    for one in connections.all():
        with suppress(Exception):
            one.close()


def main_process(place: Path) -> None:
    """Load everything, then fork a child for each line ``ACT SEED`` that comes, and say when it is dead."""
    import django

    django.setup()
    from lantai import wiring
    from lantai.core.access import Actor

    for name in ("amend", "archive", "copies", "due", "recover.backup"):
        importlib.import_module(f"lantai.stages.{name}")
    archivist = Actor("01BENCHARCHIVIST0000000000", "shen", "沈静宜", "archivist", "")
    _say("ready")
    for line in sys.stdin:
        act, seed = line.split()
        child = os.fork()
        if child == 0:
            wiring.provide()
            work(wiring.house(), archivist, place, act, Random(seed))
        _say(f"started {child}")
        os.waitpid(child, 0)
        _say("ended")


# --- killing and looking


@contextmanager
def forking(ground: Ground, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """Start the process that forks; end it with the block."""
    environment = os.environ | {
        "LANTAI_DATA": str(ground.house.data),
        "LANTAI_KIND": "trial",
        "LANTAI_AGENCY": AGENCY,
        "LANTAI_SLICE_RECORDS": "2",
        "DJANGO_SETTINGS_MODULE": "lantai.server.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        **more,
    }
    command = [sys.executable, "-m", "bench.faults_verbs", str(ground.place)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        _until(process, "ready")
        yield process
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def strike(process: "subprocess.Popen[str]", act: str, seed: str, meanwhile: Callable[[], object]) -> list[str]:
    """Let a child begin an act, do something *meanwhile* (wait, restart a database), kill it; return what it said."""
    child = _begun(process, act, seed)
    meanwhile()
    os.kill(child, signal.SIGKILL)
    return ["begin", *_until(process, "ended")[:-1]]


def _begun(process: "subprocess.Popen[str]", act: str, seed: str) -> int:
    """Let a child begin an act, everything it needs being loaded; return its number."""
    assert process.stdin is not None
    process.stdin.write(f"{act} {seed}\n")
    process.stdin.flush()
    lines = _until(process, "begin")
    while not any(line.startswith("started ") for line in lines):
        lines += _until(process, "started ")
    return next(int(line.split()[1]) for line in lines if line.startswith("started "))


def _lasting(ground: Ground, process: "subprocess.Popen[str]", act: str) -> float:
    """Return how many seconds an act takes here, first thing in a child; that child is killed afterwards."""
    child, began = _begun(process, act, f"lasting-{act}"), time.monotonic()
    ground.take(_until(process, _DONE))
    seconds = time.monotonic() - began
    os.kill(child, signal.SIGKILL)
    ground.take(_until(process, "ended"))
    return seconds


def run(home: Path, times: int, seed: int) -> list[Row]:
    """Make an installation in *home* and kill its verbs *times* over; return the rows."""
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data = home / "data"
    found(data, agency=AGENCY, fonds="Z109", kind="trial")
    start(data)
    from lantai import wiring
    from lantai.demo import run as demo

    wiring.provide()
    house = wiring.house()
    ground = prepared(house, demo.install(house, "Bench-faults-1"), home, 2 * _SLICE + _SLICE * max(2, times // len(ACTS)))
    rows = kills(ground, times, seed)
    house.reader.close()
    return rows


def kills(ground: Ground, times: int, seed: int) -> list[Row]:
    """Kill every verb *times* over at random moments; look at everything after each."""
    chance, rows = Random(seed), {act: Row(f"SIGKILL：{act}（动作全程，含数据库）", is_by_chance=True) for act in ACTS}
    with forking(ground) as process:
        lasting = {act: _lasting(ground, process, act) for act in ACTS}
        for turn in range(times):
            act = ACTS[turn % len(ACTS)]
            seconds = chance.uniform(0.0, 1.5 * lasting[act])
            told = strike(process, act, f"{seed}-{turn}", lambda: time.sleep(seconds))  # noqa: B023 - called at once
            _struck(ground, rows[act], told, f"{act} {turn}")
    return list(rows.values())


def _struck(ground: Ground, row: Row, told: list[str], where: str) -> None:
    row.times += 1
    row.midway += told[-1] == "begin"
    row.done += sum(line.startswith(_DONE) for line in told)
    ground.take(told)
    look(ground, row, where)


def look(ground: Ground, row: Row, where: str) -> None:
    """Say what is true before anything is repaired, do what a restart does, then look at all there is."""
    before = len(row.notes)
    row.half += _promises(ground, row, where)
    _recovered(ground.house)
    row.unclean += _unclean(ground, row, where)
    row.lost += _lost(ground, row, where)
    _valid(ground, row, where)
    del row.notes[before + 8 :]


def _promises(ground: Ground, row: Row, where: str) -> int:
    """Count the records of which the rows say what the vault does not hold."""
    from lantai.shelves.holdings.models import Record

    store = ground.house.store
    bad = [item for item in Record.objects.filter(state="archived") if not store.has(item.id, item.content_version)]
    row.notes += [f"{where}: {item.id} v{item.content_version} is said and not there" for item in bad]
    return len(bad)


def _recovered(house: "House") -> None:
    """Do what workers do by themselves when they come back."""
    from lantai.shelves.holdings import numbers
    from lantai.shelves.holdings.models import Record
    from lantai.stages import amend, archive

    for given in list(amend.unmade()):
        amend.carry_out(house, given["amendment_id"])
    begun = [item.id for item in Record.objects.filter(state="numbered") if house.store.has(item.id, 1)]
    for range_id in numbers.ranges_of(Record.objects.filter(id__in=begun)):
        archive.archive(house, range_id)


def _unclean(ground: Ground, row: Row, where: str) -> int:
    from lantai.stages import copies

    found = copies.fsck(ground.house, None, is_repairing=True).problems
    copies.replicate(ground.house)
    found += copies.fsck(ground.house, copies.find("近线"), is_repairing=True).problems
    row.notes += [f"{where}: {item.code} {item.where}" for item in found]
    return len(found)


def _lost(ground: Ground, row: Row, where: str) -> int:
    from lantai.packages.backup_folder import BackupFolder
    from lantai.shelves.holdings import numbers
    from lantai.shelves.holdings.models import Record

    held = dict(Record.objects.filter(state="archived").values_list("id", "content_version"))
    gone = [key for key, number in ground.versions.items() if held.get(key, 0) < number]
    gone += [key for key in ground.ranges if numbers.in_range(key).exclude(state="archived").exists()]
    if ground.backup and BackupFolder(ground.place / "backups").check(ground.backup, ground.house.signer):
        gone.append(ground.backup)
    row.notes += [f"{where}: {key} was said to be done" for key in gone]
    return len(gone)


def _valid(ground: Ground, row: Row, where: str) -> None:
    """Verify every record against proof, row and ledger; let ocfl-py judge every object of both places."""
    from lantai.stages import prove

    wrong = [f"{item.code} {item.record}" for item in prove.verify_as_service(ground.house, None).problems]
    for root in (ground.house.data / "vault", ground.place / "second" / "vault"):
        wrong += [f"{folder.name} {errors}" for folder in root.glob("*/urn*") if (errors := ocfl_errors(folder))]
    row.half += len(wrong)
    row.notes += [f"{where}: {line}" for line in wrong]


def _until(process: "subprocess.Popen[str]", beginning: str | tuple[str, ...]) -> list[str]:
    """Return what is said up to the line that begins so."""
    assert process.stdout is not None
    told: list[str] = []
    while not told or not told[-1].startswith(beginning):
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process ended: {told[-3:]}")
        told.append(line.strip())
    return told


if __name__ == "__main__":
    main_process(Path(sys.argv[1]))
