"""An E-ARK package as one record: what its descriptive metadata and PREMIS tell, and the data of its representations."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lxml import etree

from lantai.core.findings import Finding
from lantai.core.record import Elements, Record
from lantai.packages import described, mets, premis, within
from lantai.packages.csip_check import METS_NAME, Checked
from lantai.packages.csip_rules import misshapen
from lantai.packages.csip_write import READ_ME, read_me
from lantai.packages.filing_values import FilingDocument, FilingPackage
from lantai.packages.outside import Unreadable, parse_xml, read_bytes
from lantai.packages.remarks import remark
from lantai.standards.requirements import names

_OWN = ("metadata", "schemas")
_AIP = "E-ARK-AIP"


def package_of(checked: Checked) -> FilingPackage:
    """Return the package that was judged as one record; what could not be read of its metadata is among the findings."""
    found: list[Finding] = []
    files = checked.files
    own = [path for path in files if path.rpartition("/")[2] == METS_NAME or any(part in _OWN for part in _folders(path))]
    stored = {_short(path): path for path in files if path not in own}
    metadata = [path for path in own if path.endswith(".xml") and path.rpartition("/")[2] != METS_NAME and "metadata" in path.split("/")]
    if record := _record(checked.root, metadata):
        if READ_ME in stored and _is_ours(checked.root / READ_ME):
            own.append(stored.pop(READ_ME))
        package = within.package_of(record, _content(stored), own)
        return replace(package, findings=tuple(found))
    header = checked.documents.get(METS_NAME)
    elements, told = _told(checked.root, metadata, found, is_aip=header is not None and _AIP in header.get("PROFILE", ""))
    code = "" if header is None else header.get("OBJID", "")
    documents = _digested(within.rest_of(stored, stored), checked, told)
    return FilingPackage(code, elements, documents, told.agents, told.events, own_files=tuple(own), findings=tuple(found))


def _is_ours(path: Path) -> bool:
    """Tell whether a file is the note that our writer puts into every package: no document of the record."""
    try:
        return read_bytes(path).decode("utf-8", "replace") == read_me()
    except Unreadable:
        return False


def _folders(path: str) -> list[str]:
    """Return the folders a path stands in, as far as they are the package's own and not its data's."""
    parts = path.split("/")[:-1]
    return parts[2:3] if parts[:1] == ["representations"] else parts[:1]


def _short(path: str) -> str:
    """Return the path of a file below the data of the only place it could be: ``rep1/a.txt`` for representations/rep1/data/a.txt."""
    parts = path.split("/")
    return "/".join([parts[1], *parts[3:]]) if parts[0] == "representations" and parts[2:3] == ["data"] and len(parts) > 3 else path


def _content(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the paths as record.xml names them: without the representation before."""
    return {path.partition("/")[2] if place.startswith("representations/") else path: place for path, place in stored.items()}


def _record(root: Path, metadata: list[str]) -> Record | None:
    for path in metadata:
        if path.endswith(f"/{within.RECORD}"):
            try:
                return within.record_of(read_bytes(root / path))
            except Unreadable:
                return None
    return None


def _told(root: Path, metadata: list[str], found: list[Finding], *, is_aip: bool) -> tuple[Elements, premis.Told]:
    elements: Elements = {}
    told = premis.Told()
    kept: list[etree._Element] = []
    known = names("csip", "descriptive")
    for path in metadata:
        try:
            document = parse_xml(read_bytes(root / path))
        except Unreadable as error:
            if "preservation" in path.split("/"):
                found.append(remark("CSIP-PREMIS-UNREADABLE", path, str(error)))
            continue
        if str(document.tag).rpartition("}")[2] == "premis":
            kept.append(document)
            if document.tag == f"{{{premis.PREMIS}}}premis":
                found += [remark("CSIP-PREMIS-SCHEMA", path, problem) for problem in misshapen(document, "premis-3.xsd")]
            one = premis.read(document)
            told = premis.Told((*told.agents, *one.agents), (*told.events, *one.events), {**(told.digests or {}), **(one.digests or {})})
        elif "descriptive" in path.split("/"):
            for name, value in described.elements(document).items():
                elements.setdefault(known.get(name.lower(), name), value)
    if is_aip:
        found += [remark(code, METS_NAME, which) for code, which in premis.unexplained(kept)]
    return elements, told


def _digested(documents: list[FilingDocument], checked: Checked, told: premis.Told) -> tuple[FilingDocument, ...]:
    """Return the documents with what METS and PREMIS declare of their files."""
    declared: dict[str, dict[str, str]] = {}
    for name, document in checked.documents.items():
        below = name.rpartition("/")[0]
        for item in mets.references(document):
            algorithm = mets.ALGORITHMS.get(item.algorithm, "")
            if item.path and algorithm in {"sha256", "sm3"}:
                declared.setdefault(f"{below}/{item.path}".lstrip("/"), {})[algorithm] = item.checksum.strip().lower()
    for name, digests in (told.digests or {}).items():
        declared.setdefault(name, {}).update({key: value for key, value in digests.items() if key in {"sha256", "sm3"}})
    return tuple(
        replace(
            document,
            files=tuple(
                replace(file, sha256=declared.get(file.stored, {}).get("sha256", ""), sm3=declared.get(file.stored, {}).get("sm3", ""))
                for file in document.files
            ),
        )
        for document in documents
    )
