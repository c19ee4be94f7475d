"""Large EEPs and transfer packages of many records: bytes per CPU-second, memory, CPU per record.

``lantai bench packages_eep --megabytes 1024 --records 10000``. Each part runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import hashlib
import io
import multiprocessing
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lantai.core.record import ComputerFile, ContentBasis, Document, Record, Role
from lantai.formats.signing import sm2
from lantai.packages import eep, eep_validate, transfer
from lantai.packages.eep_signing import SealMaker
from lantai.packages.eep_write import Packing
from lantai.packages.parcel import Parcel

_MEGABYTE = 1 << 20
_FIELDS = {"移交单位": "云汀市发展和改革委员会", "内容描述": "基准", "软硬件环境": "兰台"}


def main(arguments: list[str]) -> dict[str, object]:
    """Run all parts; return figures by name."""
    parser = argparse.ArgumentParser(prog="lantai bench packages_eep")
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--records", type=int, default=2000)
    given = parser.parse_args(arguments)
    figures: dict[str, object] = {"megabytes": given.megabytes, "records": given.records}
    with TemporaryDirectory(prefix="lantai-bench-") as name:
        folder = Path(name)
        block = hashlib.shake_256(b"lantai").digest(_MEGABYTE)
        with (folder / "content").open("wb") as stream:
            for _ in range(given.megabytes):
                stream.write(block)
        for part in (_write, _validate, _read):
            cpu_s, rss_mb = _apart(part, folder, given.megabytes)
            label = part.__name__.strip("_")
            figures[f"eep_{label}_mb_per_cpu_s"] = round(given.megabytes * _MEGABYTE / 1e6 / cpu_s, 1)
            figures[f"eep_{label}_rss_mb"] = round(rss_mb)
        for step in (_send, _receive):
            cpu_s, rss_mb = _apart(step, folder, given.records)
            figures[f"transfer_{step.__name__.strip('_')}_ms_per_record"] = round(cpu_s / given.records * 1000, 2)
            figures[f"transfer_{step.__name__.strip('_')}_rss_mb"] = round(rss_mb)
    return figures


def _apart(part: Callable[[Path, int], None], folder: Path, size: int) -> tuple[float, float]:
    """Return CPU seconds and peak memory in MB of *part*, run in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_measured, args=(part, folder, size, theirs))
    child.start()
    theirs.close()
    try:
        cpu_s, rss_mb = ours.recv()
    finally:
        child.join()
    return float(cpu_s), float(rss_mb)


def _measured(part: Callable[[Path, int], None], folder: Path, size: int, pipe: "multiprocessing.connection.Connection") -> None:
    before = time.process_time()
    part(folder, size)
    pipe.send((time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _record(number: int, size_bytes: int, content: bytes) -> Record:
    digests = hashlib.sha256(content).hexdigest(), hashlib.new("sm3", content).hexdigest()
    item = ComputerFile(f"F{number}", "正文.ofd", size_bytes, *digests, format_name="OFD 1.1")
    elements = {
        "title": f"关于第{number}件事的通知",
        "author": "云汀市发展和改革委员会",
        "date": "20240311",
        "security_classification": "公开",
    }
    elements |= {
        "year": "2024",
        "retention_period": "30年",
        "fonds_identifier": "Z109",
        "category_code": "WS",
        "agency_item_number": str(number),
    }
    elements |= {"total_number_of_pages": "1"}
    documents = (Document(1, Role.MAIN, "", (item,)),)
    return Record(f"{number:026d}", f"E{number}", 1, ContentBasis.DIGITAL, dict(elements), documents, code=f"Z109-WS·2024-D30-{number:05d}")


def _write(folder: Path, megabytes: int) -> None:
    private, public = sm2.engine().generate()
    seal = SealMaker(lambda message: (sm2.sign(private, public, message), public), "基准", datetime(2026, 1, 1, tzinfo=UTC))
    parcel = Parcel(_record(1, megabytes * _MEGABYTE, b""), lambda _: (folder / "content").open("rb"))
    eep.write(folder / "large.eep", parcel, Packing("2026-01-01T09:00:00", "基准", seal))


def _validate(folder: Path, megabytes: int) -> None:
    found = eep_validate.validate(folder / "large.eep")
    if found:
        raise RuntimeError(f"{megabytes} MB: {found[0].code}")


def _read(folder: Path, megabytes: int) -> None:
    read = eep.read(folder / "large.eep", folder / "out", limit_bytes=(megabytes + 1) * _MEGABYTE)
    if read.findings:
        raise RuntimeError(read.findings[0].code)


def _send(folder: Path, records: int) -> None:
    writer = transfer.Writer(folder / "transfer", transfer.form("da_t_93"))
    for number in range(1, records + 1):
        content = f"正文 {number}".encode()
        writer.add(Parcel(_record(number, len(content), content), lambda _, content=content: io.BytesIO(content)))  # type: ignore[misc]
    writer.close(_FIELDS, {})


def _receive(folder: Path, records: int) -> None:
    found = transfer.validate(folder / "transfer")
    if found:
        raise RuntimeError(f"{records}: {found[0].code}")
