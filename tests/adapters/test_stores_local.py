"""The local vault when the disk fails and when the power goes: whole or not there, and told in words."""

import errno
import fcntl
import json
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lantai.adapters.stores import disk
from lantai.adapters.stores.disk import locked
from lantai.adapters.stores.local import LocalStore
from lantai.core.errors import Fault
from lantai.packages import ocfl
from lantai.ports.store import Draft
from tests.packages.drafts import RECORD, content, draft
from tests.packages.ocfl_py import errors

OTHER = "01JD0000000000000000000077"
CODES = {
    errno.ENOSPC: "STORE-FULL",
    errno.EROFS: "STORE-READ-ONLY",
    errno.EACCES: "STORE-DENIED",
    errno.EIO: "STORE-DAMAGED",
    errno.ENODEV: "STORE-FAILED",
}
CALLS = ("link", "open", "write", "mkdir", "rename", "replace", "read")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """Return a vault that holds version 1 of one record."""
    store = LocalStore(tmp_path / "vault")
    store.write([draft({"a": b"1", "same": b"kept"})])
    return store


@pytest.fixture
def batch(tmp_path: Path) -> list[Draft]:
    """Return a batch of a new record with a staged file, and a second version of the record that is there."""
    staged = tmp_path / "staged"
    staged.write_bytes(b"content")
    new = draft({"record.xml": b"<x/>"}, record_id=OTHER)
    files = (*new.files, replace(content("01-正本/original/正文.pdf", b"content"), source=staged))
    return [replace(new, files=files), draft({"a": b"2", "same": b"kept"}, version=2)]


class Calls:
    """Counts the system calls of writing, and at one of them does what it was told."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, act: Callable[[], object]) -> None:
        self.made: list[str] = []
        self.at = at
        self.act = act
        for name in CALLS:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))
        patch.setattr(disk._LIBC, "syncfs", self._counted("syncfs", disk._LIBC.syncfs))

    def _counted(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **options: object) -> object:
            self.made.append(name)
            if len(self.made) == self.at:
                self.act()
            return call(*arguments, **options)

        return counted


def fail(number: int) -> Callable[[], object]:
    def act() -> None:
        raise OSError(number, os.strerror(number))

    return act


def calls_of(store: LocalStore, batch: list[Draft]) -> list[str]:
    """Return the names of the calls that writing *batch* makes, cleaning up included."""
    copy = LocalStore(store.root.with_name("copy"))
    shutil.copytree(store.root, copy.root)
    copy.write([])
    with pytest.MonkeyPatch.context() as patch:
        calls = Calls(patch, 0, lambda: None)
        copy.write(batch)
    return calls.made


def objects(store: LocalStore) -> Iterator[Path]:
    return (store.root / ocfl.object_path(record_id) for record_id in store.record_ids())


def assert_sound(store: LocalStore) -> None:
    for record_id in store.record_ids():
        assert store.verify(record_id) == []
    empty = [item for item in store.root.rglob("*") if item.is_dir() and not any(item.iterdir())]
    assert empty == []


def fault_of(store: LocalStore, batch: list[Draft], at: int, number: int) -> str:
    """Return the code of the fault when the call *at* fails, empty where that was of no consequence."""
    with pytest.MonkeyPatch.context() as patch:
        Calls(patch, at, fail(number))
        try:
            store.write(batch)
        except Fault as fault:
            return fault.code
    return ""


def test_a_failure_at_any_call_leaves_nothing_half_true(store: LocalStore, batch: list[Draft]) -> None:
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    calls = calls_of(store, batch)
    failed = 0
    for at in range(1, len(calls) + 1):
        number = list(CODES)[at % len(CODES)]
        code = fault_of(store, batch, at, number)
        if not code:
            break  # all is written and read back, and what failed was the cleaning up
        failed += 1
        assert code == CODES[number]
        assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before, at
        assert_sound(store)
    assert failed > 50
    store.sweep()
    assert list(store.aside.iterdir()) == []
    assert store.has(OTHER, 1)
    assert store.has(RECORD, 2)
    assert_sound(store)
    assert [errors(folder) for folder in objects(store)] == [[], []]


def _write_and_die(store: LocalStore, batch: list[Draft], at: int) -> None:
    """Write in a child process that is gone at the *at*-th call, as when the power goes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        with pytest.MonkeyPatch.context() as patch:
            Calls(patch, at, lambda: os._exit(1))
            store.write(batch)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_a_death_at_any_call_is_swept_up(store: LocalStore, batch: list[Draft]) -> None:
    kept = store.root.with_name("kept")
    shutil.copytree(store.root, kept)
    calls = calls_of(store, batch)
    placing, placed = (at for at, name in enumerate(calls, 1) if name == "syncfs")
    for at in (*range(1, placing, 8), *range(placing, placed + 1), *range(placed + 1, len(calls) + 1, 12)):
        _write_and_die(store, batch, at)
        assert store.sweep() <= 3
        assert_sound(store)
        assert not any(store.aside.iterdir())
        for item in batch:
            if store.has(item.record_id, item.version):
                assert set(store.files(item.record_id, item.version)) == {file.path for file in item.files}
        store.write(batch)
        assert_sound(store)
        shutil.rmtree(store.root)
        shutil.copytree(kept, store.root)


def test_a_living_writer_is_not_swept(store: LocalStore) -> None:
    with pytest.MonkeyPatch.context() as patch:
        swept: list[int] = []
        Calls(patch, 12, lambda: swept.append(store.sweep()))
        store.write([draft({"a": b"1"}, record_id=OTHER)])
    assert swept == [0]
    assert store.verify(OTHER) == []


def test_a_bit_that_flips_before_it_is_read_back_is_noticed(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def flip() -> None:
        path = next(store.root.rglob("flipped"))
        path.chmod(0o644)
        path.write_bytes(b"x")

    folder = store.root / ocfl.object_path(OTHER)
    original = disk.flush
    monkeypatch.setattr("lantai.adapters.stores.local.flush", lambda root: (original(root), flip() if folder.exists() else None))
    with pytest.raises(Fault) as caught:
        store.write([draft({"flipped": b"1"}, record_id=OTHER)])
    assert caught.value.code == "STORE-DAMAGED"
    assert not folder.exists()


def test_staged_files_are_linked_where_that_is_possible(store: LocalStore, batch: list[Draft], tmp_path: Path) -> None:
    store.write(batch)
    stored = store.root / ocfl.object_path(OTHER) / "v1/content/01-正本/original/正文.pdf"
    assert stored.samefile(tmp_path / "staged")
    assert stored.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_staged_files_are_copied_where_they_cannot_be_linked(
    store: LocalStore, batch: list[Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", link)
    store.write(batch)
    stored = store.root / ocfl.object_path(OTHER) / "v1/content/01-正本/original/正文.pdf"
    assert stored.read_bytes() == b"content"
    assert not stored.samefile(tmp_path / "staged")


def test_a_record_of_one_file_takes_fifteen_places(store: LocalStore) -> None:
    names = ("record.xml", "01-正本/original/正文.pdf", "01-正本/text.json", "report.json", "proof.json")
    (stored,) = store.write([draft({name: name.encode() for name in names}, record_id=OTHER)])
    below = list((store.root / ocfl.object_path(OTHER)).rglob("*"))
    assert stored.inodes == 15 == len(below) + 1
    assert sum(item.is_file() for item in below) == 10
    assert stored.size_bytes == sum(item.stat().st_size for item in below if item.is_file())
    assert stored.inodes + ocfl.NUMBER_OF_TUPLES <= 17


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "照片.jpg").write_bytes(b"x")
    with pytest.raises(Fault) as caught:
        LocalStore(tmp_path / "vault").write([draft({"a": b"1"})])
    assert caught.value.code == "STORE-FOREIGN"
    assert [item.name for item in tmp_path.iterdir()] == ["vault"]


def test_a_root_that_was_begun_is_finished(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "README.md").write_bytes(b"half")
    LocalStore(tmp_path / "vault").write([draft({"a": b"1"})])
    assert {path: (tmp_path / "vault" / path).read_bytes() for path in ocfl.root_files()} == dict(ocfl.root_files())


def test_a_damaged_root_inventory_is_a_fault_to_a_reader(store: LocalStore) -> None:
    inventory = store.root / ocfl.object_path(RECORD) / ocfl.INVENTORY
    inventory.unlink()
    inventory.write_bytes(b"{")
    with pytest.raises(Fault) as caught:
        store.open(RECORD, "a")
    assert caught.value.code == "STORE-DAMAGED"
    assert "OCFL-E033" in [item.code for item in store.verify(RECORD)]


def test_the_page_for_a_person_lies_in_the_root(store: LocalStore) -> None:
    text = (store.root / "README.md").read_text("utf-8")
    assert "没有软件时怎样读" in text
    assert "Reading it without software" in text


def test_what_is_confirmed_is_read_byte_for_byte(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "vault")
    store.write([draft({"a": b"1"})])
    victim = next((tmp_path / "vault").rglob("v1/content/a"))
    victim.chmod(0o644)
    victim.write_bytes(b"2")
    with pytest.raises(Fault, match="STORE-DAMAGED"):
        store.confirm([(RECORD, 1)])


def test_confirming_waits_for_who_is_placing(tmp_path: Path) -> None:
    """What is being placed may yet be taken back, so nobody may call it there meanwhile."""
    store = LocalStore(tmp_path / "vault")
    store.write([draft({"a": b"1"})])
    ended: list[float] = []
    with locked(store.aside, fcntl.LOCK_SH):
        waiting = threading.Thread(target=lambda: ended.append(len(store.confirm([(RECORD, 1)]))))
        waiting.start()
        waiting.join(0.3)
        assert ended == []
    waiting.join(10)
    assert ended == [1]


def test_of_two_who_write_the_same_record_at_once_one_is_told(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "vault")
    barrier = threading.Barrier(4)

    def write(place: int) -> str:
        barrier.wait()
        try:
            LocalStore(tmp_path / "vault").write([draft({"a": str(place).encode()})])
        except Fault as problem:
            return problem.code
        return "written"

    with ThreadPoolExecutor(4) as threads:
        ends = sorted(threads.map(write, range(4)))
    assert ends == ["STORE-CONFLICT"] * 3 + ["written"]
    assert store.verify(RECORD) == []
    assert not list(store.aside.iterdir())


def the(folder: Path, name: str) -> Path:
    """Return the file of that name in the one object of a vault."""
    return next(path for path in sorted(folder.rglob(name)) if "content" in path.parts or "inventory" in name)


def _linked(path: Path, outside: Path) -> None:
    path.unlink()
    path.symlink_to(outside)


def _linked_folder(path: Path, outside: Path) -> None:
    outside.with_name("elsewhere").mkdir()
    shutil.copyfile(path, outside.with_name("elsewhere") / path.name)
    shutil.rmtree(path.parent)
    path.parent.symlink_to(outside.with_name("elsewhere"))


def _pipe(path: Path, outside: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("change", [_linked, _linked_folder, _pipe])
def test_nothing_is_read_through_a_link_or_waited_for(store: LocalStore, tmp_path: Path, change: Callable[[Path, Path], None]) -> None:
    """Who may write into the vault's folder must not get a file of the host through us, the keys among them."""
    outside = tmp_path / "secret"
    outside.write_bytes(b"1")  # even the very bytes
    change(the(store.root, "a"), outside)
    with pytest.raises(Fault, match="STORE-DAMAGED"):
        store.open(RECORD, "a")
    assert store.verify(RECORD) != []


@pytest.mark.parametrize("change", [_linked, _pipe])
def test_an_inventory_is_a_plain_file(store: LocalStore, tmp_path: Path, change: Callable[[Path, Path], None]) -> None:
    place = next(store.root.glob("*/*/inventory.json"))
    kept = tmp_path / "kept"
    shutil.copyfile(place, kept)
    change(place, kept)
    for act in (lambda: store.files(RECORD), lambda: store.has(RECORD, 1), lambda: store.open(RECORD, "a")):
        with pytest.raises(Fault, match="STORE-DAMAGED"):
            act()
    assert store.verify(RECORD) != []


def test_an_object_is_a_folder_and_no_link_to_one(store: LocalStore, tmp_path: Path) -> None:
    place = next(store.root.glob("*/*/inventory.json")).parent
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert [item.code for item in store.verify(RECORD)] == ["OCFL-E090"]
    with pytest.raises(Fault, match="STORE-DAMAGED"):
        store.open(RECORD, "a")


def test_where_the_vault_is_gone_no_record_is_said_to_be(store: LocalStore) -> None:
    """A disk that is not mounted is no damage of one record after the other."""
    store.root.rename(store.root.with_name("away"))
    for act in (
        lambda: store.open(RECORD, "a"),
        lambda: store.files(RECORD),
        lambda: store.inventory(RECORD, 1),
        lambda: store.verify(RECORD),
    ):
        with pytest.raises(Fault, match="STORE-AWAY"):
            act()
    with pytest.raises(Fault, match="STORE-AWAY"):
        LocalStore(store.root).write([draft({"a": b"1"}, record_id=OTHER)])
    assert not store.root.exists(), "no second vault is founded in its place"


@pytest.mark.parametrize("path", ["v1/../../../out", "v1/content/../../../../out", "v1/content//out", "v1/inventory.json", "v1/beside/out"])
def test_a_copy_is_written_nowhere_but_into_its_content(store: LocalStore, tmp_path: Path, path: str) -> None:
    """The inventory of a copy comes from a medium or a replica that others may have had in their hands."""
    own = draft({"record.xml": b"<x/>"}, record_id=OTHER)
    inventory = json.loads(ocfl.plan(own).inventory)
    inventory["manifest"] = {digest: [path] for digest in inventory["manifest"]}
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Fault, match="STORE-CONFLICT"):
        store.write([replace(own, inventory=json.dumps(inventory).encode())])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_copy_whose_state_lacks_what_it_stores_is_refused(store: LocalStore) -> None:
    own = draft({"record.xml": b"<x/>"}, record_id=OTHER)
    inventory = json.loads(ocfl.plan(own).inventory)
    inventory["manifest"]["0" * 64] = ["v1/content/more"]
    with pytest.raises(Fault, match="STORE-CONFLICT"):
        store.write([replace(own, inventory=json.dumps(inventory).encode())])


@pytest.mark.parametrize("path", ["v1/content/a\0b", "v1/content/\ud800"])
def test_a_name_that_no_file_can_have_is_damage(store: LocalStore, path: str) -> None:
    folder = next(store.root.glob("*/*/inventory.json")).parent
    inventory = json.loads((folder / ocfl.INVENTORY).read_bytes())
    inventory["manifest"] = {digest: [path] for digest in inventory["manifest"]}
    (folder / ocfl.INVENTORY).chmod(0o644)
    (folder / ocfl.INVENTORY).write_text(json.dumps(inventory))
    for act in (lambda: store.open(RECORD, "a"), lambda: store.confirm([(RECORD, 1)])):
        with pytest.raises(Fault, match="STORE-DAMAGED"):
            act()


def test_an_inventory_beyond_measure_is_damage(store: LocalStore) -> None:
    folder = next(store.root.glob("*/*/inventory.json")).parent
    for place in (folder / ocfl.INVENTORY, folder / "v1" / ocfl.INVENTORY):
        place.chmod(0o644)
        os.truncate(place, 1 << 40)
    for act in (lambda: store.has(RECORD, 1), lambda: store.inventory(RECORD, 1)):
        with pytest.raises(Fault, match="STORE-DAMAGED"):
            act()
    assert store.verify(RECORD) != []


def _superscript(folder: Path) -> None:
    (folder / "v²").mkdir()


def _waiting(folder: Path) -> None:
    (folder / "v1" / ocfl.INVENTORY).unlink()
    os.mkfifo(folder / "v1" / ocfl.INVENTORY)


def _folder(folder: Path) -> None:
    (folder / ocfl.INVENTORY).unlink()
    (folder / ocfl.INVENTORY / "in it").mkdir(parents=True)


def _beyond(folder: Path) -> None:
    (folder / "v9").mkdir()
    (folder / "v9" / ocfl.INVENTORY).write_bytes(b"{}")


@pytest.mark.parametrize("change", [_superscript, _waiting, _folder, _beyond])
def test_whatever_stands_in_an_object_it_is_settled_or_mended(store: LocalStore, tmp_path: Path, change: Callable[[Path], None]) -> None:
    other = LocalStore(tmp_path / "other")
    other.write([ocfl.draft_of(RECORD, store.inventory(RECORD, 1), partial(store.open, RECORD))])
    change(next(store.root.glob("*/*/inventory.json")).parent)
    store.settle(RECORD)
    assert store.verify(RECORD) != []
    store.mend(RECORD, [ocfl.draft_of(RECORD, other.inventory(RECORD, 1), partial(other.open, RECORD))])
    assert store.verify(RECORD) == []


def test_what_no_write_leaves_aside_stops_no_sweep(store: LocalStore) -> None:
    os.mkfifo(store.aside / "pipe")
    (store.aside / "file").write_bytes(b"1")
    (store.aside / "link").symlink_to(store.root)
    assert store.sweep() == 0
    assert store.verify(RECORD) == []


@pytest.mark.parametrize("number", [errno.EIO, errno.EUCLEAN, errno.EBADMSG])
def test_what_a_file_system_says_of_one_file_is_damage_of_one_object(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """ext4 and its like say EUCLEAN or EBADMSG of an inventory they have lost; the rest of the vault is still to be read and mended."""
    real = os.open

    def lost(path: str | Path, *flags: int, **options: int) -> int:
        if str(path).endswith(ocfl.INVENTORY):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *flags, **options)

    monkeypatch.setattr(os, "open", lost)
    for act in (lambda: store.verify(RECORD), lambda: store.has(RECORD, 1), lambda: store.inventory(RECORD, 1)):
        with pytest.raises(Fault, match="STORE-DAMAGED"):
            act()


def test_the_files_of_the_root_are_told_of_and_written_again(store: LocalStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"kept")
    (store.root / "README.md").write_text("此库已停用，请到别处去取。")
    (store.root / "ocfl_layout.json").unlink()
    (store.root / "0=ocfl_1.1").unlink()
    (store.root / "0=ocfl_1.1").symlink_to(outside)
    (store.root / "extensions" / "0001-mine").mkdir()
    assert set(store.altered(mends=False)) == {"README.md", "ocfl_layout.json", "0=ocfl_1.1"}
    assert store.strays() == ["extensions/0001-mine"]
    assert len(store.altered(mends=True)) == 3
    assert store.altered(mends=False) == []
    assert outside.read_bytes() == b"kept"
