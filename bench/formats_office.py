"""Probes of office documents: what our own readers get out of them, and what LibreOffice makes of them."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.formats_officialdoc import agreement
from bench.tables import Table
from lantai import formats
from lantai.adapters.converters.libreoffice import KINDS, LibreOffice
from lantai.core import text
from lantai.ports.reader import Limits

_LIMITS = Limits()
_MOST_BYTES = 5_000_000
_MOST = 16
_SECONDS = 20.0


def renditions(corpus: Path) -> dict[str, object]:
    """Office documents set by LibreOffice: converted or not, seconds, pages, and how far the text agrees with our reader's."""
    folders = [corpus / name for name in ("official-documents", "office")]
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in KINDS)
    paths = [path for path in paths if path.stat().st_size <= _MOST_BYTES]
    rows = Table()
    with TemporaryDirectory() as folder, LibreOffice(Path(folder) / "scratch", seconds=_SECONDS) as office:
        if not office.engine().is_ready:
            return {"engine": office.engine().note}
        rows += [_row(office, path, Path(folder)) for path in paths[:: max(1, len(paths) // _MOST)]]
    done = sum(1 for row in rows if row["页"])
    return {"engine": office.engine().name, "files": len(rows), "converted": done, "table": rows}


def _row(office: LibreOffice, path: Path, into: Path) -> dict[str, object]:
    start = time.monotonic()
    made = office.to_pdf(path, path.name, into)
    seconds = round(time.monotonic() - start, 1)
    ours = formats.read(path, path.name, _LIMITS)
    row = {
        "文件": path.name[:30],
        "格式": ours.format.puid,
        "秒": seconds,
        "页": 0,
        "文字一致": 0.0,
        "提示": ",".join(item.code for item in ours.findings)[:40],
    }
    if made is None:
        return row
    theirs = formats.read(made, made.name, _LIMITS)
    both = [text.normalise(item.text).replace(" ", "") for item in (ours, theirs)]
    return row | {"页": theirs.page_count or 0, "文字一致": agreement(*both)}


PROBES = {"office-renditions": renditions}
