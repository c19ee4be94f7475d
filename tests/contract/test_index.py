"""One suite for every index: totals, ids and facet counts equal those of brute force, for any texts and any query."""

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lantai.adapters.indexes.tantivy import FIELDS, TantivyIndex
from lantai.core import text
from lantai.ports.doubles_index import MemoryIndex
from lantai.ports.index import SORTS, Entry, Hits, Index, Query

ENGINES: dict[str, Callable[[Path], Index]] = {"memory": lambda _: MemoryIndex(), "tantivy": TantivyIndex}
#: Few letters, so that words meet texts; spaces of all kinds, brackets and case, so that the normaliser has work.
LETTERS = st.text("云发改会A a　\t\n〔[1１␣𠮷·é", max_size=14)
VALUES = st.sampled_from(["", "2024", "2025", "办公室", "a=b", "x y"])
FACETS = st.dictionaries(st.sampled_from(["year", "department", "state"]), VALUES, max_size=3)
IDS = st.sampled_from([f"01J{number:02d}" for number in range(6)])
ENTRIES = st.builds(
    Entry,
    record_id=IDS,
    fields=st.dictionaries(st.sampled_from(["title", "body", "code"]), LETTERS, max_size=3),
    facets=FACETS,
    order=st.sampled_from(["", "20240101", "20240102", "2024"]),
)
QUERIES = st.builds(
    Query,
    words=st.lists(st.text("云发改会A a〔1␣𠮷", max_size=5), max_size=3).map(tuple),
    fields=st.lists(st.sampled_from(["title", "body", "code", "author"]), max_size=2).map(tuple),
    facets=st.dictionaries(st.sampled_from(["year", "department"]), st.lists(VALUES, max_size=2).map(tuple), max_size=2),
    visible=st.lists(FACETS, max_size=3).map(tuple),
    offset=st.integers(0, 3),
    limit=st.integers(0, 7),
    sort=st.sampled_from(SORTS),
)


@pytest.fixture(params=sorted(ENGINES))
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    return ENGINES[request.param](tmp_path / "index")


def entry(record_id: str, title: str = "", body: str = "", order: str = "", **facets: str) -> Entry:
    return Entry(record_id, {"title": title, "body": body}, facets, order)


def find(index: Index, *words: str, **more: object) -> list[str]:
    return sorted(index.search(replace(Query(words), **more)).record_ids)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ENTRIES, max_size=6), max_size=3), st.lists(IDS, max_size=2), st.lists(QUERIES, min_size=1, max_size=12))
@example([[Entry("01J00", {"title": "a  b"}, {})]], [], [Query(("a b",))])
def test_every_index_answers_as_brute_force_does(batches: list[list[Entry]], gone: list[str], queries: list[Query]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine, oracle = TantivyIndex(Path(folder) / "index"), MemoryIndex()
        for one in (engine, oracle):
            for batch in batches:
                one.add(batch)
            one.remove(gone)
        for query in queries:
            assert_same(engine, oracle, query)


def assert_same(engine: Index, oracle: Index, query: Query) -> None:
    found, wanted = engine.search(query), oracle.search(query)
    assert (found.total, found.facets) == (wanted.total, wanted.facets), query
    assert len(found.record_ids) == len(wanted.record_ids)
    if query.sort == "relevance":
        everything = replace(query, offset=0, limit=100)
        found, wanted = engine.search(everything), oracle.search(everything)
        assert set(found.record_ids) == set(wanted.record_ids)
    else:
        assert found.record_ids == wanted.record_ids, query


@settings(max_examples=25, deadline=None)
@given(LETTERS, st.integers(0, 13), st.integers(1, 13))
def test_any_piece_of_a_text_is_found(source: str, start: int, length: int) -> None:
    piece = text.normalise(source)[start : start + length]
    with tempfile.TemporaryDirectory() as folder:
        engine = TantivyIndex(Path(folder))
        engine.add([entry("1", body=source)])
        assert engine.search(Query((piece,))).total == 1


def test_words_must_all_occur_each_in_one_field(index: Index) -> None:
    index.add([entry("1", "关于规划的通知", "请各单位报送材料"), entry("2", "关于规划的批复", "同意")])
    assert find(index, "规划") == ["1", "2"]
    assert find(index, "规划", "报送") == ["1"]
    assert find(index, "规划", "材料", "同意") == []
    assert find(index, "通知请各") == []  # not across fields


@pytest.mark.parametrize("word", ["划", "规划", "的通", "云发改〔2024〕12号", "云发改[2024]12号", "ＰＤＦ", "pdf", "通知　", "規劃"])
def test_one_character_two_and_many_are_found_in_any_writing(index: Index, word: str) -> None:
    index.add([entry("1", "关于规划的通知", "云发改〔2024〕12号 PDF")])
    assert find(index, word) == ["1"]


@pytest.mark.parametrize("word", ["划规", "规的", "关于通知", "云发改〔2024〕2号", "云发改〔2024〕12号P F", "𠮷"])
def test_what_does_not_stand_there_in_a_row_is_not_found(index: Index, word: str) -> None:
    index.add([entry("1", "关于规划的通知", "云发改〔2024〕12号 PDF")])
    assert find(index, word) == []


def test_a_repeated_pattern_is_not_mistaken(index: Index) -> None:
    index.add([entry("1", "abab abba aab"), entry("2", "ababa")])
    assert find(index, "ababa") == ["2"]
    assert find(index, "abba") == ["1"]
    assert find(index, "baba") == ["2"]


def test_fields_narrow_the_search(index: Index) -> None:
    index.add([entry("1", "规划", "通知"), entry("2", "通知", "规划")])
    assert find(index, "规划", fields=("title",)) == ["1"]
    assert find(index, "规划", fields=("body", "author")) == ["2"]
    assert find(index, "规划", fields=("nonsense",)) == []


def test_adding_again_replaces_and_removing_removes(index: Index) -> None:
    index.add([entry("1", "旧题名"), entry("1", "中间题名"), entry("2", "旁")])
    index.add([entry("1", "新题名", year="2024")])
    assert (find(index, "旧"), find(index, "中间"), find(index, "新题名")) == ([], [], ["1"])
    assert index.search(Query(())).total == 2
    index.remove(["1", "never there"])
    assert find(index) == ["2"]
    index.add([])
    index.clear()
    assert index.search(Query(())) == Hits(0, (), {})
    index.add([entry("3", "从头")])
    assert find(index, "从头") == ["3"]


def test_rights_are_a_disjunction_of_conjunctions(index: Index) -> None:
    cases = itertools.product(("archived", "received"), ("open", "closed"), ("BGS", "FGC"))
    index.add([entry(f"{n}", "件", state=s, opening=o, department=d) for n, (s, o, d) in enumerate(cases)])
    reader = ({"state": "archived", "opening": "open"}, {"state": "archived", "department": "BGS"})
    assert find(index, "件", visible=reader) == ["0", "1", "2"]
    assert index.search(Query(("件",), visible=reader)).facets["department"] == {"BGS": 2, "FGC": 1}
    assert find(index, "件", visible=()) == []
    assert len(find(index, "件", visible=({"state": "nowhere"}, {}))) == 8


def test_facets_filter_and_count_all_hits_whatever_the_page(index: Index) -> None:
    index.add([entry(f"{n:03d}", "件", year=f"{2000 + n % 7}", department="甲=乙" if n % 2 else "") for n in range(50)])
    hits = index.search(Query(("件",), limit=5, sort="oldest"))
    assert (hits.total, hits.record_ids) == (50, ("000", "001", "002", "003", "004"))
    assert hits.facets == {"year": {f"{2000 + n}": 8 if n == 0 else 7 for n in range(7)}, "department": {"甲=乙": 25, "": 25}}
    few = index.search(Query(("件",), facets={"year": ("2000", "2001"), "department": ("甲=乙",)}, limit=0))
    assert (few.total, few.record_ids) == (8, ())
    assert index.search(Query((), facets={"year": ()})).total == 0


def test_order_goes_by_entry_order_then_record_and_pages_join(index: Index) -> None:
    index.add([entry("b", "件", order="2024"), entry("a", "件", order="2024"), entry("c", "件", order="2023"), entry("d", "件")])
    assert index.search(Query(("件",), sort="oldest")).record_ids == ("d", "c", "a", "b")
    assert index.search(Query(("件",), sort="newest")).record_ids == ("b", "a", "c", "d")
    pages = [index.search(Query((), sort="newest", offset=at, limit=3)).record_ids for at in (0, 3, 6)]
    assert pages == [("b", "a", "c"), ("d",), ()]


def test_order_goes_by_code_and_what_has_none_comes_last(index: Index) -> None:
    codes = {"1": "Z109-WS·2024-Y-BGS-0002", "2": "", "3": "Z109-WS·2023-Y-BGS-0009", "4": "z109-ws·2024-Y-BGS-0001"}
    index.add([Entry(record_id, {"title": "件", "code": code} if code else {"title": "件"}, {}) for record_id, code in codes.items()])
    assert index.search(Query(("件",), sort="code")).record_ids == ("3", "4", "1", "2")


def test_a_long_text_is_cut_nowhere(index: Index) -> None:
    body = "".join(chr(0x4E00 + number % 997) for number in range(300_000)) + "卷末特别标记"
    index.add([entry("1", "长", body), entry("2", "短", "卷末")])
    assert find(index, "卷末特别标记") == ["1"]
    assert find(index, body[-300:]) == ["1"]
    assert find(index, "标") == ["1"]


def test_words_that_normalise_to_nothing_are_left_out(index: Index) -> None:
    index.add([entry("1", "件"), entry("2")])
    assert find(index, "", "　", "\u200b") == ["1", "2"]
    assert find(index, "件", " ") == ["1"]


def test_every_named_field_is_searchable(tmp_path: Path) -> None:
    engine = TantivyIndex(tmp_path)
    engine.add([Entry(name, {name: f"在{name}里"}, {}) for name in FIELDS])
    for name in FIELDS:
        assert find(engine, f"在{name}里") == [name]
