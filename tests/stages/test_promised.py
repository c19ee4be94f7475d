"""An object that is whole by itself may be another than the one that was archived: put back, written anew, grown. No place hides that."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lantai import line
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports import House
from lantai.ports.moving import Place
from lantai.ports.settings import Settings
from lantai.ports.store import Store
from lantai.shelves.copies.models import Copy, Replica
from lantai.shelves.holdings.models import Record
from lantai.shelves.versions.models import Amendment
from lantai.stages import amend, copies, prove, seal
from lantai.stages.copies import move as copies_move
from lantai.stages.copies.replicate import drafts_of
from tests.stages.test_copies import SYSADMIN, house, place, records, second
from tests.support.line_house import ARCHIVIST

__all__ = ["house", "records", "second"]
PLACES = pytest.mark.parametrize("name", ["主库", "近线"])


def amended(house: House, record: Record) -> None:
    """Give a record a second version, in every place."""
    amend.correct(house, ARCHIVIST, record.id, {"note": "补记"}, reason="补正附注")
    waiting = Amendment.objects.filter(record_id=record.id, state="proposed").first()
    if waiting is not None:
        amend.decide(house, replace(ARCHIVIST, id="01TESTOTHER000000000000000"), waiting.id, is_approved=True, words="同意")
    line.finish(house)
    record.refresh_from_db()


def put_back(store: Store, folder: Path, record_id: str) -> None:
    """Its first version is what is left of an object, whole and well signed."""
    for name in (ocfl.INVENTORY, ocfl.SIDECAR):
        (folder / name).unlink()
        shutil.copy(folder / "v1" / name, folder / name)
    shutil.rmtree(folder / "v2")


def written_anew(store: Store, folder: Path, record_id: str) -> None:
    """The same files under another history."""
    copied = [replace(draft, inventory=b"", message="改写") for draft in drafts_of(store, record_id, [1, 2])]
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    shutil.rmtree(folder)
    bodies = {path.read_bytes() for path in kept.rglob("content/**/*") if path.is_file()}
    by_digest = {hashlib.sha256(body).hexdigest(): body for body in bodies}
    for draft in copied:
        store.write([replace(draft, files=tuple(replace(item, source=by_digest[item.sha256]) for item in draft.files))])
    shutil.rmtree(kept)


def stood(house: House, name: str, base: Path) -> tuple[Store, Path, Replica | None]:
    if name == "主库":
        return house.store, house.data, None
    return house.vaults.open("disk", str(base / "second")), base / "second", Replica.objects.get(name=name)


@PLACES
@pytest.mark.parametrize("change", [put_back, written_anew])
def test_another_object_is_damage_and_mended(
    house: House, second: Replica, records: list[Record], tmp_path: Path, name: str, change: Callable[[Store, Path, str], None]
) -> None:
    amended(house, records[0])
    store, base, replica = stood(house, name, tmp_path)
    change(store, place(base, records[0]), records[0].id)
    assert store.verify(records[0].id) == [], "whole by itself"
    assert [item.code for item in copies.fsck(house, replica).problems] == ["COPY-REPLACED"]
    row = copies.run_to_end(house, copies.start(house, SYSADMIN, name).id)
    assert (row.damaged, row.mended) == (1, 1)
    assert copies.fsck(house, replica).problems == []
    seal.seal(house)
    assert prove.verify_as_service(house, None).problems == ()
    assert Record.objects.exclude(needs_attention="").count() == 0


@pytest.mark.parametrize("change", [put_back, written_anew])
def test_another_object_is_not_copied_and_stops_nobody_else(
    house: House, records: list[Record], tmp_path: Path, change: Callable[[Store, Path, str], None]
) -> None:
    amended(house, records[0])
    change(house.store, place(house.data, records[0]), records[0].id)
    copies.add(house, SYSADMIN, copies.Wish("近线", "disk", str(tmp_path / "second")))
    with pytest.raises(Fault, match="COPY-SOURCE-DAMAGED"):
        copies.replicate(house)
    assert set(Copy.objects.values_list("record_id", flat=True)) == {item.id for item in records[1:]}


@PLACES
def test_a_version_that_nobody_told_of_is_named(house: House, second: Replica, records: list[Record], tmp_path: Path, name: str) -> None:
    store, _, replica = stood(house, name, tmp_path)
    (draft,) = drafts_of(house.store, records[0].id, [1])
    store.write([replace(draft, inventory=b"", version=2, message="添写")])
    assert store.verify(records[0].id) == [], "whole by itself"
    assert [item.code for item in copies.fsck(house, replica).problems] == ["COPY-VERSION-UNKNOWN"]
    assert [item.code for item in prove.verify_as_service(house, None).problems] == ["PROVE-VERSION-UNKNOWN"] * (replica is None)


def test_a_row_put_back_to_an_earlier_version_is_named(house: House, records: list[Record]) -> None:
    """Every column as it was before the correction: row and package agree, and the ledger tells of a later version."""
    before = Record.objects.filter(id=records[0].id).values("elements", "title", "sought", "number_key", "identity_key").get()
    amended(house, records[0])
    assert prove.verify_as_service(house, None).problems == ()
    Record.objects.filter(id=records[0].id).update(content_version=1, **before)
    assert [item.code for item in prove.verify_as_service(house, None).problems] == ["PROVE-VERSION-OLDER"]


def test_a_vault_that_holds_another_object_does_not_move(house: House, records: list[Record], tmp_path: Path) -> None:
    amended(house, records[0])
    put_back(house.store, place(house.data, records[0]), records[0].id)
    with pytest.raises(Fault, match="COPY-SOURCE-DAMAGED"):
        copies_move.move(house, Place("disk", str(tmp_path / "new")))
    assert Settings(data=house.data).vault_place.address == str(house.data.resolve())


def test_a_version_on_its_way_is_no_stranger(house: House, second: Replica, records: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    """Written, and the machine dies before the row says so."""
    with monkeypatch.context() as patch:
        patch.setattr("lantai.stages.amend.carry._apply", lambda *_: False)
        amended(house, records[0])
    assert records[0].content_version == 1
    assert house.store.has(records[0].id, 2)
    assert copies.fsck(house).problems == []
    assert prove.verify_as_service(house, None).problems == ()
