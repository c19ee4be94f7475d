"""taken out 清单导出: a table of many titles that leaves the system as a file is told to the ledger, like a package or a printed form."""

from django.db import transaction

from lantai.core.access import Actor
from lantai.ports import House
from lantai.shelves.ledger import entries

SHEET, REGISTER = "sheet", "register"


def note(house: House, actor: Actor, of: str, *, form: str, rows: int | None = None) -> None:
    """Tell that *actor* takes a table *of* something (:data:`SHEET`, :data:`REGISTER`, a batch's id) out; before the first byte leaves."""
    body = {"form": form} if rows is None else {"form": form, "rows": rows}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("list:exported", actor.id, of, body)], ids=house.ids)
