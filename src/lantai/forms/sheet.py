"""What a form is made of, whatever it is about."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from lantai.core import beijing
from lantai.core.digests import sm3
from lantai.core.evidence import canonical_json

LONGEST_CELL = 600


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its head, its width (typst: ``12mm``, ``1fr``), how it is set (left, center, right)."""

    head: str
    width: str = "1fr"
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with a head on every page; rows never split. A cell longer than 600 characters is cut with an ellipsis."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, ``across`` pairs a row; a pair whose label ends with ``|`` takes the whole row."""

    pairs: tuple[tuple[str, str], ...]
    caption: str = ""
    across: int = 2


@dataclass(frozen=True, slots=True)
class Plain:
    """A frame for words, at least ``height`` millimetres high."""

    text: str
    caption: str = ""
    height: int = 0


@dataclass(frozen=True, slots=True)
class Printing:
    """Who prints, and when (aware); ``sealed`` and ``fingerprint`` are those of the ledger's latest checkpoint then, where there is one."""

    by: str
    at: datetime
    sealed: int = 0
    fingerprint: str = ""

    @property
    def text(self) -> str:
        """The words of the foot: 沈静宜　2025-04-16 15:24 打印."""
        return f"{self.by}　{beijing.minute(self.at)} 打印".strip("　")

    @property
    def witness(self) -> str:
        """The line that makes the paper a witness: 账本封存至第 265 条，检查点指纹 8fb9 ee79 …; empty without a checkpoint."""
        return f"账本封存至第 {self.sealed} 条，检查点指纹 {self.fingerprint}" if self.fingerprint else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole form. ``head`` stands left and right under the title; ``range`` (档号 or batch) left in the foot, before the digest;
    ``template`` what sets it (form, cover), ``size`` the width and height in mm where it has a size of its own."""

    title: str
    blocks: tuple[Listed | Facts | Plain, ...]
    head: tuple[str, str] = ("", "")
    range: str = ""
    digest_name: str = "内容摘要"
    signatures: tuple[str, ...] = ()
    is_landscape: bool = False
    notice: str = ""
    template: str = "form"
    size: tuple[int, int] = (210, 297)

    def digest(self) -> str:
        """Return the SM3 of what the form says, in lower-case hex: title, head and blocks, without who printed it."""
        said = (self.title, self.head, self.range, self.notice, [_told(block) for block in self.blocks])
        return sm3(canonical_json(said)).hexdigest()

    def as_json(self, printing: Printing) -> dict[str, object]:
        """Return what the template reads."""
        digest = self.digest()
        instant = printing.at.astimezone(beijing.ZONE)
        return {
            "title": self.title,
            "head": list(self.head),
            "notice": self.notice,
            "blocks": [_told(block) for block in self.blocks],
            "signatures": list(self.signatures),
            "landscape": self.is_landscape,
            "range": self.range,
            "digest": f"{self.digest_name} SM3 {digest[:4]} {digest[4:8]} ⋯ {digest[-4:]}",
            "printed": printing.text,
            "size": list(self.size),
            "witness": printing.witness,
            "instant": [instant.year, instant.month, instant.day, instant.hour, instant.minute, instant.second],
        }


def _told(block: Listed | Facts | Plain) -> Mapping[str, object]:
    kind = type(block).__name__.lower()
    body = asdict(block)
    if isinstance(block, Listed):
        body["rows"] = [[_cut(cell) for cell in row] for row in block.rows]
    return {"kind": kind, **body}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "……（未印完）"
