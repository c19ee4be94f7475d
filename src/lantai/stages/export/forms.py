"""The forms in which records go out, as one table: how one record is written, and what it is called."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lantai.core import beijing
from lantai.core.errors import Fault
from lantai.packages import bagit, csip, eep, filing
from lantai.packages.eep_signing import SealMaker
from lantai.packages.eep_write import Packing
from lantai.packages.layout import safe_name
from lantai.packages.parcel import Parcel
from lantai.ports import House
from lantai.stages import fonds

_ENCLOSED = ".enclosed"

Write = Callable[[House, Path, Parcel], None]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its key, its Chinese name, what follows a record's name (``.eep``; empty: a folder), and how one record is written.

    ``write`` is None where many records make one package together. ``cannot`` says, for the reference, what the form does not hold.
    """

    key: str
    name: str
    suffix: str
    write: Write | None
    cannot: tuple[str, ...] = ()


def _eep(house: House, target: Path, parcel: Parcel) -> None:
    """Write an EEP; a record of later versions is a modified one, which encloses the versions before it layer by layer."""
    now = house.clock.now().astimezone(beijing.ZONE)
    agency = fonds.name_of(house) or house.settings.fonds
    sign = SealMaker(lambda message: _sm2(house, message), agency, now) if house.settings.eep_signed else None
    packing = Packing(f"{now:%Y-%m-%dT%H:%M:%S}", agency, sign)
    enclosed: list[Path] = []
    for number, version in enumerate(parcel.earlier, 1):
        enclosed.append(target.with_name(f"{number}{_ENCLOSED}"))
        eep.write(enclosed[-1], version, replace(packing, before=enclosed[-2] if number > 1 else None))
    eep.write(target, parcel, replace(packing, before=enclosed[-1] if enclosed else None))
    for path in enclosed:
        path.unlink()


def _sm2(house: House, message: bytes) -> tuple[bytes, bytes]:
    """Return the SM2 value over *message* and the 64 bytes of the key's point. Raises Fault where no SM2 key is held."""
    for item in house.signer.sign(message):
        if item.algorithm == "SM2-SM3":
            return base64.b64decode(item.value), base64.b64decode(item.public_key)[-64:]
    raise Fault("EXPORT-NO-KEY", "SM2")


def _bagit(house: House, target: Path, parcel: Parcel) -> None:
    bagit.write_record(target, parcel.record, parcel.open, info=(("Source-Organization", fonds.name_of(house)),))


def _csip(house: House, target: Path, parcel: Parcel) -> None:
    csip.write(target, parcel.record, parcel.open, created=f"{house.clock.now():%Y-%m-%dT%H:%M:%SZ}")


def _filing(house: House, target: Path, parcel: Parcel) -> None:
    filing.write_parcel(target, parcel, {"形成系统": "兰台", "立档单位": fonds.name_of(house)})


_TEXTS = "Page texts: whoever takes the files in reads them again."
_KINDS = "An agent's type other than 单位, 内设机构, 个人."
_ALIKE = (
    _TEXTS,
    "Elements, lists and texts that are empty; a list of one value is that value.",
    "Identifiers of agents and business events that are empty or come twice: new ones are made.",
)

FORMS: Mapping[str, Form] = {
    form.key: form
    for form in (
        Form(
            "eep",
            "封装包（DA/T 48 EEP）",
            ".eep",
            _eep,
            (*_ALIKE, _KINDS, "Digests of files."),
        ),
        Form("filing", "归档信息包（GB/T 39362）", "", _filing, _ALIKE),
        Form("transfer", "移交信息包（DA/T 93）", "", None, (*_ALIKE, "A record without an archival code.")),
        Form("bagit", "BagIt 包（RFC 8493）", "", _bagit, (_TEXTS,)),
        Form("csip", "E-ARK 信息包（CSIP）", "", _csip, (_TEXTS,)),
    )
}


def name_of(parcel: Parcel, form: Form) -> str:
    """Return what a record's package is called: its code, else its number."""
    record = parcel.record
    return safe_name(record.code or record.electronic_record_code or record.id) + form.suffix
