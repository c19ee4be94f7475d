"""METS documents of E-ARK packages as values: what they point at, with what sizes and digests. Parsed without trusting them."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from lantai.packages.outside import Unreadable, parse_xml

METS = "http://www.loc.gov/METS/"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
XLINK = "http://www.w3.org/1999/xlink"
NAMESPACES = {"m": METS, "c": CSIP, "x": XLINK}
#: CHECKSUMTYPE of METS -> the name in hashlib. The types no library of ours computes are left out.
ALGORITHMS = {
    "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512", "SM3": "sm3",
}  # fmt: skip
#: The other types that METS lists: a package may use them, though nobody here can compare them.
OTHER_TYPES = frozenset({"Adler-32", "CRC32", "HAVAL", "MNP", "TIGER", "WHIRLPOOL"})
_LIMIT_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Reference:
    """One file a METS document points at.

    ``path`` is relative to the folder of the document, empty where the reference leads elsewhere; ``href`` as written. ``size`` and
    ``checksum`` are as written too. ``use`` is the file group, empty for metadata, whose ``kind`` is dmd, digiprov, rights, mptr.
    """

    href: str
    path: str
    identifier: str = ""
    size: str = ""
    checksum: str = ""
    algorithm: str = ""
    use: str = ""
    kind: str = "file"
    md_type: str = ""


def parse(path: Path) -> etree._Element:
    """Return the root of the METS document at *path*. Raises Unreadable where it is none."""
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise Unreadable(f"超过 {_LIMIT_BYTES} 字节")
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    if not content.strip():
        raise Unreadable("空文件")
    root = parse_xml(content)
    if root.tag != f"{{{METS}}}mets":
        raise Unreadable("根元素不是 mets")
    return root


def references(root: etree._Element) -> Iterator[Reference]:
    """Yield everything the document points at: metadata, files, other METS documents."""
    for kind, name in (("dmd", "dmdSec"), ("digiprov", "digiprovMD"), ("rights", "rightsMD"), ("tech", "techMD"), ("source", "sourceMD")):
        for node in root.iterfind(f".//m:{name}", NAMESPACES):
            yield from (_reference(item, item, kind) for item in node.iterfind("m:mdRef", NAMESPACES))
    for group in root.iterfind("m:fileSec//m:fileGrp", NAMESPACES):
        for file in group.iterfind("m:file", NAMESPACES):
            yield from (_reference(file, item, "file", use=group.get("USE", "")) for item in file.iterfind("m:FLocat", NAMESPACES))
    for node in root.iterfind(".//m:mptr", NAMESPACES):
        yield _reference(node, node, "mptr")


def _reference(node: etree._Element, place: etree._Element, kind: str, use: str = "") -> Reference:
    href = place.get(f"{{{XLINK}}}href", "")
    return Reference(
        href,
        local_path(href),
        node.get("ID", ""),
        node.get("SIZE", ""),
        node.get("CHECKSUM", ""),
        node.get("CHECKSUMTYPE", ""),
        use,
        kind,
        node.get("MDTYPE", ""),
    )


def local_path(href: str) -> str:
    """Return the path a reference means, below the folder of its document; empty where it leads outside or to another place.

    Percent-encoding is undone, ``file:`` with a relative path is taken as such.
    """
    text = href.strip()
    if text.lower().startswith("file:"):
        text = text[5:].removeprefix("///").removeprefix("//")
    elif "://" in text.split("/", 1)[0] + "/" or text.lower().startswith(("http:", "https:", "urn:", "ftp:")):
        return ""
    path = posixpath.normpath(unquote(text.split("#", 1)[0]).replace("\\", "/")) if text else ""
    is_outside = path.startswith(("/", "../")) or path in {"", ".", ".."} or "\x00" in path or path[1:2] == ":"
    return "" if is_outside else path
