"""The only place that names concrete adapters: builds the House out of the settings.

Each adapter is imported when it is asked for: ``lantai inspect`` reads a file without waiting for the database, the index or the
signer, and a server that nobody has asked anything yet holds none of them in memory.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from lantai.packages import container
from lantai.ports import House
from lantai.ports.clock import SystemClock, UlidIds
from lantai.ports.reader import Limits, Reader
from lantai.ports.scanner import Scanner
from lantai.ports.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def house() -> House:
    """Return the House of this process and hand it to the background work."""
    from lantai.adapters.converters.libreoffice import LibreOffice
    from lantai.adapters.indexes.tantivy import TantivyIndex
    from lantai.adapters.readers import GuardedReader
    from lantai.adapters.signers.local import LocalSigner
    from lantai.adapters.stores.local import LocalStore

    importlib.import_module("lantai.stages.due")  # declares the tasks; its tables need Django set up
    chosen = settings()
    clock = SystemClock()
    return House(
        settings=chosen,
        clock=clock,
        ids=UlidIds(clock),
        reader=GuardedReader(limits()),
        scanner=scanner(),
        store=LocalStore(chosen.data / "vault"),
        index=TantivyIndex(chosen.data / "index"),
        signer=LocalSigner(chosen.data / "keys"),
        converter=LibreOffice(
            chosen.data / "scratch",
            seconds=chosen.converter_seconds,
            memory_bytes=chosen.converter_memory_bytes,
            program=chosen.converter,
        ),
    )


def provide() -> None:
    """Let background work and web views of this process find the House; it is built when the first asks for it."""
    from lantai import work

    work.provide(house)


def limits() -> Limits:
    """Return the budget of reading one file."""
    chosen = settings()
    return Limits(
        seconds=chosen.file_seconds,
        memory_bytes=chosen.file_memory_bytes,
        pixels=chosen.file_pixels,
        unpacked_bytes=chosen.unpacked_bytes,
        trusted=_trusted(chosen),
    )


def _trusted(chosen: Settings) -> str:
    """Return where the trusted certificates lie, from the root, for the process that reads files has another working folder."""
    return str((chosen.data / chosen.trusted_certificates).resolve()) if chosen.trusted_certificates else ""


def container_limits() -> container.ContainerLimits:
    """Return the budget of unpacking one container."""
    chosen = settings()
    return container.ContainerLimits(
        bytes=chosen.unpacked_bytes, entries=chosen.unpacked_entries, ratio=chosen.unpacked_ratio, seconds=chosen.unpacked_seconds
    )


def scanner() -> Scanner:
    """Return the virus engine; whether it answers is asked each time."""
    from lantai.adapters.scanners.clamd import ClamdScanner

    return ClamdScanner(settings().clamd)


@contextmanager
def reader() -> Iterator[Reader]:
    """Lend a guarded reader to a command that needs no store."""
    from lantai.adapters.readers import GuardedReader

    lent = GuardedReader(limits())
    try:
        yield lent
    finally:
        lent.close()
