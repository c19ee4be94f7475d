"""Rebuilding: records a second from vault, log and state package into an empty database, and what the state package costs.

``python -m bench.rebuild --records N``: a few documents go through the line, then they are multiplied, each with its own identity, object
in the vault, rows and event; the log is sealed. The databases are then rebuilt beside, in a process of its own, whose memory is told.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from bench.corpus import AGENCY, one_page_pdfs
from lantai.adapters.peak import peak_bytes

TEMPLATES = 10
SLICE = 500


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench rebuild")
    parser.add_argument("--records", type=int, default=5_000)
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="lantai-bench-"))
    try:
        return _run(folder, chosen.records)
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, records: int) -> dict[str, Any]:
    from lantai.cli.console import start
    from lantai.cli.setting_up import found

    data = folder / "data"
    found(data, agency=AGENCY, fonds="Z109", kind="trial")
    start(data)
    from lantai import line, wiring
    from lantai.demo import run
    from lantai.stages import capture, seal
    from lantai.stages.recover import state

    wiring.provide()
    house = wiring.house()
    archivist = run.install(house, "Bench-rebuild-1")
    one_page_pdfs(folder / "in", TEMPLATES, 7)
    line.archive(house, archivist, [capture.open_batch(house, archivist, [folder / "in"], channel="manual", department="BGS")])
    _multiply(house, records, folder / "content")
    seal.seal(house)
    house.reader.close()
    began = time.monotonic()
    package, written = state.write_state(house)
    state_s = time.monotonic() - began
    size = sum(path.stat().st_size for path in package.iterdir())
    return {
        "records": written.records,
        "events": written.events,
        "state_s": round(state_s, 1),
        "state_mb": round(size / 1024**2, 1),
        "state_peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **_rebuilt(data, folder / "beside"),
    }


def _rebuilt(data: Path, beside: Path) -> dict[str, Any]:
    """Rebuild in another process; return its rate with and without the index, and its memory."""
    command = [sys.executable, "-P", "-m", "lantai.cli.main", "--data", str(beside), "--json", "rebuild", "--from", str(data)]
    began = time.monotonic()
    with subprocess.Popen(command, env=os.environ | {"LANTAI_DATA": str(beside)}, stdout=subprocess.PIPE, text=True) as process:
        peak = _watched(process)
        told = json.loads(process.communicate()[0])
    whole_s = time.monotonic() - began
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "equal": told["ok"],
        "rebuilt_per_s": round(told["records"] / told["seconds"]),
        "with_index_per_s": round(told["records"] / whole_s),
        "cpu_ms_per_record": round(1000 * (children.ru_utime + children.ru_stime) / told["records"], 2),
        "peak_rss_mb": round(peak / 1024**2),
    }


def _watched(process: subprocess.Popen[str]) -> int:
    """Wait for a process whose output is short; return the most memory it held, in bytes, looked at ten times a second."""
    peak = 0
    while process.poll() is None:
        with suppress(OSError, StopIteration):  # it has just ended
            peak = peak_bytes(process.pid)
        time.sleep(0.1)
    return peak


def _multiply(house: Any, records: int, folder: Path) -> None:
    """Add *records* archived records like those that are there."""
    from lantai.shelves.holdings.models import Record

    folder.mkdir()
    models = [_Template(house, row, folder) for row in Record.objects.filter(state="archived")]
    made = (models[at % len(models)].another(at) for at in range(records))
    while part := list(islice(made, SLICE)):
        _put(house, part)


class _Template:
    """An archived record, to be made again under other names."""

    def __init__(self, house: Any, row: Any, folder: Path) -> None:
        from lantai.packages import layout, record_xml
        from lantai.shelves.holdings.models import ArchivalCode, ComputerFile, Document
        from lantai.shelves.intake.models import Report

        self.house, self.row = house, row
        self.documents = list(Document.objects.filter(record=row))
        self.files = list(ComputerFile.objects.filter(record=row))
        self.code = ArchivalCode.objects.get(record=row)
        self.report = Report.objects.get(subject_id=row.id, gate="archiving")
        self.contents: dict[str, Path] = {}
        for path in house.store.files(row.id):
            self.contents[path] = folder / f"{row.id}-{len(self.contents)}"
            with house.store.open(row.id, path) as stream:
                self.contents[path].write_bytes(stream.read())
        self.value = record_xml.read(self.contents.pop(layout.RECORD_XML).read_bytes())
        self.told = json.loads(self.contents.pop(layout.REPORT).read_bytes())

    def another(self, at: int) -> tuple[Any, list[Any], Any]:
        """Return a draft for the vault, the rows, and the event of one more record."""
        from lantai.core.checks import Gate, packed
        from lantai.core.events import instant_text
        from lantai.packages import layout, record_xml
        from lantai.ports.store import Content, Draft
        from lantai.shelves.ledger import entries
        from lantai.stages.archive.build import content_of
        from lantai.standards.da_t_70 import telling

        new, key = self.house.ids.new, self.house.ids.new()
        names = {item.id: new() for item in self.files}
        code, report_id = f"{self.code.scope}-{100_000 + at}", new()
        value = replace(self.value, id=key, code=code, electronic_record_code=key, documents=tuple(_renamed(self.value.documents, names)))
        told = self.told | {"id": report_id, "subject": self.told["subject"] | {"id": key}}
        contents = [Content(path, place, place.stat().st_size, _sha256(place), "") for path, place in self.contents.items()]
        contents.append(content_of(layout.RECORD_XML, record_xml.write(value)))
        contents.append(content_of(layout.REPORT, json.dumps(told, ensure_ascii=False).encode()))
        draft = Draft(key, 1, tuple(contents), instant_text(self.row.archived_at), "归档", AGENCY, "urn:lantai:bench")
        documents = {item.id: _with(item, id=new(), record_id=key) for item in self.documents}
        rows = [
            _with(self.row, id=key, electronic_record_code=key, code=code),
            *documents.values(),
            *(_with(item, id=names[item.id], record_id=key, document_id=documents[item.document_id].id) for item in self.files),
            _with(self.code, id=new(), record_id=key, value=code, item_number=100_000 + at),
            _with(self.report, id=report_id, subject_id=key, packed=packed(told, telling.current(Gate.ARCHIVING))),
        ]
        return draft, rows, entries.Entry("record:archived", "worker", key, {"code": code, "version": 1})


def _renamed(documents: Any, names: dict[str, str]) -> Iterator[Any]:
    for document in documents:
        files = tuple(replace(item, id=names.get(item.id) or f"{names[item.id.removesuffix('-text')]}-text") for item in document.files)
        yield replace(document, files=files)


def _with(row: Any, **columns: object) -> Any:
    other = copy(row)
    for name, value in columns.items():
        setattr(other, name, value)
    return other


def _sha256(place: Path) -> str:
    from lantai.packages.table_package import sha256_of

    return sha256_of(place)


def _put(house: Any, part: list[tuple[Any, list[Any], Any]]) -> None:
    from django.db import transaction

    from lantai.shelves.ledger import entries

    house.store.write([draft for draft, _, _ in part])
    by_model: dict[Any, list[Any]] = {}
    for _, rows, _ in part:
        for row in rows:
            by_model.setdefault(type(row), []).append(row)
    with transaction.atomic():
        for model, rows in by_model.items():
            model.objects.bulk_create(rows)
        entries.append(house.clock.now(), [event for _, _, event in part], ids=house.ids)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1))
