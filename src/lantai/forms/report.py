"""检测报告: one object, or a batch with what became of its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.core import beijing
from lantai.core.checks import CONCLUSION_NAMES, GATE_NAMES, OUTCOME_NAMES, PROPERTY_NAMES, Conclusion, Gate, Outcome, Property
from lantai.forms.sheet import Column, Facts, Listed, Sheet

WEIGHTS = {"block": "阻断", "major": "一般", "minor": "提示"}
BASIS = "DA/T 70—2018"
_ITEMS = (
    Column("编号", "17mm", "center"),
    Column("检测项目", "1.1fr"),
    Column("级别", "14mm", "center"),
    Column("应为", "1.25fr"),
    Column("实为", "1.5fr"),
    Column("结果", "21mm", "center"),
    Column("工具与规则", "40mm"),
)
_RESTING = (Column("编号", "17mm", "center"), Column("检测项目", "1fr"), Column("原因", "1fr"))


@dataclass(frozen=True, slots=True)
class House:
    """Whose form it is: fonds number and name of the agency."""

    fonds: str = ""
    agency: str = ""

    @property
    def head(self) -> str:
        """The words under the title: 全宗号：Z109　云汀市发展和改革委员会."""
        return f"全宗号：{self.fonds}　{self.agency}" if self.fonds else self.agency


def check_report(report: Mapping[str, Any], *, house: House, reasons: Mapping[str, str]) -> Sheet:
    """Return the 检测报告 of one object from its report; *reasons* are the Chinese words of the reason codes."""
    subject = report["subject"]
    name = subject["title"] or subject["id"]
    items = report["items"]
    run = [item for item in items if item["outcome"] != Outcome.NOT_APPLICABLE]
    resting = [item for item in items if item["outcome"] == Outcome.NOT_APPLICABLE]
    blocks: list[Facts | Listed] = [Facts(_facts(report, name))]
    for aspect in Property:
        rows = tuple(_row(item) for item in run if item["property"] == aspect)
        if rows:
            blocks.append(Listed(_ITEMS, rows, f"{PROPERTY_NAMES[aspect]}　{_counts(report, aspect)}"))
    if report.get("material"):
        blocks.append(_material(report["material"]))
    if resting:
        told = tuple((item["code"], item["name"], _reason(item, reasons)) for item in resting)
        blocks.append(Listed(_RESTING, told, "在这里不适用的项目"))
    return Sheet(
        title=f"{GATE_NAMES[Gate(report['stage'])]}报告",
        head=(house.head, f"报告号：{report['id'] or '—'}"),
        blocks=tuple(blocks),
        range=subject["code"] or subject["id"],
        digest_name="报告摘要",
        signatures=("检测人", "审核人"),
        is_landscape=True,
        notice="试用库：本报告不作为正式归档的凭据。" if report["is_trial"] else "",
    )


def _facts(report: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    subject, engine = report["subject"], report["engine"]
    virus = f"{engine['name']} {engine['signatures']} {engine['date']}".strip() if engine["ready"] else "没有应答"
    coverage = report["coverage"]
    return (
        ("题名|" if subject["kind"] != "batch" else "批次|", name),
        ("档号", subject["code"] or "尚未定号"),
        ("结论", CONCLUSION_NAMES[Conclusion(report["conclusion"])]),
        ("依据", f"{BASIS}；方案 {report['scheme']}"),
        ("检测时间", instant(report["started"])),
        ("检测项目", f"共 {coverage['total']} 项，已检 {coverage['carried_out']} 项，待核不检 {coverage['unverified']} 项"),
        ("杀毒引擎", virus),
    )


def instant(text: str) -> str:
    """Return an ISO instant as forms have it, in Beijing time; a dash for none."""
    return f"{datetime.fromisoformat(text).astimezone(beijing.ZONE):%Y-%m-%d %H:%M:%S}" if text else "—"


def _counts(report: Mapping[str, Any], aspect: Property) -> str:
    counts = report["summary"].get(aspect.value, {})
    return "，".join(f"{OUTCOME_NAMES[outcome]} {counts[outcome]}" for outcome in Outcome if counts.get(outcome))


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    found = "".join(row["message"] for row in item["findings"])
    actual = item.get("actual", "")
    said = actual if not found or actual == found else f"{actual}。{found}" if actual else found
    tool = item.get("tool", {})
    judged = f"{tool.get('name', '')} {tool.get('version', '')}".strip()
    rule = f"规则 {item['rule']}" if "rule" in item else ""
    outcome = OUTCOME_NAMES[Outcome(item["outcome"])]
    who = item.get("reason", "").partition("answered:")[2]
    return (
        item["code"],
        item["name"],
        WEIGHTS[item["severity"]],
        item.get("expected", ""),
        said,
        f"{outcome}\n{who}判定" if who else outcome,
        "\n".join(part for part in (judged, rule) if part),
    )


def _reason(item: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    return reasons.get(item.get("reason", ""), item.get("reason", ""))


def _material(rows: Sequence[Mapping[str, Any]]) -> Listed:
    columns = (Column("序号", "14mm", "center"), Column("所检文件", "1fr"), Column("字节数", "28mm", "right"), Column("SHA-256", "1fr"))
    told = tuple((str(at), row["path"], f"{row['size_bytes']:,}".replace(",", " "), row["sha256"]) for at, row in enumerate(rows, 1))
    return Listed(columns, told, "所检文件")


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What the printed report of a batch says: facts in pairs, the lines of the screen, and files that became no record.

    ``lines`` are (result, property, code, item, object, words, records); ``unreceived`` (what became of it, file, why).
    """

    code: str
    facts: tuple[tuple[str, str], ...]
    summary: tuple[tuple[str, str, str, str, str], ...]
    lines: tuple[tuple[str, str, str, str, str, str, str], ...]
    unreceived: tuple[tuple[str, str, str], ...]
    is_cut: bool
    is_trial: bool


def batch_report(told: BatchReport, *, house: House) -> Sheet:
    """Return the 接收检测报告 of a batch."""
    blocks: list[Facts | Listed] = [
        Facts(told.facts, across=3),
        Listed(
            (Column("属性", "30mm", "center"), Column("含义"), *(Column(name, "26mm", "center") for name in ("通过", "不通过", "待人工"))),
            told.summary,
            f"一、四性（{BASIS}）",
        ),
        Listed(
            (
                Column("结果", "21mm", "center"), Column("属性", "16mm", "center"), Column("编号", "17mm", "center"),
                Column("检测项目", "1fr"), Column("对象", "1fr"), Column("说明", "1.5fr"), Column("件数", "14mm", "right"),
            ),
            told.lines,
            "二、检测结果" + ("（条数过多，只印最重的部分，全部见报告文件）" if told.is_cut else ""),
        ),
    ]  # fmt: skip
    if told.unreceived:
        columns = (Column("去向", "34mm"), Column("文件", "1fr"), Column("原因", "1fr"))
        blocks.append(Listed(columns, told.unreceived, "三、没有成为档案的文件"))
    return Sheet(
        title="接收检测报告",
        head=(house.head, f"批次：{told.code}"),
        blocks=tuple(blocks),
        range=told.code,
        digest_name="报告摘要",
        signatures=("检测人", "移交人", "接收人"),
        is_landscape=True,
        notice="试用库：本报告不作为正式归档的凭据。" if told.is_trial else "",
    )
