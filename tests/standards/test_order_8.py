"""The rule table of Order 8: complete, sourced, and right on titles of every kind."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from lantai.core.retention import Retention, RetentionFacts, propose
from lantai.standards import order_8


def test_every_rule_of_the_notes_has_a_row_with_its_source() -> None:
    ids = {row.id for row in order_8.rows()}
    assert ids == {f"R{number:02d}" for number in range(1, 35)} | {"N1", "N2", "N3", "N4"}
    assert all(row.source and row.certainty and row.name for row in order_8.rows())


def test_doubtful_rows_are_off() -> None:
    assert all("?" not in row.certainty for row in order_8.rules().rows)
    assert {row.id for row in order_8.rows() if not row.is_enabled} == {"R11", "R18", "R20", "R30", "R31"}


@pytest.mark.parametrize(
    ("title", "kind", "direction", "rule", "code"),
    [
        ("中共云汀市发展和改革委员会党组会议纪要", "纪要", "本机关", "R06", "Y"),
        ("云汀市人民政府第三十七次常务会议纪要", "纪要", "上级", "R05", "Y"),
        ("关于召开全市发展改革工作会议的通知", "通知", "本机关", "R07", "Y"),
        ("全市发展改革工作会议交流材料", "", "本机关", "R08", "D30"),
        ("关于市政协第五次会议第12号提案答复的函", "函", "本机关", "R22", "Y"),
        ("关于市政协第五次会议第12号提案会办意见的函", "函", "本机关", "R22", "D30"),
        ("关于调整委内设机构的通知", "通知", "本机关", "R24", "Y"),
        ("关于某某等同志职务任免的通知", "通知", "本机关", "R25", "Y"),
        ("关于表彰先进集体和先进个人的决定", "决定", "本机关", "R26", "D30"),
        ("云汀市发展和改革委员会大事记", "", "本机关", "R16", "Y"),
        ("发展改革工作简报第12期", "", "本机关", "R16", "D10"),
        ("第一季度经济运行情况的报告", "报告", "本机关", "R21", "D10"),
        ("2025年工作总结和2026年工作计划", "", "本机关", "R21", "Y"),
        ("关于印发《云汀市政府投资项目管理办法》的通知", "通知", "本机关", "R12", "Y"),
        ("云汀市国民经济和社会发展第十五个五年规划纲要", "", "", "R12", "Y"),
        ("关于重大项目建设资金的请示", "请示", "本机关", "R13", "Y"),
        ("关于某道路工程可行性研究报告的批复", "批复", "上级", "R13", "D30"),
        ("关于商请提供有关资料的函", "函", "同级", "R14", "D30"),
        ("办公用品采购合同", "", "本机关", "R27", "D30"),
        ("土地征收协议", "", "本机关", "R27", "Y"),
        ("关于国庆节放假通知", "通知", "本机关", "N2", "D10"),
        ("某县发展和改革局简报", "", "下级", "N4", "D10"),
        ("某县2025年工作总结", "报告", "下级", "R32", "D10"),
        ("关于开展专项工作的通知", "通知", "本机关", "", "D30"),
    ],
)
def test_titles_of_every_kind(title: str, kind: str, direction: str, rule: str, code: str) -> None:
    proposal = propose(RetentionFacts(title, kind, direction), order_8.rules())
    assert (proposal.rule_id, proposal.retention_code) == (rule, code), proposal.reason


@pytest.mark.corpus
def test_real_titles_are_seldom_proposed_for_briefly(corpus: Path) -> None:
    with (corpus / "catalogue" / "公文目录_国务院及六省市.csv").open(encoding="utf-8-sig", newline="") as rows:
        titles = [row["题名"] for row in csv.DictReader(rows)]
    rules = order_8.rules()
    codes = Counter(propose(RetentionFacts(title, direction="本机关"), rules).retention_code for title in titles)
    assert all(Retention.parse(code).code == code for code in codes)
    assert codes["D10"] < len(titles) * 0.02
