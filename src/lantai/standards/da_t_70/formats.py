"""The format table 归档与长期保存格式表: the standards' rows, what an agency decided otherwise, and the table in force.

The rows are facts of GB/T 18894, DA/T 47, DA/T 31, GB/T 33190 and DA/T 57, each with source and certainty in ``formats.csv``; the
recommended targets and risks are our own judgement. An agency may judge a family differently; how a family is recognised, it may not.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from lantai.core.checks import Gate
from lantai.core.checks.scheme import FormatPolicy, FormatRule
from lantai.core.evidence import canonical_json

CLASSES: Mapping[str, str] = {
    "layout": "公文版式",
    "text": "文本",
    "table": "表格",
    "image": "图像",
    "graphic": "图形",
    "audio": "音频",
    "video": "视频",
    "mail_web": "邮件与网页",
    "database": "数据库",
    "container": "容器",
    "refused": "禁收",
}


class Archiving(StrEnum):
    """Whether a family is accepted for archiving: yes, yes with a note, no, or never let into a package."""

    YES = "yes"
    NOTE = "note"
    NO = "no"
    REFUSED = "refused"


class Risk(StrEnum):
    """How likely it is that the format can not be read one day."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is decided of a family: archiving, long-term preservation, what to convert to, the risk and its reason, a note."""

    archiving: Archiving
    preservation: bool
    target: str
    risk: Risk
    risk_reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Format:
    """One family of formats: how it is recognised, and what is decided of it. ``certainty``: S sourced, K remembered, ? to be verified."""

    family: str
    name: str
    format_class: str
    extensions: frozenset[str]
    puids: frozenset[str]
    mimes: frozenset[str]
    has_signature: bool
    judgement: Judgement
    certainty: str
    source: str


Decisions = tuple[tuple[str, Judgement], ...]


@cache
def standard() -> Mapping[str, Format]:
    """Return the rows of the standards by family, in the order of the table."""
    text = files(__package__).joinpath("formats.csv").read_text(encoding="utf-8")
    return {row["family"]: _format(row) for row in csv.DictReader(text.splitlines())}


def in_force(decisions: Decisions = ()) -> Mapping[str, Format]:
    """Return the table with the agency's decisions in place of the standards' judgements. A decision on an unknown family is left out."""
    changed = dict(decisions)
    return {key: replace(row, judgement=changed.get(key, row.judgement)) for key, row in standard().items()}


def digest(decisions: Decisions) -> str:
    """Return eight hexadecimal digits that name the agency's decisions in a report; empty where there are none."""
    if not decisions:
        return ""
    return hashlib.sha256(canonical_json([[key, asdict(row)] for key, row in sorted(decisions)])).hexdigest()[:8]


@lru_cache(maxsize=32)
def policy(gate: Gate, decisions: Decisions, mute_mimes: frozenset[str]) -> FormatPolicy:
    """Return the table in force as *gate* reads it: the preservation gate accepts what is for preservation, the others what is for
    archiving. Media types in *mute_mimes* say nothing of a format."""
    rows = in_force(decisions)
    rules = {key: _rule(row, is_preservation=gate is Gate.PRESERVATION) for key, row in rows.items()}
    silent = [rule for key, rule in rules.items() if not rows[key].has_signature]
    return FormatPolicy(
        mute_mimes=mute_mimes | {""},
        by_puid={puid: rule for rule in rules.values() for puid in rule.puids},
        by_mime={mime: rule for rule in rules.values() for mime in rule.mimes},
        by_extension=_by_extension(reversed(rules.values())),
        without_signature=_by_extension(silent),
    )


def _by_extension(rules: Iterable[FormatRule]) -> dict[str, FormatRule]:
    return {extension: rule for rule in rules for extension in rule.extensions}


def _rule(row: Format, *, is_preservation: bool) -> FormatRule:
    judged = row.judgement
    is_refused = judged.archiving is Archiving.REFUSED
    return FormatRule(
        name=row.name,
        extensions=row.extensions,
        puids=row.puids,
        mimes=row.mimes,
        is_accepted=judged.preservation if is_preservation else judged.archiving in (Archiving.YES, Archiving.NOTE),
        is_refused=is_refused,
        family=row.family,
        is_lasting=judged.preservation,
        target=judged.target,
    )


def _format(row: dict[str, str]) -> Format:
    judgement = Judgement(
        Archiving(row["archiving"]), row["preservation"] == "yes", row["target"], Risk(row["risk"]), row["risk_reason"], row["note"]
    )
    return Format(
        family=row["family"],
        name=row["name"],
        format_class=row["format_class"],
        extensions=_split(row["extensions"]),
        puids=_split(row["puids"]),
        mimes=_split(row["mimes"]),
        has_signature=row["has_signature"] == "yes",
        judgement=judgement,
        certainty=row["certainty"],
        source=row["source"],
    )


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) - {""}
