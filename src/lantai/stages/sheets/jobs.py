"""A sheet on its way: kept, tried, applied; called off at any time. Its act says where it is, so that a worker may die anywhere."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from itertools import batched
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.ports.durability import make_durable
from lantai.shelves.databases import alone
from lantai.shelves.holdings import queries
from lantai.shelves.journal import queries as journal
from lantai.shelves.journal.models import Act
from lantai.stages import changing, returning, revising
from lantai.stages.sheets import outward, plans, trial
from lantai.stages.sheets.columns import ACTION

KIND = "import"
MOVED_ON = "SHEET-MOVED-ON"
#: A sheet of so few bytes is tried while the person waits, one that changes so few records applied.
SMALL_BYTES, AT_ONCE = 64 * 1024, 500
#: How long a sheet that was tried waits to be applied.
WAITS = timedelta(hours=24)


_WAITING = Q(kind=KIND, state__in=journal.LIVE) | Q(kind=outward.KIND, state__in=(*journal.LIVE, journal.SEALED))


class _CalledOffError(Exception):
    """The person called the sheet off while it was tried."""


def receive(house: House, actor: Actor, sheet: Path) -> Act:
    """Take up a workbook that lies in a folder of its own below ``uploads/``: it is made durable, then its trial is queued.

    Raises Refusal where the actor may not.
    """
    access.require(actor, ACTION)
    make_durable(sheet.parent)
    asked = {"folder": sheet.parent.name, "name": sheet.name}
    act = Act(id=house.ids.new(), actor=actor.id, kind=KIND, title=f"试算表格「{sheet.name}」"[:200], state=journal.TRYING, asked=asked)
    act.made_at = house.clock.now()
    with transaction.atomic():
        act.save(force_insert=True)
        work.enqueue("sheet", act_id=act.id)
    if sheet.stat().st_size <= SMALL_BYTES:
        run(house, act.id)
    return Act.objects.get(id=act.id)


def find(house: House, actor: Actor, act_id: str) -> tuple[Act, Path]:
    """Return a sheet of the actor's own by its act, and the folder where it lies. Raises Refusal SHEET-GONE where there is none."""
    access.require(actor, ACTION)
    act = Act.objects.filter(id=act_id, actor=actor.id, kind__in=(KIND, outward.KIND)).first()
    if act is None:
        raise Refusal("SHEET-GONE")
    return act, _folder(house, act)


def listed(actor: Actor) -> list[Act]:
    """Return the sheets of the actor that are under way, wait to be applied or to be fetched, the newest first."""
    return list(Act.objects.filter(_WAITING, actor=actor.id).order_by("-id")[:20])


def apply(house: House, actor: Actor, act_id: str) -> Act:
    """Apply a sheet as it was shown: all rows, or none; where it changes many, in the background.

    Raises Refusal SHEET-GONE where it is not there to be applied (any more), SHEET-WRONG where a row is wrong, SHEET-SAME where there is
    nothing to do, SHEET-MOVED-ON where the records changed since the trial.
    """
    act, folder = find(house, actor, act_id)
    name, seen = act.asked["name"], plans.load(folder)
    if seen.wrong:
        first = plans.page(folder, seen, plans.WRONG, 0).lines[0]
        raise Refusal("SHEET-WRONG", name, count=seen.wrong, first=f"第 {first.row} 行：{first.reason}")
    if not seen.records:
        raise Refusal("SHEET-SAME", name)
    title = f"按表格「{name}」改 {seen.records} 件"[:200]
    with transaction.atomic():
        begun = {"state": journal.QUEUED, "title": title, "total": seen.records, "made_at": house.clock.now()}
        if not Act.objects.filter(id=act.id, state=journal.TRIED).update(**begun):
            raise Refusal("SHEET-GONE")
        work.enqueue("sheet", act_id=act.id)
    if seen.records <= AT_ONCE:
        run(house, act.id)
    act.refresh_from_db()
    if act.state == journal.FAILED and act.reason == MOVED_ON:
        raise Refusal(MOVED_ON, name)
    return act


def call_off(house: House, actor: Actor, act_id: str) -> Act:
    """Call a sheet off: it is forgotten, and what was written of it is put back. What is done is done, and taken back by undoing."""
    act, folder = find(house, actor, act_id)
    early = (journal.QUEUED, journal.SEALED) if act.kind == outward.KIND else (journal.TRYING, journal.TRIED)
    if Act.objects.filter(id=act.id, state__in=early).update(state=journal.DROPPED):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        returning.begin(act.id, was=journal.QUEUED, then=journal.DROPPED)
    act.refresh_from_db()
    return act


def run(house: House, act_id: str) -> None:
    """Do what is due of a sheet: its trial, or what is left of writing it. One worker at a time."""
    folder = _folder(house, Act.objects.get(id=act_id))
    with alone(f"sheet-{act_id}", folder) as is_ours:
        act = Act.objects.get(id=act_id)
        if is_ours and act.state == journal.TRYING:
            _try(house, act, folder)
        elif is_ours and act.state == journal.QUEUED:
            (outward.carry_out if act.kind == outward.KIND else _write)(house, act, folder)


def _try(house: House, act: Act, folder: Path) -> None:
    trying = Act.objects.filter(id=act.id, state=journal.TRYING)
    with work.progress("sheet", act.id, step=act.title) as progress:

        def seen(done: int, total: int) -> None:
            progress.look(done, total)
            if not trying.exists():
                raise _CalledOffError

        try:
            found = trial.plan(house, folder / act.asked["name"], seen)
        except Refusal as refused:
            trying.update(state=journal.FAILED, reason=refused.code, asked=act.asked | {"why": refused.message})
        except _CalledOffError:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            trying.update(state=journal.TRIED, total=found.records, asked=act.asked | {"wrong": found.wrong})


def _write(house: House, act: Act, folder: Path) -> None:
    """Write what is not written yet, slice by slice; whatever stands in the way, all that was written goes back."""
    try:
        seen, done = plans.load(folder), set(act.traces.values_list("record_id", flat=True))
        by = revising.rules(house)
        left = (line for line in plans.changes(folder, seen) if line.record_id not in done)
        with work.progress("sheet", act.id, step=act.title, total=seen.records) as progress:
            progress.advance(len(done))
            for part in batched(left, changing.SLICE):
                _slice(house, act, part, by)
                progress.advance(len(part))
    except (Refusal, changing.OvertakenError) as problem:
        code = problem.code if isinstance(problem, Refusal) else MOVED_ON
        if returning.begin(act.id, was=journal.QUEUED, then=journal.FAILED, reason=code):
            returning.carry_out(house, act.id)
        return
    with transaction.atomic():
        Act.objects.filter(id=act.id, state=journal.QUEUED).update(state=journal.DONE)
        work.enqueue("index")
    shutil.rmtree(folder, ignore_errors=True)


def _slice(house: House, act: Act, part: Sequence[plans.Line], by: revising.Rules) -> None:
    rows, versions = queries.revisable([line.record_id for line in part]), {line.record_id: line.version for line in part}
    if len(rows) != len(part) or any(row.version != versions[row.id] for row in rows):
        raise changing.OvertakenError
    changing.write(house, act, rows, {line.record_id: trial.wanted(line.cells) for line in part}, by, is_whole=True)


def claimed(house: House) -> list[Path]:
    """Return the folders of sheets that are under way, wait to be applied or to be fetched: nothing of them may go."""
    return [_folder(house, act).resolve() for act in Act.objects.filter(_WAITING)]


def lapse(house: House) -> int:
    """Let go of sheets that waited long enough, to be applied or to be fetched; return how many. Their folders go with what else lies
    unclaimed."""
    now = house.clock.now()
    tried, written = Q(kind=KIND, state=journal.TRIED), Q(kind=outward.KIND, state=journal.SEALED)
    old = Act.objects.filter((tried & Q(made_at__lt=now - WAITS)) | (written & Q(made_at__lt=now - outward.KEPT)))
    return old.update(state=journal.DROPPED)


def _folder(house: House, act: Act) -> Path:
    return house.data / "uploads" / str(act.asked["folder"])


def _gave_up(reason: str, **kwargs: str) -> None:
    act_id = kwargs["act_id"]
    nothing_written = Q(kind=KIND, state=journal.TRYING) | Q(kind=outward.KIND, state=journal.QUEUED)
    if not Act.objects.filter(nothing_written, id=act_id).update(state=journal.FAILED, reason=reason):
        returning.begin(act_id, was=journal.QUEUED, then=journal.FAILED, reason=reason)


@work.task("sheet", on_give_up=_gave_up)
def sheet_task(act_id: str) -> None:
    """Try, apply or write a sheet in the background."""
    run(work.house(), act_id)
