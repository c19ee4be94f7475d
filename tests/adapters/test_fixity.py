"""The first reading of an audit, in processes of its own: what they do not vouch for is judged; one that dies vouches for nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

from lantai.adapters.stores import fixity
from lantai.adapters.stores.fixity import FixityReaders
from lantai.adapters.stores.local import LocalStore
from lantai.stages.copies.audit import read_all
from tests.packages.drafts import draft

COUNT = fixity.FEWEST + 8
IDS = [f"01JD{number:022d}" for number in range(COUNT)]
Damage = Callable[[Path], object]


@pytest.fixture
def readers() -> Iterator[FixityReaders]:
    made = FixityReaders(workers=2)
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path, readers: FixityReaders) -> LocalStore:
    """Return a vault that holds one version of many records."""
    store = LocalStore(tmp_path / "vault", readers=readers)
    store.write([draft({"record.xml": b"<x/>", "01-正本/original/正文.pdf": key.encode() * 500}, record_id=key) for key in IDS])
    return store


def placed(store: LocalStore, key: str) -> Path:
    return next(store.root.glob(f"???/urn%3alantai%3a{key}"))


def written(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def linked(folder: Path) -> None:
    (folder / "v1").rename(folder / "elsewhere")
    (folder / "v1").symlink_to("elsewhere")


DAMAGES: dict[str, Damage] = {
    "a byte": lambda folder: written(folder / "v1/content/01-正本/original/正文.pdf", b"x"),
    "an inventory": lambda folder: written(folder / "v1/inventory.json", b"{}"),
    "a sidecar": lambda folder: written(folder / "inventory.json.sha256", b""),
    "no declaration": lambda folder: (folder / "0=ocfl_object_1.1").unlink(),
    "a stray": lambda folder: (folder / "v1/content/stray").write_bytes(b""),
    "a linked version": linked,
    "a pipe": lambda folder: os.mkfifo(folder / "v1/content/pipe"),
    "gone": lambda folder: folder.rename(folder.with_name("gone")),
}


def test_a_vault_that_is_whole_leaves_nothing_to_judge(store: LocalStore, readers: FixityReaders) -> None:
    assert store.doubtful(IDS) == []
    assert 1 <= len(readers.idle) <= 2
    assert [item.state for item in read_all(store, IDS, {})] == ["good"] * COUNT


@pytest.mark.parametrize("fault", DAMAGES)
def test_what_is_damaged_is_judged_and_the_others_are_good(store: LocalStore, fault: str) -> None:
    DAMAGES[fault](placed(store, IDS[5]))
    assert store.doubtful(IDS) == [IDS[5]]
    states = {item.record_id: item.state for item in read_all(store, IDS, {})}
    assert states == dict.fromkeys(IDS, "good") | {IDS[5]: "gone" if fault == "gone" else "damaged"}


def test_of_few_the_store_says_nothing_beforehand(store: LocalStore, readers: FixityReaders) -> None:
    assert store.doubtful(IDS[:3]) == IDS[:3]
    assert readers.idle == ()


def test_a_process_that_was_killed_vouches_for_nothing_and_is_replaced(store: LocalStore, readers: FixityReaders) -> None:
    store.doubtful(IDS)
    for pid in readers.idle:
        os.kill(pid, signal.SIGKILL)
    states = [item.state for item in read_all(store, IDS, {})]
    assert states == ["good"] * COUNT
    assert store.doubtful(IDS) == []


def test_a_process_killed_while_it_reads_leaves_what_it_was_asked(store: LocalStore, readers: FixityReaders) -> None:
    store.doubtful(IDS)
    for pid in readers.idle:
        os.kill(pid, signal.SIGSTOP)  # it takes the question and is killed over it
    stopped = readers.idle
    Timer(0.5, lambda: [os.kill(pid, signal.SIGKILL) for pid in stopped]).start()
    left = store.doubtful(IDS)
    assert left
    assert set(left) <= set(IDS)
    assert [item.state for item in read_all(store, IDS, {})] == ["good"] * COUNT


def test_where_no_process_comes_up_everything_is_judged(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixity, "_MODULE", "lantai.nowhere")
    store = LocalStore(store.root, readers=FixityReaders(workers=2))
    assert store.doubtful(IDS) == IDS
    assert [item.state for item in read_all(store, IDS, {})] == ["good"] * COUNT


def test_they_end_when_nothing_comes(store: LocalStore) -> None:
    readers = FixityReaders(workers=1, idle_seconds=0.2)
    readers.doubtful([(key, str(placed(store, key))) for key in IDS])
    (pid,) = readers.idle
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert readers.idle == ()
    assert not Path(f"/proc/{pid}").exists()


def test_they_end_with_the_process_that_asked(store: LocalStore) -> None:
    asking = (
        "import os; from pathlib import Path; from lantai.adapters.stores.fixity import FixityReaders\n"
        "from lantai.adapters.stores.local import LocalStore\n"
        f"readers = FixityReaders(workers=1); store = LocalStore(Path({str(store.root)!r}), readers=readers)\n"
        "print(len(store.doubtful(list(store.record_ids()))), *readers.idle, flush=True); os.kill(os.getpid(), 9)\n"
    )
    said = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False)
    doubted, pid = said.stdout.split()
    assert doubted == "0"
    deadline = time.monotonic() + 20
    while _runs(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
