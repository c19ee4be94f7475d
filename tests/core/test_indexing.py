"""Keywords and persons are counted out of title and text, each with its reason; nothing is proposed that does not stand there."""

from hypothesis import given
from hypothesis import strategies as st

from lantai.core import indexing
from lantai.core.indexing import Candidate
from lantai.standards import da_t_19

WORDS = da_t_19.words()
TITLE = "云汀市发展和改革委员会关于做好2024年用电高峰期电力保供工作的通知"
BODY = (
    "各县（区）发展和改革局：为做好用电高峰期电力保供，电力保供专班每日会商。一、电网企业落实电力保供责任。"
    "二、负荷管理方案报我委。负荷管理不得影响民生。三、组织负荷管理演练。"
)
ORGAN = "云汀市发展和改革委员会"


def proposed(title: str = TITLE, body: str = BODY, **given: dict[str, int]) -> dict[str, str]:
    found = indexing.candidates(title, body, [ORGAN], WORDS)
    told = indexing.keywords(found, given.get("held", {}), 200, given.get("used", {}))
    return {item.value: f"{item.source}：{item.reason}" for item in told}


def named(body: str, *, signed: tuple[tuple[str, str], ...] = (), used: dict[str, int] | None = None) -> dict[str, str]:
    told = indexing.persons(body, signed, used or {}, WORDS, bodies=[ORGAN])
    return {item.value: f"{item.source}：{item.reason}" for item in told}


def test_what_title_and_text_repeat_is_proposed_with_its_count() -> None:
    told = proposed()
    assert told["电力保供"] == "全文推荐：题名里有，全文出现 3 次；馆藏 200 件里 0 件有"
    assert "负荷管理" in told
    assert not {"通知", "工作", "做好", ORGAN, "发展"} & told.keys()
    assert not any("2024" in value or value.startswith("年") for value in told)


def test_a_word_that_most_records_have_tells_nothing() -> None:
    assert "电力保供" not in proposed(held={"电力保供": 120})


def test_what_the_agency_used_before_leads_and_says_how_often() -> None:
    found = (*indexing.candidates(TITLE, BODY, [ORGAN], WORDS), *indexing.known_in(TITLE, BODY, ["电网企业", "天然气"]))
    told = indexing.keywords(found, {"电网企业": 150}, 200, {"电网企业": 12, "天然气": 3})
    assert (told[0].value, told[0].source, told[0].reason) == ("电网企业", "以前用过", "本单位已有 12 件用它；全文出现 1 次")
    assert "天然气" not in {item.value for item in told}


def test_a_compound_that_holds_a_plain_character_stays_whole() -> None:
    assert "能源应急储备资金" in proposed("云汀市发展和改革委员会关于安排能源应急储备资金的请示", "")


def test_persons_are_named_with_post_label_or_signature() -> None:
    text = f"签发人：许维岳\n{ORGAN}\n3月25日，主任郑怀远主持召开会议，副主任李 明出席。联系人：欧阳明月，电话。郑怀远强调安全。"
    told = named(text, signed=(("丁望舒", "2024-03-25 签发，副主任"),), used={"郑怀远": 4})
    assert next(iter(told)) == "丁望舒"
    assert told["郑怀远"] == "正文：正文写作「主任郑怀远」，共 2 处；另有 4 件著录过"
    assert {"许维岳", "李明", "欧阳明月"} <= told.keys()
    assert "电话" not in told


def test_a_word_after_a_post_is_no_name() -> None:
    assert named("主任办公会议研究，由主任负责，局长办公室承办，科长会议通过。主任科员两名。") == {}


def test_the_parts_of_a_value_are_told_apart_once() -> None:
    assert indexing.parts("电力；保供、电力，用电 高峰") == ("电力", "保供", "用电", "高峰")
    assert indexing.parts(" ") == ()


@given(st.text("云汀市关于开展电力保供工作的通知，。一二3年\n 主任郑怀远王李", max_size=300), st.text("电力保供和通知主任", max_size=30))
def test_nothing_is_proposed_that_does_not_stand_there(body: str, title: str) -> None:
    folded = indexing._plain(title, ()) + "\n" + indexing._plain(body, ())
    found = indexing.candidates(title, body, [], WORDS)
    assert all(isinstance(item, Candidate) and item.value in folded for item in found)
    told = indexing.keywords(found, {}, 0, {})
    assert len(told) <= indexing.KEYWORDS
    assert all(one.value not in other.value for one in told for other in told if one is not other)
    assert all(item.value in folded for item in indexing.persons(body, (), {}, WORDS))
