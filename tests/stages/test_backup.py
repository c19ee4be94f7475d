"""Backups of a whole installation: consistent, only what is new, every changed byte found, restored to the last row and byte."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pytest_django import DjangoDbBlocker

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.adapters.signers import local as signers
from lantai.adapters.stores.vaults import Others
from lantai.core.errors import Fault, Refusal
from lantai.core.recovery import Timetable, pruned
from lantai.packages import backup_adding, backup_carrying, ocfl
from lantai.packages.backup_folder import DECLARATION, BackupFolder
from lantai.ports import House
from lantai.ports.clock import FixedClock
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.shelves.recovery import queries
from lantai.shelves.recovery.models import Backup, Schedule
from lantai.stages import attest, capture, people, prove, seal
from lantai.stages.recover import backup, drill, restore, schedule, unlocking
from lantai.stages.report import recovery
from tests.support import holdings_all
from tests.support.buckets import Service
from tests.support.databases import Template
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.told import types

PASSPHRASE = "松风水月 不可外传 共十二字"
ROOT = Path(__file__).resolve().parents[2]
KILLS = 8


@dataclass(frozen=True, slots=True)
class Kept:
    """A furnished installation with one backup, and what its tables and its vault held then."""

    house: House
    data: Path
    place: Path
    code: str
    rows: holdings_all.Rows
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def kept(database_template: Template, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One that no test changes."""
    folder = tmp_path_factory.mktemp("kept")
    with django_db_blocker.unblock(), database_template.copy(folder / "data") as data:
        yield from _kept(data, folder)


@pytest.fixture
def own(fresh_data: Path, tmp_path: Path) -> Iterator[Kept]:
    """One for a test that changes it."""
    yield from _kept(fresh_data, tmp_path)


def _kept(data: Path, folder: Path) -> Iterator[Kept]:
    (data / "lantai.toml").write_text('kind = "trial"\nagency = "云汀市发展和改革委员会"\nsecret_key = "geheim"\n', "utf-8")
    with line_house(data) as house:
        schedule.set_passphrase(house, PASSPHRASE)
        holdings_all.furnish(house, folder)
        rows, files = holdings_all.everything(), contents(data)
        row = backup.back_up(house, folder / "place")
        yield Kept(house, data, folder / "place", row.code, rows, files)


def contents(data: Path) -> dict[str, bytes]:
    """Every file that a restore must bring back."""
    names = ("vault", "staging", "uploads", "scans", "ledger", "keys")
    found = {str(path.relative_to(data)): path for name in names for path in (data / name).rglob("*") if path.is_file()}
    left = {"keys/quarantine.key", "keys/last-signed", "ledger/.seal.lock"}
    return {name: path.read_bytes() for name, path in found.items() if name not in left}


@contextmanager
def restored(template: Template, place: Path, target: Path, *, code: str = "") -> Iterator[tuple[House, restore.Restored]]:
    """The backup restored into a fresh folder and fresh databases."""
    folder = BackupFolder(place)
    manifest = unlocking.choose(folder, code, None)
    with template.copy(target):
        unlocking.unlock(folder, manifest, PASSPHRASE, target)
        with line_house(target) as house:
            yield house, restore.restore(house, folder, manifest, PASSPHRASE)


def test_a_restored_installation_is_the_same_row_by_row_and_byte_by_byte(kept: Kept, database_template: Template, tmp_path: Path) -> None:
    with restored(database_template, kept.place, tmp_path / "new") as (house, done):
        after = holdings_all.everything()
        own = {key for key, row in after["ledger_event"].items() if row["type"] == "backup:restored"}
        for name, rows in kept.rows.items():
            assert {key: row for key, row in after[name].items() if key not in own} == rows, name
        assert contents(tmp_path / "new") == kept.files
        assert (tmp_path / "new" / "lantai.toml").read_text("utf-8") == (kept.data / "lantai.toml").read_text("utf-8")
        assert (done.records, done.versions) == (6, 6)
        assert people.sign_in(house, "shen", "Lantai-2026").name == "沈静宜"
        assert attest.attest(house).problems == ()
        assert prove.verify_as_service(house, None).problems == ()
        seal.seal(house)
        assert attest.attest(house).problems == ()
        assert not (tmp_path / "new" / "quarantine").exists()


def test_a_backup_in_a_bucket_is_verified_and_restored_from_there(
    own: Kept, moto: Service, database_template: Template, tmp_path: Path
) -> None:
    bucket = moto.address()
    address = f"s3://{bucket.bucket}/备份?endpoint={bucket.endpoint}"
    house = replace(own.house, vaults=Others(moto.credentials))
    done = backup.send(house, own.place, address, "")
    assert (done.code, done.new_pieces) == (own.code, done.pieces)
    assert backup.send(house, own.place, address, own.code).new_pieces == 0
    assert backup.verify_sent(house, address, "") == []
    keys = house.vaults.keys(address)
    assert backup_carrying.codes(keys) == [own.code]
    backup_carrying.fetch(keys, BackupFolder(tmp_path / "fetched"), own.code, lambda _: None)
    with restored(database_template, tmp_path / "fetched", tmp_path / "new") as (again, told):
        assert (told.records, told.versions) == (6, 6)
        assert prove.verify_as_service(again, None).problems == ()
        assert contents(tmp_path / "new") == own.files
    key = sorted(name for name, _ in keys.listing("pieces"))[0]
    keys.put(key, b"other")
    assert next(item.code for item in backup.verify_sent(house, address, "")) == "BACKUP-PIECE-ALTERED"
    with pytest.raises(Refusal):
        backup_carrying.fetch(keys, BackupFolder(tmp_path / "again"), own.code, lambda _: None)
    assert BackupFolder(tmp_path / "again").codes() == []
    assert Event.objects.filter(type="backup:sent").count() == 2
    assert Event.objects.filter(type="backup:verified").count() == 2


def test_only_what_is_new_is_written_again(own: Kept, tmp_path: Path) -> None:
    first = Backup.objects.get(code=own.code)
    one_page_pdfs(tmp_path / "late", 1, 901)
    batch = capture.open_batch(own.house, ARCHIVIST, [tmp_path / "late"], channel="manual", department="BGS")
    line.archive(own.house, ARCHIVIST, [batch])
    second = backup.back_up(own.house, own.place)
    assert second.records == first.records + 1
    assert second.new_pieces < second.pieces
    held = {entry.path: entry.piece for entry in BackupFolder(own.place).entries(first.code) if entry.kind == "object"}
    again = {entry.path: entry.piece for entry in BackupFolder(own.place).entries(second.code) if entry.kind == "object"}
    assert held.items() < again.items()
    third = backup.back_up(own.house, own.place)
    assert third.new_bytes < first.new_bytes / 2
    assert backup.verify(own.house, own.place, second.code) == []
    assert Backup.objects.get(code=second.code).verdict == "ok"
    with pytest.raises(Refusal, match="BACKUP-UNKNOWN"):
        backup.verify(own.house, own.place, "BF-19990101-01")


def test_every_changed_or_missing_file_is_found_and_nothing_is_restored_from_it(kept: Kept, tmp_path: Path) -> None:
    place = shutil.copytree(kept.place, tmp_path / "place")
    folder, kinds = BackupFolder(place), {entry.piece: entry.kind for entry in BackupFolder(place).entries(kept.code)}
    assert set(kinds.values()) >= {"tables", "ledger", "object", "staging", "secrets"}
    needed = [*(place / "pieces").glob("??/*"), *(place / "backups" / kept.code).iterdir(), place / DECLARATION]
    found: dict[str, set[str]] = {}
    for path in needed:
        whole = path.read_bytes()
        path.chmod(0o600)
        half = len(whole) // 2
        for changed in (whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :], whole[:half], None):
            path.unlink(missing_ok=True)
            if changed is not None:
                path.write_bytes(changed)
            found.setdefault(kinds.get(path.name, path.name), set()).update(_refused(folder, kept))
        path.write_bytes(whole)
    assert "" not in set().union(*found.values()), found
    assert folder.check(kept.code, kept.house.signer) == []
    assert found["object"] == {"BACKUP-PIECE-ALTERED", "BACKUP-PIECE-MISSING"}


def _refused(folder: BackupFolder, kept: Kept) -> set[str]:
    """The codes with which a restore refuses, or those of checking with the agency's keys; empty text where nothing is found."""
    try:
        unlocking.choose(folder, kept.code, None)
        return {item.code for item in folder.check(kept.code, kept.house.signer)} or {""}
    except Refusal as refusal:
        return {item.code for item in refusal.reasons} or {refusal.code}


def test_damage_is_named_by_what_it_is(kept: Kept, tmp_path: Path) -> None:
    place = shutil.copytree(kept.place, tmp_path / "place")
    folder = BackupFolder(place)
    entry = next(entry for entry in folder.entries(kept.code) if entry.kind == "object")
    folder.place(entry.piece).unlink()
    with pytest.raises(Refusal, match="BACKUP-DAMAGED") as refused:
        unlocking.choose(folder, "", None)
    assert [item.message for item in refused.value.reasons] == [f"缺少：档案 {entry.path}。"]


def test_a_foreign_signature_is_not_restored(kept: Kept, database_template: Template, tmp_path: Path) -> None:
    place = shutil.copytree(kept.place, tmp_path / "place")
    (place / "backups" / kept.code / "manifest.json.sig").write_text("[]")
    with pytest.raises(Refusal, match="BACKUP-DAMAGED"), restored(database_template, place, tmp_path / "new"):
        pass


def test_the_passphrase_is_needed_and_secrets_are_sealed(kept: Kept, tmp_path: Path) -> None:
    folder = BackupFolder(kept.place)
    with pytest.raises(Refusal, match="RECOVERY-PASSPHRASE"):
        unlocking.unlock(folder, folder.manifest(kept.code), PASSPHRASE + "x", tmp_path)
    everything = b"".join(path.read_bytes() for path in kept.place.rglob("*") if path.is_file())
    assert b"geheim" not in everything
    assert b"argon2" not in everything
    assert b"PRIVATE KEY" not in everything


def test_a_new_passphrase_leaves_earlier_backups_to_the_old_one(own: Kept, tmp_path: Path) -> None:
    schedule.set_passphrase(own.house, PASSPHRASE[::-1])
    later = backup.back_up(own.house, own.place)
    assert {"recovery:keyed", "backup:made"} <= types()
    folder = BackupFolder(own.place)
    unlocking.unlock(folder, folder.manifest(own.code), PASSPHRASE, tmp_path / "old")
    unlocking.unlock(folder, folder.manifest(later.code), PASSPHRASE[::-1], tmp_path / "new")
    same = "keys/ed25519.pem"
    assert (tmp_path / "old" / same).read_bytes() == (tmp_path / "new" / same).read_bytes() == (own.data / same).read_bytes()


def test_backups_are_pruned_by_rule_and_the_rest_stay_whole(own: Kept) -> None:
    later = [backup.back_up(own.house, own.place).code for _ in range(2)]
    done = backup.prune(own.house, own.place, Timetable(days=1, weeks=0, months=0))
    assert done.codes == (later[0], own.code)
    assert done.pieces > 0
    folder = BackupFolder(own.place)
    assert folder.codes() == [later[1]]
    assert folder.check(later[1], own.house.signer) == []
    assert set(Backup.objects.filter(state="pruned").values_list("code", flat=True)) == {own.code, later[0]}
    assert "backup:pruned" in types()


def test_a_backup_whose_list_is_damaged_does_not_stop_the_pruning_of_others(own: Kept) -> None:
    later = [backup.back_up(own.house, own.place).code for _ in range(3)]
    (own.place / "backups" / later[1] / "manifest.json").write_text("{")
    before = {path.name for path in (own.place / "pieces").glob("??/*")}
    done = backup.prune(own.house, own.place, Timetable(days=0, weeks=0, months=0))
    assert (set(done.codes), done.unreadable, done.pieces) == ({own.code, later[0], later[1]}, (), done.pieces)
    assert BackupFolder(own.place).codes() == [later[2]]
    assert {path.name for path in (own.place / "pieces").glob("??/*")} < before
    (own.place / "backups" / later[2] / "contents.jsonl.gz").write_text("x")
    kept = {path.name for path in (own.place / "pieces").glob("??/*")}
    done = backup.prune(own.house, own.place, Timetable())
    assert (done.codes, done.unreadable) == ((), (later[2],))
    assert {path.name for path in (own.place / "pieces").glob("??/*")} == kept, "nobody knows which pieces are its own"
    sound = backup.back_up(own.house, own.place).code
    with pytest.raises(Refusal, match="BACKUP-SOUND"):
        backup.prune(own.house, own.place, Timetable(), damaged=sound)
    assert backup.prune(own.house, own.place, Timetable(), damaged=later[2]).codes == (later[2],)
    assert BackupFolder(own.place).check(sound, own.house.signer) == []


def test_backups_in_a_bucket_are_pruned_and_the_last_whole_one_stays(own: Kept, moto: Service) -> None:
    backups_are_pruned(own, moto)


def test_what_was_altered_in_a_bucket_is_sent_again(own: Kept, moto: Service) -> None:
    what_was_altered_is_sent_again(own, moto)


@pytest.mark.slow
@pytest.mark.needs("radosgw")
def test_backups_in_a_real_service_are_pruned_and_the_last_whole_one_stays(own: Kept, ceph: Service) -> None:
    backups_are_pruned(own, ceph)
    what_was_altered_is_sent_again(own, ceph)


def backups_are_pruned(own: Kept, service: Service) -> None:
    """Send three backups to a bucket, tear the newest, prune, mend it, prune again."""
    bucket = service.address()
    address = f"s3://{bucket.bucket}/清除?endpoint={bucket.endpoint}"
    house = replace(own.house, vaults=Others(service.credentials))
    codes = [own.code, *(backup.back_up(house, own.place).code for _ in range(2))]
    for code in codes:
        backup.send(house, own.place, address, code)
    keys, rule = house.vaults.keys(address), Timetable(days=1, weeks=0, months=0)
    own_pieces = {entry.piece for entry in BackupFolder(own.place).entries(codes[2])}
    of_first = {entry.piece for entry in BackupFolder(own.place).entries(codes[0])}
    torn = next(piece for piece in sorted(own_pieces - of_first))
    kept = keys.get(f"pieces/{torn[:2]}/{torn}")
    keys.delete([f"pieces/{torn[:2]}/{torn}"])
    assert [item.is_whole for item in backup_carrying.sent(keys, house.signer)] == [True, True, False]
    young = backup.prune_sent(house, address, rule)
    assert (young.codes, young.pieces) == ((codes[0],), 0), "the newest is torn: the one before stays, and so does what was just sent"
    assert backup.verify_sent(house, address, codes[1]) == []
    keys.put(f"pieces/{torn[:2]}/{torn}", kept or b"")
    with pytest.raises(Refusal, match="BACKUP-SOUND"):
        backup.prune_sent(house, address, rule, damaged=codes[2])
    done = backup.prune_sent(house, address, rule, spared=timedelta(days=-1))
    assert done.codes == (codes[1],)
    assert done.pieces > 0
    assert backup_carrying.codes(keys) == [codes[2]]
    assert backup.verify_sent(house, address, "") == []
    assert {key.rpartition("/")[2] for key, _ in keys.listing("pieces")} == own_pieces
    keys.put(f"backups/{codes[2]}/contents.jsonl.gz", b"x")
    unread = backup.prune_sent(house, address, rule, spared=timedelta(days=-1))
    assert (unread.codes, unread.pieces, unread.unreadable) == ((), 0, (codes[2],)), "nobody knows which pieces are its own"
    backup.send(house, own.place, address, codes[2])
    assert backup.verify_sent(house, address, "") == []


def what_was_altered_is_sent_again(own: Kept, service: Service) -> None:
    """Alter a piece in a bucket, send again with reading, then a list."""
    bucket = service.address()
    address = f"s3://{bucket.bucket}/重送?endpoint={bucket.endpoint}"
    house = replace(own.house, vaults=Others(service.credentials))
    keys, pieces = house.vaults.keys(address), backup.send(house, own.place, address, own.code).pieces
    place, _ = next(keys.listing("pieces"))
    keys.put(place, b"x" * len(keys.get(place) or b""))
    assert [item.code for item in backup.verify_sent(house, address, "")] == ["BACKUP-PIECE-ALTERED"]
    assert backup.send(house, own.place, address, own.code).new_pieces == 0
    assert backup.send(house, own.place, address, own.code, rereads=True).new_pieces == 1
    assert backup.verify_sent(house, address, "") == []
    keys.put(f"backups/{own.code}/manifest.json", b"{")
    with pytest.raises(Refusal, match="BACKUP-SENT-OTHER"):
        backup.send(house, own.place, address, own.code)
    assert backup.prune_sent(house, address, Timetable(), damaged=own.code).codes == (own.code,)
    assert backup.send(house, own.place, address, own.code).pieces == pieces


def test_two_installations_do_not_share_a_place_or_a_bucket(own: Kept, tmp_path: Path, moto: Service) -> None:
    bucket = moto.address()
    address = f"s3://{bucket.bucket}/共用?endpoint={bucket.endpoint}"
    house = replace(own.house, vaults=Others(moto.credentials))
    backup.send(house, own.place, address, own.code)
    there = {key for key, _ in house.vaults.keys(address).listing()}
    other = replace(house, signer=signers.create(tmp_path / "their-keys"))
    assert backup.back_up(other, own.place).state == "done", "what is noted here is our own, with whatever keys"
    Backup.objects.all().delete()
    for act in (
        lambda: backup.back_up(other, own.place),
        lambda: backup.prune(other, own.place, Timetable(days=0, weeks=0, months=0)),
        lambda: backup.send(other, own.place, address, ""),
        lambda: backup.prune_sent(other, address, Timetable(days=0, weeks=0, months=0)),
    ):
        with pytest.raises(Refusal, match="BACKUP-OTHER"):
            act()
    assert {key for key, _ in house.vaults.keys(address).listing()} == there


def test_a_damaged_newest_backup_does_not_cost_the_last_good_one(own: Kept) -> None:
    later = [backup.back_up(own.house, own.place).code for _ in range(2)]
    Backup.objects.filter(code=later[1]).update(verdict="damaged")
    assert backup.prune(own.house, own.place, Timetable(days=1, weeks=0, months=0)).codes == (own.code,)
    assert BackupFolder(own.place).codes() == later


def test_the_rule_keeps_the_newest_of_days_weeks_and_months() -> None:
    start = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
    made = [(f"{day:03d}", start - timedelta(days=day)) for day in range(400)]
    kept = sorted({name for name, _ in made} - set(pruned(made, Timetable(days=7, weeks=5, months=12))))
    assert kept[:7] == [f"{day:03d}" for day in range(7)]
    assert 7 + 3 <= len(kept) <= 7 + 5 + 12
    assert pruned(made[:1], Timetable(days=0, weeks=0, months=0)) == []


def test_what_cannot_be_a_backup_place_is_refused(own: Kept, tmp_path: Path) -> None:
    for chosen in (own.data / "b", own.data.parent):
        with pytest.raises(Refusal, match="BACKUP-PLACE-WRONG"):
            backup.place_of(own.house, str(chosen))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").touch()
    with pytest.raises(Refusal, match="BACKUP-PLACE-WRONG"):
        backup.back_up(own.house, tmp_path / "other")
    with pytest.raises(Refusal, match="BACKUP-BUSY"), BackupFolder(own.place).alone():
        backup.back_up(own.house, own.place)
    (own.data / "keys" / "recovery.json").unlink()
    with pytest.raises(Refusal, match="RECOVERY-KEY-MISSING"):
        backup.back_up(own.house, own.place)


def test_a_place_that_fails_is_told_noted_and_the_next_run_goes_on(own: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backup_adding, "_PIECES_A_FLUSH", 3)
    real, calls = Path.rename, 0

    def full(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls > 5:
            raise OSError(28, "No space left on device", str(self))
        return real(self, target)

    other = tmp_path / "elsewhere"
    with monkeypatch.context() as broken, pytest.raises(Fault, match="BACKUP-FULL"):
        broken.setattr(Path, "rename", full)
        backup.back_up(own.house, other)
    assert Backup.objects.get(state="failed").failure == "BACKUP-FULL"
    assert BackupFolder(other).codes() == []
    assert "backup:failed" in types()
    assert BackupFolder(own.place).check(own.code, own.house.signer) == []
    row = backup.back_up(own.house, other)
    assert row.pieces > row.new_pieces > 0, "what was written before is not written again"
    assert BackupFolder(other).check(row.code, own.house.signer) == []


def test_a_place_whose_disk_is_away_is_not_filled_anew_and_stands_on_the_desk(own: Kept, tmp_path: Path) -> None:
    schedule.decide(own.house, None, schedule.Decided(str(own.place), Timetable()))
    own.place.rename(tmp_path / "unplugged")
    own.place.mkdir()  # the mount point stays
    with pytest.raises(Fault, match="BACKUP-AWAY"):
        backup.back_up(own.house, own.place)
    assert list(own.place.iterdir()) == []
    assert Backup.objects.get(state="failed").failure == "BACKUP-AWAY"
    alarms = " ".join(item.message for item in recovery.alarms(own.house))
    assert f"备份处 {own.place} 不在" in alarms
    assert f"没有做成：备份处 {own.place} 不在" in alarms
    with pytest.raises(Refusal, match="没有文件夹"):
        backup.back_up(own.house, tmp_path / "not" / "mounted")
    assert not (tmp_path / "not").exists()
    assert backup.back_up(own.house, own.place, is_anew=True).state == "done"
    assert "不在" not in " ".join(item.message for item in recovery.alarms(own.house))


def test_a_bucket_that_is_away_costs_no_second_backup_and_is_told(own: Kept, moto: Service) -> None:
    there = moto.address()
    bucket = f"s3://{there.bucket}/远处?endpoint={there.endpoint}"
    schedule.decide(own.house, None, schedule.Decided(str(own.place), Timetable()))
    with line_house(own.data, backup_bucket=f"s3://none/x?endpoint={there.endpoint}") as plain:
        house = replace(plain, vaults=Others(moto.credentials))
        work.provide(lambda: house)
        before = Backup.objects.count()
        for _ in range(2):
            with pytest.raises(Fault):
                backup.backup_task.func()
        assert Backup.objects.count() == before, "what the timetable asks for is there"
        assert "还没有一份备份送到 s3://none" in " ".join(item.message for item in recovery.alarms(house))
    with line_house(own.data, backup_bucket=bucket) as plain:
        house = replace(plain, vaults=Others(moto.credentials))
        work.provide(lambda: house)
        backup.backup_task.func()
        assert "送到" not in " ".join(item.message for item in recovery.alarms(house))
        drill.file_failed(house, own.code, None, house.clock.now(), Fault("DRILL-STEP-FAILED", "还原", reason="磁盘空间不足。"))
        assert any(f"换成 '{bucket}'" in text for _, text, _ in recovery.plan(house).steps)
        later = replace(house, clock=FixedClock(house.clock.now() + timedelta(hours=40)))
        assert "最近一次送到 s3://" in " ".join(item.message for item in recovery.alarms(later))


def test_a_place_that_cannot_be_written_is_noted_in_plain_words(own: Kept, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Fault, match="路径中有一段不是文件夹"):
        backup.back_up(own.house, tmp_path / "file")
    assert Backup.objects.get(state="failed").failure == "BACKUP-FAILED"


def test_a_backup_that_lacks_what_the_rows_promise_is_never_called_done(own: Kept) -> None:
    house, folder = own.house, BackupFolder(own.place)
    before, row = folder.codes(), Record.objects.filter(state="archived", content_version__gt=0).order_by("id")[0]
    (own.data / "vault").rename(own.data / "vault.away")
    with pytest.raises(Fault, match="STORE-AWAY"):
        backup.back_up(house, own.place)
    (own.data / "vault.away").rename(own.data / "vault")
    lost = own.data / "vault" / ocfl.object_path(row.id)
    lost.rename(own.data / "lost")
    with pytest.raises(Fault, match="STORE-ABSENT"):
        backup.back_up(house, own.place)
    assert folder.codes() == before
    assert list(Backup.objects.filter(state="failed").order_by("code").values_list("failure", flat=True)) == ["STORE-AWAY", "STORE-ABSENT"]
    Record.objects.filter(id=row.id).update(needs_attention="PRESERVE-DAMAGED")  # somebody knows: all else is backed up
    assert backup.back_up(house, own.place).state == "done"
    (own.data / "lost").rename(lost)


def test_the_timetable_is_decided_told_and_due(own: Kept) -> None:
    with pytest.raises(Refusal, match="BACKUP-SCHEDULE-WRONG"):
        schedule.decide(own.house, None, schedule.Decided(str(own.place), Timetable(at="25:00")))
    Schedule.objects.all().delete()
    schedule.decide(own.house, None, schedule.Decided(str(own.place), Timetable(at="03:30", days=3)))
    schedule.decide(own.house, None, schedule.Decided(str(own.place), Timetable(at="04:30", days=3)))
    assert "recovery:scheduled" in types()
    assert (queries.timetable().at, Schedule.objects.filter(retired_at=None).count()) == ("04:30", 1)
    rule = Timetable(at="02:00")
    day = datetime(2026, 3, 2, 17, 59, tzinfo=UTC)  # 01:59 in Beijing
    assert not rule.is_due(day, day - timedelta(hours=23))
    assert rule.is_due(day + timedelta(minutes=2), day - timedelta(hours=23))
    assert not rule.is_due(day + timedelta(minutes=2), day + timedelta(minutes=1))
    assert rule.is_late(day, day - timedelta(hours=37))


def test_a_drill_compares_and_is_filed(own: Kept, database_template: Template, tmp_path: Path) -> None:
    house, began = own.house, own.house.clock.now()
    seen = tmp_path / "seen.jsonl"
    assert drill.write_seen(seen) == 6
    manifest = BackupFolder(own.place).manifest(own.code)
    changed, other = Record.objects.order_by("id")[:2]
    Record.objects.filter(id=changed.id).update(title="改", version=changed.version + 1)
    Record.objects.filter(id=other.id).update(title="暗中改")
    held = drill.compare(drill.seen(), drill.read_seen(seen), drill.instant_of(manifest))
    assert (held.same, held.changed, held.differing, held.missing) == (4, 1, (other.id,), ())
    found = drill.Examined(True, 9, 0, "BC-1", {"manual": 6}, 0, 1.0)
    row = drill.file(house, manifest, drill.Times(began, began + timedelta(seconds=75)), found, held)
    assert (row.conclusion, row.rto_seconds) == ("fail", 75)
    assert Event.objects.filter(type="drill:held", object_id=row.code).count() == 1
    name, content = recovery.drill_paper(house, row.code)
    assert (name, content[:5]) == (f"恢复演练记录-{row.code}.pdf", b"%PDF-")
    told = " ".join(item.message for item in recovery.alarms(house))
    assert f"最近一次恢复演练 {row.code} 没有通过" in told
    plan = recovery.plan(house)
    assert any(str(own.place) in text for _, text, _ in plan.steps) or any("尚未定" in text for _, text, _ in plan.steps)
    assert recovery.plan_paper(house)[1][:5] == b"%PDF-"


@pytest.mark.slow
def test_a_backup_killed_at_random_leaves_the_earlier_ones_whole_and_goes_on(own: Kept) -> None:
    chance, known = Random(5), os.environ | {"LANTAI_DATA": str(own.data), "LANTAI_SECRET_KEY": "x" * 50, "LANTAI_KIND": "trial"}
    command = [sys.executable, "-m", "tests.support.backup_worker", str(own.place)]
    folder = BackupFolder(own.place)
    for _ in range(KILLS):
        worker = subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.PIPE, start_new_session=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 0.6))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        for code in folder.codes():
            assert folder.check(code, own.house.signer) == [], code
    row = backup.back_up(own.house, own.place)
    assert folder.check(row.code, own.house.signer) == []
    backup.prune(own.house, own.place, Timetable(days=1, weeks=0, months=0))
    assert folder.codes() == [row.code]
    assert folder.check(row.code, own.house.signer) == []
