"""A process that writes until it is killed: ``python -m bench.faults_worker ACT FOLDER`` prints ``ready``, then each number it has done."""

import sys
from pathlib import Path

from bench.faults import work


def say(line: object) -> None:
    """Print a line at once: what is printed has been done."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    say("ready")
    work(sys.argv[1], Path(sys.argv[2]), say)
