"""What only a real S3 service proves: a lock in compliance mode holds against the owner of the bucket."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from lantai.adapters.stores.s3 import S3Store
from lantai.core.errors import Fault
from lantai.packages import ocfl
from tests.packages.drafts import RECORD, draft
from tests.support.buckets import Service

pytestmark = [pytest.mark.slow, pytest.mark.needs("radosgw")]


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
