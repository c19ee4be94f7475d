"""Time stamps of checkpoints: is each one of the very note that was signed, and by an authority that is trusted?"""

from collections.abc import Iterator, Mapping

from lantai.core import checkpoint as notes
from lantai.core.findings import Finding, finding
from lantai.ports import House
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import stamps

UNTRUSTED = "时间戳：没有设置受信任的根证书（tsa_certificates），没有判断检查点的时间戳机构是否可信"


def look(house: House) -> tuple[list[Finding], list[str]]:
    """Return what is wrong with the stamps of checkpoints, and what could not be judged.

    A certificate that ended since is nothing wrong: it was good when it stamped.
    """
    found = list(_judged(house))
    has_any = Event.objects.filter(type=stamps.CHECKPOINT).exists()
    return found, [UNTRUSTED] if has_any and not stamps.trusted(house) else []


def _judged(house: House) -> Iterator[Finding]:
    events = list(Event.objects.filter(type=stamps.CHECKPOINT).exclude(payload=None).select_related("payload").order_by("instant", "id"))
    kept = dict(Checkpoint.objects.values_list("size", "note"))  # read behind the stamps: each came after its checkpoint
    for event in events:
        if reason := _reason(house, event, kept):
            yield finding("LEDGER-STAMP-INVALID", event.object_id, reason=reason)


def _reason(house: House, event: Event, kept: Mapping[int, str]) -> str:
    """Return why the stamp that an event keeps does not hold, empty where it does."""
    told = kept.get(int(event.object_id)) if event.object_id.isdigit() else None
    if told is None:
        return "数据库里没有这个检查点"
    try:
        message = stamps.note_message(notes.parse(told))
        (stamp,) = stamps.of_event(event)
    except (ValueError, KeyError, TypeError):
        return "账本里的时间戳残缺，读不懂"
    return stamps.faults(stamps.judge(house, stamp.stamp, message)).replace("批次根", "检查点")
