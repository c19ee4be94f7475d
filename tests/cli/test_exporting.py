"""export: packages out, and in again at another installation, with nothing lost."""

import base64
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lantai.core.record import Agent, BusinessEvent, Relation, Role
from lantai.packages import bagit, eep_validate, filing, transfer
from lantai.packages.filing import FilingDocument, FilingFile, FilingPackage
from tests.cli.conftest import Archived, Made
from tests.cli.shell import Shell

FORMS = ("eep", "filing", "bagit")
ACT = 3  # as many more go out in a transfer act


@dataclass(frozen=True, slots=True)
class Sent:
    """An installation that has sent a record in each form and some in a transfer act: the folder, the act."""

    shell: Shell
    folder: Path
    act: str


def delivery(folder: Path, pdfs: Path) -> Path:
    """Filing packages of records with everything a record may have."""
    for number, source in enumerate(sorted(pdfs.iterdir()) * 2, 1):
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
    """Records archived at one installation: each of some exported in another form, the rest packed in a transfer act."""
    shell = made.shell.copy(tmp_path_factory.mktemp("sender"))
    source = delivery(tmp_path_factory.mktemp("oa"), pdfs)
    batch = shell.run("capture", source, "--wait", "--json", "--department", "BGS").json("capture")["code"]
    done = shell.run("archive", batch, "--json")
    assert done.code == 0, done.out
    out = tmp_path_factory.mktemp("out")
    for number, form in enumerate(FORMS, 1):
        key = f"YT-OA-2026-{number:06d}"
        exported = shell.run("export", key, "--as", form, "-o", out / form, "--json")
        assert exported.code == 0, exported.err
        row = exported.json("export")["exported"][0]
        assert (row["files"], row["kept"], row["findings"]) == (3, False, [])
        assert (out / form / row["path"]).exists()
    keys = [f"YT-OA-2026-{number:06d}" for number in range(len(FORMS) + 1, len(FORMS) + ACT + 1)]
    act = shell.run("transfer", "new", *keys, "--receiver", "云汀市档案馆", "--json").json("transfer")
    assert (act["state"], act["records"]) == ("drafted", ACT)
    checked = shell.run("transfer", "check", act["code"], "--json")
    assert (checked.code, checked.json("transfer")["conclusion"]) == (0, "trial"), checked.out
    packed = shell.run("transfer", "pack", act["code"], "-o", out / "transfer", "--json")
    assert packed.code == 0, packed.err
    return Sent(shell, out, act["code"])


def test_packages_of_every_form_are_valid(sent: Sent) -> None:
    (eep,) = (sent.folder / "eep").iterdir()
    assert eep_validate.validate(eep) == ()
    (folder,) = (sent.folder / "filing").iterdir()
    assert filing.read(folder).findings == ()
    (package,) = (sent.folder / "transfer").iterdir()
    assert transfer.validate(package) == ()
    assert {path.name for path in (package / "其他").iterdir()} == {
        "数字摘要.csv",
        "移交与接收登记表.json",
        "移交与接收登记表.pdf",
        "移交检测报告.json",
    }
    (bag,) = (sent.folder / "bagit").iterdir()
    assert [item.code for item in bagit.check(bag).findings if item.severity == "error"] == []


def certificate_of(sent: Sent, folder: Path) -> Path:
    """The certificate that the EEP was signed with, as the sender would hand it over by another way."""
    (package,) = (sent.folder / "eep").iterdir()
    (text, *_) = re.findall("<证书>([^<]+)</证书>", package.read_text("utf-8"))
    (folder / "sender.der").write_bytes(base64.b64decode(text))
    return folder / "sender.der"


def test_what_was_exported_is_captured_and_archived_elsewhere_with_nothing_lost(shell: Shell, sent: Sent, tmp_path: Path) -> None:
    unknown = shell.run("check", next((sent.folder / "eep").iterdir()), "--json").json("check")
    assert next(item["outcome"] for item in unknown["items"] if item["code"] == "GD-1-1") == "manual"  # whose signature is it
    trusting = replace(shell, variables=shell.variables | {"LANTAI_TRUSTED_CERTIFICATES": str(certificate_of(sent, tmp_path))})
    captured = trusting.run("capture", *sorted(sent.folder.iterdir()), "--wait", "--json", "--channel", "transfer")
    assert captured.code == 0, captured.out
    summary = captured.json("capture")
    assert summary["records"] == len(FORMS) + ACT
    judged = shell.run("check", summary["code"], "--stage", "arrival", "--json").json("check")
    assert (judged["stage"], {item["id"]: item["outcome"] for item in judged["items"]}["transfer.4.07"]) == ("transfer", "pass")
    done = shell.run("archive", summary["code"], "--json")
    assert done.code == 0, done.out
    assert essence(shell.data) == essence(sent.shell.data)
    assert shell.run("verify", "--all").code == 0
    receipt = tmp_path / "回执.json"
    receipt.write_text(shell.run("receipt", summary["code"], "--json").out, "utf-8")
    handed_over(sent, receipt)


def handed_over(sent: Sent, receipt: Path) -> None:
    """The receipt of the receiver changes custody at the sender, once, and not where it was altered."""
    good = sent.shell.run("receipt", "--verify", receipt, "--json")
    told = good.json("receipt --verify")
    assert (good.code, told["verified"], len(told["signatures"])) == (0, True, 2)  # both installations have the same keys here
    assert sent.shell.run("receipt", "--verify", receipt, "--key", "ed25519:00").code == 4
    keys = [word for item in told["signatures"] for word in ("--key", item["key_id"])]
    assert sent.shell.run("receipt", "--verify", receipt, *keys).code == 0
    altered = receipt.with_name("改动.json")
    altered.write_text(receipt.read_text("utf-8").replace("数据的函", "数据函", 1), "utf-8")
    assert sent.shell.run("receipt", "--verify", altered, *keys).code == 4
    refused = sent.shell.run("transfer", "receipt", sent.act, "--file", altered, "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "TRANSFER-RECEIPT-SIGNATURE")
    done = sent.shell.run("transfer", "receipt", sent.act, "--file", receipt, "--json")
    assert done.code == 0, done.out
    told = done.json("transfer")
    assert (told["state"], told["accepted"], told["refused"]) == ("receipted", ACT, 0)
    assert told["checked_there"].startswith("移交检测，")
    with closing(sqlite3.connect(sent.shell.data / "lantai.db")) as database:
        custody = dict(database.execute("SELECT custody, count(*) FROM holdings_record GROUP BY custody"))
    assert custody == {"ours": len(FORMS), "transferred_copy_kept": ACT}


def essence(data: Path) -> dict[str, Any]:
    """What the records of an installation are, by code, whoever keeps them; what an installation itself adds is left out."""
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(data / "lantai.db")) as database:
        for key, code, *values in database.execute("SELECT id, code, elements, agents, events, relations FROM holdings_record"):
            elements, agents, events, relations = map(json.loads, values)
            files = database.execute(
                "SELECT d.sequence, d.role, d.title, f.name, f.size_bytes, f.sha256, f.sm3 FROM holdings_computerfile f"
                " JOIN holdings_document d ON d.id = f.document_id WHERE f.record_id = ? AND f.representation = 'original' ORDER BY 1, 4",
                (key,),
            )
            found[code] = {
                "elements": {name: value for name, value in elements.items() if name not in ADDED},
                "agents": [item for item in agents if not item["id"].startswith("system")],
                "events": [item for item in events if not item["id"].startswith("lantai-")],
                "relations": relations,
                "files": list(files),
            }
    return found


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
