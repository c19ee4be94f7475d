"""定人: which persons are to do which step of a batch. It says whose turn it is and shuts nobody out: who may, may."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.digitising import BatchState
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.digitising import queries
from lantai.shelves.digitising.models import ScanBatch
from lantai.shelves.ledger import entries
from lantai.shelves.people.models import Account
from lantai.standards import da_t_31

#: What a person must be allowed to for a step.
NEEDED: dict[str, str] = {
    "take_out": "digitise:batch:hand",
    "prepare": "digitise:batch:hand",
    "catalogue": "digitise:batch:open",
    "scan": "digitise:batch:hand",
    "describe": "digitise:item:describe",
    "inspect": "digitise:page:inspect",
    "accept": "digitise:batch:accept",
    "give_back": "digitise:batch:hand",
}


def assign(house: House, actor: Actor, batch_id: str, step: str, account_ids: Sequence[str]) -> None:
    """Name the persons of a step of a batch; nobody where *account_ids* is empty.

    Refusals: ACCESS-REFUSED, DIGITISE-BATCH-UNKNOWN, DIGITISE-STEP for a step that no person does, DIGITISE-PERSON for whoever may not.
    """
    access.require(actor, "digitise:batch:open")
    batch = queries.batch(batch_id)
    labels = {item.name: item.label for item in da_t_31.steps(batch.project.shape)}
    if step not in NEEDED or step not in labels:
        raise Refusal("DIGITISE-STEP", step, step=labels.get(step, step), reason="这一步由系统做，不用定人")
    known = {row.id for row in able(step)}
    if wrong := [key for key in account_ids if key not in known]:
        raise Refusal("DIGITISE-PERSON", wrong[0])
    named = {**persons(batch), step: list(dict.fromkeys(account_ids))}
    kept = {**batch.facts, "persons": {name: ids for name, ids in named.items() if ids}}
    with transaction.atomic():
        if not ScanBatch.objects.filter(id=batch.id, version=batch.version).update(facts=kept, version=F("version") + 1):
            raise Refusal("DIGITISE-CHANGED", batch.code, who="他人")
        told = {"step": step, "persons": named[step]}
        entries.append(house.clock.now(), [entries.Entry("digitising:assigned", actor.id, batch.id, told)], ids=house.ids)


def persons(batch: ScanBatch) -> dict[str, list[str]]:
    """Return the accounts that are to do the steps of a batch, by step."""
    return dict(batch.facts.get("persons", {}))


def named_for(account_id: str, step: str) -> list[str]:
    """Return the open batches in which an account was named for a step."""
    rows = ScanBatch.objects.exclude(state=BatchState.CLOSED).exclude(facts={}).only("id", "facts")
    return [row.id for row in rows if account_id in persons(row).get(step, [])]


def able(step: str) -> tuple[Account, ...]:
    """Return the active accounts that may do a step, by name."""
    rows = Account.objects.filter(is_active=True).order_by("name", "id")
    return tuple(row for row in rows if access.may(Actor(row.id, row.login, row.name, row.role, row.department), NEEDED[step]).allowed)
