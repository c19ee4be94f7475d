"""Reading a bag's tag files, forgiving as its edition is: BagIt 0.90 to 0.97 and 1.0 (RFC 8493).

No payload is opened here. What a tag file breaks is a finding ``BAGIT-…`` (table standards/bagit); what it says is kept as far as
it can be understood. Paths that climb out of the bag, are absolute or are meant for a shell are refused and never become a path.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lantai.core.findings import Finding
from lantai.packages.bagit_values import ALGORITHMS, Bag, FetchLine
from lantai.packages.outside import Unreadable, read_bytes
from lantai.packages.remarks import remark

DECLARATION = "bagit.txt"
FETCH = "fetch.txt"
PAYLOAD = "data"
_MANIFEST = re.compile(r"(tag)?manifest-(.+)\.txt", re.IGNORECASE)
_VERSION = re.compile(r"BagIt-Version( *):([ \t]*)(.*)")
_ENCODING = re.compile(r"Tag-File-Character-Encoding( *):([ \t]*)(.*)")
_NUMBER = re.compile(r"(\d{1,3})\.(\d{1,3})", re.ASCII)
_KNOWN = frozenset({(0, minor) for minor in range(90, 98)} | {(1, 0)})
_LINES = re.compile("\r\n|\r|\n")
_ENTRY = re.compile(r"([0-9A-Za-z]+)([ \t]+)(\*?)(.+)")
_ENCODED = re.compile("%(0[AaDd]|25)")
_DRIVE = re.compile(r"[A-Za-z]:")
_LIMIT_BYTES = 512 * 1024**2

Report = Callable[..., None]


def info_name(version: tuple[int, int]) -> str:
    """Return the name of the file with the bag's info in an edition."""
    return "package-info.txt" if (0, 0) < version < (0, 96) else "bag-info.txt"


def is_bag(folder: Path) -> bool:
    """Tell whether *folder* is a bag or means to be one: it declares so, or has a payload and a payload manifest."""
    if (folder / DECLARATION).is_file():
        return True
    return (folder / PAYLOAD).is_dir() and any(folder.glob("manifest-*.txt")) and not any(folder.glob("*.xml"))


def read(folder: Path, names: Mapping[str, str], found: list[Finding]) -> Bag:
    """Read the tag files of the bag in *folder*, whose files and folders *names* tells; findings go on *found*."""

    def report(code: str, where: str, reason: str = "") -> None:
        found.append(remark(f"BAGIT-{code}", where, reason))

    version, encoding = _declaration(folder, names, report)
    info: tuple[tuple[str, str], ...] = ()
    for name in dict.fromkeys((info_name(version), "bag-info.txt")):
        if names.get(name) == "f":
            text = _text(folder, name, encoding, report)
            info = tuple(_info(text, name, version, report)) if text is not None else ()
            break
    manifests: dict[bool, dict[str, dict[str, str]]] = {False: {}, True: {}}
    for name, kind in names.items():
        match = _MANIFEST.fullmatch(name)
        if match is None or kind != "f":
            continue
        algorithm = re.sub(r"[^a-z0-9]", "", match[2].lower())
        if algorithm not in ALGORITHMS:
            report("ALGORITHM-UNKNOWN", name, match[2])
            continue
        text = _text(folder, name, encoding, report)
        entries = manifests[bool(match[1])].setdefault(algorithm, {})
        if text is not None:
            _manifest(text, name, entries, version, report, is_tag=bool(match[1]))
    fetch = _text(folder, FETCH, encoding, report) if names.get(FETCH) == "f" else None
    lines = tuple(_fetch(fetch, folder, version, report)) if fetch is not None else ()
    return Bag(version, encoding, info, manifests[False], manifests[True], lines)


def _declaration(folder: Path, names: Mapping[str, str], report: Report) -> tuple[tuple[int, int], str]:
    if names.get(DECLARATION) != "f":
        report("DECLARATION-MISSING", folder.name)
        return (1, 0), "utf-8"
    try:
        content = read_bytes(folder / DECLARATION)
        if content.startswith(codecs.BOM_UTF8):
            report("DECLARATION-BOM", DECLARATION)
        text = content.decode("utf-8-sig")
    except (Unreadable, UnicodeDecodeError) as error:
        report("DECLARATION-INVALID", DECLARATION, str(error))
        return (1, 0), "utf-8"
    lines = [line for line in _LINES.split(text) if line]
    version, encoding = (1, 0), "utf-8"
    first, second = _VERSION.fullmatch(lines[0]) if lines else None, _ENCODING.fullmatch(lines[1]) if len(lines) > 1 else None
    if first is None or second is None:
        report("DECLARATION-INVALID", DECLARATION, "应为版本、编码两行")
    if first is not None:
        version = _version(first[3].rstrip(" \t"), report)
    if second is not None:
        encoding = _encoding(second[3].strip(" \t"), report)
    if any(match is not None and (match[1] or match[2] != " ") for match in (first, second)):
        report("DECLARATION-SPACING" if version >= (1, 0) else "DECLARATION-SPACING-OLD", DECLARATION)
    if len(lines) > 2:
        report("DECLARATION-LINES", DECLARATION, lines[2])
    return version, encoding


def _version(text: str, report: Report) -> tuple[int, int]:
    match = _NUMBER.fullmatch(text)
    if match is None or (int(match[1]), int(match[2])) not in _KNOWN:
        report("VERSION-UNKNOWN", DECLARATION, text)
        return (1, 0)
    return int(match[1]), int(match[2])


def _encoding(name: str, report: Report) -> str:
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding:  # the only way to tell rot13 and hex from encodings of text
            raise LookupError
    except (LookupError, ValueError):
        report("ENCODING-UNKNOWN", DECLARATION, name)
        return "utf-8"
    return codec.name


def _text(folder: Path, name: str, encoding: str, report: Report) -> str | None:
    try:
        path = folder / name
        if path.stat().st_size > _LIMIT_BYTES:
            raise Unreadable(f"超过 {_LIMIT_BYTES} 字节")
        content = path.read_bytes()
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding).removeprefix("\ufeff")
    except (UnicodeError, Unreadable, OSError) as error:
        report("TAG-FILE-UNREADABLE", name, str(error))
        return None


def _info(text: str, name: str, version: tuple[int, int], report: Report) -> Iterator[tuple[str, str]]:
    """Yield label and value in order; a line that begins with white space goes on with the one before."""
    label, value = "", ""
    for number, line in enumerate(_LINES.split(text), 1):
        if line[:1] in (" ", "\t") and label:
            value = f"{value} {line.strip()}"
            continue
        if label:
            yield label, value
            label = ""
        if not line.strip():
            continue
        before, colon, after = line.partition(":")
        if not colon or not before.strip():
            report("INFO-LINE-INVALID", name, f"第 {number} 行 {line[:80]}")
            continue
        if before != before.rstrip() and version >= (1, 0):
            report("INFO-SPACING", name, f"第 {number} 行")
        label, value = before.strip(), after.strip()
    if label:
        yield label, value


def _manifest(text: str, name: str, entries: dict[str, str], version: tuple[int, int], report: Report, *, is_tag: bool) -> None:
    algorithm = _MANIFEST.fullmatch(name)
    length = ALGORITHMS[re.sub(r"[^a-z0-9]", "", algorithm[2].lower())][1] if algorithm else 0
    for number, line in enumerate(_LINES.split(text), 1):
        if not line.strip():
            continue
        match = _ENTRY.fullmatch(line)
        if match is None:
            report("MANIFEST-LINE-INVALID", name, f"第 {number} 行 {line[:80]}")
            continue
        digest, path = match[1].lower(), match[4]
        if len(digest) != length or re.fullmatch("[0-9a-f]+", digest) is None:
            report("DIGEST-INVALID", name, f"第 {number} 行 {digest[:20]}")
            continue
        if match[3]:
            report("MANIFEST-ASTERISK", name, f"第 {number} 行")
        _enter(_plain(path, name, report), digest, entries, name=name, version=version, report=report, is_tag=is_tag)


def _enter(  # noqa: PLR0913 - see _manifest
    path: str, digest: str, entries: dict[str, str], *, name: str, version: tuple[int, int], report: Report, is_tag: bool
) -> None:
    """Enter a line under its path, unless the path may not be there; a path that comes twice is told."""
    if objection := escapes(path):
        report("PATH-ESCAPES", path, f"{name}：{objection}")
        return
    is_payload = path.startswith(f"{PAYLOAD}/")
    if is_payload == is_tag:
        report("MANIFEST-OUTSIDE-PAYLOAD" if not is_tag else "TAG-MANIFEST-PAYLOAD", path, name)
        return
    if path in entries:
        is_same = entries[path] == digest
        report("ENTRY-TWICE-DIFFERENT" if not is_same else "ENTRY-TWICE" if version >= (1, 0) else "ENTRY-TWICE-OLD", path, name)
        if is_same:
            return
    entries[path] = digest


def _plain(path: str, name: str, report: Report) -> str:
    """Return a path without the ``./`` some tools put before it."""
    if not path.startswith("./"):
        return path
    report("PATH-DOT", path, name)
    return re.sub(r"^(\./+)+", "", path)


def decoded(path: str) -> str:
    """Return a path with the percent-encoded CR, LF and % of RFC 8493 §2.1.3 as themselves."""
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), path)


def encoded(path: str) -> str:
    """Return a path as a manifest of edition 1.0 writes it."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escapes(path: str) -> str:
    """Return why a path must not be followed, nothing where it stays in the bag on every system."""
    if path.startswith(("/", "\\")):
        return "绝对路径"
    if _DRIVE.match(path):
        return "盘符"
    if path.startswith("~"):
        return "用户目录"
    if ".." in path.replace("\\", "/").split("/"):
        return "指向上级目录"
    return "含有空字符" if "\x00" in path else ""


def _fetch(text: str, folder: Path, version: tuple[int, int], report: Report) -> Iterator[FetchLine]:
    for number, line in enumerate(_LINES.split(text), 1):
        if not line.strip():
            continue
        parts = line.split(None, 2)
        if len(parts) < 3 or not (parts[1] == "-" or (parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 20)):
            report("FETCH-LINE-INVALID", FETCH, f"第 {number} 行 {line[:80]}")
            continue
        path = _plain(parts[2], FETCH, report)
        if objection := escapes(path) or ("" if path.startswith(f"{PAYLOAD}/") else "不在 data 之下"):
            report("FETCH-PATH-ESCAPES", path, objection)
            continue
        if ":" not in parts[0]:
            report("FETCH-LINE-INVALID", FETCH, f"第 {number} 行 {parts[0][:80]}")
        yield FetchLine(parts[0], None if parts[1] == "-" else int(parts[1]), path)
