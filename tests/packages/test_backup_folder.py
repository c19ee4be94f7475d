"""A backup place that others had in their hands: nothing outside it is read, and nothing in it waited for, before a signature is asked."""

import gzip
import json
import os
from pathlib import Path

import pytest

from lantai.core.errors import Refusal
from lantai.packages.backup_folder import CONTENTS, BackupFolder

CODE = "BF-20260302-01"
PIECE = "3f" * 32


def listed(root: Path, piece: object) -> BackupFolder:
    """Return a place with one backup whose list names one piece."""
    (root / "backups" / CODE).mkdir(parents=True)
    with gzip.open(root / "backups" / CODE / CONTENTS, "wb") as stream:
        stream.write(json.dumps(["object", "01J/v1", piece, 1, ""]).encode() + b"\n")
    return BackupFolder(root)


@pytest.mark.parametrize("piece", ["/dev/zero", "../../../../etc/passwd", "", "3f", "3F" * 32, PIECE + "/../x", None, 7])
def test_a_piece_is_named_by_a_digest_and_nothing_else(tmp_path: Path, piece: object) -> None:
    with pytest.raises(Refusal, match="BACKUP-DAMAGED"):
        list(listed(tmp_path, piece).entries(CODE))


def test_a_piece_is_a_plain_file(tmp_path: Path) -> None:
    folder = listed(tmp_path, PIECE)
    (entry,) = folder.entries(CODE)
    place = folder.place(entry.piece)
    place.parent.mkdir(parents=True)
    os.mkfifo(place)
    with pytest.raises(OSError, match="普通文件"):
        folder.open(entry.piece)
    place.unlink()
    place.symlink_to("/dev/zero")
    with pytest.raises(OSError, match=place.name):
        folder.open(entry.piece)
    place.unlink()
    place.write_bytes(b"1")
    with folder.open(entry.piece) as stream:
        assert stream.read() == b"1"
