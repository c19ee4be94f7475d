"""One METS document held to the rules of CSIP: the table's XPath, and the comparisons that XPath cannot make."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from lxml import etree

from lantai.core.findings import Finding
from lantai.packages import mets
from lantai.packages.remarks import remark
from lantai.standards import csip as standard

_IDENTIFIERS = {"ADMID": "m:amdSec/*", "DMDID": "m:dmdSec"}
_STRUCTURE = "m:structMap[@LABEL='CSIP' or @LABEL='CSIP structMap']"


@cache
def _compiled(expression: str) -> etree.XPath:
    return etree.XPath(expression, namespaces=mets.NAMESPACES)


def _nodes(expression: str, node: etree._Element) -> list[etree._Element]:
    found: Any = _compiled(expression)(node)
    return list(found)


def judge(root: etree._Element, where: str) -> Iterator[Finding]:
    """Yield what the METS document at *where* breaks, once a requirement and place."""
    for rule in standard.rules():
        for node in _nodes(rule.each, root):
            name, _, argument = rule.needs.removeprefix("@@").partition(" ")
            is_kept = _COMPARISONS[name](root, node, argument) if rule.needs.startswith("@@") else _compiled(rule.needs)(node)
            if not is_kept:
                yield remark(rule.code, where, _named(node))
    seen: set[str] = set()
    for identifier in (node.get("ID") for node in root.iter() if node.get("ID")):
        if identifier in seen:
            yield remark("CSIP-ID-TWICE", where, str(identifier))
        seen.add(str(identifier))


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


def _divisions(root: etree._Element, _: etree._Element, __: str) -> bool:
    """Every representation that has its own METS among the files has its own division."""
    pointed = {item.path.split("/")[1] for item in mets.references(root) if _is_representation(item.path)}
    labels = {node.get("LABEL", "") for node in _nodes(f"{_STRUCTURE}/m:div/m:div", root)}
    return all(f"Representations/{name}" in labels for name in pointed)


def _is_representation(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and parts[0] == "representations" and parts[2] == "METS.xml"


def _href(root: etree._Element, node: etree._Element, _: str) -> bool:
    return bool(mets.local_path(node.get(f"{{{mets.XLINK}}}href", "")))


def _fileid(root: etree._Element, node: etree._Element, _: str) -> bool:
    known = {item.get("ID", "") for item in _nodes("m:fileSec//m:fileGrp | m:fileSec//m:file", root)}
    return node.get("FILEID", "") in known - {""}


_COMPARISONS: dict[str, Callable[[etree._Element, etree._Element, str], bool]] = {
    "algorithm": _algorithm,
    "ref": _ref,
    "all": _all,
    "divisions": _divisions,
    "href": _href,
    "fileid": _fileid,
}
