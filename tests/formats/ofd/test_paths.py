"""Every form of path met in the wild leads to its entry; what leads nowhere is a finding."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.ofd.parts import tidy
from tests.formats.ofd.opened import codes, content, opened
from tests.support import ofd_writer as w

_PAGE = "Doc_0/Pages/Page_0/Content.xml"


def _document(location: str) -> w.Parts:
    listed = w.tag("Pages", w.tag("Page", ID=100, BaseLoc=location))
    return w.parts(w.page(w.text("文"))) | {"Doc_0/Document.xml": w.root("Document", listed)}


@pytest.mark.parametrize(
    ("location", "is_odd"),
    [
        ("Pages/Page_0/Content.xml", False),
        ("/Doc_0/Pages/Page_0/Content.xml", False),
        ("./Pages/Page_0/Content.xml", False),
        ("../Doc_0/Pages/Page_0/Content.xml", False),
        (" Pages/Page_0/Content.xml\n", False),
        ("Pages//Page_0/./Content.xml", False),
        ("Doc_0/Pages/Page_0/Content.xml", True),
        ("/Pages/Page_0/Content.xml", True),
        ("Pages\\Page_0\\Content.xml", True),
        ("\\Doc_0\\Pages\\Page_0\\Content.xml", True),
        ("PAGES/page_0/CONTENT.XML", True),
        ("Pages/Page%5F0/Content.xml", True),
        ("//Doc_0/Pages/Page_0/Content.xml", False),
    ],
)
def test_a_page_is_found(location: str, is_odd: bool) -> None:
    found = content(_document(location))
    assert found.pages[0].text == "文"
    assert codes(found) == (["OFD-PATH-ODD"] if is_odd else [])


@pytest.mark.parametrize(
    "location", ["Pages/Page_9/Content.xml", "../../../../etc/passwd", "/etc/passwd", "http://x/y.xml", "C:\\x.xml", "."]
)
def test_a_path_that_leads_nowhere_is_a_finding(location: str) -> None:
    found = content(_document(location))
    assert (found.page_count, found.pages[0].text) == (1, "")
    assert codes(found) == ["OFD-PART-MISSING"]


@pytest.mark.parametrize("base", ["Res", "/Doc_0/Res", "Res/", "./Res", "Res\\"])
@pytest.mark.parametrize("file", ["font.ttf", "/Doc_0/Res/font.ttf", "Res/font.ttf"])
def test_resources_follow_the_chain_of_base_locations(base: str, file: str) -> None:
    font = w.tag("Font", w.tag("FontFile", file), ID=3, FontName="宋体")
    members = w.parts(w.page(w.text("文")), common=w.tag("PublicRes", "PublicRes.xml")) | {
        "Doc_0/PublicRes.xml": w.root("Res", w.tag("Fonts", font), BaseLoc=base),
        "Doc_0/Res/font.ttf": b"font",
    }
    with opened(members) as package:
        made = package.documents[0].resources.font("3")
        assert made is not None
        assert made.file == "Doc_0/Res/font.ttf"


def test_names_in_gbk_without_a_mark_are_found() -> None:
    room = BytesIO()
    members = _document("Pages/页/Content.xml")
    members["Doc_0/Pages/ZZ/Content.xml"] = members.pop(_PAGE)
    with zipfile.ZipFile(room, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    raw = room.getvalue().replace(b"Pages/ZZ/", "Pages/页/".encode("gb18030"))
    assert content(raw).pages[0].text == "文"


def test_entries_named_with_backslashes_are_found() -> None:
    members = {name.replace("/", "\\"): data for name, data in _document("Pages/Page_0/Content.xml").items()}
    assert content(members).pages[0].text == "文"


@settings(deadline=None)
@given(st.text("abc./\\ é页", max_size=30))
def test_tidy_names_stay_inside(raw: str) -> None:
    name = tidy(raw)
    assert not name.startswith("/")
    assert ".." not in name.split("/")
    assert tidy(name) == name
