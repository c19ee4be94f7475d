"""Opening a backup, before there are settings, keys or databases: nothing here needs Django."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from lantai.core.errors import Refusal
from lantai.core.findings import finding
from lantai.packages import ground
from lantai.packages.backup_folder import CONTENTS, BackupFolder, Manifest
from lantai.ports.moving import Place
from lantai.ports.settings import place_settings, rewrite
from lantai.stages.recover import sealed

_ALONE: Mapping[str, str | bool | list[str]] = {
    **place_settings(Place("disk", "")),
    "database": "",
    "witness_folders": [],
    "backup_bucket": "",
    "backup_bucket_prunes": False,
}


class Beside(StrEnum):
    """How what is restored stands to an installation that may still be there.

    ``unknown``: it takes up the settings, but no vault that holds anything; ``apart``: it shares no place with it; ``same_vault``: that one
    is no more, and its vault is taken up.
    """

    UNKNOWN = "unknown"
    APART = "apart"
    SAME_VAULT = "same_vault"


def listed(folder: BackupFolder, code: str, as_of: datetime | None) -> Manifest:
    """Return the backup to restore, once its lists are as they were signed: only then does a passphrase that fits nothing say anything.

    Raises Refusal BACKUP-PLACE-WRONG, BACKUP-NONE, BACKUP-NONE-BEFORE, BACKUP-UNKNOWN; BACKUP-DAMAGED with what is damaged.
    """
    folder.demand()
    manifest = folder.manifest(code or folder.newest(as_of))
    if problems := tuple(folder.lists(manifest, None)):
        raise Refusal("BACKUP-DAMAGED", manifest.code, reasons=problems)
    return manifest


def choose(folder: BackupFolder, code: str, as_of: datetime | None) -> Manifest:
    """Return the backup to restore, once every byte of it has been read and is as it was. Raises Refusals as :func:`listed`."""
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


def set_apart(data: Path) -> None:
    """Let the settings in *data* name no place that another installation may use: vault, database, witnesses, bucket of backups."""
    rewrite(data / ground.SETTINGS, _ALONE)
