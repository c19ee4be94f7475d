"""A delivery of scans that kills itself in the midst: ``python -m tests.support.scan_process BATCH FOLDER ITEMS``."""

import os
import signal
import sys
from pathlib import Path

import django


def main() -> None:
    """Take scans in and die without warning with the copies of one item written and its rows not."""
    django.setup()
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
