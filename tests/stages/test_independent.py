"""Somebody else's program agrees: aics-tlog, which implements the C2SP formats, judges checkpoints, tiles, inclusion and consistency."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import aics_tlog as theirs
import pytest
from aics_tlog.checkpoint import checkpoint_from_note
from django.db import transaction

from lantai.ports import House
from lantai.shelves.ledger import log
from lantai.shelves.ledger.entries import Entry, append
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import seal
from tests.stages.test_evidence import archived
from tests.stages.test_evidence import house as archive_house
from tests.support.line_house import ARCHIVIST, line_house
from tests.support.rows import IDS, NOW

__all__ = ["archive_house"]


@pytest.fixture
def house(db: None, tmp_path: Path) -> Iterator[House]:
    """A ledger of several tiles and checkpoints."""
    with line_house(tmp_path / "data") as built:
        for count in (1, 2, 300, 256, 7):
            with transaction.atomic():
                append(NOW, [Entry("record:archived", "worker", f"R{number}", {"n": number}) for number in range(count)], ids=IDS)
            seal.seal(built)
        yield built


def key_of(house: House) -> theirs.VKey:
    return theirs.parse_vkey(seal.published(house).verifier_keys[0])


def opened(house: House, note: str) -> theirs.Checkpoint:
    """Return what a note says, once its signature was found good by them."""
    checkpoint, parsed = checkpoint_from_note(note)
    assert theirs.verify_checkpoint(parsed, key_of(house)).log_ok
    return checkpoint


def test_every_checkpoint_is_signed_and_goes_on_from_the_one_before(house: House) -> None:
    known = [opened(house, row.note) for row in Checkpoint.objects.order_by("size")]
    assert [item.size for item in known] == [1, 3, 303, 559, 566]
    tree = log.folder(house.data).tree(566)
    for earlier, later in pairwise(known):
        proof = log.folder(house.data).tree(later.size).consistency(earlier.size)
        assert theirs.verify_consistency(earlier.size, later.size, earlier.root, later.root, list(proof))
    assert tree.root() == known[-1].root


def test_every_tile_and_bundle_belongs_to_the_tree(house: House) -> None:
    latest = opened(house, (house.data / "ledger" / "checkpoint").read_text())
    reader = theirs.FileSystemTileReader(house.data / "ledger")
    report = theirs.audit_tiles(reader, latest.size, latest.root)
    assert (report.size, report.bundles) == (566, 3)
    place = house.data / "ledger" / "tile" / "entries" / "000"
    content = place.read_bytes()
    place.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(theirs.TileVerificationError):
        theirs.audit_tiles(reader, latest.size, latest.root)


def test_every_event_is_included(house: House) -> None:
    for event in Event.objects.exclude(position=None).order_by("position")[::41]:
        found = log.inclusion(log.folder(house.data), event)
        assert found is not None
        checkpoint = opened(house, found.checkpoint.note())
        assert theirs.verify_leaf_inclusion(found.entry, found.position, checkpoint.size, list(found.path), checkpoint.root)


def test_an_evidence_package_s_checkpoint_and_inclusion_hold(archive_house: House, tmp_path: Path) -> None:
    from lantai.stages import evidence

    row = archived(archive_house, tmp_path)
    seal.seal(archive_house)
    given = evidence.to_folder(archive_house, ARCHIVIST, row.id, tmp_path / "out")
    told = json.loads((tmp_path / "out" / given.path / "ledger.json").read_text())
    checkpoint = opened(archive_house, told["checkpoint"])
    path = [bytes.fromhex(step) for step in told["path"]]
    entry = told["entry"].encode()
    assert theirs.verify_leaf_inclusion(entry, told["position"], checkpoint.size, path, checkpoint.root)
    assert not theirs.verify_leaf_inclusion(entry + b" ", told["position"], checkpoint.size, path, checkpoint.root)
