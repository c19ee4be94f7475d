"""A worker that applies a sheet, a record a transaction, for the kill test: ``python -m tests.support.sheet_process ACT``."""

import os
import sys
from pathlib import Path

import django


def main() -> None:
    """Go on with the sheet on the data folder of LANTAI_DATA."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from lantai.stages import changing, sheets
    from tests.support.line_house import line_house

    changing.SLICE = 1
    with line_house(Path(os.environ["LANTAI_DATA"])) as house:
        sheets.run(house, sys.argv[1])


if __name__ == "__main__":
    main()
