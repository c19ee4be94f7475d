"""Page texts of records, wherever they rest: beside the staged file before archiving, in the package after."""

import json
from collections.abc import Sequence
from typing import Any

from lantai.core import text
from lantai.core.lifecycle import State
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.holdings.texts import text_document

BETWEEN_FILES = "\u241e"


class Texts:
    """Reads page texts through the house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def pages(self, row: Record, item: ComputerFile) -> list[dict[str, Any]]:
        """Return the pages of a file: number, width, height, text and lines with boxes; empty where it has no text."""
        if not item.facts.get("text_path"):
            return []
        if row.state != State.ARCHIVED:
            return list(text_document(self._house.data, item).get("pages", ()))
        with self._house.store.open(row.id, str(item.facts["text_path"])) as stream:
            return list(json.loads(stream.read())["pages"])

    def of_record(self, row: Record, files: Sequence[ComputerFile]) -> str:
        """Return the normalised text of a record: pages joined without a break, files kept apart by a sign no query holds."""
        parts = [text.normalise_joined([str(page["text"]) for page in self.pages(row, item)]) for item in files]
        return BETWEEN_FILES.join(part for part in parts if part)
