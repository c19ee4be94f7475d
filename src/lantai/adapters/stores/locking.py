"""Object lock of S3 in compliance mode, the one act that obstore lacks: done with boto3, which is loaded when it is asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lantai.adapters.stores.bucket import Address
from lantai.core.errors import Fault

# What services say of a key that no lock holds; Ceph says the third.
_NOT_LOCKED = frozenset({"NoSuchObjectLockConfiguration", "NoSuchObjectLockConfigurationError", "ObjectLockConfigurationNotFoundError"})


def lock(address: Address, keys: Sequence[str], until: datetime) -> None:
    """Lock whole keys of a bucket until an instant. Raises Fault STORE-LOCK where the bucket was not made for that, or refuses."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    key_id, secret = address.keys()
    needed: Any = "when_required"
    client: Any = boto3.client(
        "s3",
        endpoint_url=address.endpoint or None,
        region_name=address.region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(request_checksum_calculation=needed, response_checksum_validation=needed),
    )
    retention = {"Mode": "COMPLIANCE", "RetainUntilDate": until}
    for key in keys:
        try:
            if not _is_locked(client, address.bucket, key, until):
                client.put_object_retention(Bucket=address.bucket, Key=key, Retention=retention)
        except (ClientError, BotoCoreError) as error:
            raise Fault("STORE-LOCK", address.bucket, reason=str(error)[:200]) from error


def _is_locked(client: Any, bucket: str, key: str, until: datetime) -> bool:  # noqa: ANN401 - boto3 makes its classes at run time
    """Tell whether a key is locked for at least as long already: a lock cannot be shortened, nor need it be set twice."""
    from botocore.exceptions import ClientError

    try:
        known = client.get_object_retention(Bucket=bucket, Key=key)["Retention"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_LOCKED:
            return False
        raise
    return bool(known["RetainUntilDate"] >= until)
