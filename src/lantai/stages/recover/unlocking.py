"""Opening a backup, before there are settings, keys or databases: nothing here needs Django."""

from datetime import datetime
from pathlib import Path

from lantai.core.errors import Refusal
from lantai.core.findings import finding
from lantai.packages.backup_folder import CONTENTS, BackupFolder, Manifest
from lantai.stages.recover import sealed


def choose(folder: BackupFolder, code: str, as_of: datetime | None) -> Manifest:
    """Return the backup to restore, once every byte of it has been read and is as it was.

    Raises Refusal BACKUP-PLACE-WRONG, BACKUP-NONE, BACKUP-UNKNOWN; BACKUP-DAMAGED with what is damaged.
    """
    folder.demand()
    chosen = code or folder.newest(as_of)
    if problems := folder.check(chosen, None):
        raise Refusal("BACKUP-DAMAGED", chosen, reasons=tuple(problems))
    return folder.manifest(chosen)


def unlock(folder: BackupFolder, manifest: Manifest, passphrase: str, data: Path) -> None:
    """Put settings and keys into *data*. Raises Refusal RECOVERY-PASSPHRASE, RECOVERY-SEALED-DAMAGED, BACKUP-DAMAGED."""
    entry = next((entry for entry in folder.entries(manifest.code) if entry.kind == sealed.KIND), None)
    if entry is None:
        raise Refusal("BACKUP-DAMAGED", manifest.code, reasons=(finding("BACKUP-LIST-WRONG", CONTENTS),))
    with folder.open(entry.piece) as stream:
        sealed.unseal(stream.read(), manifest.key(), passphrase, data)
