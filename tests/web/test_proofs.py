"""The words of a verification never claim what was not checked."""

from datetime import UTC, datetime

import pytest

from lantai.stages.links import Chain, Evidence, links, tell
from lantai.stages.seals import LedgerProof, WitnessSeen
from lantai.stages.stamps import StampProof
from lantai.web.proofs import Verdict, verdict

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
PROOF = LedgerProof("Z109-WS·2026-Y-BGS-0001", "E", 4, "aa", ("bb", "cc", "dd"), 7, "ee", "ff", AT)
STAMP = StampProof("Z109-WS·2026-Y-BGS-0001", "aa", "good", "云汀时间戳", "sha256", AT, "云汀时间戳", AT)
WHOLE = Evidence(STAMP, PROOF, (WitnessSeen("/见证", 7),))


def judged(*codes: str, found: Evidence = WHOLE, seconds: float = 0.4) -> Verdict:
    problems = [(code, code) for code in codes]
    made, stops = links(problems, found)
    return verdict(problems, seconds, Chain("R", made, stops, AT if stops else None, tell(stops, ("梁守正",))))


def states(*codes: str, found: Evidence = WHOLE) -> list[str]:
    return [row.state for row in judged(*codes, found=found).rows]


def test_everything_there_proves_four_of_four() -> None:
    good = judged(seconds=0.42)
    assert [row.state for row in good.rows] == ["ok", "ok", "ok", "ok"]
    assert "0.4 秒，四项证据全部吻合" in good.note
    assert "第 4 条，经 3 步" in good.rows[3].says
    assert "2026-03-02 09:30:00" in good.rows[2].says


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Evidence(), ["ok", "ok", "none", "partly"]),
        (Evidence(ledger=PROOF), ["ok", "ok", "none", "ok"]),
        (Evidence(StampProof("R", "aa", "unjudged", "云汀时间戳", "sha256", AT), PROOF), ["ok", "ok", "partly", "ok"]),
    ],
)
def test_what_does_not_exist_is_not_counted(found: Evidence, expected: list[str]) -> None:
    good = judged(found=found)
    assert good.is_good
    assert [row.state for row in good.rows] == expected
    assert "四项" not in good.note


def test_no_time_is_made_up() -> None:
    assert "不到 0.1 秒" in judged(seconds=0.004).note


@pytest.mark.parametrize(
    ("code", "expected", "stops"),
    [
        ("OCFL-E092", ["err", "skip", "skip", "skip"], "bytes"),
        ("PROOF-FILE-ALTERED", ["err", "skip", "skip", "skip"], "bytes"),
        ("PROVE-ROW-DIFFERS", ["err", "ok", "ok", "ok"], "row"),
        ("PROOF-PATH-BROKEN", ["err", "skip", "skip", "skip"], "proof"),
        ("PROOF-SIGNATURE-INVALID", ["ok", "err", "skip", "skip"], "root"),
        ("PROOF-STAMP-INVALID", ["ok", "ok", "err", "skip"], "stamp"),
        ("PROVE-EVENT-ALTERED", ["ok", "ok", "ok", "err"], "ledger"),
        ("PROVE-LEDGER-BROKEN", ["ok", "ok", "ok", "err"], "ledger"),
        ("PROVE-CHECKPOINT-BROKEN", ["ok", "ok", "ok", "err"], "checkpoint"),
        ("PROVE-WITNESS-DIFFERS", ["ok", "ok", "ok", "err"], "witness"),
    ],
)
def test_a_problem_stands_at_its_link(code: str, expected: list[str], stops: str) -> None:
    assert states(code) == expected
    bad = judged(code)
    assert not bad.is_good
    assert bad.problems == (), "the row tells of it"
    assert code in [link.says for row in bad.rows for link in row.links]
    assert links([(code, code)], WHOLE)[1] == stops
    assert bad.since == "上次核验一致是 2026-03-02 09:30，此后出的问题"
    assert "告知" in bad.tell
    assert "梁守正" in bad.tell


def test_a_checkpoint_that_does_not_hold_is_not_waited_for() -> None:
    (row,) = [row for row in judged("PROVE-CHECKPOINT-BROKEN", found=Evidence()).rows if row.key == "ledger"]
    assert [link.state for link in row.links] == ["partly", "err", "none"]
    assert "几秒后" not in "".join(link.says for link in row.links)


def test_behind_a_break_what_does_not_exist_is_still_said_so() -> None:
    assert states("OCFL-E092", found=Evidence(ledger=PROOF)) == ["err", "skip", "none", "skip"]


def test_what_could_not_be_run_is_not_a_pass() -> None:
    lost = verdict([("PROVE-NOT-POSSIBLE", "档案库打不开")], 1, None)
    assert not lost.is_good
    assert lost.rows == ()
    assert "没能核验" in lost.sentence


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (("OCFL-E092",), "与归档时不一致：内容摘要不符"),
        (("PROOF-LEAF-DIFFERS",), "与归档时不一致：内容摘要不符"),
        (("PROVE-ROW-DIFFERS",), "与归档时不一致：著录被改动"),
        (("PROVE-INVENTORY-DIFFERS",), "与归档时不一致：账本存在证明不成立"),
        (("PROOF-SIGNATURE-INVALID", "PROVE-INVENTORY-DIFFERS"), "与归档时不一致：签名无效"),
        (("PROOF-SIGNATURE-INVALID",), "凭证不成立：签名无效"),
        (("PROOF-STAMP-INVALID",), "凭证不成立：时间戳无效"),
        (("PROVE-CHECKPOINT-BROKEN",), "凭证不成立：账本存在证明不成立"),
        (("PROVE-WITNESS-DIFFERS",), "凭证不成立：账本存在证明不成立"),
    ],
)
def test_a_proof_that_fails_is_not_said_to_be_a_change_of_the_record(codes: tuple[str, ...], says: str) -> None:
    assert judged(*codes).sentence == says


@pytest.mark.parametrize("code", ["PROOF-PATH-BROKEN", "PROOF-SIGNATURE-INVALID", "PROVE-INVENTORY-DIFFERS", "PROVE-CHECKPOINT-BROKEN"])
def test_bytes_agree_with_archiving_only_where_the_ledger_says_so(code: str) -> None:
    (said,) = [link.says for row in judged(code).rows for link in row.links if link.key == "bytes"]
    assert "与归档时相符" not in said
    assert "与归档时相符" in judged().rows[0].says


def test_since_when_something_may_be_wrong() -> None:
    assert Chain("R", (), "bytes").since == "此前没有核验一致的记录"
    assert Chain("R", (), "bytes", archived=AT).since == "此前没有核验一致的记录；2026-03-02 09:30 归档入库时逐字节读回相符"
