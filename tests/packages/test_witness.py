"""A witness is ruled by somebody else: it gets our notes, and no other power over this host."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lantai.adapters.signers import local as signers
from lantai.core import checkpoint as notes
from lantai.core.evidence import leaf_hash
from lantai.core.tlog import Tree
from lantai.packages.witness import WitnessFolder
from lantai.shelves.ledger import log

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ORIGIN = "lantai/Z109/00"


def handed(folder: Path) -> WitnessFolder:
    """Hand the first checkpoint of a log of one entry to the witness."""
    witness = WitnessFolder(folder, ORIGIN)
    leaf = leaf_hash(b"entry")
    signed = log.signed(notes.Checkpoint(ORIGIN, 1, leaf), signers.create(folder.parent / "keys"))
    witness.add(signed, Tree(1, lambda *_: leaf), NOW)
    return witness


def _aside_linked(place: Path, outside: Path) -> None:
    (place / ".checkpoint.new").symlink_to(outside)


def _month_linked(place: Path, outside: Path) -> None:
    (place / "2026-11.notes").symlink_to(outside)


def _month_piped(place: Path, outside: Path) -> None:
    os.mkfifo(place / "2026-11.notes")


def _latest_piped(place: Path, outside: Path) -> None:
    os.mkfifo(place / "checkpoint")


def _latest_linked(place: Path, outside: Path) -> None:
    (place / "checkpoint").symlink_to(outside)


def _latest_swollen(place: Path, outside: Path) -> None:
    (place / "checkpoint").touch()
    os.truncate(place / "checkpoint", 1 << 40)


def _elsewhere(place: Path, outside: Path) -> None:
    place.rmdir()
    place.symlink_to(outside.parent)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_aside_linked, ()),
        (_month_linked, OSError),
        (_month_piped, OSError),
        (_latest_piped, OSError),
        (_latest_linked, OSError),
        (_latest_swollen, ValueError),
        (_elsewhere, OSError),
    ],
)
def test_nothing_is_written_or_read_through_it(
    tmp_path: Path, change: Callable[[Path, Path], None], error: type[Exception] | tuple[()]
) -> None:
    folder, outside = tmp_path / "witness", tmp_path / "host" / "lantai.db"
    outside.parent.mkdir()
    outside.write_bytes(b"what is ours")
    place = WitnessFolder(folder, ORIGIN).place
    place.mkdir(parents=True)
    change(place, outside)
    if error:
        with pytest.raises(error):
            handed(folder)
    else:
        assert handed(folder).latest() is not None
    assert outside.read_bytes() == b"what is ours"
    assert sorted(outside.parent.iterdir()) == [outside]


def test_what_it_was_handed_it_gives_back(tmp_path: Path) -> None:
    (tmp_path / "witness").mkdir()
    witness = handed(tmp_path / "witness")
    known = witness.latest()
    assert known is not None
    assert (known.size, list(witness.all()), witness.is_latest(known.note())) == (1, [known.note()], True)
