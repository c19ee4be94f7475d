"""Registers: 归档登记表, 电子档案移交与接收登记表, and the sender's 接收回执.

The columns of the transfer register are those of the carrier guideline of DA/T 48 with the four properties of DA/T 93 in place of its
检验 lines; those of the filing register follow GB/T 18894—2016 as remembered, to be verified 待核.
"""

from dataclasses import dataclass

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Sheet

CHECKS = ("真实性", "完整性", "可用性", "安全性")


@dataclass(frozen=True, slots=True)
class Counted:
    """What a register counts: a range of codes (or a batch), its records, documents, files, bytes and pages."""

    name: str
    range: str
    records: int
    files: int
    size_bytes: int
    pages: int
    years: str = ""
    category: str = ""
    retention: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gate came to, property by property, and which report says so."""

    results: tuple[tuple[str, str], ...]
    engine: str = ""
    report: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Digests:
    """A row of 电子档案数字摘要: package or record, what it is, digest with its algorithm, size in bytes."""

    number: str
    content: str
    digest: str
    size_bytes: int


def size(count: int) -> str:
    """Return bytes as registers have them: exact, and GB with three places."""
    return f"{count} 字节（{count / 1_000_000_000:.3f} GB）"


def paged(pages: int) -> str:
    """Return a number of pages; where nothing has pages that can be counted, that is said instead of none."""
    return f"{pages} 页" if pages else "页数未计"


def filing_register(counted: Counted, checked: Checked, listed: tuple[Digests, ...], *, house: House, ways: tuple[str, str]) -> Sheet:
    """Return the 归档登记表: what was archived from which department, how it came (*ways*: 归档方式, 归档时间), and how it was checked."""
    facts = (
        ("归档部门", counted.department or "—"),
        ("归档单位", house.agency or "—"),
        ("档案门类", counted.category),
        ("归档年度", counted.years),
        ("保管期限", counted.retention),
        ("归档方式", ways[0]),
        ("档号起止|", counted.range),
        ("件数", f"{counted.records} 件"),
        ("文件数", f"{counted.files} 个，{paged(counted.pages)}"),
        ("数据量", size(counted.size_bytes)),
        ("归档时间", ways[1]),
    )
    rows = tuple((name, result, "" if name != "安全性" else checked.engine) for name, result in checked.results)
    checks = Listed((Column("检验项目", "34mm", "center"), Column("检验结果"), Column("说明", "1.4fr")), rows, "检验")
    return Sheet(
        title="归档登记表",
        head=(house.head, f"检测报告：{checked.report}　{checked.at}" if checked.report else ""),
        blocks=(Facts(facts), checks, _digests(listed)),
        range=counted.range,
        digest_name="登记摘要",
        signatures=("移交人", "接收人", "审核人"),
    )


def transfer_register(counted: Counted, checked: Checked, listed: tuple[Digests, ...], *, house: House, parties: tuple[str, str]) -> Sheet:
    """Return the 电子档案移交与接收登记表 with a column of 检验 for each of the *parties* (移交单位, 接收单位); made twice."""
    facts = (
        ("交接工作名称|", counted.name),
        ("内容描述|", "，".join(part for part in (counted.category, counted.years, counted.retention, counted.department) if part)),
        ("移交档案数量", f"{counted.records} 件，文件 {counted.files} 个"),
        ("移交数据量", size(counted.size_bytes)),
        ("起止顺序号|", counted.range),
        ("载体类型、规格", "在线"),
        ("检测报告", f"{checked.report}　{checked.at}".strip("　") or "—"),
    )
    given = dict(checked.results)
    names = ("真实性", "完整性", "可用性", "安全性", "载体外观")
    rows = tuple((name, given.get(name, "在线移交，没有载体" if name == "载体外观" else ""), "") for name in names)
    columns = (Column("检验内容", "34mm", "center"), Column(f"移交单位：{parties[0]}"), Column(f"接收单位：{parties[1]}"))
    signs = Listed(
        (Column("", "34mm", "center"), Column("移交单位"), Column("接收单位")),
        tuple((name, "\n", "\n") for name in ("填表人", "审核人", "单位印章", "日期")),
        "签章",
    )
    return Sheet(
        title="电子档案移交与接收登记表",
        head=(house.head, "一式两份"),
        blocks=(Facts(facts), Listed(columns, rows, "检验"), _digests(listed), signs),
        range=counted.range,
        digest_name="登记摘要",
    )


def _digests(listed: tuple[Digests, ...]) -> Listed:
    columns = (
        Column("序号", "13mm", "center"),
        Column("编号", "34mm"),
        Column("内容说明"),
        Column("数字摘要", "1.1fr"),
        Column("字节数", "24mm", "right"),
    )
    rows = tuple((str(at), row.number, row.content, row.digest, str(row.size_bytes)) for at, row in enumerate(listed, 1))
    return Listed(columns, rows, "电子档案数字摘要")


_RETURNED = (
    Column("序号", "13mm", "center"),
    Column("题名、文号", "1.2fr"),
    Column("退回理由"),
    Column("证据", "1.4fr"),
    Column("期限", "25mm", "center"),
)


@dataclass(frozen=True, slots=True)
class Returned:
    """A record that went back: title, document number, reasons, words, day by which it is expected, the evidence."""

    title: str
    number: str
    reasons: str
    message: str
    deadline: str
    evidence: str


def receipt(
    code: str,
    facts: tuple[tuple[str, str], ...],
    accepted: tuple[tuple[str, str, str], ...],
    returned: tuple[Returned, ...],
    *,
    house: House,
) -> Sheet:
    """Return the 接收回执 for the sender: what was accepted (code, title, number), what went back and why."""
    blocks: list[Facts | Listed] = [Facts(facts)]
    if accepted:
        columns = (Column("序号", "13mm", "center"), Column("档号", "52mm"), Column("题名"), Column("文号", "44mm"))
        rows = tuple((str(at), given or "尚未定号", title, number) for at, (given, title, number) in enumerate(accepted, 1))
        blocks.append(Listed(columns, rows, f"已接收 {len(accepted)} 件"))
    if returned:
        blocks.append(Listed(_RETURNED, tuple(_row(at, row) for at, row in enumerate(returned, 1)), f"退回 {len(returned)} 件"))
    return Sheet(
        title="接收回执",
        head=(house.head, f"批次：{code}"),
        blocks=tuple(blocks),
        range=code,
        digest_name="回执摘要",
        signatures=("接收人", "移交人"),
    )


def _row(at: int, row: Returned) -> tuple[str, ...]:
    named = "\n".join(part for part in (row.title, row.number) if part)
    why = "\n".join(part for part in (row.reasons, row.message) if part)
    return (str(at), named, why, row.evidence, row.deadline)
