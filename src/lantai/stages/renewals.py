"""Renewed proofs as the ledger keeps them: which record's proof was signed anew under which digest, and whether that holds."""

import json
from collections.abc import Iterator
from typing import Any

from lantai.core.findings import Finding, finding
from lantai.packages import renewal
from lantai.packages.renewal import Renewal
from lantai.ports import House
from lantai.ports.signer import Signature
from lantai.shelves.holdings.models import Record
from lantai.shelves.ledger.models import Event

RENEWED = "proof:renewed"


def renewal_of(root: str, body: dict[str, Any]) -> Renewal:
    """Return the renewal that a payload tells of."""
    leaves = tuple((str(record), int(version), str(leaf)) for record, version, leaf in body["leaves"])
    return Renewal(body["digest"], leaves, root, tuple(Signature(**item) for item in body["signatures"]))


def told() -> Iterator[Renewal]:
    """Yield every renewal, the first first; one that cannot be read any more is none, and verifying the ledger names it."""
    events = Event.objects.filter(type=RENEWED, payload__isnull=False).select_related("payload").order_by("instant", "id")
    for event in events.iterator(chunk_size=100):
        try:
            yield renewal_of(event.object_id, json.loads(event.payload.body))
        except (ValueError, KeyError, TypeError):
            continue


class Renewals:
    """All renewals, looked up once, each judged once; held against records one by one."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[tuple[str, int], list[tuple[Renewal, str]]] | None = None
        self._sound: dict[str, bool] = {}

    def remarks(self, row: Record, content: bytes) -> list[Finding]:
        """Return what is wrong with the renewals of a record whose proof.json is *content*; nothing where there are none."""
        if self._known is None:
            self._known = {}
            for made in told():
                for record, version, leaf in made.leaves:
                    self._known.setdefault((record, version), []).append((made, leaf))
        found = self._known.get((row.id, row.content_version), [])
        bad = [made for made, leaf in found if renewal.leaf(made.digest, content) != leaf or not self._is_sound(made)]
        return [finding("PROOF-RENEWAL-INVALID", made.root, digest=made.digest) for made in bad]

    def _is_sound(self, made: Renewal) -> bool:
        if made.root not in self._sound:
            self._sound[made.root] = made.holds(self._house.signer)
        return self._sound[made.root]
