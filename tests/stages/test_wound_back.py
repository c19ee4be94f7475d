"""Database and log changed together by somebody without a key: what was signed here last speaks against it, with a witness or without."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import transaction

from lantai.core.access import Actor
from lantai.core.errors import Fault
from lantai.packages.last_signed import NAME
from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import attest, expire, keys, prove, renewals, seal, stamps, verifications
from lantai.stages.recover import state
from lantai.stages.report import chain
from tests.stages.test_seal import execute, free
from tests.support.line_house import line_house
from tests.support.rows import IDS, NOW

LAST = f"keys/{NAME}"
AUDITOR = Actor("01TESTAUDITOR0000000000000", "liang", "梁守正", "auditor", "")


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """An installation with a witness, whose rows are rolled back."""
    (tmp_path / "witness").mkdir()
    with line_house(tmp_path / "data", witness_folders=(str(tmp_path / "witness"),)) as built:
        yield built


def alone(house: House) -> House:
    """The same installation without its witness."""
    return replace(house, settings=house.settings.model_copy(update={"witness_folders": ()}))


def tell(count: int, kind: str = "batch:checked", body: dict[str, object] | None = None) -> tuple[str, ...]:
    told = [Entry(kind, "worker", f"B{number}", {"n": number} if body is None else body) for number in range(count)]
    with transaction.atomic():
        return append(NOW, told, ids=IDS)


def sealed_twice(house: House) -> Path:
    """Seal 5 events, keep the log as it is then, seal 300 more; return the copy."""
    tell(5)
    seal.seal(house)
    kept = house.data.parent / "earlier"
    shutil.copytree(log.folder(house.data).root, kept)
    tell(300)
    seal.seal(house)
    return kept


def put_back(house: House, kept: Path) -> None:
    """Put the earlier log in the place of the present one, and the earlier checkpoints."""
    root = log.folder(house.data).root
    shutil.rmtree(root)
    shutil.copytree(kept, root)
    execute("DELETE FROM ledger_checkpoint WHERE size > 5")


def wound_back(house: House, kept: Path) -> None:
    put_back(house, kept)
    execute("DELETE FROM ledger_payload WHERE event_id IN (SELECT id FROM ledger_event WHERE position >= 5)")
    execute("DELETE FROM ledger_event WHERE position >= 5")


def rewritten(house: House, kept: Path) -> None:
    """Let what was sealed since say otherwise, and wait for the sealer to sign it anew."""
    put_back(house, kept)
    execute("UPDATE ledger_event SET actor = 'someone' WHERE position = 7")


def emptied(house: House, kept: Path) -> None:
    shutil.rmtree(log.folder(house.data).root)
    for table in ("payload", "event", "checkpoint"):
        execute(f"DELETE FROM ledger_{table}")


@pytest.mark.parametrize("attack", [wound_back, rewritten, emptied])
def test_database_and_log_changed_together_agree_and_are_found(house: House, attack: Callable[[House, Path], None]) -> None:
    kept = sealed_twice(house)
    assert attest.attest(house).ok
    free()
    attack(house, kept)
    outcome = attest.attest(alone(house))
    assert [(item.code, item.where) for item in outcome.problems] == [("LEDGER-SIGNER-DIFFERS", LAST)]
    found = {item.code for item in attest.attest(house).problems}
    assert found == {"LEDGER-SIGNER-DIFFERS", "LEDGER-WITNESS-AHEAD"}
    tell(400 if attack is wound_back else 1)
    with pytest.raises(Fault, match="LEDGER-SIGNED-OTHERWISE"):
        seal.seal(alone(house))
    assert not Checkpoint.objects.filter(size__gt=5).exists(), "nothing was signed"
    (house.data / "keys" / NAME).unlink()
    if attack is not emptied:
        assert any("签署处" in text for text in attest.attest(alone(house)).not_checked)
    assert "LEDGER-WITNESS-AHEAD" in {item.code for item in attest.attest(house).problems}


def test_what_is_no_note_is_named(house: House) -> None:
    tell(3)
    seal.seal(house)
    (house.data / "keys" / NAME).write_text("garbage")
    assert [(item.code, item.where) for item in attest.attest(house).problems] == [("LEDGER-SIGNER-DIFFERS", LAST)]
    with pytest.raises(Fault, match="LEDGER-SIGNED-OTHERWISE"):
        seal.seal(house)


def test_a_run_broken_off_behind_signing_is_no_alarm_and_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(3)
    seal.seal(house)
    tell(300)
    with monkeypatch.context() as patch:
        patch.setattr(log, "keep", broken_off)
        with pytest.raises(KeyboardInterrupt):
            seal.seal(house)
    assert attest.attest(house).problems == ()
    assert seal.seal(house).size == 304
    assert attest.attest(house).problems == ()


def test_keys_that_are_not_to_be_written_beside_stop_no_sealing(house: House) -> None:
    tell(3)
    seal.seal(house)
    before = (house.data / "keys" / NAME).read_bytes()
    (house.data / "keys" / f".{NAME}.{os.getpid()}.new").mkdir()  # so that nothing can be written there
    tell(3)
    assert seal.seal(house).added == 3
    assert (house.data / "keys" / NAME).read_bytes() == before
    assert attest.attest(house).problems == ()


def broken_off(*_: object, **__: object) -> bool:
    raise KeyboardInterrupt


def test_an_emptied_folder_of_tiles_is_named(house: House) -> None:
    sealed_twice(house)
    shutil.rmtree(log.folder(house.data).root / "tile")
    found = attest.attest(house).problems
    assert {item.code for item in found} == {"LEDGER-TILE-LOST"}
    assert {"tile/entries/000", "tile/entries/001", "tile/0/000", "tile/0/001", "tile/1/000"} == {item.where for item in found}


#: Events whose payloads are read to judge others.
READ = ("key:rotated", "checkpoint:stamped", "proof:stamped", "proof:renewed", "ledger:expired", "state:written", "record:verified")


@pytest.mark.parametrize("kind", [*READ, "ledger:verified", "backup:restored"])
@pytest.mark.parametrize("how", ["altered", "gone"])
def test_a_payload_that_others_are_judged_by_is_named_and_stops_nothing(house: House, kind: str, how: str) -> None:
    (event,) = tell(1, kind)
    seal.seal(house)
    free()
    if how == "gone":
        execute("DELETE FROM ledger_payload WHERE event_id = %s", event)
    else:
        execute("UPDATE ledger_payload SET body = '改动' WHERE event_id = %s", event)
    found = {(item.code, item.where) for item in attest.attest(house).problems}
    assert ("LEDGER-PAYLOAD-ALTERED" if how == "altered" else "LEDGER-PAYLOAD-MISSING", "0") in found
    assert prove.verify_as_service(house, None).problems == ()
    assert list(keys.changes()) == list(renewals.told()) == stamps.of_checkpoints() == []
    assert (expire.expired_before(), verifications.last_good("R") and "") == ("", None)
    assert chain.chain(AUDITOR, house.clock.now()).size == 1


def test_state_packages_are_those_of_the_ledger(fresh_data: Path) -> None:
    with line_house(fresh_data) as house:
        with transaction.atomic():
            append(house.clock.now(), [Entry("batch:checked", "worker", "B")], ids=house.ids)
        seal.seal(house)
        first, _ = state.write_state(house)
        earlier = shutil.copytree(first, fresh_data / "earlier")
        seal.seal(house)
        time.sleep(1.1)  # packages are named by the second
        second, _ = state.write_state(house)
        assert attest.attest(house).problems == ()
        name = f"state/{second.name}"
        part = next(second.glob("*.gz"))
        whole = part.read_bytes()
        part.write_bytes(whole[:-1])
        assert [(item.code, item.where) for item in attest.attest(house).problems] == [("TABLES-FILE-ALTERED", f"{name}/{part.name}")]
        part.write_bytes(whole)
        second.rename(fresh_data / "newest")
        assert [(item.code, item.where) for item in attest.attest(house).problems] == [("STATE-GONE", name)]
        shutil.copytree(earlier, second)
        assert [(item.code, item.where) for item in attest.attest(house).problems] == [("STATE-ALTERED", name)]
        shutil.rmtree(second)
        (fresh_data / "newest").rename(second)
        assert attest.attest(house).problems == ()
        assert json.loads(Event.objects.filter(type="state:written").latest("instant").payload.body)["package"] == second.name
