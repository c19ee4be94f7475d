"""inspect and check of real files of every kind: documented fields, coded findings in Chinese, exit codes, nothing left behind."""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantai.adapters.readers import GuardedReader
from lantai.core.codes import CODES
from lantai.core.errors import Refusal
from lantai.packages.container import ContainerLimits
from lantai.ports.reader import Limits
from lantai.ports.scanner import NoScanner
from lantai.stages.examine import check_path
from lantai.stages.inspect import inspect
from tests.cli.shell import Shell
from tests.support import shapes

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
FOLDERS = ("archives-hostile", "xml-hostile", "pdf-unusual", "images-unusual", "office", "ofd", "format-id", "eicar", "official-documents")
_CHECKED = ("archives-hostile", "xml-hostile", "pdf-unusual", "ofd", "official-documents")
CHECKED = [(folder, stage) for folder in _CHECKED for stage in ("arrival", "archiving")] + [("ofd", "transfer"), ("ofd", "preservation")]
UNPACKED = ContainerLimits(bytes=256 * 1024**2, entries=5000, ratio=200, seconds=20)
_HAN = re.compile("[\u4e00-\u9fff]")
#: A file, how ``inspect`` of it ends, and a code that it gives (empty where none is asked for).
SAMPLES = (
    ("official-documents/zitzhen__Chinese-law/中华人民共和国国徽法.docx", 0, ""),
    ("official-documents/zitzhen__Chinese-law/中华人民共和国国徽法.pdf", 0, ""),
    ("official-documents/Lawliet-lgtm__copilot-help/master_template.wps", 4, "SECRET-STRONG"),
    ("archives-hostile/snyk__zip-slip-vulnerability/zip-slip.zip", 4, "CONTAINER-PATH-ESCAPES"),
    ("archives-hostile/openpreserve__fido/bad.zip", 0, "FORMAT-UNKNOWN"),
    ("pdf-unusual/mozilla__pdf.js/pr6531_1.pdf", 4, "PDF-ENCRYPTED"),
    ("office/apache__tika/protect.xlsx", 4, "OFFICE-ENCRYPTED"),
    ("eicar/eicar.com.b64", 0, ""),
)


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader(Limits(seconds=20.0)) as one:
        yield one


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with a data folder that nobody has set up."""
    folder = tmp_path_factory.mktemp("looking")
    (folder / "home").mkdir()
    return Shell(folder / "data", folder / "home", folder / "compiled")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_can_be_looked_at(
    corpus: Path, reader: GuardedReader, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for path in _files(corpus / folder):
        began = time.monotonic()
        seen = inspect(reader, path, UNPACKED)
        assert time.monotonic() - began < 45, path
        document = json.loads(json.dumps(seen.as_json()))
        assert shapes.faults(document, "inspect") == [], path
        assert all(item.code in CODES and _HAN.search(item.message) for item in seen.findings), path
        kind = document["format"]
        assert kind["puid"] or kind["name"] or seen.findings, path
    assert not any(path.is_file() or any(path.iterdir()) for path in tmp_path.iterdir())


@pytest.mark.parametrize(("folder", "stage"), CHECKED)
def test_every_folder_can_be_checked(corpus: Path, reader: GuardedReader, folder: str, stage: str) -> None:
    report = json.loads(json.dumps(check_path(reader, NoScanner(), corpus / folder, stage=stage, limits=UNPACKED)))
    assert shapes.faults(report, "check") == []
    assert (report["stage"], len(report["items"])) == (stage, 40)
    assert {item["outcome"] for item in report["items"]} <= {"pass", "fail", "warn", "manual", "not_applicable", "error"}
    assert report["conclusion"] in ("fail", "error")
    told = [remark for item in report["items"] for remark in item["findings"]] + report["rejected"]
    assert all(remark["code"] in CODES and _HAN.search(remark["message"]) for remark in told)
    if folder == "official-documents":
        assert "SECRET-STRONG" in {remark["code"] for remark in told}


@pytest.mark.parametrize(("name", "code", "finding"), SAMPLES)
def test_inspect_ends_as_documented(corpus: Path, bare: Shell, name: str, code: int, finding: str) -> None:
    done = bare.run("inspect", corpus / name, "--json")
    assert done.code == code, done.err
    found = [item["code"] for item in done.json("inspect")["findings"]]
    assert not finding or finding in found
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["official-documents/zitzhen__Chinese-law/中华人民共和国国徽法.docx", "xml-hostile", "ofd"])
@pytest.mark.parametrize("stage", ["archiving", "arrival"])
def test_check_ends_as_documented(corpus: Path, bare: Shell, name: str, stage: str) -> None:
    done = bare.run("check", corpus / name, "--stage", stage, "--json")
    document = done.json("check")
    errors = [item["outcome"] for item in document["items"] if item["outcome"] in ("fail", "error")]
    assert (done.code, document["stage"]) == (4 if errors else 0, stage)


def test_what_is_no_file_is_refused(corpus: Path, bare: Shell, reader: GuardedReader) -> None:
    for path in (corpus, corpus / "没有.pdf", Path("长" * 300), Path("/dev/zero")):
        with pytest.raises(Refusal, match="FILE-UNKNOWN"):
            inspect(reader, path, UNPACKED)
    for words in (("inspect", corpus), ("inspect", "长" * 300), ("check", corpus / "没有"), ("check", "长" * 300)):
        done = bare.run(*words, "--json")
        assert (done.code, done.json()["error"]["code"] in CODES) == (3, True), done.err
        assert "Traceback" not in done.err
