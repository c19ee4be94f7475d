"""The page text of a staged file, as capture wrote it beside the bytes."""

import json
from pathlib import Path
from typing import Any

from lantai.shelves.holdings.models import ComputerFile


def page_texts(data: Path, file: ComputerFile) -> list[str]:
    """Return the text of every page, in order; empty where the file has no text or is no longer staged."""
    return [str(page["text"]) for page in text_document(data, file).get("pages", [])]


def text_document(data: Path, file: ComputerFile) -> dict[str, Any]:
    """Return the whole text document with lines and boxes; empty where there is none."""
    place = data / f"{file.staged}.text.json"
    if not file.staged or not place.is_file():
        return {}
    document: dict[str, Any] = json.loads(place.read_bytes())
    return document
