"""fonds 全宗: the unit that makes it up 立档单位, whose name changes with the years; what was archived keeps the name of its day.

The number and a first name come from the settings (``init``); a name that is given here holds before them. Names are dated like those of
departments: one in force, former ones with the days they held.
"""

from dataclasses import dataclass

from django.db import transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import Agent, AgentName
from lantai.shelves.ledger import entries
from lantai.shelves.once import once
from lantai.stages import dated

CHANGE = "system:agency:change"
KIND = "fonds"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the unit as (name, from, to), the newest first; where nobody gave one, the settings' with no days."""

    rows: tuple[tuple[str, str, str], ...]

    def on(self, day: str = "") -> str:
        """Return the name on a day (YYYYMMDD, or its beginning), now where none is given; before the first known day the oldest."""
        held = [name for name, since, to in self.rows if dated.holds(since, to, day)]
        return held[0] if held else self.rows[-1][0] if self.rows else ""


def names(house: House) -> Names:
    """Return every name of the unit; one query."""
    return Names(_given() or (((house.settings.agency, "", ""),) if house.settings.agency else ()))


@once
def _given() -> tuple[tuple[str, str, str], ...]:
    rows = AgentName.objects.filter(agent__kind=KIND).order_by("-valid_from", "-id")
    return tuple(rows.values_list("name", "valid_from", "valid_to"))


def name_of(house: House) -> str:
    """Return the name of the unit as it is now, empty where it has none yet."""
    return names(house).on()


def rename(house: House, actor: Actor, *, name: str, since: str = "") -> None:
    """Let the unit have another name from a day on; the former one holds until the day before. The first name needs no day.

    Refusals: ACCESS-REFUSED, FONDS-INCOMPLETE, FONDS-SAME, ELEMENT-DATE-WRONG, DEPARTMENT-DAY-WRONG.
    """
    access.require(actor, CHANGE)
    name, since, before = dated.name(name, "FONDS-INCOMPLETE"), dated.day(since), name_of(house)
    if name == before:
        raise Refusal("FONDS-SAME", name)
    if before and not since:
        raise Refusal("FONDS-INCOMPLETE", parts="起用日期")
    now = house.clock.now()
    with transaction.atomic():
        agent, _ = Agent.objects.get_or_create(kind=KIND, code="", defaults={"id": house.ids.new()})
        last = AgentName.objects.select_for_update().filter(agent=agent, valid_to="").order_by("-valid_from").first()
        if last is None and before:
            last = AgentName.objects.create(id=house.ids.new(), agent=agent, name=before)
        if last is not None:
            if last.valid_from and since <= last.valid_from:
                raise Refusal("DEPARTMENT-DAY-WRONG", since, after=last.valid_from)
            AgentName.objects.filter(id=last.id).update(valid_to=dated.before(since))
        AgentName.objects.create(id=house.ids.new(), agent=agent, name=name, valid_from=since)
        body = {"fonds": house.settings.fonds, "before": before, "after": name, "since": since}
        entries.append(now, [entries.Entry("fonds:named", actor.id, agent.id, body)], ids=house.ids)
