"""The words of a verification never claim what was not checked."""

import pytest

from lantai.web.proofs import verdict


def states(*codes: str) -> list[str]:
    return [row.state for row in verdict([(code, code) for code in codes], 0.4).rows]


def test_nothing_wrong_proves_two_of_four() -> None:
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
