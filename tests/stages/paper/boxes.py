"""Boxes of paper as tests handle them: opened, taken in, described, accepted."""

from dataclasses import replace
from pathlib import Path

from lantai import line
from lantai.ports import House
from lantai.shelves.digitising.models import Item, Page, ScanBatch
from lantai.stages import digitise
from lantai.stages.digitise import (
    Order,
    Papers,
    accepting,
    describing,
    inspecting,
)
from lantai.stages.digitise.describing import Entered
from tests.support.line_house import ARCHIVIST

OTHER = replace(ARCHIVIST, id="01TESTOTHER0000000000000000"[:26], login="luo", name="罗建平", role="inspector")
SYSADMIN = replace(ARCHIVIST, id="01TESTSYSADMIN000000000000", login="tao", name="陶志刚", role="sysadmin", department="")
SECRET = ((("机密★10年", 0.9), ("关于某事的报告", 0.9)),)


def opened(house: House, **more: object) -> ScanBatch:
    project = digitise.make_project(house, ARCHIVIST, Order("甲项目", sample_percent=100))
    return digitise.open_batch(house, ARCHIVIST, project.code, Papers("第 3 盒", **more))  # type: ignore[arg-type]


def taken(house: House, folder: Path, **more: object) -> ScanBatch:
    batch = opened(house, **more)
    digitise.take_in(house, ARCHIVIST, batch.id, folder)
    line.finish(house)
    return batch


def describe(house: House, batch: ScanBatch) -> None:
    """Submit every item as it was read, the unsure date looked at."""
    for row in Item.objects.filter(batch=batch, state="proposed"):
        values = {name: str(field["value"]) for name, field in row.read.items()}
        describing.confirm(house, ARCHIVIST, row.id, Entered(values, seen=tuple(values), version=row.version))


def accepted(house: House, batch: ScanBatch) -> None:
    """Judge every page good and sign twice."""
    drawn = inspecting.draw(house, OTHER, batch.id)
    for page in Page.objects.filter(batch=batch):
        inspecting.verdict(house, OTHER, page.id, "good")
    for person in (OTHER, ARCHIVIST):
        accepting.sign(house, person, batch.id, count=drawn.sampled)
