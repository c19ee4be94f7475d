"""A whole House for tests of the line: real vault, index, keys and guarded reader under a fresh data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lantai import wiring, work
from lantai.adapters.imagers import DirectImager
from lantai.adapters.indexes.tantivy import TantivyIndex
from lantai.adapters.readers import GuardedReader
from lantai.adapters.signers import local as signers
from lantai.adapters.stores.local import LocalStore
from lantai.adapters.stores.vaults import Others
from lantai.core.access import Actor
from lantai.ports import House
from lantai.ports.clock import SystemClock, UlidIds
from lantai.ports.recogniser import NoRecogniser, Recogniser
from lantai.ports.scanner import NoScanner, Scanner
from lantai.ports.settings import Settings
from lantai.ports.stamper import NoStamper, Stamper
from lantai.stages import due

TASKS = due.TASKS  # importing them declares them
ARCHIVIST = Actor("01TESTARCHIVIST00000000000", "shen", "沈静宜", "archivist", "")
READER = Actor("01TESTREADER00000000000000", "zhou", "周其昌", "reader", "ZHK")
SECADMIN = Actor("01TESTSECADMIN000000000000", "chen", "陈岚", "secadmin", "")


@contextmanager
def line_house(
    data: Path,
    *,
    kind: str = "trial",
    scanner: Scanner | None = None,
    vault: Path | None = None,
    recogniser: Recogniser | None = None,
    stamper: Stamper | None = None,
    **settings: object,
) -> Iterator[House]:
    """Yield a House on *data*; tasks run in it while the block lasts."""
    keys = data / "keys"
    if not keys.is_dir():
        signers.create(keys)
    clock = SystemClock()
    reader = GuardedReader(wiring.limits())
    chosen = Settings(data=data, kind=kind, agency="云汀市发展和改革委员会", **settings)
    house = House(
        settings=chosen,
        clock=clock,
        ids=UlidIds(clock),
        reader=reader,
        scanner=scanner or NoScanner(),
        store=LocalStore(vault or data / "vault"),
        index=TantivyIndex(data / "index"),
        signer=signers.LocalSigner(keys),
        recogniser=recogniser or NoRecogniser(),
        imager=DirectImager(),
        stamper=stamper or NoStamper(),
        vaults=Others(),
    )
    work.provide(lambda: house)
    try:
        yield house
    finally:
        reader.close()
