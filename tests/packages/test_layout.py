"""Logical paths: safe on every file system, apart from one another, the same each time."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lantai.core.record import ComputerFile, Document, Record, Representation, Role
from lantai.packages import layout
from tests.packages.records import RECORDS, small_record

ANY = st.text(st.characters()) | st.sampled_from(
    ["", ".", "..", "CON", "nul.txt", "a/b", "%41", "x. ", " x", "\u202egpj.exe", "\udcff", "文" * 200]
)
KEPT = ["关于印发《办法》的通知.pdf", "附件1：表（二）.xlsx", "a b.txt", "〔2026〕1号.ofd", "-rf", "x'y.doc"]


@given(ANY)
@example("长" * 90 + ".pdf")
def test_a_safe_name_is_one_part_that_every_file_system_holds(name: str) -> None:
    safe = layout.safe_name(name)
    assert safe not in {"", ".", ".."}
    assert len(safe.encode()) <= 230
    assert not set(safe) & set('/\\:*?"<>|')
    assert safe[-1] not in ". " and not safe[0].isspace()
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs"} for char in safe)


@given(ANY, ANY)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert (layout.safe_name(one) == layout.safe_name(other)) == (one == other)


@pytest.mark.parametrize("name", KEPT)
def test_ordinary_names_are_kept(name: str) -> None:
    assert layout.safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b", "a%2Fb"),
        ("50%.pdf", "50%25.pdf"),
        ("..", "%2E%2E"),
        ("CON", "%43ON"),
        ("lpt1.txt", "%6Cpt1.txt"),
        ("x.", "x%2E"),
        (" x", "%20x"),
        ("", "%"),
        (" ", "%20"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_unsafe_names_are_percent_encoded(name: str, safe: str) -> None:
    assert layout.safe_name(name) == safe


def test_a_long_name_keeps_its_extension(tmp_path: Path) -> None:
    safe = layout.safe_name("关于" * 100 + ".pdf")
    assert safe.startswith("关于关于")
    assert safe.endswith(".pdf")
    (tmp_path / safe).write_bytes(b"")


@given(st.lists(ANY, max_size=8))
def test_no_two_names_fall_together_where_case_and_composition_do_not_count(names: list[str]) -> None:
    keys = [unicodedata.normalize("NFC", name.casefold()) for name in layout.safe_names(names)]
    assert len(set(keys)) == len(names)


def test_the_second_of_two_alike_is_marked() -> None:
    assert layout.safe_names(["A.pdf", "a.PDF", "a.pdf", "é", "e\u0301"]) == ["A.pdf", "a~2.PDF", "a~3.pdf", "é", "e\u0301~2"]
    assert layout.safe_names(["a.pdf", "a~2.pdf", "A.pdf"]) == ["a.pdf", "a~2.pdf", "A~3.pdf"]


@given(RECORDS)
@settings(max_examples=60, deadline=None)
def test_every_file_of_a_record_gets_a_path_of_its_own(record: Record) -> None:
    documents = tuple(replace(item, sequence=at) for at, item in enumerate(record.documents, 1))
    laid = layout.lay_out(replace(record, documents=documents))
    paths = [item.path for item in laid.files]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(
        path.startswith(f"{document.sequence:02d}-{document.role}/")
        for document in laid.documents
        for path in (f.path for f in document.files)
    )
    assert layout.lay_out(laid) == laid


def test_representations_lie_in_folders_of_their_own() -> None:
    item = small_record().files[0]
    files = tuple(replace(item, name="正文.pdf", representation=kind) for kind in Representation)
    record = replace(small_record(), documents=(Document(1, Role.MAIN, "", files), Document(12, Role.ATTACHMENT, "", files[:1])))
    assert [item.path for item in layout.lay_out(record).files] == [
        "01-正本/original/正文.pdf",
        "01-正本/preservation/正文.pdf",
        "01-正本/access/正文.pdf",
        "01-正本/text.json",
        "12-附件/original/正文.pdf",
    ]
    assert layout.text_path(record.documents[1]) == "12-附件/text.json"


def test_folders_come_before_what_is_in_them() -> None:
    assert layout.folders(["a/b/c", "a/d", "e"]) == ["a", "a/b"]


def test_the_name_as_received_stays_in_the_record() -> None:
    item = ComputerFile("1", "a/b?.pdf", 1, "", "")
    (laid,) = layout.lay_out(replace(small_record(), documents=(Document(1, Role.MAIN, "", (item,)),))).files
    assert (laid.name, laid.path) == ("a/b?.pdf", "01-正本/original/a%2Fb%3F.pdf")
