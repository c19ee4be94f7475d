"""Time stamps as the ledger keeps them: what was stamped, by whom, whether it holds, and who goes on for one whose certificate ends.

A stamp is the payload of an event (``proof:stamped`` on a batch root, ``checkpoint:stamped`` on a checkpoint), so the ledger protects it as
it protects everything. A stamped checkpoint covers every event before it, earlier stamps among them: it goes on for them (RFC 4998 in
spirit, with the ledger's tree for the hash tree).
"""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import checkpoint as notes
from lantai.core.events import instant_text
from lantai.formats import trust
from lantai.formats.signing.certificates import load_all
from lantai.formats.signing.judging import Material
from lantai.formats.signing.revocation import Evidence
from lantai.formats.signing.timestamps import verify_token
from lantai.formats.signing.verdict import Verdict
from lantai.packages import proof
from lantai.ports import House
from lantai.ports.stamper import Stamp
from lantai.shelves.ledger.models import Event

ROOT, CHECKPOINT = "proof:stamped", "checkpoint:stamped"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stamp as the ledger keeps it: of which root or size, its event and position (None: not sealed yet), and the stamp."""

    subject: str
    event: str
    position: int | None
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class StampProof:
    """What a record's stamp says: ``state`` good, none, bad or unjudged (nobody said which authorities are trusted), and the words."""

    record: str
    root: str
    state: str
    says: str
    digest: str = ""
    instant: datetime | None = None
    authority: str = ""
    until: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """Return the fields, instants as text in UTC (empty where there are none)."""
        instant, until = (instant_text(item) if item else "" for item in (self.instant, self.until))
        told: dict[str, object] = {
            "record": self.record,
            "root": self.root,
            "state": self.state,
            "digest": self.digest,
            "authority": self.authority,
        }
        return told | {"instant": instant, "until": until, "message": self.says}


def body_of(stamp: Stamp) -> dict[str, Any]:
    """Return the payload that keeps a stamp."""
    lists = {name: [base64.b64encode(item).decode() for item in getattr(stamp, name)] for name in ("certificates", "lists", "answers")}
    return {
        "digest": stamp.digest,
        "token": base64.b64encode(stamp.token).decode(),
        "instant": instant_text(stamp.instant),
        "authority": stamp.authority,
        "until": instant_text(stamp.until),
        **lists,
    }


def stamp_of(body: dict[str, Any]) -> Stamp:
    """Return the stamp that a payload keeps. Raises KeyError, ValueError, TypeError for what keeps none."""
    lists = (tuple(base64.b64decode(item) for item in body[name]) for name in ("certificates", "lists", "answers"))
    at, until = (datetime.fromisoformat(body[name]) for name in ("instant", "until"))
    return Stamp(body["digest"], base64.b64decode(body["token"]), at, body["authority"], until, *lists)


def of_root(root: str) -> list[Kept]:
    """Return the stamps of a batch root, the earliest first."""
    return list(_kept(Event.objects.filter(type=ROOT, object_id=root)))


def latest_checkpoint() -> Kept | None:
    """Return the latest stamp of a checkpoint that can be read, None where there is none."""
    newest_first = Event.objects.filter(type=CHECKPOINT).order_by("-instant", "-id").select_related("payload")
    return next(_readable(newest_first.iterator(chunk_size=20)), None)


def of_checkpoints() -> list[Kept]:
    """Return the stamps of checkpoints that can be read, the earliest first; verifying the ledger names the others."""
    return list(_readable(Event.objects.filter(type=CHECKPOINT).select_related("payload").order_by("instant", "id")))


def _readable(events: Iterable[Event]) -> Iterator[Kept]:
    for event in events:
        with suppress(ValueError, KeyError, TypeError):
            yield from of_event(event)


def _kept(events: Any) -> Iterator[Kept]:  # noqa: ANN401 - a query set of events
    for event in events.select_related("payload").order_by("instant", "id"):
        yield from of_event(event)


def of_event(event: Event) -> Iterator[Kept]:
    """Yield the stamp that an event keeps, none where its payload is gone. Raises KeyError, ValueError, TypeError for others."""
    payload = getattr(event, "payload", None)
    if payload is not None:
        yield Kept(event.object_id, event.id, event.position, stamp_of(json.loads(payload.body)))


def judge(house: House, stamp: Stamp, message: bytes) -> Verdict:
    """Hold a stamp against what it is said to stamp, with everything that was kept for judging it."""
    anchors = tuple(load_all(trust.certificates(trusted(house))))
    material = Material([message], anchors, evidence=Evidence(stamp.answers, stamp.lists))
    return verify_token(stamp.token, material, load_all(stamp.certificates))


def trusted(house: House) -> str:
    """Return where the certificates lie that time stamps must lead to; empty where none are set."""
    chosen = house.settings.tsa_certificates
    return str((house.data / chosen).resolve()) if chosen else ""


def faults(verdict: Verdict) -> str:
    """Return why a stamp does not hold, empty where it does; a chain that nobody could judge is not held against it."""
    reasons = {
        "时间戳里的摘要不是这个批次根的": verdict.digests_valid is not True,
        "时间戳的签名无效": verdict.signature_valid is not True,
        "盖时间戳时证书不在有效期内": verdict.time_valid is not True,
        "证书没有连到受信任的根证书": verdict.chain_valid is False,
        "盖时间戳时证书已被吊销": verdict.revocation is False,
    }
    return "；".join(reason for reason, is_so in reasons.items() if is_so)


class Stamps:
    """The stamps of batch roots, each judged once, as many records of a batch ask for them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[str, StampProof] = {}
        self._later: list[Kept] | None = None
        self.unstamped = 0
        self.unjudged = False

    def of(self, record: str, batch: proof.Batch) -> StampProof:
        """Return what is known of the stamp of a batch, for *record*."""
        known = self._known.get(batch.root)
        if known is None:
            known = self._known[batch.root] = self._judged(record, batch)
        self.unstamped += known.state == "none"
        self.unjudged |= known.state == "unjudged"
        return known

    def _judged(self, record: str, batch: proof.Batch) -> StampProof:
        try:
            kept = of_root(batch.root)
        except (ValueError, KeyError, TypeError):
            return StampProof(record, batch.root, "bad", "账本里的时间戳残缺，读不懂")
        if not kept:
            return StampProof(record, batch.root, "none", self._why_none())
        verdicts = [(item, judge(self._house, item.stamp, batch.stamped())) for item in kept]
        first = kept[0].stamp
        told = first.digest, first.instant, first.authority, max(item.stamp.until for item in kept)
        bad = next((reason for _, verdict in verdicts if (reason := faults(verdict))), "")
        if bad:
            return StampProof(record, batch.root, "bad", bad, *told)
        if reason := self._ended(kept):
            return StampProof(record, batch.root, "bad", reason, *told)
        is_trusted = all(verdict.chain_valid for _, verdict in verdicts)
        says = f"{first.authority}，按 {'、'.join(item.stamp.digest.upper() for item in kept)} 各一枚" if len(kept) > 1 else first.authority
        return StampProof(record, batch.root, "good" if is_trusted else "unjudged", says, *told)

    def _why_none(self) -> str:
        return "未加盖时间戳：等时间戳服务答复后补盖" if self._house.stamper.digests else "未加盖时间戳：没有设置时间戳服务"

    def _ended(self, kept: list[Kept]) -> str:
        """Return why nobody goes on for stamps whose certificates ended, empty where somebody does or none ended."""
        now = self._house.clock.now()
        if any(item.stamp.until > now for item in kept):
            return ""
        until, position = max(item.stamp.until for item in kept), max((item.position or 0 for item in kept), default=0)
        if self._later is None:
            self._later = of_checkpoints()
        for later in self._later:
            if int(later.subject) > position and later.stamp.instant <= until:
                until = max(until, later.stamp.until)
        return "" if until > now else f"时间戳所用证书已于 {until:%Y-%m-%d} 到期，此前没有新的时间戳接续"

    def not_checked(self) -> tuple[str, ...]:
        """Return what could not be checked, in words."""
        said = []
        if self.unstamped:
            said.append(f"时间戳：{self.unstamped} 件未加盖时间戳，时间是本机关自报的")
        if self.unjudged:
            said.append("时间戳：没有设置受信任的根证书（tsa_certificates），没有判断时间戳机构是否可信")
        return tuple(said)


def note_message(note: notes.Checkpoint) -> bytes:
    """Return the bytes that are time-stamped for a checkpoint: the whole note, signatures included."""
    return note.note().encode()
