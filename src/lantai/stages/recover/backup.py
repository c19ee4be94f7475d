"""backup 备份: the whole installation into a backup place, as of one instant, while everything goes on; only what is new is written.

The databases are read as of one instant first; whatever was archived meanwhile lies in the vault, which is read last. What stood in
staging and was archived in between is passed over there: the vault has it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from lantai import work
from lantai.core import beijing
from lantai.core.errors import Coded, Fault, Refusal, said
from lantai.core.findings import Finding
from lantai.core.recovery import Timetable, pruned
from lantai.core.tlog import ENTRIES, Tile, levels, pack, tiles
from lantai.packages import backup_carrying, recovery_key, table_package
from lantai.packages.backup_adding import Adding, Known
from lantai.packages.backup_folder import BackupFolder, Entry, Manifest, day_of
from lantai.packages.recovery_key import RecoveryKey
from lantai.packages.tiles import CHECKPOINT
from lantai.ports import House
from lantai.ports.settings import Settings
from lantai.shelves.copies.queries import kept
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries as ledger
from lantai.shelves.ledger import log
from lantai.shelves.recovery import queries
from lantai.shelves.recovery.models import Backup
from lantai.shelves.upkeep.queries import DAMAGED
from lantai.stages import promised, rest
from lantai.stages.copies.apart import is_away
from lantai.stages.recover import objects, sealed
from lantai.stages.recover.state import service
from lantai.stages.recover.writing import WHOLE, Written, write

TABLES, LEDGER, OBJECT, FILE = "tables", "ledger", "object", "file"
_OBJECTS_A_QUESTION = 200
_OF_THE_OBJECT = frozenset({"STORE-ABSENT", "STORE-DAMAGED"})
#: A piece in a bucket that is younger may belong to a backup on its way there.
_ON_ITS_WAY = timedelta(days=1)
WAITING = ("staging", "uploads", "scans")
LEFT_OUT = ("quarantine", "index", "renditions", "scratch", "exports", "state", "edge.db")


@dataclass(slots=True)
class _Run:
    """One backup on its way: where it goes, how it is added, what it holds."""

    house: House
    folder: BackupFolder
    key: RecoveryKey
    scratch: Path
    adding: Adding
    known: dict[str, tuple[str, Known]]
    held: list[Entry]

    def add(self, kind: str, path: str, content: bytes) -> None:
        self.held.append(self.adding.add(kind, path, lambda stream: stream.write(content)))


def place_of(house: House, given: str) -> Path:
    """Return the backup place: as given, else that of the timetable. Raises Refusal BACKUP-PLACE-MISSING, BACKUP-PLACE-WRONG."""
    schedule = queries.schedule()
    chosen = given or (schedule.place if schedule else "")
    if not chosen:
        raise Refusal("BACKUP-PLACE-MISSING")
    return usable(house, chosen)


def usable(house: House, chosen: str) -> Path:
    """Return a place as an absolute path. Raises Refusal BACKUP-PLACE-WRONG where it lies in the data folder or around it."""
    place, data = Path(chosen).absolute(), house.data.absolute()
    if place.is_relative_to(data) or data.is_relative_to(place):
        raise Refusal("BACKUP-PLACE-WRONG", chosen, reason="备份处不能在数据目录里，也不能包着数据目录")
    return place


def is_gone(place: Path) -> bool:
    """Tell whether a place that was backed up to is no backup place now: its disk is not mounted, or was lost."""
    try:
        return Backup.objects.filter(place=str(place), state="done").exists() and not BackupFolder(place).is_one()
    except OSError:
        return True


def back_up(house: House, place: Path, *, is_anew: bool = False) -> Backup:
    """Make a backup in *place* and note it, also where it failed; where the disk of a place was lost it *is_anew*.

    Raises Refusal RECOVERY-KEY-MISSING, BACKUP-BUSY, BACKUP-PLACE-WRONG, BACKUP-OTHER; Fault BACKUP-AWAY, and those of the place and the
    vault. What was written stays and is not written again.
    """
    key = recovery_key.held(house.data / "keys")
    if key is None:
        raise Refusal("RECOVERY-KEY-MISSING")
    folder, started = BackupFolder(place), house.clock.now()
    try:
        if is_gone(place) and not is_anew:
            raise Fault("BACKUP-AWAY", str(place))
        folder.found()
        with folder.alone():
            _demand_own(str(place), folder.of_others(house.signer))
            run, manifest = _made(house, folder, key, _code(folder.codes(), started))
    except Coded as problem:
        if problem.code != "BACKUP-BUSY":
            _note(house, _failed(house, _code((), started), place, started, problem.code), "backup:failed")
        raise
    row = _done(house, place, started, run, manifest)
    _note(house, row, "backup:made")
    return row


def _demand_own(place: str, others: Sequence[Manifest]) -> None:
    """Raise Refusal BACKUP-OTHER for a place of another installation; with keys lost and made anew, what is noted here is still our own."""
    noted = set(Backup.objects.filter(manifest_sha256__in=[item.sha256 for item in others]).values_list("manifest_sha256", flat=True))
    for item in others:
        if item.sha256 not in noted:
            raise Refusal("BACKUP-OTHER", place, other=f"{item.document.get('agency') or '没有名称的机关'} {item.code}")


def _code(there: Sequence[str], now: datetime) -> str:
    day = f"BF-{beijing.day(now)}"
    taken = set(Backup.objects.filter(code__startswith=day).values_list("code", flat=True)) | set(there)
    return next(code for number in range(1, 10_000) if (code := f"{day}-{number:02d}") not in taken)


def _made(house: House, folder: BackupFolder, key: RecoveryKey, code: str) -> tuple[_Run, Manifest]:
    scratch = house.data / "scratch" / f"backup-{code}"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        run = _Run(house, folder, key, scratch, Adding(folder, rereads=_is_doubted(folder.root)), _known(folder), [])
        with work.progress("backup", code, step="备份数据库") as progress:
            written = write(house, scratch, scope=WHOLE)
            _tables(run)
            progress.step("备份在办件和账本")
            _waiting(run)
            _ledger(run)
            run.add(sealed.KIND, "keys", sealed.seal(house.data, key))
            progress.step("备份档案库", total=written.records)
            _vault(run, progress)
        run.adding.flush()
        manifest = folder.finish(code, _head(house, run, written), sorted(run.held, key=_order), house.signer)
    except OSError as error:
        raise Fault("SYSTEM-FAILED", str(error.filename or ""), reason=said(error)) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return run, manifest


def _order(entry: Entry) -> tuple[str, str]:
    return entry.kind, entry.path


def _is_doubted(place: Path) -> bool:
    """Tell whether damage was found in a place since the last backup there was begun: then nothing in it is believed unread."""
    last = Backup.objects.filter(place=str(place), state="done").order_by("-started_at").first()
    damaged = Backup.objects.filter(place=str(place), verdict="damaged").order_by("-verified_at").first()
    return damaged is not None and last is not None and damaged.verified_at is not None and damaged.verified_at > last.started_at


def _known(folder: BackupFolder) -> dict[str, tuple[str, Known]]:
    """Return, by version of an object in the newest backup, the digest of its inventory and its piece."""
    codes = folder.codes()
    if not codes:
        return {}
    try:
        return {
            entry.path: (entry.mark, Known(entry.piece, entry.size_bytes)) for entry in folder.entries(codes[-1]) if entry.kind == OBJECT
        }
    except Refusal:  # a damaged list saves no work; its pieces are found one by one
        return {}


def _tables(run: _Run) -> None:
    for path in sorted(run.scratch.iterdir()):
        run.held.append(_file(run, TABLES, path.name, path))


def _waiting(run: _Run) -> None:
    """Add what is on its way; what is gone by now was archived, and the vault has it."""
    data = run.house.data
    for path in sorted(path for name in WAITING for path in (data / name).rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                run.held.append(_file(run, path.relative_to(data).parts[0], str(path.relative_to(data)), path))
            except FileNotFoundError:
                continue
    for path in _trusted(run.house):
        run.held.append(_file(run, FILE, str(path.relative_to(data)), path))


def _trusted(house: House) -> Iterator[Path]:
    """Yield the trusted certificates that lie in the data folder."""
    chosen = house.settings.trusted_certificates
    place = house.data / chosen
    if chosen and not Path(chosen).is_absolute():
        yield from [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())


def _file(run: _Run, kind: str, name: str, path: Path) -> Entry:
    """Add a file; where a piece has its digest, it is read and not written."""
    return run.adding.add(kind, name, lambda stream: _copy(path, stream), known=Known(table_package.sha256_of(path), path.stat().st_size))


def _copy(path: Path, stream: BinaryIO) -> None:
    with path.open("rb") as source:
        shutil.copyfileobj(source, stream, 1 << 20)


def _ledger(run: _Run) -> None:
    """Add the log as it was at the checkpoint that the tables know, whatever was sealed since."""
    head = json.loads((run.scratch / table_package.MANIFEST).read_bytes())["ledger"]
    files, size = log.folder(run.house.data), int(head["size"])
    if not size:
        return
    for level, count in levels(size):
        for tile in tiles(level, count):
            run.add(LEDGER, tile.path(), files.hashes(level, tile.index, tile.width))
    for tile in tiles(ENTRIES, size):
        run.add(LEDGER, Tile(ENTRIES, tile.index, tile.width).path(), pack(files.entries(tile.index, tile.width)))
    run.add(LEDGER, CHECKPOINT, str(head["note"]).encode())


def _vault(run: _Run, progress: work.Steps) -> None:
    """Add every version in the vault: a backup that is called done holds all records, and can be restored.

    Raises Fault STORE-AWAY, and for records of which nobody was told yet: STORE-ABSENT where the vault lacks them, BACKUP-SOURCE-DAMAGED
    where they are damaged or others than were archived.
    """
    if is_away(run.house):
        raise Fault("STORE-AWAY", Settings(data=run.house.data).vault_place.address)
    wanted = dict(kept().exclude(needs_attention=DAMAGED).values_list("id", "content_version"))
    damaged: list[str] = []
    for keys in batched(filter(None, run.house.store.record_ids()), _OBJECTS_A_QUESTION):  # of unequal lengths: the last may be short
        known = promised.told([key for key in keys if key in wanted])
        for key in keys:
            number, is_whole = _object(run, key, known.get(key, {}))
            damaged += [key] * (not is_whole and key in wanted)
            if number >= wanted.get(key, 1):
                wanted.pop(key, None)
            progress.advance()
    for code, lost in (("BACKUP-SOURCE-DAMAGED", damaged), ("STORE-ABSENT", sorted(wanted))):
        if lost:
            raise Fault(code, "、".join(Record.objects.filter(id__in=lost[:5]).values_list("code", flat=True)))


def _object(run: _Run, record_id: str, told: Mapping[int, str]) -> tuple[int, bool]:
    """Add the versions of an object; return how many were added, and whether that was all of them: nothing follows a damaged one."""
    store, number = run.house.store, 0
    try:
        for version in objects.versions_of(store, record_id):
            path, sha256 = f"{record_id}/v{version.number}", version.sha256
            if told.get(version.number) not in {None, sha256}:
                return number, False
            mark, piece = run.known.get(path, ("", None))
            pour = partial(objects.pour, store, version)
            run.held.append(run.adding.add(OBJECT, path, pour, mark=sha256, known=piece if mark == sha256 else None))
            number = version.number
    except Fault as fault:
        if fault.code not in _OF_THE_OBJECT:
            raise
        return number, False
    except (ValueError, KeyError):  # no inventory of ours
        return number, False
    return number, True


def _head(house: House, run: _Run, written: Written) -> dict[str, Any]:
    unique = {entry.piece: entry.size_bytes for entry in run.held}
    return {
        "taken_at": written.taken_at,
        "fonds": house.settings.fonds,
        "agency": house.settings.agency,
        "records": written.records,
        "events": written.events,
        "sealed": written.sealed,
        "tables_sha256": written.sha256,
        "pieces": len(unique),
        "size_bytes": sum(unique.values()),
        "left_out": list(LEFT_OUT),
        "recovery_key": run.key.as_json(),
    }


def _done(house: House, place: Path, started: datetime, run: _Run, manifest: Manifest) -> Backup:
    head = manifest.document
    return Backup(
        id=house.ids.new(),
        code=manifest.code,
        place=str(place),
        state="done",
        started_at=started,
        taken_at=datetime.fromisoformat(manifest.taken_at),
        ended_at=house.clock.now(),
        records=head["records"],
        events=head["events"],
        pieces=head["pieces"],
        size_bytes=head["size_bytes"],
        new_pieces=run.adding.new_pieces,
        new_bytes=run.adding.new_bytes,
        manifest_sha256=manifest.sha256,
        made_by=service(),
    )


def _failed(house: House, code: str, place: Path, started: datetime, failure: str) -> Backup:
    row = Backup(id=house.ids.new(), code=code, place=str(place), state="failed", failure=failure, started_at=started)
    row.ended_at, row.made_by = house.clock.now(), service()
    return row


def _note(house: House, row: Backup, event: str) -> None:
    body = {
        "code": row.code,
        "place": row.place,
        "failure": row.failure,
        "records": row.records,
        "events": row.events,
        "pieces": row.pieces,
        "new_pieces": row.new_pieces,
        "new_bytes": row.new_bytes,
        "manifest_sha256": row.manifest_sha256,
    }
    with transaction.atomic():
        row.save(force_insert=True)
        ledger.append(house.clock.now(), [ledger.Entry(event, row.made_by, row.code, body)], ids=house.ids)


def verify(house: House, place: Path, code: str) -> list[Finding]:
    """Read every byte of a backup, note what was found, and return it. Raises Refusal BACKUP-UNKNOWN, BACKUP-NONE."""
    folder = BackupFolder(place)
    chosen = code or folder.newest()
    with work.progress("verify-backup", chosen, step="核验备份") as progress:
        found = folder.check(chosen, house.signer, progress.advance)
    body = {"code": chosen, "place": str(place), "total": len(found), "problems": [item.as_json() for item in found[:50]]}
    with transaction.atomic():
        now = house.clock.now()
        verdict = "damaged" if found else "ok"
        Backup.objects.filter(code=chosen, place=str(place)).update(verdict=verdict, verified_at=now)
        ledger.append(now, [ledger.Entry("backup:verified", service(), chosen, body)], ids=house.ids)
    return found


def send(house: House, place: Path, address: str, code: str, *, rereads: bool = False) -> backup_carrying.Carried:
    """Send a backup (the newest where *code* is empty) to a bucket, only what is not there yet, read back; the ledger is told.

    Where damage was found there it *rereads* what is there and sends again what is not whole. Raises Refusal BACKUP-NONE, BACKUP-UNKNOWN,
    BACKUP-PLACE-WRONG, BACKUP-OTHER, BACKUP-SENT-OTHER, REPLICA-ADDRESS; Faults of the bucket, BACKUP-FAILED.
    """
    folder = BackupFolder(place)
    folder.demand()
    chosen, keys = code or folder.newest(), house.vaults.keys(address)
    _demand_own(keys.named(""), backup_carrying.of_others(keys, house.signer))
    with work.progress("send-backup", chosen, step="送出备份", total=int(folder.manifest(chosen).document["pieces"])) as progress:
        done = backup_carrying.send(folder, keys, chosen, progress.advance, rereads=rereads)
    body = {"code": chosen, "place": keys.named(""), "pieces": done.pieces, "new_pieces": done.new_pieces, "new_bytes": done.new_bytes}
    with transaction.atomic():
        ledger.append(house.clock.now(), [ledger.Entry("backup:sent", service(), chosen, body)], ids=house.ids)
    return done


def verify_sent(house: House, address: str, code: str) -> list[Finding]:
    """Read every byte of a backup in a bucket and return what is wrong; the ledger is told. Raises Refusal BACKUP-NONE, BACKUP-UNKNOWN."""
    keys = house.vaults.keys(address)
    chosen = code or backup_carrying.newest(keys)
    with work.progress("verify-backup", chosen, step="核验备份") as progress:
        found = backup_carrying.check(keys, chosen, house.signer, progress.advance)
    body = {"code": chosen, "place": keys.named(""), "total": len(found), "problems": [item.as_json() for item in found[:50]]}
    with transaction.atomic():
        ledger.append(house.clock.now(), [ledger.Entry("backup:verified", service(), chosen, body)], ids=house.ids)
    return found


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was pruned: codes of backups, pieces, bytes; and the backups whose lists cannot be read, for which every piece had to stay."""

    codes: tuple[str, ...]
    pieces: int
    size_bytes: int
    unreadable: tuple[str, ...] = ()


def prune(house: House, place: Path, rule: Timetable, *, damaged: str = "") -> Pruned:
    """Drop the backups that *rule* does not keep and the one that is *damaged*, then the pieces that no other needs.

    Of those that were not found damaged, the newest stays whatever the rule says. Where the lists of one that stays cannot be read,
    nobody knows its pieces, and all of them stay. Raises Refusal BACKUP-BUSY, BACKUP-OTHER, BACKUP-UNKNOWN, BACKUP-SOUND.
    """
    folder = BackupFolder(place)
    folder.demand()
    with folder.alone():
        _demand_own(str(place), folder.of_others(house.signer))
        unreadable = {code for code in folder.codes() if not folder.is_readable(code)}
        known = unreadable | _damaged(place)
        if damaged and damaged not in known:
            raise Refusal("BACKUP-SOUND" if damaged in folder.codes() else "BACKUP-UNKNOWN", damaged)
        gone = pruned([(code, _instant(folder, code, unreadable)) for code in folder.codes()], rule, known)
        gone += [damaged] if damaged and damaged not in gone else []
        folder.drop(gone)
        left = tuple(sorted(unreadable - set(gone)))
        pieces, size = (0, 0) if left else folder.sweep()
    with transaction.atomic():
        Backup.objects.filter(code__in=gone, place=str(place)).update(state="pruned")
        body = {"codes": gone, "place": str(place), "pieces": pieces, "size_bytes": size}
        ledger.append(house.clock.now(), [ledger.Entry("backup:pruned", service(), "backup", body)], ids=house.ids)
    return Pruned(tuple(gone), pieces, size, left)


def _instant(folder: BackupFolder, code: str, unreadable: set[str]) -> datetime:
    """Return the instant that a backup shows; of one whose list cannot be read the day in its code."""
    return day_of(code) if code in unreadable else datetime.fromisoformat(folder.manifest(code).taken_at)


def _damaged(place: Path) -> set[str]:
    return set(Backup.objects.filter(place=str(place), verdict="damaged").values_list("code", flat=True))


def prune_sent(house: House, address: str, rule: Timetable, *, damaged: str = "", spared: timedelta = _ON_ITS_WAY) -> Pruned:
    """Drop the backups in a bucket that *rule* does not keep and the one that is *damaged*, then the pieces that no other lists.

    The newest whole one always stays, and pieces younger than *spared* stay for now; where the lists of one that stays cannot be read, all
    of them stay. Raises Refusal BACKUP-OTHER, BACKUP-UNKNOWN, BACKUP-SOUND; Faults of the bucket.
    """
    keys = house.vaults.keys(address)
    _demand_own(keys.named(""), backup_carrying.of_others(keys, house.signer))
    with work.progress("prune-backup", keys.named("")[:26], step="清除送出的旧备份"):
        made = backup_carrying.sent(keys, house.signer)
        torn = {item.code for item in made if not item.is_whole}
        if damaged and damaged not in torn:
            raise Refusal("BACKUP-SOUND" if damaged in {item.code for item in made} else "BACKUP-UNKNOWN", damaged)
        gone = pruned([(item.code, item.taken_at) for item in made], rule, torn)
        gone += [damaged] if damaged and damaged not in gone else []
        left = tuple(item.code for item in made if not item.is_readable and item.code not in gone)
        pieces, size = backup_carrying.drop(keys, gone, None if left else house.clock.now() - spared)
    body = {"codes": gone, "place": keys.named(""), "pieces": pieces, "size_bytes": size}
    with transaction.atomic():
        ledger.append(house.clock.now(), [ledger.Entry("backup:pruned", service(), "backup", body)], ids=house.ids)
    return Pruned(tuple(gone), pieces, size, left)


@work.task("backup", on_give_up=rest.nothing)
def backup_task() -> None:
    """Make the backup of the timetable in the background, prune, and send it; tried again because of a bucket it makes no second one."""
    house = work.house()
    place, rule, last = place_of(house, ""), queries.timetable(), queries.last_good(house.clock.now())
    if last is None or last.place != str(place) or rule.is_due(house.clock.now(), last.started_at):
        back_up(house, place)
    prune(house, place, rule)
    if house.settings.backup_bucket:
        send(house, place, house.settings.backup_bucket, "")
    if house.settings.backup_bucket and house.settings.backup_bucket_prunes:
        prune_sent(house, house.settings.backup_bucket, rule)
