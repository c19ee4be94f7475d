"""The House: all ports and settings in one value, handed to every verb as its first argument."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lantai.ports.clock import Clock, Ids
from lantai.ports.converter import Converter, NoConverter
from lantai.ports.imager import Imager, NoImager
from lantai.ports.index import Index
from lantai.ports.reader import Reader
from lantai.ports.recogniser import NoRecogniser, Recogniser
from lantai.ports.scanner import Scanner
from lantai.ports.signer import Signer
from lantai.ports.stamper import NoStamper, Stamper
from lantai.ports.store import NoVaults, Store, Vaults

if TYPE_CHECKING:  # what reads one file needs no settings, and should not wait for the library that parses them
    from lantai.ports.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """What a verb may use of the world. Built in ``lantai.wiring`` and nowhere else."""

    settings: "Settings"
    clock: Clock
    ids: Ids
    reader: Reader
    scanner: Scanner
    store: Store
    index: Index
    signer: Signer
    converter: Converter = field(default_factory=NoConverter)
    vaults: Vaults = field(default_factory=NoVaults)
    recogniser: Recogniser = field(default_factory=NoRecogniser)
    imager: Imager = field(default_factory=NoImager)
    stamper: Stamper = field(default_factory=NoStamper)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.settings.data

    @property
    def staging(self) -> Path:
        """Where bytes rest between capture and archiving, one folder a batch."""
        return self.settings.data / "staging"
