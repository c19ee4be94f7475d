"""Working papers of a batch of scans as they are kept 原始凭证: made, stored, their digest in the ledger, signed off by persons.

A paper that says something else than the one kept is kept as its next edition; what is kept is never changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import F

from lantai import forms
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.databases import lock
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import FiledForm, ScanBatch
from lantai.shelves.ledger import entries
from lantai.shelves.people.queries import person_of
from lantai.stages.report import scan_forms

FOLDER = "forms"
_HAND, _ACCEPT, _CERTIFY = "digitise:batch:hand", "digitise:batch:accept", "quarantine:erasure:certify"
_ERASURE = "scan-erasure"
#: Where the security administrator signs that marked scans were erased.
SECURITY = "安全保密管理员"
#: Who may sign besides those who hand papers over: inspections are signed by inspectors.
_ACCEPTED_BY = frozenset({"scan-inspection", "scan-acceptance"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A working paper of a batch: its name, whether there is anything to say in it yet, the newest kept, and whether that still holds."""

    form: str
    label: str
    is_due: bool
    kept: FiledForm | None = None
    is_current: bool = False

    @property
    def open_places(self) -> tuple[str, ...]:
        """Who has still to sign the newest one."""
        signed = {item["place"] for item in self.kept.signatures} if self.kept else set()
        return tuple(dict.fromkeys(place for place in (self.kept.places if self.kept else ()) if place not in signed))

    @property
    def is_signed(self) -> bool:
        """True where the newest one bears every signature and still says what there is to say."""
        return self.kept is not None and self.is_current and not self.open_places


def standing(house: House, actor: Actor, batch_id: str) -> tuple[Standing, ...]:
    """Return how every working paper of a batch stands, in their order. Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN."""
    batch = queries.batch(batch_id)
    newest = {row.form: row for row in FiledForm.objects.filter(batch=batch).order_by("edition")}
    return tuple(_standing(house, actor, batch, newest.get(form), (form, label)) for form, label in scan_forms.labels().items())


def _standing(house: House, actor: Actor, batch: ScanBatch, kept: FiledForm | None, name: tuple[str, str]) -> Standing:
    sheet = _sheet(house, actor, name[0], batch)
    return Standing(*name, sheet is not None, kept, kept is not None and sheet is not None and kept.digest == sheet.digest())


def _sheet(house: House, actor: Actor, form: str, batch: ScanBatch) -> forms.Sheet | None:
    """Return what a form says now, None where there is nothing to say yet."""
    try:
        return scan_forms.sheet(house, actor, form, batch.id)
    except Refusal as refused:
        if refused.code != "DIGITISE-FORM" or form not in scan_forms.FORMS:
            raise
        return None


def keep(house: House, actor: Actor, batch_id: str) -> tuple[FiledForm, ...]:
    """Keep every working paper of a batch that says something which is not kept yet; return those that were.

    Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN. Raises Fault DISK-FLUSH-FAILED.
    """
    access.require(actor, _HAND)
    batch = queries.batch(batch_id)
    made = list(_made(house, actor, batch))
    if made:
        make_durable(house.data / "scans" / batch.id / FOLDER)
    for row in made:
        content(house, row)
    return tuple(_filed(house, actor, batch, made)) if made else ()


def _filed(house: House, actor: Actor, batch: ScanBatch, made: Sequence[FiledForm]) -> list[FiledForm]:
    """Write the rows and tell the ledger; of two who keep the same paper at once, the second one's goes again."""
    with transaction.atomic():
        lock(f"scan-forms:{batch.id}")
        there = set(FiledForm.objects.filter(batch=batch).values_list("form", "edition"))
        kept = [row for row in made if (row.form, row.edition) not in there]
        for row in kept:
            row.save(force_insert=True)
        told = [
            entries.Entry("digitising:filed", actor.id, batch.id,
                          {"form": row.form, "edition": row.edition, "sha256": row.sha256, "digest": row.digest, "size": row.size_bytes})
            for row in kept
        ]  # fmt: skip
        if told:
            entries.append(house.clock.now(), told, ids=house.ids)
    for row in made:
        if row not in kept:
            (house.data / row.stored).unlink(missing_ok=True)
    return kept


def _made(house: House, actor: Actor, batch: ScanBatch) -> Iterator[FiledForm]:
    """Write each paper that is due and not kept as it stands; a row for each, not saved yet."""
    folder, now = house.data / "scans" / batch.id / FOLDER, house.clock.now()
    folder.mkdir(parents=True, exist_ok=True)
    for item in standing(house, actor, batch.id):
        sheet = None if item.is_current or not item.is_due else _sheet(house, actor, item.form, batch)
        if sheet is None:
            continue
        printed, key = forms.pdf(sheet, forms.Printing(actor.name, now)), house.ids.new()
        place = folder / f"{key}.pdf"
        place.write_bytes(printed)
        yield FiledForm(
            id=key, batch=batch, form=item.form, edition=item.kept.edition + 1 if item.kept else 1,
            stored=str(place.relative_to(house.data)), size_bytes=len(printed), sha256=hashlib.sha256(printed).hexdigest(),
            digest=sheet.digest(), places=list(sheet.signatures), filed_by=actor.id, filed_at=now,
        )  # fmt: skip


def sign(house: House, actor: Actor, filed_id: str, *, place: str) -> FiledForm:
    """Sign off a kept paper in one of its places; its bytes are read and held against their digest first.

    Refusals: ACCESS-REFUSED, DIGITISE-FORM, DIGITISE-FORM-SIGNED where the place is taken or this person has signed another place.
    Raises Fault DIGITISE-FORM-CHANGED.
    """
    row = one(filed_id)
    if row.form == _ERASURE and place == SECURITY:
        access.require(actor, _CERTIFY)
    elif not (row.form in _ACCEPTED_BY and access.may(actor, _ACCEPT).allowed):
        access.require(actor, _HAND)
    taken = {item["place"] for item in row.signatures}
    if place not in row.places or place in taken or person_of(actor.id) in {person_of(item["by"]) for item in row.signatures}:
        raise Refusal("DIGITISE-FORM-SIGNED", scan_forms.labels()[row.form], place=place or "签名处")
    content(house, row)
    now = house.clock.now()
    signed = [*row.signatures, {"place": place, "by": actor.id, "name": actor.name, "at": now.isoformat(timespec="seconds")}]
    with transaction.atomic():
        if not FiledForm.objects.filter(id=row.id, version=row.version).update(signatures=signed, version=F("version") + 1):
            raise Refusal("DIGITISE-FORM-SIGNED", scan_forms.labels()[row.form], place=place)
        told = {"form": row.form, "edition": row.edition, "sha256": row.sha256, "place": place}
        entries.append(now, [entries.Entry("digitising:countersigned", actor.id, row.batch_id, told)], ids=house.ids)
    return one(filed_id)


def shown(house: House, actor: Actor, filed_id: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a kept paper. Refusals: ACCESS-REFUSED, DIGITISE-FORM. Raises Fault DIGITISE-FORM-CHANGED."""
    row = one(filed_id)
    if not (row.form == _ERASURE and access.may(actor, _CERTIFY).allowed):
        access.require(actor, "digitise:batch:read")
    return f"{scan_forms.labels()[row.form]}-{row.batch.code}-{row.edition}.pdf", content(house, row)


def certificates(actor: Actor) -> tuple[FiledForm, ...]:
    """Return the newest certificate of erasure of every batch, those that the security administrator has to sign first.

    Refusals: ACCESS-REFUSED.
    """
    access.require(actor, _CERTIFY)
    newest = {row.batch_id: row for row in FiledForm.objects.filter(form=_ERASURE).select_related("batch").order_by("edition")}
    return tuple(sorted(newest.values(), key=lambda row: (is_certified(row), -row.filed_at.timestamp())))


def is_certified(row: FiledForm) -> bool:
    """Tell whether the security administrator has signed a certificate."""
    return any(item["place"] == SECURITY for item in row.signatures)


def one(filed_id: str) -> FiledForm:
    """Return a kept paper with its batch. Raises Refusal DIGITISE-FORM."""
    row = FiledForm.objects.select_related("batch").filter(id=filed_id).first()
    if row is None:
        raise Refusal("DIGITISE-FORM", filed_id, form="留存的表单")
    return row


def content(house: House, row: FiledForm) -> bytes:
    """Return the bytes of a kept paper. Refusals: DIGITISE-FORM-ERASED where they were erased with an item that they may have named.

    Raises Fault DIGITISE-FORM-CHANGED where they are gone or not those that were kept.
    """
    if not row.stored:
        raise Refusal("DIGITISE-FORM-ERASED", scan_forms.labels()[row.form])
    place = Path(house.data / row.stored)
    found = place.read_bytes() if place.is_file() else b""
    if hashlib.sha256(found).hexdigest() != row.sha256:
        raise Fault("DIGITISE-FORM-CHANGED", scan_forms.labels()[row.form])
    return found
