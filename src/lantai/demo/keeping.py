"""What an agency does beside the line: the office system's register of finished documents, a replica, an audit, a planned check."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from lantai import line
from lantai.core.access import Actor
from lantai.demo.compose import Letter
from lantai.ports import House
from lantai.shelves.people.models import Account
from lantai.shelves.register.models import FinishedDocument
from lantai.stages import copies, people, preserve
from lantai.stages import register as registers
from lantai.stages.preserve.plans import Order

_HEADINGS = ("文号", "题名", "成文日期", "办结日期", "部门", "经办人")
# Finished, and never handed over: title, department, day, person; the last two need no filing.
_ELSEWHERE = (
    ("关于云汀河堤防提升工程可行性研究报告评审意见的函", "TZK", "20250312", "蒋思齐"),
    ("关于报送冷链物流中心项目资金需求的请示", "ZHK", "20250618", "邵文渊"),
    ("关于调整办公楼停水时间的通知", "BGS", "20250709", "白若水"),
    ("关于征订下半年业务书刊的通知", "BGS", "20250603", "白若水"),
)
_TRANSIENT = 2


def register(house: House, archivist: Actor, path: Path, letters: Sequence[Letter]) -> None:
    """Write the office system's register to *path* and enter it; of what is missing, say which need not be filed."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADINGS)
        writer.writerows(_rows(letters))
    registers.enter_file(house, archivist, path)
    for title, *_ in _ELSEWHERE[-_TRANSIENT:]:
        row = FinishedDocument.objects.get(title=title)
        registers.exclude(house, archivist, row.id, reason="N2", words="一时一事的通知，办完即无查考价值")


def _rows(letters: Sequence[Letter]) -> Iterator[tuple[str, ...]]:
    for letter in letters:
        done = f"{letter.trace[-1].at:%Y%m%d}"
        yield letter.number, letter.title, f"{letter.dated:%Y%m%d}", done, letter.department.code, letter.trace[0].person.name
    for title, department, day, person in _ELSEWHERE:
        yield "", title, day, day, department, person


def keep(house: House, archivist: Actor, replica: Path) -> None:
    """Found a replica in *replica*, audit the vault, check all holdings once and plan a tenth of them for every month."""
    administrator = people.actor_of(Account.objects.get(role="sysadmin"))
    replica.mkdir()
    copies.add(house, administrator, copies.Wish("演示副本", "disk", str(replica.resolve())))
    line.finish(house)
    copies.start(house, archivist)
    preserve.make_plan(house, archivist, Order("每月一成", "month", 10))
    preserve.start(house, archivist, preserve.Scope())
    line.finish(house)
