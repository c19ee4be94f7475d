"""A worker process for the contract tests: ``python -m tests.support.worker_process LEASE_SECONDS``."""

import os
import sys

import django


def main() -> None:
    """Work until told to stop, with times scaled down."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai import work
    from tests.support import chores

    work.provide(chores.house)
    work.run_worker(poll_seconds=0.1, sweep_seconds=0.5, lease_seconds=float(sys.argv[1]))


if __name__ == "__main__":
    main()
