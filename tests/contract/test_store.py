"""What every store promises, whichever it is: whole or not there, nothing overwritten, every byte accounted for."""

import hashlib
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.adapters.stores.local import LocalStore
from lantai.adapters.stores.s3 import S3Store
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.packages.layout import safe_names
from lantai.ports.doubles import MemoryStore
from lantai.ports.store import Content, Draft, Store
from tests.packages.drafts import RECORD, content, draft
from tests.support import buckets

OTHER = "01JD0000000000000000000077"
Maker = Callable[[], Store]


# Ceph keeps the promises that hang on its answers in tests/adapters/test_stores_ceph.py, with one gateway for all of them.
@pytest.fixture(params=["local", "memory", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """Makes another empty store of one kind, as often as it is asked."""
    if request.param == "memory":
        return MemoryStore
    if request.param == "local":
        return lambda: LocalStore(Path(tempfile.mkdtemp(dir=tmp_path)) / "vault")
    service: buckets.Service = request.getfixturevalue("moto")
    return lambda: S3Store(service.address())


@pytest.fixture
def store(make: Maker) -> Store:
    return make()


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.code


def test_what_is_written_is_read(store: Store) -> None:
    written = draft({"record.xml": b"<x/>", "01-正本/original/正文.pdf": b"%PDF"})
    (stored,) = store.write([written])
    assert (stored.record_id, stored.version) == (RECORD, 1)
    assert stored.size_bytes > 0
    assert stored.inodes > 0
    assert store.has(RECORD, 1)
    assert store.files(RECORD) == {item.path: item.sha256 for item in written.files}
    with store.open(RECORD, "01-正本/original/正文.pdf") as stream:
        assert stream.read() == b"%PDF"
    assert store.verify(RECORD) == []
    assert store.doubtful([RECORD]) == [RECORD]
    assert list(store.record_ids()) == [RECORD]


@given(files=st.dictionaries(st.text(max_size=6), st.binary(max_size=64), min_size=1, max_size=5))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_files_survive(store: Store, files: dict[str, bytes]) -> None:
    record_id = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:26].upper()
    named = dict(zip(safe_names(files), files.values(), strict=True))
    store.write([draft(named, record_id=record_id)])
    for path, body in named.items():
        with store.open(record_id, path) as stream:
            assert stream.read() == body
    assert store.verify(record_id) == []


def test_a_staged_file_is_stored_and_left_where_it_is(store: Store, tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(b"content")
    store.write([replace(draft({}), files=(replace(content("a", b"content"), source=staged),))])
    assert staged.read_bytes() == b"content"
    staged.unlink()
    with store.open(RECORD, "a") as stream:
        assert stream.read() == b"content"
    assert store.verify(RECORD) == []


def test_writing_the_same_again_changes_nothing(store: Store) -> None:
    (first,) = store.write([draft({"a": b"1", "b/c": b"2"})])
    (again,) = store.write([draft({"a": b"1", "b/c": b"2"}, created="2027-01-01T00:00:00+08:00")])
    assert again == first
    assert store.verify(RECORD) == []


def test_what_is_there_can_be_confirmed_as_it_was_written(store: Store) -> None:
    first, second = store.write([draft({"a": b"1"}), draft({"a": b"1", "b": b"2"}, version=2)])
    assert store.confirm([]) == []
    confirmed = store.confirm([(RECORD, 1), (RECORD, 2)])
    assert [(item.record_id, item.version) for item in confirmed] == [(RECORD, 1), (RECORD, 2)]
    assert [item.inventory_sha256 for item in confirmed] == [first.inventory_sha256, second.inventory_sha256]
    assert code(lambda: store.confirm([(RECORD, 3)])) == "STORE-ABSENT"
    assert code(lambda: store.confirm([(OTHER, 1)])) == "STORE-ABSENT"


def test_nothing_is_overwritten(store: Store) -> None:
    store.write([draft({"a": b"1"})])
    assert code(lambda: store.write([draft({"a": b"2"})])) == "STORE-CONFLICT"
    assert code(lambda: store.write([draft({"a": b"1", "b": b"1"})])) == "STORE-CONFLICT"
    assert store.files(RECORD) == {"a": content("a", b"1").sha256}
    assert store.verify(RECORD) == []


def test_a_new_version_leaves_the_old_one_as_it_was(store: Store) -> None:
    store.write([draft({"a": b"1", "same": b"kept"})])
    store.write([draft({"a": b"2", "same": b"kept", "new": b"3"}, version=2)])
    assert store.has(RECORD, 1)
    assert store.has(RECORD, 2)
    assert not store.has(RECORD, 3)
    assert set(store.files(RECORD, 1)) == {"a", "same"}
    assert set(store.files(RECORD)) == {"a", "same", "new"}
    for version, expected in ((1, b"1"), (2, b"2"), (None, b"2")):
        with store.open(RECORD, "a", version) as stream:
            assert stream.read() == expected
    with store.open(RECORD, "same", 2) as stream:
        assert stream.read() == b"kept"
    assert store.verify(RECORD) == []


def test_an_unchanged_file_needs_no_bytes_in_a_new_version(store: Store, tmp_path: Path) -> None:
    store.write([draft({"a": b"1"})])
    unchanged = replace(content("moved/a", b"1"), source=tmp_path / "gone")
    store.write([replace(draft({"b": b"2"}, version=2), files=(unchanged, content("b", b"2")))])
    with store.open(RECORD, "moved/a") as stream:
        assert stream.read() == b"1"


@pytest.mark.parametrize("version", [2, 3])
def test_versions_come_one_after_another(store: Store, version: int) -> None:
    assert code(lambda: store.write([draft({"a": b"1"}, version=version)])) == "STORE-VERSION-GAP"
    assert list(store.record_ids()) == []


def test_two_versions_of_a_record_in_one_batch(store: Store) -> None:
    stored = store.write([draft({"a": b"1"}), draft({"a": b"1"}, record_id=OTHER), draft({"a": b"2"}, version=2)])
    assert [(item.record_id, item.version) for item in stored] == [(RECORD, 1), (OTHER, 1), (RECORD, 2)]
    assert sorted(store.record_ids()) == sorted([RECORD, OTHER])


@pytest.mark.parametrize("source", [b"other bytes", Path("/nowhere/at/all")])
def test_a_batch_with_a_bad_file_leaves_nothing(store: Store, source: bytes | Path) -> None:
    bad = replace(content("a", b"declared"), source=source)
    batch = [draft({"a": b"1"}), replace(draft({}, record_id=OTHER), files=(bad,))]
    assert code(lambda: store.write(batch)) in {"STORE-DAMAGED", "STORE-FAILED"}
    assert list(store.record_ids()) == []
    assert not store.has(RECORD, 1)
    store.write([draft({"a": b"1"})])
    assert store.verify(RECORD) == []


def test_same_content_under_two_names(store: Store) -> None:
    store.write([draft({"a": b"1", "b": b"1"})])
    with store.open(RECORD, "b") as stream:
        assert stream.read() == b"1"
    assert store.verify(RECORD) == []


def test_what_is_absent_is_a_fault(store: Store) -> None:
    store.write([draft({"a": b"1"})])
    for act in (
        lambda: store.open(RECORD, "b"),
        lambda: store.open(RECORD, "a", 2),
        lambda: store.open(OTHER, "a"),
        lambda: store.files(OTHER),
        lambda: store.files(RECORD, 9),
    ):
        assert code(act) == "STORE-ABSENT"
    assert [item.code for item in store.verify(OTHER)] == ["OCFL-E063"]


def test_an_empty_store_answers(store: Store) -> None:
    assert not store.has(RECORD, 1)
    assert list(store.record_ids()) == []
    assert store.write([]) == []
    assert store.sweep() == 0


def test_digests_are_checked_on_the_way_in(store: Store) -> None:
    wrong = Content("a", b"1", 1, "0" * 64, "0" * 64)
    assert code(lambda: store.write([Draft(RECORD, 1, (wrong,), "2026-01-01T00:00:00Z", "", "", "")])) == "STORE-DAMAGED"
    assert not store.has(RECORD, 1)


def copied(store: Store, record_id: str, count: int) -> list[Draft]:
    """Return the versions of an object as drafts for another store."""
    return [
        ocfl.draft_of(record_id, store.inventory(record_id, number), lambda path, at=number: store.open(record_id, path, at))
        for number in range(1, count + 1)
    ]


def original(folder: Path) -> LocalStore:
    store = LocalStore(folder / "original")
    store.write([draft({"a": b"1", "same": b"kept", "twice": b"kept"}), draft({"a": b"2", "same": b"kept", "new": b"3"}, version=2)])
    return store


def test_a_copy_is_the_same_to_the_last_byte(store: Store, tmp_path: Path) -> None:
    first = original(tmp_path)
    for version in copied(first, RECORD, 2):
        store.write([version])
    for number in (1, 2):
        assert store.inventory(RECORD, number) == first.inventory(RECORD, number)
        assert store.files(RECORD, number) == first.files(RECORD, number)
    with store.open(RECORD, "same", 2) as stream:
        assert stream.read() == b"kept"
    assert store.verify(RECORD) == []
    again = store.write(copied(first, RECORD, 2))
    assert [item.inventory_sha256 for item in again] == [item.inventory_sha256 for item in first.confirm([(RECORD, 1), (RECORD, 2)])]


def test_what_is_gone_is_mended_whole(store: Store, tmp_path: Path) -> None:
    first = original(tmp_path)
    mended = store.mend(RECORD, copied(first, RECORD, 2))
    assert [item.version for item in mended] == [1, 2]
    assert store.has(RECORD, 2)
    assert store.verify(RECORD) == []


def test_mending_what_is_whole_changes_nothing(store: Store, tmp_path: Path) -> None:
    first = original(tmp_path)
    store.write(copied(first, RECORD, 2))
    store.mend(RECORD, copied(first, RECORD, 2))
    assert store.inventory(RECORD, 2) == first.inventory(RECORD, 2)
    assert store.verify(RECORD) == []


def test_mending_never_takes_a_version_away(store: Store, tmp_path: Path) -> None:
    first = original(tmp_path)
    store.write(copied(first, RECORD, 2))
    assert code(lambda: store.mend(RECORD, copied(first, RECORD, 1))) == "STORE-CONFLICT"
    assert store.has(RECORD, 2)
    assert store.verify(RECORD) == []


def test_a_bad_copy_mends_nothing(store: Store, tmp_path: Path) -> None:
    first = original(tmp_path)
    store.write(copied(first, RECORD, 2))
    bad = [replace(item, files=tuple(replace(file, source=b"torn") for file in item.files)) for item in copied(first, RECORD, 2)]
    if not isinstance(store, S3Store):  # a bucket has no folders to exchange: its keys are mended one by one
        assert code(lambda: store.mend(RECORD, bad)) == "STORE-DAMAGED"
        assert store.verify(RECORD) == []
    store.mend(RECORD, copied(first, RECORD, 2))
    assert store.verify(RECORD) == []


def test_there_is_nothing_to_settle_where_nothing_was_interrupted(store: Store) -> None:
    store.write([draft({"a": b"1"})])
    assert not store.settle(RECORD)
    assert not store.settle(OTHER)
    assert store.verify(RECORD) == []


def test_the_root_is_as_it_was_written(store: Store) -> None:
    store.write([draft({"a": b"1"})])
    assert store.altered(mends=False) == store.altered(mends=True) == []


def test_two_writers_of_one_object(store: Store) -> None:
    """One of them writes it; the other is told, or finds the same there. Nothing is torn."""
    ours, theirs = draft({"a": b"1", "b": b"2"}), draft({"a": b"1", "b": b"3"})

    def write(item: Draft) -> str:
        try:
            store.write([item])
        except Fault as fault:
            return fault.code
        return ""

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(write, (ours, theirs)))
    assert ends[0] == "" or isinstance(store, S3Store)
    assert ends[1] in {"STORE-CONFLICT", "STORE-BUSY"}
    if "" in ends:
        assert store.verify(RECORD) == []
        assert store.files(RECORD) in ({item.path: item.sha256 for item in ours.files}, {item.path: item.sha256 for item in theirs.files})


def test_a_store_without_locks_says_so(store: Store) -> None:
    store.write([draft({"a": b"1"})])
    if not isinstance(store, S3Store):
        assert not store.lock(RECORD, datetime(2030, 1, 1, tzinfo=UTC))
