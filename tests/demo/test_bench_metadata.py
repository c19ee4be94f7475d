"""The benchmark of the metadata items judges what it is given and says so."""

from pathlib import Path

from bench import metadata
from bench.catalogue import generate
from lantai.core.checks import Outcome


def test_a_made_catalogue_is_judged(tmp_path: Path) -> None:
    judged = metadata.judge(generate(tmp_path / "c.csv", 40))
    assert judged.rows == 40
    assert judged.outcomes["1.03", Outcome.PASS] == 40
    shown = metadata.figures(judged)
    assert shown["items"][0]["item"] == "GD-1-2"
    assert shown["rows"] == 40
