"""attest 验账: is the ledger what was signed?

Tiles, checkpoints, stamps, database, payloads beside the log, the signer's memory, witnesses, state packages.
"""

import getpass
import time

from django.db import transaction

from lantai import work
from lantai.core import access
from lantai.core import checkpoint as notes
from lantai.core.access import Actor
from lantai.core.findings import finding
from lantai.packages.last_signed import NAME
from lantai.ports import House
from lantai.shelves.ledger import entries, log
from lantai.shelves.ledger.models import Checkpoint, Event
from lantai.stages import expire
from lantai.stages.attest import signer, states
from lantai.stages.attest.alone import attest_tiles
from lantai.stages.attest.beside import Beside
from lantai.stages.attest.checkpoints import kept, latest, of_keys, of_rows
from lantai.stages.attest.outcome import Attested
from lantai.stages.attest.stamped import look as stamped_by
from lantai.stages.attest.walk import Walk, beyond
from lantai.stages.attest.witnesses import look

__all__ = ["Attested", "attest", "attest_tiles"]

TOLD = 50


def attest(house: House, actor: Actor | None = None) -> Attested:
    """Verify the whole ledger as *actor* (None: the service account) and tell the ledger what was found; nothing wrong is raised.

    Everything is read once and in order; a few thousand entries are held at a time. Raises Refusal ACCESS-REFUSED.
    """
    if actor is not None:
        access.require(actor, "ledger:log:verify")
    began = time.monotonic()
    outcome = _attested(house)
    body = {
        "size": outcome.size,
        "checkpoints": outcome.checkpoints,
        "witnesses": outcome.witnesses,
        "agreed": _agreed(house, outcome),
        "seconds": round(time.monotonic() - began, 1),
        "total": len(outcome.problems),
        "problems": [item.as_json() for item in outcome.problems[:TOLD]],
    }
    with transaction.atomic():
        who = actor.id if actor else f"service:{getpass.getuser()}"
        entries.append(house.clock.now(), [entries.Entry("ledger:verified", who, "ledger", body)], ids=house.ids)
    return outcome


def _agreed(house: House, outcome: Attested) -> list[str]:
    """Return the witnesses that were read and speak against nothing."""
    against = {item.where for item in outcome.problems}
    return [folder for folder in house.settings.witness_folders if outcome.witnesses and folder not in against]


def _attested(house: House) -> Attested:
    files = log.folder(house.data)
    try:
        known, unread = signer.remembered(house), []
    except ValueError as problem:
        known, unread = None, [finding("LEDGER-SIGNER-DIFFERS", f"keys/{NAME}", reason=str(problem))]
    published, rows = kept(files)
    found = [*of_keys(house.signer), *of_rows(rows, house.signer), *latest(published, rows[-1] if rows else None)]
    size = rows[-1].size if rows else 0
    beside = Beside(house, size)
    walk = Walk(files, size, {row.size: row.root for row in rows}, expired_before=expire.expired_before(), also=beside.take)
    with work.progress("attest", "ledger", step="验账", total=size) as progress:
        for count in walk.steps():
            progress.advance(count)
    found += walk.problems
    found += beside.finish()
    found += beyond(size)
    of_signer, unknown = ([], []) if walk.problems or unread else signer.look(files, rows, known)
    remarks, not_checked = look(house, files, rows, is_whole=not walk.problems)
    if not rows:
        remarks += signer.of_nothing(house, known)
    stamped, unjudged = stamped_by(house)
    found += [*unread, *of_signer, *remarks, *stamped, *states.look(house)]
    told = _fingerprint(rows[-1]) if rows and not found else ""
    unsealed = Event.objects.filter(position=None).count()
    away = sum(item.code == "LEDGER-WITNESS-AWAY" for item in remarks)
    asked = 0 if walk.problems or not rows else len(house.settings.witness_folders) - away
    return Attested(size, len(rows), tuple(found), (*unknown, *not_checked, *unjudged), unsealed, told, walk.expired, asked)


def _fingerprint(row: Checkpoint) -> str:
    return notes.parse(row.note).fingerprint()
