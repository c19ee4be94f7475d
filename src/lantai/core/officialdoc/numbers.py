"""Document numbers 发文字号: one common form for comparison (GB/T 9704-2012, 7.2.5)."""

import re
import unicodedata

from lantai.core.officialdoc.pattern import pattern

_LABEL = pattern("^(?:发文字号|发文文号|文件编号|文件字号|发文号|文号|字号|编号)[:：]?")
_YEAR = pattern(r"[〔\[(（【{〈<《]\s*(\d{4})年?\s*[〕\])）】}〉>》]")
_SHORT_YEAR = pattern(r"[〔\[【{]\s*(\d{2})年?\s*[〕\]】}]")
_SERIAL = pattern(r"(?<=〕)(?:第)?0*(\d{1,6})(?=号)")
_ORDER = pattern(r"(?<=第)0+(?=\d)")
_IGNORED = pattern("[\\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]+")
_MAKER = "[\u4e00-\u9fffA-Za-z0-9（）、·-]"
_COUNT = "(?:[0-9]{1,6}|[一二三四五六七八九十百千〇零]{1,8})"
_WELL_FORMED = pattern(
    f"{_MAKER}{{1,30}}〔(?:[0-9]{{4}}|[0-9]{{2}})〕[0-9]{{1,6}}号|{_MAKER}{{0,40}}?(?:[0-9]{{4}}年)?第{_COUNT}号"
    f"|{_MAKER}{{1,30}}（[0-9]{{2}}）(?:字第)?[0-9]{{1,6}}号|{_MAKER}{{1,30}}〔[0-9]{{2,4}}〕字第[0-9]{{1,6}}号"
    f"|[〔（](?:[0-9]{{4}}|[0-9]{{2}})[〕）][\u4e00-\u9fff]{{1,20}}(?:字第?|第)[0-9]{{1,6}}号"
)
_PARTS = pattern(
    f"(?P<before>{_MAKER}{{0,30}}?)[〔（](?P<year>[0-9]{{4}}|[0-9]{{2}})[〕）](?P<after>[\u4e00-\u9fff]{{0,20}}?)(?:字?第)?[0-9]{{1,6}}号"
)


def document_number(raw: str) -> str:
    """Return the tidy form of a document number: no label, no spaces, 〔2022〕, no 第 and no leading zeros in the serial.

    Numbers of orders keep their 第n号; those of the years before the standard keep 字第 and their year of two digits. What is not a
    document number comes back tidied all the same; :func:`is_well_formed` tells the two apart. Nothing is added or corrected.
    """
    text = _IGNORED.sub("", unicodedata.normalize("NFKC", raw))
    text = _SHORT_YEAR.sub("〔\\1〕", _YEAR.sub("〔\\1〕", _LABEL.sub("", text)))
    text = _ORDER.sub("", _SERIAL.sub("\\1", text))
    return text.replace("(", "（").replace(")", "）")


def is_well_formed(tidy: str) -> bool:
    """Tell whether a tidy number has the form 机关代字〔年份〕序号号, or the form of an order or notice: …第n号."""
    return _WELL_FORMED.fullmatch(tidy) is not None


def code_and_year(tidy: str) -> tuple[str, str]:
    """Return the code 机关代字 and the year, of four or two digits, of a tidy number; each empty where it bears none."""
    parts = _PARTS.fullmatch(tidy)
    return (parts["before"] or parts["after"], parts["year"]) if parts else ("", "")


def objection(raw: str) -> str:
    """Return in Chinese why *raw* is no document number, empty where it is one."""
    tidy = document_number(raw)
    if not tidy:
        return "没有内容"
    if is_well_formed(tidy):
        return ""
    before, _, after = tidy.partition("〔")
    year, _, serial = after.partition("〕")
    faults = (
        ("没有〔年份〕，也不是第几号", not after),
        ("年份不是四位数字", not re.fullmatch("[0-9]{4}", year)),
        ("没有机关代字", not before),
        ("序号写在“号”之后", re.fullmatch("第?号[0-9]+", serial) is not None),
        ("没有“号”字", "号" not in serial),
        ("“号”之后还有文字", not serial.endswith("号")),
    )
    return next((reason for reason, is_so in faults if is_so), "机关代字或序号写法不规范")
