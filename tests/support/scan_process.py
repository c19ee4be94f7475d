"""Work on scans that kills itself in the midst.

``python -m tests.support.scan_process BATCH FOLDER ITEMS`` dies while a folder is taken in; with ``read`` for FOLDER it dies while the
pages of the batch are read, before the answer for page ITEMS + 1.
"""

import os
import signal
import sys
from pathlib import Path

import django


def main() -> None:
    """Die without warning, at the place that the arguments name."""
    django.setup()
    _reading(sys.argv[1], int(sys.argv[3])) if sys.argv[2] == "read" else _delivery()


def _reading(batch: str, pages: int) -> None:
    """Read *pages* pages and die while the next is read."""
    from lantai.stages.digitise import working
    from tests.support import scans
    from tests.support.line_house import line_house

    told = scans.Told(dies_after=pages)
    with line_house(Path(os.environ["LANTAI_DATA"]), recogniser=told, scan_separators=False) as house:
        working.work_through(house, batch)


def _delivery() -> None:
    """Take scans in and die with the copies of one item written and its rows not."""
    from lantai.stages.digitise import intake
    from tests.support.line_house import ARCHIVIST, line_house

    left, durable = int(sys.argv[3]), intake.make_durable

    def counted(folder: Path) -> None:
        nonlocal left
        durable(folder)
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    intake.make_durable = counted
    with line_house(Path(os.environ["LANTAI_DATA"]), scan_settle_seconds=0) as house:
        intake.take_in(house, ARCHIVIST, sys.argv[1], Path(sys.argv[2]))


if __name__ == "__main__":
    main()
