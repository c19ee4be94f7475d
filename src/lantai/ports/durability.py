"""Making bytes durable: one flush of a file system for a whole batch instead of one a file."""

import ctypes
import os
from pathlib import Path

from lantai.core.errors import Fault

_LIBC = ctypes.CDLL(None, use_errno=True)


def make_durable(folder: Path) -> None:
    """Flush everything written so far to the file system that holds *folder*; return when it is on the medium.

    Uses ``syncfs`` where the C library has it, else ``sync``. Raises Fault DISK-FLUSH-FAILED where the medium reports an error.
    """
    flush = getattr(_LIBC, "syncfs", None)
    if flush is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if flush(descriptor) != 0:
            raise Fault("DISK-FLUSH-FAILED", str(folder), reason=os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)
