"""Writing a bag of edition 1.0 (RFC 8493): the payload streamed into place, then read back for its manifests."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from lantai.core.record import ComputerFile, Record, Representation
from lantai.packages import record_xml
from lantai.packages.bagit_read import DECLARATION, PAYLOAD, encoded, escapes
from lantai.packages.bagit_values import ALGORITHMS
from lantai.packages.digesting import digests_of

_CHUNK = 1 << 20
_RECORD = "record.xml"


def write(
    folder: Path, payload: Mapping[str, bytes | Path], info: Sequence[tuple[str, str]] = (), *, algorithms: Sequence[str] = ("sha256",)
) -> None:
    """Write the bag *folder*, which must not be there: *payload* by path below ``data``, and *info* in order.

    Payload-Oxum is added. SM3 may stand beside an algorithm of RFC 8493, never alone. Raises FileExistsError, ValueError for a
    path or an algorithm that a bag cannot have, OSError of the disk.
    """
    _require(algorithms)
    folder.mkdir(parents=True)
    (folder / PAYLOAD).mkdir()
    for path, content in payload.items():
        place = _place(folder, path)
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            with content.open("rb") as stream:
                _pour(stream, place)
    seal(folder, info, algorithms=algorithms)


def write_record(
    folder: Path,
    record: Record,
    open: Callable[[ComputerFile], BinaryIO],
    *,
    info: Sequence[tuple[str, str]] = (),
    algorithms: Sequence[str] = ("sha256", "sm3"),
) -> None:
    """Write a record as the bag *folder*: record.xml and its files under their paths; page texts stay behind.

    Raises as :func:`write`.
    """
    _require(algorithms)
    folder.mkdir(parents=True)
    for item in record.files:
        if item.representation is not Representation.TEXT:
            with open(item) as stream:
                _pour(stream, _place(folder, item.path))
    _place(folder, _RECORD).write_bytes(record_xml.write(record))
    described = (("External-Identifier", record.electronic_record_code), ("External-Description", record.text("title")))
    seal(folder, [*info, *(pair for pair in described if pair[1])], algorithms=algorithms)


def seal(folder: Path, info: Sequence[tuple[str, str]] = (), *, algorithms: Sequence[str] = ("sha256",)) -> None:
    """Make a bag of *folder*, whose payload lies below ``data``: every file is read once and its digests written beside."""
    _require(algorithms)
    payload = sorted(str(path.relative_to(folder)) for path in (folder / PAYLOAD).rglob("*") if path.is_file())
    octets = sum((folder / path).stat().st_size for path in payload)
    own = {DECLARATION: b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"}
    own["bag-info.txt"] = info_text([*info, ("Payload-Oxum", f"{octets}.{len(payload)}")])
    own |= _manifests(folder, payload, algorithms, "manifest")
    for path, content in own.items():
        (folder / path).write_bytes(content)
    for path, content in _manifests(folder, list(own), algorithms, "tagmanifest").items():
        (folder / path).write_bytes(content)


def info_text(info: Sequence[tuple[str, str]]) -> bytes:
    """Return bag-info.txt. Line breaks in a value become spaces, what UTF-8 cannot say ``?``: the form has no other way to hold them."""
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in info).encode("utf-8", "replace")


def _require(algorithms: Sequence[str]) -> None:
    if not algorithms or any(name not in ALGORITHMS for name in algorithms) or list(algorithms) == ["sm3"]:
        raise ValueError(f"algorithms: {algorithms}")


def _manifests(folder: Path, paths: Sequence[str], algorithms: Sequence[str], name: str) -> dict[str, bytes]:
    lines: dict[str, list[str]] = {algorithm: [] for algorithm in algorithms}
    for path in paths:
        for algorithm, digest in zip(algorithms, digests_of(f"{folder}/{path}", [ALGORITHMS[item][0] for item in algorithms]), strict=True):
            lines[algorithm].append(f"{digest}  {encoded(path)}\n")
    return {f"{name}-{algorithm}.txt": "".join(rows).encode("utf-8", "surrogateescape") for algorithm, rows in lines.items()}


def _place(folder: Path, path: str) -> Path:
    """Return where a file of the payload goes. Raises ValueError where that is no place within."""
    if escapes(path.lstrip("~")) or any(part in {"", ".", ".."} for part in path.split("/")):
        raise ValueError(f"path: {path}")
    place = folder / PAYLOAD / PurePosixPath(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _pour(stream: BinaryIO, place: Path) -> None:
    with place.open("xb") as target:
        while chunk := stream.read(_CHUNK):
            target.write(chunk)
