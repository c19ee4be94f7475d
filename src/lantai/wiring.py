"""The only place that names concrete adapters: builds the House out of the settings.

Each adapter is imported when it is asked for: ``lantai inspect`` reads a file without waiting for the database, the index or the
signer, and a server that nobody has asked anything yet holds none of them in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lantai.core.errors import Fault, Refusal
from lantai.packages import container
from lantai.ports import House
from lantai.ports.clock import SystemClock, UlidIds
from lantai.ports.reader import Limits, Reader
from lantai.ports.scanner import Scanner
from lantai.ports.settings import Settings
from lantai.ports.stamper import NoStamper, Stamper
from lantai.ports.store import Store, Vaults

if TYPE_CHECKING:
    from lantai.adapters.recognisers import PooledRecogniser
    from lantai.adapters.stores.fixity import FixityReaders


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def house() -> House:
    """Return the House of this process and hand it to the background work."""
    from lantai import work
    from lantai.adapters.converters.libreoffice import LibreOffice
    from lantai.adapters.indexes.tantivy import TantivyIndex
    from lantai.adapters.readers import GuardedReader
    from lantai.adapters.signers.local import LocalSigner

    work.declared_in("lantai.stages.due")
    chosen = settings()
    clock = SystemClock()
    pages = recogniser()
    return House(
        settings=chosen,
        clock=clock,
        ids=UlidIds(clock),
        reader=GuardedReader(limits()),
        scanner=scanner(),
        store=store(chosen),
        index=TantivyIndex(chosen.data / "index"),
        signer=LocalSigner(chosen.data / "keys"),
        converter=LibreOffice(
            chosen.data / "scratch",
            seconds=chosen.converter_seconds,
            memory_bytes=chosen.converter_memory_bytes,
            program=chosen.converter,
        ),
        recogniser=pages,
        imager=pages,
        stamper=stamper(),
        vaults=vaults(chosen),
    )


def store(chosen: Settings) -> Store:
    """Return the vault that the settings name, wherever that is when it is asked. Raises Refusal SETTINGS-INVALID."""
    from lantai.adapters.stores.following import FollowingStore

    _placed_store(chosen)
    return FollowingStore(chosen.data, _placed_store)


def _placed_store(chosen: Settings) -> Store:
    """Return the vault that the settings name now. Raises Refusal SETTINGS-INVALID for a bucket without a name."""
    if chosen.store == "local":
        from lantai.adapters.stores.local import LocalStore

        folder = Path(chosen.store_folder or chosen.data) / "vault"
        return LocalStore(folder, founds=not chosen.store_folder, readers=fixity_readers())
    from lantai.adapters.stores.bucket import Address
    from lantai.adapters.stores.s3 import S3Store

    if not chosen.s3_bucket:
        raise Refusal("SETTINGS-INVALID", str(chosen.data / "lantai.toml"), problem="store 为 s3 时须写明 s3_bucket")
    credentials = chosen.data / chosen.s3_credentials if chosen.s3_credentials else None
    return S3Store(Address(chosen.s3_bucket, chosen.s3_prefix, chosen.s3_endpoint, chosen.s3_region, credentials))


def vaults(chosen: Settings) -> Vaults:
    """Return what opens the vaults of copies."""
    return others(chosen.data / chosen.s3_credentials if chosen.s3_credentials else None)


def others(credentials: Path | None) -> Vaults:
    """Return what opens other vaults and buckets with the keys of a file, or those of the environment."""
    from lantai.adapters.stores.vaults import Others

    return Others(credentials, fixity_readers())


@cache
def fixity_readers() -> "FixityReaders":
    """Return the processes that read objects for audits, one set for all vaults of this process."""
    from lantai.adapters.stores.fixity import FixityReaders

    return FixityReaders()


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
        trusted=chosen.trusted_place,
    )


def _placed(chosen: Settings, certificates: str) -> str:
    """Return where certificates lie, from the root, for the process that reads files has another working folder."""
    return str((chosen.data / certificates).resolve()) if certificates else ""


def container_limits() -> container.ContainerLimits:
    """Return the budget of unpacking one container."""
    chosen = settings()
    return container.ContainerLimits(
        bytes=chosen.unpacked_bytes,
        entries=chosen.unpacked_entries,
        ratio=chosen.unpacked_ratio,
        seconds=chosen.unpacked_seconds,
        trusted=chosen.trusted_place,
    )


def key_ids() -> tuple[str, ...]:
    """Return the identifiers of the keys that sign or have signed for the agency; none where no keys were made here."""
    from lantai.adapters.signers.local import LocalSigner

    try:
        return tuple(key.key_id for key in LocalSigner(settings().data / "keys").public_keys())
    except Fault:
        return ()


def scanner() -> Scanner:
    """Return the virus engine; whether it answers is asked each time."""
    from lantai.adapters.scanners.clamd import ClamdScanner

    return ClamdScanner(settings().clamd)


def recogniser() -> "PooledRecogniser":
    """Return what looks at scanned pages and reads them; its processes start when the first page comes."""
    from lantai.adapters.recognisers import PooledRecogniser

    chosen = settings()
    return PooledRecogniser(workers=chosen.recogniser_workers, seconds=chosen.recogniser_seconds, most_pixels=chosen.file_pixels)


def stamper() -> Stamper:
    """Return the time stamping authority, or what says that none is set."""
    chosen = settings()
    if not chosen.tsa:
        return NoStamper()
    from lantai.adapters.stampers.rfc3161 import Rfc3161Stamper

    trusted = _placed(chosen, chosen.tsa_certificates)
    revocation = _placed(chosen, chosen.tsa_revocation)
    return Rfc3161Stamper(chosen.tsa, chosen.tsa_digests, trusted=trusted, revocation=revocation, seconds=chosen.tsa_seconds)


@contextmanager
def reader() -> Iterator[Reader]:
    """Lend a guarded reader to a command that needs no store."""
    from lantai.adapters.readers import GuardedReader

    lent = GuardedReader(limits())
    try:
        yield lent
    finally:
        lent.close()
