"""One OCFL inventory judged by itself: its shape, its version blocks, its manifest and fixity, as OCFL 1.0 and 1.1 ask.

Whatever stands in the document, of whatever type, ends in findings ``OCFL-E…`` and ``OCFL-W…`` (table standards/ocfl). What could be
understood is kept as an :class:`Inventory`, so that the object can be compared with it as far as possible.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lantai.core.findings import Finding
from lantai.packages.ocfl_paths import conflicts, content_objections, logical_objections
from lantai.packages.remarks import remark

DIGEST_CHARACTERS = {
    "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128, "blake2b-512": 128, "blake2b-160": 40, "blake2b-256": 64, "blake2b-384": 96,
    "sha512/256": 64,
}  # fmt: skip
#: Algorithms of extensions 0001 and 0009 that are no digest in hex, or that are known by name alone.
_NAMED_ONLY = frozenset({"size", "crc32", "sm3"})
_ADDRESSING = ("sha512", "sha256")
_KEYS = frozenset({"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"})
_TYPE = re.compile(r"https://ocfl\.io/(1\.[01])/spec/#inventory")
_VERSION = re.compile(r"v(0*)([1-9][0-9]{0,8})")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_CREATED = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

Report = Callable[..., None]
Digests = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What an inventory says, as far as it has the shape to say it.

    ``spec`` is the edition its type names, empty where none. ``manifest`` and ``fixity`` map content paths to digests as written,
    ``states`` each version to its logical paths with their digests, ``names`` the versions in order of their numbers.
    """

    id: str = ""
    spec: str = ""
    algorithm: str = ""
    head: str = ""
    content_directory: str = "content"
    names: tuple[str, ...] = ()
    manifest: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    blocks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fixity: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    has_content_directory: bool = False


class _Repeated(ValueError):
    """A name stands twice in one JSON object."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Repeated
    return made


_decode = json.JSONDecoder(object_pairs_hook=_pairs).decode


def parse(content: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value of *content*. Raises ValueError where it is none, nests too deep, or names something twice."""
    try:
        return _decode(content.decode("utf-8"))
    except _Repeated:
        raise ValueError("同一名称出现两次") from None
    except RecursionError:
        raise ValueError("嵌套过深") from None


def read(content: bytes, where: str, found: list[Finding]) -> Inventory | None:
    """Judge the inventory *content* that stands at *where*; None where it is no JSON object."""

    def report(number: str, reason: str = "", at: str = "") -> None:
        found.append(remark(f"OCFL-{number}", f"{where}{at and f' {at}'}", reason))

    try:
        value = parse(content)
    except ValueError as error:
        report("E033", str(error)[:200])
        return None
    if not isinstance(value, dict):
        report("E036", "不是对象")
        return None
    _head(value, report)
    algorithm = _algorithm(value, report)
    names = _names(value, report)
    spec = _spec(value, report)
    manifest = _manifest(value, algorithm, report)
    directory = _directory(value, report)
    _content_paths(manifest, names, directory, report)
    states = dict(_states(value, algorithm, report))
    _compared(manifest, states, spec, report)
    head = value.get("head")
    return Inventory(
        id=_text(value.get("id")),
        spec=spec,
        algorithm=algorithm,
        head=_text(head),
        content_directory=directory,
        names=names,
        manifest=_by_path(manifest),
        states={name: _by_path(state) for name, state in states.items()},
        blocks={name: block for name, block in _versions(value).items() if isinstance(block, dict)},
        fixity=_fixity(value, _by_path(manifest), spec, report),
        has_content_directory="contentDirectory" in value,
    )


def number_of(name: str) -> int:
    """Return the number a version name stands for, 0 where it is no version name."""
    match = _VERSION.fullmatch(name)
    return int(match[2]) if match else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _versions(value: Mapping[str, Any]) -> dict[str, Any]:
    versions = value.get("versions")
    return versions if isinstance(versions, dict) else {}


def _by_path(block: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {path: digest for digest, paths in block.items() for path in paths}


# --- the keys at the top


def _head(value: Mapping[str, Any], report: Report) -> None:
    for key in ("id", "type", "digestAlgorithm", "head"):
        if key not in value:
            report("E036", f"缺 {key}")
    for key in sorted(value.keys() - _KEYS):
        report("E102", key[:100])
    identity = value.get("id", "")
    if "id" in value and not (isinstance(identity, str) and identity.strip()):
        report("E037", "标识为空或不是文字")
    elif identity and not _URI.fullmatch(identity):
        report("W005", identity[:100])
    if "manifest" not in value:
        report("E041", "缺 manifest")
    elif not isinstance(value["manifest"], dict):
        report("E106", "manifest 不是对象")


def _spec(value: Mapping[str, Any], report: Report) -> str:
    match = _TYPE.fullmatch(_text(value.get("type")))
    if "type" in value and match is None:
        report("E038", str(value["type"])[:100])
    return match[1] if match else ""


def _algorithm(value: Mapping[str, Any], report: Report) -> str:
    algorithm = value.get("digestAlgorithm")
    if algorithm in _ADDRESSING:
        if algorithm == "sha256":
            report("W004")
        return str(algorithm)
    if "digestAlgorithm" in value:
        report("E025", str(algorithm)[:100])
    return ""


def _directory(value: Mapping[str, Any], report: Report) -> str:
    directory = value.get("contentDirectory", "content")
    if isinstance(directory, str) and directory in {".", ".."}:
        report("E018", directory)
    elif not isinstance(directory, str) or not directory or "/" in directory:
        report("E017", str(directory)[:100])
    else:
        return directory
    return "content"


def _names(value: Mapping[str, Any], report: Report) -> tuple[str, ...]:
    """Return the names of the versions in order; judge their form and sequence and the head."""
    if "versions" not in value:
        for number in ("E041", "E043", "E044"):
            report(number, "缺 versions")
        return ()
    if not isinstance(value["versions"], dict):
        report("E045", "versions 不是对象")
        return ()
    versions = value["versions"]
    for name in (name for name in versions if not number_of(name)):
        report("E046", f"版本名 {name[:50]}")
    names = tuple(sorted(filter(number_of, versions), key=number_of))
    if not versions:
        report("E008")
    elif names:
        _sequence(names, report)
    head = value.get("head")
    if "head" in value and (not names or head != names[-1]):
        report("E040", str(head)[:50])
    return names


def _sequence(names: tuple[str, ...], report: Report) -> None:
    numbers = [number_of(name) for name in names]
    if numbers[0] != 1:
        report("E009", names[0])
    for before, number, name in zip(numbers, numbers[1:], names[1:], strict=False):
        if number != before + 1:
            report("E010", name)
    if len(names[0]) == 2 and names[0] == "v1":
        padded = [name for name in names if name.startswith("v0")]
        if padded:
            report("E012", padded[0])
        return
    if not names[0].startswith("v0"):
        return
    report("W001", names[0])
    if any(len(name) != len(names[0]) for name in names):
        report("E012", names[-1])
    for name in (name for name in names if not name.startswith("v0")):
        report("E011", name)
        report("E013", name)


# --- digests and paths


def _manifest(value: Mapping[str, Any], algorithm: str, report: Report) -> Digests:
    block = value.get("manifest")
    if not isinstance(block, dict):
        return {}
    _repeated(block, "E096", report)
    kept: Digests = {}
    for digest, paths in block.items():
        if algorithm and not _is_digest(digest, algorithm):
            report("E025", f"摘要 {digest[:20]} 不是 {algorithm} 的形式")
        if _is_texts(paths) and paths:
            kept[digest] = paths
        else:
            report("E092", f"摘要 {digest[:20]} 之下不是路径的列表")
    return kept


def _content_paths(manifest: Digests, names: tuple[str, ...], directory: str, report: Report) -> None:
    paths = [path for listed in manifest.values() for path in listed]
    for path in paths:
        objections = content_objections(path)
        for number in objections:
            report(number, at=path)
        parts = path.split("/")
        if not objections and not (len(parts) > 2 and parts[0] in names and parts[1] == directory):
            report("E042", at=path)
    for path in conflicts(paths):
        report("E101", at=path)


def _states(value: Mapping[str, Any], algorithm: str, report: Report) -> Iterator[tuple[str, Digests]]:
    for name, block in _versions(value).items():
        if not isinstance(block, dict):
            report("E047", name[:50])
            continue
        _described(name, block, report)
        state = block.get("state")
        if "state" not in block:
            report("E048", f"{name} 缺 state")
        elif not isinstance(state, dict):
            report("E050", f"{name} 的 state 不是对象")
        else:
            yield name, _state(name, state, algorithm, report)


def _state(name: str, state: Mapping[str, Any], algorithm: str, report: Report) -> Digests:
    kept: Digests = {}
    for digest, paths in state.items():
        if algorithm and not _is_digest(digest, algorithm):
            report("E050", f"{name} 的摘要 {digest[:20]} 不是 {algorithm} 的形式")
        if not _is_texts(paths):
            report("E050", f"{name} 的摘要 {digest[:20]} 之下不是路径的列表")
            continue
        kept[digest] = paths
    paths = [path for listed in kept.values() for path in listed]
    for path in paths:
        for number in logical_objections(path):
            report(number, at=path)
    for path in conflicts(paths):
        report("E095", name, at=path)
    return kept


def _described(name: str, block: Mapping[str, Any], report: Report) -> None:
    """Judge when, by whom and why a version was made."""
    if "created" not in block:
        report("E048", f"{name} 缺 created")
    elif not _is_instant(block["created"]):
        report("E049", f"{name} {str(block['created'])[:50]}")
    if "message" not in block or "user" not in block:
        report("W007", name)
    if not isinstance(block.get("message", ""), str):
        report("E094", name)
    if "user" in block:
        _user(name, block["user"], report)


def _user(name: str, user: object, report: Report) -> None:
    if not isinstance(user, dict) or not isinstance(user.get("name"), str) or not user["name"]:
        report("E054", name)
        return
    address = user.get("address")
    if address is None:
        report("W008", name)
    elif not isinstance(address, str):
        report("E054", f"{name} 的 address")
    elif not _URI.fullmatch(address):
        report("W009", f"{name} {address[:100]}")


def _is_instant(value: object) -> bool:
    match = _CREATED.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    try:
        datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4].upper()}")
    except ValueError:
        return False
    return True


def _compared(manifest: Digests, states: Mapping[str, Digests], spec: str, report: Report) -> None:
    """Hold manifest and states against each other: every digest of a state is listed, and every listed one is used."""
    for name, state in states.items():
        for digest in state:
            if digest not in manifest:
                report("E050", f"{name} 的摘要 {digest[:20]} 不在 manifest 中")
    used = {digest.lower() for state in states.values() for digest in state}
    if spec == "1.1":
        for digest in (digest for digest in manifest if digest.lower() not in used):
            report("E107", digest[:20])


def _fixity(value: Mapping[str, Any], listed: Mapping[str, str], spec: str, report: Report) -> dict[str, dict[str, str]]:
    block = value.get("fixity", {})
    if not isinstance(block, dict):
        report("E056" if spec == "1.0" else "E111", "fixity 不是对象")
        return {}
    return {name: _fixity_of(name, entry, listed, report) for name, entry in block.items()}


def _fixity_of(algorithm: str, entry: object, listed: Mapping[str, str], report: Report) -> dict[str, str]:
    if algorithm not in DIGEST_CHARACTERS and algorithm not in _NAMED_ONLY:
        report("E056", algorithm[:50])
    if not isinstance(entry, dict):
        report("E057", algorithm[:50])
        return {}
    _repeated(entry, "E097", report)
    kept: Digests = {}
    for digest, paths in entry.items():
        if not _is_texts(paths) or (algorithm in DIGEST_CHARACTERS and not _is_digest(digest, algorithm)):
            report("E057", f"{algorithm} {digest[:20]}")
            continue
        kept[digest] = paths
    for path in (path for paths in kept.values() for path in paths):
        objections = content_objections(path)
        for number in objections:
            report(number, at=path)
        if not objections and path not in listed:
            report("E093", f"{algorithm}：manifest 没有此路径", at=path)
    return _by_path(kept)


def _repeated(block: Mapping[str, Any], number: str, report: Report) -> None:
    seen: set[str] = set()
    for digest in block:
        if digest.lower() in seen:
            report(number, digest[:20])
        seen.add(digest.lower())


def _is_digest(digest: str, algorithm: str) -> bool:
    return len(digest) == DIGEST_CHARACTERS[algorithm] and all(character in "0123456789abcdefABCDEF" for character in digest)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
