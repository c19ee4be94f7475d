"""What is known of a signature inside a file, level by level, in words. What nobody checked is never shown as passed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantai.web import words

LEVELS = {
    "digests_valid": ("内容摘要", "与签名时相符", "与签名时不符"),
    "signature_valid": ("签名值", "由签名人的密钥签出", "不是由这份证书的密钥签出"),
    "seal_valid": ("印章", "印章真实，签名时在有效期内", "印章不成立"),
    "chain_valid": ("证书链", "通到受信任的根证书", "通不到受信任的根证书"),
    "time_valid": ("时间", "签名时证书在有效期内", "签名时间不成立"),
    "revocation": ("证书吊销", "所附材料证明签名时没有被吊销", "签名时已被吊销"),
}
SUBJECTS = {"time_stamp": "时间戳", "authorities": "签发机构", "coverage": "签名范围", "certificates": "证书"}
NO_REASON = "没有记下原因"
MOST_ALTERED = 8


@dataclass(frozen=True, slots=True)
class Level:
    """One level: ``state`` ok, err or none (not checked), and what it means."""

    name: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as its row shows it; ``tone`` of the total is ok only where nothing at all was left unchecked."""

    file: str
    name: str
    total: str
    tone: str
    levels: tuple[Level, ...]
    facts: tuple[tuple[str, str], ...]
    altered: tuple[str, ...]
    more_altered: int
    remarks: tuple[str, ...]
    unseen: tuple[str, ...]


def signature(file: str, row: Mapping[str, Any]) -> Signature:
    """Return the row of one signature of *file*, from what reading kept of it; a level that is not there counts as not checked."""
    unseen = [str(line) for line in _list(row.get("not_checked"))]
    levels = tuple(_level(key, row.get(key), unseen) for key in LEVELS)
    altered = [*_pages(row), *(str(item) for item in _list(row.get("altered")))]
    others = [_subject(line) for line in unseen if line.partition("：")[0] not in LEVELS]
    total, tone = _total(levels, altered, others)
    return Signature(
        file,
        str(row.get("seal_name") or row.get("signer") or row.get("name") or "签名"),
        total,
        tone,
        levels,
        _facts(row),
        tuple(altered[:MOST_ALTERED]),
        len(altered[MOST_ALTERED:]),
        tuple(str(item) for item in _list(row.get("remarks"))),
        tuple(others),
    )


def _level(key: str, value: object, unseen: Sequence[str]) -> Level:
    name, good, bad = LEVELS[key]
    if value is True:
        return Level(name, "ok", good)
    if value is False:
        return Level(name, "err", bad)
    reason = next((line.partition("：")[2] for line in unseen if line.partition("：")[0] == key), "")
    return Level(name, "none", f"未核：{reason or NO_REASON}")


def _subject(line: str) -> str:
    """Return what was not looked at and why, its subject in Chinese where it has no level of its own."""
    subject, colon, reason = line.partition("：")
    return f"{SUBJECTS.get(subject, subject)}{colon}{reason}"


def _total(levels: Sequence[Level], altered: Sequence[str], others: Sequence[str]) -> tuple[str, str]:
    """Return the sentence on all levels and its tone: what fails first, then what was not looked at, and only then that all holds."""
    failed = [level.name for level in levels if level.state == "err"]
    unseen = [level.name for level in levels if level.state != "ok"]
    if failed:
        return f"{'、'.join(failed)}不通过", "err"
    if altered:
        return "有改动，或有内容不在签名之内", "warn"
    if len(unseen) == len(levels):
        return "没有核验", ""
    if unseen:
        return f"{len(levels) - len(unseen)} 项通过，{len(unseen)} 项未核", ""
    return ("六项通过，另有未核", "") if others else ("六项全部通过", "ok")


def _pages(row: Mapping[str, Any]) -> list[str]:
    pages = "、".join(str(number) for number in _list(row.get("altered_pages")))
    return [f"第 {pages} 页"] if pages else []


def _facts(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = (
        ("签名人", row.get("signer")),
        ("印章", row.get("seal_name")),
        ("签名时间", _time(row.get("signed_at"), "签名人自述")),
        ("时间戳", _time(row.get("stamped_at"), "")),
        ("算法", row.get("algorithm")),
        ("种类", row.get("kind")),
    )
    return tuple((name, str(value)) for name, value in rows if value)


def _time(value: object, whose: str) -> str:
    """Return an instant in local time; what is no instant, or says no zone, stays as it was kept."""
    kept = str(value or "")
    try:
        instant = datetime.fromisoformat(kept)
    except ValueError:
        said = kept
    else:
        said = (words.local(instant) if instant.tzinfo else instant).strftime("%Y-%m-%d %H:%M:%S")
    return f"{said}{f'（{whose}）' if whose else ''}" if said else ""


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
