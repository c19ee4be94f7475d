"""One row of the table of faults, and what an independent reader says of an object afterwards."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Row:
    """One fault: how often it struck, how often in the midst of writing, and what was wrong afterwards.

    Of one that strikes by chance (``is_by_chance``) nothing is shown where it was never in the midst.
    """

    fault: str
    times: int = 0
    midway: int = 0
    done: int = 0
    lost: int = 0
    half: int = 0
    unclean: int = 0
    notes: list[str] = field(default_factory=list)
    is_by_chance: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the row as it is printed."""
        is_bad = bool(self.lost or self.half or self.unclean)
        has_struck = self.midway > 0 or not self.is_by_chance
        return {
            "故障": self.fault,
            "次数": self.times,
            "写到一半": self.midway,
            "其间办成": self.done,
            "丢失": self.lost,
            "半件": self.half,
            "不干净": self.unclean,
            "结果": "不通过" if is_bad else "未做" if not self.times else "通过" if has_struck else "没有击中",
        }


def ocfl_errors(folder: Path) -> list[str]:
    """Return the codes of the errors that ``ocfl-py`` finds in the OCFL object in *folder*."""
    from ocfl.validator import Validator

    validator = Validator()
    validator.validate_object(str(folder))
    return sorted(code for code in validator.log.codes if code.startswith("E"))
