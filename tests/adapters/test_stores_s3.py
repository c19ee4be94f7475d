"""The vault in a bucket when the service fails and when the writer dies: whole or not there, and told in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.exceptions import GenericError

from lantai.adapters.stores import bucket
from lantai.adapters.stores.bucket import Address
from lantai.adapters.stores.s3 import S3Store
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports.store import Draft
from tests.packages.drafts import RECORD, draft
from tests.packages.ocfl_py import errors
from tests.support.buckets import Service

OTHER = "01JD0000000000000000000077"
AT_ONCE = timedelta(0)


class Failing:
    """obstore, whose calls are counted; the *at*-th fails, and where the writer is to have died then every one after it."""

    def __init__(self, at: int, *, is_death: bool) -> None:
        self.made, self._at, self._is_death = 0, at, is_death

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def counted(*arguments: object, **options: object) -> object:
            self.made += 1
            if self.made == self._at or (self._is_death and self.made > self._at > 0):
                raise GenericError("503 Slow Down")
            return getattr(obstore, name)(*arguments, **options)

        return counted


@contextmanager
def failing(at: int = 0, *, is_death: bool = False) -> Iterator[Failing]:
    """Count the calls to the service, and let it fail at one of them."""
    service = Failing(at, is_death=is_death)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bucket, "obstore", service)
        yield service


def batch() -> list[Draft]:
    return [draft({"record.xml": b"<x/>", "a": b"1"}, record_id=OTHER), draft({"a": b"2", "same": b"kept"}, version=2)]


@pytest.fixture
def address(moto: Service) -> Address:
    return moto.address()


@pytest.fixture
def store(address: Address) -> S3Store:
    """A vault that holds version 1 of one record; leases run out at once."""
    store = S3Store(address, grace=AT_ONCE)
    store.write([draft({"a": b"1", "same": b"kept"})])
    return store


def ended(act: Callable[[], object]) -> str:
    """Return the code of the fault that an act ends with, empty where none."""
    try:
        act()
    except Fault as fault:
        return fault.code
    return ""


def keys(store: S3Store) -> set[str]:
    return {key for key, _ in store.bucket.listing()} | {f"aside/{key}" for key, _ in store.aside.listing()}


def assert_sound(store: S3Store) -> None:
    for record_id in store.record_ids():
        assert store.verify(record_id) == []


def calls_of_writing(address: Address) -> int:
    with failing() as service:
        S3Store(replace(address, prefix="trial")).write([draft({"a": b"1", "same": b"kept"}), *batch()])
    return service.made


def test_a_failure_at_any_call_leaves_nothing_half_true(store: S3Store, address: Address) -> None:
    before, failed = keys(store), 0
    for at in range(1, calls_of_writing(address)):
        with failing(at):
            code = ended(lambda: store.write(batch()))
        if code:
            failed += 1
            assert code == "STORE-FAILED"
            store.sweep()
            assert keys(store) == before, at
            assert store.verify(RECORD) == []
            assert not store.has(OTHER, 1)
        else:
            break
    assert failed > 25
    assert_sound(store)
    assert store.has(RECORD, 2)


def test_a_death_at_any_call_is_swept_up(store: S3Store, address: Address) -> None:
    made = calls_of_writing(address)
    for at in range(1, made, 4):
        fresh = S3Store(replace(address, prefix=f"death {at}"), grace=AT_ONCE)
        fresh.write([draft({"a": b"1", "same": b"kept"})])
        with failing(at, is_death=True):
            ended(lambda: fresh.write(batch()))  # noqa: B023 - called at once
        fresh.sweep()
        assert list(fresh.aside.listing()) == []
        assert_sound(fresh)
        assert fresh.files(RECORD, 1).keys() == {"a", "same"}
        fresh.write(batch())
        assert_sound(fresh)


def test_a_living_writer_is_not_swept(address: Address) -> None:
    store = S3Store(address)
    store.write([draft({"a": b"1"})])
    store.aside.put(OTHER, b"somebody")
    assert store.sweep() == 0
    assert ended(lambda: store.write([draft({"a": b"1"}, record_id=OTHER)])) == "STORE-BUSY"
    assert not store.has(OTHER, 1)


def test_what_another_writes_meanwhile_is_not_overwritten(store: S3Store) -> None:
    """A writer without a lease, as an older release might be, still cannot take the root inventory from us."""
    known = store.known(RECORD)
    assert known is not None
    key = f"{ocfl.object_path(RECORD)}/{ocfl.INVENTORY}"
    assert store.bucket.replace(key, ocfl.plan(draft({"a": b"1", "same": b"kept"})).inventory, known[1])
    assert not store.bucket.replace(key, b"{}", '"0"')
    assert not store.bucket.create(key, b"{}")


def test_damage_is_found_and_mended_from_a_copy(store: S3Store, address: Address) -> None:
    base = ocfl.object_path(RECORD)
    good = [ocfl.draft_of(RECORD, store.inventory(RECORD, 1), lambda path: store.bucket.open(f"{base}/v1/content/{path}"))]
    copy = S3Store(replace(address, prefix="copy"))
    copy.write(good)
    store.bucket.put(f"{base}/v1/content/a", b"x")
    store.bucket.put(f"{base}/v1/content/stray", b"x")
    store.bucket.delete([f"{base}/{ocfl.SIDECAR}"])
    assert {item.code for item in store.verify(RECORD)} == {"OCFL-E092", "OCFL-E023", "OCFL-E058"}
    store.mend(RECORD, [ocfl.draft_of(RECORD, copy.inventory(RECORD, 1), lambda path: copy.open(RECORD, path, 1))])
    assert store.verify(RECORD) == []


def test_what_does_not_belong_into_the_root_is_named(store: S3Store) -> None:
    store.write(batch())
    assert store.strays() == []
    for key in ("notes.txt", "abc/notes.txt", "abc/elsewhere/x", "old/deep/x", "extra-folder/x", f"abc/{ocfl.object_path(OTHER)[4:]}x/y"):
        store.bucket.put(key, b"x")
    found = store.strays()
    assert {"notes.txt", "abc/notes.txt", "abc/elsewhere", "old/deep", "extra-folder"} <= set(found)
    assert not any(found_at in {ocfl.object_path(OTHER), ocfl.object_path(RECORD)} for found_at in found)


def test_an_interrupted_sidecar_is_settled(store: S3Store) -> None:
    store.write([draft({"a": b"2"}, version=2)])
    store.bucket.put(f"{ocfl.object_path(RECORD)}/{ocfl.SIDECAR}", ocfl.sidecar("0" * 64))
    assert store.settle(RECORD)
    assert not store.settle(RECORD)
    assert store.verify(RECORD) == []


def test_downloaded_it_is_an_ocfl_object(store: S3Store, tmp_path: Path) -> None:
    store.write(batch())
    for key, _ in store.bucket.listing():
        place = tmp_path / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(store.bucket.get(key) or b"")
    for record_id in (RECORD, OTHER):
        assert errors(tmp_path / ocfl.object_path(record_id)) == []


def test_a_prefix_that_holds_something_else_is_left_alone(store: S3Store, address: Address) -> None:
    elsewhere = replace(address, prefix="other")
    S3Store(elsewhere).bucket.put("photo.jpg", b"x")
    assert ended(lambda: S3Store(elsewhere).write([draft({"a": b"1"})])) == "STORE-FOREIGN"


def test_no_bucket_and_no_vault_are_away_and_no_rights_are_told(address: Address, tmp_path: Path) -> None:
    assert ended(lambda: S3Store(replace(address, bucket="no-such")).has(RECORD, 1)) == "STORE-AWAY"
    assert ended(lambda: list(S3Store(replace(address, bucket="no-such")).bucket.listing())) == "STORE-AWAY"
    assert ended(lambda: S3Store(replace(address, prefix="new"), founds=False).write([draft({"a": b"1"})])) == "STORE-AWAY"
    assert ended(lambda: S3Store(replace(address, credentials=tmp_path / "none")).has(RECORD, 1)) == "STORE-CREDENTIALS"
    nowhere = replace(address, endpoint="http://127.0.0.1:9")
    assert ended(lambda: S3Store(nowhere).has(RECORD, 1)) == "STORE-FAILED"


def test_credentials_stand_in_a_file_or_in_the_environment(address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tmp_path / "keys"
    known.write_text(
        "[default]\naws_access_key_id = a\naws_secret_access_key = b%c\n[mine]\naws_access_key_id = d\naws_secret_access_key = e\n"
    )
    assert Address("theirs", credentials=known).keys() == ("a", "b%c")
    assert Address("mine", credentials=known).keys() == ("d", "e")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "f")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "g")
    assert Address("mine").keys() == ("f", "g")


def _put_back(store: S3Store, base: str) -> None:
    store.bucket.put(f"{base}/{ocfl.INVENTORY}", store.inventory(RECORD, 1))
    store.bucket.put(f"{base}/{ocfl.SIDECAR}", store.bucket.get(f"{base}/v1/{ocfl.SIDECAR}") or b"")


def _without_root(store: S3Store, base: str) -> None:
    store.bucket.delete([f"{base}/{ocfl.INVENTORY}"])


def _spoiled_root(store: S3Store, base: str) -> None:
    store.bucket.put(f"{base}/{ocfl.INVENTORY}", b"{" * 10_000)


@pytest.mark.parametrize("change", [_put_back, _without_root, _spoiled_root])
def test_settling_takes_nothing_away_that_no_writer_left(store: S3Store, change: Callable[[S3Store, str], None]) -> None:
    """A root inventory that was lost, or put back to an earlier version, makes no garbage of what it named."""
    store.write([draft({"a": b"2", "same": b"kept"}, version=2)])
    before = keys(store)
    change(store, ocfl.object_path(RECORD))
    assert store.settle(RECORD)
    assert keys(store) == before
    assert store.verify(RECORD) == []
    assert store.has(RECORD, 2)
    assert not store.settle(RECORD)


def test_what_somebody_is_writing_is_not_settled(address: Address) -> None:
    store = S3Store(address)
    store.write([draft({"a": b"1"})])
    store.aside.put(RECORD, b"somebody")
    _without_root(store, ocfl.object_path(RECORD))
    assert not store.settle(RECORD)
    assert store.bucket.get(f"{ocfl.object_path(RECORD)}/v1/{ocfl.INVENTORY}") is not None


def test_a_key_that_is_no_version_stops_no_mending(store: S3Store, address: Address) -> None:
    base = ocfl.object_path(RECORD)
    copy = S3Store(replace(address, prefix="copy"))
    copy.write([ocfl.draft_of(RECORD, store.inventory(RECORD, 1), lambda path: store.open(RECORD, path, 1))])
    for name in ("v²/x", "v9/content/x"):
        store.bucket.put(f"{base}/{name}", b"x")
    store.mend(RECORD, [ocfl.draft_of(RECORD, copy.inventory(RECORD, 1), lambda path: copy.open(RECORD, path, 1))])
    assert store.verify(RECORD) == []
