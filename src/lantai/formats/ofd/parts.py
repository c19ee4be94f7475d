"""Entries of an OFD package: found by every form of path seen in the wild, read under one budget, remarks gathered.

GB/T 33190-2016 7.1 allows absolute paths (``/Doc_0/…``), and paths relative to the entry they are written in. Backslashes, other
letter case, paths from the root without a slash, doubled or missing folders are followed where they lead to an entry, and
counted: they are remarked on once for the whole package.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from lantai.core.findings import Finding, finding
from lantai.formats.content import Source, Unreadable
from lantai.formats.xmlsafe import parse, recover
from lantai.formats.zipped import DAMAGE

XML_BYTES = 64 * 1024**2
_CHUNK = 1024**2
_NAMED = 20
_KEPT_ROOTS = 16
_KEPT_BYTES = 2 * 1024**2
_LONGEST_PATH = 1_000
_ENDING = ("READ-TOO-LARGE", "READ-TIMEOUT")


class Parts:
    """The entries of one package. Names are as stored, with forward slashes and without a leading slash."""

    def __init__(self, archive: zipfile.ZipFile, source: Source) -> None:
        self._archive = archive
        self.source = source
        self._left = source.limits.unpacked_bytes
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._folded: dict[str, str] = {}
        self._roots: dict[str, etree._Element | None] = {}
        self._remarks: dict[tuple[str, str], Finding] = {}
        self._odd: dict[str, None] = {}
        self.doubled: list[str] = []
        self._list(archive.infolist())

    def _list(self, infos: list[zipfile.ZipInfo]) -> None:
        for info in infos:
            if info.is_dir():
                continue
            name = tidy(info.filename)
            if name in self._infos:
                self.doubled.append(name)
            self._infos[name] = info  # the last one counts, as for every reader that goes by the directory
            self._folded.setdefault(name.casefold(), name)
        for info in infos:
            for other in _other_names(info):
                self._folded.setdefault(other.casefold(), tidy(info.filename))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all entries that are no folders, in the order of the directory."""
        return tuple(self._infos)

    @property
    def encrypted(self) -> tuple[str, ...]:
        """Entries encrypted by the zip itself."""
        return tuple(name for name, info in self._infos.items() if info.flag_bits & 1)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Remarks so far: at most twenty of a kind, odd paths as one."""
        counts: dict[str, int] = {}
        kept = []
        for (code, _), item in self._remarks.items():
            counts[code] = counts.get(code, 0) + 1
            if counts[code] <= _NAMED:
                kept.append(item)
        if self._odd:
            kept.append(finding("OFD-PATH-ODD", self.source.name, count=len(self._odd), member=next(iter(self._odd))))
        return tuple(kept)

    def remark(self, code: str, subject: str, **values: object) -> None:
        """Keep the finding *code* about *subject*, once."""
        self._remarks.setdefault((code, subject), finding(code, **({"where": self.source.name} | values)))  # type: ignore[arg-type]

    def find(self, name: str) -> str:
        """Return the entry called *name* from the root, letter case aside; empty where there is none."""
        plain = tidy(name)
        return plain if plain in self._infos else self._folded.get(plain.casefold(), "")

    def resolve(self, raw: str | None, holder: str, base: str = "") -> str:
        """Return the entry that *raw* means, written in the entry *holder* under the folder *base* (a chain of BaseLoc).

        Empty where nothing is said; empty with a finding where it leads nowhere.
        """
        raw = (raw or "").strip()
        if not raw:
            return ""
        for index, candidate in enumerate(_candidates(raw[:_LONGEST_PATH], holder, base)):
            found = self.find(candidate)
            if found:
                if index or found != candidate or "\\" in raw:
                    self._odd.setdefault(raw[:200])
                return found
        self.remark("OFD-PART-MISSING", raw, member=raw[:200])
        return ""

    def size(self, name: str) -> int:
        """Declared size of an entry in bytes, 0 where there is none."""
        info = self._infos.get(name)
        return info.file_size if info is not None else 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry in pieces, so that size costs no memory.

        Raises Unreadable: ZIP-MEMBER-MISSING, ZIP-MEMBER-DAMAGED, ZIP-MEMBER-ENCRYPTED, READ-TOO-LARGE, READ-TIMEOUT.
        """
        info = self._infos.get(name)
        if info is None:
            raise Unreadable("ZIP-MEMBER-MISSING", self.source.name, member=name)
        if info.flag_bits & 1:
            raise Unreadable("ZIP-MEMBER-ENCRYPTED", self.source.name, member=name)
        try:
            with self._archive.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._spend(len(chunk))
                    yield chunk
        except (*DAMAGE, RuntimeError) as problem:
            raise Unreadable("ZIP-MEMBER-DAMAGED", self.source.name, member=name, detail=str(problem)[:200]) from None

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Unreadable("READ-TOO-LARGE", self.source.name, limit=self.source.limits.unpacked_bytes)
        if self.source.is_late:
            raise Unreadable("READ-TIMEOUT", self.source.name, seconds=self.source.limits.seconds)

    def read(self, name: str, *, most: int | None = None) -> bytes:
        """Return the bytes of an entry, no more than *most*. Raises Unreadable as :meth:`chunks`, ZIP-MEMBER-DAMAGED where it is longer."""
        pieces, size = [], 0
        for chunk in self.chunks(name):
            size += len(chunk)
            if most is not None and size > most:
                raise Unreadable("ZIP-MEMBER-DAMAGED", self.source.name, member=name, detail=f"超过 {most} 字节")
            pieces.append(chunk)
        return b"".join(pieces)

    def xml(self, name: str, *, is_lenient: bool = False) -> etree._Element | None:
        """Return the root of an XML entry; None, with a finding, where it cannot be read. Raises Unreadable only at the end of a budget.

        With *is_lenient* broken XML is repaired as far as it goes, with a finding.
        """
        try:
            data = self.read(name, most=XML_BYTES)
            return self._lenient(data, name) if is_lenient else parse(data, self.source.name, "OFD-PART-DAMAGED")
        except Unreadable as problem:
            self._damaged(problem.finding, name)
            return None

    def kept_xml(self, name: str) -> etree._Element | None:
        """As :meth:`xml`, keeping the last few roots that are small: for templates and resources that many pages share."""
        if self.size(name) > _KEPT_BYTES:
            return self.xml(name)
        if name not in self._roots:
            if len(self._roots) >= _KEPT_ROOTS:
                del self._roots[next(iter(self._roots))]
            self._roots[name] = self.xml(name)
        return self._roots[name]

    def _lenient(self, data: bytes, name: str) -> etree._Element:
        try:
            return parse(data, self.source.name, "OFD-PART-DAMAGED")
        except Unreadable as problem:
            if problem.finding.code != "OFD-PART-DAMAGED":
                raise
        root = recover(data, self.source.name, "OFD-PART-DAMAGED")
        self.remark("OFD-PART-REPAIRED", name, where=name)
        return root

    def _damaged(self, found: Finding, name: str) -> None:
        if found.code in _ENDING:
            raise Unreadable(found.code, self.source.name, limit=self.source.limits.unpacked_bytes, seconds=self.source.limits.seconds)
        if found.code == "OFD-PART-DAMAGED":
            self.remark("OFD-PART-DAMAGED", name, where=name, detail="")
        else:
            self._remarks.setdefault((found.code, name), found)


def tidy(name: str) -> str:
    """Return *name* with forward slashes, without a leading slash, ``.`` or ``..``; letter case is kept."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/")


def _candidates(raw: str, holder: str, base: str) -> Iterator[str]:
    """Yield what *raw* may mean, the legal meaning first; tidy names that cannot leave the root."""
    path = raw.replace("\\", "/")
    folder = posixpath.dirname(holder)
    inside = posixpath.join("/", folder, base.replace("\\", "/").strip() or ".", path)
    at_root = "/" + path
    legal = at_root if path.startswith("/") else inside
    bare = path.lstrip("/")
    others = (at_root, posixpath.join("/", folder, bare), posixpath.join("/", posixpath.dirname(folder), bare))
    decoded = unquote(path)
    more = () if decoded == path else (posixpath.join("/", folder, base, decoded), "/" + decoded)
    return (posixpath.normpath(place).lstrip("/") for place in (legal, *others, inside, *more))


def _other_names(info: zipfile.ZipInfo) -> Iterator[str]:
    """Yield what the name of an entry may be where the zip does not say its encoding: Chinese systems write GB 18030 or UTF-8."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return
    for encoding in ("gb18030", "utf-8"):
        try:
            yield tidy(info.filename.encode("cp437").decode(encoding))
        except UnicodeError:
            continue
