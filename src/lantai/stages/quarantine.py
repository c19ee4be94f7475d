"""quarantine 隔离: what the security administrator does with sealed items. Nobody sees a name or content here, and no event tells any.

Two persons decide: the first proposes removal 清除 or release 解除 (a false alarm 误报), a second, another natural person with the
same right, confirms. Removal erases the sealed bytes; release puts them back as a file for capture to take in.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lantai.core.access import Actor, require
from lantai.core.errors import Refusal
from lantai.packages import sealing
from lantai.ports.house import House
from lantai.shelves.intake.models import Quarantine
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.people.models import Account

DECISIONS: dict[str, str] = {"remove": "清除", "release": "解除隔离"}
_LEFT_ALONE_SECONDS = 3600
_STATES = {"remove": "removed", "release": "released"}


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A sealed item as the list shows it: batch, place in it, when; who proposed what, where somebody has.

    ``batch_count`` is the number of items of the same batch still held; ``proposed_by`` an account id.
    """

    id: str
    batch_code: str
    batch_count: int
    position: int
    sealed_at: datetime
    decision: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision did: ``state`` held (a second person is awaited), removed or released.

    ``restore_path`` is the file put back on release, for capture to take in as a false alarm; it bears its original name where
    that was sealed with it.
    """

    state: str
    restore_path: Path | None = None


def held(house: House, actor: Actor) -> tuple[HeldItem, ...]:
    """List the items awaiting a decision, oldest first."""
    require(actor, "quarantine:item:list")
    items = list(Quarantine.objects.filter(state="held").select_related("batch").order_by("created_at", "id"))
    counts = Counter(item.batch_id for item in items)
    return tuple(
        HeldItem(
            id=item.id,
            batch_code=item.batch.code,
            batch_count=counts[item.batch_id],
            position=item.position,
            sealed_at=item.created_at,
            decision=item.decision,
            proposed_by=item.first_person,
        )
        for item in items
    )


def decide(house: House, actor: Actor, item_id: str, *, decision: str) -> Outcome:
    """Propose or confirm *decision* (``remove`` or ``release``) for an item.

    The first person may change the own proposal. Refusals: ACCESS-REFUSED, QUARANTINE-DECISION, QUARANTINE-UNKNOWN,
    QUARANTINE-SECOND-PERSON (the proposer cannot confirm), QUARANTINE-DISAGREE, QUARANTINE-CHANGED. Faults: QUARANTINE-DAMAGED,
    QUARANTINE-KEY. Dying anywhere leaves an item that can be decided again or a rest that :func:`sweep` erases: bytes are put
    back before the state says so, and the sealed ones erased right after it.
    """
    if decision not in DECISIONS:
        raise Refusal("QUARANTINE-DECISION", decision)
    require(actor, f"quarantine:item:{decision}", where=item_id)
    item = Quarantine.objects.filter(id=item_id, state="held").select_related("batch").first()
    if item is None:
        raise Refusal("QUARANTINE-UNKNOWN", item_id)
    is_own = not item.first_person or _person(item.first_person) == _person(actor.id)
    if is_own and item.decision == decision:
        raise Refusal("QUARANTINE-SECOND-PERSON", item_id)
    if is_own:
        return _propose(house, actor, item, decision)
    if item.decision != decision:
        raise Refusal("QUARANTINE-DISAGREE", DECISIONS[item.decision])
    return _confirm(house, actor, item, decision)


def restore_path(house: House, item: Quarantine) -> Path:
    """Return the folder into which an item is put back; its own, so that equal names never meet."""
    return house.staging / item.batch_id / "released" / item.id


def sweep(house: House) -> int:
    """Erase what a crash left: sealed bytes of decided items, plain bytes of items still held. Return how many files went.

    What is younger than an hour may still be in somebody's hands and is left; so are sealed files that no row names
    (``sealing.strays``): capture may be about to write their row.
    """
    count = 0
    for item in Quarantine.objects.exclude(state="held"):
        if (house.data / "quarantine" / item.sealed_name).exists():
            sealing.destroy(house.data, item.sealed_name)
            count += 1
    return count + sum(_erase_restored(house, item) for item in Quarantine.objects.filter(state="held") if _is_old(house, item))


def _propose(house: House, actor: Actor, item: Quarantine, decision: str) -> Outcome:
    _apply(house, actor, item, event="quarantine:proposed", decision=decision, first_person=actor.id)
    return Outcome("held")


def _confirm(house: House, actor: Actor, item: Quarantine, decision: str) -> Outcome:
    state = _STATES[decision]
    restored = sealing.unseal(house.data, item.sealed_name, restore_path(house, item)) if decision == "release" else None
    try:
        _apply(house, actor, item, event=f"quarantine:{state}", state=state, second_person=actor.id, decided_at=house.clock.now())
    except Refusal:
        _erase_restored(house, item)
        raise
    sealing.destroy(house.data, item.sealed_name)
    return Outcome(state, restored)


def _is_old(house: House, item: Quarantine) -> bool:
    folder = restore_path(house, item)
    return folder.exists() and house.clock.now().timestamp() - folder.stat().st_mtime > _LEFT_ALONE_SECONDS


def _erase_restored(house: House, item: Quarantine) -> int:
    plain = list(restore_path(house, item).glob("*"))
    for path in plain:
        sealing.erase(path)
    return len(plain)


def _apply(house: House, actor: Actor, item: Quarantine, *, event: str, **columns: object) -> None:
    """Write the new state if nobody else moved the item meanwhile; the event holds the batch and the item's random id only."""
    with transaction.atomic():
        rows = Quarantine.objects.filter(id=item.id, state="held", version=item.version)
        if not rows.update(version=item.version + 1, **columns):
            raise Refusal("QUARANTINE-CHANGED", item.id)
        append(house.clock.now(), [Entry(event, actor.id, item.id, {"batch": item.batch_id})], ids=house.ids)


def _person(account_id: str) -> str:
    """Return the natural person behind an account: two accounts of one person are one person."""
    return Account.objects.filter(id=account_id).values_list("person", flat=True).first() or account_id
