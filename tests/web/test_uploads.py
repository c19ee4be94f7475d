"""Uploads: kept as the folder they were, never outside it, nothing left behind on failure."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.stages import sending
from lantai.web import requests, uploads


def some(name: str, content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_folder_is_kept_as_it_was(house: House) -> None:
    kept = uploads.keep(house, [some("a.pdf", b"1"), some("b.pdf", b"2")], ["移交/一/a.pdf", "移交/b.pdf"])
    assert [path.name for path in kept] == ["移交"]
    assert (kept[0] / "一" / "a.pdf").read_bytes() == b"1"
    assert kept[0].is_relative_to(house.data / "uploads")


def test_what_arrives_lies_in_the_data_folder_without_a_name(house: House) -> None:
    large, small = some("a.pdf", b"1" * 3 * 1024**2), some("b.pdf", b"2")
    request = RequestFactory().post("/", {"files": [large, small], "paths": ["移交/a.pdf", "移交/b.pdf"]})
    (kept,) = uploads.keep(house, request.FILES.getlist("files"), request.POST.getlist("paths"))
    assert [path.stat().st_size for path in sorted(kept.iterdir())] == [3 * 1024**2, 1]
    assert list((house.data / "scratch").iterdir()) == []
    request.close()


def test_two_files_of_one_name_are_both_kept(house: House) -> None:
    kept = uploads.keep(house, [some("a.pdf", b"1"), some("a.pdf", b"2")], ["a.pdf", "a.pdf"])
    assert sorted(path.read_bytes() for path in kept) == [b"1", b"2"]


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "a/../../b", "..\\a", "\\", "\\a", "C:\\a", "a\0b", "", "名" * 90])
def test_a_path_that_leads_astray_refuses_everything(house: House, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        uploads.keep(house, [some("good.pdf"), some("bad")], ["good.pdf", path])
    assert refused.value.code == "UPLOAD-PATH"
    assert not any((house.data / "uploads").iterdir())


@given(st.text(min_size=1, max_size=80))
def test_no_path_leaves_the_folder(path: str) -> None:
    try:
        safe = sending.safe_path(path)
    except Refusal:
        return
    root = Path("/place/of/uploads")
    assert (root / safe).resolve().is_relative_to(root)


def test_nothing_is_refused_as_nothing(house: House) -> None:
    with pytest.raises(Refusal) as refused:
        uploads.keep(house, [], [])
    assert refused.value.code == "UPLOAD-EMPTY"


def test_more_than_the_limit_is_refused_before_a_byte_is_written(house: House) -> None:
    big = some("big.bin")
    big.size = house.settings.upload_bytes + 1
    with pytest.raises(Refusal) as refused:
        uploads.keep(house, [big], ["big.bin"])
    assert refused.value.code == "UPLOAD-TOO-LARGE"
    assert not (house.data / "uploads").exists()


def test_a_verb_that_fails_leaves_no_upload(house: House) -> None:
    kept = uploads.keep(house, [some("a.pdf")], ["a.pdf"])

    def fail() -> str:
        raise Refusal("UPLOAD-EMPTY")

    with pytest.raises(Refusal):
        uploads.or_discard(kept, fail)
    assert not any((house.data / "uploads").iterdir())


@given(st.one_of(st.none(), st.text(max_size=20)))
def test_a_number_from_outside_is_a_number_in_bounds(text: str | None) -> None:
    assert 0 <= requests.whole(text, 7, most=1000) <= 1000
