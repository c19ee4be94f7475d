"""saved views 视图: a person keeps a filter of the workbench under a name, on whatever machine they sign in next.

A view is a comfort of one person and says nothing of any record, so that the ledger is not told of it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.formats.content import clean
from lantai.shelves.people.models import SavedView

LONGEST, MOST = 40, 30
#: What a view may say: the parts of a choice of records.
PARTS = ("category", "year", "department", "retention", "attention", "words", "fixed", "order")


def listed(actor: Actor) -> list[SavedView]:
    """Return the views of *actor*, by name."""
    return list(SavedView.objects.filter(account_id=actor.id).order_by("name"))


def query_of(asked: Mapping[str, str]) -> str:
    """Return what the address of a choice says; what is no part of one is left out."""
    return urlencode([(name, asked[name]) for name in PARTS if name in asked])


def keep(actor: Actor, name: str, asked: Mapping[str, str]) -> SavedView:
    """Keep a choice of records under a name; one of that name is replaced. Refusals: ACCESS-REFUSED, VIEW-NAME, VIEW-TOO-MANY."""
    access.require(actor, "holdings:record:revise")
    said = name.strip()
    if not said or len(said) > LONGEST or clean(said) != said:
        raise Refusal("VIEW-NAME", said[:20], most=LONGEST)
    mine = SavedView.objects.filter(account_id=actor.id)
    if mine.exclude(name=said).count() >= MOST:
        raise Refusal("VIEW-TOO-MANY", said, most=MOST)
    view, _ = SavedView.objects.update_or_create(account_id=actor.id, name=said, defaults={"query": query_of(asked)[:2000]})
    return view


def drop(actor: Actor, view_id: int) -> str:
    """Forget a view of *actor* and return its name, empty where there was none."""
    view = SavedView.objects.filter(account_id=actor.id, id=view_id).first()
    if view is None:
        return ""
    view.delete()
    return view.name
