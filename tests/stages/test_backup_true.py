"""A backup that is called done can be restored: nothing damaged goes into it or stays in use, and none is passed off as another."""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lantai.core.errors import Fault, Refusal
from lantai.packages import ocfl
from lantai.packages.backup_folder import CONTENTS, MANIFEST, BackupFolder
from lantai.shelves.holdings.models import Record
from lantai.shelves.recovery import queries
from lantai.shelves.recovery.models import Backup
from lantai.stages.recover import backup, state, unlocking
from tests.stages.test_backup import Kept, own, restored
from tests.support.databases import Template

__all__ = ["own"]


def spoil(path: Path) -> None:
    """Change one bit of a file."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(body)


def a_record(own: Kept) -> tuple[Record, Path]:
    row = Record.objects.filter(state="archived", content_version=1, needs_attention="").order_by("id")[0]
    return row, own.data / "vault" / ocfl.object_path(row.id)


def _bit(folder: Path) -> None:
    spoil(next(path for path in sorted(folder.rglob("original/*")) if path.is_file()))


def _root(folder: Path) -> None:
    spoil(folder / ocfl.INVENTORY)


def _cut(folder: Path) -> None:
    path = next(path for path in sorted(folder.rglob("original/*")) if path.is_file())
    path.chmod(0o644)
    os.truncate(path, 1)


def _pipe(folder: Path) -> None:
    path = next(path for path in sorted(folder.rglob("original/*")) if path.is_file())
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("change", [_bit, _root, _cut, _pipe])
def test_what_is_damaged_in_the_vault_makes_no_backup_and_flagged_it_stops_none(
    own: Kept, database_template: Template, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    row, folder = a_record(own)
    change(folder)
    other = tmp_path / "other"
    with pytest.raises(Fault, match="BACKUP-SOURCE-DAMAGED") as caught:
        backup.back_up(own.house, other)
    assert row.code in caught.value.where
    assert BackupFolder(other).codes() == []
    Record.objects.filter(id=row.id).update(needs_attention="PRESERVE-DAMAGED")
    made = backup.back_up(own.house, other)
    assert backup.verify(own.house, other, made.code) == []
    with restored(database_template, other, tmp_path / "restored") as (house, done):
        assert done.code == made.code
        assert not house.store.has(row.id, 1)
        assert Record.objects.get(id=row.id).needs_attention == "PRESERVE-DAMAGED"


def test_a_good_piece_of_an_earlier_backup_outlives_the_damage(own: Kept) -> None:
    _, folder = a_record(own)
    _bit(folder)
    made = backup.back_up(own.house, own.place)
    assert backup.verify(own.house, own.place, made.code) == []


def _of_an_object(own: Kept) -> Path:
    folder = BackupFolder(own.place)
    return folder.place(next(entry.piece for entry in folder.entries(own.code) if entry.kind == backup.OBJECT))


def test_a_piece_that_was_found_damaged_is_written_again(own: Kept) -> None:
    spoil(_of_an_object(own))
    assert [item.code for item in backup.verify(own.house, own.place, "")] == ["BACKUP-PIECE-ALTERED"]
    made = backup.back_up(own.house, own.place)
    assert backup.verify(own.house, own.place, made.code) == []
    assert backup.verify(own.house, own.place, own.code) == [], "the earlier one is whole again, too"


def test_a_piece_that_was_cut_short_is_written_again_unasked(own: Kept) -> None:
    piece = _of_an_object(own)
    piece.chmod(0o600)
    os.truncate(piece, 7)
    made = backup.back_up(own.house, own.place)
    assert backup.verify(own.house, own.place, made.code) == []


def test_an_old_backup_is_not_passed_off_as_a_new_one(own: Kept) -> None:
    folder = BackupFolder(own.place)
    shutil.copytree(folder.backups / own.code, folder.backups / "BF-20991231-01")
    with pytest.raises(Refusal, match="BACKUP-DAMAGED"):
        unlocking.choose(folder, "BF-20991231-01", None)
    assert [item.code for item in folder.check("BF-20991231-01", None)] == ["BACKUP-LIST-WRONG"]


def test_what_others_lay_into_a_place_is_no_backup_and_is_left_alone(own: Kept) -> None:
    folder = BackupFolder(own.place)
    piece = next(path for path in folder.pieces.glob("??/*"))
    laid = [folder.backups / ".DS_Store", folder.backups / "desktop.ini", piece.with_name("Thumbs.db")]
    for path in laid:
        path.write_bytes(b"x")
    (folder.backups / "lost+found").mkdir()
    assert folder.codes() == [own.code] == [folder.newest()]
    backup.prune(own.house, own.place, queries.timetable())
    assert all(path.exists() for path in laid)
    assert folder.check(own.code, own.house.signer) == []


def _manifests(body: bytes) -> Iterator[bytes]:
    """Yield lists that say otherwise, or nothing: each part gone or of another kind, and what is no list at all."""
    document = json.loads(body)
    for name in document:
        yield json.dumps({key: value for key, value in document.items() if key != name}).encode()
        for other in (None, 7, "x", [], {}, {"sha256": 7}, -1e400):
            yield json.dumps(document | {name: other}).encode()
    yield from (b"", b"[]", b"null", b"[" * 100_000, b"\xff\xfe", body[:-9], b"NaN")


def test_no_list_of_another_form_is_more_than_a_damaged_backup(own: Kept, tmp_path: Path) -> None:
    folder = BackupFolder(own.place)
    place = folder.backups / own.code / MANIFEST
    body, passed = place.read_bytes(), 0
    place.chmod(0o644)
    for other in _manifests(body):
        place.write_bytes(other)
        for act in (lambda: folder.check(own.code, own.house.signer), lambda: unlocking.choose(folder, own.code, None), folder.newest):
            try:
                passed += act() == []
            except Refusal as refusal:
                assert refusal.code in {"BACKUP-DAMAGED", "BACKUP-NONE"}, other[:80]
    assert passed == 0


@pytest.mark.parametrize("line", [b"[" * 100_000, b"[1,2,3]", b"{}", b'"x"' * 900_000, b"\xff"])
def test_no_contents_of_another_form_are_more_than_a_damaged_backup(own: Kept, line: bytes) -> None:
    folder = BackupFolder(own.place)
    place = folder.backups / own.code / CONTENTS
    place.chmod(0o644)
    place.write_bytes(gzip.compress(line + b"\n"))
    with pytest.raises(Refusal, match="BACKUP-DAMAGED"):
        list(folder.entries(own.code))
    assert folder.check(own.code, own.house.signer) != []


def test_a_clock_that_ran_ahead_stops_no_backup_and_hides_no_newer_one(own: Kept) -> None:
    """A machine whose clock said 2036 for an hour has backups and packages of that day; they count for nothing until it comes."""
    now, ahead = datetime.now(UTC), datetime(2036, 1, 1, tzinfo=UTC)
    place = state.folder(own.data)
    written, _ = state.write_state(own.house)
    for day in range(state.KEPT):
        shutil.copytree(written, place / f"203601{day + 1:02d}T000000Z")
    fresh, _ = state.write_state(own.house)
    assert state.newest(own.data) == fresh
    assert state.last_written(own.data) is not None
    assert state.last_written(own.data) <= now + timedelta(minutes=5)  # type: ignore[operator]
    Backup.objects.filter(code=own.code).update(started_at=ahead, taken_at=ahead)
    for found in (queries.last_begun(now), queries.last_good(now)):
        assert found is None or found.code != own.code
    folder = BackupFolder(own.place)
    made = backup.back_up(own.house, own.place)
    future = folder.backups / "BF-20360101-01"
    shutil.copytree(folder.backups / own.code, future)
    document = json.loads((future / MANIFEST).read_bytes()) | {"code": future.name, "taken_at": ahead.isoformat()}
    (future / MANIFEST).chmod(0o644)
    (future / MANIFEST).write_text(json.dumps(document))
    assert folder.newest() == made.code
    assert folder.newest(ahead) == future.name
