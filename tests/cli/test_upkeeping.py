"""resume and tidy from the command line."""

import os
import time

from lantai.cli.upkeeping import KINDS
from lantai.stages.upkeep import PARTS
from tests.cli.conftest import Archived
from tests.cli.shell import Shell


def test_every_part_of_upkeep_has_its_words() -> None:
    assert set(KINDS) == set(PARTS)


def test_what_does_not_rest_is_not_resumed(archived: Archived) -> None:
    done = archived.shell.run("resume", archived.batch, "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "RESUME-NOTHING")
    done = archived.shell.run("resume", "PC-19990101-01", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "BATCH-UNKNOWN")


def test_tidy_removes_an_old_upload_and_says_so(shell: Shell) -> None:
    folder = shell.data / "uploads" / "NOBODY"
    folder.mkdir(parents=True)
    (folder / "通知.txt").write_text("x", "utf-8")
    for place in (folder / "通知.txt", folder):
        os.utime(place, (time.time() - 7200,) * 2)
    done = shell.run("tidy", "--json")
    assert (done.code, done.json("tidy")["uploads"]) == (0, 1), done.err
    assert not folder.exists()
    assert shell.run("tidy").out.strip() == "没有需要清理的。"
