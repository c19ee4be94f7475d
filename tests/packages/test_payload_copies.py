"""Payloads beside the log: what was written is read, whatever was broken off, and what must go is gone."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from lantai.packages.payload_copies import KINDS, PASSING, WIDTH, Copy, PayloadCopies

KIND = st.sampled_from(KINDS)


def copy(position: int, kind: str, body: str = "{}") -> Copy:
    return Copy(position, kind, "00" * 16, body)


@given(st.lists(KIND, min_size=1, max_size=30), st.data())
def test_broken_off_anywhere_and_done_again_each_payload_is_there_once(kinds: list[str], data: st.DataObject) -> None:
    start = data.draw(st.sampled_from([0, WIDTH - 10]))
    copies = [copy(start + at, kind, f'{{"n":"{at} 册"}}') for at, kind in enumerate(kinds)]
    cut = data.draw(st.integers(0, len(copies)))
    with TemporaryDirectory() as name:
        store = PayloadCopies(Path(name))
        store.append(copies[:cut])
        before = {place: place.stat().st_size for place in Path(name).rglob("*.lines")}
        store.append(copies[cut:])
        for place in Path(name).rglob("*.lines"):  # the power went while the second part was written
            content = place.read_bytes()
            place.write_bytes(content[: data.draw(st.integers(before.get(place, 0), len(content)))])
        store.append(copies[cut:])
        assert sorted(store.all()) == sorted(copies)


def test_what_is_to_go_goes_and_nothing_else(tmp_path: Path) -> None:
    store = PayloadCopies(tmp_path)
    store.append([copy(at, "personal") for at in (0, 5, WIDTH - 1, WIDTH, WIDTH + 5)] + [copy(1, "permanent")])
    store.drop("personal", 5, WIDTH, {WIDTH - 1}.__contains__)
    assert sorted(item.position for item in store.all()) == [0, 1, WIDTH - 1, WIDTH + 5]
    store.drop("personal", 0, 2 * WIDTH, lambda position: False)
    assert [item.position for item in store.all()] == [1]
    assert list((tmp_path / "personal").iterdir()) == []


def test_permanent_ones_stay_and_others_only_until_they_are_held_elsewhere(tmp_path: Path) -> None:
    store = PayloadCopies(tmp_path)
    store.append([copy(at, kind) for kind in KINDS for at in (3, WIDTH + 3)])
    store.settle(WIDTH - 1)
    assert len(list(store.all())) == 2 * len(KINDS)
    store.settle(WIDTH + 10)
    assert {(item.kind, item.position) for item in store.all()} == {("permanent", 3)} | {(kind, WIDTH + 3) for kind in KINDS}
    assert "permanent" not in PASSING


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    store = PayloadCopies(tmp_path)
    store.append([copy(1, "permanent")])
    (place,) = (tmp_path / "permanent").iterdir()
    place.write_bytes(b"\n\xff\nx y z\n" + place.read_bytes() + b"2 ")
    assert list(store.all()) == [copy(1, "permanent")]
    store.append([copy(2, "permanent")])
    assert list(store.all()) == [copy(1, "permanent"), copy(2, "permanent")]
