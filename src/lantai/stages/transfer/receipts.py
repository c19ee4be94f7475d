"""The receiver's receipt: what it accepted becomes the receiver's, what it refused stays ours and may be transferred again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Fault, Refusal
from lantai.core.events import instant_text
from lantai.core.lifecycle import Custody
from lantai.packages import receipt as packages
from lantai.ports import House
from lantai.ports.store import Stored
from lantai.shelves.bulk import save_unchanged
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages import roots
from lantai.stages.transfer import versions
from lantai.stages.transfer.acts import PERMISSION, STATE_NAMES, find, rows_in


def settle(house: House, actor: Actor, key: str, receipt: Mapping[str, Any]) -> Transfer:
    """Enter a receipt: what was accepted gets a version that says so, and changes custody in the transaction of its events.

    Goes slice by slice; where it is interrupted, entering the same receipt goes on, and no other is taken meanwhile. Repeating it changes
    nothing. Raises Refusal where the act was not packed, the receipt is none, its signature does not hold, it says nothing of this act's
    records, or some of them are not decided yet; Fault where the vault fails.
    """
    act, accepted = enter(house, actor, key, receipt)
    if act.state == "receipted":
        return act
    rows = [row for row in rows_in(act) if row.id in accepted and row.custody == Custody.OURS]
    with work.progress("transfer-settle", act.id, step="登记回执", total=len(rows)) as progress:
        for at in range(0, len(rows), house.settings.slice_records):
            part = rows[at : at + house.settings.slice_records]
            _hand_over(house, actor, act, part, accepted)
            progress.advance(len(part))
    _conclude(house, actor, act)
    return find(act.id)


def enter(house: House, actor: Actor, key: str, receipt: Mapping[str, Any]) -> tuple[Transfer, dict[str, str]]:
    """Judge a receipt and keep it with its act; return the act, and record id -> their code of what was accepted.

    Raises as :func:`settle`.
    """
    access.require(actor, PERMISSION)
    act = find(key)
    if act.state == "receipted" and act.receipt == dict(receipt):
        return act, {}
    if act.state != "packed" or (act.receipt and act.receipt != dict(receipt)):
        raise Refusal("TRANSFER-STATE", act.code, state="正在登记另一份回执" if act.receipt else STATE_NAMES[act.state])
    _require_valid(act, receipt)
    accepted, refused = _outcomes(act, rows_in(act), receipt)
    if not act.receipt:
        with transaction.atomic():
            kept = {"receipt": dict(receipt), "receipted_at": house.clock.now()}
            if not Transfer.objects.filter(id=act.id, state="packed", receipted_at=None).update(**kept):
                raise Refusal("TRANSFER-STATE", act.code, state="正在登记另一份回执")
            _mark(act, accepted, refused)
    return find(act.id), accepted


def _hand_over(house: House, actor: Actor, act: Transfer, rows: Sequence[Record], accepted: Mapping[str, str]) -> None:
    """Make the versions of a slice, then say in one transaction that the records are the receiver's."""
    receiver = str(act.receipt.get("agency") or act.facts.get("receiver") or "接收单位")
    at = instant_text(act.receipted_at or house.clock.now())
    told = {row.id: versions.HandedOver(act.code, receiver, accepted[row.id], at) for row in rows}
    stored = versions.write(house, rows, told)
    for row in rows:
        row.custody, row.content_version = custody_of(act), row.content_version + 1
    with transaction.atomic():
        gone = save_unchanged(Record, rows, ("custody", "content_version"))
        moved = [_event(actor, act, row, told[row.id], stored[row.id]) for row in gone]
        signed = roots.told(versions.batch_of(house, row.id, row.content_version) for row in gone)
        entries.append(house.clock.now(), [*moved, *signed], ids=house.ids)
        roots.follow(house)
        queries.mark_for_index([row.id for row in gone])
        work.enqueue("index")


def _event(actor: Actor, act: Transfer, row: Record, told: versions.HandedOver, stored: Stored) -> entries.Entry:
    return entries.Entry(
        "record:transferred",
        actor.id,
        row.id,
        {
            "act": act.code,
            "custody": row.custody,
            "receiver": told.receiver,
            "their_code": told.their_code,
            "code": row.code,
            "title": row.title[:500],
            "version": row.content_version,
            "conclusion": row.conclusion,
            "inventory_sha256": stored.inventory_sha256,
        },
    )


def custody_of(act: Transfer) -> Custody:
    """Return who keeps what the receiver accepts."""
    return Custody.TRANSFERRED_COPY_KEPT if act.keeps_copy else Custody.TRANSFERRED


def _conclude(house: House, actor: Actor, act: Transfer) -> None:
    """Say that the act is over, once every record that was accepted is the receiver's."""
    lines = TransferLine.objects.filter(transfer=act)
    ids = list(lines.filter(outcome="accepted").values_list("record_id", flat=True))
    ours = sum(Record.objects.filter(id__in=ids[at : at + 500], custody=Custody.OURS).count() for at in range(0, len(ids), 500))
    if ours:
        raise Fault("TRANSFER-CONTENDED", act.code, count=ours)
    signers = [item["key_id"] for item in act.receipt["signatures"]]
    counts = {"code": act.code, "accepted": len(ids), "refused": lines.filter(outcome="refused").count(), "keys": signers}
    with transaction.atomic():
        if Transfer.objects.filter(id=act.id, state="packed").update(state="receipted"):
            told = entries.Entry("transfer:receipted", actor.id, act.id, counts)
            entries.append(house.clock.now(), [told], ids=house.ids)


def _require_valid(act: Transfer, receipt: Mapping[str, Any]) -> None:
    """Refuse a receipt that is none, or of which a signature does not hold over what it says."""
    if (
        receipt.get("format") != packages.FORMAT
        or not isinstance(receipt.get("accepted"), list)
        or not isinstance(receipt.get("returned"), list)
    ):
        raise Refusal("TRANSFER-RECEIPT-INVALID", act.code, reason="不是接收方的回执")
    signed = packages.judge(receipt)
    if not signed or not all(item.is_good for item in signed):
        raise Refusal("TRANSFER-RECEIPT-SIGNATURE", act.code)


def _outcomes(act: Transfer, rows: Sequence[Record], receipt: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return record id -> their code of what was accepted, and record id -> reason of what was refused."""
    known = {row.electronic_record_code: row.id for row in rows} | {row.code: row.id for row in rows}
    accepted = {key: str(item.get("code", "")) for item in receipt["accepted"] if (key := _whose(item, known))}
    refused = {key: _reason(item) for item in receipt["returned"] if (key := _whose(item, known))}
    if not accepted and not refused:
        raise Refusal("TRANSFER-RECEIPT-FOREIGN", act.code)
    open_count = len(rows) - len(accepted.keys() | refused.keys())
    if open_count:
        raise Refusal("TRANSFER-RECEIPT-OPEN", act.code, count=open_count)
    return accepted, {key: reason for key, reason in refused.items() if key not in accepted}


def _whose(item: Mapping[str, Any], known: Mapping[str, str]) -> str:
    return known.get(str(item.get("electronic_record_code", ""))) or known.get(str(item.get("code", ""))) or ""


def _reason(item: Mapping[str, Any]) -> str:
    return "；".join([*map(str, item.get("reasons", ())), str(item.get("message", ""))]).strip("；")


def _mark(act: Transfer, accepted: Mapping[str, str], refused: Mapping[str, str]) -> None:
    ids = list(accepted)
    for at in range(0, len(ids), 500):
        TransferLine.objects.filter(transfer=act, record_id__in=ids[at : at + 500]).update(outcome="accepted")
    for key, reason in refused.items():
        TransferLine.objects.filter(transfer=act, record_id=key).update(outcome="refused", reason=reason)
