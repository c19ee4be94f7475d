"""Scans for screens and journeys: sheets drawn from the demonstration's own documents, and an engine that says what stands on them.

``python -m tests.support.scan_town DATA [ITEMS [DOCUMENTS]]`` fills the data folder of a demonstration; with DOCUMENTS also with what
else the screens need, and then tells the screens there are, as JSON on its last line.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

DPI = 150
UNSURE_EVERY = 3


class Spoken:
    """A recogniser that gives the pages it was told, in order."""

    name = "told 1"

    def __init__(self, pages: "list[object]") -> None:
        self._pages = pages
        self._at = 0

    def read(self, pages: Iterable[Path]) -> Iterator["object"]:
        """Answer in order."""
        for _ in pages:
            self._at += 1
            yield self._pages[self._at - 1]

    def close(self) -> None:
        """Do nothing."""


def fill(data: Path, items: int = 9) -> str:
    """Make a batch of *items* out of documents of the demonstration, read and proposed; return its id. Django must be set up."""
    from lantai import line, wiring, work
    from lantai.core.access import Actor
    from lantai.shelves.people.models import Account
    from lantai.stages import digitise
    from lantai.stages.digitise.projects import Done

    wiring.provide()
    own = wiring.house()
    account = Account.objects.get(login="shen")
    actor = Actor(account.id, account.login, account.name, account.role, account.department)
    with tempfile.TemporaryDirectory() as place:
        spoken = list(_sheets(own, Path(data), Path(place), items))
        house = replace(own, recogniser=Spoken(spoken), settings=own.settings.model_copy(update={"scan_settle_seconds": 0.0}))  # type: ignore[arg-type]
        work.provide(lambda: house)
        project = digitise.make_project(house, actor, digitise.Order("室藏文书数字化", scope="2022 年起永久、30年文书", sample_percent=100))
        papers = digitise.Papers("规划科 2022 年度", box="3", reasons=("permanent", "used"), department="GHK")
        batch = digitise.open_batch(house, actor, project.code, papers)
        digitise.record_step(house, actor, batch.id, "take_out", Done(items, 20, "完好", with_whom="库房 韩松"))
        digitise.take_in(house, actor, batch.id, Path(place))
        line.finish(house)
    work.provide(lambda: own)
    return batch.id


def _sheets(house: "object", data: Path, place: Path, items: int) -> Iterator["object"]:
    """Draw documents as scans below *place* and yield what stands on each page, the date of every third hard to read."""
    import pypdfium2

    count = 0
    for source in sorted((data / "demo").rglob("*.pdf")):
        read = house.reader.read(source, source.name)  # type: ignore[attr-defined]
        if "发文稿纸" in source.name or not read.pages or "〔" not in read.pages[0].text:
            continue
        count += 1
        document = pypdfium2.PdfDocument(source)
        for at, page in enumerate(read.pages[:3]):
            image = document[at].render(scale=DPI / 72).to_pil().convert("RGB")
            if count % 4 == 2 and at == 0:
                image = image.rotate(2.6, fillcolor=(60, 60, 60))
            target = place / f"{count:03d}" / f"{at + 1:04d}.jpg"
            target.parent.mkdir(exist_ok=True)
            image.save(target, "JPEG", dpi=(DPI * 2, DPI * 2), quality=70)
            yield _page(page, image.size, is_unsure=count % UNSURE_EVERY == 0)
        document.close()
        if count == items:
            return


def _page(page: "object", size: tuple[int, int], *, is_unsure: bool) -> "object":
    from lantai.ports.recogniser import ReadLine, ReadPage

    scale = DPI / 72
    lines = []
    for line in page.lines:  # type: ignore[attr-defined]
        is_date = "年" in line.text and "月" in line.text and len(line.text) < 14
        lines.append(ReadLine(line.text, tuple(edge * scale for edge in line.box), 0.64 if is_date and is_unsure else 0.98))  # type: ignore[arg-type]
    return ReadPage(*size, DPI, tuple(lines), engine="told 1")


def main(data: Path, items: int = 9, documents: int = 0) -> None:
    """Fill a data folder from the command line."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantai.server.settings")
    django.setup()
    if documents:
        from tests.support import screens_data

        screens_data.enrich(data, documents)
    fill(data, items)
    if documents:
        from tests.support.screens import screens

        sys.stdout.write(f"\n{json.dumps([asdict(screen) for screen in screens()])}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
