"""The vault wherever the settings say it is now: when ``lantai.toml`` changes, the next call goes to the new place."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from lantai.core.findings import Finding
from lantai.ports.moving import Moving, Place
from lantai.ports.settings import Settings
from lantai.ports.store import Draft, Store, Stored


class FollowingStore:
    """Every call goes to the vault that *build* makes of the settings; what writes is kept apart from the end of a move."""

    def __init__(self, data: Path, build: Callable[[Settings], Store]) -> None:
        self._file = data / "lantai.toml"
        self._data, self._build, self._lock = data, build, Lock()
        self._moving = Moving(data)
        self._seen: tuple[int, int] | None = None
        self._place: Place | None = None
        self._store: Store | None = None

    def write(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Write as the port promises."""
        with self._moving.writing([draft.record_id for draft in drafts]):
            return self._now().write(drafts)

    def confirm(self, versions: Sequence[tuple[str, int]]) -> list[Stored]:
        """Confirm as the port promises."""
        with self._moving.writing([record_id for record_id, _ in versions]):
            return self._now().confirm(versions)

    def has(self, record_id: str, version: int) -> bool:
        """Tell whether the version is there, whole."""
        return self._now().has(record_id, version)

    def open(self, record_id: str, path: str, version: int | None = None) -> BinaryIO:
        """Open a logical path of a version."""
        return self._now().open(record_id, path, version)

    def files(self, record_id: str, version: int | None = None) -> dict[str, str]:
        """Return logical path -> sha256 of a version."""
        return self._now().files(record_id, version)

    def inventory(self, record_id: str, version: int) -> bytes:
        """Return the inventory of a version."""
        return self._now().inventory(record_id, version)

    def verify(self, record_id: str) -> list[Finding]:
        """Read every byte of the object and compare it with its inventories."""
        return self._now().verify(record_id)

    def settle(self, record_id: str) -> bool:
        """Settle as the port promises."""
        with self._moving.writing([record_id]):
            return self._now().settle(record_id)

    def lock(self, record_id: str, until: datetime) -> bool:
        """Lock as the port promises."""
        return self._now().lock(record_id, until)

    def mend(self, record_id: str, drafts: Sequence[Draft]) -> list[Stored]:
        """Mend as the port promises."""
        with self._moving.writing([record_id]):
            return self._now().mend(record_id, drafts)

    def doubtful(self, record_ids: Sequence[str]) -> list[str]:
        """Return which objects ``verify`` is still to judge."""
        return self._now().doubtful(record_ids)

    def record_ids(self) -> Iterator[str]:
        """Yield the ULID of every object in the vault."""
        return self._now().record_ids()

    def strays(self) -> list[str]:
        """Return what is neither the vault's own nor an object."""
        return self._now().strays()

    def altered(self, *, mends: bool) -> list[str]:
        """Return which files of the storage root are otherwise than written; write them where it mends."""
        return self._now().altered(mends=mends)

    def sweep(self) -> int:
        """Remove what crashed writes left behind."""
        return self._now().sweep()

    def _now(self) -> Store:
        """Return the vault as the settings name it now; looking whether they changed costs one call of the system."""
        try:
            about = self._file.stat()
            seen = (about.st_mtime_ns, about.st_ino)
        except FileNotFoundError:
            seen = (0, 0)
        with self._lock:
            if self._store is None or seen != self._seen:
                chosen = Settings(data=self._data)
                if self._store is None or chosen.vault_place != self._place:
                    self._place, self._store = chosen.vault_place, self._build(chosen)
                self._seen = seen
            return self._store
