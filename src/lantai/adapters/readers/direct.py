"""Reading in this process: for tests and benches over trusted files. It cannot stop what hangs or survive what crashes."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from lantai import formats
from lantai.core.findings import finding
from lantai.ports.reader import Format, Limits, Reading

_log = logging.getLogger(__name__)


class DirectReader:
    """Reads in process under *limits*, as far as a process can hold itself to them."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def read(self, path: Path, name: str) -> Reading:
        """Read one file; a bug in a reader is logged and becomes the finding READ-CRASHED."""
        try:
            return formats.read(path, name, self._limits)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001 - adapter boundary: one file must not end the batch, and a panic in Rust is no Exception
            _log.exception("reader_failed")
            return Reading(Format(), findings=(finding("READ-CRASHED", name),))

    def read_many(self, items: Sequence[tuple[Path, str]]) -> Iterator[Reading]:
        """Read files one after another, results in the order of *items*."""
        for path, name in items:
            yield self.read(path, name)

    def render(self, path: Path, name: str, *, page: int, width: int) -> bytes | None:
        """Draw one page as PNG; a bug in a renderer is logged and gives no picture."""
        try:
            return formats.render(path, name, page=page, width=width, limits=self._limits)
        except Exception:  # noqa: BLE001 - adapter boundary: one page must not end the server
            _log.exception("render_failed")
            return None

    def attachment(self, path: Path, name: str, *, index: int) -> bytes | None:
        """Unpack one file inside the file; a bug in a reader is logged and gives nothing."""
        try:
            return formats.attachment(path, name, index=index, limits=self._limits)
        except Exception:  # noqa: BLE001 - adapter boundary: one file must not end the server
            _log.exception("unpacking_failed")
            return None

    def close(self) -> None:
        """Nothing is held."""
