"""Laws of the one normaliser."""

import time

from hypothesis import given
from hypothesis import strategies as st

from lantai.core import text

HAN = "兰台檔案雲汀市發展和改革委員會关于印发的通知机密"
MIXED = st.text(
    st.one_of(
        st.sampled_from(HAN + "〔〕[]（）()【】“”—-·・ \n\r\t\u3000０１aＡbé\u0301\u200b，,。：一二〇○"), st.characters(codec="utf-8")
    )
)
FOLDED = st.text(st.sampled_from(HAN + "〔〕[]（）0０9aＡZ，。-·《》一二"))


@given(MIXED)
def test_normalising_again_changes_nothing(source: str) -> None:
    once = text.normalise(source)
    assert text.normalise(once) == once


@given(MIXED)
def test_mapping_tells_the_same_text_and_rising_positions(source: str) -> None:
    normal, positions = text.normalise_mapped(source)
    assert normal == text.normalise(source)
    assert len(positions) == len(normal)
    assert positions == sorted(positions)
    assert all(0 <= place < len(source) for place in positions)


@given(FOLDED, st.data())
def test_a_piece_of_the_source_is_a_piece_of_its_normal_form(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    piece = source[start : data.draw(st.integers(start, len(source)))]
    assert text.normalise(piece) in text.normalise(source)


@given(FOLDED)
def test_positions_name_the_character_a_fold_came_from(source: str) -> None:
    normal, positions = text.normalise_mapped(source)
    assert [text.normalise(source[place]) for place in positions] == list(normal)


def test_one_kind_of_each() -> None:
    for raw in ("国发〔2022〕1号", "国发[2022]1号", "國發（２０２２）１號", "国发【2022】1号", "国 发﹝2022﹞\u200b1号"):
        assert text.normalise(raw) == "国发(2022)1号"
    assert text.normalise("Z109－WS•2011—Y") == text.normalise("z109-ws·2011-Y")
    assert text.normalise("⻢⻋⼀") == "马车一"


def test_chinese_numerals_stay() -> None:
    assert text.normalise("二○二四年") == text.normalise("二〇二四年") == "二〇二四年"
    assert text.normalise("三十年") != text.normalise("30年")


def test_white_space() -> None:
    assert text.normalise(" 关于 印发\r\n《档案 》的，\n 通知 ") == "关于印发《档案》的,通知"
    assert text.normalise("GB/T  18894\n2016") == "gb/t 18894 2016"
    assert text.normalise("第 3 章") == "第 3 章"
    assert text.normalise("\u3000 \n") == ""


def test_surrogates_and_noncharacters_never_reach_the_index() -> None:
    assert text.normalise("档\ud800案\ufffe\x00") == "档案"


def test_pages_join_without_a_break() -> None:
    assert text.normalise_joined(["关于印发\r\n", "\n 通知"]) == "关于印发通知"


@given(FOLDED, FOLDED)
def test_a_phrase_of_terms_is_a_substring(haystack: str, needle: str) -> None:
    source, query = text.normalise(haystack), text.normalise(needle)
    if not query:
        return
    terms = text.grams(source)
    hits = any(
        all(start + offset < len(terms) and terms[start + offset] == term for offset, term in text.phrase(query))
        for start in range(0, len(terms), 2)
    )
    assert hits == (query in source)


def test_terms_stand_in_position_order_and_hold_no_space() -> None:
    assert text.grams("") == []
    assert text.grams("档") == ["档"]
    assert text.grams("档 案") == ["档", "档␣", "␣", "␣案", "案"]
    assert text.phrase("档案法") == [(1, "档案"), (3, "案法")]


def test_a_phrase_is_made_of_terms_alone() -> None:
    query = "关于印发管理办法的通知"
    assert "".join(term for _, term in text.phrase(query)[:-1]) == query[:10]


def test_a_snippet_shows_the_source_and_flags_what_hit() -> None:
    source = "云汀市發展和改革委員會關於印發《項目管理辦法》的通知" * 5
    runs = text.snippet(source, ["发展和改革", "不存在"], 40)
    assert runs[1] == ("發展和改革", True)
    assert runs[-1] == ("…", False)
    assert "".join(run for run, _ in runs).rstrip("…") in source


@given(MIXED, st.lists(MIXED, max_size=2), st.integers(1, 30))
def test_a_snippet_never_invents(source: str, words: list[str], width: int) -> None:
    runs = text.snippet(source, words, width)
    body = "".join(run for run, _ in runs)
    assert body.removeprefix("…").removesuffix("…") in source or body in source


def test_a_hit_deep_in_a_long_text_is_shown_with_its_neighbours() -> None:
    source = "无关内容。\n" * 3000 + "关于印发《項目管\n理辦法》的通知" + "其他内容。" * 3000
    runs = text.snippet(source, ["项目管理办法"], 30)
    assert ("項目管\n理辦法", True) in runs
    assert runs[0] == runs[-1] == ("…", False)


def test_every_character_folds_to_what_stays() -> None:
    for first in range(0, 0x30000, 64):
        block = "".join(map(chr, range(first, first + 64)))
        once = text.normalise(block)
        assert text.normalise(once) == once
        assert text.normalise_mapped(block)[0] == once


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert text.snippet("档案" * 50, ["水"], 10) == [("档案" * 5, False), ("…", False)]


def test_five_hundred_characters_are_cheap() -> None:
    source = ("關於印發〔2022〕１号 通知，\n" * 40)[:500]
    text.normalise(source)
    start = time.process_time()
    for _ in range(200):
        text.normalise(source)
    assert (time.process_time() - start) / 200 < 0.00015
