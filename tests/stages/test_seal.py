"""Sealing and verifying the ledger: what was signed is what is there, and whatever is changed is found and named."""

import base64
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.db import connection, transaction

from lantai import line
from lantai.adapters.signers import local
from lantai.core import beijing
from lantai.core import checkpoint as notes
from lantai.core.codes import CODES
from lantai.core.errors import Fault, Refusal
from lantai.core.events import EVENTS, Envelope, EventType, PayloadClass
from lantai.packages.last_signed import NAME
from lantai.ports import House
from lantai.ports.signer import Signer
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import attest, expire, keys, seal, seals
from tests.support.databases import IS_POSTGRESQL
from tests.support.line_house import line_house
from tests.support.rows import IDS, NOW


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A trial installation with a witness, whose rows are rolled back."""
    (tmp_path / "witness").mkdir()
    with line_house(tmp_path / "data", witness_folders=(str(tmp_path / "witness"),)) as built:
        yield built


def tell(count: int, **body: object) -> tuple[str, ...]:
    """Write *count* events, some of whose words JSON must escape."""
    names = [f'R"{number}\\' if number % 7 == 3 else f"R{number}" for number in range(count)]
    told = [Entry("record:archived", "worker", name, {"n": name} | body) for name in names]
    with transaction.atomic():
        return append(NOW + timedelta(seconds=count), told, ids=IDS)


def codes(house: House) -> list[str]:
    return [item.code for item in attest.attest(house).problems]


def free() -> None:
    """Take the database's own guards away, as who owns the host can."""
    if IS_POSTGRESQL:
        execute("SET LOCAL session_replication_role = replica")
        return
    for table, what in product(("event", "payload", "checkpoint"), ("keep", "stay")):
        execute(f"DROP TRIGGER ledger_{table}_{what}")


def execute(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


@dataclass
class Busy:
    """A signer beside whom sealing goes on: whenever a signature is verified, events are told and sealed."""

    signer: Signer
    house: House
    went_on: int = 0

    def verify(self, *given: object) -> bool:
        """Verify, after some more was sealed."""
        if self.went_on < 3:
            self.went_on += 1
            tell(2)
            seal.seal(self.house)
        return self.signer.verify(*given)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.signer, name)


def test_sealing_that_goes_on_while_it_is_verified_is_no_alarm(house: House) -> None:
    tell(5)
    seal.seal(house)
    busy = Busy(house.signer, house)
    done = attest.attest(replace(house, signer=busy))  # type: ignore[arg-type]
    assert busy.went_on == 3
    assert (done.size, [item.code for item in done.problems]) == (5, [])
    assert codes(house) == []


def test_a_checkpoint_that_is_kept_and_about_to_be_published_is_no_alarm(house: House) -> None:
    tell(5)
    seal.seal(house)
    published = log.folder(house.data).root / "checkpoint"
    before = published.read_bytes()
    tell(2)
    seal.seal(house)
    after = published.read_bytes()
    published.chmod(0o644)
    published.write_bytes(before)
    later = threading.Timer(0.2, lambda: published.write_bytes(after))
    later.start()
    try:
        assert codes(house) == []
    finally:
        later.join()
    published.write_bytes(before)
    assert codes(house) == ["LEDGER-CHECKPOINT-DIFFERS"]


def test_a_witness_that_is_handed_more_while_records_are_verified_is_no_alarm(house: House) -> None:
    tell(5)
    seal.seal(house)
    seen = seals.Seals(house)
    tell(2)
    seal.seal(house)
    assert [item.problem for item in seen.witnesses()] == [""]


def test_nothing_to_seal(house: House) -> None:
    assert seal.seal(house) == seal.Sealed(0, 0)
    assert attest.attest(house).ok
    with pytest.raises(Refusal, match="LEDGER-NOT-SEALED"):
        seal.published(house)


def test_sealed_in_steps_and_whole(house: House) -> None:
    size = 0
    for count in (1, 2, 300, 256, 1):
        tell(count)
        size += count
        assert seal.seal(house) == seal.Sealed(count, size)
    assert seal.seal(house) == seal.Sealed(0, size)
    outcome = attest.attest(house)
    assert (outcome.ok, outcome.size, outcome.checkpoints, outcome.unsealed) == (True, size, 5, 0), outcome.problems
    assert sorted(Event.objects.exclude(position=None).values_list("position", flat=True)) == list(range(size))
    assert Event.objects.get(position=None).type == "ledger:verified"
    tell(3)
    assert (attest.attest(house).ok, attest.attest(house).unsealed) == (True, 5)


def test_entries_are_those_of_the_envelope(house: House) -> None:
    tell(12)
    seal.seal(house)
    for row in Event.objects.order_by("position"):
        made = Envelope(row.id, row.type, row.instant, row.actor, row.object_kind, row.object_id, row.payload_digest).entry()
        assert [item.entry for item in log.unbroken(row.position, 1)] == [made] == [log.folder(house.data).entry(row.position, 12)]
        assert json.loads(made)["object_id"] == row.object_id


def test_inclusion_of_every_event(house: House) -> None:
    tell(260)
    seal.seal(house)
    for row in Event.objects.order_by("position")[::37]:
        proof = log.inclusion(log.folder(house.data), row)
        assert proof is not None
        assert proof.holds()
        assert {key.algorithm for key, is_good in log.signers(proof.checkpoint, house.signer) if is_good} == {"Ed25519", "SM2-SM3"}
    (waiting,) = tell(1)
    assert log.inclusion(log.folder(house.data), Event.objects.get(id=waiting)) is None


def test_another_sealer_is_left_alone(house: House) -> None:
    tell(3)
    if IS_POSTGRESQL:
        pytest.skip("the lock is one of the connection, and the test has one connection")
    from lantai.shelves.databases import alone

    with alone("seal", log.folder(house.data).root) as is_ours:
        assert is_ours
        assert seal.seal(house) == seal.Sealed(0, 0)
    assert seal.seal(house).added == 3


def test_broken_off_between_files_and_row_it_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(300)
    seal.seal(house)
    tell(5)
    monkeypatch.setattr(log, "keep", lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        seal.seal(house)
    monkeypatch.undo()
    tell(7)
    assert seal.seal(house) == seal.Sealed(12, 312)
    assert attest.attest(house).ok


def test_broken_off_between_row_and_publishing_it_catches_up(house: House) -> None:
    tell(3)
    seal.seal(house)
    files = log.folder(house.data)
    (files.root / "checkpoint").unlink()
    seal.seal(house)
    assert attest.attest(house).ok


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "record:read"),
        ("instant", "2020-01-01 00:00:00+00"),
        ("actor", "x"),
        ("object_kind", "x"),
        ("object_id", "x"),
        ("payload_digest", "0" * 64),
    ],
)
def test_a_changed_event_is_named(house: House, column: str, value: str) -> None:
    tell(300)
    seal.seal(house)
    free()
    execute(f"UPDATE ledger_event SET {column} = %s WHERE position = 271", value)
    found = attest.attest(house).problems
    assert ("LEDGER-EVENT-ALTERED", "271") in {(item.code, item.where) for item in found}
    assert {item.where for item in found} == {"271"}


def test_a_removed_event_is_named(house: House) -> None:
    tell(10)
    seal.seal(house)
    free()
    execute("DELETE FROM ledger_payload WHERE event_id = (SELECT id FROM ledger_event WHERE position = 4)")
    execute("DELETE FROM ledger_event WHERE position = 4")
    found = attest.attest(house).problems
    assert [(item.code, item.where) for item in found] == [("LEDGER-EVENT-MISSING", "4")]
    assert "R4" in found[0].message


def test_changed_and_removed_payloads_are_named(house: House) -> None:
    tell(10)
    seal.seal(house)
    free()
    execute("UPDATE ledger_payload SET body = '{}' WHERE event_id = (SELECT id FROM ledger_event WHERE position = 2)")
    execute("UPDATE ledger_payload SET kind = 'personal' WHERE event_id = (SELECT id FROM ledger_event WHERE position = 3)")
    execute("DELETE FROM ledger_payload WHERE event_id = (SELECT id FROM ledger_event WHERE position = 5)")
    found = {(item.code, item.where) for item in attest.attest(house).problems}
    assert found == {("LEDGER-PAYLOAD-ALTERED", "2"), ("LEDGER-PAYLOAD-ALTERED", "3"), ("LEDGER-PAYLOAD-MISSING", "5")}


def test_an_event_that_only_a_later_edition_knows_is_no_alarm(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web process that an upgrade has not started anew yet meets what the new commands wrote; changed, it is named all the same."""
    with monkeypatch.context() as later, transaction.atomic():
        later.setitem(EVENTS, "future:told", EventType("future:told", PayloadClass.PERSONAL, "future", "将来的事"))
        append(house.clock.now(), [Entry("future:told", "worker", "R1", {"a": 1})], ids=house.ids)
    seal.seal(house)
    assert attest.attest(house).problems == ()
    free()
    execute("UPDATE ledger_payload SET body = '{}' WHERE event_id = (SELECT id FROM ledger_event WHERE type = 'future:told')")
    assert "LEDGER-PAYLOAD-ALTERED" in codes(house)


def test_an_event_slipped_in_is_named(house: House) -> None:
    tell(4)
    seal.seal(house)
    free()
    (slipped,) = tell(1)
    Event.objects.filter(id=slipped).update(position=9)
    assert codes(house) == ["LEDGER-EVENT-EXTRA"]


def test_changed_files_are_named(house: House) -> None:
    tell(600)
    seal.seal(house)
    root = log.folder(house.data).root
    kinds = {"tile/entries/001": "LEDGER-ENTRY-ALTERED", "tile/0/000": "LEDGER-HASH-ALTERED", "tile/1/000.p/2": "LEDGER-TILE-ALTERED"}
    for path, code in kinds.items():
        content = (root / path).read_bytes()
        (root / path).write_bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:])
        assert codes(house) == [code]
        (root / path).write_bytes(content)
    (root / "tile/0/001").rename(root / "away")
    assert codes(house) == ["LEDGER-TILE-LOST"]
    (root / "away").rename(root / "tile/0/001")
    assert codes(house) == []


def test_the_files_of_the_log_are_verified_by_themselves(house: House) -> None:
    assert [item.code for item in attest.attest_tiles(house).problems] == ["LEDGER-TILE-LOST"]
    tell(300)
    seal.seal(house)
    tell(300)
    size = seal.seal(house).size
    before = Event.objects.count()
    outcome = attest.attest_tiles(house)
    assert (outcome.ok, outcome.size, outcome.fingerprint != "", Event.objects.count()) == (True, size, True, before)
    assert any("数据库" in text for text in outcome.not_checked)
    files = (path for path in log.folder(house.data).root.rglob("*") if path.is_file())
    for path in sorted(path for path in files if "payloads" not in path.parts and not path.name.startswith(".")):
        whole = path.read_bytes()
        at = len(whole) // 2
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert attest.attest_tiles(house).problems, path
        path.unlink()
        assert attest.attest_tiles(house).problems, path
        path.write_bytes(whole)
    assert attest.attest_tiles(house).ok


def test_changed_checkpoints_are_named(house: House, tmp_path: Path) -> None:
    tell(4)
    seal.seal(house)
    row = Checkpoint.objects.get()
    free()
    for note in (row.note.replace("\n4\n", "\n5\n", 1), row.note[:-10] + "AAAAAAAA=\n", "nonsense"):
        execute("UPDATE ledger_checkpoint SET note = %s", note)
        found = set(codes(house))
        assert found & {"LEDGER-CHECKPOINT-DIFFERS", "LEDGER-CHECKPOINT-UNSIGNED", "LEDGER-CHECKPOINT-UNREADABLE"}
    execute("UPDATE ledger_checkpoint SET note = %s, root = %s", row.note, "0" * 64)
    assert "LEDGER-ROOT-DIFFERS" in codes(house)


def test_a_checkpoint_that_is_gone_is_missed(house: House) -> None:
    for _ in range(3):
        tell(2)
        seal.seal(house)
    free()
    execute("DELETE FROM ledger_checkpoint WHERE size = 4")
    found = {item.code: item.where for item in attest.attest(house).problems}
    assert found["LEDGER-CHECKPOINT-GONE"] == "6"
    assert "LEDGER-WITNESS-DIFFERS" in found


def test_every_byte_of_a_witness_counts(house: House, tmp_path: Path) -> None:
    tell(2)
    seal.seal(house)
    for place in sorted(path for path in (tmp_path / "witness").rglob("*") if path.is_file()):
        content = place.read_bytes()
        for at in range(0, len(content), 7):
            place.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            assert any(code.startswith("LEDGER-WITNESS") for code in codes(house)), (place.name, at)
        place.write_bytes(content)
    assert codes(house) == []


def test_a_history_written_anew_is_found_by_keys_or_witness(house: House, tmp_path: Path) -> None:
    """Who owns host, database and files but not the keys cannot sign; who has the keys too is told by the witness."""
    tell(5)
    seal.seal(house)
    free()
    execute("UPDATE ledger_event SET object_id = 'forged' WHERE position = 2")
    execute("DELETE FROM ledger_checkpoint")
    for path in sorted(log.folder(house.data).root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(Fault, match="LEDGER-SIGNED-OTHERWISE"):
        seal.seal(house)
    (house.data / "keys" / NAME).unlink()  # with the keys in hand
    with pytest.raises(Refusal, match=r"LEDGER-FORKED|LEDGER-WOUND-BACK"):
        seal.seal(house)
    assert "LEDGER-WITNESS-DIFFERS" in codes(house)


def test_an_old_database_is_not_gone_on_with(house: House) -> None:
    tell(5)
    seal.seal(house)
    first = log.folder(house.data).latest()
    tell(2)
    seal.seal(house)
    free()
    execute("DELETE FROM ledger_checkpoint WHERE size = 7")
    with pytest.raises(Fault, match="LEDGER-DATABASE-OLD"):
        seal.seal(house)
    assert "LEDGER-CHECKPOINT-DIFFERS" in codes(house)
    assert first is not None


def test_broken_tiles_are_not_gone_on_with(house: House) -> None:
    tell(5)
    seal.seal(house)
    place = log.folder(house.data).root / "tile/0/000.p/5"
    place.write_bytes(bytes(160))
    tell(1)
    with pytest.raises(Fault, match="LEDGER-BROKEN"):
        seal.seal(house)


def test_witnesses(house: House, tmp_path: Path) -> None:
    tell(3)
    seal.seal(house)
    held = tmp_path / "witness"
    (place,) = held.iterdir()
    old = {path.name: path.read_bytes() for path in place.iterdir()}
    tell(3)
    seal.seal(house)
    assert attest.attest(house).ok
    assert [notes.parse(text).size for text in (place / f"{house.clock.now():%Y-%m}.notes").read_text().split("====\n") if text] == [3, 6]
    for name, content in old.items():
        (place / name).write_bytes(content)
    assert codes(house) == ["LEDGER-WITNESS-BEHIND"]


def test_a_witness_that_is_gone_is_named_with_since_when_and_whom_to_tell(house: House, tmp_path: Path) -> None:
    tell(3)
    seal.seal(house)
    held = tmp_path / "witness"
    held.rename(tmp_path / "away")
    tell(1)
    assert seal.seal(house).absent == (str(held),)
    assert not held.exists(), "no folder is made to witness in its place"
    (never,) = attest.attest(house).problems
    assert (never.code, never.where) == ("LEDGER-WITNESS-AWAY", str(held))
    assert "还没有读到过" in never.message
    (tmp_path / "away").rename(held)
    seal.seal(house)
    assert attest.attest(house).ok
    good = Event.objects.filter(type="ledger:verified").latest("position", "instant").instant.astimezone(beijing.ZONE)
    held.rename(tmp_path / "away")
    outcome = attest.attest(house)
    assert [item.code for item in outcome.problems] == ["LEDGER-WITNESS-AWAY"]
    assert f"最近一次读到并相符是 {good:%Y-%m-%d %H:%M}" in outcome.problems[0].message
    assert (outcome.witnesses, outcome.fingerprint) == (0, "")
    held.mkdir()  # where a disk is mounted, its folder is there without it
    tell(1)
    assert seal.seal(house).absent == (str(held),)
    assert [item.code for item in attest.attest(house).problems] == ["LEDGER-WITNESS-BEHIND"]
    assert list(held.iterdir()) == [], "a witness that has agreed is not begun anew"
    assert "系统管理员" in CODES["LEDGER-WITNESS-AWAY"].next


def test_published_checkpoint_is_a_note_for_any_verifier(house: House) -> None:
    tell(3)
    seal.seal(house)
    told = seal.published(house)
    name, told_hash, packed = told.verifier_keys[0].split("+", 2)
    assert notes.parse(told.note).origin == name == f"lantai/{house.settings.fonds}/{name.rpartition('/')[2]}"
    assert base64.b64decode(packed)[0] == 1
    assert any(line.key_hash.hex() == told_hash for line in notes.parse(told.note).lines)
    assert len(told.fingerprint.replace(" ", "")) == 32


def test_keys_changed_in_between(house: House) -> None:
    tell(2)
    former = house.signer.key_ids()
    made = line.rotate_keys(house, reason="每年更换", is_compromised=False)
    assert ([key.is_current for key in house.signer.public_keys()], house.signer.key_ids() != former) == ([True, True, False, False], True)
    assert [key.key_id for key in made.former] == list(former)
    tell(2)
    seal.seal(house)
    outcome = attest.attest(house)
    assert (outcome.ok, outcome.checkpoints) == (True, 3), outcome.problems
    assert notes.parse(seal.published(house).note).origin == notes.parse(Checkpoint.objects.earliest("size").note).origin
    assert "LEDGER-CHECKPOINT-UNSIGNED" in codes(replace(house, signer=local.create(house.data / "other")))


def test_a_former_key_signs_nothing_later(house: House) -> None:
    tell(2)
    seal.seal(house)
    shutil.copytree(house.data / "keys", house.data / "stolen")
    line.rotate_keys(house, reason="密钥可能泄露", is_compromised=True)
    tell(2)
    seal.seal(replace(house, signer=local.LocalSigner(house.data / "stolen")))
    assert "LEDGER-CHECKPOINT-UNSIGNED" in codes(house)


def test_a_change_of_keys_broken_off_is_told_when_asked_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(2)
    monkeypatch.setattr(entries, "append", lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        keys.rotate(house, reason="更换", is_compromised=False)
    monkeypatch.undo()
    changed = house.signer.key_ids()
    assert "LEDGER-KEY-UNKNOWN" in codes(house)
    line.rotate_keys(house, reason="更换", is_compromised=False)
    assert (house.signer.key_ids(), codes(house)) == (changed, [])


def test_a_key_that_nobody_handed_over_to_is_named(house: House) -> None:
    tell(2)
    line.rotate_keys(house, reason="更换", is_compromised=False)
    (place,) = (house.data / "keys" / "former").glob("ed25519-*")
    other = base64.b64encode(bytes(range(32))).decode()
    (place.parent / "ed25519-own.json").write_text(json.dumps({"algorithm": "Ed25519", "public_key": other}))
    assert codes(house) == ["LEDGER-KEY-UNKNOWN"]


def test_what_expired_lawfully_is_not_missing(house: House) -> None:
    aged = replace(house, settings=house.settings.model_copy(update={"personal_days": 30}))
    old, new = house.clock.now() - timedelta(days=40), house.clock.now()
    with transaction.atomic():
        for instant in (old, new):
            append(instant, [Entry("record:read", "someone", "R"), Entry("record:archived", "worker", "R")], ids=IDS)
    assert expire.expire(aged).removed == 0, "only what is sealed"
    seal.seal(house)
    assert expire.expire(house) == expire.Expired(0, None)
    assert expire.expire(aged).removed == 1
    assert expire.expire(aged).removed == 0
    told = json.loads(Event.objects.select_related("payload").get(type="ledger:expired").payload.body)
    assert (told["payloads"], told["first"], told["last"]) == (1, 0, 0)
    seal.seal(house)
    outcome = attest.attest(house)
    assert (outcome.ok, outcome.expired) == (True, 1), outcome.problems
    late = Event.objects.get(type="record:read", instant=new)
    execute("DELETE FROM ledger_payload WHERE event_id = %s", late.id)
    assert codes(house) == ["LEDGER-PAYLOAD-MISSING"]


@pytest.mark.parametrize("place", ["checkpoint", "witness"])
def test_a_checkpoint_that_is_no_text_is_named_and_no_crash(house: House, place: str) -> None:
    tell(3)
    seal.seal(house)
    files = [house.data / "ledger" / "checkpoint"] if place == "checkpoint" else list((house.data.parent / "witness").rglob("*.*"))
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:-20] + b"\xc9" + content[-19:])
    assert codes(house)
    if place == "checkpoint":
        with pytest.raises(Fault, match="LEDGER-TILE-BROKEN"):
            seal.seal(house)


def test_every_bit_of_what_a_witness_keeps_counts(house: House) -> None:
    tell(3)
    seal.seal(house)
    for path in sorted(item for item in (house.data.parent / "witness").rglob("*") if item.is_file()):
        content = path.read_bytes()
        for at in range(0, len(content), 3):
            path.write_bytes(content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :])
            assert codes(house), (path.name, at)
        path.write_bytes(content)
    assert codes(house) == []
