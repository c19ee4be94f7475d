"""Memory of a process that reads pages: what one page gave back is there for the next, instead of going back to the system between layers.

By default the C library returns every large block at once, and the system clears it again page by page when the next layer of a model
asks for it: a fifth of the processor time of reading. An arena of the engine would keep the largest page for ever.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 256 * 1024**2
_LARGEST_BYTES = 1024**3


def keep_freed() -> None:
    """Let this process keep up to 256 MB of what it has freed. Does nothing where the C library is not glibc."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None and hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
