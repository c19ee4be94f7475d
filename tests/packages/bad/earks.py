"""E-ARK packages that break one requirement each; for METS the fault is derived from the rule that it breaks."""

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from lantai.packages import mets
from lantai.standards import csip as standard

Damage = Callable[[Path], object]
_C, _X, _M = f"{{{mets.CSIP}}}", f"{{{mets.XLINK}}}", f"{{{mets.METS}}}"
_WHEN = "2026-03-01T09:00:00+08:00"
FILES = {
    "documentation/说明.txt": b"how to read it\n",
    "schemas/own.xsd": b"<schema/>\n",
    "metadata/descriptive/dc.xml": "<dc xmlns='urn:x'><title>关于水库调度的通知</title></dc>".encode(),
    "metadata/preservation/premis.xml": b"<premis xmlns='http://www.loc.gov/premis/v3' version='3.0'/>",
    "metadata/other/rights.xml": b"<rights/>",
    "representations/rep1/data/a.txt": b"content\n",
    "representations/rep1/metadata/descriptive/note.txt": b"x",
}


def _facts(path: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f'MIMETYPE="text/plain" SIZE="{len(content)}" CREATED="{_WHEN}" CHECKSUM="{digest}" CHECKSUMTYPE="SHA-256"'


def _where(path: str) -> str:
    return f'LOCTYPE="URL" xlink:type="simple" xlink:href="{path}"'


def _md(element: str, number: int, kind: str, path: str) -> str:
    content = FILES[path]
    reference = f'<mdRef {_where(path)} MDTYPE="{kind}" {_facts(path, content)}/>'
    return f'<{element} ID="md{number}" CREATED="{_WHEN}" STATUS="CURRENT">{reference}</{element}>'


def _group(number: int, use: str, files: dict[str, bytes]) -> str:
    inside = "".join(
        f'<file ID="f{number}-{place}" ADMID="amd" DMDID="md1" {_facts(path, content)}><FLocat {_where(path)}/></file>'
        for place, (path, content) in enumerate(files.items())
    )
    about = 'csip:CONTENTINFORMATIONTYPE="OTHER" csip:OTHERCONTENTINFORMATIONTYPE="x"'
    return f'<fileGrp ID="g{number}" USE="{use}" ADMID="amd" {about}>{inside}</fileGrp>'


def document(name: str, groups: str, divisions: str, sections: str = "", references: str = "") -> bytes:
    """Return a METS document that keeps every rule of the table."""
    return f"""<mets xmlns="{mets.METS}" xmlns:csip="{mets.CSIP}" xmlns:xlink="{mets.XLINK}" OBJID="{name}"
 TYPE="Other" csip:OTHERTYPE="公文"
 csip:CONTENTINFORMATIONTYPE="OTHER" csip:OTHERCONTENTINFORMATIONTYPE="公文" PROFILE="https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml">
<metsHdr CREATEDATE="{_WHEN}" csip:OAISPACKAGETYPE="SIP"><agent ROLE="CREATOR" TYPE="OTHER" OTHERTYPE="SOFTWARE"><name>x</name>
<note csip:NOTETYPE="SOFTWARE VERSION">1</note></agent></metsHdr>
{sections}<fileSec ID="fs">{groups}</fileSec>
<structMap ID="sm" TYPE="PHYSICAL" LABEL="CSIP"><div ID="d0" LABEL="{name}">
<div ID="d1" LABEL="Metadata" {references}/>{divisions}</div></structMap>
</mets>""".encode()


def make(folder: Path) -> Path:
    """Write a good package."""
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    inner = {"data/a.txt": FILES["representations/rep1/data/a.txt"], "metadata/descriptive/note.txt": b"x"}
    groups = _group(3, "Representations", inner)
    (folder / "representations/rep1/METS.xml").write_bytes(
        document(
            "rep1",
            groups.replace('DMDID="md1"', "").replace('ADMID="amd"', ""),
            '<div ID="d4" LABEL="Representations"><fptr FILEID="g3"/></div>',
        )
    )
    own = (folder / "representations/rep1/METS.xml").read_bytes()
    groups = _group(1, "Documentation", {"documentation/说明.txt": FILES["documentation/说明.txt"]})
    groups += _group(2, "Schemas", {"schemas/own.xsd": FILES["schemas/own.xsd"]})
    groups += _group(3, "Representations/rep1", {"representations/rep1/METS.xml": own})
    groups += _group(4, "Representations", {"representations/rep1/data/a.txt": FILES["representations/rep1/data/a.txt"]})
    divisions = "".join(
        f'<div ID="d{number}" LABEL="{label}"><fptr FILEID="g{group}"/></div>'
        for number, label, group in ((2, "Documentation", 1), (3, "Schemas", 2), (4, "Representations", 4))
    )
    divisions += f'<div ID="d5" LABEL="Representations/rep1"><mptr {_where("representations/rep1/METS.xml")} xlink:title="g3"/></div>'
    sections = _md("dmdSec", 1, "DC", "metadata/descriptive/dc.xml") + '<amdSec ID="amd">'
    sections += _md("rightsMD", 3, "OTHER", "metadata/other/rights.xml") + _md(
        "digiprovMD", 2, "PREMIS", "metadata/preservation/premis.xml"
    )
    content = document(folder.name, groups, divisions, sections + "</amdSec>", 'DMDID="md1" ADMID="md2 md3"')
    (folder / "METS.xml").write_bytes(content)
    return folder


def _edited(change: Callable[[etree._Element], object]) -> Damage:
    def damage(folder: Path) -> None:
        root = etree.fromstring((folder / "METS.xml").read_bytes())
        change(root)
        (folder / "METS.xml").write_bytes(etree.tostring(root))

    return damage


def _nodes(root: etree._Element, path: str) -> list[etree._Element]:
    return list(root.xpath(path, namespaces=mets.NAMESPACES))


def _attribute(text: str) -> str:
    prefix, _, name = text.rpartition(":")
    return {"": "", "c": _C, "x": _X}[prefix] + name


def _derived(each: str, needs: str) -> Damage | None:
    """Return a fault that breaks a rule of one of the common forms, None for the others."""
    if match := re.fullmatch(r"(?:normalize-space\(@([\w:]+)\)|@@(?:name|instant|bytes|media|checksum|listed) (\w+).*)", needs):
        attribute = match[1] or match[2]
        return _edited(lambda root: _nodes(root, each)[0].attrib.pop(_attribute(attribute)))
    if match := re.fullmatch(r"(?:contains\()?@([\w:]+).*", needs):
        return _edited(lambda root: _nodes(root, each)[0].set(_attribute(match[1]), "wrong"))
    if needs.startswith(("@@ref ", "@@all ")):
        return _edited(lambda root: _nodes(root, each)[0].set(needs.split()[1], "nobody"))
    return None


def _remove(path: str) -> Damage:
    def change(root: etree._Element) -> None:
        for node in _nodes(root, path):
            parent = node.getparent()
            assert parent is not None
            parent.remove(node)

    return _edited(change)


def _put(path: str, name: str, value: str) -> Damage:
    return _edited(lambda root: [node.set(_attribute(name), value) for node in _nodes(root, path)])


def _again(path: str) -> Damage:
    return _edited(lambda root: [node.addnext(etree.fromstring(etree.tostring(node))) for node in _nodes(root, path)[:1]])


_DIV = "m:structMap/m:div/m:div"
_AGENT = "m:metsHdr/m:agent"
_BY_HAND: dict[str, Damage] = {
    "CSIP9": _put("m:metsHdr", "c:OAISPACKAGETYPE", "XIP"),
    "CSIP10": _remove("m:metsHdr/m:agent"),
    "CSIP11": _put("m:metsHdr/m:agent", "ROLE", "EDITOR"),
    "CSIP12": _put("m:metsHdr/m:agent", "TYPE", "INDIVIDUAL"),
    "CSIP13": _put("m:metsHdr/m:agent", "OTHERTYPE", "PERSON"),
    "CSIP14": _remove("m:metsHdr/m:agent/m:name"),
    "CSIP15": _remove("m:metsHdr/m:agent/m:note"),
    "CSIP16": _put("m:metsHdr/m:agent/m:note", "c:NOTETYPE", "OTHER"),
    "CSIP17": _remove("m:dmdSec"),
    "CSIP21": _remove("m:dmdSec/m:mdRef"),
    "CSIP31": _remove("m:amdSec"),
    "CSIP32": _remove("m:amdSec/m:digiprovMD"),
    "CSIP35": _remove("m:amdSec/m:digiprovMD/m:mdRef"),
    "CSIP48": _remove("m:amdSec/m:rightsMD/m:mdRef"),
    "CSIP58": _remove("m:fileSec"),
    "CSIP60": _put("m:fileSec/m:fileGrp[@USE='Documentation']", "USE", "Other"),
    "CSIP113": _put("m:fileSec/m:fileGrp[@USE='Schemas']", "USE", "Other"),
    "CSIP114": _put("m:fileSec/m:fileGrp[starts-with(@USE,'Representations')]", "USE", "Other"),
    "CSIP62": _edited(
        lambda root: _nodes(root, "m:fileSec/m:fileGrp[starts-with(@USE,'Rep')]")[0].attrib.pop(_C + "CONTENTINFORMATIONTYPE")
    ),
    "CSIP66": _remove("m:fileSec/m:fileGrp[1]/m:file"),
    "CSIP72": _put("m:fileSec//m:file", "CHECKSUMTYPE", "OWN"),
    "CSIP30": _put("m:dmdSec/m:mdRef", "CHECKSUMTYPE", "OWN"),
    "CSIP44": _put("m:amdSec/m:digiprovMD/m:mdRef", "CHECKSUMTYPE", "OWN"),
    "CSIP57": _put("m:amdSec/m:rightsMD/m:mdRef", "CHECKSUMTYPE", "OWN"),
    "CSIP76": _remove("m:fileSec/m:fileGrp[1]/m:file/m:FLocat"),
    "CSIP80": _remove("m:structMap"),
    "CSIP86": _put("m:structMap/m:div", "LABEL", ""),
    "CSIP81": _put("m:structMap", "TYPE", "LOGICAL"),
    "CSIP82": _put("m:structMap", "LABEL", "own"),
    "CSIP84": _again("m:structMap/m:div"),
    "CSIP88": _put(f"{_DIV}[@LABEL='Metadata']", "LABEL", "Other"),
    "CSIP93": _put(f"{_DIV}[@LABEL='Documentation']", "LABEL", "Other"),
    "CSIP97": _put(f"{_DIV}[@LABEL='Schemas']", "LABEL", "Other"),
    "CSIP101": _again(f"{_DIV}[@LABEL='Representations']"),
    "CSIP96": _remove(f"{_DIV}[@LABEL='Documentation']/m:fptr"),
    "CSIP100": _remove(f"{_DIV}[@LABEL='Schemas']/m:fptr"),
    "CSIP104": _remove(f"{_DIV}[@LABEL='Representations']/m:fptr"),
    "CSIP108": _edited(lambda root: _nodes(root, f"{_DIV}/m:mptr")[0].attrib.pop(_X + "title")),
    "CSIP109": _remove(f"{_DIV}/m:mptr"),
    "SIP2": _put(".", "PROFILE", "http://example.org/profile/E-ARK-SIP"),
    "SIP9": _again(f"{_AGENT}[@ROLE='ARCHIVIST']"),
    "SIP15": _remove(f"{_AGENT}[@ROLE='CREATOR'][not(@TYPE='OTHER')]"),
    "SIP18": _remove(f"{_AGENT}[@TYPE='ORGANIZATION']/m:name"),
    "SIP20": _put(f"{_AGENT}[@TYPE='ORGANIZATION']/m:note", "c:NOTETYPE", "other"),
    "SIP24": _remove(f"{_AGENT}[@TYPE='INDIVIDUAL']/m:name"),
    "SIP26": _again(f"{_AGENT}[@ROLE='PRESERVATION']"),
    "SIP29": _remove(f"{_AGENT}[@ROLE='PRESERVATION']/m:name"),
    "AIPM2": _put(".", "PROFILE", "http://example.org/profile/E-ARK-AIP"),
    "AIPM5": _remove("m:amdSec/m:digiprovMD/m:mdRef"),
    "AIPM6": _put("m:amdSec/m:digiprovMD/m:mdRef", "MDTYPE", "OTHER"),
    "DIP2": _put(".", "PROFILE", "http://example.org/profile/E-ARK-DIP"),
    "CSIP110": _put(f"{_DIV}/m:mptr", "x:href", "http://example.org/METS.xml"),
    "CSIP116": _put(f"{_DIV}[@LABEL='Documentation']/m:fptr", "FILEID", "nobody"),
    "CSIP117": _remove("m:metsHdr"),
    "CSIP118": _put(f"{_DIV}[@LABEL='Schemas']/m:fptr", "FILEID", "nobody"),
    "CSIP119": _put(f"{_DIV}[@LABEL='Representations']/m:fptr", "FILEID", "nobody"),
    "CSIP3": _edited(lambda root: root.attrib.pop(_C + "OTHERTYPE")),
    "CSIP5": _edited(lambda root: root.attrib.pop(_C + "OTHERCONTENTINFORMATIONTYPE")),
}


def _moved(old: str, new: str) -> Damage:
    return lambda folder: (folder / old).rename(folder / new)


def _file(path: str, content: bytes = b"x") -> Damage:
    def damage(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return damage


def _wrapped(folder: Path) -> None:
    """Two folders where the package should be alone."""
    inside = folder / "package"
    inside.mkdir()
    for item in list(folder.iterdir()):
        if item != inside:
            item.rename(inside / item.name)
    (folder / "second").mkdir()


def _link(folder: Path) -> None:
    (folder / "documentation/link").symlink_to("/etc/hostname")


def _added_representation(folder: Path) -> None:
    shutil.copytree(folder / "representations/rep1", folder / "representations/rep2")


def _both(first: Damage, second: Damage) -> Damage:
    def damage(folder: Path) -> None:
        first(folder)
        second(folder)

    return damage


def _premis(inside: str) -> bytes:
    return f"<premis xmlns='http://www.loc.gov/premis/v3' version='3.0'>{inside}</premis>".encode()


_PREMIS = "metadata/preservation/premis.xml"
_EVENT = (
    "<event><eventIdentifier><eventIdentifierType>local</eventIdentifierType><eventIdentifierValue>e1</eventIdentifierValue>"
    "</eventIdentifier><eventType>capture</eventType><eventDateTime>2026-03-01</eventDateTime></event>"
)
_LINKED = (
    "<linkingAgentIdentifier><linkingAgentIdentifierType>local</linkingAgentIdentifierType>"
    "<linkingAgentIdentifierValue>a1</linkingAgentIdentifierValue></linkingAgentIdentifier>"
)
_PERSON = (
    "<agent><agentIdentifier><agentIdentifierType>local</agentIdentifierType><agentIdentifierValue>a1</agentIdentifierValue>"
    "</agentIdentifier><agentName>档案室</agentName></agent>"
)
_AGENTS = "".join(
    f'<agent xmlns="{mets.METS}" xmlns:csip="{mets.CSIP}" ROLE="{role}" TYPE="{kind}"><name>{name}</name>{note}</agent>'
    for role, kind, name, note in (
        ("ARCHIVIST", "ORGANIZATION", "水利局", '<note csip:NOTETYPE="IDENTIFICATIONCODE">X012</note>'),
        ("CREATOR", "ORGANIZATION", "水利局办公室", '<note csip:NOTETYPE="IDENTIFICATIONCODE">X012-1</note>'),
        ("CREATOR", "INDIVIDUAL", "林知远", "<note>010-1</note>"),
        ("PRESERVATION", "ORGANIZATION", "市档案馆", '<note csip:NOTETYPE="IDENTIFICATIONCODE">G001</note>'),
    )
)


def _as(kind: str) -> Damage:
    """Make the good package a good SIP, AIP or DIP."""

    def change(root: etree._Element) -> None:
        root.set("PROFILE", f"https://eark{kind.lower()}.dilcis.eu/profile/E-ARK-{kind}.xml")
        header = _nodes(root, "m:metsHdr")[0]
        header.set(_C + "OAISPACKAGETYPE", kind)
        header.set("RECORDSTATUS", "NEW")
        header.extend(etree.fromstring(f"<x>{_AGENTS}</x>"))
        for name in ("SUBMISSIONAGREEMENT", "REFERENCECODE"):
            etree.SubElement(header, _M + "altRecordID", {"TYPE": name}).text = "x"

    return _edited(change)


_AS = {kind: _as(kind) for kind in ("SIP", "AIP", "DIP")}


def make_kind(kind: str) -> Callable[[Path], Path]:
    """Return what writes a good SIP, AIP or DIP."""

    def made(folder: Path) -> Path:
        _AS[kind](make(folder))
        return folder

    return made


BAD: dict[str, Damage] = {
    "CSIPSTR1_two_roots": _wrapped,
    "CSIPSTR2_other_name": _edited(lambda root: root.set("OBJID", "another")),
    "CSIPSTR4_no_mets": lambda folder: (folder / "METS.xml").unlink(),
    "CSIPSTR4_lower_case": _moved("METS.xml", "mets.xml"),
    "CSIPSTR5_no_metadata": _moved("metadata", "Metadata"),
    "CSIPSTR6_no_preservation": _moved("metadata/preservation", "metadata/premis"),
    "CSIPSTR7_no_descriptive": _moved("metadata/descriptive", "metadata/dc"),
    "CSIPSTR8_other_metadata": _file("metadata/own/a.txt"),
    "CSIPSTR9_no_representations": _moved("representations", "content"),
    "CSIPSTR10_file_beside": _file("representations/a.txt"),
    "CSIPSTR11_no_data": _moved("representations/rep1/data", "representations/rep1/Data"),
    "CSIPSTR12_no_mets": lambda folder: (folder / "representations/rep1/METS.xml").unlink(),
    "CSIPSTR13_no_metadata": _moved("representations/rep1/metadata", "representations/rep1/about"),
    "CSIPSTR14_other_folder": _file("more/a.txt"),
    "CSIPSTR15_no_schemas": _moved("schemas", "xsd"),
    "CSIPSTR16_no_documentation": _moved("documentation", "docs"),
    "CSIP-METS-UNREADABLE_empty": _file("METS.xml", b""),
    "CSIP-METS-UNREADABLE_dtd": _file("METS.xml", b"<!DOCTYPE mets [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><mets>&x;</mets>"),
    "CSIP-PREMIS-UNREADABLE_no_xml": _file("metadata/preservation/premis.xml", b"<"),
    "CSIP-ID-TWICE_two_groups": _put("m:fileSec/m:fileGrp", "ID", "g1"),
    "CSIP-PATH-ESCAPES_dots": _put("m:fileSec/m:fileGrp[1]/m:file/m:FLocat", "x:href", "../../etc/passwd"),
    "CSIP-FILE-MISSING_gone": lambda folder: (folder / "schemas/own.xsd").unlink(),
    "CSIP-SIZE-DIFFERS_longer": _file("schemas/own.xsd", b"<schema/>\n\n"),
    "CSIP-DIGEST-DIFFERS_one_byte": _file("schemas/own.xsd", b"<schemA/>\n"),
    "CSIP-FILE-NOT-LISTED_later": _file("documentation/later.txt"),
    "CSIP-NAME-CASE_other": _moved("schemas/own.xsd", "schemas/OWN.xsd"),
    "CSIP-LINK_out_of_it": _link,
    "CSIP-METS-SCHEMA_out_of_order": _edited(lambda root: root.append(_nodes(root, "m:fileSec")[0])),
    "CSIP-METS-SCHEMA_no_element": _edited(lambda root: etree.SubElement(root, _M + "fileSecs")),
    "CSIP-METS-SCHEMA_no_attribute": _put("m:fileSec//m:file", "ORIGIN", "x"),
    "CSIP-METS-SCHEMA_no_value": _put("m:dmdSec/m:mdRef", "MDTYPE", "WORD"),
    "CSIP-METS-SCHEMA_no_date": _put("m:metsHdr", "LASTMODDATE", "yesterday"),
    "CSIP-METS-SCHEMA_no_map": _remove("m:structMap"),
    "CSIP-REFERENCE_nobody": _put("m:fileSec//m:file", "ADMID", "nobody"),
    "CSIP-PREMIS-SCHEMA_no_type": _file(_PREMIS, _premis("<object><objectIdentifier/></object>")),
    "CSIP-PREMIS-SCHEMA_out_of_order": _file(_PREMIS, _premis(_PERSON + _EVENT)),
    "CSIP2_no_category": _put(".", "TYPE", "公文"),
    "CSIP7_no_date": _put("m:metsHdr", "CREATEDATE", "2026/3/1"),
    "CSIP67_no_name": _put("m:fileSec//m:file", "ID", "1 2"),
    "CSIP69_no_number": _put("m:fileSec//m:file", "SIZE", "1,024"),
    "CSIP71_too_short": _put("m:fileSec//m:file", "CHECKSUM", "abc"),
    "CSIP6_no_address": _put(".", "PROFILE", "E-ARK-CSIP"),
    "CSIP24_gone": lambda folder: (folder / "metadata/descriptive/dc.xml").unlink(),
    "CSIP25_no_such_type": _put("m:dmdSec/m:mdRef", "MDTYPE", "WORD"),
    "CSIP31_two": _again("m:amdSec"),
    "CSIP38_gone": lambda folder: (folder / "metadata/preservation/premis.xml").unlink(),
    "CSIP79_gone": lambda folder: (folder / "schemas/own.xsd").unlink(),
    "CSIP80_two": _again("m:structMap"),
    "CSIP86_of_another": _put("m:structMap/m:div", "LABEL", "another"),
    "CSIP105_other_label": _put(f"{_DIV}[@LABEL='Representations/rep1']", "LABEL", "rep1"),
    "CSIP105_of_none": _put(f"{_DIV}[@LABEL='Representations']", "LABEL", "Representations/rep9"),
    "CSIP105_on_disk_alone": _added_representation,
    "CSIP108_other_group": _put(f"{_DIV}/m:mptr", "x:title", "g1"),
    "CSIP110_other_representation": _put(f"{_DIV}/m:mptr", "x:href", "representations/rep2/METS.xml"),
    "SIP3_no_status": _both(_AS["SIP"], _put("m:metsHdr", "RECORDSTATUS", "OLD")),
    "SIP5_two": _both(_AS["SIP"], _again("m:metsHdr/m:altRecordID[@TYPE='SUBMISSIONAGREEMENT']")),
    "SIP7_two": _both(_AS["SIP"], _again("m:metsHdr/m:altRecordID[@TYPE='REFERENCECODE']")),
    "AIP16_nobody_did_it": _both(_AS["AIP"], _file(_PREMIS, _premis(_EVENT))),
    "AIP18_nobody_known": _both(_AS["AIP"], _file(_PREMIS, _premis(_EVENT.replace("</event>", _LINKED + "</event>")))),
}
for _rule in standard.rules():
    _damage = _BY_HAND.get(_rule.code) or _derived(_rule.each, _rule.needs)
    if _damage is not None and _rule.code not in {"SIP3", "SIP5", "SIP7"}:
        _first = _AS.get(_rule.code.rstrip("0123456789").removesuffix("M"))
        BAD[f"{_rule.code}_broken"] = _both(_first, _damage) if _first else _damage
