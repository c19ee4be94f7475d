"""One of several processes that fix a class at the same moment: ``python -m tests.support.fix_process GO YEAR DEPARTMENT RETENTION``,
or go on with one fixing that was begun as a job: ``… GO --act ID [--slice N] [--until N]``.

Says that it is ready, waits until the file GO is there, and prints what came of it. With *until* the process kills itself before it sends
the database its N-th statement, as a power cut would.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from lantai.ports import House


def main() -> None:
    """Fix the class, or go on with the job, on the data folder of LANTAI_DATA."""
    parser = argparse.ArgumentParser()
    parser.add_argument("go", type=Path)
    parser.add_argument("of", nargs="*")
    parser.add_argument("--act")
    parser.add_argument("--slice", type=int, default=500)
    parser.add_argument("--until", type=int, default=0)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai.core.errors import Refusal
    from tests.support.line_house import line_house

    with line_house(Path(os.environ["LANTAI_DATA"])) as house:
        _say("ready")
        while not chosen.go.exists():
            time.sleep(0.001)
        try:
            told = _go_on(house, chosen) if chosen.act else _fix(house, chosen.of)
        except Refusal as refused:
            _say(json.dumps({"code": refused.code, "message": refused.message}))
        else:
            _say(json.dumps(told))


def _fix(house: House, of: list[str]) -> dict[str, Any]:
    from lantai.stages import number
    from tests.support.line_house import ARCHIVIST

    year, department, retention = of
    return number.fix(house, ARCHIVIST, year=year, department=department, retention=retention).as_json()


def _go_on(house: House, chosen: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection

    from lantai.stages import fixing

    fixing.CLAIMED_AT_ONCE = fixing.TAKEN_UP_AT_ONCE = chosen.slice
    sent = 0

    def count(execute: Callable[..., object], *statement: object) -> object:
        nonlocal sent
        sent += 1
        if sent == chosen.until:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*statement)

    with connection.execute_wrapper(count):
        fixing.go_on(house, chosen.act)
    return {"sent": sent}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
