"""A worker of the whole line for the kill tests: ``python -m tests.support.line_worker``; leases and sweeps are short."""

import os
import sys

import django


def main() -> None:
    """Work on the data folder of LANTAI_DATA until killed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai import wiring, work

    wiring.provide()
    wiring.house()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    work.run_worker(poll_seconds=0.05, sweep_seconds=0.5, lease_seconds=float(sys.argv[1]))


if __name__ == "__main__":
    main()
