"""The table of coverage: every requirement of the standards, the function that checks or fulfils it, the fixture or test that breaks it.

DA/T 70 is drawn from the registry of the checks and the fixtures of the gates, DA/T 46 from the fixtures of the elements, DA/T 48 and
DA/T 93 from their tables of requirements, GB/T 39784 from ``coverage.csv`` beside this file: a new fixture or function needs no word here.
``broken_names`` says what is named and does not exist.
"""

import csv
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lantai.core.checks.registry import BATCH_CHECKS, RECORD_CHECKS
from lantai.core.codes import CODES
from lantai.standards import da_t_22, da_t_46, da_t_48, da_t_70, gb_t_39784, order_8
from lantai.standards.rows import rows
from tests.support import elements
from tests.support.gates import FIXTURES

ROOT = Path(__file__).resolve().parents[2]
_UNSURE = "?"
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement: its number, text, how sure we are, the functions, the fixtures or tests, and why not where nothing checks it."""

    number: str
    text: str
    certainty: str
    functions: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_covered(self) -> bool:
        """True where a function and something that breaks it are named."""
        return bool(self.functions and self.proofs)

    @property
    def is_sure(self) -> bool:
        """False for rows that are to be verified."""
        return _UNSURE not in self.certainty


def standards() -> dict[str, tuple[Line, ...]]:
    """Return the lines of every standard by its name."""
    return {
        "DA/T 70-2018 四性检测项": tuple(_items()),
        "DA/T 46-2009 元数据元素": tuple(_elements()),
        "DA/T 48-2009 封装包": tuple(_package("da_t_48")),
        "DA/T 93-2022 移交信息包": tuple(_package("da_t_93")),
        "DA/T 22-2015、DA/T 13-2022 整理与档号": tuple(_arrangement()),
        "8 号令 归档范围与保管期限": tuple(_retention()),
        "DA/T 31-2017 纸质档案数字化": tuple(_digitisation()),
        "GB/T 39784-2021 系统功能": tuple(_functions()),
    }


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__name__}"


def _items() -> Iterator[Line]:
    for item in da_t_70.items():
        found = [table[item.number] for table in (RECORD_CHECKS, BATCH_CHECKS) if item.number in table]
        bad = tuple(row.name for row in FIXTURES if row.number == item.number and row.kind == "bad")
        person = "只由人判定" if item.method in ("H", "M") else ""
        off = "条目待核，缺省不启用" if not item.is_enabled else person
        yield Line(item.code, item.name, item.certainty, tuple(dict.fromkeys(map(_name, found))), bad, off)


def _elements() -> Iterator[Line]:
    bad = elements.by_element()
    for item in da_t_46.elements():
        found = bad.get(item.code, ())
        functions = [_name(RECORD_CHECKS[row.number]) for row in found]
        yield Line(item.number, item.name, item.certainty, tuple(dict.fromkeys(functions)), tuple(row.name for row in found), _why(item))


def _why(item: da_t_46.Element) -> str:
    reasons = {
        "container": "容器没有值，逐个子元素判",
        "documents": "由文档次序生成，不由人填",
        "vault": "由档案库的位置生成，不由人填",
    }
    return reasons.get("container" if item.kind == "container" else item.kept_in, "")


def _package(standard: str) -> Iterator[Line]:
    module = {"da_t_48": "lantai.packages.eep_validate", "da_t_93": "lantai.packages.transfer_read"}[standard]
    tests = {"da_t_48": "tests/packages/test_eep_write.py", "da_t_93": "tests/packages/test_transfer.py"}[standard]
    wanted = da_t_48.requirements().values() if standard == "da_t_48" else ()
    told = [(row.code, row.text, row.certainty) for row in wanted] or [
        (row["code"], row["text"], row["certainty"]) for row in rows(standard, "requirements")
    ]
    for code, text, certainty in told:
        is_checked = code in CODES and _UNSURE not in certainty
        proof = tests if is_checked and code in _text(tests) else _where(code)
        reason = "" if is_checked and proof else "条目待核，不作判定" if _UNSURE in certainty else "没有故障样例"
        yield Line(code, text, certainty, (module,) if is_checked else (), (proof,) if is_checked and proof else (), reason)


def _arrangement() -> Iterator[Line]:
    template, test = "lantai.core.archival_code:explain", "tests/core/test_archival_code.py"
    for code in (*da_t_22.codes("fonds"), *da_t_22.codes("separator"), *da_t_22.codes("alike")):
        yield Line(code.code, code.name, code.certainty, (template,), (test,))
    for code in da_t_22.codes("retention"):
        known = code.certainty != _UNSURE
        yield Line(code.code, code.name, code.certainty, *(((template,), (test,)) if known else ((), ())), "" if known else "代码待核")
    for code in da_t_22.codes("category"):
        yield Line(code.code, f"门类 {code.name}", code.certainty, reason="门类代码只查写法，不查是否在表内")
    for form in da_t_22.forms():
        known = form.certainty != _UNSURE
        found = ("lantai.core.archival_code:Template", "tests/standards/test_tables.py::test_the_written_forms_read_their_examples")
        yield Line(
            form.example,
            f"{form.standard} 写法",
            form.certainty,
            *(((found[0],), (found[1],)) if known else ((), ())),
            "" if known else "写法待核",
        )
    for at, row in enumerate(da_t_22.rules(), 1):
        function, proof = _RULES.get(row["kind"], ("", ""))
        yield Line(
            f"R{at}",
            row["text"],
            row["certainty"],
            (function,) if function else (),
            (proof,) if proof else (),
            "" if function else "由人掌握，程序不判",
        )


_RULES = {
    "number": ("lantai.core.checks.surroundings:continuity", "bad/GD-2-6"),
    "due_date": ("lantai.core.retention:Retention", "tests/core/test_retention.py"),
    "date": ("lantai.core.checks.metadata:data_type", "bad/M33_no_date"),
}


def _retention() -> Iterator[Line]:
    for row in order_8.rows():
        known = row.is_enabled
        where = (("lantai.core.retention:propose",), ("tests/standards/test_order_8.py",)) if known else ((), ())
        yield Line(row.id, row.name, row.certainty, *where, "" if known else "条目待核，缺省不用")


#: Parameter of DA/T 31 → the functions that look at it, and the tests that break it.
_LOOKED_AT: dict[str, tuple[str, str]] = {
    "resolution": ("lantai.core.digitising.defects:defects", "tests/core/test_digitising.py::test_what_stands_out"),
    "colour": ("lantai.core.digitising.defects:defects", "tests/core/test_digitising.py::test_what_stands_out"),
    "skew": ("lantai.core.digitising.defects:defects", "tests/core/test_digitising.py::test_what_stands_out"),
    "blank": ("lantai.core.digitising.defects:defects", "tests/core/test_digitising.py::test_what_stands_out"),
    "order": ("lantai.core.digitising.paging:jumps", "tests/core/test_digitising.py::test_gaps_in_printed_numbers"),
    "pages": ("lantai.core.digitising.paging:remarks", "tests/core/test_digitising.py::test_count_order_and_catalogue_are_remarked"),
    "sample": (
        "lantai.core.digitising.sampling:sample",
        "tests/core/test_digitising.py::test_a_sample_is_large_enough_fair_and_always_the_same",
    ),
    "pass": ("lantai.core.digitising.sampling:judge", "tests/core/test_digitising.py::test_a_batch_passes_or_goes_back"),
    "crop": (
        "lantai.imaging.cleaning:clean",
        "tests/imaging/test_cleaning.py::test_the_bed_of_the_scanner_is_cut_with_a_margin_kept_and_painted_over",
    ),
    "format_use": (
        "lantai.stages.digitise.layers:made",
        "tests/stages/paper/test_accepted.py::test_what_is_accepted_becomes_an_archived_record_that_is_found",
    ),
    "format_same": ("lantai.core.digitising.paging:same_format", "tests/core/test_digitising.py::test_scans_of_a_batch_are_of_one_format"),
    "linked": (
        "lantai.stages.report.digitising:missing",
        "tests/stages/paper/test_described.py::test_a_catalogue_is_held_against_the_pages",
    ),
}


#: Why nothing judges the other parameters of DA/T 31.
_UNJUDGED: dict[str, str] = {
    "resolution_small": "字的大小由人看，只判最低分辨率",
    "resolution_com": "不输出缩微品",
    "resolution_replica": "不做仿真复制",
    "resolution_ocr": "只判最低分辨率，识别按实有的分辨率",
    "colour_grey": "是许可，不是要求；有彩色而扫成黑白的另判",
    "colour_bitonal": "是许可，不是要求；有彩色而扫成黑白的另判",
    "format_keep": "扫描件送来是什么格式就原样保存，不判是不是这三种",
    "name_page": "扫描件以送来的名称保存，不判名称是否为档号加页号",
    "name_document": "扫描件以送来的名称保存，不判名称是否为档号",
}


def _digitisation() -> Iterator[Line]:
    for row in rows("da_t_31", "parameters"):
        function, proof = _LOOKED_AT.get(row["name"], ("", ""))
        known = ((function,), (proof,)) if function else ((), ())
        reason = "" if function else _UNJUDGED[row["name"]]
        yield Line(row["name"], f"{row['label']} {row['value']}{row['unit']}".strip(), row["certainty"], *known, reason)


def _functions() -> Iterator[Line]:
    said = {row["requirement"]: row for row in _said()}
    for row in gb_t_39784.requirements():
        own = said[row.id]
        yield Line(
            row.id,
            row.text,
            row.certainty,
            (own["function"],) if own["function"] else (),
            (own["proof"],) if own["proof"] else (),
            own["reason"],
        )


@cache
def _said() -> list[dict[str, str]]:
    with (Path(__file__).parent / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def _sources() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted((ROOT / "tests" / "packages").rglob("test_*.py"))}


def _text(path: str) -> str:
    return _sources().get(path, "")


def _where(code: str) -> str:
    """Return the first test of packages that names a code of findings; empty where none does."""
    word = re.compile(rf"\b{re.escape(code)}\b")
    return next((path for path, text in _sources().items() if code in text and word.search(text)), "")


# --- the page


def page() -> str:
    """Draw the whole of it: the sums first, then every standard."""
    parts = [_sums(standards())]
    for name, lines in standards().items():
        parts.append(f"## {name}\n\n" + _table(lines))
    return "\n\n".join(parts)


def _sums(found: dict[str, tuple[Line, ...]]) -> str:
    lines = ["| standard | sure | of them covered | unsure 待核 | of them covered |", "|---|---|---|---|---|"]
    for name, rows_ in found.items():
        sure, unsure = ([row for row in rows_ if row.is_sure is side] for side in (True, False))
        lines.append(f"| {name} | {len(sure)} | {_count(sure)} | {len(unsure)} | {_count(unsure)} |")
    return "\n".join(lines)


def _count(lines: list[Line]) -> int:
    return sum(row.is_covered for row in lines)


def _table(lines: tuple[Line, ...]) -> str:
    out = ["| requirement | text | certainty | checked by | broken by |", "|---|---|---|---|---|"]
    for row in lines:
        functions = "<br>".join(f"`{name.removeprefix('lantai.')}`" for name in row.functions)
        shown = "<br>".join(f"`{name}`" for name in row.proofs[:_MOST_SHOWN])
        more = f"<br>and {len(row.proofs) - _MOST_SHOWN} more" if len(row.proofs) > _MOST_SHOWN else ""
        proofs = f"{shown}{more}" or ""
        note = f"not checked, because {row.reason}" if not row.is_covered else f"{proofs}{'；' + row.reason if row.reason else ''}"
        text = row.text.replace("|", "\\|").replace("\n", " ")
        certainty = row.certainty if row.is_sure else f"{row.certainty} 待核"
        out.append(f"| {row.number.replace('|', chr(92) + '|')} | {text} | {certainty} | {functions if row.is_covered else ''} | {note} |")
    return "\n".join(out)


# --- names


def broken_names() -> tuple[str, ...]:
    """Return every function, fixture and test that a line names and that does not exist, and every line that says nothing."""
    fixtures = {row.name for row in FIXTURES} | {row.name for row in elements.broken()}
    wrong = []
    for lines in standards().values():
        for row in lines:
            wrong += [name for name in row.functions if not _is_function(name)]
            wrong += [name for name in row.proofs if not _is_proof(name, fixtures)]
            wrong += [] if row.is_covered or row.reason else [f"{row.number}: neither covered nor explained"]
    return tuple(dict.fromkeys(wrong))


def _is_function(name: str) -> bool:
    module, _, attribute = name.partition(":")
    try:
        found = importlib.import_module(module)
    except ImportError:
        return False
    return not attribute or hasattr(found, attribute)


def _is_proof(name: str, fixtures: set[str]) -> bool:
    if name.startswith("bad/"):
        return name in fixtures or any(known.startswith(f"{name}_") for known in fixtures)
    path, _, test = name.partition("::")
    file = ROOT / path
    return file.is_file() and (not test or f"def {test}(" in file.read_text("utf-8"))
