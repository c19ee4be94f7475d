"""The tables of docs/design/checks.md, made from the data so that page and program cannot disagree."""

from lantai.core.checks import Gate, Weight
from lantai.core.checks.registry import BATCH_CHECKS, RECORD_CHECKS
from lantai.standards import da_t_46, da_t_70

BEGIN = "<!-- generated: {name} -->"
END = "<!-- end: {name} -->"
_WEIGHTS = {Weight.BLOCK: "阻断", Weight.MAJOR: "一般", Weight.MINOR: "提示"}


def items_table() -> str:
    """Return the 40 items as a Markdown table: codes at the gates, name, method, weight, where decided, state, certainty."""
    lines = [
        "| 编号 | 移交 | 保存 | 检测项目 | 方式 | 级别 | 判于 | 启用 | 可说明接受 | 来源 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    specs = {gate: {spec.number: spec for spec in da_t_70.scheme(gate).items} for gate in Gate}
    for item in da_t_70.items():
        codes = [specs[gate][item.number].code for gate in (Gate.TRANSFER, Gate.PRESERVATION)]
        state = "是" if item.is_enabled else "待核"
        weight, accepted = _WEIGHTS[item.severity], "是" if item.is_overrulable else "否"
        cells = (item.code, *codes, item.name, item.method, weight, _decided(item.number), state, accepted, item.certainty)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def required_table() -> str:
    """Return the must-have elements (2-3, 2-4) and from which step of the line they are asked for."""
    lines = ["| 元素 | 名称 | 代码 | 从何时起必填 |", "|---|---|---|---|"]
    wanted = set(da_t_70.scheme(Gate.ARCHIVING).parameters.required)
    lines += [f"| {row.number} | {row.name} | `{row.code}` | {row.required_from} |" for row in da_t_46.elements() if row.code in wanted]
    return "\n".join(lines)


def reasons_table() -> str:
    """Return the reason codes with their Chinese words."""
    return "\n".join(["| reason | 说明 |", "|---|---|", *(f"| `{code}` | {text} |" for code, text in da_t_70.reasons().items())])


def filled(page: str) -> str:
    """Return *page* with every generated part made anew."""
    for name, table in (("items", items_table()), ("required", required_table()), ("reasons", reasons_table())):
        begin, end = BEGIN.format(name=name), END.format(name=name)
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}\n{table}\n{end}{tail}"
    return page


def _decided(number: str) -> str:
    places = [word for word, table in (("件", RECORD_CHECKS), ("批", BATCH_CHECKS)) if number in table]
    return "、".join(places)
