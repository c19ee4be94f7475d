"""The parcel 信息包中的一件: a record with its documents and files and where its bytes are, the value that every form is written from.

A form is read into a :class:`~lantai.packages.filing_values.FilingPackage`, which says no more than its sender did; it is written
from a parcel, whose record knows sizes, digests and formats. What both hold is compared with :func:`essence`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from lantai.core.record import ComputerFile, Document, Record, Representation

CHUNK_BYTES = 1 << 20
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u241b\u2028\u2029\ud800-\udfff\ufffe\uffff]|^\\s|\\s$")
_ESCAPED = re.compile("\u241b([0-9A-F]{1,6});")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A record and how its files are opened. Page texts are left out: whoever takes the files in reads them again.

    ``earlier`` are the versions before this one, oldest first, for a form that tells of them.
    """

    record: Record
    open: Callable[[ComputerFile], BinaryIO]
    earlier: "tuple[Parcel, ...]" = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents with the files that travel, in order; a document without any travels too."""
        return tuple(replace(item, files=tuple(travelling(item))) for item in self.record.documents)

    @property
    def files(self) -> tuple[ComputerFile, ...]:
        """The files that travel, in document order."""
        return tuple(item for document in self.documents for item in document.files)

    @property
    def size_bytes(self) -> int:
        """What the files that travel weigh together."""
        return sum(item.size_bytes for item in self.files)

    def chunks(self, item: ComputerFile, size_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yield the bytes of a file, *size_bytes* at a time."""
        with self.open(item) as stream:
            while chunk := _full(stream, size_bytes):
                yield chunk


def travelling(document: Document) -> Iterator[ComputerFile]:
    """Yield the files of a document that travel: all but page texts."""
    return (item for item in document.files if item.representation is not Representation.TEXT)


def from_folder(record: Record, folder: Path) -> Parcel:
    """Return the parcel of a record whose files lie below *folder* by their paths."""
    return Parcel(record, lambda item: (folder / item.path).open("rb"))


def written_out(text: str) -> str:
    """Return *text* as XML 1.0 can say it and any reader will keep it.

    Control characters, half surrogate pairs, white space at the ends and the sign ``␛`` itself become ``␛HEX;``, as in record.xml.
    """
    return _ODD.sub(lambda match: f"\u241b{ord(match[0]):04X};", text) if _ODD.search(text) else text


def read_back(text: str) -> str:
    """Undo :func:`written_out`."""
    return _ESCAPED.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)), text) if "\u241b" in text else text


def _full(stream: BinaryIO, size_bytes: int) -> bytes:
    """Read *size_bytes* unless the stream ends: an unbuffered one may give less at a time."""
    chunk = stream.read(size_bytes)
    while chunk and len(chunk) < size_bytes and (more := stream.read(size_bytes - len(chunk))):
        chunk += more
    return chunk
