"""A real catalogue passes through the metadata items: what is known to be doubtful is told, row for row, and nothing else is failed."""

import re
from collections import Counter
from pathlib import Path

import pytest

from bench import metadata
from lantai.core.checks import Outcome
from lantai.core.identity import number_key
from lantai.core.officialdoc import document_number
from tests.corpus.test_catalogues import LARGE, doubled, rows_of

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def test_the_metadata_items_tell_the_doubtful_rows(corpus: Path) -> None:
    path = corpus / "catalogue" / LARGE
    rows = rows_of(path)
    judged = metadata.judge(path)
    assert judged.rows == len(rows)
    assert [number for number in metadata.ITEMS if judged.outcomes[number, Outcome.ERROR]] == []
    for number in ("1.02", "1.03", "1.04", "1.05"):
        assert judged.outcomes[number, Outcome.FAIL] == 0
    assert judged.remarks["DESCRIBE-YEAR-DIFFERS"] == sum(map(_is_of_another_year, rows))
    assert judged.remarks["GD-1-8-NUMBER"] == doubled([number_key(row["发文字号"]) for row in rows])
    told = Counter(any(_UNSEEN.search(row[name]) for name in ("题名", "发文字号", "成文日期")) for row in rows)
    assert judged.remarks["GD-1-6-UNSEEN"] == told[True]
    missing = {key.partition(" ")[2]: count for key, count in judged.remarks.items() if key.startswith("GD-2-4 ")}
    assert missing["责任者"] == len(rows)
    assert missing.get("日期", 0) == sum(not row["成文日期"].strip() for row in rows)


def _is_of_another_year(row: dict[str, str]) -> bool:
    numbered = re.search("〔([0-9]{4})〕", document_number(row["发文字号"]))
    return bool(numbered and row["成文日期"] and numbered[1] != row["成文日期"][:4])
