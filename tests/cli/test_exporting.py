"""export: packages out, and in again at another installation, with nothing lost."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lantai.core.record import Agent, BusinessEvent, Relation, Role
from lantai.packages import eep_validate, filing, transfer
from lantai.packages.filing import FilingDocument, FilingFile, FilingPackage
from tests.cli.conftest import Archived, Made
from tests.cli.shell import Shell

FORMS = ("eep", "filing", "transfer")


@dataclass(frozen=True, slots=True)
class Sent:
    """An installation that has exported one record in each form: the folder, and what ``show`` told of each by title."""

    folder: Path
    shown: dict[str, dict[str, Any]]


def delivery(folder: Path, pdfs: Path) -> Path:
    """Filing packages of three records with everything a record may have."""
    for number, source in enumerate(sorted(pdfs.iterdir()), 1):
        title = f"关于报送第{number}季度数据的函"
        elements = {
            "electronic_record_code": f"YT-OA-2026-{number:06d}",
            "title": title,
            "document_number": f"云发改函〔2026〕{number}号",
            "author": "云汀市发展和改革委员会",
            "date": "20260311",
            "security_classification": "公开",
            "retention_period": "30年",
            "descriptor": ["数据", "归集"],
            "copy_number": "000001",
            "department_note": "随文附表",
        }
        documents = (
            FilingDocument(1, Role.MAIN, title, (FilingFile("正本/正文.pdf", "正文.pdf"),)),
            FilingDocument(2, Role.ATTACHMENT, "附件1 情况表", (FilingFile("正本/附件1.txt", "附件1.txt"),)),
            FilingDocument(3, Role.PROCESSING_SLIP, "", (FilingFile("处理单/收文处理单.txt", "收文处理单.txt"),)),
        )
        agents = (Agent("a1", "单位", "云汀市发展和改革委员会"), Agent("a2", "个人", "沈知远", "", "主任"))
        events = (BusinessEvent("e1", "a2", "签发", "2026-03-11T10:00:00+08:00", description="同意"),)
        relations = (Relation("YT-OA-2026-000100", "文件↔文件", "来文—复文"),)
        package = FilingPackage(str(elements["electronic_record_code"]), elements, documents, agents, events, relations)
        contents = {"正本/正文.pdf": source.read_bytes(), "正本/附件1.txt": f"第{number}季度 {number * 7}".encode()}
        filing.write(folder / f"包{number}", package, {**contents, "处理单/收文处理单.txt": f"拟同意{number}".encode()})
    return folder


@pytest.fixture(scope="module")
def sent(made: Made, pdfs: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Three records archived at one installation, each exported in another form."""
    shell = made.shell.copy(tmp_path_factory.mktemp("sender"))
    source = delivery(tmp_path_factory.mktemp("oa"), pdfs)
    batch = shell.run("capture", source, "--wait", "--json", "--department", "BGS").json("capture")["code"]
    done = shell.run("archive", batch, "--json")
    assert done.code == 0, done.out
    out, shown = tmp_path_factory.mktemp("out"), {}
    for number, form in enumerate(FORMS, 1):
        key = f"YT-OA-2026-{number:06d}"
        told = shell.run("show", key, "--json").json("show")
        shown[told["title"]] = told
        exported = shell.run("export", key, "--as", form, "-o", out / form, "--json")
        assert exported.code == 0, exported.err
        row = exported.json("export")["exported"][0]
        assert (row["code"], row["files"], row["kept"], row["findings"]) == (told["code"], 3, False, [])
        assert (out / form / row["path"]).exists()
    return Sent(out, shown)


def test_packages_of_every_form_are_valid(sent: Sent) -> None:
    (eep,) = (sent.folder / "eep").iterdir()
    assert eep_validate.validate(eep) == ()
    (folder,) = (sent.folder / "filing").iterdir()
    assert filing.read(folder).findings == ()
    (package,) = (sent.folder / "transfer").iterdir()
    assert transfer.validate(package) == ()


def test_what_was_exported_is_captured_and_archived_elsewhere_with_nothing_lost(shell: Shell, sent: Sent) -> None:
    captured = shell.run("capture", *(sent.folder / form for form in FORMS), "--wait", "--json", "--channel", "transfer")
    assert captured.code == 0, captured.out
    summary = captured.json("capture")
    assert summary["records"] == 3
    done = shell.run("archive", summary["code"], "--json")
    assert done.code == 0, done.out
    for told in sent.shown.values():
        again = shell.run("show", told["code"], "--json").json("show")
        assert essence(again) == essence(told)
    assert shell.run("verify", "--all").code == 0


def essence(told: dict[str, Any]) -> dict[str, Any]:
    """What a record is, whoever keeps it; what an installation itself adds is left out."""
    documents = [
        (
            document["role"],
            document["title"],
            [(item["name"], item["size_bytes"], item["sha256"], item["sm3"]) for item in document["files"]],
        )
        for document in told["documents"]
    ]
    elements = {name: value for name, value in told["elements"].items() if name in told["elements"]}
    agents = [item for item in told["agents"] if not item["id"].startswith("system")]
    events = [item for item in told["events"] if not item["id"].startswith("lantai-")]
    kept = {"code": told["code"], "documents": documents, "agents": agents, "events": events}
    return kept | {"elements": {name: value for name, value in elements.items() if name not in ADDED}}


# The elements that the sending installation wrote into record.xml when it fixed the code; its own row does not repeat them.
ADDED = frozenset(
    ("archival_code", "fonds_identifier", "category_code", "agency_item_number", "fonds_constituting_unit_name", "total_number_of_pages")
)


def test_an_export_is_told_in_the_ledger_and_administrators_may_not(archived: Archived, made: Made, tmp_path: Path) -> None:
    code = archived.codes[0]
    shell = archived.shell.copy(tmp_path)
    assert shell.run("export", code, "--as", "filing", "-o", tmp_path / "out").code == 0
    again = shell.run("export", code, "--as", "filing", "-o", tmp_path / "out", "--json")
    assert again.json("export")["exported"][0]["kept"] is True
    refused = shell.run("export", "Z109-WS·1999-Y-BGS-0001", "--as", "eep", "-o", tmp_path / "out", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RECORD-UNKNOWN")
    inside = shell.run("export", code, "--as", "eep", "-o", shell.data / "vault" / "x", "--json")
    assert (inside.code, inside.json("error")["error"]["code"]) == (3, "EXPORT-PLACE")
    assert not (shell.data / "vault" / "x").exists()
