"""The vault in a bucket of an S3 service: the same OCFL storage root, the same bytes, another order of writing.

Of a new object the content goes first, then the version's inventory, then the object's declaration and sidecar, and its root inventory
last, which must not be there yet; without it all the rest is garbage. Of a later version the root inventory must still be the one
that was read, and its sidecar follows. Before anything the writer takes a lease on the object, a key beside the root (``vault.tmp/``):
no two write one object at once, and what a crash leaves is found again without reading the whole bucket.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO
from uuid import uuid4

from lantai.adapters.stores import locking, settling
from lantai.adapters.stores.bucket import Address, Bucket
from lantai.adapters.stores.disk import is_same, plain_files, waves
from lantai.adapters.stores.keys import Keys
from lantai.core.errors import Fault
from lantai.core.findings import Finding, finding
from lantai.packages import ocfl, ocfl_check
from lantai.packages.ocfl_inventory import number_of
from lantai.ports.store import Draft, Stored

ROOT = "vault"
ASIDE = "vault.tmp"
#: A lease older than this belongs to nobody who is still writing. The clocks of writers and service must agree better than that.
GRACE = timedelta(minutes=5)
_ROOT_LAST = (ocfl.INVENTORY, ocfl.SIDECAR)
Known = tuple[dict[str, Any], str]


class S3Store:
    """A store in a bucket. Any number of processes may write at once. Raises Fault STORE-FOREIGN for a prefix that holds something else,
    and, unless it *founds* what is not there yet, STORE-AWAY where there is no vault.
    """

    def __init__(self, address: Address, *, founds: bool = True, grace: timedelta = GRACE) -> None:
        self.bucket = Bucket(address, ROOT)
        self.aside = Bucket(address, ASIDE)
        self._founds = founds
        self._grace = grace
        self._is_ready = False

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write and read back many versions; all there on return, none of them on a Fault."""
        stored: list[Stored] = []
        for wave in waves(drafts):
            self._prepare()
            stored += self._write(wave)
        return stored

    def remove(self) -> None:
        """Remove every key of the vault. Raises Fault where the service keeps some locked."""
        for part in (self.bucket, self.aside):
            part.delete([key for key, _ in part.listing()])

    def confirm(self, versions: Sequence[tuple[str, int]]) -> list[Stored]:
        """Read versions that are there back and describe them. Raises Fault STORE-ABSENT or STORE-DAMAGED."""
        return [self._described(record_id, number) for record_id, number in versions]

    def has(self, record_id: str, version: int) -> bool:
        """Tell whether the version is there, whole."""
        known = self.known(record_id)
        return known is not None and f"v{version}" in known[0]["versions"]

    def open(self, record_id: str, path: str, version: int | None = None) -> BinaryIO:
        """Open a logical path of a version (the newest where None). Raises Fault STORE-ABSENT where it is absent."""
        content = self._logical(record_id, version).get(path)
        if content is None:
            raise Fault("STORE-ABSENT", f"{record_id}/{path}")
        return self.bucket.open(f"{ocfl.object_path(record_id)}/{content[0]}")

    def files(self, record_id: str, version: int | None = None) -> dict[str, str]:
        """Return logical path -> sha256 of a version. Raises Fault STORE-ABSENT where it is absent."""
        return {path: digest for path, (_, digest) in self._logical(record_id, version).items()}

    def inventory(self, record_id: str, version: int) -> bytes:
        """Return the inventory of a version as it was written. Raises Fault STORE-ABSENT where it is absent."""
        content = self.bucket.get(f"{ocfl.object_path(record_id)}/v{version}/{ocfl.INVENTORY}")
        if content is None:
            raise Fault("STORE-ABSENT", f"{record_id} v{version}")
        return content

    def verify(self, record_id: str) -> list[Finding]:
        """Read every byte of the object and compare it with its inventories."""
        place = Keys(self.bucket, ocfl.object_path(record_id))
        return ocfl_check.check_place(place, record_id) if place.names("") else [finding("OCFL-E063", record_id, reason="")]

    def doubtful(self, record_ids: Sequence[str]) -> list[str]:
        """Return them all: there is no quicker way to read them."""
        return list(record_ids)

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault, by order of its prefix."""
        for folder in self.bucket.folders():
            if len(folder) == ocfl.TUPLE_SIZE:
                yield from filter(None, (ocfl.record_id_of(item.rpartition("/")[2]) for item in self.bucket.folders(folder)))

    def settle(self, record_id: str) -> bool:
        """Bring root inventory and sidecar of an object up to its highest complete version, and remove a version that is none.

        An object whose root inventory is gone is no garbage: what a writer left behind bears his lease. While somebody has that, nothing
        is done.
        """
        try:
            with Leases(self, [record_id]):
                return self._settled(record_id)
        except Fault as fault:
            if fault.code != "STORE-BUSY":
                raise
            return False

    def _settled(self, record_id: str) -> bool:
        base = ocfl.object_path(record_id)
        keys = [key for key, _ in self.bucket.listing(base)]
        whole = self._highest(base, keys)
        if not whole:
            return False
        newest, known = self.inventory(record_id, whole), self.bucket.tagged(f"{base}/{ocfl.INVENTORY}")
        is_changed = known is None or known.content != newest
        if is_changed:
            self.bucket.put(f"{base}/{ocfl.INVENTORY}", newest)
        sidecar = ocfl.sidecar(hashlib.sha256(newest).hexdigest())
        if self.bucket.get(f"{base}/{ocfl.SIDECAR}") != sidecar:
            self.bucket.put(f"{base}/{ocfl.SIDECAR}", sidecar)
            is_changed = True
        beyond = [key for key in keys if (number := _version_of(key, base)) > whole and f"{base}/v{number}/{ocfl.INVENTORY}" not in keys]
        self.bucket.delete(beyond)
        return is_changed or bool(beyond)

    def _highest(self, base: str, keys: Sequence[str]) -> int:
        """Return the number of the highest complete version of an object, 0 where there is none: its own inventory, and every key of it."""
        there = set(keys)
        for number in sorted({_version_of(key, base) for key in keys} - {0}, reverse=True):
            own, told = (self.bucket.get(f"{base}/v{number}/{name}") or b"" for name in (ocfl.INVENTORY, ocfl.SIDECAR))
            inventory = settling.told_of(own, told, number)
            if inventory is not None and all(f"{base}/{path}" in there for paths in inventory["manifest"].values() for path in paths):
                return number
        return 0

    def clear(self, record_id: str) -> None:
        """Take away what a writer who died left of an object: all that no root inventory names."""
        base = ocfl.object_path(record_id)
        known = self.bucket.get(f"{base}/{ocfl.INVENTORY}")
        keys = [key for key, _ in self.bucket.listing(base)]
        if known is None:
            self.bucket.delete(keys)
            return
        try:
            inventory = json.loads(known)
        except (ValueError, RecursionError):
            return
        if ocfl_check.malformed(inventory):
            return
        last = int(inventory["head"][1:])
        self.bucket.delete([key for key in keys if _version_of(key, base) > last])
        if self.inventory(record_id, last) == known:
            self.bucket.put(f"{base}/{ocfl.SIDECAR}", ocfl.sidecar(hashlib.sha256(known).hexdigest()))

    def lock(self, record_id: str, until: datetime) -> bool:
        """Lock every key of an object in compliance mode: not even the owner of the bucket removes it before *until*."""
        keys = [key for key, _ in self.bucket.listing(ocfl.object_path(record_id))]
        locking.lock(self.bucket.address, [f"{self.bucket.prefix}/{key}" for key in keys], until)
        return bool(keys)

    def mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Put every byte of a good copy where it belongs, the root inventory last, and remove what does not belong.

        Every key is whole before and after; what differed is the damaged bytes alone. Raises Fault STORE-CONFLICT where more versions
        stand here than the copy has.
        """
        self._prepare()
        with Leases(self, [record_id]):
            return self._mend(record_id, drafts)

    def _mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        base = ocfl.object_path(record_id)
        keys = [key for key, _ in self.bucket.listing(base)]
        if self._highest(base, keys) > len(drafts):
            raise Fault("STORE-CONFLICT", record_id, version=len(drafts))
        belongs: set[str] = set()
        inventory: dict[str, Any] | None = None
        for draft in drafts:
            plan = ocfl.plan(draft, inventory)
            inventory = json.loads(plan.inventory)
            files = dict(plain_files(plan, is_new=draft.version == 1))
            last = {name: files.pop(name) for name in _ROOT_LAST}
            for path, item in (files | dict(reversed(last.items()))).items():
                self.bucket.put(f"{base}/{path}", item.source)
                belongs.add(f"{base}/{path}")
        self.bucket.delete(key for key in keys if key not in belongs)
        found = self.verify(record_id)
        if found:
            raise Fault("STORE-DAMAGED", self.bucket.named(f"{base}/{found[0].where}"))
        return self.confirm([(record_id, draft.version) for draft in drafts])

    def reach(self) -> None:
        """Make sure that the vault is there, founding it where it may. Raises Fault as the class says."""
        self._is_ready = False
        self._prepare()

    def strays(self) -> list[str]:
        """Return what lies in the storage root and is neither of its own keys nor an object in its place; of objects no key is listed."""
        own = {path.partition("/")[0] for path in ocfl.root_files()}
        folders, keys = self.bucket.level()
        found = [key for key in keys if key not in own]
        for folder in folders:
            if len(folder) != ocfl.TUPLE_SIZE:
                found += [] if folder in own else [folder]
                continue
            below, keys = self.bucket.level(folder)
            found += keys
            found += [item for item in below if not self._is_object(item)]
        return sorted(found)

    @staticmethod
    def _is_object(folder: str) -> bool:
        record_id = ocfl.record_id_of(folder.rpartition("/")[2])
        return bool(record_id) and folder == ocfl.object_path(record_id)

    def altered(self, *, mends: bool) -> list[str]:
        """Return which keys of the storage root are gone or otherwise than this edition writes them; where it *mends*, write them."""
        wrong = [path for path, content in ocfl.root_files().items() if self.bucket.get(path) != content]
        for path in wrong if mends else ():
            self.bucket.put(path, ocfl.root_files()[path])
        return wrong

    def sweep(self) -> int:
        """See to every object whose writer died with the lease on it; return how many those were."""
        swept = 0
        for record_id, written in list(self.aside.listing()):
            if self.is_stale(written):
                self.clear(record_id)
                self.aside.delete([record_id])
                swept += 1
        return swept

    def is_stale(self, written: datetime) -> bool:
        """Tell whether a lease taken at that instant has run out."""
        return datetime.now(UTC) - written >= self._grace

    def _write(self, drafts: Sequence[Draft]) -> list[Stored]:
        works = [_Work(self, draft) for draft in drafts]
        with Leases(self, [draft.record_id for draft in drafts]) as leases:
            try:
                self.bucket.each(_Work.carry_out, works)
                return self.bucket.each(_Work.read_back, works)
            except BaseException:
                taken_back = [work.take_back() for work in reversed(works)]
                leases.are_kept = not all(taken_back)
                raise

    # --- the storage root

    def _prepare(self) -> None:
        if self._is_ready:
            return
        if self.bucket.get(ocfl.ROOT_DECLARATION) is None:
            if not self._founds:
                raise Fault("STORE-AWAY", self.bucket.named(""))
            if next(self.bucket.listing(), None) is not None and self.bucket.get("ocfl_layout.json") is None:
                raise Fault("STORE-FOREIGN", self.bucket.named(""))
            files = dict(ocfl.root_files())
            declaration = files.pop(ocfl.ROOT_DECLARATION)
            for path, content in files.items():
                self.bucket.put(path, content)
            self.bucket.put(ocfl.ROOT_DECLARATION, declaration)
        self._is_ready = True

    def known(self, record_id: str) -> Known | None:
        """Return the root inventory of an object with its tag, None where there is no object."""
        key = f"{ocfl.object_path(record_id)}/{ocfl.INVENTORY}"
        found = self.bucket.tagged(key)
        if found is None:
            return None
        try:
            inventory = json.loads(found.content)
        except (ValueError, RecursionError) as error:
            raise Fault("STORE-DAMAGED", self.bucket.named(key)) from error
        if ocfl_check.malformed(inventory):
            raise Fault("STORE-DAMAGED", self.bucket.named(key))
        return dict(inventory), found.tag

    def _logical(self, record_id: str, version: int | None) -> dict[str, tuple[str, str]]:
        known = self.known(record_id)
        if known is None:
            raise Fault("STORE-ABSENT", record_id)
        try:
            return ocfl.logical_files(known[0], version)
        except KeyError as error:
            raise Fault("STORE-ABSENT", f"{record_id} v{version}") from error

    def _described(self, record_id: str, number: int) -> Stored:
        logical = self._logical(record_id, number)
        inventory = self.inventory(record_id, number)
        base = ocfl.object_path(record_id)
        sizes = self.bucket.each(partial(_compared, self.bucket, base), sorted(set(logical.values())))
        digest = hashlib.sha256(inventory).hexdigest()
        return Stored(record_id, number, digest, len(sizes) + 2, sum(sizes) + len(inventory))


class Leases:
    """The right to write some objects, one key each; kept where the writing could be neither finished nor taken back."""

    def __init__(self, store: S3Store, record_ids: Sequence[str]) -> None:
        self._store, self._record_ids = store, record_ids
        self._taken: list[str] = []
        self.are_kept = False

    def __enter__(self) -> "Leases":
        try:
            self._store.bucket.each(self._take, self._record_ids)
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if not self.are_kept:
            self._release()

    def _take(self, record_id: str) -> None:
        """Take one lease, from whoever died with it. Raises Fault STORE-BUSY where somebody is writing."""
        if not self._store.aside.create(record_id, uuid4().hex.encode()):
            left = self._store.aside.tagged(record_id)
            if left is not None:
                if not self._store.is_stale(left.written):
                    raise Fault("STORE-BUSY", record_id)
                if not self._store.aside.replace(record_id, uuid4().hex.encode(), left.tag):
                    raise Fault("STORE-BUSY", record_id)
                self._store.clear(record_id)
        self._taken.append(record_id)

    def _release(self) -> None:
        with suppress(Fault):
            self._store.aside.delete(self._taken)


class _Work:
    """One draft on its way into the bucket."""

    def __init__(self, store: S3Store, draft: Draft) -> None:
        self._store, self._bucket, self._draft = store, store.bucket, draft
        self._base = ocfl.object_path(draft.record_id)
        self._known: Known | None = None
        self._plan: ocfl.Plan | None = None
        self._is_committed = False

    def carry_out(self) -> None:
        """Look what is there, put what is missing, and make it count."""
        self._known = self._store.known(self._draft.record_id)
        self._build()
        self._commit()

    def _build(self) -> None:
        """Put everything but the root inventory, or leave the version alone where it is there already."""
        draft, inventory = self._draft, self._known[0] if self._known else None
        if inventory is not None and f"v{draft.version}" in inventory["versions"]:
            if not is_same(draft, ocfl.logical_files(inventory, draft.version)):
                raise Fault("STORE-CONFLICT", draft.record_id, version=draft.version)
            return
        self._plan = ocfl.plan(draft, inventory)
        for path, item in plain_files(self._plan, is_new=inventory is None):
            if path not in _ROOT_LAST:
                self._bucket.put(f"{self._base}/{path}", item.source)
        if inventory is None:
            self._bucket.put(f"{self._base}/{ocfl.SIDECAR}", self._plan.sidecar)

    def _commit(self) -> None:
        """Put the root inventory where nobody else has. Raises Fault STORE-CONFLICT."""
        if self._plan is None:
            return
        key = f"{self._base}/{ocfl.INVENTORY}"
        if self._known is None:
            is_ours = self._bucket.create(key, self._plan.inventory)
        else:
            is_ours = self._bucket.replace(key, self._plan.inventory, self._known[1])
        if not is_ours:
            self._plan = None  # what lies there is another writer's, who may have written these very bytes
            raise Fault("STORE-CONFLICT", self._draft.record_id, version=self._draft.version)
        self._is_committed = True
        if self._known is not None:
            self._bucket.put(f"{self._base}/{ocfl.SIDECAR}", self._plan.sidecar)

    def read_back(self) -> Stored:
        """Read every new key and compare; Fault STORE-DAMAGED where one differs."""
        draft = self._draft
        if self._plan is None:
            inventory = self._known[0] if self._known else {}
            wanted: Iterable[tuple[str, str]] = sorted(set(ocfl.logical_files(inventory, draft.version).values()))
            sizes = [_compared(self._bucket, self._base, item) for item in wanted]
            content = self._bucket.get(f"{self._base}/v{draft.version}/{ocfl.INVENTORY}") or b""
            return Stored(draft.record_id, draft.version, hashlib.sha256(content).hexdigest(), len(sizes) + 2, sum(sizes) + len(content))
        for path, item in plain_files(self._plan, is_new=draft.version == 1):
            _compared(self._bucket, self._base, (path, item.sha256))
        wanted = sorted(set(ocfl.logical_files(json.loads(self._plan.inventory), draft.version).values()))
        sizes = [_compared(self._bucket, self._base, item) for item in wanted]
        size = sum(sizes) + len(self._plan.inventory)
        return Stored(draft.record_id, draft.version, self._plan.inventory_sha256, len(sizes) + 2, size)

    def take_back(self) -> bool:
        """Undo what was written, the root inventory first; return whether that was possible."""
        if self._plan is None:
            return True
        try:
            if self._known is None:
                self._bucket.delete([f"{self._base}/{ocfl.INVENTORY}"])
                self._bucket.delete(key for key, _ in self._bucket.listing(self._base))
                return True
            if self._is_committed:
                content = self._store.inventory(self._draft.record_id, self._draft.version - 1)
                self._bucket.put(f"{self._base}/{ocfl.INVENTORY}", content)
                self._bucket.put(f"{self._base}/{ocfl.SIDECAR}", ocfl.sidecar(hashlib.sha256(content).hexdigest()))
            self._bucket.delete(key for key, _ in self._bucket.listing(f"{self._base}/{self._plan.head}"))
        except Fault:
            return False
        return True


def _version_of(key: str, base: str) -> int:
    """Return the number of the version that a key belongs to, 0 for what belongs to the object itself."""
    return number_of(key.removeprefix(f"{base}/").partition("/")[0])


def _compared(bucket: Bucket, base: str, wanted: tuple[str, str]) -> int:
    """Read one key back and return its size in bytes; Fault STORE-DAMAGED where its digest is another."""
    path, sha256 = wanted
    digest, size = hashlib.sha256(), 0
    for piece in bucket.chunks(f"{base}/{path}"):
        digest.update(piece)
        size += len(piece)
    if digest.hexdigest() != sha256:
        raise Fault("STORE-DAMAGED", bucket.named(f"{base}/{path}"))
    return size
