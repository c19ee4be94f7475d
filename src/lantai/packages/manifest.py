"""Manifests of a sender: which files there should be, how large, with which digests.

Two forms are read: ``manifest.csv`` (or 文件清单.csv) with the columns 路径, 字节数, SM3 and SHA-256, and the form of BagIt,
``manifest-sm3.txt`` and ``manifest-sha256.txt`` with a digest and a path a line. The first is written.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lantai.core.findings import Finding, finding
from lantai.packages.outside import Unreadable, decode, read_bytes

MANIFEST = "manifest.csv"
COLUMNS = ("路径", "字节数", "SM3", "SHA-256")
_TABLES = frozenset({MANIFEST, "文件清单.csv", "清单.csv"})
_LINES = {"manifest-sm3.txt": "sm3", "manifest-sha256.txt": "sha256"}
_LINE = re.compile(r"([0-9A-Fa-f]{64})[ \t]+\*?(.+)")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared of one file: size in bytes or None, digests in lower-case hex or empty."""

    size_bytes: int | None = None
    sha256: str = ""
    sm3: str = ""


def is_manifest(name: str) -> bool:
    """Tell whether a file of that name is a manifest in a form known here."""
    return name.lower() in _TABLES or name.lower() in _LINES


def nfc(path: str) -> str:
    """Return *path* in the form in which paths are compared: composed, as file systems differ in that."""
    return unicodedata.normalize("NFC", path)


def safe_path(path: str) -> bool:
    """Tell whether a path of the sender's stays inside the package: relative, with plain steps only."""
    return bool(path) and "\\" not in path and "\x00" not in path and all(part not in {"", ".", ".."} for part in path.split("/"))


def read_manifests(folder: Path, names: Iterable[str], found: list[Finding]) -> dict[str, Declared]:
    """Return what all manifests declare, by composed path; what cannot be read is put on *found*."""
    declared: dict[str, Declared] = {}
    for name in names:
        try:
            text = decode(read_bytes(folder / name))
        except Unreadable as error:
            found.append(finding("FILING-METADATA-UNREADABLE", name, reason=str(error)))
            continue
        for path, item in _table(text, name, found) if name.lower() in _TABLES else _lines(text, name, found):
            if not safe_path(path):
                found.append(finding("FILING-PATH-UNSAFE", path))
                continue
            declared[nfc(path)] = _joined(declared.get(nfc(path), Declared()), item)
    return declared


def read_manifest(folder: Path, name: str, found: list[Finding]) -> dict[str, Declared]:
    """Return what the one table *name*, whatever it is called, declares by composed path; what cannot be read is put on *found*."""
    declared: dict[str, Declared] = {}
    try:
        text = decode(read_bytes(folder / name))
    except Unreadable as error:
        found.append(finding("FILING-METADATA-UNREADABLE", name, reason=str(error)))
        return declared
    for path, item in _table(text, name, found):
        if safe_path(path):
            declared[nfc(path)] = item
        else:
            found.append(finding("FILING-PATH-UNSAFE", path))
    return declared


def write_table(rows: Mapping[str, Declared]) -> bytes:
    """Return manifest.csv of *rows* by path: UTF-8 with byte order mark, so that office programs show it as it is."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows((path, item.size_bytes, item.sm3, item.sha256) for path, item in sorted(rows.items()))
    return stream.getvalue().encode("utf-8-sig")


def _joined(before: Declared, item: Declared) -> Declared:
    return replace(
        before,
        size_bytes=before.size_bytes if item.size_bytes is None else item.size_bytes,
        sha256=item.sha256 or before.sha256,
        sm3=item.sm3 or before.sm3,
    )


def _table(text: str, name: str, found: list[Finding]) -> Iterator[tuple[str, Declared]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    headings = [cell.strip() for cell in next(rows, [])]
    if "路径" not in headings:
        found.append(finding("FILING-MANIFEST-INVALID", name, line=1, text="，".join(headings)))
        return
    for row in rows:
        cells = dict(zip(headings, (cell.strip(" \t") for cell in row), strict=False))
        item = _cells(cells)
        if item is None:
            found.append(finding("FILING-MANIFEST-INVALID", name, line=rows.line_num, text="，".join(row)))
        elif row:
            yield cells["路径"], item


def _cells(cells: Mapping[str, str]) -> Declared | None:
    """Return what a row declares, None where a cell cannot be that."""
    size, sm3, sha256 = cells.get("字节数", ""), cells.get("SM3", "").lower(), cells.get("SHA-256", "").lower()
    if (size and not (size.isascii() and size.isdecimal() and len(size) < 20)) or any(
        item and not _DIGEST.fullmatch(item) for item in (sm3, sha256)
    ):
        return None
    return Declared(int(size) if size else None, sha256, sm3)


def _lines(text: str, name: str, found: list[Finding]) -> Iterator[tuple[str, Declared]]:
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            if line.strip():
                found.append(finding("FILING-MANIFEST-INVALID", name, line=number, text=line[:80]))
        elif _LINES[name.lower()] == "sm3":
            yield match.group(2), Declared(sm3=match.group(1).lower())
        else:
            yield match.group(2), Declared(sha256=match.group(1).lower())
