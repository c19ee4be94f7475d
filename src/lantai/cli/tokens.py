"""The token of the command line: one file an operating-system user and data folder, readable by that user alone."""

import hashlib
import os
from pathlib import Path


def token_path(data: Path) -> Path:
    """Return where the token of this operating-system user for that data folder rests."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "lantai" / (hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16] + ".token")


def read_token(data: Path) -> str:
    """Return the stored token, empty where there is none."""
    path = token_path(data)
    return path.read_text().strip() if path.is_file() else ""


def store_token(data: Path, token: str) -> None:
    """Keep a token for this operating-system user alone."""
    path = token_path(data)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(token)
