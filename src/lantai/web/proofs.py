"""What a verification means to a reader: which of the four proofs was checked, held, broke, or does not exist yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from lantai.stages.links import Chain, Link
from lantai.stages.seals import LedgerProof
from lantai.stages.stamps import StampProof

NOT_RUN = ("PROVE-NOT-",)
#: The four proofs and the links of the way that each stands for.
FOUR: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("digest", "内容摘要", ("bytes", "proof", "row")),
    ("signature", "签名", ("root",)),
    ("stamp", "时间戳", ("stamp",)),
    ("ledger", "账本存在证明", ("ledger", "checkpoint", "witness")),
)
NAMES = {key: name for key, name, _ in FOUR}
GOOD = {"digest": "内容摘要相符", "signature": "签名有效", "stamp": "时间戳有效", "ledger": "账本存在证明成立"}
#: What is not as it was archived, where one of these breaks; where another does, it cannot be proved any more.
_ALTERED = {"bytes", "proof", "row"}
_REPLACED = "PROVE-INVENTORY-DIFFERS"
BROKEN = {"digest": "内容摘要不符", "signature": "签名无效", "stamp": "时间戳无效", "ledger": "账本存在证明不成立"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The raw values behind two of the four, None where there are none."""

    ledger: LedgerProof | None = None
    stamp: StampProof | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One of the four: ``state`` ok, err, none (does not exist), partly (not yet) or skip (not reached); what it means.

    ``links`` are the steps that it stands for, in order.
    """

    key: str
    name: str
    state: str
    says: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole: whether it holds, in one sentence, the four rows, and the problems that no row tells of.

    Where it does not hold, ``since`` says since when that may be, ``tell`` who is to be told.
    """

    sentence: str
    note: str
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()
    is_good: bool = False
    shown: Shown = Shown()
    since: str = ""
    tell: str = ""


def verdict(
    problems: Sequence[tuple[str, str]], seconds: float, chain: Chain | None, shown: Shown = Shown(), *, unable: str = ""
) -> Verdict:
    """Return what *problems* (code, message) of one record and its way of proof mean; *shown* are the raw proofs.

    *unable* says who is to be told where nothing could be verified.

    What was not checked or does not exist is never counted among what holds.
    """
    messages = tuple(message for _, message in problems)
    if chain is None or any(code.startswith(NOT_RUN) for code, _ in problems):
        return Verdict("这一次没能核验", "没有做的核验不算通过，也不等于不符", problems=messages, tell=unable)
    known = {item.key: item for item in chain.links}
    rows = tuple(_row(key, name, tuple(known[link] for link in keys)) for key, name, keys in FOUR)
    if chain.stops:
        broken = next(row for row in rows if row.state == "err")
        said = f"断在{known[chain.stops].name}"
        sentence = f"{'与归档时不一致' if _is_altered(chain, problems) else '凭证不成立'}：{broken.name}"
        told = {item.says for row in rows for item in row.links}
        others = tuple(message for message in messages if message not in told)
        return Verdict(sentence, said, rows, others, shown=shown, since=chain.since, tell=chain.tell)
    held = [NAMES[row.key] for row in rows if row.state == "ok"]
    count = "四项证据全部吻合" if len(held) == len(FOUR) else f"{'、'.join(held)}相符"
    return Verdict("与归档时一致", f"刚刚核验，用时{_took(seconds)}，{count}", rows, is_good=True, shown=shown)


def _is_altered(chain: Chain, problems: Sequence[tuple[str, str]]) -> bool:
    """Tell whether the record is not what was archived, rather than that this cannot be proved any more."""
    broken = {item.key for item in chain.links if item.state == "err"}
    return bool(broken & _ALTERED) or any(code == _REPLACED for code, _ in problems)


def _row(key: str, name: str, links: tuple[Link, ...]) -> Row:
    """Join the links of one proof: broken where one is, good where the first is and none is still to come."""
    states = [item.state for item in links]
    if "err" in states:
        bad = next(item for item in links if item.state == "err")
        return Row(key, "著录被改动" if bad.key == "row" else BROKEN[key], "err", bad.says, links)
    first = links[0]
    is_waiting = first.state == "partly"
    state = "skip" if "skip" in states else "partly" if is_waiting else first.state
    return Row(key, GOOD[key] if state == "ok" else name, state, first.says, links)


def _took(seconds: float) -> str:
    return f" {seconds:.1f} 秒" if seconds >= 0.1 else "不到 0.1 秒"
