"""upkeep 整理现场: hourly, what crashes left lying is removed, and what rests because the world failed is tried again.

Nothing goes that a live run may be writing: a batch that is still being received keeps all its files, everything else must be older
than the setting ``leftover_minutes``, and a row that names a file always keeps it. The one exception are the staged bytes of records
that the vault holds or that were discarded: their rows say that they are no longer needed.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from lantai import work
from lantai.core.errors import Fault
from lantai.core.lifecycle import State
from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves.digitising.models import FiledForm, Page, Scan
from lantai.shelves.holdings import counts, queries
from lantai.shelves.holdings.models import ComputerFile
from lantai.shelves.intake.models import Batch, Quarantine
from lantai.shelves.journal import queries as journal
from lantai.stages import leftovers, quarantine, rest, resume, sending, sheets
from lantai.stages.capture import sources
from lantai.stages.export import jobs

TEXT_SUFFIX = ".text.json"
RELEASED = "released"
UNPACKED = ".unpacked"
A_PASS = 500
#: How long an act is remembered for taking it back and for showing what became of it.
KEPT = timedelta(days=30)


def tidy(house: House) -> dict[str, int]:
    """Remove leftovers and let go on what can; return how many pieces by kind: the keys of :data:`PARTS`.

    May run anywhere, any time, twice at once. Raises the first Fault at the end, after everything else was seen to.
    """
    done: dict[str, int] = {}
    problems: list[Fault] = []
    with work.progress("tidy", "tidy", step="整理现场", total=len(PARTS)) as progress:
        for name, part in PARTS.items():
            try:
                done[name] = part(house)
            except Fault as problem:
                problems.append(problem)
            progress.advance()
    if problems:
        raise problems[0]
    return done


def _vault(house: House) -> int:
    """Take what crashed writes left in the vault; the store knows which are alive."""
    return house.store.sweep()


def _stored(house: House) -> int:
    """Staged bytes of records that are archived or discarded."""
    over = ComputerFile.objects.filter(record__state__in=(State.ARCHIVED, State.DISCARDED)).exclude(staged="")
    return queries.remove_staged(house.data, list(over.values_list("record_id", flat=True).distinct()[:A_PASS]))


def _staged(house: House) -> int:
    """Staged files that no row names, and the empty folders of batches whose reception is over."""
    return sum(_staged_of(house, folder) for folder in _folders(house.staging) if not folder.name.endswith(UNPACKED))


def _staged_of(house: House, folder: Path) -> int:
    if _is_receiving(folder.name):
        return 0
    base = str(folder.relative_to(house.data))
    known = set(ComputerFile.objects.filter(staged__startswith=f"{base}/").values_list("staged", flat=True))
    count = 0
    for path in [path for path in folder.iterdir() if path.is_file()]:
        if f"{base}/{path.name.removesuffix(TEXT_SUFFIX)}" not in known and _is_old(house, path):
            path.unlink(missing_ok=True)
            count += 1
    _remove_empty(house, folder / RELEASED)
    _remove_empty(house, folder)
    return count


def _unpacked(house: House) -> int:
    """Unpacked containers of batches whose reception is over, or that there are none of."""
    folders = [folder for folder in _folders(house.staging) if folder.name.endswith(UNPACKED)]
    over = [folder for folder in folders if not _is_receiving(folder.name.removesuffix(UNPACKED)) and _is_old(house, folder)]
    return sum(leftovers.remove(folder, is_secret=True) for folder in over)


def _uploads(house: House) -> int:
    """Uploads whose reception is over, and those that never became a batch."""
    return _unclaimed(house, list(_folders(house.data / "uploads")))


def _scans(house: House) -> int:
    """Scans, pictures and papers that no row names, and packages of accepted scans that reception no longer needs."""
    count = 0
    for folder in _folders(house.data / "scans"):
        known = _named_below(folder.name)
        for path in (path for name in ("master", "pages", "forms") for path in (folder / name).glob("*")):
            if str(path.relative_to(house.data)) not in known and _is_old(house, path):
                sealing.erase(path)
                count += 1
        count += _unclaimed(house, [place for place in _folders(folder) if place.name.startswith("out-")])
    return count


def _named_below(batch_id: str) -> set[str]:
    """Return every place in the scan area of a batch that a row names: scans, pictures with their sources and lines, kept papers."""
    named = set(Scan.objects.filter(batch_id=batch_id).values_list("stored", flat=True))
    for picture, lines, recipe in Page.objects.filter(batch_id=batch_id).values_list("picture", "lines", "recipe"):
        named |= {picture, lines, str(recipe.get("source", ""))}
    return named | set(FiledForm.objects.filter(batch_id=batch_id).values_list("stored", flat=True))


def _released(house: House) -> int:
    """Plain bytes put back from quarantine whose batch has been received; those of items still held are the quarantine's to clear."""
    folders = [item for batch in _folders(house.staging) for item in _folders(batch / RELEASED)]
    held = set(Quarantine.objects.filter(state="held").values_list("id", flat=True))
    return _unclaimed(house, [folder for folder in folders if folder.name not in held])


def _unclaimed(house: House, folders: Sequence[Path]) -> int:
    """Overwrite and remove old folders that no batch is still receiving from."""
    old = [folder for folder in folders if _is_old(house, folder)]
    if not old:
        return 0
    receiving = Batch.objects.filter(is_upload=True, state="receiving")
    claimed = [path for batch in receiving for path in sources.recall(house, batch)] + sheets.claimed(house)
    free = [folder for folder in old if not any(path.is_relative_to(folder.resolve()) for path in claimed)]
    return sum(leftovers.remove(folder, is_secret=True) for folder in free)


def _sealed(house: House) -> int:
    """Sealed files that no row names, bytes of decided items, and plain bytes of items still held."""
    known = set(Quarantine.objects.values_list("sealed_name", flat=True))
    count = quarantine.sweep(house)
    for name in sealing.strays(house.data, known):
        if _is_old(house, house.data / "quarantine" / name) and not Quarantine.objects.filter(sealed_name=name).exists():
            sealing.destroy(house.data, name)
            count += 1
    return count


#: What tidy sees to, by the name under which it counts, in this order.
def _acts(house: House) -> int:
    """What no act can be taken back by any more, sheets that nobody applied, and the parts of counts that fold into one."""
    counts.fold()
    sheets.lapse(house)
    return journal.prune(house.clock.now() - KEPT)


PARTS: dict[str, Callable[[House], int]] = {
    "vault": _vault,
    "stored": _stored,
    "unpacked": _unpacked,
    "uploads": _uploads,
    "scans": _scans,
    "unfinished": sending.sweep,
    "released": _released,
    "staged": _staged,
    "sealed": _sealed,
    "exports": jobs.expire,
    "acts": _acts,
    "resumed": resume.resume_faults,
}


def _folders(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink())


def _is_receiving(batch_id: str) -> bool:
    return Batch.objects.filter(id=batch_id, state="receiving").exists()


def _is_old(house: House, place: Path) -> bool:
    """Tell whether nothing in *place* was touched for as long as the setting says."""
    return house.clock.now().timestamp() - leftovers.newest(place) >= house.settings.leftover_minutes * 60


def _remove_empty(house: House, folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()) and _is_old(house, folder):
        folder.rmdir()


@work.task("tidy", on_give_up=rest.nothing)
def tidy_task() -> None:
    """Tidy in the background."""
    tidy(work.house())
