"""recognise without a store: hostile pages cost themselves only."""

from pathlib import Path

import pytest

from lantai.adapters.imagers import DirectImager
from lantai.adapters.readers import GuardedReader
from lantai.ports.reader import Limits
from lantai.stages import recognise
from tests.formats import made
from tests.support import scans


@pytest.mark.parametrize(
    ("page", "code"), [(made.nested_glyphs(9), "SCAN-UNREADABLE"), (made.nested_forms(8), "READ-TIMEOUT")], ids=["glyphs", "forms"]
)
def test_a_pdf_that_draws_for_ever_is_told_and_the_next_page_is_read(tmp_path: Path, page: bytes, code: str) -> None:
    (tmp_path / "慢.pdf").write_bytes(page)
    good = scans.write(tmp_path / "好.pdf", 5)
    with GuardedReader(Limits(seconds=2.0)) as reader:
        engines = recognise.Engines(reader, DirectImager(), scans.Told(), 10**8)
        seen = recognise.recognise(engines, [tmp_path / "慢.pdf", good])
    assert [item.code for item in seen.findings] == [code]
    assert [sheet.path for sheet in seen.sheets] == [good]
    assert seen.fields["document_number"]["value"] == "云发改规划〔2024〕5号"
