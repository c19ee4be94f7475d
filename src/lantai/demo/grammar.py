"""The grammar of the demonstration's documents: phrases in ``topics.toml`` and ``kinds.toml``, and how their slots are filled.

Everything is drawn from the ``random.Random`` that is handed in: the same generator state gives the same words.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

_NUMBER = re.compile(r"\{([np]) (\d+) (\d+)\}")
_HAN = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Measure:
    """A section of a document: its heading and the sentences it may hold."""

    head: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a department writes about: matters by kind of document, purposes, background sentences, measures, attachments."""

    department: str
    matters: dict[str, tuple[str, ...]]
    purposes: tuple[str, ...]
    background: tuple[str, ...]
    measures: tuple[Measure, ...]
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of official document 文种: its number series, receivers, openings, closings; ``upward`` ones name who signed."""

    name: str
    series: str
    title: str
    receivers: tuple[str, ...]
    openings: tuple[str, ...]
    closings: tuple[str, ...]
    copies: tuple[str, ...]
    upward: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of running text: ``style`` is heading, item or body."""

    style: str
    text: str


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lantai.demo").joinpath(name).read_text(encoding="utf-8"))


def _topic(row: dict[str, Any]) -> Topic:
    return Topic(
        row["department"],
        {kind: tuple(matters) for kind, matters in row["matters"].items()},
        tuple(row["purpose"]),
        tuple(row["background"]),
        tuple(Measure(item["head"], tuple(item["text"])) for item in row["measures"]),
        tuple(row["attachments"]),
    )


def _kind(name: str, row: dict[str, Any]) -> Kind:
    receivers, openings, closings, copies = (tuple(row[key]) for key in ("receivers", "openings", "closings", "copies"))
    return Kind(name, row["series"], row["title"], receivers, openings, closings, copies, upward=row.get("upward", False))


@cache
def topics() -> tuple[Topic, ...]:
    """Return every topic of ``topics.toml``."""
    return tuple(_topic(row) for row in _table("topics.toml")["topic"])


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of document of ``kinds.toml`` by name."""
    return {name: _kind(name, row) for name, row in _table("kinds.toml").items()}


def fill(text: str, rng: Random, slots: dict[str, str]) -> str:
    """Return *text* with its slots filled: named ones from *slots*, ``{n A B}`` and ``{p A B}`` with drawn numbers.

    Raises KeyError for a slot nobody knows: a phrase that is wrong must not reach a page.
    """
    text = re.sub(r"\{([a-z]+)\}", lambda hit: slots[hit[1]], text)
    return _NUMBER.sub(lambda hit: _number(rng, hit[1], int(hit[2]), int(hit[3])), text)


def _number(rng: Random, kind: str, low: int, high: int) -> str:
    return str(rng.randint(low, high)) if kind == "n" else f"{rng.uniform(low, high):.1f}"


def han_number(value: int) -> str:
    """Write 1 to 10 in Chinese numerals, as sections are counted."""
    return _HAN[value - 1]


def body(topic: Topic, kind: Kind, rng: Random, slots: dict[str, str]) -> tuple[Paragraph, ...]:
    """Compose the running text: background, opening, two to four numbered sections, closing."""
    lead = [Paragraph("body", fill(text, rng, slots)) for text in _lead(topic, kind, rng)]
    chosen = _measures(topic, rng)
    sections = [part for place, measure in enumerate(chosen, 1) for part in _section(measure, place, rng, slots)]
    return (*lead, *sections, Paragraph("body", fill(rng.choice(kind.closings), rng, slots)))


def _lead(topic: Topic, kind: Kind, rng: Random) -> list[str]:
    """The background comes before the opening, but after it in minutes; a reply opens with what it replies to."""
    opening = rng.choice(kind.openings)
    if kind.name == "批复":
        return [opening]
    facts = rng.sample(topic.background, rng.randint(1, len(topic.background)))
    return [opening, *facts] if kind.name == "纪要" else [*facts, opening]


def _measures(topic: Topic, rng: Random) -> list[Measure]:
    """Choose the sections, in the order of the table: two for a short document, and the whole department's stock for a long one."""
    length = rng.choices(("short", "usual", "long"), (4, 4, 2))[0]
    if length == "short":
        stock, count = topic.measures, 2
    elif length == "usual":
        stock, count = topic.measures, len(topic.measures)
    else:
        stock = tuple(measure for other in topics() if other.department == topic.department for measure in other.measures)
        count = len(stock)
    return [stock[index] for index in sorted(rng.sample(range(len(stock)), count))]


def _section(measure: Measure, place: int, rng: Random, slots: dict[str, str]) -> list[Paragraph]:
    heading = Paragraph("heading", f"{han_number(place)}、{measure.head}")
    sentences = [fill(text, rng, slots) for text in rng.sample(measure.sentences, rng.randint(1, len(measure.sentences)))]
    if len(sentences) == 1 or rng.random() < 0.6:
        return [heading, Paragraph("body", "".join(sentences))]
    return [heading, *(Paragraph("item", f"（{han_number(index)}）{text}") for index, text in enumerate(sentences, 1))]
