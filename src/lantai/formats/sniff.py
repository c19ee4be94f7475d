"""Which kind of file this is, by its bytes alone: a first look, cheap, that decides which reader takes the file."""

import errno
import re
import stat
import zipfile
from pathlib import Path

import olefile

from lantai.formats.decode import decode, looks_like_text
from lantai.formats.kinds import CONTAINERS
from lantai.formats.zipped import DAMAGE, open_zip, plain, zip_damage

HEAD_BYTES = 65_536
_MAGIC = (
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PK\x07\x08", "zip"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"), (b"MM\x00*", "tiff"), (b"II+\x00", "tiff"), (b"MM\x00+", "tiff"), (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "j2k"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"{\\rtf", "rtf"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)  # fmt: skip
_OOXML = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_MIMETYPES = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_OLE = (
    ("EncryptedPackage", "encrypted-office"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta\s|title)\b", re.IGNORECASE)
_MAIL = re.compile(r"(?:(?:[A-Za-z][A-Za-z0-9-]{0,60}):[^\n]*\n(?:[ \t][^\n]*\n)*){2}")
_MAIL_NAMES = re.compile(r"^(?:From|To|Subject|Received|Message-ID|MIME-Version|Return-Path):", re.MULTILINE | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[^\s<>/:!?]{1,100}:)?([^\s<>/:!?]{1,100})[\s>/]")
_EEP_ROOT = "电子文件封装包"
_PAGE_NAMES = (".html", ".htm", ".xhtml")
_BY_NAME = {"csv": "csv", "md": "markdown", "markdown": "markdown"}


def sniff(path: Path, name: str = "") -> str:
    """Return the key of the kind (see ``kinds``) of the file at *path*.

    Bytes decide; the extension of *name* only tells apart what bytes cannot (CSV and Markdown from other plain text).
    Raises OSError where the file cannot be read or is none (a pipe would never end).
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "不是普通文件")
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    return kind_of(head, path, name)


def is_container(path: Path) -> bool:
    """Tell whether the file at *path* is a container of other files; a zip that is OFD, DOCX or another document is not.

    A zip too damaged to open shows no longer what it was: it counts as a container only under a name that says so.
    """
    kind = sniff(path)
    is_document_once = kind == "zip" and path.suffix.lower() not in ("", ".zip") and bool(zip_damage(path))
    return kind in CONTAINERS and not is_document_once


def kind_of(head: bytes, path: Path, name: str) -> str:
    """Return the kind for a file whose first bytes are *head*; *path* is opened only for zips and compound files."""
    if not head:
        return "empty"
    magic = next((kind for mark, kind in _MAGIC if head.startswith(mark)), "")
    if magic == "zip":
        return _zip_kind(path)
    if magic == "ole":
        return _ole_kind(path)
    if magic:
        return magic
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if _is_bitmap(head):
        return "bmp"
    return "tar" if _is_tar(head) else _text_kind(head, name)


def _zip_kind(path: Path) -> str:
    try:
        with open_zip(path) as archive:
            names = {plain(item) for item in archive.namelist()[:20_000]}
            mimetype = _mimetype(archive) if "mimetype" in names else ""
    except DAMAGE:
        return "zip"
    if "ofd.xml" in names:
        return "ofd"
    if "[content_types].xml" in names:
        found = (kind for folder, kind in _OOXML if any(name.startswith(folder) for name in names))
        return next(found, "zip")
    return mimetype if mimetype else "zip"


def _mimetype(archive: zipfile.ZipFile) -> str:
    try:
        with archive.open("mimetype") as stream:
            text = stream.read(200).decode("ascii", "replace").strip()
    except (*DAMAGE, RuntimeError, KeyError):
        return ""
    if text == "application/epub+zip":
        return "epub"
    kind = text.removeprefix("application/vnd.oasis.opendocument.").removesuffix("-template")
    return _MIMETYPES.get(kind, "")


def _ole_kind(path: Path) -> str:
    try:
        with olefile.OleFileIO(str(path)) as holder:
            return next((kind for name, kind in _OLE if holder.exists(name)), "ole")
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError):
        return "ole"


def _is_bitmap(head: bytes) -> bool:
    return head.startswith(b"BM") and len(head) > 26 and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _is_tar(head: bytes) -> bool:
    """Tell a tar by the checksum of its first header (POSIX 1003.1 ustar), which old tars without magic have too."""
    block = head[:512]
    if len(block) < 512 or not block.strip(b"\0"):
        return False
    try:
        stated = int(block[148:156].strip(b"\0 ") or b"-1", 8)
    except ValueError:
        return False
    return stated == 256 + sum(block[:148]) + sum(block[156:])


def _text_kind(head: bytes, name: str) -> str:
    if not looks_like_text(head, is_whole=len(head) < HEAD_BYTES):
        return "unknown"
    text = decode(head, is_partial=True)[0].lstrip("\ufeff \t\r\n")
    if text.startswith("<") and (kind := _markup_kind(text, name)):
        return kind
    if _MAIL.match(text.replace("\r\n", "\n")) and len(_MAIL_NAMES.findall(text[:16_384])) >= 2:
        return "eml"
    return _BY_NAME.get(name.rpartition(".")[2].lower(), "text")


def _markup_kind(text: str, name: str) -> str:
    """Tell XML from HTML; a page that declares itself XML, or a piece of one, is HTML only under a name that says so."""
    root = _ROOT.search(text)
    if root is not None and root[1] == _EEP_ROOT:
        return "eep"
    is_declared = text.startswith("<?xml")
    is_page = not is_declared or (root is not None and root[1].lower() == "html" and name.lower().endswith(_PAGE_NAMES))
    is_fragment = not is_declared and name.lower().endswith(_PAGE_NAMES)
    if is_fragment or (is_page and _HTML.search(text[:4096])):
        return "html"
    return "xml" if is_declared or root is not None or text.startswith("<!DOCTYPE") else ""
