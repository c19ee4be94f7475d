"""An evidence package taken in again: the record that it holds, with every byte held against its proof."""

import json
from pathlib import Path

from lantai.core.findings import Finding
from lantai.packages import evidence, layout, proof, within
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.filing_read import plain_files
from lantai.packages.filing_values import FilingPackage
from lantai.packages.outside import Unreadable, read_bytes

_BELOW = f"{evidence.RECORD}/"


def is_evidence(folder: Path) -> bool:
    """Tell whether *folder* is an evidence package: its ledger.json says so, and a record lies in it."""
    if not (folder / evidence.LEDGER).is_file() or not (folder / evidence.RECORD / layout.RECORD_XML).is_file():
        return False
    try:
        told = json.loads(read_bytes(folder / evidence.LEDGER))
    except (Unreadable, ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("format") == evidence.FORMAT


def read(folder: Path, read_by: DigestsOf = digests_of) -> tuple[FilingPackage, tuple[Finding, ...]]:
    """Return the record of the package and what is wrong with its bytes by its own proof; *read_by* reads a file for its digests.

    Who signed the proof, and what the ledger has on it, is for the verifier that the package brings.
    """
    found: list[Finding] = []
    paths = list(plain_files(folder, found))
    stored = {path.removeprefix(_BELOW): path for path in paths if path.startswith(_BELOW)}
    found += _proved(folder, stored, read_by)
    try:
        record = within.record_of(read_bytes(folder / evidence.RECORD / layout.RECORD_XML))
    except Unreadable:
        record = None
    content = {path: place for path, place in stored.items() if "/" in path and not path.endswith("/text.json")}
    own = [path for path in paths if path not in content.values()]
    if record is None:
        return FilingPackage(documents=tuple(within.rest_of(content, content)), own_files=tuple(own)), tuple(found)
    return within.package_of(record, content, own), tuple(found)


def _proved(folder: Path, stored: dict[str, str], read_by: DigestsOf) -> list[Finding]:
    now: dict[str, proof.Digests] = {}
    for path, place in stored.items():
        source = folder / place
        try:
            sha256, sm3 = read_by(str(source), ("sha256", "sm3"))
            now[path] = proof.Digests(source.stat().st_size, sha256, sm3)
        except OSError:
            continue
    try:
        return proof.judge(read_bytes(folder / evidence.RECORD / layout.PROOF), now)[0]
    except Unreadable:
        return proof.judge(b"", now)[0]
