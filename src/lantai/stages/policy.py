"""policy 格式政策: the agency judges a family of formats differently from the standard, or goes back to it. Every change is an event."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.shelves.policy.formats import decisions, judgement
from lantai.shelves.policy.models import FormatDecision
from lantai.standards.da_t_70.formats import Archiving, Format, Judgement, Risk, in_force, standard

LONGEST = 200
_TEXTS = {"target": "保存目标", "risk_reason": "风险理由", "note": "说明"}


def change(house: House, actor: Actor, family: str, given: Mapping[str, str], *, reason: str) -> Judgement:
    """Judge *family* as *given* says: archiving, preservation (yes or no), target, risk, risk_reason, note; return the judgement.

    What is not given stays as it is in force. The earlier decision is retired, never deleted. Refusals: ACCESS-REFUSED,
    POLICY-FORMAT-UNKNOWN, POLICY-INCOMPLETE (no reason, a value that does not exist), POLICY-SAME, POLICY-CHANGED.
    """
    row = _row(actor, family)
    wanted = _judgement(row, given, reason)
    if wanted == row.judgement:
        raise Refusal("POLICY-SAME", row.name)
    _decide(house, actor, row, wanted, reason)
    return wanted


def restore(house: House, actor: Actor, family: str, *, reason: str) -> Judgement:
    """Let the standard's judgement of *family* be in force again and return it. Refusals as in :func:`change`."""
    row = _row(actor, family)
    if not reason.strip():
        raise Refusal("POLICY-INCOMPLETE", row.name, parts="理由")
    if family not in dict(decisions()):
        raise Refusal("POLICY-SAME", row.name)
    _decide(house, actor, row, None, reason)
    return standard()[family].judgement


def _row(actor: Actor, family: str) -> Format:
    access.require(actor, "policy:format:change", where=family)
    row = in_force(decisions()).get(family)
    if row is None:
        raise Refusal("POLICY-FORMAT-UNKNOWN", family)
    return row


def _judgement(row: Format, given: Mapping[str, str], reason: str) -> Judgement:
    own = row.judgement
    texts = {key: str(given.get(key, getattr(own, key))).strip() for key in _TEXTS}
    archiving, risk = str(given.get("archiving", own.archiving)), str(given.get("risk", own.risk))
    preservation = given.get("preservation", "yes" if own.preservation else "no")
    wrong = {
        "归档": archiving not in list(Archiving),
        "长期保存": preservation not in {"yes", "no"},
        "风险": risk not in list(Risk),
        "不许归档的不能长期保存": archiving == Archiving.REFUSED and preservation == "yes",
        "理由": not reason.strip() or not reason.strip().isprintable() or len(reason) > LONGEST,
        **{name: len(texts[key]) > LONGEST or not texts[key].isprintable() for key, name in _TEXTS.items()},
    }
    if any(wrong.values()):
        raise Refusal("POLICY-INCOMPLETE", row.name, parts="、".join(name for name, is_wrong in wrong.items() if is_wrong))
    return Judgement(Archiving(archiving), preservation == "yes", texts["target"], Risk(risk), texts["risk_reason"], texts["note"])


def _decide(house: House, actor: Actor, row: Format, wanted: Judgement | None, reason: str) -> None:
    """Retire the decision in force and write the new one, if nobody else decided meanwhile; tell the ledger."""
    now = house.clock.now()
    before = FormatDecision.objects.filter(family=row.family, retired_at=None).first()
    event = "format:changed" if wanted else "format:restored"
    after = wanted or standard()[row.family].judgement
    body = {"name": row.name, "before": asdict(row.judgement), "after": asdict(after), "reason": reason.strip()}
    try:
        with transaction.atomic():
            if before is not None:
                _retire(before, actor, row, now=now)
            if wanted is not None:
                own = asdict(wanted) | {"reason": reason.strip(), "decided_by": actor.id, "decided_at": now}
                FormatDecision.objects.create(id=house.ids.new(), family=row.family, **own)
            entries.append(now, [entries.Entry(event, actor.id, row.family, body)], ids=house.ids)
    except IntegrityError as problem:
        raise Refusal("POLICY-CHANGED", row.name) from problem


def _retire(before: FormatDecision, actor: Actor, row: Format, *, now: datetime) -> None:
    open_row = FormatDecision.objects.filter(id=before.id, retired_at=None)
    if judgement(before) != row.judgement or not open_row.update(retired_by=actor.id, retired_at=now, version=before.version + 1):
        raise Refusal("POLICY-CHANGED", row.name)
