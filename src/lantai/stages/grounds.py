"""What a report of this system stands on: the edition of the scheme, the tools with their versions, what was measured, the files."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

import lantai
from lantai.core.checks import BatchFacts, EngineFacts, Grounds, Piece, RecordFacts, Scheme, Tool, measured, pieces
from lantai.standards.da_t_70 import telling

SYSTEM = f"Lantai {lantai.__version__}"
_ENGINE_ABSENT = "没有应答的杀毒引擎"


def of(scheme: Scheme, told: RecordFacts | BatchFacts, material: Sequence[Piece] | None = None) -> Grounds:
    """Return the grounds of a run of *scheme* over what was *told*; *material* where more was judged than the files of the facts."""
    files = pieces(told) if material is None else tuple(material)
    return Grounds(telling.edition_of(scheme), tools(told.engine), measured(told), files)


def tools(engine: EngineFacts) -> dict[str, Tool]:
    """Return the tools of this process by kind: the rules, identification, reading, and the virus engine as it answered."""
    edition = " ".join(part for part in (engine.signatures, engine.signatures_date) if part)
    return _own() | {"virus": Tool(engine.name or _ENGINE_ABSENT, edition)}


@cache
def _own() -> dict[str, Tool]:
    return {
        "lantai": Tool("lantai", lantai.__version__),
        "identify": Tool("pygfried", version("pygfried")),
        "reader": Tool("lantai + pypdfium2", f"{lantai.__version__} + {version('pypdfium2')}"),
    }
