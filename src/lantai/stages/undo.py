"""undo 撤销: a person takes back an act of their own, after a reload as well; what anybody changed since stays as it is."""

from dataclasses import dataclass

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import rest, returning, traces

#: How many records are put back while the person waits; more go back as a job.
AT_ONCE = 1000
_MANY = ("revise", "import")


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking back did: the act's title, how many records are as before, how many were overtaken by a later change; or that it goes
    on as a job."""

    title: str
    done: int
    overtaken: int
    is_going_on: bool = False


def last(house: House, actor: Actor) -> Act | None:
    """Return the last act that *actor* can take back, None where there is none."""
    return journal.last(actor.id, house.clock.now() - traces.FOR)


def failed(house: House, actor: Actor) -> list[Act]:
    """Return the jobs of *actor* that failed lately and were not put away."""
    return journal.failed(actor.id, house.clock.now() - traces.FOR)


def put_away(actor: Actor, act_id: str) -> None:
    """Put away the news of a job of *actor* that failed."""
    journal.put_away(actor.id, act_id)


def undo(house: House, actor: Actor, act_id: str = "") -> Undone:
    """Take back an act, the last one where none is named; one that changed many records goes back as a job.

    Raises Refusal UNDO-NOTHING where there is no such act of *actor*, UNDO-OVERTAKEN where no record still is as the act left it.
    """
    access.require(actor, "holdings:record:revise")
    kept = (journal.DONE, journal.SPENT)
    act = Act.objects.filter(id=act_id, actor=actor.id, state__in=kept).first() if act_id else last(house, actor)
    if act is None:
        raise Refusal("UNDO-NOTHING", act_id)
    if act.state == journal.SPENT:
        raise Refusal("UNDO-OVERTAKEN", act.title)
    if act.kind in _MANY and act.done > AT_ONCE:
        if not returning.begin(act.id, was=journal.DONE, then=journal.UNDONE):
            raise Refusal("UNDO-NOTHING", act_id)
        return Undone(act.title, 0, 0, is_going_on=True)
    done = traces.put_back(house, act, actor.id)
    if not done:
        raise Refusal("UNDO-OVERTAKEN", act.title)
    with transaction.atomic():
        Act.objects.filter(id=act.id, state=journal.DONE).update(state=journal.UNDONE)
        work.enqueue("index")
    return Undone(act.title, done, act.done - done)


@work.task("undo", on_give_up=rest.act)
def undo_task(act_id: str) -> None:
    """Put back in the background."""
    returning.carry_out(work.house(), act_id)
