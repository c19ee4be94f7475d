"""A delivery in parts: whole at the end whatever was lost on the way, told apart from another, and nothing of it left behind."""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantai import line
from lantai.core.errors import Refusal
from lantai.ports import House
from lantai.shelves.holdings.models import ComputerFile
from lantai.shelves.intake.models import Batch
from lantai.stages import leftovers, sending, upkeep
from lantai.stages.sending import Delivery, Listed, Sending
from tests.support.line_house import ARCHIVIST, READER, line_house

PART = 16
FILES = {"移交/一/a.txt": b"first file of this delivery\n", "移交/空.txt": b"", "移交/b.bin": bytes(range(100))}
PUSH = """
import sys
from pathlib import Path
import django
django.setup()
from lantai.stages import sending
from tests.stages.test_sending import PART, push
from tests.support.line_house import ARCHIVIST, line_house
with line_house(Path(sys.argv[1]), upload_part_bytes=PART) as house:
    push(house, sending.unfinished(house, ARCHIVIST)[0], {"a": Path(sys.argv[2]).read_bytes()}, pause=0.02)
"""


@pytest.fixture
def house(fresh_data: Path) -> Iterator[House]:
    with line_house(fresh_data, upload_part_bytes=PART) as built:
        yield built


def listed(files: Mapping[str, bytes]) -> list[Listed]:
    return [Listed(path, len(content), 7) for path, content in files.items()]


def pieces(files: Mapping[str, bytes]) -> list[bytes]:
    whole = b"".join(files.values())
    return [whole[at : at + PART] for at in range(0, len(whole), PART)]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def over(files: Mapping[str, bytes]) -> str:
    return sha("".join(map(sha, pieces(files))).encode())


def push(house: House, one: Sending, files: Mapping[str, bytes], *, most: int = 10**6, pause: float = 0.0) -> None:
    for number, piece in list(enumerate(pieces(files)))[one.parts_here : one.parts_here + most]:
        sending.take(house, ARCHIVIST, one.id, number, io.BytesIO(piece), sha(piece))
        time.sleep(pause)


def begun(house: House, files: Mapping[str, bytes] = FILES) -> Sending:
    return sending.begin(house, ARCHIVIST, listed(files), Delivery(department="BGS", title="分段送入"))


def test_what_was_lost_on_the_way_goes_on_and_every_byte_arrives(house: House) -> None:
    push(house, begun(house), FILES, most=3)
    again = begun(house)
    assert (again.parts_here, again.percent, again.name) == (3, 100 * 3 // again.parts, "分段送入")
    push(house, again, FILES)
    batch_id = sending.finish(house, ARCHIVIST, again.id, over(FILES))
    line.finish(house)
    assert Batch.objects.get(id=batch_id).title == "分段送入"
    told = {item.sha256 for item in ComputerFile.objects.all()}
    assert told >= {sha(content) for content in FILES.values() if content}
    assert not list((house.data / "unfinished").iterdir())
    assert not list((house.data / "uploads").rglob("*.bin"))


SIZES = st.lists(st.integers(0, 40), min_size=1, max_size=5)


@given(SIZES, st.randoms(use_true_random=False))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_of_any_size_come_out_of_the_parts_as_they_were(house: House, sizes: list[int], dice: random.Random) -> None:
    files = {f"{number}/{number}.bin": dice.randbytes(size) for number, size in enumerate(sizes)}
    one = begun(house, files)
    push(house, one, files)
    sending._fill(house.data / "unfinished" / one.id, one)
    place = house.data / "unfinished" / one.id / "files"
    assert {path: (place / path).read_bytes() for path in files} == files
    assert sending._digest(place.parent, one) == over(files)
    sending.discard(house, ARCHIVIST, one.id)


def refused(code: str, house: House, one: Sending, number: int, content: bytes, digest: str) -> None:
    with pytest.raises(Refusal, match=code):
        sending.take(house, ARCHIVIST, one.id, number, io.BytesIO(content), digest)


def test_parts_that_do_not_fit_are_refused_and_the_next_good_one_goes_on(house: House) -> None:
    one, (first, second, *_) = begun(house), pieces(FILES)
    refused("UPLOAD-PART", house, one, 1, second, sha(second))
    refused("UPLOAD-PART-DIGEST", house, one, 0, first, sha(second))
    refused("UPLOAD-PART-DIGEST", house, one, 0, first[:-1], sha(first))
    refused("UPLOAD-PART-DIGEST", house, one, 0, first + b"x", sha(first))
    assert sending.take(house, ARCHIVIST, one.id, 0, io.BytesIO(first), sha(first)).parts_here == 1
    assert sending.take(house, ARCHIVIST, one.id, 0, io.BytesIO(b"ignored"), "").parts_here == 1
    with pytest.raises(Refusal, match="UPLOAD-PART"):
        sending.finish(house, ARCHIVIST, one.id, over(FILES))


def test_other_bytes_under_the_same_names_are_found_out_at_the_end(house: House) -> None:
    one = begun(house)
    push(house, one, FILES)
    other = FILES | {"移交/b.bin": bytes(100)}
    with pytest.raises(Refusal, match="UPLOAD-DIGEST"):
        sending.finish(house, ARCHIVIST, one.id, over(other))
    assert Batch.objects.count() == 0
    push(house, begun(house), other)
    assert sending.finish(house, ARCHIVIST, one.id, over(other))


def test_who_may_not_and_what_cannot_be_is_refused_before_a_byte(house: House) -> None:
    for code, actor, files in (
        ("ACCESS-REFUSED", READER, listed(FILES)),
        ("UPLOAD-EMPTY", ARCHIVIST, []),
        ("UPLOAD-PATH", ARCHIVIST, [Listed("../a", 1)]),
        ("UPLOAD-PATH", ARCHIVIST, [Listed("a", 1), Listed("a", 1)]),
        ("UPLOAD-PATH", ARCHIVIST, [Listed("a", 1), Listed("a/b", 1)]),
        ("UPLOAD-TOO-LARGE", ARCHIVIST, [Listed("a", house.settings.upload_parts_bytes + 1)]),
    ):
        with pytest.raises(Refusal, match=code):
            sending.begin(house, actor, files, Delivery(department="BGS"))
    large = replace(house, settings=house.settings.model_copy(update={"upload_parts_bytes": 1 << 62}))
    with pytest.raises(Refusal, match="UPLOAD-NO-ROOM"):
        sending.begin(large, ARCHIVIST, [Listed("a", 1 << 60)], Delivery(department="BGS"))
    many = replace(house, settings=house.settings.model_copy(update={"unpacked_entries": 2}))
    with pytest.raises(Refusal, match="UPLOAD-TOO-MANY"):
        sending.begin(many, ARCHIVIST, listed(FILES), Delivery(department="BGS"))
    one = begun(house)
    for act in (sending.discard, lambda *given: sending.finish(*given, "")):
        with pytest.raises(Refusal, match="UPLOAD-UNKNOWN"):
            act(house, READER, one.id)
    with pytest.raises(Refusal, match="UPLOAD-UNKNOWN"):
        sending.discard(house, ARCHIVIST, "..")


def test_one_disk_is_promised_once_and_never_filled(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    free = leftovers.SPARED_BYTES + 100
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=free))
    first = sending.begin(house, ARCHIVIST, [Listed("a", 64)], Delivery(department="BGS"))
    with pytest.raises(Refusal, match="UPLOAD-NO-ROOM"):
        sending.begin(house, ARCHIVIST, [Listed("b", 64)], Delivery(department="BGS"))
    push(house, first, {"a": bytes(64)}, most=2)
    assert sending.begin(house, ARCHIVIST, [Listed("b", 64)], Delivery(department="BGS"))
    free -= 100
    refused("UPLOAD-NO-ROOM", house, first, 2, bytes(PART), sha(bytes(PART)))


def test_two_windows_do_not_write_at_once(house: House) -> None:
    one, first = begun(house), pieces(FILES)[0]
    with sending._alone(house.data / "unfinished" / one.id):
        refused("UPLOAD-BUSY", house, one, 0, first, sha(first))


def test_what_nobody_finishes_is_swept(house: House) -> None:
    old, young = begun(house), begun(house, {"b": b"1" * 40})
    push(house, old, FILES, most=2)
    for path in (house.data / "unfinished" / old.id).rglob("*"):
        os.utime(path, (1, 1))
    os.utime(house.data / "unfinished" / old.id, (1, 1))
    assert upkeep.tidy(house)["unfinished"] == 1
    assert [item.id for item in sending.unfinished(house, ARCHIVIST)] == [young.id]


def test_a_crash_between_moving_the_files_and_telling_of_the_batch(house: House) -> None:
    one = begun(house)
    push(house, one, FILES)
    folder = house.data / "unfinished" / one.id
    sending._fill(folder, one)
    (house.data / "uploads").mkdir()
    (folder / "files").rename(house.data / "uploads" / one.id)
    batch_id = sending.finish(house, ARCHIVIST, one.id, over(FILES))
    folder.mkdir()
    (folder / "sending.json").write_text(
        json.dumps({"actor": ARCHIVIST.id, "part_bytes": 16, "begun_at": 0, "files": [["a", 0, 0]], "delivery": []})
    )
    (folder / "parts.txt").write_text("")
    assert sending.finish(house, ARCHIVIST, one.id, "") == batch_id
    assert Batch.objects.count() == 1


def test_killed_in_the_middle_again_and_again(house: House, tmp_path: Path) -> None:
    files = {"一个大包.zip": random.Random(5).randbytes(PART * 60)}
    one = begun(house, files)
    (tmp_path / "source").write_bytes(files["一个大包.zip"])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path), "LANTAI_DATA": str(house.data), "DJANGO_SETTINGS_MODULE": "lantai.server.settings",
    }  # fmt: skip
    for _ in range(3):
        before = begun(house, files).parts_here
        process = subprocess.Popen([sys.executable, "-c", PUSH, str(house.data), str(tmp_path / "source")], env=environment)
        deadline = time.monotonic() + 60
        while begun(house, files).parts_here < before + 3 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = begun(house, files)
    assert 9 <= left.parts_here < left.parts
    push(house, left, files)
    assert sending.finish(house, ARCHIVIST, one.id, over(files))
