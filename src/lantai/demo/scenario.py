"""The whole demonstration as files: what every department hands over month by month, with some faults planted and named.

``write(folder, size, seed)`` gives the same bytes for the same size and seed, and takes about 30 ms a record.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from lantai.core.record import Channel
from lantai.demo.compose import Dispatch, Letter, compose
from lantai.demo.faults import DUPLICATE, NUMBER_GAP, RECIPES, Fault, Recipe
from lantai.demo.packages import parcel, write_folder, zip_folder
from lantai.demo.typeset import Press

_RECORDS_A_FAULT = 8
_ZIPPED_EVERY = 4


@dataclass(frozen=True, slots=True)
class Delivery:
    """One folder that a department hands over: where it is, the department's code, the channel, the batch's title.

    ``records`` is the number of packages in it, ``faults`` what was planted in them.
    """

    path: Path
    department: str
    channel: str
    title: str
    records: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Every delivery, in the order of time, and every document that was finished, handed over or not."""

    deliveries: tuple[Delivery, ...]
    finished: tuple[Letter, ...]

    @property
    def records(self) -> int:
        """The number of packages in all deliveries."""
        return sum(delivery.records for delivery in self.deliveries)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that was planted."""
        return tuple(fault for delivery in self.deliveries for fault in delivery.faults)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which letter bears which fault, which one is left out, and whether a package comes twice."""

    recipes: dict[str, Recipe]
    left_out: str
    has_duplicate: bool


def write(folder: Path, size: int = 120, seed: int = 0) -> Scenario:
    """Write *size* filing packages into the new folder *folder*, grouped by delivery, and say what was planted in them.

    From 8 records on, one record in eight bears a fault, until every kind was planted; a package that comes twice is
    counted twice. Raises FileExistsError where the folder is there, ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError("a demonstration has at least one record")
    folder.mkdir(parents=True)
    faults = size // _RECORDS_A_FAULT
    has_gap, has_duplicate = faults > len(RECIPES), faults > len(RECIPES) + 1
    dispatches = compose(size + has_gap - has_duplicate, seed)
    plan = _planned(dispatches, faults, Random(f"lantai-faults-{seed}"), has_gap=has_gap, has_duplicate=has_duplicate)  # noqa: S311
    finished = tuple(letter for dispatch in dispatches for letter in dispatch.letters)
    return Scenario(tuple(_Writer(folder, plan).deliver(dispatches)), finished)


def _planned(dispatches: tuple[Dispatch, ...], count: int, rng: Random, *, has_gap: bool, has_duplicate: bool) -> _Plan:
    letters = [letter for dispatch in dispatches for letter in dispatch.letters]
    left_out = _inner(letters).number if has_gap else ""
    free = [letter for letter in letters if letter.number != left_out]
    rng.shuffle(free)
    recipes: dict[str, Recipe] = {}
    for recipe in RECIPES[:count]:
        letter = next((letter for letter in free if recipe.fits(letter)), None)
        if letter is not None:
            recipes[letter.number] = recipe
            free.remove(letter)
    return _Plan(recipes, left_out, has_duplicate)


def _inner(letters: list[Letter]) -> Letter:
    """Return a letter whose number has neighbours on both sides, so that its absence shows."""
    last = {(letter.series, letter.dated.year): letter.sequence for letter in sorted(letters, key=lambda letter: letter.sequence)}
    return next(letter for letter in letters if 1 < letter.sequence < last[letter.series, letter.dated.year])


class _Writer:
    """Writes delivery after delivery; the running number of the office system goes on through all of them."""

    def __init__(self, folder: Path, plan: _Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._press = Press()
        self._running = 0
        self._sound: Path | None = None

    def deliver(self, dispatches: tuple[Dispatch, ...]) -> list[Delivery]:
        deliveries = [self._delivery(place, dispatch) for place, dispatch in enumerate(dispatches, 1)]
        if self._plan.has_duplicate:
            deliveries[-1] = self._with_duplicate(deliveries[-1])
        return deliveries

    def _delivery(self, place: int, dispatch: Dispatch) -> Delivery:
        department = dispatch.department
        folder = self._folder / f"{place:03d}-{dispatch.year}{dispatch.month:02d}-{department.code}"
        folder.mkdir()
        faults = [fault for letter in dispatch.letters for fault in self._letter(letter, folder, is_zipped=place % _ZIPPED_EVERY == 0)]
        records = sum(letter.number != self._plan.left_out for letter in dispatch.letters)
        title = f"{dispatch.year}年{dispatch.month}月 {department.name}归档文件"
        return Delivery(folder, department.code, Channel.OA.value, title, records, tuple(faults))

    def _letter(self, letter: Letter, folder: Path, *, is_zipped: bool) -> list[Fault]:
        if letter.number == self._plan.left_out:
            return [Fault(NUMBER_GAP, "", f"发文字号 {letter.number} 的文件没有移交")]
        self._running += 1
        recipe = self._plan.recipes.get(letter.number, Recipe("", ""))
        place = write_folder(recipe.parcel(parcel(recipe.letter(letter), self._press, self._running)), folder)
        recipe.folder(place)
        if not recipe.kind and not is_zipped and self._sound is None:
            self._sound = place
        if is_zipped:
            zip_folder(place)
        return [Fault(recipe.kind, place.name, recipe.note)] if recipe.kind else []

    def _with_duplicate(self, delivery: Delivery) -> Delivery:
        if self._sound is None:
            return delivery
        name = self._sound.name
        shutil.copytree(self._sound, delivery.path / name)
        note = f"与 {self._sound.parent.name} 中的同一个包重复"
        return replace(delivery, records=delivery.records + 1, faults=(*delivery.faults, Fault(DUPLICATE, name, note)))
