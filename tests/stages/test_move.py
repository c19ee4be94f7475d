"""The vault moved to another place while records go on being archived; killed anywhere the same command comes to the same end."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lantai import wiring
from lantai.adapters.stores.following import FollowingStore
from lantai.adapters.stores.local import LocalStore
from lantai.adapters.stores.vaults import Others
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.ports.moving import Moving, Place
from lantai.ports.settings import Settings, place_settings, rewrite
from lantai.ports.store import Store
from lantai.shelves.copies.models import Replica
from lantai.shelves.ledger.models import Event
from lantai.stages.copies import move
from tests.packages.drafts import draft
from tests.packages.ocfl_py import errors
from tests.support.buckets import Service
from tests.support.line_house import line_house
from tests.support.move_process import KEYS, draft_of

TOML = '# ours\nagency = "云汀市发展和改革委员会"\nstore = "local"\n\n[more]\nstore = "其他"\n'


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    """A house whose vault is where its lantai.toml says, with six objects of two versions."""
    (fresh_data / "lantai.toml").write_text(TOML, "utf-8")
    with line_house(fresh_data, slice_records=4) as built:
        made = replace(built, store=FollowingStore(fresh_data, wiring._placed_store), vaults=Others())
        made.store.write([draft_of(key) for key in KEYS[:6]])
        made.store.write([replace(draft({"record.xml": b"<b/>"}, record_id=key), version=2) for key in KEYS[:6]])
        yield made


def same(one: Store, other: Store, keys: list[str]) -> bool:
    return all(one.inventory(key, number) == other.inventory(key, number) for key in keys for number in (1, 2) if one.has(key, number))


def test_the_vault_moves_to_another_disk_and_the_old_one_is_removed_when_asked(house: House, tmp_path: Path) -> None:
    target, old = Place("disk", str(tmp_path / "new")), LocalStore(house.data / "vault")
    done = move.move(house, target)
    assert (done.objects, done.carried, done.now) == (6, 6, target)
    assert Settings(data=house.data).vault_place == target
    told = (house.data / "lantai.toml").read_text("utf-8")
    assert told.startswith('# ours\nagency = "云汀市发展和改革委员会"\n')
    assert told.endswith('\n[more]\nstore = "其他"\n')
    assert same(old, house.store, KEYS[:6])
    house.store.write([draft_of(KEYS[6])])
    assert (old.has(KEYS[6], 1), LocalStore(tmp_path / "new" / "vault").has(KEYS[6], 1)) == (False, True)
    with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-SAME-PLACE"):
        move.move(house, target)
    assert move.remove_old(house)[1] == []
    assert not (house.data / "vault").exists()
    assert [len(errors(path)) for path in (tmp_path / "new" / "vault").glob("*/urn*")] == [0] * 7
    told_of = Event.objects.filter(type__in=("vault:moving", "vault:moved", "vault:removed"))
    assert list(told_of.order_by("id").values_list("type", flat=True)) == ["vault:moving", "vault:moved", "vault:removed"]


def test_the_vault_never_moves_into_itself_nor_over_a_copy(house: House, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(house.data)
    same_place = (str(house.data) + "/", str(tmp_path / "link"))
    for address, code in (*((each, "MOVE-SAME-PLACE") for each in same_place), (str(house.data / "vault"), "MOVE-TAKEN")):
        with pytest.RaisesExc(Refusal, check=lambda problem, code=code: problem.code == code):
            move.move(house, Place("disk", address))
    assert Moving(house.data).target() is None
    assert not (house.data / "vault" / "vault").exists()
    Replica.objects.create(id=house.ids.new(), name="近线", kind="disk", address=str(tmp_path / "second"), added_at=house.clock.now())
    for address in ("second/", "second/vault"):
        with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-TAKEN"):
            move.move(house, Place("disk", f"{tmp_path}/{address}"))


def test_a_vault_that_comes_home_is_named_by_no_setting(house: House, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(house.data)
    move.move(house, Place("disk", str(tmp_path / "new") + "/"))
    assert Settings(data=house.data).store_folder == str(tmp_path / "new")
    move.remove_old(house)
    assert move.move(house, Place("disk", f"{tmp_path}/link/")).now == Place("disk", str(house.data.resolve()))
    assert Settings(data=house.data).store_folder == ""
    assert house.store.has(KEYS[0], 1)


def test_an_old_place_that_a_copy_stands_at_is_not_removed(house: House, tmp_path: Path) -> None:
    was = Settings(data=house.data).vault_place
    move.move(house, Place("disk", str(tmp_path / "new")))
    Replica.objects.create(id=house.ids.new(), name="近线", kind="disk", address=f"{was.address}/", added_at=house.clock.now())
    with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-OLD-IN-USE"):
        move.remove_old(house)
    assert LocalStore(house.data / "vault").has(KEYS[0], 1)


def test_the_vault_moves_into_a_bucket_and_back(house: House, moto: Service, tmp_path: Path) -> None:
    address = moto.address()
    (house.data / "buckets").write_bytes(moto.credentials.read_bytes())
    rewrite(house.data / "lantai.toml", {"s3_credentials": "buckets"})
    moved = replace(house, vaults=Others(house.data / "buckets"))
    target = Place("s3", f"s3://{address.bucket}/档案?endpoint={address.endpoint}")
    assert move.move(moved, target).carried == 6
    assert Settings(data=house.data).vault_place == target
    assert same(LocalStore(house.data / "vault"), house.store, KEYS[:6])
    with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-TAKEN"):
        move.move(moved, Place("disk", str(house.data.resolve())))
    assert move.remove_old(moved)[1] == []
    back = Place("disk", str(tmp_path / "back"))
    assert move.move(moved, back).carried == 6
    assert move.remove_old(moved)[1] == []
    assert list(moto.client().list_objects_v2(Bucket=address.bucket).get("Contents", ())) == []
    assert sorted(house.store.record_ids()) == sorted(KEYS[:6])


def test_what_is_written_meanwhile_comes_along(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carry, late = move._carry, iter(KEYS[6:8])

    def carry_then_write(*given: Any) -> tuple[int, int]:  # noqa: ANN401 - handed on
        found = carry(*given)
        if (key := next(late, None)) is not None:
            house.store.write([draft_of(key)])
        return found

    monkeypatch.setattr(move, "_carry", carry_then_write)
    assert move.move(house, Place("disk", str(tmp_path / "new"))).carried == 8
    assert sorted(house.store.record_ids()) == list(KEYS[:8])


def test_nothing_is_switched_while_an_object_is_damaged_here(house: House, tmp_path: Path) -> None:
    content = next((house.data / "vault").rglob(f"*{KEYS[2]}/v1/content/record.xml"))
    content.chmod(0o600)
    content.write_bytes(b"<?/>")
    target = Place("disk", str(tmp_path / "new"))
    with pytest.RaisesExc(Fault, check=lambda problem: problem.code == "COPY-SOURCE-DAMAGED" and KEYS[2] in problem.message):
        move.move(house, target)
    assert Settings(data=house.data).vault_place.address == str(house.data.resolve())
    with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-UNDER-WAY"):
        move.move(house, Place("disk", str(tmp_path / "elsewhere")))
    assert move.cancel(house) == target
    with pytest.RaisesExc(Refusal, check=lambda problem: problem.code == "MOVE-NONE"):
        move.remove_old(house)


@pytest.mark.slow
def test_killed_anywhere_the_move_goes_on(house: House, tmp_path: Path) -> None:
    target, chance = Place("disk", str(tmp_path / "new")), random.Random(5)
    command = [sys.executable, "-m", "tests.support.move_process", str(house.data), target.address]
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * 0.08)
        process.kill()
        process.wait()
        process.stdout.close()
        assert sorted(house.store.record_ids()) == sorted(set(KEYS[:6]) | set(house.store.record_ids()))
    if Settings(data=house.data).vault_place != target or Moving(house.data).target():
        move.move(house, target)
    there = LocalStore(tmp_path / "new" / "vault")
    assert same(LocalStore(house.data / "vault"), there, list(LocalStore(house.data / "vault").record_ids()))
    assert [found for key in there.record_ids() for found in there.verify(key)] == []


def test_settings_name_a_place_and_are_read_back(tmp_path: Path) -> None:
    for place in (Place("disk", "/mnt/new"), Place("s3", "s3://桶/前缀?endpoint=http://127.0.0.1:9&region=cn-1"), Place("s3", "s3://b")):
        rewrite(tmp_path / "lantai.toml", place_settings(place))
        assert Settings(data=tmp_path).vault_place == place
