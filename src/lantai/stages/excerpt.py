"""excerpt 审计摘录: events of the ledger handed to an inspector, each with the proof of its place, and the one-file verifier.

Of a range by days, nothing left out can go unseen: positions run on. What the one who asks may not read is withheld; its digest is there.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from django.db import transaction

from lantai.core import access, beijing
from lantai.core import checkpoint as notes
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.core.events import EVENTS, PayloadClass
from lantai.packages import evidence, excerpt
from lantai.packages.excerpt import Excerpt, Told
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.models import Event
from lantai.stages import fonds, keys
from lantai.stages.report import audit, scope

MOST = 20_000
NAME = "审计摘录"
_WITHHELD = {
    PayloadClass.PERSONAL.value: "涉及个人，不给出内容，只给摘要",
    PayloadClass.CONTENT_BOUND.value: "随档案内容保管，不给出内容，只给摘要",
    "": "内容已按其保存期限销毁，仅留摘要",
}


@dataclass(frozen=True, slots=True)
class Given:
    """An excerpt that was written: its folder, how many events, first and last position, whether it is a range without gaps."""

    path: str
    events: int
    first: int
    last: int
    is_range: bool

    def as_json(self) -> dict[str, object]:
        """Return the fields."""
        return {"path": self.path, "events": self.events, "first": self.first, "last": self.last, "is_range": self.is_range}


def to_zip(house: House, actor: Actor, asked: audit.Filter) -> tuple[str, BinaryIO]:
    """Return the excerpt as a zip: its file name and the open file. The event is written before the first byte.

    Refusals: ACCESS-REFUSED, EXCERPT-EMPTY, EXCERPT-TOO-LONG, LEDGER-NOT-SEALED. Faults of reading the log.
    """
    head, events = _made(house, actor, asked)
    scratch = house.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    made = TemporaryFile(dir=scratch)  # noqa: SIM115 - the caller closes it
    with evidence.zipped(made) as put:
        excerpt.write(put, head, events)
    made.seek(0)
    return f"{_name(events)}.zip", made


def to_folder(house: House, actor: Actor, asked: audit.Filter, out: Path) -> Given:
    """Write the excerpt as a folder below *out*; whole or not there. As :func:`to_zip`; Refusal EVIDENCE-EXISTS where it is there."""
    head, events = _made(house, actor, asked)
    target = out / _name(events)
    if target.exists():
        raise Refusal("EVIDENCE-EXISTS", str(target))
    aside = out / f".{target.name}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    excerpt.write(evidence.into(aside), head, events)
    make_durable(aside)
    aside.rename(target)
    return Given(target.name, len(events), events[0].position, events[-1].position, head.is_range)


def _name(events: list[Told]) -> str:
    return f"{NAME} {events[0].position}-{events[-1].position}"


def _made(house: House, actor: Actor, asked: audit.Filter) -> tuple[Excerpt, list[Told]]:
    """Gather what is asked for, ask whether it may leave, and tell the ledger that it does."""
    access.require(actor, "ledger:event:read")
    last = log.latest()
    if last is None:
        raise Refusal("LEDGER-NOT-SEALED", "账本")
    note = notes.parse(last.note)
    chosen = audit.selected(asked).filter(position__lt=note.size)
    count = chosen.count()
    if not count:
        raise Refusal("EXCERPT-EMPTY", asked.in_words())
    if count > MOST:
        raise Refusal("EXCERPT-TOO-LONG", asked.in_words(), count=count, most=MOST)
    told = list(_told(house, actor, list(chosen.select_related("payload").order_by("position")), note))
    is_range = asked.is_range and told[-1].position - told[0].position + 1 == len(told)
    body = {"asked": asked.in_words(), "events": len(told), "first": told[0].position, "last": told[-1].position}
    with transaction.atomic():
        entries.append(house.clock.now(), [entries.Entry("ledger:excerpted", actor.id, "ledger", body)], ids=house.ids)
    handovers = tuple(item.handover for item in keys.changes())
    return Excerpt(asked.in_words(), fonds.name_of(house), is_range, note, house.signer.public_keys(), handovers), told


def _told(house: House, actor: Actor, rows: Sequence[Event], note: notes.Checkpoint) -> Iterator[Told]:
    tree = log.folder(house.data).tree(note.size)
    names = scope.persons(row.actor for row in rows)
    ids = {row.object_id for row in rows}
    objects = scope.persons(ids) | scope.objects(ids)
    for row in rows:
        payload = getattr(row, "payload", None)
        kind = payload.kind if payload else ""
        is_open = payload is not None and access.payload_body(actor, kind, payload.body) != access.MASK
        words = (
            row.instant.astimezone(beijing.ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            names[row.actor],
            EVENTS[row.type].name if row.type in EVENTS else row.type,
            objects.get(row.object_id, row.object_id),
            _short(payload.body, objects) if is_open and payload else _WITHHELD.get(kind, ""),
        )
        shown = {"salt": payload.salt, "body": payload.body} if is_open and payload else {"withheld": _WITHHELD.get(kind, kind)}
        yield Told(row.position or 0, log.entry(row), tree.inclusion(row.position or 0), words, **shown)


def _short(body: str, names: dict[str, str]) -> str:
    said = json.loads(body)
    pairs = [f"{key}：{value}" for key, value in audit.in_words(said, names)] if isinstance(said, dict) else [str(said)]
    return "；".join(pairs)[:500]
