"""S3 services for tests: moto in this process, for speed, and Ceph's radosgw from the Debian packages, for truth.

Ceph runs in memory, without authentication between its parts: one monitor, one OSD on a memstore, one gateway. It is ready in some
fifteen seconds. ``python -m tests.support.buckets`` starts it by hand and says how to reach it.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from lantai.adapters.stores.bucket import Address

KEY_ID, SECRET = "LANTAITESTKEY", "only-for-tests"
PATIENCE_SECONDS = 90
PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")


@dataclass(frozen=True)
class Service:
    """A running S3 service: where it is, the file of credentials, and buckets made as they are asked for."""

    endpoint: str
    credentials: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def address(self, *, is_locking: bool = False) -> Address:
        """Make a bucket, able to lock its objects where asked, and return where it is."""
        bucket = f"lantai-{next(self._numbers)}"
        self.client().create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=is_locking)
        return Address(bucket, "档案", self.endpoint, credentials=self.credentials)

    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        """Return a client of boto3."""
        needed: Any = "when_required"
        config = Config(request_checksum_calculation=needed, response_checksum_validation=needed)
        keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", config=config, **keys)


def is_ceph_present() -> bool:
    """Tell whether the programs of Ceph are here."""
    return all(shutil.which(name) for name in PROGRAMS)


@contextmanager
def moto(folder: Path) -> Iterator[Service]:
    """Run moto in this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        yield Service(f"http://127.0.0.1:{server.get_host_and_port()[1]}", _credentials(folder))
    finally:
        server.stop()


@contextmanager
def ceph(folder: Path) -> Iterator[Service]:
    """Run a Ceph of one of each part in *folder*."""
    port, monitor = free_port(), free_port()
    config = folder / "ceph.conf"
    cluster = str(uuid.uuid4())
    config.write_text(_CONFIG.format(folder=folder, cluster=cluster, monitor=monitor, port=port), "utf-8")
    for name in ("mon", "osd"):
        (folder / name).mkdir()
    with ExitStack() as running:
        _do("monmaptool", "--create", "--addv", "a", f"[v1:127.0.0.1:{monitor}]", "--fsid", cluster, folder / "monmap")
        _do("ceph-mon", "-c", config, "--mkfs", "-i", "a", "--monmap", folder / "monmap", "--keyring", "/dev/null")
        running.enter_context(_daemon(folder, "ceph-mon", "-i", "a"))
        osd = str(uuid.uuid4())
        _do("ceph", "-c", config, "--connect-timeout", PATIENCE_SECONDS, "osd", "new", osd)
        _do("ceph-osd", "-c", config, "-i", "0", "--mkfs", "--osd-uuid", osd)
        _raise_osd(running, folder)
        running.enter_context(_daemon(folder, "radosgw", "-n", "client.rgw"))
        _wait_for(f"http://127.0.0.1:{port}/")
        user = ("--uid=lantai", "--display-name=lantai", f"--access-key={KEY_ID}", f"--secret-key={SECRET}")
        _do("radosgw-admin", "-c", config, "user", "create", *user)
        yield Service(f"http://127.0.0.1:{port}", _credentials(folder))


_CONFIG = """[global]
fsid = {cluster}
mon host = [v1:127.0.0.1:{monitor}]
auth cluster required = none
auth service required = none
auth client required = none
keyring = /dev/null
run dir = {folder}
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
ms bind ipv6 = false
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 32
"""


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _credentials(folder: Path) -> Path:
    path = folder / "credentials"
    path.write_text(f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n", "utf-8")
    return path


def _do(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=PATIENCE_SECONDS)


def _raise_osd(running: ExitStack, folder: Path) -> None:
    """Start the OSD; again where it gave up because it spoke to the monitor before it had heard from it (``wrong fsid``)."""
    until = time.monotonic() + PATIENCE_SECONDS
    process = running.enter_context(_daemon(folder, "ceph-osd", "-i", "0"))
    while time.monotonic() < until:
        told = subprocess.run(
            ["ceph", "-c", str(folder / "ceph.conf"), "--connect-timeout", "5", "osd", "stat", "--format", "json"],
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        if told.returncode == 0 and json.loads(told.stdout)["num_up_osds"]:
            return
        if process.poll() is not None:
            process = running.enter_context(_daemon(folder, "ceph-osd", "-i", "0"))
    raise TimeoutError("the OSD does not come up")


@contextmanager
def _daemon(folder: Path, program: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / f"{program}.out").open("wb") as out:
        process = subprocess.Popen([program, "-c", str(folder / "ceph.conf"), *arguments, "-f"], stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > until:
                raise TimeoutError(f"no answer from {url}") from error
            time.sleep(0.2)
        else:
            return


def main() -> None:
    """Run Ceph until Enter is pressed."""
    with tempfile.TemporaryDirectory() as folder, ceph(Path(folder)) as service:
        sys.stdout.write(f"{service.endpoint}  {service.credentials}\nEnter ends it.\n")
        sys.stdin.readline()


if __name__ == "__main__":
    main()
