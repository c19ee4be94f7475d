"""One METS document held to the rules of CSIP, SIP, AIP and DIP: the table's XPath, and the comparisons that XPath cannot make."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from lxml import etree

from lantai.core.findings import Finding
from lantai.packages import mets
from lantai.packages.remarks import remark
from lantai.standards import csip as standard

_IDENTIFIERS = {"ADMID": "m:amdSec/*", "DMDID": "m:dmdSec"}
_REFERENCES = frozenset({"ADMID", "DMDID", "FILEID"})
_MOST_PROBLEMS = 20
_NAME = re.compile(r"[^\W\d][\w.·-]*")
_INSTANT = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*(\s*;.*)?")
#: CHECKSUMTYPE -> hexadecimal digits.
_DIGITS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SM3": 64}
_STRUCTURE = "m:structMap[@LABEL='CSIP' or @LABEL='CSIP structMap']"


@cache
def _compiled(expression: str) -> etree.XPath:
    return etree.XPath(expression, namespaces=mets.NAMESPACES)


def _nodes(expression: str, node: etree._Element) -> list[etree._Element]:
    found: Any = _compiled(expression)(node)
    return list(found)


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((resources.files("lantai.packages") / "schemas" / name).read_bytes()))


def misshapen(root: etree._Element, schema: str) -> Iterator[str]:
    """Yield what is wrong with the structure of a document by ``schemas/*schema*``, twenty problems at the most."""
    checked = _schema(schema)
    if not checked.validate(root):
        log: Any = checked.error_log
        problems = dict.fromkeys(f"{re.sub(r'{[^}]*}', '', item.message)} 第 {item.line} 行" for item in log)
        yield from islice(problems, _MOST_PROBLEMS)


def judge(root: etree._Element, where: str, *, is_package: bool) -> Iterator[Finding]:
    """Yield what the METS document at *where* breaks, once a requirement and place; *is_package* tells it from a representation's."""
    yield from (remark("CSIP-METS-SCHEMA", where, problem) for problem in misshapen(root, "mets.xsd"))
    for rule in standard.rules():
        for node in _nodes(rule.each, root) if is_package or not rule.is_for_package else ():
            name, _, argument = rule.needs.removeprefix("@@").partition(" ")
            is_kept = _COMPARISONS[name](root, node, argument) if rule.needs.startswith("@@") else _compiled(rule.needs)(node)
            if not is_kept:
                yield remark(rule.code, where, _named(node))
    seen: set[str] = set()
    for identifier in (node.get("ID") for node in root.iter() if node.get("ID")):
        if identifier in seen:
            yield remark("CSIP-ID-TWICE", where, str(identifier))
        seen.add(str(identifier))
    for node in root.iter():
        for attribute in _REFERENCES & set(node.attrib):
            for name in sorted(set(node.get(attribute, "").split()) - seen):
                yield remark("CSIP-REFERENCE", where, f"{_named(node)} {attribute}={name}")


def _named(node: etree._Element) -> str:
    """Return which node it is, by its identifier, label or place in the text."""
    name = str(node.tag).rpartition("}")[2]
    which = node.get("ID") or node.get("LABEL") or node.get(f"{{{mets.XLINK}}}href") or ""
    return f"{name} {which}".strip() + (f" 第 {node.sourceline} 行" if node.sourceline else "")


def _algorithm(_: etree._Element, node: etree._Element, __: str) -> bool:
    return node.get("CHECKSUMTYPE") in mets.ALGORITHMS or node.get("CHECKSUMTYPE") in mets.OTHER_TYPES


def _ids(root: etree._Element, attribute: str) -> set[str]:
    return {node.get("ID", "") for node in _nodes(_IDENTIFIERS[attribute], root)} - {""}


def _ref(root: etree._Element, node: etree._Element, attribute: str) -> bool:
    """Every identifier that the attribute names is there."""
    known = _ids(root, attribute) | {item.get("ID", "") for item in _nodes("m:amdSec", root)}
    return set(node.get(attribute, "").split()) <= known


def _all(root: etree._Element, node: etree._Element, attribute: str) -> bool:
    """The attribute names every metadata section of its kind, and nothing else."""
    named, known = set(node.get(attribute, "").split()), _ids(root, attribute)
    whole = {item.get("ID", "") for item in _nodes("m:amdSec", root)} if attribute == "ADMID" else set()
    return named == known or bool(whole and named and named <= known | whole and (named & whole or named >= known))


def _name(_: etree._Element, node: etree._Element, attribute: str) -> bool:
    """The attribute is an identifier as XML knows them."""
    return _NAME.fullmatch(node.get(attribute, "")) is not None


def _instant(_: etree._Element, node: etree._Element, attribute: str) -> bool:
    return _INSTANT.fullmatch(node.get(attribute, "").strip()) is not None


def _bytes(_: etree._Element, node: etree._Element, attribute: str) -> bool:
    return node.get(attribute, "").strip().isdecimal()


def _media_type(_: etree._Element, node: etree._Element, attribute: str) -> bool:
    return _MEDIA_TYPE.fullmatch(node.get(attribute, "").strip()) is not None


def _checksum(_: etree._Element, node: etree._Element, attribute: str) -> bool:
    """The checksum has the digits of its type; of a type without hexadecimal form, some text."""
    text, digits = node.get(attribute, "").strip(), _DIGITS.get(node.get("CHECKSUMTYPE", ""))
    return bool(text) if digits is None else re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", text) is not None


def _listed(_: etree._Element, node: etree._Element, argument: str) -> bool:
    """The attribute has a value of the vocabulary: dashes and capitals aside, which its editions write in several ways."""
    attribute, vocabulary = argument.split(" ")
    return standard.folded(node.get(attribute, "")) in standard.vocabulary(vocabulary)


def _group(root: etree._Element, node: etree._Element, _: str) -> bool:
    """The title of every pointer of a division names a file group of representations."""
    titles = [item.get(f"{{{mets.XLINK}}}title", "") for item in _nodes("m:mptr", node)]
    if not any(titles) and (node.get("CONTENTIDS") or _nodes("m:fptr", node)):
        return True
    groups = _nodes("m:fileSec//m:fileGrp[starts-with(@USE,'Representations')]", root)
    return all(title and title in {item.get("ID") for item in groups} for title in titles)


def _label(_: etree._Element, node: etree._Element, __: str) -> bool:
    """The pointer leads to the METS document of the representation that its division is labelled with."""
    parent = node.getparent()
    label = "" if parent is None else parent.get("LABEL", "")
    path = mets.local_path(node.get(f"{{{mets.XLINK}}}href", ""))
    return bool(path) and (not label.startswith("Representations/") or path.casefold() == f"{label}/METS.xml".casefold())


def _fileid(root: etree._Element, node: etree._Element, _: str) -> bool:
    known = {item.get("ID", "") for item in _nodes("m:fileSec//m:fileGrp | m:fileSec//m:file", root)}
    return node.get("FILEID", "") in known - {""}


_COMPARISONS: dict[str, Callable[[etree._Element, etree._Element, str], bool]] = {
    "algorithm": _algorithm,
    "ref": _ref,
    "all": _all,
    "fileid": _fileid,
    "name": _name,
    "instant": _instant,
    "bytes": _bytes,
    "media": _media_type,
    "checksum": _checksum,
    "listed": _listed,
    "group": _group,
    "label": _label,
}
