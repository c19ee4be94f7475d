"""An object in a bucket as a place that the validator can read."""

from collections.abc import Iterable

from lantai.adapters.stores.bucket import Bucket
from lantai.core.digests import started
from lantai.core.errors import Fault
from lantai.packages.ocfl_place import LIMIT_BYTES, hash_names


class Keys:
    """An object's place in a bucket, for the validator: what stands there is listed once, what is read is read from the service."""

    def __init__(self, bucket: Bucket, base: str) -> None:
        self._bucket, self._base = bucket, base
        self._below: dict[str, dict[str, str]] = {}
        for key, _ in bucket.listing(base):
            *folders, name = key.removeprefix(f"{base}/").split("/")
            for at, folder in enumerate(folders):
                self._below.setdefault("/".join(folders[:at]), {})[folder] = "d"
            self._below.setdefault("/".join(folders), {})[name] = "f"

    @property
    def name(self) -> str:
        """The last part of the prefix."""
        return self._base.rpartition("/")[2]

    def names(self, below: str) -> dict[str, str]:
        """Return what stands directly below a prefix, by name and kind."""
        return dict(sorted(self._below.get(below, {}).items()))

    def small(self, path: str) -> bytes:
        """Return the bytes of a small key."""
        folder, _, name = path.rpartition("/")
        content = (self._bucket.get(f"{self._base}/{path}") or b"") if self.names(folder).get(name) == "f" else b""
        return content if len(content) <= LIMIT_BYTES else b""

    def digests(self, path: str, algorithms: Iterable[str]) -> dict[str, str]:
        """Return the digests of a key from one reading of it; nothing where it is gone meanwhile."""
        running = {name: started(known) for name, known in hash_names(algorithms).items()}
        try:
            for piece in self._bucket.chunks(f"{self._base}/{path}"):
                for item in running.values():
                    item.update(piece)
        except Fault as fault:
            if fault.code != "STORE-ABSENT":
                raise
            return {}
        return {name: item.hexdigest() for name, item in running.items()}
