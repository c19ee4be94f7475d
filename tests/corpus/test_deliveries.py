"""Real hostile, broken and odd files delivered as folders: in = out, a coded reason for what is not taken, sources untouched."""

import base64
import shutil
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.ports import House
from lantai.ports.scanner import Engine, Scan
from lantai.shelves.holdings.models import ComputerFile, Record
from lantai.shelves.intake.models import Arrival, Batch
from tests.support.deliveries import deliver, outcomes, paths
from tests.support.line_house import line_house

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
FOLDERS = ("archives-hostile", "xml-hostile", "pdf-unusual", "images-unusual", "office", "ofd", "format-id")


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data) as built:
        yield built


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_of_a_folder_has_its_outcome(house: House, corpus: Path, name: str) -> None:
    files = [path for path in (corpus / name).rglob("*") if path.is_file()]
    began = time.monotonic()
    batch = deliver(house, corpus / name)
    assert time.monotonic() - began < 30 + len(files)
    told = set(paths(batch))
    sealed = outcomes(batch)["quarantined"]
    missing = {f"{name}/{path.relative_to(corpus / name)}" for path in files} - told
    assert len(missing) == sealed
    containers = set(paths(batch, "container"))
    inside = [path for path in told if any(path.startswith(f"{container}/") for container in containers)]
    assert batch.file_count == len(files) + len(inside)


def test_every_entry_of_every_container_has_its_outcome(house: House, corpus: Path) -> None:
    """What another reader counts in a container came out or was refused, entry by entry."""
    batch = deliver(house, corpus / "archives-hostile")
    compared = 0
    for path in paths(batch, "container"):
        source = corpus / path
        expected = _entries(source)
        told = Arrival.objects.filter(batch=batch, path__startswith=f"{path}/").count()
        if expected is not None and not _is_cut(batch, path):
            compared += 1
            assert told == expected, path
    assert compared > 15


def _entries(source: Path) -> int | None:
    """Count the entries of a container that are no folders, None where the standard library cannot."""
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                return sum(not (info.filename.endswith(("/", "\\")) and not info.file_size) for info in archive.infolist())
        with tarfile.open(source) as archive:
            return sum(not member.isdir() for member in archive.getmembers())
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, ValueError):
        return None


def _is_cut(batch: Batch, path: str) -> bool:
    """Tell whether the container itself bears a remark: damaged further on, or over its budget."""
    return Arrival.objects.get(batch=batch, path=path).finding is not None


def test_nothing_of_a_slipping_zip_is_outside(house: House, corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "移交"
    folder.mkdir()
    for path in (corpus / "archives-hostile").rglob("zip-slip.*"):
        shutil.copy(path, folder)
    deliver(house, folder)
    assert not [path for path in tmp_path.rglob("*") if path.name in {"evil.txt", "evil.sh"}]
    assert sorted(Arrival.objects.filter(finding__code="CONTAINER-PATH-ESCAPES").values_list("outcome", flat=True)) == ["refused"] * 2


class Eicar:
    """An engine that knows one pattern; the real one is tested with its adapter."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern

    def scan(self, chunks: Iterator[bytes]) -> Scan:
        return Scan("infected", "Eicar-Test-Signature") if self._pattern in b"".join(chunks) else Scan("clean")

    def engine(self) -> Engine:
        return Engine(is_ready=True, name="一个模式", signatures="1", signatures_date="2026-11-20")


def test_an_infected_file_waits_for_a_person_and_its_siblings_go_on(fresh_data: Path, corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "移交"
    folder.mkdir()
    pattern = base64.b64decode((corpus / "eicar" / "eicar.com.b64").read_bytes())
    (folder / "eicar.com").write_bytes(pattern)
    (folder / "通知.txt").write_text("关于值班安排的通知\n各科室：按要求办理。\n", "utf-8")
    with line_house(fresh_data, scanner=Eicar(pattern)) as house:  # type: ignore[arg-type]
        batch = deliver(house, folder)
    assert outcomes(batch) == {"record": 2}
    assert ComputerFile.objects.get(name="eicar.com").virus == "infected:Eicar-Test-Signature"
    conclusions = dict(Record.objects.values_list("files__name", "conclusion"))
    assert (conclusions["eicar.com"], Record.objects.get(files__name="eicar.com").needs_attention) == ("fail", "CHECK-FAILED")
    assert Record.objects.get(files__name="通知.txt").needs_attention != "CHECK-FAILED"


def test_all_kinds_at_once_in_one_batch(house: House, corpus: Path) -> None:
    batch = deliver(house, *(corpus / name for name in FOLDERS))
    assert {path.partition("/")[0] for path in paths(batch) if "/" in path} == set(FOLDERS)
    assert outcomes(batch).total() == batch.file_count > 480
