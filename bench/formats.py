"""Reading put to the test on the public corpus: confusion tables of every kind of reading, with figures that must be reached.

``lantai bench formats --corpus ../shared/corpus`` runs every probe; ``--only NAME`` those whose name begins so; ``--list`` names them.
A probe is a function in a module ``bench/formats_*.py``, named in that module's ``PROBES`` (name -> function). It is handed the corpus
folder and returns figures by name; a :class:`bench.tables.Table` prints as one. The figure ``is_reached`` says whether the aim was.
"""

import argparse
import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Probe = Callable[[Path], dict[str, object]]


def probes() -> dict[str, Probe]:
    """Return every probe of every ``formats_*`` module by its name, in order of module."""
    found: dict[str, Probe] = {}
    for path in sorted(Path(__file__).parent.glob("formats_*.py")):
        found |= importlib.import_module(f"bench.{path.stem}").PROBES
    return found


def main(arguments: Sequence[str] | None = None) -> dict[str, object]:
    """Run the probes that are asked for and return their figures as ``probe.figure``; ``failed`` names those whose aim was missed."""
    parser = argparse.ArgumentParser(prog="lantai bench formats")
    parser.add_argument("--corpus", type=Path, default=Path(os.environ.get("LANTAI_CORPUS") or ROOT.parent / "shared" / "corpus"))
    parser.add_argument("--only", default="", help="begin of the names of the probes to run")
    parser.add_argument("--list", action="store_true", help="name the probes and stop")
    chosen = parser.parse_args(arguments)
    known = probes()
    if chosen.list:
        return {name: (probe.__doc__ or "").splitlines()[0] for name, probe in known.items()}
    result: dict[str, object] = {}
    failed = []
    for name, probe in known.items():
        if name.startswith(chosen.only):
            figures = probe(chosen.corpus)
            result |= {f"{name}.{key}": value for key, value in figures.items()}
            failed += [] if figures.get("is_reached", True) else [name]
    return result | {"failed": "、".join(failed)}
