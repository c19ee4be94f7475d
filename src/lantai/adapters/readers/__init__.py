"""Readers: in this process for tests and trusted benches, guarded by a child process for everything from outside."""

from lantai.adapters.readers.direct import DirectReader
from lantai.adapters.readers.guarded import GuardedReader

__all__ = ["DirectReader", "GuardedReader"]
