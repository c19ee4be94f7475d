"""Bags and E-ARK packages of our records: good to others, and read back as what they were. What is damaged is read without a raise."""

import hashlib
import io
import logging
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai.core.record import ComputerFile, ContentBasis, Document, Record, Representation, Role
from lantai.packages import bagit, csip, ocfl_check, recognise
from lantai.packages.filing_values import FilingPackage
from lantai.packages.layout import safe_names
from tests.packages.bad import bags, earks, objects
from tests.packages.records import AGENTS, ELEMENTS, EVENTS, RELATIONS, TEXT

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WHEN = "2026-03-01T09:00:00+08:00"
NAMES = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4, unique=True)


@st.composite
def records(draw: st.DrawFn) -> tuple[Record, dict[str, bytes]]:
    """A record with one to four files of any content, and the bytes by path."""
    contents: dict[str, bytes] = {}
    documents = []
    for number, name in enumerate(safe_names(draw(NAMES)), 1):
        body = draw(st.binary(max_size=40))
        path = f"{number:02d}-{draw(st.sampled_from(Role)).value}/original/{name}"
        contents[path] = body
        file = ComputerFile(
            f"f{number}", draw(TEXT), len(body), hashlib.sha256(body).hexdigest(), hashlib.new("sm3", body).hexdigest(), path=path
        )
        documents.append(Document(number, draw(st.sampled_from(Role)), draw(TEXT), (file,)))
    record = Record(
        id="01JD0000000000000000000042",
        electronic_record_code=draw(TEXT) or "A-1",
        version=1,
        content_basis=ContentBasis.DIGITAL,
        elements=draw(ELEMENTS),
        documents=tuple(documents),
        agents=draw(st.lists(AGENTS, max_size=2).map(tuple)),
        events=draw(st.lists(EVENTS, max_size=2).map(tuple)),
        relations=draw(st.lists(RELATIONS, max_size=1).map(tuple)),
    )
    return record, contents


def _same(record: Record, package: FilingPackage | None, folder: Path, contents: dict[str, bytes]) -> None:
    assert package is not None
    assert package.elements == record.elements
    assert (package.agents, package.events, package.relations) == (record.agents, record.events, record.relations)
    assert package.code == record.electronic_record_code
    told = [(item.sequence, item.role, item.title, [file.path for file in item.files]) for item in record.documents]
    assert [(item.sequence, item.role, item.title, [file.path for file in item.files]) for item in package.documents] == told
    assert {file.path: (folder / file.stored).read_bytes() for file in package.files} == contents


@given(records())
@FEW
def test_a_record_as_a_bag_is_good_to_others_and_comes_back(tmp_path: Path, made: tuple[Record, dict[str, bytes]]) -> None:
    import bagit as other

    record, contents = made
    folder = tmp_path / "bag"
    shutil.rmtree(folder, ignore_errors=True)
    bagit.write_record(folder, record, lambda item: io.BytesIO(contents[item.path]), algorithms=("sha512",))
    assert recognise.kind_of(folder) == "bagit"
    read = recognise.read(folder)
    assert [item for item in read.findings if item.severity == "error"] == []
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    is_readable = all(path == path.strip() and not {"\r", "%"} & set(path) for path in contents)
    if is_readable:  # bagit-python strips paths, and reads neither CR nor % as RFC 8493 writes them
        other.Bag(str(folder)).validate()
    _same(record, read.package, folder, contents)


@given(records())
@FEW
def test_a_record_as_an_e_ark_package_is_good_and_comes_back(tmp_path: Path, made: tuple[Record, dict[str, bytes]]) -> None:
    record, contents = made
    folder = tmp_path / "ip"
    shutil.rmtree(folder, ignore_errors=True)
    csip.write(folder, record, lambda item: io.BytesIO(contents[item.path]), created=WHEN)
    read = recognise.read(folder)
    assert read.kind == "csip"
    assert [item for item in read.findings if item.severity == "error"] == []
    assert [item for item in read.findings if item.severity == "warning"] == []
    _same(record, read.package, folder, contents)


def test_page_texts_stay_behind(tmp_path: Path) -> None:
    text = ComputerFile("t", "text.json", 2, "", "", representation=Representation.TEXT, path="01-正本/text.json")
    record = Record("01JD0000000000000000000042", "A-1", 1, ContentBasis.DIGITAL, {}, (Document(1, Role.MAIN, "", (text,)),))
    csip.write(tmp_path / "ip", record, lambda item: io.BytesIO(b"{}"), created=WHEN)
    bagit.write_record(tmp_path / "bag", record, lambda item: io.BytesIO(b"{}"))
    assert not list(tmp_path.rglob("text.json"))


def test_what_utf_8_cannot_say_stops_no_bag(tmp_path: Path) -> None:
    bagit.write(tmp_path / "bag", {"a": b"x"}, [("External-Identifier", "A\udcff1")])
    assert bagit.check(tmp_path / "bag").bag.values("external-identifier") == ("A?1",)


@pytest.mark.parametrize(
    ("told", "encoding"), [("UTF-16", "utf-16"), ("UTF-16LE", "utf-16"), ("ISO-8859-1", "latin-1"), ("GB18030", "gb18030")]
)
def test_tag_files_in_the_encoding_that_the_bag_declares(tmp_path: Path, told: str, encoding: str) -> None:
    bagit.write(tmp_path / "bag", {"é.txt": b"x"}, [("Contact-Name", "é")])
    for path in (tmp_path / "bag").glob("*.txt"):
        if path.name.startswith("tagmanifest"):
            path.unlink()
        elif path.name == "bagit.txt":
            path.write_text(path.read_text("utf-8").replace("UTF-8", told), "utf-8")
        else:
            path.write_bytes(path.read_text("utf-8").encode(encoding))
    checked = bagit.check(tmp_path / "bag")
    assert [item for item in checked.findings if item.severity != "info"] == []
    assert checked.bag.values("contact-name") == ("é",)


PATHS = st.text(st.sampled_from("甲a%\r\n ~&é"), min_size=1, max_size=5)


@given(st.dictionaries(PATHS, st.binary(max_size=9)))
@FEW
def test_any_payload_is_a_good_bag(tmp_path: Path, payload: dict[str, bytes]) -> None:
    folder = tmp_path / "bag"
    shutil.rmtree(folder, ignore_errors=True)
    bagit.write(folder, payload, [("Contact-Name", "a\nb: c")], algorithms=("sha256", "sm3", "md5"))
    checked = bagit.check(folder)
    assert [item for item in checked.findings if item.severity == "error"] == []
    assert checked.bag.values("contact-name") == ("a b: c",)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "C:\\x", ""])
def test_a_payload_never_leaves_its_bag(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        bagit.write(tmp_path / "bag", {path: b"x"})
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("algorithms", [(), ("sm3",), ("crc32",)])
def test_a_bag_needs_an_algorithm_that_others_know(tmp_path: Path, algorithms: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="algorithms"):
        bagit.write(tmp_path / "bag", {"a": b"x"}, algorithms=algorithms)


JUNK = st.binary(max_size=12) | st.sampled_from([b"<", b"\x00", b"\xff\xfe", b"%0A", b"../", b"null", b"[", b'"', b"1e999", b"{}"])
FOLDERS = {"bag": bags.make, "object": objects.make, "root": objects.make_root, "eark": earks.make}


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_foreign_package_with_anything_anywhere(tmp_path: Path, kind: str) -> None:
    """Any description file, cut and overwritten: findings, never a raise."""
    good = FOLDERS[kind](tmp_path / "good")
    targets = sorted(
        path.relative_to(good)
        for path in good.rglob("*")
        if path.is_file() and (path.suffix in {".txt", ".json", ".xml", ".sha512"} or path.name.startswith("0="))
    )

    @given(st.sampled_from(targets), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 60), JUNK), min_size=1, max_size=3))
    @settings(max_examples=60, deadline=None)
    def damaged(target: Path, changes: list[tuple[int, int, bytes]]) -> None:
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(good, folder)
        content = (folder / target).read_bytes()
        for at, length, junk in changes:
            at = min(at, len(content))
            content = content[:at] + junk + content[at + length :]
        (folder / target).write_bytes(content)
        if recognised := recognise.kind_of(folder):
            recognise.read(folder, recognised)
        bagit.check(folder)
        ocfl_check.validate(folder)
        csip.package_of(csip.check(folder))

    damaged()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.tuples(st.lists(st.integers(0, 20), min_size=1, max_size=5), VALUES), min_size=1, max_size=3))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_inventory_of_others_with_anything_anywhere(tmp_path: Path, changes: list[tuple[list[int], object]]) -> None:
    folder = tmp_path / "object"
    shutil.rmtree(folder, ignore_errors=True)
    objects.make(folder)
    value = objects.inventory(2)
    for steps, junk in changes:
        place: object = value
        for at, step in enumerate(steps):
            if not isinstance(place, dict | list) or not place:
                break
            key = list(place)[step % len(place)] if isinstance(place, dict) else step % len(place)
            if at == len(steps) - 1:
                place[key] = junk  # type: ignore[index]
            else:
                place = place[key]  # type: ignore[index]
    for below in (folder, folder / "v2"):
        objects.put(below, value)
    ocfl_check.validate(folder)
    recognise.read(folder, "ocfl")
