"""The public OFD samples: all open, signatures agree with the table computed beside them, altered parts are named."""

import csv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.formats import read
from lantai.formats.ofd import OfdPackage, covered, open_ofd, page_text, signatures
from lantai.formats.ofd.model_page import TextObject
from lantai.formats.ofd.model_signature import State
from lantai.ports.reader import Reading

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def samples(corpus: Path) -> list[Path]:
    """All OFD samples."""
    return sorted((corpus / "ofd").glob("*/*.ofd"))


@pytest.fixture(scope="module")
def readings(samples: list[Path]) -> dict[str, Reading]:
    """Every sample read once."""
    return {f"{path.parent.name}/{path.name}": read(path, path.name) for path in samples}


def _packages(samples: list[Path]) -> Iterator[tuple[str, OfdPackage]]:
    for path in samples:
        with open_ofd(path) as package:
            yield f"{path.parent.name}/{path.name}", package


def test_all_open_without_an_error(readings: dict[str, Reading]) -> None:
    assert len(readings) >= 47
    for name, reading in readings.items():
        assert reading.format.name.startswith("OFD"), name
        assert reading.page_count, name
        assert len(reading.pages) == reading.page_count, name
        errors = [item.code for item in reading.findings if item.severity == "error"]
        assert errors == [], name


def test_signatures_agree_with_the_table(samples: list[Path], corpus: Path) -> None:
    table = (corpus / "ofd" / "EXPECTED-SIGNATURES.csv").read_text(encoding="utf-8").splitlines()
    expected = {(row["file"], row["signature"]): row for row in csv.DictReader(table)}
    seen = set()
    for name, package in _packages(samples):
        for signature in signatures(package):
            row = expected[name, signature.place]
            seen.add((name, signature.place))
            coverage = covered(package, signature)
            counts = [len(coverage.of(state)) for state in (State.RIGHT, State.WRONG, State.MISSING)]
            assert counts == [int(row[key]) for key in ("digests_match", "digests_differ", "files_missing")], name
            assert ",".join(entry.name for entry in coverage.altered) == row["which"], name
            assert (signature.check_method, signature.method) == (row["check_method"], row["signature_method"]), name
    assert seen == set(expected)


def test_values_of_all_signatures_hold_where_they_carry_a_certificate(readings: dict[str, Reading]) -> None:
    rows = [(name, row) for name, reading in readings.items() for row in reading.signatures]
    assert len(rows) == 14
    assert {row["signature_valid"] for name, row in rows if "ofdrw_DigitalSign" not in name} == {True}
    bare = next(row for name, row in rows if "ofdrw_DigitalSign" in name)
    assert bare["signature_valid"] is None
    assert any(line.startswith("signature_valid：") for line in bare["not_checked"])  # type: ignore[attr-defined]
    assert all(row["chain_valid"] is None for _, row in rows)


def test_a_page_changed_after_signing_is_named(samples: list[Path], tmp_path: Path) -> None:
    source = next(path for path in samples if path.name == "999.ofd")
    target = tmp_path / "changed.ofd"
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for info in before.infolist():
            data = before.read(info)
            after.writestr(info, data.replace(b"</", b" </", 1) if info.filename.endswith("Pages/Page_2/Content.xml") else data)
    (row,) = read(target, "changed.ofd").signatures
    assert (row["digests_valid"], row["altered_pages"], row["signature_valid"]) == (False, [3], True)


def test_every_character_has_a_position_on_its_page(samples: list[Path]) -> None:
    inside = outside = 0
    for _, package in _packages(samples):
        for page in package.pages():
            text, lines = page_text(page)
            sheet = page.area.physical
            assert "".join("".join(line.text.split()) for line in lines) == "".join(text.split())
            for line in lines:
                is_in = line.box[0] >= -6 and line.box[2] <= sheet.width * 2.835 + 6 and line.box[3] <= sheet.height * 2.835 + 6
                inside, outside = inside + is_in, outside + (not is_in)
    assert inside > 1500
    assert outside <= 0.01 * inside


def test_no_text_object_is_lost(samples: list[Path]) -> None:
    """Everything a page's own text objects say is in its text, but for what is drawn twice, hidden, or beside the sheet."""
    for name, package in _packages(samples):
        for page in package.pages():
            said = {unit.text.strip() for layer in page.content.layers for unit in layer.units if isinstance(unit, TextObject)}
            text = "".join(page_text(page)[0].split())
            lost = [words for words in said if words and "".join(words.split()) not in text and len(words) > 30]
            assert len(lost) <= 0.1 * len(said) + 1, (name, page.number, lost[:2])


def test_text_agrees_with_an_independent_reader(samples: list[Path]) -> None:
    """ofdkit (Apache-2.0, for tests only) reads the same characters; the order differs on the three pages named here.

    There it parts a label written downwards (付款人) or reads a wrapped or vertical string in the row where it starts.
    """
    oracle = pytest.importorskip("ofdkit")
    differing = []
    for name, package in _packages(samples):
        theirs = list(oracle.open(next(path for path in samples if name.endswith(path.name) and path.parent.name in name)).pages)
        for page, other in zip(package.pages(), theirs, strict=True):
            ours, text = "".join(page_text(page)[0].split()), "".join(other.text().split())
            assert sorted(ours) == sorted(text), (name, page.number)
            if ours != text:
                differing.append((name.partition("/")[2], page.number))
    assert len(differing) <= 3, differing
