"""What capture lays aside while it works, the room for it, and removing it: unpacked containers, uploads, copies of what was sealed."""

import shutil
from pathlib import Path

from lantai.packages import sealing
from lantai.ports import House
from lantai.shelves.intake.models import Arrival, Batch
from lantai.stages.capture import sources
from lantai.stages.capture.enter import FALSE_ALARM

#: What is delivered leaves so much of the disk free: a full one would stop everybody.
SPARED_BYTES = 1024**3


def scratch(house: House, batch_id: str) -> Path:
    """Return the folder into which containers of a batch are unpacked, one folder a run."""
    return house.staging / f"{batch_id}.unpacked"


def clear_away(house: House, batch: Batch) -> int:
    """Remove what reception of a batch needs no more: unpacked containers and our copy of an upload; return how many files went.

    Only for a batch whose reception is over. Where something of it was sealed into quarantine, or put back from there, plain bytes
    may lie among the files, so all of them are overwritten first.
    """
    places = [scratch(house, batch.id), *(sources.recall(house, batch) if batch.is_upload else ())]
    is_secret = FALSE_ALARM in batch.facts or Arrival.objects.filter(batch=batch, outcome="quarantined").exists()
    return sum(remove(place, is_secret=is_secret) for place in places)


def room(house: House) -> int:
    """Return how many bytes what is delivered may still take of the disk; the database, the ledger and the index write there too."""
    return shutil.disk_usage(house.data).free - SPARED_BYTES


def remove(place: Path, *, is_secret: bool = False) -> int:
    """Remove a file or a folder with all it holds, overwritten first where *is_secret*; return how many files went."""
    if place.is_symlink() or not place.exists():
        return 0
    files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()] if place.is_dir() else [place]
    if is_secret:
        for path in files:
            sealing.erase(path)
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
    return len(files)


def newest(place: Path) -> float:
    """Return when anything in a folder (or the file) was last changed, in seconds since 1970; 0 where there is nothing."""
    try:
        times = [place.lstat().st_mtime, *(path.lstat().st_mtime for path in place.rglob("*"))]
    except FileNotFoundError:
        return 0.0
    return max(times)
