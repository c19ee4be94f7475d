"""Packages of others delivered as folders or packed: records with what they tell of themselves, findings, and an outcome for every file."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Role
from lantai.packages import bagit, csip
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile as FileRow
from lantai.shelves.holdings.models import Record as RecordRow
from lantai.shelves.intake.models import Arrival
from tests.packages.bad import bags, earks, objects
from tests.support.deliveries import deliver, outcomes, paths
from tests.support.line_house import line_house

GOOD = "关于水库调度的通知\n各单位：按要求办理。\n".encode()


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


def _record() -> tuple[Record, dict[str, bytes]]:
    files = (ComputerFile("f", "通知.txt", len(GOOD), "", "", path="01-正本/original/通知.txt"),)
    record = Record(
        id="01JD0000000000000000000042",
        electronic_record_code="YT-2026-7",
        version=1,
        content_basis=ContentBasis.DIGITAL,
        elements={"title": "关于水库调度的通知", "author": "云汀市水务局", "date": "20260301"},
        documents=(Document(1, Role.MAIN, "正文", files),),
        agents=(Agent("a1", "个人", "沈知远"),),
        events=(BusinessEvent("e1", "a1", "发文", "2026-03-01T09:00:00+08:00"),),
    )
    return record, {"01-正本/original/通知.txt": GOOD}


def _zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for item in sorted(folder.rglob("*")):
            archive.write(item, f"{folder.name}/{item.relative_to(folder)}")
    return path


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("form", ["bagit", "csip"])
def test_what_another_lantai_wrote_is_the_same_record_here(house: House, tmp_path: Path, form: str, is_packed: bool) -> None:
    record, contents = _record()
    folder = tmp_path / "移交" / "件"
    if form == "bagit":
        bagit.write_record(folder, record, lambda item: io.BytesIO(contents[item.path]))
    else:
        csip.write(folder, record, lambda item: io.BytesIO(contents[item.path]), created="2026-03-01T09:00:00+08:00")
    source = _zipped(folder, tmp_path / "件.zip") if is_packed else folder.parent
    batch = deliver(house, source)
    row = RecordRow.objects.get(batch_id=batch.id)
    assert row.elements.items() >= record.elements.items()
    assert row.electronic_record_code == "YT-2026-7"
    assert [event["activity"] for event in row.events] == ["发文"]
    main = FileRow.objects.get(record=row)
    assert main.document.role == "正本"
    assert (main.name, main.size_bytes, main.document.title) == ("通知.txt", len(GOOD), "正文")


def test_a_bag_of_packages_gives_a_record_each(house: House, tmp_path: Path) -> None:
    record, contents = _record()
    payload = tmp_path / "移交" / "data"
    csip.write(payload / "one", record, lambda item: io.BytesIO(contents[item.path]), created="2026-03-01T09:00:00+08:00")
    earks.make(payload / "two")
    bagit.seal(payload.parent, [("Source-Organization", "云汀市水务局"), ("Bag-Group-Identifier", "2026")])
    (payload / "two/schemas/own.xsd").write_bytes(b"<schemA/>\n")
    batch = deliver(house, payload.parent)
    rows = RecordRow.objects.filter(batch_id=batch.id)
    found = {row.arrival["key"]: {item["code"] for item in row.arrival["findings"]} for row in rows}
    assert ["BAGIT-DIGEST-DIFFERS" in found[key] for key in ("移交/data/one", "移交/data/two")] == [False, True]
    assert {row.elements["Bag-Group-Identifier"] for row in rows} == {"2026"}
    assert "移交/manifest-sha256.txt" in paths(batch, "metadata")


def test_an_object_with_its_earlier_versions(house: House, tmp_path: Path) -> None:
    folder = objects.make(tmp_path / "对象")
    objects.changed(lambda value: value["versions"]["v2"]["state"].pop(objects.sha512(objects.A)))(folder)
    batch = deliver(house, folder)
    row = RecordRow.objects.get(batch_id=batch.id)
    assert row.electronic_record_code == "urn:example:7"
    assert sorted(FileRow.objects.filter(record=row).values_list("document__title", "sha256")) == sorted(
        [("", objects.hashlib.sha256(objects.B).hexdigest()), ("正本/a.txt（v1）", objects.hashlib.sha256(objects.A).hexdigest())]
    )


def test_a_storage_root_gives_a_record_an_object(house: House, tmp_path: Path) -> None:
    root = objects.make_root(tmp_path / "根")
    objects.changed(lambda value: value.update(id="urn:example:9"))(root / "ab/two")
    (root / "ab/two/v2/content/b.txt").write_bytes(b"altered\n")
    batch = deliver(house, root)
    assert RecordRow.objects.filter(batch_id=batch.id).count() == 2
    bad = RecordRow.objects.get(batch_id=batch.id, electronic_record_code="urn:example:9")
    assert "OCFL-E092" in {item["code"] for item in bad.arrival["findings"]}
    assert bad.conclusion == "fail"


@pytest.mark.parametrize("name", ["DIGEST-DIFFERS_one_byte", "FETCH-NEEDED_not_here", "PATH-ESCAPES_dots", "LINK_out_of_it"])
def test_a_bad_bag_is_taken_with_its_findings_and_stops_at_the_gate(house: House, tmp_path: Path, name: str) -> None:
    folder = bags.make(tmp_path / "包")
    bags.BAD[name](folder)
    batch = deliver(house, folder)
    row = RecordRow.objects.get(batch_id=batch.id)
    assert f"BAGIT-{name.partition('_')[0]}" in {item["code"] for item in row.arrival["findings"]}
    assert row.conclusion == "fail"
    told = set(paths(batch))
    assert {f"包/{path.relative_to(folder)}" for path in folder.rglob("*") if path.is_file() or path.is_symlink()} <= told
    assert outcomes(batch)["refused"] == (1 if name.startswith("LINK") else 0)


def test_a_bag_packed_without_a_folder_is_told(house: House, tmp_path: Path) -> None:
    folder = bags.make(tmp_path / "包")
    path = tmp_path / "包.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for item in sorted(folder.rglob("*")):
            archive.write(item, item.relative_to(folder))
    batch = deliver(house, path)
    row = RecordRow.objects.get(batch_id=batch.id)
    assert [item["code"] for item in row.arrival["findings"] if item["severity"] == "warning"] == ["BAGIT-SERIALIZED-BASE"]
    assert Arrival.objects.get(batch=batch, path="包.zip").outcome == "container"
