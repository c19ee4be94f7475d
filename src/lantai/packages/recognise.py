"""Packages of others, known by what stands in a folder: bags, OCFL objects and storage roots, E-ARK packages, evidence packages.

One look says which it is; :func:`read` judges it and returns what it holds in the values of a filing package, so that whoever takes
material in need not know one form from another.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lantai.core.findings import Finding
from lantai.core.record import Elements
from lantai.packages import bagit, bagit_record, csip, filing, ocfl_check, ocfl_root
from lantai.packages.bagit_read import PAYLOAD
from lantai.packages.digesting import DigestsOf, digests_of
from lantai.packages.evidence import reading
from lantai.packages.filing_values import FilingPackage
from lantai.packages.remarks import remark


@dataclass(frozen=True, slots=True)
class Recognised:
    """A foreign package that was read.

    ``package`` is what becomes a record, or None where it holds packages of its own: then ``inside`` are their folders, ``own`` the files
    of the wrapping and ``given`` what it says of everything within.
    """

    kind: str
    findings: tuple[Finding, ...]
    package: FilingPackage | None = None
    own: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    given: Elements = field(default_factory=dict)


def kind_of(folder: Path) -> str:
    """Return ``bagit``, ``ocfl``, ``ocfl_root``, ``evidence`` or ``csip``, empty where *folder* is none of them."""
    try:
        return next((kind for kind, test in _TESTS if test(folder)), "")
    except OSError:
        return ""


def read(folder: Path, kind: str = "", read_by: DigestsOf = digests_of) -> Recognised:
    """Judge and read the package in *folder*; *read_by* reads its files. Raises KeyError where it is none."""
    return _READERS[kind or kind_of(folder)](folder, read_by)


def packed_without_folder(kind: str, where: str) -> tuple[Finding, ...]:
    """Return what is to be said of a package that did not come as exactly one folder of its own."""
    code = {"bagit": "BAGIT-SERIALIZED-BASE", "csip": "CSIPSTR1"}.get(kind, "")
    return (remark(code, where),) if code else ()


def _bag(folder: Path, read_by: DigestsOf) -> Recognised:
    is_wrapping = _is_wrapping(folder / PAYLOAD)
    checked = bagit.check(folder, read_by=read_by)
    if is_wrapping:
        own = tuple(path for path in checked.files if not path.startswith(f"{PAYLOAD}/"))
        return Recognised("bagit", checked.findings, own=own, inside=(PAYLOAD,), given=bagit_record.elements(checked.bag))
    package = bagit_record.package_of(folder, checked)
    return _record("bagit", package, checked.findings)


def _is_wrapping(payload: Path) -> bool:
    """Tell whether the payload is a package of some kind itself, or a folder of such."""
    if not payload.is_dir():
        return False
    places = [payload, *(item for item in payload.iterdir() if item.is_dir() and not item.is_symlink())]
    return any(filing.is_filing_package(place) or kind_of(place) for place in places)


def _object(folder: Path, read_by: DigestsOf) -> Recognised:
    package = ocfl_root.package_of(folder)
    return _record("ocfl", package, tuple(ocfl_check.validate(folder, read_by=read_by)))


def _root(folder: Path, read_by: DigestsOf) -> Recognised:
    objects = tuple(str(item.relative_to(folder)) for item in ocfl_check.objects_in(folder))
    found: list[Finding] = []
    inside = tuple(f"{item}/" for item in objects)
    own = tuple(path for path in filing.plain_files(folder, found) if not path.startswith(inside))
    return Recognised("ocfl_root", tuple(ocfl_root.validate_root(folder, read_by=read_by)), own=own, inside=objects)


def _evidence(folder: Path, read_by: DigestsOf) -> Recognised:
    package, findings = reading.read(folder, read_by)
    return _record("evidence", package, findings)


def _csip(folder: Path, read_by: DigestsOf) -> Recognised:
    checked = csip.check(folder, read_by=read_by)
    return _record("csip", csip.package_of(checked), checked.findings)


def _record(kind: str, package: FilingPackage, findings: tuple[Finding, ...]) -> Recognised:
    together = tuple(dict.fromkeys((*findings, *package.findings)))
    return Recognised(kind, together, replace(package, findings=together))


_TESTS: tuple[tuple[str, Callable[[Path], bool]], ...] = (
    ("ocfl", ocfl_root.is_object),
    ("ocfl_root", ocfl_root.is_root),
    ("evidence", reading.is_evidence),
    ("bagit", bagit.is_bag),
    ("csip", csip.looks_like_csip),
)
_READERS: dict[str, Callable[[Path, DigestsOf], Recognised]] = {
    "bagit": _bag,
    "ocfl": _object,
    "ocfl_root": _root,
    "evidence": _evidence,
    "csip": _csip,
}
