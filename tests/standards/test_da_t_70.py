"""The item table of DA/T 70, the schemes made of it, the format table, and the page drawn from them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai import formats
from lantai.core.checks import Gate, Reason, Weight
from lantai.core.checks.registry import BATCH_CHECKS, RECORD_CHECKS
from lantai.core.codes import CODES
from lantai.ports.reader import Limits
from lantai.standards import da_t_70
from lantai.standards.da_t_70 import pages
from lantai.standards.da_t_70.choices import Choice
from lantai.standards.da_t_70.formats import standard

PAGE = Path(__file__).resolve().parents[2] / "docs" / "design" / "checks.md"
BLOCKING = ["1-1", "1-7", "1-8", "1-10", "1-11", "1-12", "1-13", "1-14", "2-1", "2-2", "2-4", "2-7", "2-11", "3-1", "3-4", "3-8", "4-2"]
UNVERIFIED = ["1-9", "2-8", "3-5", "3-6", "3-7"]


def test_forty_items_14_11_8_7() -> None:
    numbers = [item.number for item in da_t_70.items()]
    assert [sum(number.startswith(f"{group}.") for number in numbers) for group in range(1, 5)] == [14, 11, 8, 7]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 40


def test_stable_id_and_displayed_code() -> None:
    item = da_t_70.items()[7]
    assert (item.id, item.code, item.name) == ("archiving.1.08", "GD-1-8", "元数据项数据重复性检测")


def test_blocking_items_are_those_of_the_page() -> None:
    assert [item.code[3:] for item in da_t_70.items() if item.severity is Weight.BLOCK] == BLOCKING


def test_items_to_be_verified_are_kept_and_off() -> None:
    assert [item.code[3:] for item in da_t_70.items() if not item.is_enabled] == UNVERIFIED
    assert all(item.certainty == "?" for item in da_t_70.items() if not item.is_enabled)


def test_every_enabled_item_has_a_function() -> None:
    known = RECORD_CHECKS.keys() | BATCH_CHECKS.keys()
    assert {item.number for item in da_t_70.items() if item.is_enabled} <= known


@pytest.mark.parametrize(
    ("gate", "prefix"), [(Gate.ARRIVAL, "GD"), (Gate.ARCHIVING, "GD"), (Gate.TRANSFER, "YJ"), (Gate.PRESERVATION, "BC")]
)
def test_codes_at_each_gate(gate: Gate, prefix: str) -> None:
    specs = da_t_70.scheme(gate).items
    assert len(specs) == 40
    assert all(spec.code == f"{prefix}-{item.code[3:]}" for spec, item in zip(specs, da_t_70.items(), strict=True))
    assert all(spec.id == f"{gate.value}.{spec.number}" for spec in specs)


def test_what_transfer_changes() -> None:
    specs = {spec.number: spec for spec in da_t_70.scheme(Gate.TRANSFER).items}
    assert specs["2.09"].name == "移交范围检测"
    assert specs["4.06"].severity is Weight.MAJOR


def test_a_scheme_is_made_once() -> None:
    assert da_t_70.scheme(Gate.ARRIVAL) is da_t_70.scheme(Gate.ARRIVAL)


def test_items_can_be_switched() -> None:
    choices = (("1.05", Choice(parameters=(("earliest_year", "1978"),))), ("2.05", Choice(is_enabled=False, severity=Weight.MINOR)))
    scheme = da_t_70.scheme_with(Gate.ARCHIVING, enable=frozenset(("2.08",)), choices=choices)
    states = {spec.number: spec.is_enabled for spec in scheme.items}
    assert (states["2.08"], states["2.05"], states["2.04"]) == (True, False, True)
    assert scheme.parameters.earliest_year == 1978


def test_reasons_have_words() -> None:
    assert set(da_t_70.reasons()) == {reason.value for reason in Reason} - {""}
    assert all(da_t_70.reasons().values())


def test_codes_named_in_tables_exist() -> None:
    parameters = da_t_70.scheme(Gate.ARCHIVING).parameters
    assert all(code in CODES for code, _ in parameters.duplicate_kinds.values())
    assert all(any(code.startswith(prefix) for code in CODES) for prefix, *_ in parameters.finding_items)
    assert {item for _, *items in parameters.finding_items for item in items if item} <= {item.number for item in da_t_70.items()}


def test_longest_prefix_wins() -> None:
    parameters = da_t_70.scheme(Gate.ARCHIVING).parameters
    assert parameters.items_of("CATALOGUE-EMPTY") == ("1.12",)
    assert parameters.items_of("CATALOGUE-FILE-MISSING") == ("2.11",)
    assert parameters.items_of("SOMETHING-ELSE") == ()
    assert parameters.items_of("CONTAINER-RATIO") == ("3.07", "3.08")


def test_a_puid_or_media_type_belongs_to_one_family() -> None:
    rows = standard().values()
    for values in ([p for row in rows for p in row.puids], [m for row in rows for m in row.mimes]):
        assert len(values) == len(set(values))


def test_a_refused_format_is_never_accepted() -> None:
    rules = {rule.family: rule for rule in da_t_70.format_policy().by_extension.values()}
    assert not [rule.name for rule in rules.values() if rule.is_refused and (rule.is_accepted or rule.is_lasting)]


@pytest.mark.parametrize(
    ("puid", "mime", "name", "family"),
    [
        ("fmt/18", "application/pdf", "x.pdf", "PDF"),
        ("fmt/354", "application/pdf", "x.pdf", "PDF/A"),
        ("", "application/pdf", "x.doc", "PDF"),
        ("", "application/ofd", "x.ofd", "OFD"),
        ("", "text/plain", "x.csv", "CSV"),
        ("", "application/octet-stream", "x.pdf", ""),
        ("fmt/99999", "application/octet-stream", "x.txt", ""),
        ("", "image/unheard-of", "x.txt", ""),
        ("", "", "没有扩展名", ""),
    ],
)
def test_families_are_told_by_bytes_first(puid: str, mime: str, name: str, family: str) -> None:
    rule = da_t_70.scheme(Gate.ARCHIVING).parameters.formats.of(puid, mime, name)
    assert (rule.name if rule else "") == family


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_the_format_table_never_raises(puid: str, mime: str, name: str) -> None:
    policy = da_t_70.scheme(Gate.ARCHIVING).parameters.formats
    policy.of(puid, mime, name)
    policy.named(name)


@pytest.mark.corpus
@pytest.mark.parametrize(("ending", "families"), [("ofd", {"OFD"}), ("pdf", {"PDF", "PDF/A"}), ("docx", {"Word"})])
def test_real_documents_are_in_the_format_table(corpus: Path, ending: str, families: set[str]) -> None:
    policy = da_t_70.scheme(Gate.ARCHIVING).parameters.formats
    for path in sorted((corpus / "official-documents").rglob(f"*.{ending}"))[:5]:
        known = formats.read(path, path.name, Limits()).format
        rule = policy.of(known.puid, known.mime, path.name)
        assert rule is not None
        assert rule.name in families
        assert rule.is_accepted


def test_the_page_agrees_with_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == pages.filled(page), "run lantai.standards.da_t_70.pages.filled over docs/design/checks.md"
    assert "| GD-1-8 | YJ-1-8 | BC-1-8 |" in page
