"""Marks of state secrets: found in every disguise, and not where secrets are only spoken of."""

import time
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lantai.core.officialdoc import secrecy

BODY = "各单位：\n为做好有关工作，现将有关事项通知如下。\n" * 5
LEVELS = ["绝密", "机密", "秘密", "絕密", "機密", "祕密"]
PERIODS = ["", "10年", "6个月", "１０年", "一年", "长期", "長期", "启用前"]


def strong(text: str, name: str = "a.pdf") -> bool:
    return bool(secrecy([text], {}, name).strong)


@given(
    st.sampled_from(LEVELS),
    st.sampled_from("★☆⭐"),
    st.sampled_from(PERIODS),
    st.sampled_from(["", " ", "\u3000", "\n", "\u200b", "  "]),
    st.booleans(),
)
def test_a_mark_is_found_however_it_is_spaced(level: str, star: str, period: str, gap: str, is_late: bool) -> None:
    mark = gap.join(level + star + period)
    text = f"{BODY}{mark}\n{BODY}" if is_late else f"000001\n{mark}\n特急\n{BODY}"
    found = secrecy([BODY, text], {}, "a.pdf")
    assert found.strong
    assert found.is_blocked
    assert all(hit.startswith("第2页") for hit in found.strong)


@pytest.mark.parametrize(
    "head",
    [
        "机密10年",
        "机密 10 年",
        "000123 机密10年 特急",
        "绝密（启用前）",
        "秘密\n6个月",
        "密级：秘密",
        "密级和保密期限：机密",
        "机密*10年",
        "机密＊长期",
        "秘密级★1年",
    ],
)
def test_a_head_line_that_is_nothing_but_a_mark_is_strong(head: str) -> None:
    assert strong(f"{head}\n云汀市人民政府文件\n{BODY}")
    assert secrecy([BODY, f"{head}\n附件1\n{BODY}"], {}, "a.pdf").strong


@pytest.mark.parametrize(
    "text",
    [
        "机密●10年",
        "秘密■六个月",
        "机密（★10年）",
        "密级：机密　保密期限：5年",
        "【密级】绝密",
        "保密等级：机密",
        "密级\t机密",
    ],
)
def test_stars_lost_and_forms_filled_in_are_marks(text: str) -> None:
    assert strong(f"{text}\n云汀市人民政府文件\n{BODY}")


@pytest.mark.parametrize("text", ["机密 10年", "密级：秘密", "密级：机密；保密期限：5年", "机密●10年"])
def test_a_mark_set_last_on_the_page_is_found(text: str) -> None:
    """Headers, text boxes and cells of office documents come after or between the running text."""
    assert strong(f"{BODY * 20}{text}\n{BODY}")


@pytest.mark.parametrize(
    "text",
    [
        "标注为“秘密★1年”的文件",
        "绝密级 30年\n机密级 20年\n秘密级 10年",
        "密级：\n绝密、机密、秘密",
        "密级\n绝密\n机密\n秘密",
        "个人秘密*2次",
    ],
)
def test_examples_and_tables_about_secrets_are_not_strong(text: str) -> None:
    assert not strong(f"{text}\n{BODY}")
    assert not strong(f"{BODY * 20}{text}\n{BODY}")


@pytest.mark.parametrize("head", ["机密", "秘　密", "000123\n绝密\n特急"])
def test_the_bare_word_on_a_head_line_is_weak(head: str) -> None:
    found = secrecy([f"{head}\n云汀市人民政府文件\n{BODY}"], {}, "a.pdf")
    assert found.strong == ()
    assert found.weak
    assert not found.is_blocked


@pytest.mark.parametrize(
    "text",
    [
        "第三条 国家秘密的密级分为绝密、机密、秘密三级。",
        "秘密级国家秘密是一般的国家秘密。",
        "机密级计算机应当专人管理。",
        "机密材料由专人保管10年。",
        "商业秘密★核心",
        "工作秘密★1年",
    ],
)
def test_what_only_speaks_of_secrets_is_not_strong(text: str) -> None:
    assert not strong(f"{BODY * 20}{text}\n{BODY}")


@pytest.mark.parametrize(
    "text",
    [
        "应当保守国家秘密、商业秘密。",
        "输入计算机密码和手机密钥。",
        "技术秘密转让合同",
        "飞机密封件",
        "密级：\n密级：公开\n密级：内部",
        "保密★提示",
    ],
)
def test_other_words_are_no_hit_at_all(text: str) -> None:
    found = secrecy([f"{text}\n{BODY}"], {}, "a.pdf")
    assert found.strong == found.weak == ()


def test_the_word_in_running_text_is_weak() -> None:
    assert secrecy([f"{BODY}会议讨论了机密事项。"], {}, "a.pdf").weak == ("第1页：机密",)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("密级", "机密"),
        ("密级", "秘密★1年"),
        ("security_classification", "绝密"),
        ("M38", "秘密级"),
        ("密级", "ＪＭ"),
        ("classification", "SECRET"),
        ("题名", "机密★10年"),
    ],
)
def test_metadata_speak_too(key: str, value: str) -> None:
    assert secrecy([], {key: value}, "a.pdf").strong
    assert secrecy([], {key: ["公开", value]}, "a.pdf").strong


@pytest.mark.parametrize("value", ["公开", "内部", "无", "非密", "", "工作秘密"])
def test_harmless_metadata(value: str) -> None:
    assert secrecy([], {"密级": value, "page_count": 3}, "a.pdf").strong == ()


def test_the_file_name_speaks_too() -> None:
    assert secrecy([], {}, "机密★10年 关于某事的通知.pdf").strong
    assert secrecy([], {}, "绝密材料.pdf").weak == ("文件名：绝密",)
    assert secrecy([], {}, "保守国家秘密法.pdf") == secrecy([], {}, "")


def test_declassified_needs_a_date_and_a_basis_and_keeps_the_hit() -> None:
    text = [f"机密★10年\n{BODY}"]
    assert secrecy(text, {"解密日期": "2020-01-01"}, "").is_blocked
    assert secrecy(text, {"解密依据": "云密发〔2020〕1号"}, "").is_blocked
    assert secrecy(text, {"解密日期": "2020-02-30", "解密依据": "云密发〔2020〕1号"}, "").is_blocked
    found = secrecy(text, {"解密日期": "2020-01-01", "解密依据": "云密发〔2020〕1号"}, "")
    assert (found.declassified, found.is_blocked) == (True, False)
    assert found.strong


def test_a_hit_tells_its_place_and_mark_and_nothing_else() -> None:
    found = secrecy([BODY, f"机 密 ★ 1 0 年\n关于某某的请示\n{BODY}"], {}, "a.pdf")
    assert found.strong == ("第2页：机密★10年",)


@given(
    st.lists(st.text(st.sampled_from("机機密秘绝★* 10年\n级：国家启用前（）"), max_size=60), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers())),
)
def test_nothing_breaks_it_and_width_makes_no_difference(texts: list[str], metadata: dict[str, object]) -> None:
    found = secrecy(texts, metadata, "")
    wide = secrecy([text.translate({ord("1"): "１", ord("0"): "０"}) for text in texts], metadata, "")
    assert bool(found.strong) == bool(wide.strong)
    assert not found.declassified


@pytest.mark.corpus
def test_real_laws_speak_of_secrets_but_bear_no_mark(corpus: Path) -> None:
    laws = sorted((corpus / "law-texts").glob("*.md"))
    found = {law.name: secrecy([law.read_text("utf-8")], {}, law.name) for law in laws if law.name != "SOURCES.md"}
    assert len(found) > 100
    assert [name for name, one in found.items() if one.strong] == []
    assert sum(1 for one in found.values() if one.weak) <= len(found) * 0.05


@pytest.mark.corpus
def test_a_real_red_head_with_a_mark_is_sealed_in_every_format(corpus: Path) -> None:
    folder = corpus / "official-documents" / "Lawliet-lgtm__copilot-help"
    with zipfile.ZipFile(folder / "master_template.docx") as package:
        tree = etree.fromstring(package.read("word/document.xml"))
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    paragraphs = ["".join(run.text or "" for run in paragraph.iter(f"{word}t")) for paragraph in tree.iter(f"{word}p")]
    assert secrecy(["\n".join(paragraphs)], {}, "master_template.docx").is_blocked
    pdfium = pytest.importorskip("pypdfium2")
    pages = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(folder / "master_template.pdf")]
    assert secrecy(pages, {}, "master_template.pdf").is_blocked
    assert secrecy([unicodedata.normalize("NFKC", page) for page in pages], {}, "").is_blocked


def test_pages_are_cheap() -> None:
    pages = ["为贯彻落实有关部署，切实提高工作透明度，现就有关事项通知如下。\r\n" * 18] * 50
    secrecy(pages, {}, "")
    start = time.process_time()
    for _ in range(20):
        secrecy(pages, {}, "")
    assert (time.process_time() - start) / 20 < 0.002
