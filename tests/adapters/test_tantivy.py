"""What the tantivy index does beyond the contract: durability, one writer, damage, and the order of relevance."""

import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lantai.adapters.indexes.tantivy import TantivyIndex
from lantai.core.errors import Fault
from lantai.ports.index import Entry, Query


def entry(record_id: str, **fields: str) -> Entry:
    return Entry(record_id, fields, {"state": "archived"}, record_id)


def test_another_process_sees_what_was_added_and_the_writer_is_gone(tmp_path: Path) -> None:
    reader, writer = TantivyIndex(tmp_path / "index"), TantivyIndex(tmp_path / "index")
    assert reader.search(Query(("件",))).total == 0
    for number in range(3):
        writer.add([entry(str(number), title="件")])
        assert reader.search(Query(("件",))).total == number + 1
    script = (
        "import sys; from pathlib import Path; from lantai.adapters.indexes.tantivy import TantivyIndex;"
        "from lantai.ports.index import Entry, Query; index = TantivyIndex(Path(sys.argv[1]));"
        "assert index.search(Query(('件',))).total == 3; index.add([Entry('x', {'title': '件'}, {})])"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "index")], check=True)
    assert reader.search(Query(("件",))).total == 4


def test_two_writers_at_once_give_a_fault_that_can_be_retried(tmp_path: Path) -> None:
    one, other = TantivyIndex(tmp_path), TantivyIndex(tmp_path)
    one.add([entry("1", title="件")])
    with one._writing():
        for act in (lambda: other.add([entry("2", title="件")]), lambda: other.remove(["1"]), other.clear):
            with pytest.raises(Fault, match="INDEX-BUSY") as caught:
                act()
            assert caught.value.is_retryable
    other.add([entry("2", title="件")])
    assert one.search(Query(("件",))).total == 2


def test_a_writer_that_is_done_in_a_moment_is_waited_for(tmp_path: Path) -> None:
    one, other = TantivyIndex(tmp_path), TantivyIndex(tmp_path)
    one.add([entry("1", title="件")])
    with ThreadPoolExecutor(1) as beside:
        with one._writing():
            waiting = beside.submit(other.add, [entry("2", title="件")])
            time.sleep(0.3)
            assert not waiting.done()
        waiting.result(10)
    assert one.search(Query(("件",))).total == 2


def test_what_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.add([entry("1", title="件")])
    with pytest.raises(RuntimeError), index._writing() as writer:
        writer.delete_all_documents()
        raise RuntimeError
    assert index.search(Query(("件",))).total == 1
    with pytest.raises(ValueError, match="fields"):
        index.add([entry("2", title="件"), entry("3", nonsense="件")])
    assert index.search(Query(())).total == 1


def test_an_unknown_sort_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sort"):
        TantivyIndex(tmp_path).search(Query((), sort="prettiest"))


@pytest.mark.parametrize("damage", ["meta_garbled", "meta_missing", "segment_missing", "segment_truncated", "other_schema"])
def test_a_damaged_folder_is_named_and_can_be_cleared(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "index"
    TantivyIndex(folder).add([entry(str(number), title="件") for number in range(20)])
    _damage(folder, damage)
    index = TantivyIndex(folder)
    with pytest.raises(Fault, match="INDEX-DAMAGED") as caught:
        index.search(Query(("件",)))
    assert "lantai rebuild" in caught.value.row.next
    index.clear()
    index.add([entry("1", title="件")])
    assert index.search(Query(("件",))).total == 1


@pytest.mark.parametrize("part", ["idx", "pos", "term", "fast", "store", "fieldnorm"])
def test_flipped_bits_give_an_answer_or_a_fault_and_nothing_else(tmp_path: Path, part: str) -> None:
    TantivyIndex(tmp_path / "whole").add([entry(str(number), title=f"件规划{number}") for number in range(100)])
    rng = random.Random(part)
    for attempt in range(12):
        folder = tmp_path / str(attempt)
        shutil.copytree(tmp_path / "whole", folder)
        (path,) = folder.glob(f"*.{part}")
        content = bytearray(path.read_bytes())
        for _ in range(20):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        try:
            TantivyIndex(folder).search(Query(("件规划",)))
        except Fault as fault:
            assert fault.code == "INDEX-DAMAGED"


def _damage(folder: Path, damage: str) -> None:
    meta = folder / "meta.json"
    if damage == "meta_garbled":
        meta.write_text("{", encoding="utf-8")
    elif damage == "meta_missing":
        meta.unlink()
    elif damage == "other_schema":
        meta.write_text(meta.read_text(encoding="utf-8").replace('"title_1"', '"titel_1"'), encoding="utf-8")
    for part in folder.glob("*.term"):
        if damage == "segment_missing":
            part.unlink()
        elif damage == "segment_truncated":
            part.write_bytes(part.read_bytes()[:10])


def test_a_reader_survives_a_rebuild_beside_it(tmp_path: Path) -> None:
    reader, other = TantivyIndex(tmp_path / "index"), TantivyIndex(tmp_path / "index")
    other.add([entry("1", title="件"), entry("2", title="件")])
    assert reader.search(Query(("件",))).total == 2
    other.clear()
    other.add([entry("3", title="件")])
    assert reader.search(Query(("件",))).record_ids == ("3",)


def test_the_title_weighs_more_than_the_body(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.add([entry("1", title="别的", body="规划纲要" * 3), entry("2", title="规划纲要", body="别的"), entry("3", title="无", body="无")])
    assert index.search(Query(("规划",))).record_ids == ("2", "1")


def test_many_small_batches_are_merged(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    for number in range(30):
        index.add([entry(f"{number:02d}", title="件")])
    assert index.search(Query(("件",))).total == 30
    assert len(list(tmp_path.glob("*.store"))) < 20
