"""Classification schemes 分类方案: by what a category's records are parted, level by level, and from which year on.

Source: DA/T 22-2015, as docs/design/classification.md has it: 年度—机构（问题）—保管期限,
年度—保管期限—机构（问题）, 年度—保管期限 for small agencies; departments or subjects, never both; a change
is a new version with the year from which it holds. The record column ``department`` holds the code of the middle level, whichever it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LEVELS = {"year": "年度", "department": "机构", "subject": "问题", "retention": "期限"}
STANDARD = "year-department-retention"
FORMS = (STANDARD, "year-retention-department", "year-subject-retention", "year-retention-subject", "year-retention")
MOST_TERMS = 200
LONGEST_TERM = 60
_TERM = re.compile("[A-Z0-9一-鿿]{1,20}")
_YEAR = re.compile("[0-9]{4}")

Terms = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version for one category. ``number`` is 0 for the standard's own; ``terms`` are the subjects as (code, name), in their order;
    ``since`` is the first year it holds for, empty for all."""

    category: str
    number: int = 0
    form: str = STANDARD
    terms: Terms = ()
    since: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels from the top."""
        return tuple(self.form.split("-"))

    @property
    def name(self) -> str:
        """The levels in words: 年度—机构—期限."""
        return words(self.form)

    @property
    def label(self) -> str:
        """How a sealed range remembers the version: ``WS:2``; empty for the standard's own."""
        return f"{self.category}:{self.number}" if self.number else ""

    @property
    def middle(self) -> str:
        """What stands beside year and period: department, subject, or nothing."""
        return next((level for level in self.levels if level in ("department", "subject")), "")

    @property
    def columns(self) -> tuple[str, ...]:
        """The levels as columns of a record."""
        return tuple("department" if level == "subject" else level for level in self.levels)

    def admits(self, code: str) -> bool:
        """Tell whether a record with this code in the middle can be numbered: of subjects only those that are listed."""
        return self.middle != "subject" or code in dict(self.terms)


def words(form: str) -> str:
    """Return a form in words."""
    return "—".join(LEVELS[level] for level in form.split("-"))


def of_year(category: str, schemes: Iterable[Scheme], year: str) -> Scheme:
    """Return the scheme that holds for a year: of those in force the one that began last; the standard's where none did."""
    held = [scheme for scheme in schemes if scheme.since <= year]
    return max(held, key=lambda scheme: scheme.since, default=Scheme(category))


def terms(text: str) -> Terms:
    """Read subjects, one a line, the code first."""
    rows = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return tuple((row[0].upper(), row[1].strip() if len(row) > 1 else "") for row in rows)


def as_text(rows: Terms) -> str:
    """Write subjects as :func:`terms` reads them."""
    return "\n".join(f"{code} {name}" for code, name in rows)


def problem(form: str, rows: Terms, since: str) -> str:
    """Say in Chinese why a scheme cannot be, empty where it can."""
    if form not in FORMS:
        return f"分类只能是 {'、'.join(map(words, FORMS))}"
    if since and not _YEAR.fullmatch(since):
        return "起用年度须是 4 位数字"
    is_by_subject = "subject" in form
    if is_by_subject != bool(rows):
        return "按问题分类须列出问题，一行一个，先写代码再写名称" if is_by_subject else "不按问题分类，不能列问题"
    codes = [code for code, _ in rows]
    if len(rows) > MOST_TERMS or len(set(codes)) != len(codes):
        return f"问题最多 {MOST_TERMS} 个，代码不能重复"
    if wrong := next((code for code in codes if not _TERM.fullmatch(code)), ""):
        return f"问题代码“{wrong[:20]}”须是大写字母、数字或汉字，最多 20 个"
    if wrong := next((code for code, name in rows if not name or len(name) > LONGEST_TERM or not name.isprintable()), ""):
        return f"问题“{wrong}”没有名称，或名称超过 {LONGEST_TERM} 字、含控制字符"
    return ""
