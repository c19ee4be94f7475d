"""The words of a verification never claim what was not checked."""

from datetime import UTC, datetime

import pytest

from lantai.stages.seals import LedgerProof
from lantai.web.proofs import verdict


def states(*codes: str) -> list[str]:
    return [row.state for row in verdict([(code, code) for code in codes], 0.4).rows]


PROOF = LedgerProof("Z109-WS·2026-Y-BGS-0001", "E", 4, "aa", ("bb", "cc", "dd"), 7, "ee", "ff", datetime(2026, 3, 2, 1, 30, tzinfo=UTC))


def test_a_sealed_event_proves_three_of_four() -> None:
    good = verdict([], 0.42, PROOF)
    assert [row.state for row in good.rows] == ["ok", "ok", "none", "ok"]
    assert "第 4 条，经 3 步" in good.rows[3].says
    assert "摘要、签名、账本相符" in good.note


def test_nothing_wrong_proves_two_of_four_before_sealing() -> None:
    good = verdict([], 0.42)
    assert good.is_good
    assert [row.state for row in good.rows] == ["ok", "ok", "none", "partly"]
    assert "0.4 秒" in good.note
    assert "四项" not in good.note


def test_no_time_is_made_up() -> None:
    assert "不到 0.1 秒" in verdict([], 0.004).note


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("OCFL-E092", ["err", "skip", "none", "skip"]),
        ("PROOF-FILE-ALTERED", ["err", "skip", "none", "skip"]),
        ("PROVE-ROW-DIFFERS", ["err", "skip", "none", "skip"]),
        ("PROOF-SIGNATURE-INVALID", ["ok", "err", "none", "partly"]),
        ("PROOF-PATH-BROKEN", ["ok", "err", "none", "partly"]),
        ("PROVE-EVENT-ALTERED", ["ok", "ok", "none", "err"]),
        ("PROVE-LEDGER-BROKEN", ["ok", "ok", "none", "err"]),
    ],
)
def test_a_problem_stands_at_its_proof(code: str, expected: list[str]) -> None:
    assert states(code) == expected
    assert not verdict([(code, "坏了")], 1).is_good
    assert verdict([(code, "坏了")], 1).problems == ("坏了",)


def test_what_could_not_be_run_is_not_a_pass() -> None:
    lost = verdict([("PROVE-NOT-POSSIBLE", "档案库打不开")], 1)
    assert not lost.is_good
    assert lost.rows == ()
    assert "没能核验" in lost.sentence
