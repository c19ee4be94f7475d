"""Other vaults by kind and address: a folder on another disk or a mounted medium, or ``s3://bucket/prefix?endpoint=…&region=…&lock_days=…``."""

import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lantai.adapters.stores.bucket import Address, Bucket
from lantai.adapters.stores.disk import faults
from lantai.adapters.stores.fixity import FixityReaders
from lantai.adapters.stores.local import LocalStore
from lantai.adapters.stores.s3 import S3Store
from lantai.core.errors import Refusal
from lantai.packages.ocfl import ROOT_DECLARATION
from lantai.ports.durability import make_durable
from lantai.ports.store import Store

_LABEL = "lantai-copy.json"


class Others:
    """Opens vaults; *credentials* is the file that holds the keys of buckets, None for the environment; *readers* serve audits."""

    def __init__(self, credentials: Path | None = None, readers: FixityReaders | None = None) -> None:
        self._credentials = credentials
        self._readers = readers

    def open(self, kind: str, address: str, *, founds: bool = False) -> Store:
        """Return the vault at an address. Raises Refusal REPLICA-ADDRESS, Fault STORE-AWAY."""
        if kind == "s3":
            self.lock_days(kind, address)
            bucket = S3Store(self._bucket(address), founds=founds)
            bucket.reach()
            return bucket
        folder = _folder(address)
        above = folder if kind == "medium" else folder.parent
        if founds and not above.is_dir():
            raise Refusal("REPLICA-ADDRESS", address, reason=f"没有文件夹 {above}，盘没有挂上或写错了")
        local = LocalStore(folder / "vault", founds=founds, readers=self._readers)
        local.reach()
        return local

    def free_bytes(self, kind: str, address: str) -> int | None:
        """Return how many bytes are free on the disk of a vault; a bucket does not say."""
        try:
            return None if kind == "s3" else shutil.disk_usage(address).free
        except OSError:
            return None

    def root(self, kind: str, address: str) -> str:
        """Return the folder of a vault with every link followed, or its service, bucket and prefix."""
        if kind != "s3":
            return str((_folder(address) / "vault").resolve())
        there = self._bucket(address)
        return "/".join(["s3:", there.endpoint.rstrip("/").lower(), there.bucket, *filter(None, there.prefix.split("/")), "vault"])

    def disk(self, kind: str, address: str) -> int | None:
        """Return the device of the file system of a vault that stands in a folder."""
        try:
            return None if kind == "s3" else (Path(address) / "vault" / ROOT_DECLARATION).stat().st_dev
        except OSError:
            return None

    def is_there(self, kind: str, address: str) -> bool:
        """Tell whether the declaration of a vault is in its folder."""
        return kind == "s3" or self.disk(kind, address) is not None

    def refound(self, kind: str, address: str) -> None:
        """Found an empty vault where one was lost; the folder must be there already: where nothing is mounted nothing is written."""
        if kind == "s3":
            S3Store(self._bucket(address), founds=True).reach()
            return
        if not (folder := _folder(address)).is_dir():
            raise Refusal("REPLICA-ADDRESS", address, reason=f"没有文件夹 {folder}，盘没有挂上或写错了")
        LocalStore(folder / "vault").refound()

    def label(self, kind: str, address: str) -> str:
        """Return whose vault stands in a folder; empty of a bucket, and where nothing is written that can be read."""
        try:
            return "" if kind == "s3" else str(json.loads((_folder(address) / _LABEL).read_bytes())["replica"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def put_label(self, kind: str, address: str, owner: str) -> None:
        """Write beside the vault in a folder whose it is."""
        if kind == "s3":
            return
        place = _folder(address) / _LABEL
        with faults(place):
            aside = place.with_name(f".{_LABEL}.new")
            aside.write_text(json.dumps({"format": "lantai-copy", "edition": 1, "replica": owner}) + "\n", "utf-8")
            aside.replace(place)
            make_durable(place.parent)

    def remove(self, kind: str, address: str) -> None:
        """Remove a whole vault: its folder and what was being written beside it, or every key below its prefix."""
        if kind == "s3":
            S3Store(self._bucket(address)).remove()
        else:
            LocalStore(Path(address) / "vault").remove()

    def keys(self, address: str) -> Bucket:
        """Return the keys below a bucket's address."""
        return Bucket(self._bucket(address), "")

    def lock_days(self, kind: str, address: str) -> int:
        """Return what ``lock_days`` of a bucket's address says. Raises Refusal REPLICA-ADDRESS where that is no number of days."""
        said = parse_qs(urlsplit(address).query).get("lock_days", ["0"])[0] if kind == "s3" else "0"
        if not said.isdecimal() or len(said) > 5:
            raise Refusal("REPLICA-ADDRESS", address, reason="lock_days 须是天数")
        return int(said)

    def _bucket(self, address: str) -> Address:
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc:
            raise Refusal("REPLICA-ADDRESS", address, reason="须写作 s3://存储桶/前缀?endpoint=地址")
        given = parse_qs(parts.query)
        endpoint, region = (given.get(name, [default])[0] for name, default in (("endpoint", ""), ("region", "us-east-1")))
        return Address(parts.netloc, parts.path.strip("/"), endpoint, region, self._credentials)


def _folder(address: str) -> Path:
    """Return the folder of an address. Raises Refusal REPLICA-ADDRESS where it depends on where one stands."""
    folder = Path(address)
    if not folder.is_absolute():
        raise Refusal("REPLICA-ADDRESS", address, reason="须写绝对路径")
    return folder
