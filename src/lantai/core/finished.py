"""Rules of the register of finished documents: what makes two rows one document, when it must be filed, why it need not be.

Filing is due by 30 June of the year after (机关档案管理规定, 国家档案局令第13号); what is not filed stands in article 4 of
国家档案局令第8号, as ``standards`` notes it under N1–N4.
"""

import hashlib
from datetime import MAXYEAR, date
from enum import StrEnum

from lantai.core.identity import identity_key, number_key

DEADLINE = (6, 30)
#: Differences of writing that make no other title: (what, by what).
WRITING = (
    *((mark, "") for mark in (" ", "\u3000", "\t", "\r", "\n", "\u200b", "“", "”", '"')),
    *zip("（）〔〕［］[]：，－—", "()()()():,--", strict=True),
)


class Standing(StrEnum):
    """Where a finished document stands; derived from the holdings every time, never stored."""

    FILED = "filed"
    UNDER_WAY = "under_way"
    AMBIGUOUS = "ambiguous"
    UNFILED = "unfiled"
    EXCLUDED = "excluded"


STANDING_NAMES: dict[str, str] = {
    Standing.FILED: "已归",
    Standing.UNDER_WAY: "已收，归档中",
    Standing.AMBIGUOUS: "待确认对应",
    Standing.UNFILED: "应归未归",
    Standing.EXCLUDED: "不应归",
}
EXCLUSIONS: dict[str, str] = {
    "N1": "上级普发、供参考，不需本机关办理的文件，非本机关人员任免奖惩的文件，供工作参考的抄件",
    "N2": "重份文件，事务性、临时性文件，修改稿、校对稿，不需办理的信件和记录，内部互相抄送的文件，参考资料",
    "N3": "同级不需贯彻执行、不需办理的文件，不需办理的抄送文件",
    "N4": "下级供参阅的简报、情况反映，抄报或越级抄报的文件",
}


def plain_title(title: str) -> str:
    """Return a title without what is only writing: white space, width and kind of brackets, quotation marks. The tables do the same."""
    for mark, other in WRITING:
        title = title.replace(mark, other)
    return title


def document_key(oa_number: str, document_number: str, *, title: str, day: str, author: str) -> str:
    """Return what makes two rows the same document: the office system's number, else number and title, else title, day and author."""
    if oa_number:
        return f"oa:{oa_number}"
    if number := number_key(document_number):
        return f"no:{number}:{_short(plain_title(title))}"
    return f"id:{identity_key(title, day, author) or _short(f'{plain_title(title)} {day} {author}')}"


def deadline_of(year: str) -> date:
    """Return the last day by which documents of *year* are to be filed; 9999, which office systems write for "never", has one too."""
    return date(min(int(year) + 1, MAXYEAR), *DEADLINE)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
