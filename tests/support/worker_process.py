"""A worker process for the contract tests: ``python -m tests.support.worker_process LEASE_SECONDS``.

With ``serve`` as second argument, a process that keeps one such worker alive, prints its id, and does nothing else.
"""

import os
import sys
import time

import django


def main() -> None:
    """Work until told to stop, with times scaled down."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai import work
    from tests.support import chores

    if sys.argv[2:] == ["serve"]:
        with work.embedded(1, [sys.executable, "-m", "tests.support.worker_process", sys.argv[1]]) as workers:
            sys.stdout.write(f"{workers.pids[0]}\n")
            sys.stdout.flush()
            time.sleep(60)
        return
    work.provide(chores.house)
    work.run_worker(poll_seconds=0.1, sweep_seconds=0.5, lease_seconds=float(sys.argv[1]))


if __name__ == "__main__":
    main()
