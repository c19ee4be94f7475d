"""Every table of a standard says where each row comes from and how sure it is, and the tables agree with one another and with the rules."""

import csv
import re
from pathlib import Path

import pytest

from lantai.core.archival_code import Template, normalise_separators
from lantai.core.errors import Refusal
from lantai.core.retention import Retention
from lantai.standards import da_t_22, da_t_31, da_t_46, gb_t_33480, gb_t_39784, order_8
from lantai.standards.rows import CERTAINTIES, rows

ROOT = Path(da_t_46.__file__).parents[1]
OURS = [path for name in ("da_t_46", "da_t_22", "da_t_31", "gb_t_33480", "gb_t_39784") for path in sorted((ROOT / name).glob("*.csv"))]


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_row_has_its_source_and_certainty(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["certainty"] in CERTAINTIES
            assert row["source"].strip()
            assert None not in row


def test_the_entities_part_the_elements() -> None:
    spans = [(row.entity, int(row.first[1:]), int(row.last[1:])) for row in da_t_46.entities()]
    assert [(entity, f"M{n}") for entity, first, last in spans for n in range(first, last + 1)] == [
        (item.entity, item.number) for item in da_t_46.elements()
    ]


def test_official_documents_map_onto_elements() -> None:
    known = da_t_46.by_code().keys() | gb_t_33480.OWN
    assert {code for codes in gb_t_33480.mapping().values() for code in codes} <= known
    assert gb_t_33480.by_element()["document_number"] == "发文字号"


def test_the_written_forms_read_their_examples() -> None:
    for form in da_t_22.forms():
        if form.certainty == "?":
            continue
        template = Template(form.template)
        assert template.format(template.parse(form.example)) == form.example


def test_separators_that_look_alike_become_ours() -> None:
    assert all(normalise_separators(row.code) == "·" for row in da_t_22.codes("alike"))
    assert {row.code for row in da_t_22.codes("separator")} == {"-", "·"}


def test_retention_codes_are_known_to_the_rules() -> None:
    for row in da_t_22.codes("retention"):
        if row.certainty != "?":
            assert Retention.parse(row.code).label == row.name
    with pytest.raises(Refusal):
        Retention.parse("X9")


def test_categories_without_the_unsure() -> None:
    assert da_t_22.categories()["WS"] == "文书"
    assert len({row.code for row in da_t_22.codes("category")}) == len(da_t_22.codes("category"))


def test_digitisation_speaks_of_known_elements_and_values() -> None:
    colours = da_t_46.domains()["scanning_color_model"]
    for row in da_t_31.parameters().values():
        assert not row.element or row.element in da_t_46.by_code()
        if row.element == "scanning_color_model":
            assert colours.admits(row.value)
    assert da_t_31.least("resolution") == 200
    assert da_t_31.least("skew") is None


def test_the_functions_are_numbered_and_levelled() -> None:
    found = gb_t_39784.requirements()
    assert len({row.id for row in found}) == len(found) == 103
    assert all(re.fullmatch("F-[0-9AB][0-9]{2}", row.id) and row.level in ("M", "E", "L") for row in found)


def test_unsure_rules_of_retention_are_off() -> None:
    assert all(row.is_enabled is ("?" not in row.certainty) for row in order_8.rows())


def test_a_table_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(FileNotFoundError):
        rows("da_t_46", "nothing")
