"""Transfer acts from a screen: the long steps run in the background, the package is fetched as one zip."""

import shutil
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from lantai import work
from lantai.core import access
from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.edge.models import Progress
from lantai.shelves.exchange.models import Transfer
from lantai.shelves.holdings.models import Record
from lantai.stages import export, people
from lantai.stages.export import jobs
from lantai.stages.transfer import receipts
from lantai.stages.transfer.acts import PERMISSION, STATE_NAMES, find, rows_in
from lantai.stages.transfer.gate import judge
from lantai.stages.transfer.pack import pack

_ALLOWED = {"check": ("drafted", "checked"), "pack": ("checked", "packed")}


def ask(house: House, actor: Actor, key: str, step: str) -> None:
    """Queue a long step of an act. Raises Refusal where it may not be done now."""
    access.require(actor, PERMISSION)
    act = find(key)
    if act.state not in _ALLOWED[step]:
        raise Refusal("TRANSFER-STATE", act.code, state=STATE_NAMES[act.state])
    work.enqueue("transfer-step", act_id=act.id, step=step, actor_id=actor.id)


def enter(house: House, actor: Actor, key: str, receipt: Mapping[str, Any]) -> Transfer:
    """Judge a receipt and queue what follows from it. Raises Refusal as entering it does."""
    act, _ = receipts.enter(house, actor, key, receipt)
    if act.state != "receipted":
        work.enqueue("transfer-step", act_id=act.id, step="settle", actor_id=actor.id)
    return act


def run(house: House, act_id: str, step: str, actor_id: str) -> None:
    """Do a long step as the account that asked for it; its rights are asked again."""
    actor = people.actor_of_account(actor_id)
    if step == "check":
        judge(house, actor, act_id)
    elif step == "settle":
        receipts.settle(house, actor, act_id, find(act_id).receipt)
    elif not is_packed(house, find(act_id)):
        folder = jobs.place(house, act_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pack(house, actor, act_id, into=folder / "包")
        jobs.zipped(folder / "包", folder / "包.zip")
        shutil.rmtree(folder / "包", ignore_errors=True)


def is_packed(house: House, act: Transfer) -> bool:
    """Tell whether the zip of an act is there to be fetched."""
    return act.state in ("packed", "receipted") and (jobs.place(house, act.id) / "包.zip").is_file()


def is_busy(act: Transfer) -> bool:
    """Tell whether a long step of an act is running."""
    return Progress.objects.filter(object_id=act.id, state="running").exists()


def fetch(house: House, actor: Actor, key: str) -> tuple[str, BinaryIO]:
    """Open the zip of an act: its name and stream; the event stands before the first byte. Raises Refusal where there is none."""
    access.require(actor, PERMISSION)
    act = find(key)
    if not is_packed(house, act):
        raise Refusal("EXPORT-ABSENT", act.code)
    rows = rows_in(act)
    export.require(actor, rows)
    export.note(house, actor, rows, "transfer")
    return f"移交信息包-{act.code}.zip", (jobs.place(house, act.id) / "包.zip").open("rb")


def records(record_ids: Sequence[str]) -> list[Record]:
    """Return the rows that the lines of an act show."""
    return list(Record.objects.filter(id__in=record_ids).only("id", "code", "title", "year", "retention", "custody"))


@work.task("transfer-step")
def step_task(act_id: str, step: str, actor_id: str) -> None:
    """Do a long step of an act in the background."""
    run(work.house(), act_id, step, actor_id)
