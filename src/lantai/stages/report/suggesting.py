"""Keywords and persons proposed for a record or a scanned item, with source and reason; a person confirms or leaves them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lantai.core import access, beijing, indexing
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.indexing import Suggestion
from lantai.ports import House
from lantai.ports.index import Query
from lantai.shelves.digitising import queries as taught
from lantai.shelves.digitising.models import Page
from lantai.shelves.holdings import queries as holdings
from lantai.shelves.holdings.models import Record
from lantai.stages.digitise.layers import read_page
from lantai.stages.report import scope
from lantai.stages.report.describing import standing
from lantai.stages.texts import Texts
from lantai.standards import da_t_19

_ISSUED = frozenset({"签发", "批准"})


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is proposed for each element that a record is indexed by."""

    keyword: tuple[Suggestion, ...]
    personal_name: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of a record: its title, its text, the names of organs in its fields, who signed for issue."""

    title: str
    text: str
    bodies: tuple[str, ...]
    signed: tuple[tuple[str, str], ...]


def for_record(house: House, actor: Actor, record_id: str) -> Suggested:
    """Return what is proposed for a record. Refusals: ACCESS-REFUSED, RECORD-UNKNOWN."""
    row = scope.records(actor).filter(id=record_id).first()
    if row is None:
        raise Refusal("RECORD-UNKNOWN", record_id)
    text = Texts(house).of_record(row, holdings.files_of([row]).get(row.id, []))
    fields = {**row.elements, "author": row.author}
    return _suggest(house, actor, _About(row.title, text, _bodies(house, fields), _signed(row)))


def for_item(house: House, actor: Actor, item_id: str) -> Suggested:
    """Return what is proposed for a scanned item, by what its form holds. Refusals: ACCESS-REFUSED, DIGITISE-ITEM-UNKNOWN."""
    access.require(actor, "digitise:item:describe")
    row = taught.item(item_id)
    values, _ = standing(row)
    text = "\n".join(_text(house, page) for page in taught.kept_pages(row.id))
    return _suggest(house, actor, _About(values.get("title", "") or row.title, text, _bodies(house, values), ()))


def _suggest(house: House, actor: Actor, about: _About) -> Suggested:
    words, used = da_t_19.words(), taught.used("keyword")
    retired = taught.retired("keyword")
    found = {item.value: item for item in indexing.candidates(about.title, about.text, (*about.bodies, *retired), words)}
    found |= {item.value: item for item in indexing.known_in(about.title, about.text, used)}
    held, total = _held(house, actor, found)
    persons = indexing.persons(about.text, about.signed, taught.used("person"), words, bodies=about.bodies)
    gone = taught.retired("person")
    return Suggested(indexing.keywords(tuple(found.values()), held, total, used), tuple(item for item in persons if item.value not in gone))


def _held(house: House, actor: Actor, words: Iterable[str]) -> tuple[dict[str, int], int]:
    """Return in how many records that *actor* may see each word stands, and how many records there are."""
    rows = access.visible(actor)
    count = {word: house.index.search(Query((word,), visible=rows, limit=0)).total for word in words}
    return count, house.index.search(Query((), visible=rows, limit=0)).total


def _text(house: House, page: Page) -> str:
    """Return the text of a scanned page; empty where it was not read, or cannot be now."""
    try:
        return read_page(house.data / page.lines).text if page.lines else ""
    except (OSError, ValueError, KeyError):
        return ""


def _bodies(house: House, fields: Mapping[str, Any]) -> tuple[str, ...]:
    said: Sequence[object] = [fields.get(name, "") for name in ("author", "principal_receiver", "other_receivers", "printing_body")]
    names = [name for value in said for name in indexing.parts("；".join(map(str, value)) if isinstance(value, list) else str(value))]
    return tuple(dict.fromkeys((*names, *filter(None, [house.settings.agency]))))


def _signed(row: Record) -> tuple[tuple[str, str], ...]:
    """Return who signed a record for issue: told by its business events, else hinted at by its page."""
    people = {str(agent.get("id")): agent for agent in row.agents if agent.get("kind") == "个人"}
    told = [(event, people[str(event.get("agent_id"))]) for event in row.events if str(event.get("agent_id")) in people]
    by_event = [
        (str(agent["name"]), f"{beijing.day_of(str(event.get('time', '')))} {event['activity']}，{agent.get('position') or '职务未记'}")
        for event, agent in told
        if event.get("activity") in _ISSUED
    ]
    by_page = [(str(name), "页面标有签发人") for hint in row.arrival.get("hints", ()) for name in hint.get("persons", ())]
    return tuple(by_event or by_page)
