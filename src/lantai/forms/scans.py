"""The working papers of a batch of scans (DA/T 31-2017): plan, approval, hand-over lists, flow sheet, equipment, inspection, acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Plain, Sheet

_ITEMS = (
    Column("序号", "13mm", "center"),
    Column("件", "36mm"),
    Column("题　　名"),
    Column("文号", "42mm"),
    Column("页数", "13mm", "center"),
    Column("备注", "30mm"),
)
_FLOW = (
    Column("步骤", "26mm", "center"),
    Column("操作人", "26mm", "center"),
    Column("件数", "17mm", "center"),
    Column("页数", "17mm", "center"),
    Column("起", "33mm", "center"),
    Column("止", "33mm", "center"),
    Column("情况"),
)
_WORKED = (
    Column("步骤", "28mm", "center"),
    Column("操作人", "30mm", "center"),
    Column("件数", "20mm", "center"),
    Column("页数", "20mm", "center"),
    Column("每页用时", "26mm", "center"),
    Column("说明"),
)
_ERRORS = (Column("差错类型"), Column("页数", "30mm", "center"), Column("性质", "60mm"))
_LISTED = (
    Column("序号", "13mm", "center"),
    Column("文件"),
    Column("格式", "34mm"),
    Column("页数", "14mm", "center"),
    Column("SM3 摘要", "62mm"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as its papers name it: code, title, facts of the head, and whose it is."""

    code: str
    title: str
    facts: tuple[tuple[str, str], ...]
    house: House = field(default_factory=House)


def plan(batch: Batch, *, steps: Sequence[str], scope: str, excluded: str) -> Sheet:
    """Return the 数字化工作方案 of a batch's project."""
    order = "　→　".join(steps)
    blocks = (
        Facts(batch.facts),
        Plain(scope or "—", "范围与优先次序", 30),
        Plain(excluded or "—", "不归档、不数字化的及理由", 25),
        Plain(order, "工作步骤"),
    )
    return _sheet("数字化工作方案", batch, blocks, ("编制人", "审核人"))


def approval(batch: Batch, *, reasons: Sequence[str]) -> Sheet:
    """Return the 数字化审批书."""
    blocks = (Facts(batch.facts), Plain("；".join(reasons) or "—", "先行数字化的理由", 25), Plain("", "审批意见", 45))
    return _sheet("数字化审批书", batch, blocks, ("申请人", "审批人"))


def handing(batch: Batch, rows: Sequence[tuple[str, ...]], *, title: str, note: str) -> Sheet:
    """Return the 出库 or 归还 list: every item with its pages, signed by both sides."""
    blocks = (Facts(batch.facts), Listed(_ITEMS, tuple(rows), "交接内容"), Plain(note or "—", "交接情况"))
    return _sheet(title, batch, blocks, ("交出人", "接收人", "监交人"), is_landscape=True)


def flow(batch: Batch, rows: Sequence[tuple[str, ...]], worked: Sequence[tuple[str, ...]]) -> Sheet:
    """Return the 数字化流程单: what was done on the batch and by whom, with figures by step and operator."""
    blocks = (Facts(batch.facts), Listed(_FLOW, tuple(rows), "登记的步骤"), Listed(_WORKED, tuple(worked), "各步骤、各人的工作量"))
    return _sheet("数字化流程单", batch, blocks, ("项目负责人",), is_landscape=True)


def equipment(batch: Batch, facts: Sequence[tuple[str, str]], rows: Sequence[tuple[str, ...]]) -> Sheet:
    """Return the 扫描设备与参数记录: devices as noted, parameters as measured of the scans."""
    columns = (Column("项目", "40mm", "center"), Column("取值"), Column("页数", "30mm", "center"))
    return _sheet("扫描设备与参数记录", batch, (Facts((*batch.facts, *facts)), Listed(columns, tuple(rows), "扫描件的参数")), ("扫描人",))


def inspection(batch: Batch, facts: Sequence[tuple[str, str]], errors: Sequence[tuple[str, ...]], conclusion: str) -> Sheet:
    """Return the 数据验收单（质检单） of one inspection: sample with its seed, figures, errors by kind, conclusion."""
    listed = Listed(_ERRORS, tuple(errors) or (("没有差错", "", ""),), "差错类型")
    return _sheet(
        "数据验收单（质检单）", batch, (Facts((*batch.facts, *facts)), listed, Plain(conclusion, "结论", 20)), ("第一人", "第二人")
    )


def acceptance(batch: Batch, facts: Sequence[tuple[str, str]], rounds: Sequence[tuple[str, ...]], left: str) -> Sheet:
    """Return the 项目验收报告: how much was done, every inspection with its result, and what is left."""
    columns = (
        Column("次", "12mm", "center"),
        Column("抽样", "33mm", "center"),
        Column("样本", "18mm", "center"),
        Column("合格", "18mm", "center"),
        Column("结论", "24mm", "center"),
        Column("签署"),
    )
    blocks = (Facts((*batch.facts, *facts)), Listed(columns, tuple(rounds), "历次质检"), Plain(left or "没有遗留。", "遗留事项", 20))
    return _sheet("项目验收报告", batch, blocks, ("验收人", "验收人"))


def results(batch: Batch, rows: Sequence[tuple[str, ...]]) -> Sheet:
    """Return the 数字化成果移交清单: every scan with format, pages and digest."""
    return _sheet("数字化成果移交清单", batch, (Facts(batch.facts), Listed(_LISTED, tuple(rows))), ("移交人", "接收人"), is_landscape=True)


def media(batch: Batch) -> Sheet:
    """Return the 存储介质登记与销毁记录, to be filled in by hand where scans travelled on a medium."""
    columns = (
        Column("介质编号", "30mm"),
        Column("类型", "24mm"),
        Column("容量", "20mm"),
        Column("用途"),
        Column("启用", "24mm"),
        Column("销毁方式与日期", "40mm"),
        Column("经手人", "24mm"),
    )
    rows = tuple(("", "", "", "", "", "", "") for _ in range(10))
    return _sheet("存储介质登记与销毁记录", batch, (Facts(batch.facts), Listed(columns, rows)), ("保管人", "监销人"), is_landscape=True)


def erasure(batch: Batch, rows: Sequence[tuple[str, ...]]) -> Sheet:
    """Return the 扫描件销毁证明: where in the batch marked items stood and what was erased; nothing of their content."""
    columns = (
        Column("位置", "30mm", "center"),
        Column("页数", "24mm", "center"),
        Column("文件数", "24mm", "center"),
        Column("销毁时间", "44mm"),
        Column("账本事件"),
    )
    told = "扫描区内的原扫、图像和文字均以随机数据覆写后删除，未进入档案库、索引和备份；送件一方自存的文件不在此内，由保密管理员督促清除。"
    return _sheet(
        "扫描件销毁证明", batch, (Facts(batch.facts), Listed(columns, tuple(rows)), Plain(told, "说明")), ("安全保密管理员", "经手人")
    )


def _sheet(
    title: str, batch: Batch, blocks: Sequence[Facts | Listed | Plain], signatures: tuple[str, ...], *, is_landscape: bool = False
) -> Sheet:
    return Sheet(
        title=title,
        head=(batch.house.head, f"批次：{batch.code}"),
        blocks=tuple(blocks),
        range=batch.code,
        digest_name="内容摘要",
        signatures=signatures,
        is_landscape=is_landscape,
    )
