"""Packages of others delivered as folders or packed: records with what they tell of themselves, findings, and an outcome for every file."""

import hashlib
import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Role
from lantai.packages import bagit, csip
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile as FileRow
from lantai.shelves.holdings.models import Record as RecordRow
from lantai.shelves.intake.models import Arrival
from lantai.stages import capture
from tests.packages.bad import bags, earks, objects
from tests.support.deliveries import deliver, outcomes, paths
from tests.support.line_house import ARCHIVIST, line_house

_SMALL = 16 * 1024
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


def _object(folder: Path, files: dict[str, bytes]) -> None:
    """An OCFL object of one version of another's making."""
    told = {objects.sha512(data): name for name, data in files.items()}
    inventory = objects.inventory(1) | {"manifest": {digest: [f"v1/content/{name}"] for digest, name in told.items()}, "fixity": {}}
    inventory["versions"]["v1"]["state"] = {digest: [name] for digest, name in told.items()}
    (folder / "v1" / "content").mkdir(parents=True)
    for name, data in files.items():
        (folder / "v1" / "content" / name).write_bytes(data)
    objects.put(folder / "v1", inventory)
    objects.put(folder, inventory)
    (folder / "0=ocfl_object_1.1").write_text("ocfl_object_1.1\n")


def _large(form: str, folder: Path, size: int) -> None:
    """A package of one large file and one small one in a form of others."""
    content = {"01-正本/original/通知.txt": GOOD, "01-正本/original/附件.bin": random.Random(7).randbytes(size)}
    if form == "ocfl_root":
        _large("ocfl", folder / "对象", size)
        (folder / "0=ocfl_1.1").write_text("ocfl_1.1\n")
        return
    if form == "ocfl":
        _object(folder, {path.rpartition("/")[2]: data for path, data in content.items()})
        return
    record, _ = _record()
    made = tuple(ComputerFile(path, path.rpartition("/")[2], len(data), "", "", path=path) for path, data in content.items())
    record = replace(record, documents=(Document(1, Role.MAIN, "正文", made),))
    if form == "bag_in_bag":
        _large("bagit", folder / "data" / "里面的件", size)
        bagit.seal(folder, algorithms=("sha512",))
    elif form == "small_files":
        (folder / "data").mkdir(parents=True)
        for number in range(size // _SMALL):
            (folder / "data" / f"{number:04d}.bin").write_bytes(random.Random(number).randbytes(_SMALL))
        bagit.seal(folder, algorithms=("sha512",))
    elif form == "bagit":
        bagit.write_record(folder, record, lambda item: io.BytesIO(content[item.path]))
    else:
        csip.write(folder, record, lambda item: io.BytesIO(content[item.path]), created="2026-03-01T09:00:00+08:00")


def _read_bytes() -> int:
    """How many bytes this process has read by now; what reads documents is another process."""
    return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])


@pytest.mark.parametrize("form", ["bagit", "csip", "ocfl", "bag_in_bag", "ocfl_root"])
def test_each_byte_is_read_once_for_verdict_copy_digests_and_virus_engine(house: House, tmp_path: Path, form: str) -> None:
    size = 16 * 1024**2
    _large(form, tmp_path / "移交" / "件", size)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "移交"], channel="manual", department="BGS")
    before = _read_bytes()
    capture.receive(house, batch_id)
    assert size <= _read_bytes() - before < 1.3 * size
    kept = {item.name: item for item in FileRow.objects.all()}
    assert kept["附件.bin"].size_bytes == size
    assert kept["附件.bin"].sha256 == hashlib.sha256(random.Random(7).randbytes(size)).hexdigest()
    assert {path.name for path in (house.staging / batch_id).iterdir()} >= {item.id for item in kept.values()}
    assert sum(1 for path in (house.staging / batch_id).iterdir() if path.suffix == "") == len(kept)


def test_each_byte_of_many_small_files_is_read_once(house: House, tmp_path: Path) -> None:
    size = 4 * 1024**2
    _large("small_files", tmp_path / "移交" / "件", size)
    batch_id = capture.open_batch(house, ARCHIVIST, [tmp_path / "移交"], channel="manual", department="BGS")
    before = _read_bytes()
    capture.receive(house, batch_id)
    assert size <= _read_bytes() - before < 1.3 * size
    assert FileRow.objects.count() == size // _SMALL
    assert sum(1 for path in (house.staging / batch_id).iterdir() if path.suffix == "") == size // _SMALL


def test_a_byte_changed_in_a_large_file_is_told_and_nothing_of_it_is_left_over(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "移交" / "件"
    _large("bagit", folder, 1024**2)
    path = next(folder.rglob("附件.bin"))
    path.write_bytes(b"x" + path.read_bytes()[1:])
    deliver(house, folder.parent)
    assert "BAGIT-DIGEST-DIFFERS" in {item["code"] for item in RecordRow.objects.get().arrival["findings"]}
    assert {item.name for item in FileRow.objects.all()} == {"通知.txt", "附件.bin"}
