"""A page of a file as a version of a record holds it."""

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db import transaction

from lantai.core.access import Actor
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.ledger import entries
from lantai.stages.amend.reading import demand_version, readable


def page_image(house: House, actor: Actor, key: str, path: str, *, version: int, page: int, width: int = 900) -> bytes:  # noqa: PLR0913
    """Render a page of a file of a version as PNG, *width* pixels wide; the first page is noted as read.

    Refusals: RECORD-UNKNOWN, ACCESS-REFUSED, VERSION-NONE, VERSION-UNKNOWN, FILE-UNKNOWN, PAGE-NOT-RENDERABLE.
    """
    row = readable(actor, key)
    demand_version(row, version)
    if path not in house.store.files(row.id, version):
        raise Refusal("FILE-UNKNOWN", path)
    folder = house.data / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(prefix="page-", dir=folder) as copy:
        with house.store.open(row.id, path, version) as stream:
            shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
        image = house.reader.render(Path(copy.name), Path(path).name, page=page, width=width)
    if image is None:
        raise Refusal("PAGE-NOT-RENDERABLE", path, page=page)
    if page == 1 or row.opening == "controlled":
        body = {"part": "page", "file": path, "page": page, "version": version}
        with transaction.atomic():
            entries.append(house.clock.now(), [entries.Entry("record:read", actor.id, row.id, body)], ids=house.ids)
    return image
