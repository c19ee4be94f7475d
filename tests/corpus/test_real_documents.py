"""Real laws and official documents through the line: what they are called, what pairs agree on, and what must leave no trace."""

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai import formats, line
from lantai.core import officialdoc
from lantai.ports import House
from lantai.shelves.holdings.models import Record
from lantai.shelves.intake.models import Quarantine
from tests.support.deliveries import deliver, outcomes
from tests.support.line_house import ARCHIVIST, line_house

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
MARKED = "master_template"
_VERSION = re.compile(r"\([0-9-]+\)$")


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def _plain(text: str) -> str:
    return re.sub(r"[《》〈〉<>\s]|中华人民共和国", "", unicodedata.normalize("NFKC", text))


def test_laws_are_called_by_their_titles_and_none_is_taken_for_a_secret(house: House, corpus: Path) -> None:
    batch = deliver(house, corpus / "law-texts")
    laws = [row for row in Record.objects.all() if row.files.get().name.endswith(".md") and row.files.get().name != "SOURCES.md"]
    assert outcomes(batch) == {"record": len(laws) + 1}
    called = {_VERSION.sub("", row.files.get().name.removesuffix(".md")): row.title for row in laws}
    odd = {name: title for name, title in called.items() if _plain(name) not in _plain(title)}
    assert len(odd) <= len(laws) // 50, odd


def test_the_same_law_in_two_formats_reads_the_same(house: House, corpus: Path) -> None:
    batch = deliver(house, corpus / "official-documents")
    assert outcomes(batch)["quarantined"] == 4
    read: dict[str, set[tuple[str, str, str, str]]] = {}
    for row in Record.objects.all():
        name = Path(row.files.get().name)
        if name.stem.startswith("中华人民共和国"):
            read.setdefault(name.stem, set()).add((row.title, row.document_number, row.document_date, row.author))
    assert len(read) == 17
    assert {stem: values for stem, values in read.items() if len(values) > 1} == {}
    assert all(_plain(stem) == _plain(title) for stem, values in read.items() for title, *_ in values)


def test_marked_documents_leave_neither_text_nor_name(house: House, corpus: Path, tmp_path: Path) -> None:
    """In a folder and by themselves, in every format: raw bytes of the whole data folder, database and journal included."""
    files = sorted((corpus / "official-documents").rglob(f"{MARKED}.*")) + sorted((corpus / "ofd").rglob(f"{MARKED}.*"))
    assert {path.suffix for path in files} == {".doc", ".docx", ".pdf", ".wps", ".ofd"}
    without_list = shutil.ignore_patterns("SOURCES.md")
    deliver(house, Path(shutil.copytree(corpus / "official-documents", tmp_path / "公文", ignore=without_list)))
    for path in files:
        batch = deliver(house, path)
        assert outcomes(batch) == {"quarantined": 1}
        assert MARKED not in batch.title
    line.archive(house, ARCHIVIST, list(Record.objects.values_list("id", flat=True)[:2]))
    assert Quarantine.objects.count() == 4 + len(files)
    words = {MARKED, *_telling(files)}
    assert len(words) >= 5
    assert _found(house.data, words) == []


def _telling(files: list[Path]) -> Iterator[str]:
    """Yield lines of the documents that say something of their own."""
    for path in files:
        for text in formats.read(path, path.name).text.splitlines():
            line_ = "".join(text.split())
            if len(line_) >= 8 and re.search("[\u4e00-\u9fff]{6}", line_) and not officialdoc.civil_date(line_)[0]:
                yield text.strip()[:20]


def _found(data: Path, words: set[str]) -> list[tuple[str, str]]:
    """Return where a word stands, plain or as JSON or UTF-16 write it, in the bytes or the name of any file."""
    forms = {form: word for word in words for form in (word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"))}
    found = []
    for path in [path for path in data.rglob("*") if path.is_file()]:
        content = path.read_bytes() + os.fsencode(str(path.relative_to(data)))
        found += [(str(path), word) for form, word in forms.items() if form in content]
    return found


@pytest.mark.parametrize("name", ["scans", "signatures", "metadata-xml"])
def test_other_material_goes_through(house: House, corpus: Path, name: str) -> None:
    files = [path for path in (corpus / name).rglob("*") if path.is_file()]
    batch = deliver(house, corpus / name)
    assert outcomes(batch).total() == len(files)
    assert not set(Record.objects.values_list("state", flat=True)) - {"described", "arranged"}
