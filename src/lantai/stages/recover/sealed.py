"""What is secret in the data folder, sealed under the recovery key: settings and signing keys.

The quarantine's key stays here, and what was signed last: who restores an earlier day goes back behind it, and may.
"""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

from lantai.core.errors import Refusal
from lantai.packages import last_signed, recovery_key
from lantai.packages.ground import SETTINGS
from lantai.packages.recovery_key import RecoveryKey

KIND = "secrets"
LEFT = frozenset({"quarantine.key", last_signed.NAME})


def seal(data: Path, key: RecoveryKey) -> bytes:
    """Return settings and keys, sealed."""
    files = {str(path.relative_to(data)): base64.b64encode(path.read_bytes()).decode() for path in _files(data)}
    return key.seal(json.dumps(files).encode())


def _files(data: Path) -> Iterator[Path]:
    if (data / SETTINGS).is_file():
        yield data / SETTINGS
    keys = data / "keys"
    yield from sorted(path for path in keys.rglob("*") if path.is_file() and path.name not in LEFT and not path.name.startswith("."))


def unseal(sealed: bytes, key: RecoveryKey, passphrase: str, data: Path) -> None:
    """Put settings and keys back into *data*, for their owner only.

    Raises Refusal RECOVERY-PASSPHRASE, RECOVERY-SEALED-DAMAGED.
    """
    try:
        files = {name: base64.b64decode(told) for name, told in json.loads(key.open(sealed, passphrase)).items()}
    except ValueError as error:
        raise Refusal("RECOVERY-SEALED-DAMAGED") from error
    for name, content in files.items():
        place = (data / name).resolve()
        if not place.is_relative_to(data.resolve()):
            raise Refusal("RECOVERY-SEALED-DAMAGED")
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    (data / "keys").mkdir(exist_ok=True, mode=0o700)
    if recovery_key.held(data / "keys") is None:
        recovery_key.put(data / "keys", key)
