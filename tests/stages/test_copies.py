"""Copies: written after archiving, read again, mended; killed anywhere and run twice they come to the same end."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.corpus import one_page_pdfs
from lantai import line, work
from lantai.adapters.stores.local import LocalStore
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.packages import ocfl
from lantai.ports import House
from lantai.ports.moving import Place
from lantai.ports.store import Draft, Stored
from lantai.shelves.copies import queries
from lantai.shelves.copies.models import Audit, Copy, Replica
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event
from lantai.stages import capture, copies, prove
from lantai.stages.copies import move
from lantai.stages.copies.replicate import drafts_of
from lantai.stages.report import copies as read
from lantai.stages.report import health
from tests.packages.ocfl_py import errors
from tests.support.buckets import Service
from tests.support.line_house import ARCHIVIST, READER, line_house
from tests.support.told import types

SYSADMIN = Actor("01TESTSYSADMIN000000000000", "wang", "王明", "sysadmin", "")
HELD = 4


def archived(house: House, folder: Path, count: int) -> list[Record]:
    """Archive *count* short documents."""
    one_page_pdfs(folder, count, seed=count)
    batch_id = capture.open_batch(house, ARCHIVIST, [folder], channel="manual", department="BGS")
    line.finish(house)
    line.archive(house, ARCHIVIST, [batch_id])
    return list(Record.objects.filter(state="archived").order_by("id"))


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, copies_required=2, slice_records=3) as house:
        yield house


@pytest.fixture
def records(house: House, tmp_path: Path) -> list[Record]:
    return archived(house, tmp_path / "papers", HELD)


@pytest.fixture
def second(house: House, records: list[Record], tmp_path: Path) -> Replica:
    """A second disk, up to date."""
    row = copies.add(house, SYSADMIN, copies.Wish("近线", "disk", str(tmp_path / "second")))
    line.finish(house)
    return row


def place(base: Path, record: Record) -> Path:
    return base / "vault" / ocfl.object_path(record.id)


def spoil(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def first_file(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("original/*")) if path.is_file())


def told(event: str) -> list[dict[str, object]]:
    return [json.loads(row.payload.body) for row in Event.objects.filter(type=event).order_by("instant")]


def test_what_was_archived_before_and_after_is_copied_to_the_last_byte(house: House, second: Replica, tmp_path: Path) -> None:
    assert Copy.objects.filter(replica=second, state="good").count() == HELD
    archived(house, tmp_path / "more", 2)
    line.finish(house)
    assert Copy.objects.filter(replica=second).count() == Record.objects.filter(state="archived").count()
    for record in Record.objects.filter(state="archived"):
        ours, theirs = place(house.data, record), place(tmp_path / "second", record)
        names = {path.relative_to(ours) for path in ours.rglob("*")}
        assert names == {path.relative_to(theirs) for path in theirs.rglob("*")}
        assert all((ours / name).read_bytes() == (theirs / name).read_bytes() for name in names if (ours / name).is_file())
        assert not any((ours / name).samefile(theirs / name) for name in names)
        assert errors(theirs) == []
    assert queries.lacking(second).count() == 0
    assert sum(int(str(body["records"])) for body in told("replica:copied")) == Copy.objects.count()


def test_copying_twice_writes_nothing_twice(house: House, second: Replica) -> None:
    before = Event.objects.count()
    assert copies.replicate(house) == 0
    Copy.objects.filter(replica=second).delete()  # as if it had died before it could say so
    assert copies.replicate(house) == HELD
    assert Event.objects.count() == before + 2


def test_the_policy_counts_what_is_short(house: House, records: list[Record], tmp_path: Path) -> None:
    assert read.look(house).below == HELD
    copies.add(house, SYSADMIN, copies.Wish("近线", "disk", str(tmp_path / "second")))
    line.finish(house)
    assert read.look(house).below == 0
    Copy.objects.filter(record_id=records[0].id).update(state="damaged")
    found = read.look(house)
    assert found.below == 1
    assert "1 件保管不足 2 份" in found.alarms


def test_an_audit_finds_damage_in_a_replica_and_mends_it(house: House, second: Replica, records: list[Record], tmp_path: Path) -> None:
    spoil(first_file(place(tmp_path / "second", records[1])))
    shutil.rmtree(place(tmp_path / "second", records[2]))
    row = copies.run_to_end(house, copies.start(house, SYSADMIN, "近线").id)
    assert (row.state, row.done, row.damaged, row.mended) == ("done", HELD, 2, 2)
    assert Copy.objects.filter(replica=second, state="good").count() == HELD
    assert errors(place(tmp_path / "second", records[1])) == errors(place(tmp_path / "second", records[2])) == []
    assert (tmp_path / "second" / "vault.damaged" / records[1].id).is_dir(), "what was damaged is kept to be looked at"
    assert [body["place"] for body in told("copy:mended")] == ["近线", "近线"]
    assert {"replica:added", "audit:started", "copy:damaged", "audit:concluded"} <= types()
    assert read.tick(row) == "warn"


def test_the_vault_is_mended_from_a_replica(house: House, second: Replica, records: list[Record]) -> None:
    spoil(first_file(place(house.data, records[0])))
    (place(house.data, records[3]) / ocfl.INVENTORY).unlink()
    row = copies.run_to_end(house, copies.start(house, SYSADMIN).id)
    assert (row.damaged, row.mended) == (2, 2)
    assert Record.objects.exclude(needs_attention="").count() == 0
    assert prove.verify_as_service(house, None).problems == ()
    assert {body["from"] for body in told("copy:mended")} == {"近线"}


def test_two_bad_copies_are_never_mended_from_each_other(house: House, second: Replica, records: list[Record], tmp_path: Path) -> None:
    for base in (house.data, tmp_path / "second"):
        spoil(first_file(place(base, records[0])))
    with pytest.raises(Refusal, match="COPY-NO-GOOD-ONE"):
        copies.mend(house, SYSADMIN, records[0].id)
    row = copies.run_to_end(house, copies.start(house, SYSADMIN).id)
    assert (row.damaged, row.mended, read.tick(row)) == (1, 0, "bad")
    assert Record.objects.get(id=records[0].id).needs_attention == "PRESERVE-DAMAGED"


def test_a_copy_with_another_history_is_not_a_good_one(house: House, second: Replica, records: list[Record], tmp_path: Path) -> None:
    """Whole by itself but not what the ledger tells of: somebody wrote it anew."""
    record, folder = records[0], place(tmp_path / "second", records[0])
    shutil.rmtree(folder)
    other = house.vaults.open("disk", str(tmp_path / "second"))
    (draft,) = drafts_of(house.store, record.id, [1])
    other.write([replace(draft, inventory=b"", message="改写")])
    assert other.verify(record.id) == []
    spoil(first_file(place(house.data, record)))
    with pytest.raises(Refusal, match="COPY-NO-GOOD-ONE"):
        copies.mend(house, SYSADMIN, record.id)


def test_a_replica_that_is_away_is_no_damage(house: House, second: Replica, records: list[Record], tmp_path: Path) -> None:
    (tmp_path / "second").rename(tmp_path / "unmounted")
    with pytest.raises(Fault, match="STORE-AWAY"):
        copies.run_to_end(house, copies.start(house, SYSADMIN, "近线").id)
    archived(house, tmp_path / "more", 1)
    work.drain(20, is_hurried=True)
    second.refresh_from_db()
    assert second.trouble == "STORE-AWAY"
    assert "audit:failed" in types()
    assert Copy.objects.exclude(state="good").count() == 0
    assert not (tmp_path / "second").exists(), "an empty mount point is not taken for a vault"
    assert any("近线" in line for line in read.look(house).alarms)
    assert copies.pending(house) == []
    (tmp_path / "unmounted").rename(tmp_path / "second")
    copies.replicate(house, second.id)
    second.refresh_from_db()
    assert (second.trouble, queries.lacking(second).count()) == ("", 0)


def test_what_is_damaged_in_the_vault_is_not_copied(house: House, records: list[Record], tmp_path: Path) -> None:
    spoil(first_file(place(house.data, records[2])))
    row = copies.add(house, SYSADMIN, copies.Wish("近线", "disk", str(tmp_path / "second")))
    with pytest.raises(Fault, match="COPY-SOURCE-DAMAGED"):
        copies.replicate(house, row.id)
    assert set(Copy.objects.values_list("record_id", flat=True)) == {record.id for record in records} - {records[2].id}
    assert not place(tmp_path / "second", records[2]).exists()


def test_an_audit_goes_on_where_it_was_stopped(house: House, second: Replica, tmp_path: Path) -> None:
    row = copies.start(house, ARCHIVIST, "近线")

    def stop(_: float) -> None:
        if Audit.objects.get(id=row.id).done == 0:
            copies.stop(house, ARCHIVIST, row.code)

    assert copies.run_to_end(house, row.id, sleep=stop).state == "stopped"
    copies.resume(house, ARCHIVIST, row.code)
    assert copies.run_to_end(house, row.id).done == HELD
    assert {"audit:stopped", "audit:resumed"} <= types()
    with pytest.raises(Refusal, match="AUDIT-STATE"):
        copies.stop(house, ARCHIVIST, row.code)


def test_an_audit_whose_worker_died_goes_on_and_one_that_was_stopped_spares_nobody(house: House, second: Replica, fresh_data: Path) -> None:
    row = copies.start(house, ARCHIVIST, "近线")
    assert copies.resume(house, ARCHIVIST, row.code).state == "running", "nobody can tell whether its worker is alive"
    copies.stop(house, ARCHIVIST, row.code)
    with line_house(fresh_data, audit_days=90) as planned:
        Replica.objects.update(added_at=planned.clock.now() - timedelta(days=91))
        assert "“近线”该做固化核验了" in read.look(planned).alarms
        assert copies.begin_due(planned) == 0, "a person stopped it: none is begun in its place"
        Audit.objects.update(state="failed")
        assert copies.begin_due(planned) == 0, "it rests till a person lets it go on"
        Audit.objects.update(started_at=planned.clock.now() - timedelta(days=91))
        assert copies.begin_due(planned) == 1
        assert "“近线”该做固化核验了" in read.look(planned).alarms, "till one came to its end"


def test_a_replica_that_is_unplugged_is_told_before_anybody_writes_to_it(house: House, second: Replica, tmp_path: Path) -> None:
    assert not any("不在" in line for line in read.look(house).alarms)
    (tmp_path / "second").rename(tmp_path / "unplugged")
    (tmp_path / "second").mkdir()  # the mount point stays
    found = read.look(house)
    assert (found.places[1].is_away, found.places[1].free_bytes) == (True, None)
    assert any(line.startswith("副本“近线”不在") for line in found.alarms)
    assert ("近线 不在", "err", "warn") in read.badges(house)


def test_the_room_that_is_watched_is_that_of_the_vault(house: House, second: Replica, fresh_data: Path, tmp_path: Path) -> None:
    class Small(type(house.vaults)):  # type: ignore[misc]
        def free_bytes(self, kind: str, address: str) -> int | None:
            return 5 * 1024**2 if address == str(tmp_path / "other") else 10**15

    (tmp_path / "other").mkdir()
    move.move(house, Place("disk", str(tmp_path / "other")))
    assert "“主库”所在磁盘只剩 5 MB" in read.look(replace(house, vaults=Small())).alarms


def test_a_sample_takes_its_share(house: House, second: Replica) -> None:
    try:
        row = copies.start(house, SYSADMIN, share_percent=20)
    except Refusal as refusal:
        assert refusal.code == "AUDIT-NOTHING", "a fifth of so few may be none of them"
    else:
        assert (row.slots, row.total <= HELD) == (5, True)
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        copies.start(house, READER)


def test_places_are_due_by_the_calendar(house: House, second: Replica, fresh_data: Path) -> None:
    assert not copies.is_due(house)
    with line_house(fresh_data, audit_days=90, copies_required=2) as planned:
        assert not copies.is_due(planned)
        Replica.objects.update(added_at=planned.clock.now() - timedelta(days=91))
        assert copies.begin_due(planned) == 1
        assert copies.begin_due(planned) == 0
        line.finish(planned)
        assert Audit.objects.get().state == "done"


def test_fsck_finishes_what_a_crash_left_and_names_the_rest(house: House, second: Replica, records: list[Record]) -> None:
    (place(house.data, records[0]) / ocfl.SIDECAR).unlink()
    spoil(first_file(place(house.data, records[1])))
    stray = place(house.data, records[2]).with_name("urn%3alantai%3a01JD0000000000000000000099")
    shutil.copytree(place(house.data, records[2]), stray)
    found = copies.fsck(house)
    assert {item.code for item in found.problems} == {"COPY-DAMAGED", "COPY-STRAY"}
    assert len(found.problems) == 3
    repaired = copies.fsck(house, is_repairing=True)
    assert (repaired.settled, len(repaired.mended)) == (1, 1)
    assert [item.code for item in repaired.problems] == ["COPY-STRAY"]
    shutil.rmtree(stray)
    (house.data / "vault" / "notes.txt").write_bytes(b"")
    (house.data / "vault" / "vault" / "abc").mkdir(parents=True)
    moved = place(house.data, records[2])
    beside = moved.parent / "beside"
    beside.symlink_to(moved)
    elsewhere = house.data / "vault" / "zzz" / moved.name
    shutil.copytree(moved, elsewhere)
    named = {item.where for item in copies.fsck(house, is_repairing=True).problems if item.code == "COPY-STRAY"}
    assert named == {"notes.txt", "vault", f"{moved.parent.name}/beside", f"zzz/{moved.name}"}
    assert elsewhere.is_dir(), "what nobody knows is never removed"
    shutil.rmtree(elsewhere.parent), shutil.rmtree(house.data / "vault" / "vault")
    (house.data / "vault" / "notes.txt").unlink(), beside.unlink()
    assert copies.fsck(house).problems == []
    assert "vault:examined" in types()
    assert all(errors(place(house.data, record)) == [] for record in records)


def test_a_vault_that_is_lost_is_told_and_brought_back_from_a_copy(house: House, second: Replica, records: list[Record]) -> None:
    shutil.rmtree(house.data / "vault")
    found = read.look(house)
    assert (found.places[0].is_away, found.places[0].good) == (True, 0)
    assert any(said.startswith("主库不在") for said in found.alarms)
    assert ("主库 不在", "err", "warn") in read.badges(house)
    with pytest.raises(Fault, match="STORE-AWAY"):
        copies.fsck(house, is_repairing=True)
    assert Record.objects.filter(needs_attention="").count() == HELD
    back = copies.refound(house)
    assert (len(back.mended), back.problems) == (HELD, [])
    assert prove.verify_as_service(house, None).ok
    assert all(errors(place(house.data, record)) == [] for record in records)
    assert not read.look(house).places[0].is_away


def test_an_audit_of_a_vault_that_is_away_reads_nothing_and_says_so(house: House, records: list[Record]) -> None:
    audit = copies.start(house, SYSADMIN)
    (house.data / "vault").rename(house.data / "vault.away")
    with pytest.raises(Fault, match="STORE-AWAY"):
        copies.run_to_end(house, audit.id)
    audit.refresh_from_db()
    assert (audit.state, audit.done) == ("running", 0)
    assert "audit:concluded" not in types()
    (house.data / "vault.away").rename(house.data / "vault")
    assert (copies.run_to_end(house, audit.id).state, Audit.objects.get(id=audit.id).done) == ("done", HELD)


def test_what_cannot_be_repaired_says_why(house: House, second: Replica, records: list[Record], tmp_path: Path) -> None:
    for base in (house.data, tmp_path / "second"):
        spoil(first_file(place(base, records[0])))
    found = copies.fsck(house, second, is_repairing=True)
    assert [item.code for item in found.problems] == ["COPY-DAMAGED", "COPY-UNMENDED"]
    assert "没有一份完好的副本" in found.problems[1].message


def test_a_vault_that_is_away_is_not_called_empty(house: House, second: Replica) -> None:
    (house.data / "vault").rename(house.data / "unplugged")
    part = next(part for part in health.look(house) if part.part == "档案库")
    assert (part.state, part.message.startswith("不在：")) == ("error", True)


def test_no_vault_is_founded_anew_where_nothing_would_come_back(house: House, records: list[Record]) -> None:
    shutil.rmtree(house.data / "vault")
    with pytest.raises(Refusal, match="COPY-NO-GOOD-ONE"):
        copies.refound(house)
    assert not (house.data / "vault").exists()


def test_a_copy_whose_disk_was_lost_is_written_again(house: House, second: Replica, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "second")
    with pytest.raises(Refusal, match="REPLICA-ADDRESS"):  # nothing is mounted there yet
        copies.refound(house, second)
    (tmp_path / "second").mkdir()
    back = copies.refound(house, second)
    assert (len(back.mended), back.problems) == (HELD, [])
    assert copies.fsck(house, second).problems == []


def test_an_offline_medium_is_entered_filled_checked_and_not_written_by_itself(house: House, records: list[Record], tmp_path: Path) -> None:
    wish = copies.Entered("LX-001", "hard_disk", 4 * 10**12, "2 号库 3 柜", str(tmp_path / "usb"))
    with pytest.raises(Refusal, match="REPLICA-ADDRESS"):  # nothing is mounted there: a folder made now would lie on the system's disk
        copies.register(house, ARCHIVIST, wish)
    (tmp_path / "usb").mkdir()
    row = copies.register(house, ARCHIVIST, wish)
    line.finish(house)
    assert Copy.objects.count() == 0
    (tmp_path / "usb").rename(tmp_path / "elsewhere")
    with pytest.raises(Fault, match="STORE-AWAY"):
        copies.fill(house, ARCHIVIST, "LX-001")
    assert copies.fill(house, ARCHIVIST, "LX-001", str(tmp_path / "elsewhere")) == HELD
    assert read.look(house).below == 0
    year = house.clock.now().year
    assert {"medium:registered", "replica:copied"} <= types()
    assert row.next_check[:4] == str(year + 2)
    checked = copies.check_medium(house, ARCHIVIST, "LX-001", "third", next_check="20300101")
    assert (checked.grade, checked.next_check) == ("third", "20300101")
    assert [body["grade"] for body in told("medium:checked")] == ["third"]
    assert any("三级预警" in line for line in read.look(house).alarms)
    with pytest.raises(Refusal, match="REPLICA-KNOWN"):
        copies.register(house, ARCHIVIST, wish)
    with pytest.raises(Refusal, match="MEDIUM-FIELD"):
        copies.check_medium(house, ARCHIVIST, "LX-001", "splendid")
    with pytest.raises(Refusal, match="须在今天以后"):
        copies.check_medium(house, ARCHIVIST, "LX-001", "good", next_check="20200101")


def test_the_wrong_medium_is_neither_read_nor_written(house: House, records: list[Record], tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    for number in ("LX-001", "LX-002"):
        usb.mkdir()
        copies.register(house, ARCHIVIST, copies.Entered(number, "hard_disk", 10**12, "2 号库", str(usb)))
        copies.fill(house, ARCHIVIST, number)
        usb.rename(tmp_path / number)
    (tmp_path / "LX-002").rename(usb)
    row = copies.start(house, ARCHIVIST, "LX-001")
    with pytest.raises(Fault, match="接着的不是“LX-001”，是“LX-002”"):
        copies.run_to_end(house, row.id)
    for act in (lambda: copies.fill(house, ARCHIVIST, "LX-001"), lambda: copies.fsck(house, copies.find("LX-001"))):
        with pytest.raises(Fault, match="REPLICA-OTHER"):
            act()
    with pytest.raises(Refusal, match="LX-002"):
        copies.register(house, ARCHIVIST, copies.Entered("LX-003", "hard_disk", 10**12, "2 号库", str(usb)))
    assert copies.fill(house, ARCHIVIST, "LX-001", str(tmp_path / "LX-001")) == 0
    assert copies.run_to_end(house, row.id).done == HELD
    label = usb / "lantai-copy.json"
    label.unlink()  # written before there were labels: filled once more it has one
    assert copies.fill(house, ARCHIVIST, "LX-002") == 0
    assert label.is_file()


def test_a_medium_that_is_full_keeps_what_fits(
    house: House, records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usb").mkdir()
    row = copies.register(house, ARCHIVIST, copies.Entered("LX-001", "hard_disk", 10**12, "2 号库", str(tmp_path / "usb")))
    real, last = LocalStore.write, max(record.id for record in records)

    def full(self: LocalStore, drafts: Sequence[Draft]) -> list[Stored]:
        if any(draft.record_id == last for draft in drafts) and "usb" in str(self.root):
            raise Fault("STORE-FULL", str(self.root))
        return real(self, drafts)

    with monkeypatch.context() as patch, pytest.raises(Fault, match="磁盘空间不足"):
        patch.setattr(LocalStore, "write", full)
        copies.fill(house, ARCHIVIST, "LX-001")
    assert Copy.objects.filter(replica_id=row.replica_id, state="good").count() == HELD - 1
    assert copies.fill(house, ARCHIVIST, "LX-001") == 1


def test_a_bucket_is_a_replica_like_any_other(house: House, records: list[Record], moto: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    address = moto.address()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    row = copies.add(house, SYSADMIN, copies.Wish("异地", "s3", f"s3://{address.bucket}/甲?endpoint={address.endpoint}"))
    line.finish(house)
    assert Copy.objects.filter(replica=row, state="good").count() == HELD
    shutil.rmtree(place(house.data, records[0]))
    assert copies.mend(house, SYSADMIN, records[0].id) == ["主库"]
    assert prove.verify_as_service(house, [records[0].id]).ok


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("{data}", "REPLICA-KNOWN"),
        ("{data}/", "REPLICA-KNOWN"),
        ("{data}/../data", "REPLICA-KNOWN"),
        ("{link}", "REPLICA-KNOWN"),
        ("{data}/vault", "REPLICA-ADDRESS"),
        ("{second}/", "REPLICA-KNOWN"),
        ("{second}/vault", "REPLICA-ADDRESS"),
        ("{second}/vault/abc", "REPLICA-ADDRESS"),
        ("{away}/second", "REPLICA-ADDRESS"),
    ],
)
def test_a_copy_never_lies_in_a_vault_nor_is_the_vault_itself(
    house: House, second: Replica, tmp_path: Path, address: str, code: str
) -> None:
    link = tmp_path / "link"
    link.symlink_to(house.data)
    told = address.format(data=house.data, second=second.address, link=link, away=tmp_path / "away")
    before = {path for folder in (house.data / "vault", Path(second.address)) for path in folder.rglob("*")}
    with pytest.raises(Refusal, match=code):
        copies.add(house, SYSADMIN, copies.Wish("又一", "disk", told))
    assert {path for folder in (house.data / "vault", Path(second.address)) for path in folder.rglob("*")} == before
    assert not (tmp_path / "away").exists()


def test_only_a_trial_keeps_a_copy_in_its_data_folder(fresh_data: Path) -> None:
    inside = copies.Wish("演示", "disk", str(fresh_data / "inside"))
    with line_house(fresh_data, kind="production") as house, pytest.raises(Refusal, match="REPLICA-ADDRESS"):
        copies.add(house, SYSADMIN, inside)
    with line_house(fresh_data) as house:
        assert copies.add(house, SYSADMIN, inside).kind == "disk"


def test_one_bucket_written_in_two_ways_is_one_place(house: House, moto: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    there = moto.address()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    copies.add(house, SYSADMIN, copies.Wish("异地", "s3", f"s3://{there.bucket}/甲?endpoint={there.endpoint}"))
    for address, code in (("甲/?region=us-east-1&", "REPLICA-KNOWN"), ("/甲?", "REPLICA-KNOWN"), ("甲/vault?", "REPLICA-ADDRESS")):
        with pytest.raises(Refusal, match=code):
            copies.add(house, SYSADMIN, copies.Wish("又一", "s3", f"s3://{there.bucket}/{address}endpoint={there.endpoint}"))


def test_a_copy_on_the_disk_of_the_vault_is_told(house: House, second: Replica, tmp_path: Path) -> None:
    assert "副本“近线”与主库在同一块磁盘（同一文件系统）上，盘坏了会一起丢" in read.look(house).alarms
    (tmp_path / "usb").mkdir()
    copies.register(house, ARCHIVIST, copies.Entered("LX-001", "hard_disk", 4 * 10**12, "2 号库", str(tmp_path / "usb")))
    assert "离线介质 LX-001 的内容写在主库所在的磁盘上，没有写到介质上" in read.look(house).alarms
    (tmp_path / "usb").rename(tmp_path / "on its shelf")
    assert not any("LX-001" in said for said in read.look(house).alarms)


def test_replicas_have_names_and_addresses_of_their_own(house: House, second: Replica, tmp_path: Path) -> None:
    for wish in (("近线", "disk", str(tmp_path / "third")), ("又一", "disk", second.address)):
        with pytest.raises(Refusal, match="REPLICA-KNOWN"):
            copies.add(house, SYSADMIN, copies.Wish(*wish))
    for wish in (("", "disk", "/x"), ("甲", "cloud", "/x"), ("甲", "disk", "relative"), ("甲", "s3", "http://x"), ("主库", "disk", "/x")):
        with pytest.raises(Refusal, match="REPLICA-ADDRESS"):
            copies.add(house, SYSADMIN, copies.Wish(*wish))
    with pytest.raises(Refusal, match="ACCESS-REFUSED"):
        copies.add(house, ARCHIVIST, copies.Wish("甲", "disk", str(tmp_path / "x")))
    copies.retire(house, SYSADMIN, "近线")
    assert "replica:retired" in types()
    assert read.look(house).below == HELD
    with pytest.raises(Refusal, match="REPLICA-UNKNOWN"):
        copies.retire(house, SYSADMIN, "近线")
