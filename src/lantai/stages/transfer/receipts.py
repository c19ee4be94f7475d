"""The receiver's receipt: what it accepted becomes the receiver's, what it refused stays ours and may be transferred again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.lifecycle import Custody
from lantai.packages import receipt as packages
from lantai.ports import House
from lantai.shelves.exchange.models import Transfer, TransferLine
from lantai.shelves.holdings import queries
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger import entries
from lantai.stages.transfer.acts import PERMISSION, STATE_NAMES, find, rows_in


def settle(house: House, actor: Actor, key: str, receipt: Mapping[str, Any]) -> Transfer:
    """Enter a receipt: custody of what was accepted changes in the same transaction as the event. Repeating it changes nothing.

    Raises Refusal where the act was not packed, the receipt is none, its signature does not hold, it says nothing of this act's
    records, or some of them are not decided yet.
    """
    access.require(actor, PERMISSION)
    act = find(key)
    if act.state == "receipted" and act.receipt == dict(receipt):
        return act
    if act.state != "packed":
        raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[act.state])
    signers = _require_valid(act, receipt)
    rows = rows_in(act)
    accepted, refused = _outcomes(act, rows, receipt)
    custody = Custody.TRANSFERRED_COPY_KEPT if act.keeps_copy else Custody.TRANSFERRED
    now = house.clock.now()
    with transaction.atomic():
        moved = Transfer.objects.filter(id=act.id, state="packed").update(state="receipted", receipt=dict(receipt), receipted_at=now)
        if not moved:
            raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[find(act.id).state])
        _mark(act, accepted, refused)
        _hand_over([row.id for row in rows if row.id in accepted], custody)
        body = {"act": act.code, "custody": custody, "receiver": str(receipt.get("agency", ""))}
        told = [entries.Entry("record:transferred", actor.id, key, body | {"their_code": code}) for key, code in accepted.items()]
        counts = {"code": act.code, "accepted": len(accepted), "refused": len(refused), "keys": signers}
        entries.append(now, [*told, entries.Entry("transfer:receipted", actor.id, act.id, counts)], ids=house.ids)
        queries.mark_for_index(list(accepted))
        work.enqueue("index")
    return find(act.id)


def _require_valid(act: Transfer, receipt: Mapping[str, Any]) -> list[str]:
    """Return the keys that signed the receipt; every signature must hold over what it says."""
    if (
        receipt.get("format") != packages.FORMAT
        or not isinstance(receipt.get("accepted"), list)
        or not isinstance(receipt.get("returned"), list)
    ):
        raise Refusal("TRANSFER-RECEIPT-INVALID", act.code, reason="不是接收方的回执")
    signed = packages.judge(receipt)
    if not signed or not all(item.is_good for item in signed):
        raise Refusal("TRANSFER-RECEIPT-SIGNATURE", act.code)
    return [item.key_id for item in signed]


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


def _hand_over(record_ids: Sequence[str], custody: Custody) -> None:
    for at in range(0, len(record_ids), 500):
        rows = Record.objects.filter(id__in=record_ids[at : at + 500], custody=Custody.OURS)
        rows.update(custody=custody, version=F("version") + 1)
