"""What a verification means to a reader: which of the four proofs was checked, held, broke, or does not exist yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.stages.seals import LedgerProof

SIGNED = ("PROOF-SIGNATURE", "PROOF-KEY", "PROOF-PATH", "PROOF-LEAF", "PROOF-UNREADABLE")
LEDGER = ("PROVE-EVENT", "PROVE-LEDGER")
NOT_RUN = ("PROVE-NOT-",)


@dataclass(frozen=True, slots=True)
class Row:
    """One of the four: ``state`` ok, err, none (does not exist yet) or skip (not reached); what it means."""

    name: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole: whether it holds, in one sentence, and the four rows with every problem in words."""

    sentence: str
    note: str
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    is_good: bool = False
    ledger: LedgerProof | None = None


def verdict(problems: Sequence[tuple[str, str]], seconds: float, ledger: LedgerProof | None = None) -> Verdict:
    """Return what *problems* (code, message) of one record mean; *ledger* is the proof of its archiving, None where it is not sealed.

    What was not checked or does not exist is never counted among what holds.
    """
    messages = tuple(message for _, message in problems)
    if any(code.startswith(NOT_RUN) for code, _ in problems):
        return Verdict("这一次没能核验", "没有做的核验不算通过", problems=messages)
    digests = [code for code, _ in problems if not code.startswith((*SIGNED, *LEDGER))]
    signed = [code for code, _ in problems if code.startswith(SIGNED)]
    told = [code for code, _ in problems if code.startswith(LEDGER)]
    rows = (
        Row("内容摘要", "err" if digests else "ok", "与归档时不符" if digests else "逐字节重算，与归档时相符"),
        _after(digests, Row("签名", "err" if signed else "ok", "不通过" if signed else "批次根的签名有效，这一件的路径能通到它")),
        Row("时间戳", "none", "未配置时间戳服务，没有可核的时间戳"),
        _after(digests, _in_ledger(bool(told), ledger)),
    )
    if problems:
        return Verdict("与归档时不一致", "请不要使用这一件，并告知安全审计员", rows, messages, ledger=ledger)
    held = "、".join(row.name for row in rows if row.state == "ok")
    return Verdict("与归档时一致", f"刚刚核验，用时{_took(seconds)}；{held}相符", rows, is_good=True, ledger=ledger)


def _in_ledger(is_broken: bool, ledger: LedgerProof | None) -> Row:  # noqa: FBT001 - one of two facts
    if is_broken:
        return Row("账本", "err", "归档事件或它的封存不符")
    if ledger is None:
        return Row("账本", "partly", "归档事件还在且内容未变；还没有封存，几秒后可再核")
    return Row("账本", "ok", f"第 {ledger.position} 条，经 {len(ledger.path)} 步通到 {ledger.size} 条时签署的检查点")


def _took(seconds: float) -> str:
    return f" {seconds:.1f} 秒" if seconds >= 0.1 else "不到 0.1 秒"


def _after(broken: Sequence[str], row: Row) -> Row:
    """The signature and the ledger are only reached when the digests hold."""
    return Row(row.name, "skip", "摘要不符，这一项没有再核") if broken and row.state != "err" else row
