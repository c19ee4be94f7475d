"""Commands run as people run them: as processes, on a data folder of their own, with a home of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import shapes

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self, shape: str = "") -> Any:  # noqa: ANN401 - any document
        """The one document on stdout; held against the documented shape where one is named."""
        document = json.loads(self.out)
        assert not shape or shapes.faults(document, shape) == [], shapes.faults(document, shape)
        return document


@dataclass(frozen=True, slots=True)
class Shell:
    """A data folder, a home and variables; ``compiled`` keeps compiled modules between the tests."""

    data: Path
    home: Path
    compiled: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes know: nothing of the caller's Lantai."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("LANTAI_", "DJANGO_", "PYTHON"))}
        own = {"LANTAI_DATA": str(self.data), "XDG_CONFIG_HOME": str(self.home), "PYTHONPATH": str(ROOT / "src")}
        return kept | own | {"PYTHONPYCACHEPREFIX": str(self.compiled), "PYTHONUTF8": "1"} | self.variables

    def with_variables(self, **more: str) -> "Shell":
        """The same with more variables."""
        return Shell(self.data, self.home, self.compiled, self.variables | more)

    def command(self, *words: str | Path) -> list[str]:
        """The command line of a command."""
        return [sys.executable, "-P", "-m", "lantai.cli.main", *map(str, words)]

    def run(self, *words: str | Path, stdin: str = "") -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*words), input=stdin, capture_output=True, text=True, encoding="utf-8", env=self.environment,
            cwd=self.home, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str | Path) -> "subprocess.Popen[str]":
        """Start a command and let it run."""
        return subprocess.Popen(
            self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", env=self.environment, cwd=self.home, start_new_session=True,
            # Tests that were started in the background pass on an ignored SIGINT; a person's terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def copy(self, folder: Path) -> "Shell":
        """The same installation once more; what was signed in stays signed in through its token."""
        shutil.copytree(self.data, folder / "data")
        (folder / "home").mkdir()
        token = self.variables.get("LANTAI_TOKEN") or next((self.home / "lantai").glob("*.token")).read_text()
        return Shell(folder / "data", folder / "home", self.compiled, self.variables | {"LANTAI_TOKEN": token})
