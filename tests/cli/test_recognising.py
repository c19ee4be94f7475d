"""recognise: scanned pages through the public door."""

from pathlib import Path

from PIL import Image

from bench import papers
from tests.cli.shell import Shell

DPI = 200


def test_pages_become_text_and_fields(bare: Shell, tmp_path: Path) -> None:
    page = papers.letter(21, dpi=DPI, is_sealed=True)
    turned = Image.fromarray(papers.turned(page.pixels, 1.2)).rotate(180)
    (tmp_path / "坏.png").write_bytes(b"\x89PNG")
    turned.save(tmp_path / "页.tif", dpi=(DPI, DPI), compression="tiff_lzw")
    done = bare.run("recognise", tmp_path / "页.tif", tmp_path / "坏.png", "--json")
    document = done.json("recognise")
    assert done.code == 4
    assert [row["code"] for row in document["findings"]] == ["SCAN-UNREADABLE"]
    assert [name for name, value in page.fields.items() if not value and name in document["fields"]] == []
    for name, value in ((name, value) for name, value in page.fields.items() if value):
        field = document["fields"][name]
        assert field["value"] == value
        assert field["reason"]
        assert 0 < field["confidence"] <= 1
        assert field["boxes"]
    assert document["fields"]["retention_period"]["value"]
    number = next(line for line in document["lines"] if line["text"] == page.fields["document_number"])
    middle = (number["box"][1] + number["box"][3]) / 2
    assert abs(middle / turned.height - (1 - 82 / 297)) < 0.03  # the page lies on its head


def test_nothing_is_refused(bare: Shell, tmp_path: Path) -> None:
    done = bare.run("recognise", tmp_path / "无.png", "--json")
    assert done.code == 3
    assert done.json()["error"]["code"] == "FILE-UNKNOWN"
