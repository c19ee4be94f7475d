"""One thing that waits on the desk."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: place it belongs to, what it is, whose, since when, and the address parts that open it; ``due`` says the
    deadline in words, where there is one."""

    place: str
    text: str
    whose: str
    since: datetime | None
    target: tuple[str, str] = ("", "")
    is_late: bool = False
    due: str = ""
