"""A worker that kills itself in the midst of a preservation run: ``python -m tests.support.preserve_process RUN RECORDS``."""

import os
import signal
import sys

import django


def main() -> None:
    """Go on with the run and die without warning after reading so many records."""
    django.setup()
    from lantai import wiring
    from lantai.stages import preserve

    wiring.provide()
    left = int(sys.argv[2])

    def sleep(_: float) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    preserve.run_to_end(wiring.house(), sys.argv[1], sleep=sleep)


if __name__ == "__main__":
    main()
