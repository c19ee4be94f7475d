"""Probes of OFD: signatures against the table of the corpus, text against an independent reader, speed, pages asked for late."""

import csv
import importlib.util
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.tables import Table
from lantai.formats import read
from lantai.formats.ofd import covered, open_ofd, page_text, signatures
from lantai.formats.ofd.model_signature import State
from lantai.ports.reader import Limits

_AIM_PAGES_A_SECOND = 200.0
_AIM_LATE = 1.2
_LONG = 500


def opened(corpus: Path) -> dict[str, object]:
    """Every OFD sample through the one reader of all formats: opened or not, pages, errors."""
    rows = Table()
    for path in _samples(corpus):
        reading = read(path, path.name, Limits())
        errors = " ".join(item.code for item in reading.findings if item.severity == "error")
        rows.append({"file": path.name, "pages": reading.page_count or 0, "characters": len(reading.text), "errors": errors})
    unopened = [row for row in rows if not row["pages"]]
    told = Table(row for row in rows if row["errors"])
    return {"samples": len(rows), "opened": len(rows) - len(unopened), "with_errors": told, "is_reached": not unopened}


def text_speed(corpus: Path) -> dict[str, object]:
    """Text of every page of the OFD samples: pages a CPU second (aim 200)."""
    samples = _samples(corpus)
    pages = _all_text(samples)
    seconds = min(_cpu(lambda: _all_text(samples)) for _ in range(3))
    rate = pages / seconds
    return {"pages": pages, "pages_per_cpu_second": round(rate, 1), "is_reached": rate >= _AIM_PAGES_A_SECOND}


def signature_digests(corpus: Path) -> dict[str, object]:
    """Digests of every signature against EXPECTED-SIGNATURES.csv: match, differ, missing, and which."""
    table = csv.DictReader((corpus / "ofd" / "EXPECTED-SIGNATURES.csv").read_text(encoding="utf-8").splitlines())
    expected = {(row["file"], row["signature"]): row for row in table}
    rows: list[dict[str, object]] = []
    wrong = len(expected)
    for path in _samples(corpus):
        for place, counts, names in _counted(path):
            row = expected.get((f"{path.parent.name}/{path.name}", place))
            agrees = row is not None and counts == [int(row[key]) for key in ("digests_match", "digests_differ", "files_missing")]
            agrees = agrees and row is not None and names == row["which"]
            wrong -= agrees
            figures = dict(zip(("match", "differ", "missing"), counts, strict=True))
            rows.append({"file": path.name, "signature": place, **figures, "which": names, "agrees": "yes" if agrees else "NO"})
    return {"signatures": Table(rows), "disagreements": wrong, "is_reached": wrong == 0}


def altered_pages(corpus: Path) -> dict[str, object]:
    """A space added to the last page of each signed sample: its signature must fail and name that page."""
    rows = Table()
    with TemporaryDirectory() as folder:
        for path in _samples(corpus):
            with open_ofd(path) as package:
                place = package.documents[-1].page(package.documents[-1].page_count).place if signatures(package) else ""
                listed = any(place in (item.name for item in covered(package, each).entries) for each in signatures(package))
                number = package.page_count
            if listed:
                copy = Path(folder) / path.name
                _altered(path, copy, place)
                found = read(copy, path.name, Limits()).signatures
                named = sorted({page for row in found for page in row.get("altered_pages", ())})  # type: ignore[attr-defined]
                digests = [row["digests_valid"] for row in found]
                rows.append(
                    {"file": path.name, "page": number, "named": named, "digests": digests, "right": number in named and False in digests}
                )
    return {"files": rows, "is_reached": bool(rows) and all(row["right"] for row in rows)}


def _altered(path: Path, copy: Path, place: str) -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, data + b" " if info.filename.lstrip("/") == place else data)


def text_against_ofdkit(corpus: Path) -> dict[str, object]:
    """Text of every page against ofdkit, white space aside: the same, the same characters in another order, different."""
    if importlib.util.find_spec("ofdkit") is None:
        return {"skipped": "ofdkit is not installed"}
    oracle = importlib.import_module("ofdkit")
    kinds = {"same": 0, "order": 0, "different": 0}
    rows = []
    for path in _samples(corpus):
        with open_ofd(path) as package, oracle.open(path) as other:
            for number, (page, theirs) in enumerate(zip(package.pages(), other.pages, strict=True), 1):
                kind = _kind("".join(page_text(page)[0].split()), "".join(theirs.text().split()))
                kinds[kind] += 1
                rows += [{"file": path.name, "page": number, "how": kind}] if kind != "same" else []
    return kinds | {"differing": Table(rows), "is_reached": kinds["different"] == 0}


def late_pages(corpus: Path) -> dict[str, object]:
    """Page 400 of a generated OFD of 500 pages against page 1: ratio of the CPU time to open and read it (aim 1.2)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "long.ofd"
        path.write_bytes(_long())
        first, late = (min(_cpu(partial(_one, path, number)) for _ in range(9)) for number in (1, 400))
    return {"page_1_ms": round(first * 1000, 2), "page_400_ms": round(late * 1000, 2), "is_reached": late <= _AIM_LATE * first}


PROBES: dict[str, Callable[[Path], dict[str, object]]] = {
    "ofd-opened": opened,
    "ofd-text-speed": text_speed,
    "ofd-signatures": signature_digests,
    "ofd-altered-pages": altered_pages,
    "ofd-text-oracle": text_against_ofdkit,
    "ofd-late-pages": late_pages,
}


def _samples(corpus: Path) -> list[Path]:
    return sorted((corpus / "ofd").glob("*/*.ofd"))


def _all_text(samples: list[Path]) -> int:
    count = 0
    for path in samples:
        with open_ofd(path) as package:
            for page in package.pages():
                page_text(page)
                count += 1
    return count


def _counted(path: Path) -> Iterator[tuple[str, list[int], str]]:
    with open_ofd(path) as package:
        for signature in signatures(package):
            coverage = covered(package, signature)
            counts = [len(coverage.of(state)) for state in (State.RIGHT, State.WRONG, State.MISSING)]
            yield signature.place, counts, ",".join(entry.name for entry in coverage.altered)


def _kind(ours: str, theirs: str) -> str:
    if ours == theirs:
        return "same"
    return "order" if sorted(ours) == sorted(theirs) else "different"


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _one(path: Path, number: int) -> None:
    with open_ofd(path) as package:
        page_text(package.documents[0].page(number))


def _long() -> bytes:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    lines = "".join(
        f'<ofd:TextObject ID="{row}" Boundary="20 {20 + 6 * row} 170 8" Font="3" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g 30 5">'
        f"关于印发工作要点的通知关于印发工作要点的通知关于印发工作要点</ofd:TextCode></ofd:TextObject>"
        for row in range(40)
    )
    page = f"<ofd:Page {space}><ofd:Content><ofd:Layer>{lines}</ofd:Layer></ofd:Content></ofd:Page>"
    listed = "".join(f'<ofd:Page ID="{index + 1}" BaseLoc="Pages/Page_{index}/Content.xml"/>' for index in range(_LONG))
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>")
        archive.writestr("Doc_0/Document.xml", f"<ofd:Document {space}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>")
        for index in range(_LONG):
            archive.writestr(f"Doc_0/Pages/Page_{index}/Content.xml", page)
    return room.getvalue()
