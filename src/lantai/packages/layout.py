"""Where each file of a version lies: the logical paths of docs/design/package-format.md.

Names are kept as received as far as every file system can hold them; what cannot stand in a path is percent-encoded, and
the name as received stays in record.xml.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from lantai.core.record import ComputerFile, Document, Record, Representation

RECORD_XML = "record.xml"
REPORT = "report.json"
PROOF = "proof.json"
TEXT = "text.json"

# The longest name in bytes; file systems hold 255, the rest is room for a mark that keeps two names apart.
_NAME_BYTES = 230
# Refused by Windows or by the shell of a careless person; the percent sign because it introduces an escape.
_UNSAFE = re.compile('[%/\\\\:*?"<>|]')
# What stands for an empty name: an escape of nothing, which no other name is written as.
_NOTHING = "%"
_PLAIN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)?")
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def safe_name(name: str) -> str:
    """Return *name* as it stands in a path: one part, at most 230 bytes of UTF-8, never empty, ``.`` or ``..``.

    Control, format and unassigned characters, lone surrogates, ``% / \\ : * ? " < > |``, white space at the ends and a
    final full stop become ``%XX`` by byte. A longer name is cut before its extension and marked with 8 digits of the
    SHA-256 of the whole.
    """
    if (
        name.isascii()
        and name[-1:] != "."
        and name.replace("-", "").replace("_", "").replace(".", "", 1).isalnum()
        and not _is_awkward(name)
    ):
        return _cut(name)
    body = "".join(_encoded(char) if _must_encode(char) else char for char in name)
    if _is_awkward(body):
        body = _encoded(body[0]) + body[1:] if body else _NOTHING
    if body[-1:] in (".", " ", "\u3000"):
        body = body[:-1] + _encoded(body[-1])
    return _cut(body)


def safe_names(names: Iterable[str]) -> list[str]:
    """Return the :func:`safe_name` of each, no two alike on a file system that ignores case or composes characters.

    The second of two alike gets ``~2`` before its extension, and so on.
    """
    taken: set[str] = set()
    return [_free(safe_name(name), taken) for name in names]


def document_folder(document: Document) -> str:
    """Return the folder of a document: its number in two digits and its role, as ``01-正本``."""
    return f"{document.sequence:02d}-{document.role.value}"


def lay_out(record: Record) -> Record:
    """Return *record* with the logical path of every computer file; pages' text lies beside the folders as ``text.json``.

    Paths are unique within the record and depend on nothing but its order and names.
    """
    return replace(record, documents=tuple(lay_out_document(document) for document in record.documents))


def text_path(document: Document) -> str:
    """Return the logical path of the page text of a document."""
    return f"{document_folder(document)}/{TEXT}"


def folders(paths: Iterable[str]) -> list[str]:
    """Return every folder that *paths* need, parents before children, without the root."""
    needed: dict[str, None] = {}
    for path in paths:
        at = path.find("/")
        while at >= 0:
            needed[path[:at]] = None
            at = path.find("/", at + 1)
    return sorted(needed)


def lay_out_document(document: Document) -> Document:
    """Return *document* with the logical path of every computer file; paths depend on nothing but its order and names."""
    folder = document_folder(document)
    paths: dict[int, str] = {}
    for kind in Representation:
        places = [at for at, item in enumerate(document.files) if item.representation is kind]
        names = [TEXT if kind is Representation.TEXT else document.files[at].name for at in places]
        below = folder if kind is Representation.TEXT else f"{folder}/{kind.value}"
        paths |= {at: f"{below}/{name}" for at, name in zip(places, safe_names(names), strict=True)}
    return replace(document, files=tuple(_placed(item, paths[at]) for at, item in enumerate(document.files)))


def _placed(item: ComputerFile, path: str) -> ComputerFile:
    return item if item.path == path else replace(item, path=path)


def _must_encode(char: str) -> bool:
    return bool(_UNSAFE.match(char)) or unicodedata.category(char) in _CATEGORIES


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _is_awkward(name: str) -> bool:
    """Tell whether the name as a whole cannot stand: empty, a step in a path, blank at its head, or a device of Windows."""
    return not name or name in {".", ".."} or name[0].isspace() or bool(_RESERVED.match(name))


def _cut(name: str) -> str:
    raw = name.encode("utf-8")
    if len(raw) <= _NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f"~{hashlib.sha256(raw).hexdigest()[:8]}" + (dot + extension if stem and len(extension) <= 8 else "")
    head = raw[: _NAME_BYTES - len(tail.encode("utf-8"))].decode("utf-8", "ignore")
    return head + tail


def _free(name: str, taken: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    number, free = 1, name
    while (key := unicodedata.normalize("NFC", unicodedata.normalize("NFC", free).casefold())) in taken:
        number += 1
        free = f"{stem}~{number}{dot}{extension}"
    taken.add(key)
    return free
