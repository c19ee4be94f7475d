"""Parsing XML whose bulk is Base64: the tree without that bulk, which goes into a part file each as it comes."""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from lxml import etree

from lantai.packages.outside import Unreadable

DATA = "编码数据"
_CHUNK = 1 << 20
_DEPTH = 200
_WHITE = "\n\r \t"
_NO_DTD = "含有 DTD 声明，为安全起见不读取"


@dataclass(frozen=True, slots=True)
class Part:
    """One decoded content: where it lies, its size in bytes, and whether what came was not Base64 throughout."""

    path: Path
    size_bytes: int
    is_broken: bool


def parse(path: Path, folder: Path | None, *, limit_bytes: int) -> tuple[etree._Element, dict[str, Part]]:
    """Parse the file at *path* and return its tree and its parts, written into *folder*, or only counted where that is None.

    In the tree the text of each 编码数据 is the key of its part; parts are also known by their 编码数据ID. Raises Unreadable
    for anything but well-formed XML without DTD, for one nested over 200 deep, and for more than *limit_bytes* of content.
    """
    target = _Target(folder, limit_bytes)
    parser = etree.XMLParser(target=cast(Any, target), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                parser.feed(chunk)
        return parser.close(), target.parts
    except (etree.XMLSyntaxError, AssertionError) as error:
        raise Unreadable(f"XML 格式错误：{error}") from error
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    finally:
        target.drop()


class _Base64:
    """Decodes Base64 as it comes, whatever its line breaks, into a file; a group that is not Base64 spoils the rest."""

    def __init__(self, path: Path, *, is_kept: bool) -> None:
        self.path = path
        self.stream: BinaryIO | None = path.open("wb") if is_kept else None
        self.rest = ""
        self.size_bytes = 0
        self.is_broken = False
        self.is_ended = False

    def feed(self, text: str) -> None:
        """Decode all whole groups of four characters."""
        for space in _WHITE:
            text = text.replace(space, "")
        text = self.rest + text
        whole = 0 if self.is_broken else len(text) // 4 * 4
        self.rest = text[whole : whole + 4]
        if whole and self.is_ended:
            self.is_broken = True
            return
        self.is_ended = self.is_ended or text[:whole].endswith("=")
        try:
            content = binascii.a2b_base64(text[:whole].encode("ascii"), strict_mode=True)
        except (binascii.Error, UnicodeEncodeError):
            self.is_broken = True
            return
        self.size_bytes += len(content)
        if self.stream is not None:
            self.stream.write(content)

    def close(self) -> Part:
        """Close the file and say what came of it."""
        if self.stream is not None:
            self.stream.close()
        return Part(self.path, self.size_bytes, self.is_broken or bool(self.rest))


class _Target:
    """What the parser speaks to."""

    def __init__(self, folder: Path | None, limit_bytes: int) -> None:
        self.parts: dict[str, Part] = {}
        self._folder = folder
        self._left_bytes = limit_bytes
        self._builder = etree.TreeBuilder()
        self._depth = 0
        self._open: _Base64 | None = None
        self._identity = ""
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element; Base64 data begins a part."""
        self._depth += 1
        if self._depth > _DEPTH or self._open is not None:
            raise Unreadable("元素嵌套不合规范")
        self._builder.start(tag, {str(name): value for name, value in attributes.items()})
        if tag.rpartition("}")[2] == DATA:
            self._identity = attributes.get("编码数据ID", "")
            self._count += 1
            self._open = _Base64((self._folder or Path()) / str(self._count), is_kept=self._folder is not None)

    def data(self, text: str) -> None:
        """Take text: to the part where one is open, else to the tree."""
        if self._open is None:
            self._builder.data(text)
            return
        before = self._open.size_bytes
        self._open.feed(text)
        self._left_bytes -= self._open.size_bytes - before
        if self._left_bytes < 0:
            raise Unreadable("解出的数据超过上限")

    def end(self, tag: str) -> None:
        """End an element; the tree gets the key of the part in place of its content."""
        self._depth -= 1
        if self._open is not None:
            part, self._open = self._open.close(), None
            self.parts[part.path.name] = part
            if self._identity:
                self.parts.setdefault(self._identity, part)
            self._builder.data(part.path.name)
        self._builder.end(tag)

    def doctype(self, *_: object) -> None:
        """Refuse a DTD before anything in it is read."""
        raise Unreadable(_NO_DTD)

    def close(self) -> etree._Element:
        """Return the tree."""
        return self._builder.close()

    def drop(self) -> None:
        """Close what is still open after a failure."""
        if self._open is not None and self._open.stream is not None:
            self._open.stream.close()
