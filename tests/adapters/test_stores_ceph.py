"""What only a real S3 service proves: the promises of a store that hang on how it answers, and a lock that holds against its owner."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lantai.adapters.stores.s3 import S3Store
from lantai.core.errors import Fault
from lantai.packages import ocfl
from tests.contract import test_store as promises
from tests.packages.drafts import RECORD, draft
from tests.support.buckets import Service

pytestmark = [pytest.mark.slow, pytest.mark.needs("radosgw")]

#: Conditional puts, keys that are not there, listings and deletions: where services differ. The rest is the same code as over moto.
HANGING = (
    promises.test_what_is_written_is_read,
    promises.test_writing_the_same_again_changes_nothing,
    promises.test_nothing_is_overwritten,
    promises.test_a_new_version_leaves_the_old_one_as_it_was,
    promises.test_what_is_absent_is_a_fault,
    promises.test_what_is_gone_is_mended_whole,
    promises.test_mending_never_takes_a_version_away,
    promises.test_two_writers_of_one_object,
)


@pytest.mark.parametrize("promise", HANGING, ids=lambda promise: promise.__name__.removeprefix("test_"))
def test_a_real_service_keeps_the_promise(promise: Callable[..., None], ceph: Service, tmp_path: Path) -> None:
    given = {"store": S3Store(ceph.address()), "tmp_path": tmp_path}
    promise(**{name: given[name] for name in inspect.signature(promise).parameters})


def test_what_is_locked_cannot_be_removed_before_its_day(ceph: Service) -> None:
    address = ceph.address(is_locking=True)
    store, client = S3Store(address), ceph.client()
    store.write([draft({"a": b"1"})])
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    assert store.lock(RECORD, until)
    assert store.lock(RECORD, until - timedelta(days=1)), "a longer lock stands"
    key = f"{store.bucket.prefix}/{ocfl.object_path(RECORD)}/v1/content/a"
    kept = client.get_object_retention(Bucket=address.bucket, Key=key)["Retention"]
    assert (kept["Mode"], kept["RetainUntilDate"]) == ("COMPLIANCE", until)
    versions = [item for item in client.list_object_versions(Bucket=address.bucket)["Versions"] if item["Key"] == key]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=address.bucket, Key=key, VersionId=versions[0]["VersionId"])
    store.write([draft({"a": b"2"}, version=2)])
    assert store.verify(RECORD) == []


def test_a_bucket_that_cannot_lock_says_so(ceph: Service) -> None:
    store = S3Store(ceph.address())
    store.write([draft({"a": b"1"})])
    with pytest.raises(Fault, match="STORE-LOCK"):
        store.lock(RECORD, datetime.now(UTC) + timedelta(days=1))
    assert store.verify(RECORD) == []
