"""A bucket of an S3 service through obstore: keys in and out, conditional writes, and errors in words."""

import configparser
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store as Client

from lantai.core.errors import Fault
from lantai.ports.store import Source

#: How many requests are under way at once.
AT_ONCE = 8
_IN_MEMORY = 8 * 1024**2
_TAKEN = (AlreadyExistsError, PreconditionError)
_DENIED = (PermissionDeniedError, UnauthenticatedError)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bucket is: endpoint (empty for Amazon's own), name, prefix of every key, region, and the file of credentials.

    Without a file the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold. In the file the section named like the bucket counts,
    else ``default``.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    credentials: Path | None = None

    def keys(self) -> tuple[str, str]:
        """Return key id and secret. Raises Fault STORE-CREDENTIALS where they are nowhere."""
        if self.credentials is None:
            found = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        else:
            known = configparser.ConfigParser(interpolation=None)
            try:
                known.read_string(self.credentials.read_text("utf-8"))
            except (OSError, UnicodeDecodeError, configparser.Error) as error:
                raise Fault("STORE-CREDENTIALS", self.bucket, reason=str(self.credentials)) from error
            section = self.bucket if known.has_section(self.bucket) else "default"
            found = tuple(known.get(section, name, fallback="") for name in ("aws_access_key_id", "aws_secret_access_key"))  # type: ignore[assignment]
        if not all(found):
            raise Fault("STORE-CREDENTIALS", self.bucket, reason=str(self.credentials or "AWS_ACCESS_KEY_ID"))
        return found


@dataclass(frozen=True, slots=True)
class Written:
    """What a key holds: its bytes, and the tag and instant of their writing."""

    content: bytes
    tag: str
    written: datetime


class Bucket:
    """Keys below one prefix of a bucket. Every method raises the Fault that tells a person what to do."""

    def __init__(self, address: Address, prefix: str) -> None:
        self.address = address
        self.prefix = "/".join(part for part in (address.prefix.strip("/"), prefix) if part)
        self._client: Client | None = None

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, None where there is none."""
        with self._faults(key):
            try:
                return bytes(obstore.get(self._ready(), key).bytes())
            except FileNotFoundError as error:
                self._nothing(error)
                return None

    def tagged(self, key: str) -> Written | None:
        """Return the bytes of a key with the tag and the instant of this writing of it, None where there is none."""
        with self._faults(key):
            try:
                found = obstore.get(self._ready(), key)
            except FileNotFoundError as error:
                self._nothing(error)
                return None
            return Written(bytes(found.bytes()), found.meta["e_tag"] or "", found.meta["last_modified"])

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of a key a piece at a time. Raises Fault STORE-ABSENT."""
        with self._faults(key):
            try:
                found = obstore.get(self._ready(), key)
            except FileNotFoundError as error:
                self._nothing(error)
                raise Fault("STORE-ABSENT", self.named(key)) from error
            for piece in found.stream(min_chunk_size=1 << 20):
                yield bytes(piece)

    def open(self, key: str) -> BinaryIO:
        """Return the bytes of a key as a stream that can be searched; a large one lies in a nameless file meanwhile."""
        spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        for piece in self.chunks(key):
            spool.write(piece)
        spool.seek(0)
        return cast("BinaryIO", spool)

    def put(self, key: str, source: Source) -> None:
        """Write a key, whatever stood there."""
        with self._faults(key):
            if isinstance(source, bytes | Path):
                obstore.put(self._ready(), key, source)
                return
            with source() as stream:
                obstore.put(self._ready(), key, stream)

    def create(self, key: str, content: bytes) -> bool:
        """Write a key that must not be there; False where it is.

        In a bucket that keeps versions Ceph 16 does not judge the condition, so it is looked for first.
        """
        return self.tagged(key) is None and self._conditionally(key, content, "create")

    def replace(self, key: str, content: bytes, tag: str) -> bool:
        """Write a key that must still be the writing *tag*; False where it is another.

        Ceph 16 compares the tag as it stands in the header, quotation marks and all, with its own, which has none; and in a bucket that
        keeps versions it refuses any. There the lease on the object is what keeps others out.
        """
        if any(self._conditionally(key, content, {"e_tag": written}) for written in (tag, tag.strip('"'))):
            return True
        found = self.tagged(key)
        if found is None or found.tag != tag:
            return False
        self.put(key, content)
        return True

    def listing(self, below: str = "") -> Iterator[tuple[str, Any]]:
        """Yield every key below a prefix with the instant it was written."""
        with self._faults(below):
            for page in obstore.list(self._ready(), prefix=below or None):
                yield from ((item["path"], item["last_modified"]) for item in page)

    def folders(self, below: str = "") -> Sequence[str]:
        """Return the prefixes directly below a prefix."""
        return self.level(below)[0]

    def level(self, below: str = "") -> tuple[list[str], list[str]]:
        """Return the prefixes and the keys directly below a prefix."""
        with self._faults(below):
            found = obstore.list_with_delimiter(self._ready(), prefix=below or None)
            return sorted(found["common_prefixes"]), sorted(item["path"] for item in found["objects"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove keys; those that are not there are passed over."""
        with self._faults(self.prefix):
            if doomed := list(keys):
                obstore.delete(self._ready(), doomed)

    def named(self, key: str) -> str:
        """Return a key as a person would write it."""
        return "s3://" + "/".join(part for part in (self.address.bucket, self.prefix, key) if part)

    def each[T](self, act: Callable[[T], Any], items: Iterable[T]) -> list[Any]:
        """Do *act* to every item, several at once; return what came of each in order. The first error ends it."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(act, items))

    def _conditionally(self, key: str, content: bytes, mode: Any) -> bool:  # noqa: ANN401 - obstore's own
        with self._faults(key):
            try:
                obstore.put(self._ready(), key, content, mode=mode, use_multipart=False)
            except _TAKEN:
                return False
            return True

    def _ready(self) -> Client:
        if self._client is None:
            key_id, secret = self.address.keys()
            given: dict[str, Any] = {"access_key_id": key_id, "secret_access_key": secret, "region": self.address.region}
            if self.address.endpoint:
                given |= {"endpoint": self.address.endpoint, "virtual_hosted_style_request": False}
            options: Any = {"allow_http": self.address.endpoint.startswith("http://"), "timeout": "60s", "connect_timeout": "5s"}
            retry: Any = {"max_retries": 3}
            prefix = self.prefix or None
            self._client = Client(self.address.bucket, prefix=prefix, config=cast("Any", given), client_options=options, retry_config=retry)
        return self._client

    def _nothing(self, error: FileNotFoundError | BaseError) -> None:
        """Let a key be absent, but not the bucket: obstore tells both alike. Raises Fault STORE-AWAY."""
        if "NoSuchBucket" in str(error):
            raise Fault("STORE-AWAY", self.named("")) from error

    @contextmanager
    def _faults(self, key: str) -> Iterator[None]:
        try:
            yield
        except _DENIED as error:
            raise Fault("STORE-DENIED", self.named(key)) from error
        except BaseError as error:
            self._nothing(error)
            reason = "服务没有应答" if "error sending request" in str(error) else str(error).splitlines()[0][:200]
            raise Fault("STORE-FAILED", self.named(key), reason=reason) from error
        except OSError as error:
            raise Fault("STORE-FAILED", error.filename or self.named(key), reason=error.strerror or str(error)) from error
