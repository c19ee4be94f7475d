"""How much memory a process has held at most, for those that leave once they have grown too big."""

import resource
from pathlib import Path


def peak_bytes(process: int | None = None) -> int:
    """Return the largest resident size of this process, or of *process*, since it began to run its program, in bytes.

    Linux tells it in ``VmHWM`` (proc(5)). ``ru_maxrss``, the answer elsewhere, also holds what the process was before that, which is
    as large as the one that started it. Raises OSError or StopIteration where another process has ended.
    """
    try:
        lines = Path(f"/proc/{process or 'self'}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        if process:
            raise
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
