"""恢复演练记录 and 应急预案: what a drill found, and what to do when the machine is lost, with this installation's people and places."""

from dataclasses import dataclass

from lantai.forms.report import House
from lantai.forms.sheet import Column, Facts, Listed, Plain, Sheet

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DrilledTo:
    """A drill: number, conclusion in words, its facts by group, what is not as it must be (record, words)."""

    code: str
    conclusion: str
    backup: Pairs
    times: Pairs
    found: Pairs
    wrong: tuple[tuple[str, str], ...] = ()


def drill_record(told: DrilledTo, *, house: House) -> Sheet:
    """Return the 恢复演练记录."""
    blocks: list[Facts | Listed | Plain] = [
        Facts(told.backup, "所用备份"),
        Facts(told.times, "时间"),
        Facts(told.found, "检测与比对"),
    ]
    if told.wrong:
        columns = (Column("序号", "13mm", "center"), Column("档案", "60mm"), Column("情况"))
        blocks.append(Listed(columns, tuple((str(at), *row) for at, row in enumerate(told.wrong, 1)), "与备份时不一致的"))
    blocks.append(Plain("", "参加人员、发现的问题和改进意见", 40))
    return Sheet(
        title="恢复演练记录",
        head=(house.head, f"演练编号：{told.code}"),
        blocks=tuple(blocks),
        range=told.code,
        signatures=("演练人", "审核人"),
        notice="" if told.conclusion == "通过" else "这次演练没有通过，请查明原因后再做一次。",
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an emergency plan is drawn from: what is to be protected, where copies lie, who acts, the steps, how it was tried."""

    protected: Pairs
    copies: Pairs
    people: tuple[tuple[str, str, str], ...]
    steps: tuple[tuple[str, str, str], ...]
    tried: Pairs
    gaps: tuple[str, ...] = ()


def emergency_plan(told: Plan, *, house: House, day: str) -> Sheet:
    """Return the 应急预案 as the configuration of *day* has it."""
    people = (Column("职责", "52mm"), Column("姓名", "40mm"), Column("账号", "34mm"), Column("联系电话（手填）"))
    steps = (Column("步骤", "13mm", "center"), Column("做什么", "44mm"), Column("怎么做"), Column("算做好", "44mm"))
    blocks: list[Facts | Listed | Plain] = [
        Facts(told.protected, "一、保护什么"),
        Facts(told.copies, "二、备份在哪里"),
        Listed(people, tuple((*row, "") for row in told.people), "三、由谁处置"),
        Listed(steps, tuple((str(at), *row) for at, row in enumerate(told.steps, 1)), "四、怎样恢复"),
        Facts(told.tried, "五、演练"),
    ]
    if told.gaps:
        blocks.append(Plain("\n".join(f"{at}．{text}" for at, text in enumerate(told.gaps, 1)), "六、现在还缺的"))
    return Sheet(
        title="电子档案系统应急预案",
        head=(house.head, f"按 {day} 的设置编制"),
        blocks=tuple(blocks),
        range=day,
        signatures=("编制人", "审核人", "批准人"),
    )
