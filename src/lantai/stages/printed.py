"""What stands in the foot of whatever is printed: who, when, and the ledger's fingerprint, which makes the paper its witness."""

from datetime import datetime

from lantai import forms
from lantai.core import checkpoint as notes
from lantai.core.access import Actor
from lantai.shelves.ledger import log


def foot(actor: Actor, now: datetime) -> forms.Printing:
    """Return who prints now, and the latest checkpoint; without one, or where it is none, the foot bears no fingerprint."""
    last = log.latest()
    try:
        note = notes.parse(last.note) if last else None
    except ValueError:
        note = None
    return forms.Printing(actor.name, now, note.size, note.fingerprint()) if note else forms.Printing(actor.name, now)
