"""A process that backs up again and again, for the kill tests: ``python -m tests.support.backup_worker PLACE``."""

import os
import sys
from pathlib import Path

import django


def main() -> None:
    """Back up the data folder of LANTAI_DATA into PLACE until killed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai import wiring, work
    from lantai.packages import backup_adding
    from lantai.stages.recover import backup

    backup_adding._PIECES_A_FLUSH = 3  # more places to die at
    wiring.provide()
    house = work.house()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        backup.back_up(house, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
