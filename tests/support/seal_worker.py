"""A process that writes events and seals them for ever, for the kill tests: ``python -m tests.support.seal_worker SEED``."""

import os
import sys
from datetime import timedelta
from random import Random

import django


def main() -> None:
    """Write and seal in the data folder of LANTAI_DATA until killed; the clock goes back now and then."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    from django.db import transaction

    from lantai import wiring, work
    from lantai.core.errors import Refusal
    from lantai.shelves.ledger.entries import Entry, append
    from lantai.stages import seal

    wiring.provide()
    house, chance = work.house(), Random(int(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        told = [Entry("record:checked", "worker", f"R{chance.random()}", {"n": number}) for number in range(chance.randrange(1, 60))]
        with transaction.atomic():
            append(house.clock.now() - timedelta(hours=chance.choice((0, 0, 3))), told, ids=house.ids)
        try:
            seal.seal(house)
        except Refusal as problem:  # a witness that another process has told meanwhile
            assert problem.code == "LEDGER-WOUND-BACK", problem


if __name__ == "__main__":
    main()
