"""What a process says it has held at most is its own, not that of the one that started it."""

import subprocess
import sys

from lantai.adapters.peak import peak_bytes

SMALL = 128 << 20


def test_a_small_process_started_by_a_large_one_is_small() -> None:
    ballast = bytearray(b"\x01") * (2 * SMALL)
    asking = "from lantai.adapters.peak import peak_bytes; print(peak_bytes())"
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True, timeout=60).stdout
    assert peak_bytes() > len(ballast)
    assert 1 << 20 < int(told) < SMALL
