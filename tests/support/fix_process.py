"""One of several processes that fix a class at the same moment: ``python -m tests.support.fix_process GO YEAR DEPARTMENT RETENTION``.

Says that it is ready, waits until the file GO is there, and prints what came of it.
"""

import json
import os
import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Fix the class on the data folder of LANTAI_DATA."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai.core.errors import Refusal
    from lantai.stages import number
    from tests.support.line_house import ARCHIVIST, line_house

    go, year, department, retention = Path(sys.argv[1]), *sys.argv[2:5]
    with line_house(Path(os.environ["LANTAI_DATA"])) as house:
        _say("ready")
        while not go.exists():
            time.sleep(0.001)
        try:
            sealed = number.fix(house, ARCHIVIST, year=year, department=department, retention=retention)
        except Refusal as refused:
            _say(json.dumps({"code": refused.code, "message": refused.message}))
        else:
            _say(json.dumps(sealed.as_json()))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
