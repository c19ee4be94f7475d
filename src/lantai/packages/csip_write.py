"""Writing a record as an E-ARK package: METS and PREMIS of the same values, record.xml as the descriptive metadata, one representation."""

import mimetypes
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from lxml import etree

from lantai import __version__
from lantai.core.record import ComputerFile, Record, Representation
from lantai.packages import mets, premis, record_names, record_xml
from lantai.packages.digesting import digests_of

PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
DESCRIPTIVE = "metadata/descriptive/record.xml"
PRESERVATION = "metadata/preservation/premis.xml"
REPRESENTATION = "representations/rep1"
_CHUNK = 1 << 20
_M, _C = f"{{{mets.METS}}}", f"{{{mets.CSIP}}}"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES = {"mets": mets.METS, "csip": mets.CSIP, "xlink": mets.XLINK, "xsi": _XSI}
_LOCATIONS = f"{mets.METS} http://www.loc.gov/standards/mets/mets.xsd {mets.XLINK} http://www.loc.gov/standards/xlink/xlink.xsd"
READ_ME = "documentation/README.txt"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A file as a METS document lists it."""

    path: str
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Section:
    """A metadata section: its element, the type METS knows it by, the file it refers to."""

    element: str
    md_type: str
    file: _Listed


@dataclass(frozen=True, slots=True)
class _Group:
    """A file group and its division; ``pointer`` is the METS of a representation, empty where the division refers to the group."""

    use: str
    files: Sequence[_Listed]
    pointer: str = ""


def write(
    folder: Path,
    record: Record,
    open: Callable[[ComputerFile], BinaryIO],
    *,
    created: str,
    package_type: str = "SIP",
) -> None:
    """Write *record* as the package *folder*, which must not be there; *created* is the instant of the package (ISO 8601).

    Page texts stay behind. Sizes and digests are those of the bytes written. Raises FileExistsError, ValueError for a path that would
    lead outside, OSError of the disk.
    """
    folder.mkdir(parents=True)
    data = f"{REPRESENTATION}/data"
    placed = [(item, f"{data}/{item.path}") for item in record.files if item.representation is not Representation.TEXT]
    for item, path in placed:
        with open(item) as stream:
            _pour(stream, _place(folder, path))
    (folder / data).mkdir(parents=True, exist_ok=True)
    (folder / REPRESENTATION / "metadata").mkdir()
    _place(folder, DESCRIPTIVE).write_bytes(record_xml.write(record))
    _place(folder, PRESERVATION).write_bytes(premis.write(record, placed))
    _place(folder, READ_ME).write_text(read_me(), "utf-8")
    for name, text in _schemas().items():
        _place(folder, f"schemas/{name}").write_text(text, "utf-8")
    package = _Package(folder.name, created, package_type)
    content = _Group("Representations", _relative([_listed(folder, path, item.mime) for item, path in placed]))
    (folder / REPRESENTATION / "METS.xml").write_bytes(package.document("rep1", (), [content] if placed else []))
    sections = [
        _Section("dmdSec", "OTHER", _listed(folder, DESCRIPTIVE, "application/xml")),
        _Section("digiprovMD", "PREMIS", _listed(folder, PRESERVATION, "application/xml")),
    ]
    pointer = f"{REPRESENTATION}/METS.xml"
    groups = [
        _Group("Documentation", [_listed(folder, READ_ME, "text/plain")]),
        _Group("Schemas", [_listed(folder, f"schemas/{name}", "application/xml") for name in _schemas()]),
        _Group("Representations/rep1", [_listed(folder, pointer, "application/xml")], pointer),
    ]
    (folder / "METS.xml").write_bytes(package.document(folder.name, sections, groups))


def read_me() -> str:
    """Return what every package of ours tells a person who opens it."""
    return record_names.shipped("csip-README.txt")


def _schemas() -> dict[str, str]:
    """Return the schemas of what describes a package: of record.xml, and what Lantai holds METS and PREMIS to."""
    return {name: record_names.shipped(name) for name in (f"record-{record_names.EDITION}.xsd", "mets.xsd", "premis-3.xsd")}


def _relative(listed: Iterable[_Listed]) -> list[_Listed]:
    start = len(REPRESENTATION) + 1
    return [_Listed(item.path[start:], item.mime, item.size, item.sha256) for item in listed]


def _place(folder: Path, path: str) -> Path:
    if any(part in {"", ".", ".."} for part in path.split("/")) or "\x00" in path:
        raise ValueError(f"path: {path}")
    place = folder / PurePosixPath(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _pour(stream: BinaryIO, place: Path) -> None:
    with place.open("xb") as target:
        while chunk := stream.read(_CHUNK):
            target.write(chunk)


def _listed(folder: Path, path: str, mime: str) -> _Listed:
    kind = mime if "/" in mime else mimetypes.guess_type(path)[0] or "application/octet-stream"
    return _Listed(path, kind, (folder / path).stat().st_size, digests_of(f"{folder}/{path}", ["sha256"])[0])


@dataclass(frozen=True, slots=True)
class _Package:
    """Makes the METS documents of one package: a counter gives every node its identifier."""

    name: str
    created: str
    kind: str

    def document(self, identifier: str, sections: Sequence[_Section], groups: Sequence[_Group]) -> bytes:
        """Return the METS document *identifier* with its metadata sections and file groups."""
        root = etree.Element(_M + "mets", nsmap=_NAMESPACES)
        for key, value in (("OBJID", identifier), ("TYPE", "Mixed"), ("PROFILE", PROFILE)):
            root.set(key, premis.sayable(value))
        root.set(_C + "CONTENTINFORMATIONTYPE", "MIXED")
        root.set(f"{{{_XSI}}}schemaLocation", _LOCATIONS)
        self._header(root)
        self._sections(root, sections)
        if groups:
            self._files(root, groups)
        self._structure(root, identifier, sections, groups)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)

    def _header(self, root: etree._Element) -> None:
        header = etree.SubElement(root, _M + "metsHdr", {"CREATEDATE": self.created, _C + "OAISPACKAGETYPE": self.kind})
        agent = etree.SubElement(header, _M + "agent", {"ROLE": "CREATOR", "TYPE": "OTHER", "OTHERTYPE": "SOFTWARE"})
        etree.SubElement(agent, _M + "name").text = "Lantai"
        etree.SubElement(agent, _M + "note", {_C + "NOTETYPE": "SOFTWARE VERSION"}).text = __version__

    def _sections(self, root: etree._Element, sections: Sequence[_Section]) -> None:
        administrative: etree._Element | None = None
        for number, section in enumerate(sections, 1):
            if section.element == "dmdSec":
                place = root
            else:
                administrative = etree.SubElement(root, _M + "amdSec", {"ID": "amd"}) if administrative is None else administrative
                place = administrative
            node = etree.SubElement(place, _M + section.element, {"ID": _section_id(number), "CREATED": self.created, "STATUS": "CURRENT"})
            other = {"OTHERMDTYPE": "DA/T 46-2009"} if section.md_type == "OTHER" else {}
            etree.SubElement(
                node, _M + "mdRef", {**_locator(section.file.path), "MDTYPE": section.md_type, **other, **self._facts(section.file)}
            )

    def _files(self, root: etree._Element, groups: Sequence[_Group]) -> None:
        part = etree.SubElement(root, _M + "fileSec", {"ID": "fileSec"})
        for number, group in enumerate(groups, 1):
            node = etree.SubElement(
                part, _M + "fileGrp", {"ID": f"group{number}", "USE": group.use, _C + "CONTENTINFORMATIONTYPE": "MIXED"}
            )
            for place, item in enumerate(group.files, 1):
                file = etree.SubElement(node, _M + "file", {"ID": f"file{number}-{place}", **self._facts(item)})
                etree.SubElement(file, _M + "FLocat", _locator(item.path))

    def _structure(self, root: etree._Element, identifier: str, sections: Sequence[_Section], groups: Sequence[_Group]) -> None:
        chart = etree.SubElement(root, _M + "structMap", {"ID": "structMap", "TYPE": "PHYSICAL", "LABEL": "CSIP"})
        main = etree.SubElement(chart, _M + "div", {"ID": "div-main", "LABEL": premis.sayable(identifier)})
        metadata = etree.SubElement(main, _M + "div", {"ID": "div-metadata", "LABEL": "Metadata"})
        for attribute, is_wanted in (("DMDID", True), ("ADMID", False)):
            named = [_section_id(number) for number, item in enumerate(sections, 1) if (item.element == "dmdSec") is is_wanted]
            if named:
                metadata.set(attribute, " ".join(named))
        for number, group in enumerate(groups, 1):
            node = etree.SubElement(main, _M + "div", {"ID": f"div-{number}", "LABEL": group.use})
            if group.pointer:
                etree.SubElement(node, _M + "mptr", {**_locator(group.pointer), f"{{{mets.XLINK}}}title": f"group{number}"})
            else:
                etree.SubElement(node, _M + "fptr", {"FILEID": f"group{number}"})

    def _facts(self, item: _Listed) -> dict[str, str]:
        return {
            "MIMETYPE": item.mime,
            "SIZE": str(item.size),
            "CREATED": self.created,
            "CHECKSUM": item.sha256,
            "CHECKSUMTYPE": "SHA-256",
        }


def _section_id(number: int) -> str:
    return f"section{number}"


def _locator(path: str) -> dict[str, str]:
    return {"LOCTYPE": "URL", f"{{{mets.XLINK}}}type": "simple", f"{{{mets.XLINK}}}href": quote(path, errors="surrogateescape")}
