"""When a search finds nothing: what would be found with fewer words or without the filters, as counts and nothing more."""

from dataclasses import dataclass

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.lifecycle import GONE, State
from lantai.ports import House
from lantai.ports.index import Query
from lantai.stages.report import scope

MOST = 4
SEARCHED = sorted(set(State) - GONE - {State.RECEIVED})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search and how many records it finds; ``without`` names the facet to drop, ``words`` the words to keep."""

    words: tuple[str, ...]
    without: str
    total: int


def instead(house: House, actor: Actor, words: tuple[str, ...], facets: dict[str, tuple[str, ...]]) -> tuple[Suggestion, ...]:
    """Return searches close to one that found nothing, those that find most first."""
    tries = [(words, name) for name in facets]
    if len(words) > 1:
        tries += [(tuple(word for word in words if word != left), "") for left in words]
    found = [_try(house, actor, kept, without, facets) for kept, without in tries[: 2 * MOST]]
    return tuple(sorted((item for item in found if item.total), key=lambda item: -item.total)[:MOST])


def searched(actor: Actor) -> int:
    """Return how many records *actor*'s searches look through."""
    return scope.records(actor).filter(state__in=SEARCHED).count()


def _try(house: House, actor: Actor, words: tuple[str, ...], without: str, facets: dict[str, tuple[str, ...]]) -> Suggestion:
    kept = {name: values for name, values in facets.items() if name != without}
    query = Query(words, facets=kept, visible=access.visible(actor), limit=0)
    return Suggestion(words, without, house.index.search(query).total)
