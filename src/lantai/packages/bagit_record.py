"""A bag as one record: what its info tells, and its payload."""

from dataclasses import replace
from pathlib import Path

from lantai.core.record import Elements
from lantai.packages import within
from lantai.packages.bagit_check import Checked
from lantai.packages.bagit_read import PAYLOAD
from lantai.packages.bagit_values import Bag
from lantai.packages.filing_values import FilingFile, FilingPackage
from lantai.packages.outside import Unreadable, read_bytes
from lantai.standards.requirements import names


def package_of(folder: Path, checked: Checked) -> FilingPackage:
    """Return the bag in *folder* as one record; its tag files are the files that describe it."""
    stored = {path.removeprefix(f"{PAYLOAD}/"): path for path in checked.files if path.startswith(f"{PAYLOAD}/")}
    own = [path for path in checked.files if not path.startswith(f"{PAYLOAD}/")]
    told = elements(checked.bag)
    record = None
    if within.RECORD in stored:
        try:
            record = within.record_of(read_bytes(folder / stored[within.RECORD]))
        except Unreadable:
            record = None
    if record is not None:
        own.append(stored.pop(within.RECORD))
        return within.package_of(record, stored, own)
    codes = checked.bag.values("External-Identifier")
    documents = tuple(
        replace(item, files=tuple(_declared(file, checked) for file in item.files)) for item in within.rest_of(stored, stored)
    )
    return FilingPackage(code=codes[0] if codes else "", elements=told, documents=documents, own_files=tuple(own))


def elements(bag: Bag) -> Elements:
    """Return every label of the info under the element it stands for, else under its own name; a label that repeats makes a list.

    Labels about the bag and not about the record (table info.csv, no element) are left out.
    """
    known = names("bagit", "info")
    told: Elements = {}
    for label, value in bag.info:
        name = known.get(label.lower(), label)
        before = told.get(name)
        if value and name:
            told[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    return told


def _declared(file: FilingFile, checked: Checked) -> FilingFile:
    payload = checked.bag.payload
    digests = {name: payload.get(name, {}).get(file.stored, "") for name in ("sha256", "sm3")}
    return replace(file, sha256=digests["sha256"], sm3=digests["sm3"])
