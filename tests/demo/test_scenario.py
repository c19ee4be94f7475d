"""The scenario: same seed, same bytes; every planted fault is there, is named, and is the only thing wrong with its package."""

import hashlib
import time
import zipfile
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.demo import agency, faults, scenario
from lantai.demo.packages import SYSTEM
from lantai.demo.scenario import Scenario
from lantai.packages import filing
from lantai.packages.filing import FilingPackage

KINDS = {recipe.kind for recipe in faults.RECIPES}


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return scenario.write(tmp_path_factory.mktemp("demo") / "full", 120, 1)


@pytest.fixture(scope="module")
def folders(written: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Every package as a folder, by name; zipped ones are unpacked aside."""
    aside = tmp_path_factory.mktemp("unpacked")
    found: dict[str, list[Path]] = {}
    for delivery in written.deliveries:
        for path in sorted(delivery.path.iterdir()):
            if path.suffix == ".zip":
                zipfile.ZipFile(path).extractall(aside)
                path = aside / path.stem
            found.setdefault(path.name, []).append(path)
    return found


def planted(written: Scenario, kind: str) -> str:
    return next(fault.package for fault in written.faults if fault.kind == kind)


def package(written: Scenario, folders: dict[str, list[Path]], kind: str) -> tuple[Path, FilingPackage]:
    folder = folders[planted(written, kind)][0]
    return folder, filing.read(folder)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    scenario.write(tmp_path / "one", 40, 5)
    scenario.write(tmp_path / "two", 40, 5)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    scenario.write(tmp_path / "one", 6, 1)
    scenario.write(tmp_path / "two", 6, 2)
    assert not set(digests(tmp_path / "one").values()) & set(digests(tmp_path / "two").values())


@given(size=st.integers(1, 24), seed=st.integers(0, 999))
@settings(max_examples=5, deadline=None)
def test_any_size_gives_as_many_packages(size: int, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    written = scenario.write(tmp_path_factory.mktemp("sizes") / "x", size, seed)
    assert written.records == size
    assert sum(len(list(delivery.path.iterdir())) for delivery in written.deliveries) == size
    assert len(written.faults) == size // 8


def test_a_size_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        scenario.write(tmp_path / "none", 0)


def test_a_folder_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        scenario.write(tmp_path, 3)


def test_the_default_has_every_fault_once(written: Scenario) -> None:
    assert Counter(fault.kind for fault in written.faults) == Counter({*KINDS, faults.DUPLICATE, faults.NUMBER_GAP})
    assert written.records == 120


def test_every_delivery_is_a_month_of_a_department(written: Scenario) -> None:
    for delivery in written.deliveries:
        assert delivery.department in agency.BY_CODE
        assert agency.BY_CODE[delivery.department].name in delivery.title
        assert delivery.channel == "oa"
        assert delivery.records == len(list(delivery.path.iterdir()))


def test_packages_come_as_folders_and_as_zip_files(written: Scenario) -> None:
    kinds = {path.suffix == ".zip" for delivery in written.deliveries for path in delivery.path.iterdir()}
    assert kinds == {True, False}


def test_sound_packages_read_without_a_finding_and_agree_with_their_manifest(written: Scenario, folders: dict[str, list[Path]]) -> None:
    faulty = {fault.package for fault in written.faults if fault.kind != faults.DUPLICATE}
    for name, (folder, *_) in folders.items():
        if name in faulty:
            continue
        read = filing.read(folder)
        assert read.findings == ()
        assert read.code == name
        assert read.description and read.description["形成系统"] == SYSTEM
        assert {"title", "document_number", "author", "date", "document_type"} <= (read.elements or {}).keys()
        assert {event.activity for event in read.events} >= {"拟稿", "审核", "签发", "编号", "用印", "分发"}
        for item in read.files:
            content = (folder / item.path).read_bytes()
            assert (item.size_bytes, item.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_missing_attachment(written: Scenario, folders: dict[str, list[Path]]) -> None:
    _, read = package(written, folders, "missing_attachment")
    assert {finding.code for finding in read.findings} == {"FILING-FILE-MISSING"}


def test_wrong_digest_leaves_size_and_readability(written: Scenario, folders: dict[str, list[Path]]) -> None:
    folder, read = package(written, folders, "wrong_digest")
    main = read.files[0]
    content = (folder / main.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() != main.sha256
    assert len(content) == main.size_bytes
    document = pypdfium2.PdfDocument(content)
    assert len(document) >= 1
    document.close()


def test_wrong_size_leaves_the_digest(written: Scenario, folders: dict[str, list[Path]]) -> None:
    folder, read = package(written, folders, "wrong_size")
    wrong = [item for item in read.files if item.size_bytes != (folder / item.path).stat().st_size]
    assert len(wrong) == 1
    assert hashlib.sha256((folder / wrong[0].path).read_bytes()).hexdigest() == wrong[0].sha256


def test_state_secret_mark_stands_on_the_page_and_not_in_the_metadata(written: Scenario, folders: dict[str, list[Path]]) -> None:
    folder, read = package(written, folders, "state_secret")
    document = pypdfium2.PdfDocument((folder / read.files[0].path).read_bytes())
    assert document[0].get_textpage().get_text_bounded().startswith("机密★10年")
    document.close()
    assert (read.elements or {})["security_classification"] == "无"


def test_virus_test_string_is_the_published_one_and_stands_in_no_source_file(written: Scenario, folders: dict[str, list[Path]]) -> None:
    folder, read = package(written, folders, "virus")
    content = (folder / read.files[-1].path).read_bytes()
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == "44d88612fea8a8f36de82e1278abb02f"
    assert content not in Path(faults.__file__).read_bytes()


def test_damaged_pdf_does_not_open_and_agrees_with_its_manifest(written: Scenario, folders: dict[str, list[Path]]) -> None:
    folder, read = package(written, folders, "damaged_pdf")
    content = (folder / read.files[0].path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == read.files[0].sha256
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(content)


def test_faults_of_the_metadata(written: Scenario, folders: dict[str, list[Path]]) -> None:
    for kind, is_wrong in (
        ("missing_author", lambda elements: "author" not in elements),
        ("future_date", lambda elements: elements["date"] > "20600101"),
        ("long_title", lambda elements: len(elements["title"]) > 500),
    ):
        _, read = package(written, folders, kind)
        assert is_wrong(read.elements), kind
        assert read.findings == ()


def test_the_duplicate_has_the_same_bytes(written: Scenario, folders: dict[str, list[Path]]) -> None:
    first, second = folders[planted(written, faults.DUPLICATE)]
    assert digests(first) == digests(second)


def test_the_number_that_is_left_out_has_neighbours(written: Scenario, folders: dict[str, list[Path]]) -> None:
    note = next(fault.note for fault in written.faults if fault.kind == faults.NUMBER_GAP)
    number = note.split()[1]
    head, sequence = number.rsplit("〕", 1)
    numbers = {str((filing.read(folder).elements or {})["document_number"]) for folder, *_ in folders.values()}
    assert number not in numbers
    assert {f"{head}〕{int(sequence.rstrip('号')) + step}号" for step in (-1, 1)} <= numbers


def test_a_record_takes_few_milliseconds(tmp_path: Path) -> None:
    began = time.process_time()
    scenario.write(tmp_path / "quick", 24, 2)
    assert (time.process_time() - began) / 24 < 0.2  # 0.03 s alone on a machine
