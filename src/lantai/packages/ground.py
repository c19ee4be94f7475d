"""The data folder as a place to bring something back to: empty, or left unfinished by an earlier attempt, which is cleared first.

::

    DATA/
      lantai.toml  keys/                    settings and keys (secret)
      lantai.db  edge.db                    databases, where they are SQLite
      vault/  ledger/  state/               what databases are rebuilt from
      staging/  uploads/  scans/            records on their way
      quarantine/                           never carried anywhere
      index/  renditions/  scratch/  exports/   made again on demand
"""

import shutil
from pathlib import Path

from lantai.core.errors import Refusal

SETTINGS = "lantai.toml"
MARK = "recover.unfinished"
VAULT = "vault"
# What a rebuilt installation beside the old one gets copies of; the vault is shared.
COPIED = ("keys", "ledger", "state", "staging", "uploads", "scans", "quarantine")
DATABASES = ("lantai.db", "edge.db")
_ANEW, _DATABASES = "anew", "databases"
_FILLED = "recover.vault"


def demand_empty(data: Path) -> None:
    """Make sure that *data* may be brought back to: empty, or left unfinished by an earlier attempt. Raises Refusal RECOVER-NOT-EMPTY."""
    if _mark(data) != _ANEW and data.is_dir() and any(data.iterdir()):
        raise Refusal("RECOVER-NOT-EMPTY", str(data))


def begin_anew(data: Path) -> None:
    """Mark the empty folder *data* as being brought back; what such an attempt left before is cleared. Raises Refusal RECOVER-NOT-EMPTY."""
    demand_empty(data)
    if _mark(data) == _ANEW:
        _clear(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data / MARK).write_text(_ANEW, encoding="utf-8")


def begin_databases(data: Path) -> None:
    """Mark the databases of *data*, which the caller knows to be empty, as being brought back."""
    (data / MARK).write_text(_DATABASES, encoding="utf-8")


def clear_databases(data: Path) -> None:
    """Remove the databases that an unfinished attempt began; nothing happens where none :func:`was_begun`."""
    for name in DATABASES if was_begun(data) else ():
        for path in data.glob(f"{name}*"):
            path.unlink()


def was_begun(data: Path) -> bool:
    """Tell whether the databases of *data*, and nothing else, are what an unfinished attempt left."""
    return _mark(data) == _DATABASES


def end(data: Path) -> None:
    """Say that *data* is whole."""
    (data / MARK).unlink(missing_ok=True)
    (data / _FILLED).unlink(missing_ok=True)


def note_vault(data: Path, address: str) -> None:
    """Note that this attempt fills the vault at an address, which held nothing before."""
    (data / _FILLED).write_text(address, encoding="utf-8")


def vault_of(data: Path) -> str:
    """Return the address of the vault that an attempt began to fill, also one that did not come to its end; empty where there is none."""
    return (data / _FILLED).read_text(encoding="utf-8") if (data / _FILLED).is_file() else ""


def is_unfinished(data: Path) -> bool:
    """Tell whether an attempt to bring *data* back did not come to its end."""
    return (data / MARK).exists()


def take_along(source: Path, data: Path) -> None:
    """Copy what a rebuilt installation needs from *source* into *data*, and let it share the vault.

    A vault elsewhere is shared by the settings. Raises Refusal REBUILD-NOTHING where *source* is no data folder.
    """
    if not (source / SETTINGS).is_file() or not (source / "keys").is_dir():
        raise Refusal("REBUILD-NOTHING", str(source))
    for name in COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, data / name)
    if (source / VAULT).is_dir():
        (data / VAULT).symlink_to((source / VAULT).resolve(), target_is_directory=True)
    shutil.copy2(source / SETTINGS, data / SETTINGS)


def _mark(data: Path) -> str:
    try:
        return (data / MARK).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _clear(data: Path) -> None:
    for path in data.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {MARK, _FILLED}:
            path.unlink()
