"""A process that moves a vault and writes to it at once, for the kill tests: ``python -m tests.support.move_process DATA TARGET``."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from threading import Thread

from lantai.ports.store import Draft

KEYS: Sequence[str] = [f"01JD{number:022d}" for number in range(40)]


def draft_of(key: str) -> Draft:
    """Return the first version of an object, the same every time."""
    from tests.packages.drafts import draft

    return draft({"record.xml": b"<a/>", "01-正本/original/正文.pdf": key.encode() * 300}, record_id=key)


def main() -> None:
    """Move the vault of a data folder to TARGET, while another thread writes objects."""
    data, target = Path(sys.argv[1]), sys.argv[2]
    os.environ |= {"LANTAI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "lantai.server.settings"}
    import django

    django.setup()
    from lantai import wiring
    from lantai.adapters.stores.following import FollowingStore
    from lantai.adapters.stores.vaults import Others
    from lantai.ports.moving import Place
    from lantai.stages.copies import move
    from tests.support.line_house import line_house

    with line_house(data, slice_records=2) as built:
        house = replace(built, store=FollowingStore(data, wiring._placed_store), vaults=Others())
        Thread(target=lambda: [house.store.write([draft_of(key)]) for key in cycle(KEYS[6:])], daemon=True).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        move.move(house, Place("disk", target))


if __name__ == "__main__":
    main()
