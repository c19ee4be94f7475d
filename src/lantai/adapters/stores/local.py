"""The vault on a local disk: an OCFL storage root, written in batches with one flush for all.

A new object is built aside on the same file system, made durable, and its folder renamed into place; a new version
likewise, then the root inventory, then its sidecar. So an object is whole or not there, whenever the power goes.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from lantai.adapters.stores import mending, settling
from lantai.adapters.stores.disk import (
    File,
    copied,
    described,
    describing,
    faults,
    flush,
    has_content,
    is_same,
    locked,
    make,
    opened,
    plain_files,
    read_back,
    waves,
)
from lantai.adapters.stores.fixity import FEWEST, FixityReaders
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.packages import ocfl, ocfl_check, ocfl_sound
from lantai.ports.store import Draft, Stored

# A folder cannot be renamed onto one that holds something.
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_Undo = list[Callable[[], object]]


class LocalStore:
    """A store in the folder *root*; what is being written rests in ``<root>.tmp`` beside it, on the same file system.

    Any number of processes may write at once. Raises Fault STORE-FOREIGN for a folder that holds something else, STORE-SPLIT
    where a disk is mounted at *root* itself, so that nothing could be renamed into it, and, unless it *founds* what is not there
    yet, STORE-AWAY where no vault stands at *root*: a disk that is not mounted is no empty vault. Beside a vault that was founded
    lies what is being written, so one that has gone from there is not founded a second time.
    """

    def __init__(self, root: Path, *, founds: bool = True, readers: FixityReaders | None = None) -> None:
        self.root = root
        self.aside = root.with_name(root.name + ".tmp")
        self.damaged = root.with_name(root.name + ".damaged")
        self._place_of_root = str(root)  # joining paths costs an audit a fiftieth
        self._founds = founds
        self._readers = readers
        self._is_ready = False
        self._understood: tuple[bytes, dict[str, Any]] = b"", {}  # the last inventory: who opens a file of an object opens more

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write and read back many versions; all durable on return, none of them there on a Fault.

        A draft that is there already with the same files is left as it is; with other files it raises Fault STORE-CONFLICT.
        """
        stored: list[Stored] = []
        with faults(self.root):
            self._prepare()
            for wave in waves(drafts):
                stored += self._write(wave)
        return stored

    def remove(self) -> None:
        """Remove the whole vault, and what was being written or was damaged beside it."""
        with faults(self.root):
            for folder in (self.root, self.aside, self.damaged):
                if folder.is_dir():
                    shutil.rmtree(folder)

    def confirm(self, versions: Sequence[tuple[str, int]]) -> list[Stored]:
        """Make versions that are there durable, read every byte back and describe them, in order.

        Waits until nobody is placing anything, for what is being placed may yet be taken back. Raises Fault STORE-ABSENT or
        STORE-DAMAGED.
        """
        if not versions:
            return []
        with faults(self.root):
            self._prepare()
            with locked(self.aside, fcntl.LOCK_EX):
                flush(self.root)
                return [self._confirm(record_id, number) for record_id, number in versions]

    def has(self, record_id: str, version: int) -> bool:
        """Tell whether the version is there, whole."""
        with faults(self.root):
            inventory = self._inventory(record_id)
        return inventory is not None and f"v{version}" in inventory["versions"]

    def open(self, record_id: str, path: str, version: int | None = None) -> BinaryIO:
        """Open a logical path of a version (the newest where None). Raises Fault STORE-ABSENT where it is absent."""
        with faults(self.root):
            content = self._logical(record_id, version).get(path)
            if content is None:
                raise Fault("STORE-ABSENT", f"{record_id}/{path}")
            return opened(self._place_of(record_id), content[0])

    def files(self, record_id: str, version: int | None = None) -> dict[str, str]:
        """Return logical path -> sha256 of a version. Raises Fault STORE-ABSENT where it is absent."""
        with faults(self.root):
            return {path: digest for path, (_, digest) in self._logical(record_id, version).items()}

    def inventory(self, record_id: str, version: int) -> bytes:
        """Return the inventory of a version as it was written. Raises Fault STORE-ABSENT where it is absent."""
        with faults(self.root):
            try:
                return describing(self._place_of(record_id), f"v{version}/{ocfl.INVENTORY}")
            except FileNotFoundError as error:
                self._demand_there()
                raise Fault("STORE-ABSENT", f"{record_id} v{version}") from error

    def verify(self, record_id: str) -> list[Finding]:
        """Read every byte of the object and compare it with its inventories."""
        if ocfl_sound.is_sound(self._place_of(record_id), record_id):
            return []
        with faults(self.root):
            folder = self._folder(record_id)
            if folder.is_symlink():
                return [finding("OCFL-E090", record_id, reason="")]
            if not folder.is_dir():
                self._demand_there()
                return [finding("OCFL-E063", record_id, reason="")]
            return ocfl_check.check(folder, record_id) or list(_rewritten(folder))

    def doubtful(self, record_ids: Sequence[str]) -> list[str]:
        """Return which objects ``verify`` is still to judge; few are not read here, nor any where there are no processes for it."""
        if self._readers is None or len(record_ids) < FEWEST:
            return list(record_ids)
        return self._readers.doubtful([(record_id, self._place_of(record_id)) for record_id in record_ids])

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault, by order of its folder."""
        with faults(self.root):
            for folder in self._object_folders():
                yield ocfl.record_id_of(folder.name)

    def settle(self, record_id: str) -> bool:
        """Bring root inventory and sidecar of an object up to its highest complete version, and remove a version that is none.

        Waits until nobody is placing anything.
        """
        with faults(self.root):
            folder = self._folder(record_id)
            if not folder.is_dir():
                return False
            self._prepare()
            with locked(self.aside, fcntl.LOCK_EX):
                is_changed = settling.settle(folder, through=self.aside)
                if is_changed:
                    flush(self.root)
            return is_changed

    def lock(self, record_id: str, until: datetime) -> bool:
        """Say that nothing is locked here: who owns the machine owns its bytes."""
        return False

    def mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Put a good copy in the place of a damaged or absent object, in one step; what was there goes to ``<root>.damaged``.

        Raises Fault STORE-CONFLICT where the copy has fewer versions than stand here, else as ``write``.
        """
        with faults(self.root):
            self._prepare()
            batch = Path(tempfile.mkdtemp(dir=self.aside))
            lock = os.open(batch, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                made = mending.build(batch / record_id, drafts)
                flush(self.root)
                with locked(self.aside, fcntl.LOCK_EX):
                    return mending.swap(self._folder(record_id), batch / record_id, self.damaged, made)
            finally:
                shutil.rmtree(batch, ignore_errors=True)
                os.close(lock)

    def reach(self) -> None:
        """Make sure that the vault is there, founding it where it may. Raises Fault as the class says."""
        with faults(self.root):
            self._is_ready = False
            self._prepare()

    def strays(self) -> list[str]:
        """Return what lies in the storage root and is neither of its own files nor an object in its place, by path below it."""
        with faults(self.root):
            return sorted(str(path.relative_to(self.root)) for path in self._strays())

    def altered(self, *, mends: bool) -> list[str]:
        """Return which files of the storage root are gone or otherwise than this edition writes them; where it *mends*, write them."""
        with faults(self.root):
            wrong = [path for path, content in ocfl.root_files().items() if settling.read(self.root / path) != content]
            for place in [self.root / path for path in wrong] if mends else ():
                place.unlink(missing_ok=True)  # not through a link
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(ocfl.root_files()[place.relative_to(self.root).as_posix()])
            if wrong and mends:
                flush(self.root)
        return wrong

    def refound(self) -> None:
        """Found the vault although one stood here before and has gone. Raises Fault STORE-FOREIGN; where a vault stands nothing is done."""
        with faults(self.root):
            if not (self.root / ocfl.ROOT_DECLARATION).is_file():
                if self.root.is_dir() and has_content(self.root, besides=ocfl.root_files()):
                    raise Fault("STORE-FOREIGN", str(self.root))
                self._found_root()
            self.aside.mkdir(exist_ok=True)

    def sweep(self) -> int:
        """Remove what crashed writes left aside, and finish a version whose folder was in place already."""
        swept = 0
        with faults(self.root):
            for batch in sorted(self.aside.iterdir()) if self.aside.is_dir() else ():
                swept += self._sweep(batch)
            if swept:
                flush(self.aside)
        return swept

    # --- the storage root

    def _demand_there(self) -> None:
        """Raise Fault STORE-AWAY where no vault stands here: that an object is not in it then says nothing of the object."""
        if not (self.root / ocfl.ROOT_DECLARATION).is_file():
            raise Fault("STORE-AWAY", str(self.root))

    def _prepare(self) -> None:
        if self._is_ready:
            return
        declaration = self.root / ocfl.ROOT_DECLARATION
        if not declaration.is_file():
            if not self._founds or self.aside.is_dir():
                raise Fault("STORE-AWAY", str(self.root))
            if self.root.is_dir() and has_content(self.root, besides=ocfl.root_files()):
                raise Fault("STORE-FOREIGN", str(self.root))
            self.root.parent.mkdir(parents=True, exist_ok=True)
            self._found_root()
        self.aside.mkdir(exist_ok=True)
        if self.aside.stat().st_dev != self.root.stat().st_dev:
            raise Fault("STORE-SPLIT", str(self.root), aside=str(self.aside))
        self._is_ready = True

    def _found_root(self) -> None:
        """Write the files of the storage root, its declaration last."""
        files = dict(ocfl.root_files())
        declaration = files.pop(ocfl.ROOT_DECLARATION)
        for path, content in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)  # not through a link
            place.write_bytes(content)
        flush(self.root)
        (self.root / ocfl.ROOT_DECLARATION).write_bytes(declaration)
        flush(self.root)

    def _place_of(self, record_id: str) -> str:
        return f"{self._place_of_root}/{ocfl.object_path(record_id)}"

    def _folder(self, record_id: str) -> Path:
        return Path(self._place_of(record_id))

    def _object_folders(self) -> Iterator[Path]:
        below = [self.root] if self.root.is_dir() else []
        for _ in range(ocfl.NUMBER_OF_TUPLES):
            below = [item for folder in below for item in sorted(folder.iterdir()) if len(item.name) == ocfl.TUPLE_SIZE and item.is_dir()]
        for folder in below:
            yield from (item for item in sorted(folder.iterdir()) if ocfl.record_id_of(item.name))

    def _strays(self) -> Iterator[Path]:
        own = {path.partition("/")[0] for path in ocfl.root_files()}
        known = {self.root / path for path in ocfl.root_files()}
        for item in (self.root / "extensions").rglob("*"):
            if item not in known and not any(path.is_relative_to(item) for path in known):
                yield item
        below = [self.root] if self.root.is_dir() else []
        for _ in range(ocfl.NUMBER_OF_TUPLES):
            inside = [item for folder in below for item in folder.iterdir() if folder != self.root or item.name not in own]
            below = [item for item in inside if len(item.name) == ocfl.TUPLE_SIZE and item.is_dir() and not item.is_symlink()]
            yield from set(inside) - set(below)
        for item in (item for folder in below for item in folder.iterdir()):
            record_id = ocfl.record_id_of(item.name)
            if not record_id or item.is_symlink() or not item.is_dir() or item != self._folder(record_id):
                yield item

    def _inventory(self, record_id: str) -> dict[str, Any] | None:
        """Return the root inventory of an object, None where there is no object; a Fault where it cannot be understood."""
        folder = self._place_of(record_id)
        if not os.path.lexists(folder):  # asked of every new object: an error made and caught takes five times as long
            return None
        path = f"{folder}/{ocfl.INVENTORY}"
        try:
            content = describing(folder, ocfl.INVENTORY)
        except FileNotFoundError:
            return None
        if content == (understood := self._understood)[0]:
            return dict(understood[1])
        try:
            inventory = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Fault("STORE-DAMAGED", path) from error
        if ocfl_check.malformed(inventory):
            raise Fault("STORE-DAMAGED", path)
        self._understood = content, inventory
        return dict(inventory)

    def _logical(self, record_id: str, version: int | None) -> dict[str, tuple[str, str]]:
        inventory = self._inventory(record_id)
        if inventory is None:
            self._demand_there()
            raise Fault("STORE-ABSENT", record_id)
        try:
            return ocfl.logical_files(inventory, version)
        except KeyError as error:
            raise Fault("STORE-ABSENT", f"{record_id} v{version}") from error

    def _confirm(self, record_id: str, number: int) -> Stored:
        return described(self._folder(record_id), record_id, number, self._logical(record_id, number))

    # --- writing

    def _write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write drafts of different records: build aside, flush, rename, flush, read back; on failure take all back."""
        batch = Path(tempfile.mkdtemp(dir=self.aside))
        lock = os.open(batch, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            works = [_Work(self._place_of(draft.record_id), f"{batch}/{draft.record_id}", draft) for draft in drafts]
            for work in works:
                work.build(self._inventory(work.draft.record_id))
            flush(self.root)
            with locked(self.aside, fcntl.LOCK_SH):
                return self._place(works)
        finally:
            shutil.rmtree(batch, ignore_errors=True)
            os.close(lock)

    def _place(self, works: Sequence["_Work"]) -> list[Stored]:
        """Place what was built, make it durable and read it back; on failure take all back."""
        undo: _Undo = []
        try:
            for work in works:
                work.place(undo)
            flush(self.root)
            return [work.read_back() for work in works]
        except BaseException:
            _take_back(undo)
            raise

    # --- sweeping

    def _sweep(self, batch: Path) -> int:
        """Clear one folder aside unless a living process holds it; return how many pieces it held."""
        if batch.is_symlink() or not batch.is_dir():
            return 0  # not ours: no write leaves such a thing
        lock = os.open(batch, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        else:
            pieces = sorted(batch.iterdir())
            for piece in pieces:
                self._finish(piece.name, batch)
            shutil.rmtree(batch)
            return max(1, len(pieces))
        finally:
            os.close(lock)

    def _finish(self, record_id: str, batch: Path) -> None:
        """Bring the root inventory of an object up to its highest version, or remove the empty folders of none."""
        folder = self._folder(record_id.removesuffix("~"))
        if not folder.is_dir():
            _remove_empty(folder.parent)
            return
        settling.settle(folder, through=batch)


class _Work:
    """One draft on its way: built aside, placed, read back. Places are text: ten thousand paths a batch cost more than their bytes."""

    def __init__(self, target: str, aside: str, draft: Draft) -> None:
        self.target = target
        self.aside = aside
        self.draft = draft
        self.plan: ocfl.Plan | None = None
        self.files: Sequence[tuple[str, File]] = ()
        self.inodes = 0

    def build(self, inventory: dict[str, Any] | None) -> None:
        """Build the version aside, or leave it alone where it is there already."""
        draft = self.draft
        if inventory is not None and f"v{draft.version}" in inventory["versions"]:
            if not is_same(draft, ocfl.logical_files(inventory, draft.version)):
                raise Fault("STORE-CONFLICT", draft.record_id, version=draft.version)
            return
        self.plan = ocfl.plan(draft, inventory)
        self.files = plain_files(self.plan, is_new=inventory is None)
        self.inodes = make(self.aside, self.files)

    def place(self, undo: _Undo) -> None:
        """Rename the object, or the version and then inventory and sidecar, into place."""
        if self.plan is None:
            return
        if self.draft.version == 1:
            self._place_object(undo)
            return
        target, aside = Path(self.target), Path(self.aside)
        version = target / self.plan.head
        earlier = target / f"v{self.draft.version - 1}"
        (aside / self.plan.head).rename(version)
        undo.append(partial(version.rename, aside / self.plan.head))
        for name in (ocfl.INVENTORY, ocfl.SIDECAR):
            (aside / name).replace(target / name)
            undo.append(partial(copied, earlier / name, target / name, through=aside))

    def _place_object(self, undo: _Undo) -> None:
        above = self.target.rpartition("/")[0]
        undo.append(partial(_remove_empty, Path(above)))
        if not os.path.lexists(above):
            Path(above).mkdir(parents=True, exist_ok=True)
        try:
            self._rename_object()
        except FileNotFoundError:  # who takes a batch back removed it meanwhile
            Path(above).mkdir(parents=True, exist_ok=True)
            self._rename_object()
        undo.append(partial(os.rename, self.target, self.aside))

    def _rename_object(self) -> None:
        """Put the object in its place; Fault STORE-CONFLICT where another writer was there first."""
        try:
            os.rename(self.aside, self.target)  # noqa: PTH104 - as the class says
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            raise Fault("STORE-CONFLICT", self.draft.record_id, version=self.draft.version) from error

    def read_back(self) -> Stored:
        """Read every new file from its place and compare; Fault STORE-DAMAGED where one differs."""
        draft = self.draft
        if self.plan is None:
            logical = ocfl.logical_files(json.loads(Path(self.target, ocfl.INVENTORY).read_bytes()), draft.version)
            return described(Path(self.target), draft.record_id, draft.version, logical)
        base = f"{self.target}/"
        size = sum(read_back(base + path, item) for path, item in self.files)
        return Stored(draft.record_id, draft.version, self.plan.inventory_sha256, self.inodes, size)


def _take_back(undo: _Undo) -> None:
    """Undo what was placed, last first; what cannot be undone stays whole and is found again when the batch is retried."""
    for step in reversed(undo):
        with suppress(OSError):
            step()


def _remove_empty(folder: Path) -> None:
    """Remove the folders above an object that hold nothing, upwards; those that are gone or hold something are passed over."""
    for item in islice((folder, *folder.parents), ocfl.NUMBER_OF_TUPLES):
        with suppress(OSError):
            item.rmdir()


def _rewritten(folder: Path) -> Iterator[Finding]:
    """Yield sidecars that say the right digest in other bytes than this vault writes: letters in another case, other white space."""
    for place in sorted(folder.rglob(f"{ocfl.INVENTORY}.sha256")):
        digest = hashlib.sha256((place.parent / ocfl.INVENTORY).read_bytes()).hexdigest()
        if place.read_bytes() != ocfl.sidecar(digest):
            yield finding("OCFL-E061", place.relative_to(folder).as_posix(), reason="")
