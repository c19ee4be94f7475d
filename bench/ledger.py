"""The ledger: events sealed a second, a proof, the whole verification, each on a log of its own.

``python -m bench.ledger --events 100000`` writes that many events, seals them in one go, asks for proofs, and verifies everything
against files and database. Rates are per CPU-second of this process.
"""

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from bench.line import cpu_seconds

SLICE = 5000


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench ledger")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--proofs", type=int, default=200)
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder / "data", chosen.events, chosen.proofs)
    finally:
        shutil.rmtree(folder)


def _run(data: Path, events: int, proofs: int) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    found(data, agency="云汀市发展和改革委员会", fonds="Z109", kind="trial")
    start(data)
    from lantai import wiring
    from lantai.shelves.ledger import log
    from lantai.shelves.ledger.models import Event
    from lantai.stages import attest, seal

    wiring.provide()
    house = wiring.house()
    write_s = _write(house, events)
    began = cpu_seconds()
    sealed = seal.seal(house)
    seal_s = cpu_seconds() - began
    chosen = Event.objects.filter(position__in=Random(1).sample(range(sealed.size), min(proofs, sealed.size)))
    began = cpu_seconds()
    held = [proof.holds() for event in chosen if (proof := log.inclusion(log.folder(data), event))]
    proof_s = cpu_seconds() - began
    began = cpu_seconds()
    outcome = attest.attest(house)
    attest_s = cpu_seconds() - began
    return {
        "events": sealed.size,
        "written_per_s": round(events / write_s),
        "sealed_per_s": round(sealed.size / seal_s),
        "proof_ms": round(1000 * proof_s / len(held), 3),
        "verified_per_s": round(sealed.size / attest_s),
        "ok": all(held) and outcome.ok,
        "log_bytes_per_event": round(sum(path.stat().st_size for path in (data / "ledger").rglob("*") if path.is_file()) / sealed.size),
    }


def _write(house: Any, events: int) -> float:
    from django.db import transaction

    from lantai.shelves.ledger.entries import Entry, append

    began = cpu_seconds()
    for first in range(0, events, SLICE):
        told = [
            Entry("record:archived", "worker", house.ids.new(), {"code": f"Z109-WS·2026-Y-BGS-{number:05d}", "title": "关于印发办法的通知"})
            for number in range(first, min(first + SLICE, events))
        ]
        with transaction.atomic():
            append(datetime.now(UTC), told, ids=house.ids)
    return cpu_seconds() - began
