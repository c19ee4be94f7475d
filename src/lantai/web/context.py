"""What every template is given: who is signed in, the rail, work going on, the ledger's state, the kind of installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from lantai import work
from lantai.core.access import role_name
from lantai.stages import fonds
from lantai.stages.report import frame
from lantai.web.kept import kept
from lantai.web.places import places
from lantai.web.requests import actor_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the values of the shell; for strangers and for parts of a page only what those need."""
    lantai = settings.LANTAI
    basic = {"agency": lantai.agency, "fonds": lantai.fonds, "is_trial": lantai.kind == "trial", "session_minutes": lantai.session_minutes}
    actor = actor_of(request)
    if actor is None:
        return basic | {"agency": fonds.name_of(work.house())}
    basic |= {"actor": actor, "role_name": role_name(actor.role), "theme": getattr(request.user, "theme", "auto")}
    if getattr(request, "htmx", False):
        return basic
    basic |= {"own_keys": " ".join(f"{usual}{key}" for usual, key in getattr(request.user, "own_keys", {}).items())}
    house = work.house()
    around = frame.frame(actor, house.clock.now(), kept(house, actor, "sealing", 5, frame.sealing))
    rail = [(place, around.counts.get(place.id, 0)) for place in places(actor)]
    return basic | {"agency": fonds.name_of(house), "rail": rail, "jobs": around.jobs, "sealing": around.sealing}
