"""Records of a class that is being fixed, claimed by the act that fixes it: until they bear their codes nobody changes what these rest on.

A trigger of the database passes by every change of a claimed record's state, place, code or description, whoever writes it: to the writer
it looks as if somebody had been faster, which every writer is ready for. Flags (hold, quarantine, attention) are set as ever.
"""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.db import connections, transaction

from lantai.core.lifecycle import State
from lantai.shelves.bulk import insert_values
from lantai.shelves.holdings.models import ArchivalCode, NumberClaim, Record

_GUARDED = ("state", "code", "category", "year", "department", "retention", "title", "elements")


def claim(act_id: str, record_ids: Sequence[str]) -> bool:
    """Claim records that wait for their number, in the transaction of the caller; False where one does not wait, or is another act's.

    What the act has claimed already stays so. On PostgreSQL a change that is on its way is waited for.
    """
    waiting = Record.objects.select_for_update().filter(id__in=record_ids, state=State.ARRANGED.value)
    known = dict(NumberClaim.objects.filter(record_id__in=record_ids).values_list("record_id", "act_id"))
    free = set(waiting.values_list("id", flat=True))
    if not free.issuperset(record_ids) or set(known.values()) - {act_id}:
        return False
    insert_values(NumberClaim, ("record_id", "act_id", "version"), [(key, act_id, 1) for key in record_ids if key not in known])
    return True


def count(act_id: str) -> int:
    """Return how many records an act has claimed."""
    return NumberClaim.objects.filter(act_id=act_id).count()


def release(act_id: str) -> int:
    """Let go of everything that an act has claimed; return how much that was."""
    return NumberClaim.objects.filter(act_id=act_id).delete()[0]


def let_go(scope: str, between: tuple[int, int]) -> int:
    """Let go of the records that bear numbers of a scope from one to another, so that they can take these up; return how many."""
    codes = ArchivalCode.objects.filter(scope=scope, kind="agency", valid_to="", item_number__range=between)
    return NumberClaim.objects.filter(record_id__in=list(codes.values_list("record_id", flat=True))).delete()[0]


def are_there() -> bool:
    """Tell whether any record is claimed."""
    return NumberClaim.objects.exists()


def install(sender: AppConfig, using: str, **_: Any) -> None:  # noqa: ANN401 - Django's hook
    """Put the trigger in place where it is missing, as after a migration that made the table anew."""
    connection = connections[using]
    if using != "default":
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if {"holdings_numberclaim", "holdings_record"} <= set(connection.introspection.table_names(cursor)):
            for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
                cursor.execute(statement)


_IS_CLAIMED = "EXISTS (SELECT 1 FROM holdings_numberclaim WHERE record_id = OLD.id)"
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS record_claimed BEFORE UPDATE OF {', '.join(_GUARDED)} ON holdings_record "
    f"WHEN {_IS_CLAIMED} BEGIN SELECT RAISE(IGNORE); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION record_claimed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {_IS_CLAIMED} THEN RETURN NULL; END IF; RETURN NEW; END $$",
    f"CREATE OR REPLACE TRIGGER record_claimed BEFORE UPDATE OF {', '.join(_GUARDED)} ON holdings_record "
    "FOR EACH ROW EXECUTE FUNCTION record_claimed()",
)
