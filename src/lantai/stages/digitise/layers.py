"""The copies of an item that are kept beside its scans: one dual-layer PDF/A and one dual-layer OFD, from the same boxes."""

from collections.abc import Iterator, Sequence

from lantai.ports import House
from lantai.shelves.digitising.models import Item, Page


def made(house: House, row: Item, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """Yield (suffix, bytes) of every copy."""
    yield from ()
