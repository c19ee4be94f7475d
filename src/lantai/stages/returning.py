"""Taking back what many records were changed by, as a job: the act says that it is on its way back, and what it is to be then.

Shared by the verb that takes an act back (undo) and by those that must end whole (sheets).
"""

from django.db import transaction

from lantai import work
from lantai.ports import House
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import traces


def begin(act_id: str, *, was: str, then: str, reason: str = "") -> bool:
    """Let an act that is *was* go back, and be *then* afterwards, with the code of why; tell whether it was so still."""
    with transaction.atomic():
        act = Act.objects.select_for_update().filter(id=act_id, state=was).first()
        if act is None:
            return False
        act.state, act.reason, act.asked = journal.RETURNING, reason, act.asked | {"then": then}
        act.save(update_fields=("state", "reason", "asked"))
        work.enqueue("undo", act_id=act_id)
    return True


def carry_out(house: House, act_id: str) -> None:
    """Put back what is still as the act left it; what is back is not touched again."""
    act = Act.objects.get(id=act_id)
    if act.state != journal.RETURNING:
        return
    with work.progress("undo", act.id, step=f"撤回：{act.title}"[:200], total=act.done) as progress:
        traces.put_back(house, act, act.actor, progress.advance)
    with transaction.atomic():
        Act.objects.filter(id=act.id, state=journal.RETURNING).update(state=act.asked["then"])
        work.enqueue("index")
