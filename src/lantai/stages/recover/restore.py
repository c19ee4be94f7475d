"""restore 还原: a whole installation out of a backup, into an empty folder and empty databases; every byte is checked before it counts.

``unlocking`` comes first: it reads every byte of the backup and brings settings and keys back. Here databases, log, what was on its way and
the vault are filled. Broken off, it is begun anew.
"""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core.errors import Refusal
from lantai.core.findings import finding
from lantai.packages import ground, table_package
from lantai.packages.backup_folder import CONTENTS, BackupFolder, Entry, Manifest, told
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.ports.moving import Place
from lantai.ports.settings import Settings
from lantai.ports.store import Draft
from lantai.shelves import tables
from lantai.shelves.copies import queries as copied
from lantai.shelves.ledger import entries
from lantai.shelves.recovery.models import Schedule
from lantai.stages import recopy
from lantai.stages.recover import loading, objects
from lantai.stages.recover.backup import FILE, LEDGER, OBJECT, TABLES, WAITING
from lantai.stages.recover.rebuild import mark_for_index
from lantai.stages.recover.state import service
from lantai.stages.recover.unlocking import Beside

_VERSIONS_A_FLUSH = 200


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the backup's code and instant, rows of tables, events of the ledger, versions of objects, bytes."""

    code: str
    taken_at: str
    rows: int
    records: int
    events: int
    versions: int
    size_bytes: int


def signed_with(house: House) -> tuple[str, ...]:
    """Return the public keys that a backup which was just unlocked brings and is signed with, in hexadecimal as registers print them.

    Anybody can make a backup that the agency's passphrase opens, for sealing takes the public half alone: only these keys, held against
    what is printed or published, tell whose it is.
    """
    return tuple(base64.b64decode(key.public_key).hex() for key in house.signer.public_keys())


def demand_key(house: House, manifest: Manifest, given: str) -> None:
    """Make sure that *given* (hexadecimal, or NAME+HASH+BASE64) is among those keys. Raises Refusal RESTORE-OTHER-KEY."""
    try:
        key = base64.b64decode(given.split("+", 2)[2], validate=True)[1:].hex() if "+" in given else given.strip().lower()
    except (ValueError, IndexError):
        key = ""
    if key not in signed_with(house):
        raise Refusal("RESTORE-OTHER-KEY", manifest.code)


def restore(house: House, folder: BackupFolder, manifest: Manifest, passphrase: str, *, beside: Beside = Beside.UNKNOWN) -> Restored:
    """Fill the empty databases and the data folder. The index is left to the outbox, which names every record.

    Raises Refusal BACKUP-DAMAGED where the list is not signed by the agency's keys, RECOVER-NOT-EMPTY, RECOVER-NEWER,
    RESTORE-VAULT-HELD, RESTORE-OBJECT-DIFFERS; Fault of the store.
    """
    if beside is not Beside.SAME_VAULT:
        _demand_own_vault(house)
    if problems := tuple(folder.lists(manifest, house.signer)):
        raise Refusal("BACKUP-DAMAGED", manifest.code, reasons=problems)
    if not tables.is_empty():
        raise Refusal("RECOVER-NOT-EMPTY", "数据库")
    scratch = house.data / "scratch" / "restore"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        rows = _tables(house, folder, manifest, scratch, passphrase)
        _files(house, folder, manifest.code)
        versions = _vault(house, folder, manifest, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    recopy.write(house)
    mark_for_index()
    make_durable(house.data)
    head = manifest.document
    done = Restored(manifest.code, manifest.taken_at, rows, head["records"], head["events"], versions, head["size_bytes"])
    body = {"code": done.code, "taken_at": done.taken_at, "records": done.records, "versions": versions, "events": done.events}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("backup:restored", service(), done.code, body)], ids=house.ids)
        if beside is Beside.APART:
            _let_go(house)
    return done


def shared(house: House, beside: Beside) -> list[str]:
    """Return in words what is now used by whoever used it before as well, and what was left out: what to know before it is started."""
    if beside is Beside.APART:
        return ["还原在旁边看的：档案库在这个目录里，副本、备份计划、见证处、送往异地的存储桶都没有带过来，原来的库不受影响。"]
    place, settings = Settings(data=house.data).vault_place, house.settings
    used = [] if place == Place("disk", str(house.data.resolve())) else [f"档案库 {place.address}"]
    used += [f"副本“{row.name}”" for row in copied.replicas() if row.kind in copied.ONLINE]
    used += [f"备份处 {row.place}" for row in Schedule.objects.filter(retired_at=None) if row.place]
    used += [f"见证处 {folder}" for folder in settings.witness_folders] + (
        [f"存储桶 {settings.backup_bucket}"] if settings.backup_bucket else []
    )
    if not used:
        return []
    return [f"启动以后接着用：{'、'.join(used)}。原来的库还在用它们的，请不要启动这一份；只是还原着看，请加 --apart 另还原一份。"]


def _demand_own_vault(house: House) -> None:
    """Raise Refusal RESTORE-VAULT-HELD where the vault of the settings lies elsewhere and holds objects that are somebody's.

    Raises Refusal REPLICA-ADDRESS where not even its folder is there.
    """
    place = Settings(data=house.data).vault_place
    if place == Place("disk", str(house.data.resolve())) or ground.vault_of(house.data) == place.address:
        return
    house.vaults.refound(place.kind, place.address)  # of a disk that was lost only the empty folder is there
    if next(house.store.record_ids(), None) is not None:
        raise Refusal("RESTORE-VAULT-HELD", place.address)
    ground.note_vault(house.data, place.address)  # what lies there from here on is ours: a run that goes on must not be refused


def _let_go(house: House) -> None:
    """Take the replicas and the timetable out of use that another installation goes on writing to; the ledger is told."""
    now, who = house.clock.now(), service()
    told = [entries.Entry("replica:retired", who, row.id, {"name": row.name}) for row in copied.replicas()]
    copied.replicas().update(retired_at=now, retired_by=who, version=F("version") + 1)
    if Schedule.objects.filter(retired_at=None).update(retired_at=now):
        told.append(entries.Entry("recovery:scheduled", who, "backup", {"place": ""}))
    entries.append(now, told, ids=house.ids)


def _tables(house: House, folder: BackupFolder, manifest: Manifest, scratch: Path, passphrase: str) -> int:
    place = scratch / TABLES
    for entry in _of(folder, manifest.code, TABLES):
        folder.extract(entry, place / _name(entry))
    if problems := table_package.check(place, house.signer):
        raise Refusal("BACKUP-DAMAGED", manifest.code, reasons=tuple(problems))
    package = table_package.load(place)
    return sum(loading.load(package, loading.passwords(package, manifest.key(), passphrase)).values())


def _files(house: House, folder: BackupFolder, code: str) -> None:
    for kind in (*WAITING, FILE):
        for entry in _of(folder, code, kind):
            folder.extract(entry, _inside(house.data, entry))
    for entry in _of(folder, code, LEDGER):
        folder.extract(entry, _inside(house.data / "ledger", entry))


def _vault(house: House, folder: BackupFolder, manifest: Manifest, scratch: Path) -> int:
    """Write every version into the vault, in slices, and hold its inventory against that of the backup."""
    count, found = 0, _of(folder, manifest.code, OBJECT)
    with work.progress("restore", "vault", step="还原档案库", total=manifest.document["records"]) as progress:
        while part := list(islice(found, _VERSIONS_A_FLUSH)):
            objects.place(house.store, [_draft(folder, entry, scratch / "objects" / str(at)) for at, entry in enumerate(part)])
            shutil.rmtree(scratch / "objects")
            count += len(part)
            progress.advance(len(part))
    return count


def _draft(folder: BackupFolder, entry: Entry, place: Path) -> tuple[Draft, str]:
    record_id = entry.path.partition("/")[0]
    try:
        with folder.open(entry.piece) as stream:
            draft, sha256 = objects.read(stream, record_id, place)
    except ValueError as error:
        raise Refusal("BACKUP-DAMAGED", entry.path, reasons=(finding("BACKUP-PIECE-ALTERED", told(entry)),)) from error
    if sha256 != entry.mark:
        raise Refusal("BACKUP-DAMAGED", entry.path, reasons=(finding("BACKUP-PIECE-ALTERED", told(entry)),))
    return draft, sha256


def _of(folder: BackupFolder, code: str, kind: str) -> Iterator[Entry]:
    return (entry for entry in folder.entries(code) if entry.kind == kind)


def _name(entry: Entry) -> str:
    return Path(entry.path).name


def _inside(root: Path, entry: Entry) -> Path:
    """Return where an entry goes; a path that leads out of the folder is a damaged list."""
    place = (root / entry.path).resolve()
    if not place.is_relative_to(root.resolve()):
        raise Refusal("BACKUP-DAMAGED", entry.path, reasons=(finding("BACKUP-LIST-WRONG", CONTENTS),))
    return place
