"""Packages of tests put on disk and opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lantai.formats.content import Content, Source
from lantai.formats.ofd import OfdPackage, open_ofd
from lantai.formats.ofd.reading import read
from lantai.ports.reader import Limits
from tests.support import ofd_writer as w


@contextmanager
def opened(members: w.Parts | bytes) -> Iterator[OfdPackage]:
    """Open a package of *members*, or of the bytes of a package."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "通知.ofd"
        path.write_bytes(members if isinstance(members, bytes) else w.zipped(members))
        with open_ofd(path) as package:
            yield package


def content(members: w.Parts | bytes, **limits: float) -> Content:
    """Read a package as the dispatcher does. Raises Unreadable as it may."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "staged"
        path.write_bytes(members if isinstance(members, bytes) else w.zipped(members))
        return read(Source.of(path, "通知.ofd", Limits(**limits)))  # type: ignore[arg-type]


def codes(found: Content) -> list[str]:
    """Codes of the findings."""
    return [item.code for item in found.findings]
