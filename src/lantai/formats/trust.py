"""The certificates that people here trust: read once a process from the file or folder that the settings name."""

from functools import cache
from pathlib import Path

from lantai.ports.reader import Limits

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
_LARGEST_BYTES = 1024**2
_MOST = 500


def anchors(limits: Limits) -> tuple[bytes, ...]:
    """Return the trusted certificates, each file's bytes (DER or PEM); none where nothing is named or it cannot be read."""
    return certificates(limits.trusted)


def certificates(place: str) -> tuple[bytes, ...]:
    """Return the certificates in the file or folder *place*; none where it is empty or cannot be read."""
    return _read(place) if place else ()


@cache
def _read(place: str) -> tuple[bytes, ...]:
    path = Path(place)
    try:
        files = sorted(item for item in path.iterdir() if item.suffix.lower() in _SUFFIXES) if path.is_dir() else [path]
        return tuple(item.read_bytes() for item in files[:_MOST] if item.stat().st_size <= _LARGEST_BYTES)
    except OSError:
        return ()
