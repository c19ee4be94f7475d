"""The command ledger: sealed, verified, the checkpoint shown; what was changed ends with 4 and is named."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import Archived
from tests.cli.shell import Shell


def test_nothing_sealed_yet(shell: Shell) -> None:
    done = shell.run("ledger", "checkpoint", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "LEDGER-NOT-SEALED")


def test_sealed_verified_shown_and_changed(archived: Archived, tmp_path: Path) -> None:
    shell = archived.shell.copy(tmp_path)
    sealed = shell.run("ledger", "seal", "--json").json("ledger seal")
    assert sealed["added"] == sealed["size"] > 0
    verified = shell.run("ledger", "verify", "--json").json("ledger verify")
    assert verified["ok"], verified
    told = shell.run("ledger", "checkpoint", "--json").json("ledger checkpoint")
    assert told["fingerprint"] == verified["fingerprint"]
    assert told["verifier_keys"][0].startswith(told["note"].partition("\n")[0])
    proved = shell.run("verify", archived.codes[0], "--json").json("verify")
    assert (proved["ok"], proved["ledger"][0]["size"]) == (True, sealed["size"])

    assert [link["state"] for link in proved["chains"][0]["links"]] == ["ok", "ok", "ok", "none", "ok", "ok", "none", "ok"]
    copies = shell.data / "ledger" / "payloads" / "permanent" / "000000.lines"
    copies.write_bytes(copies.read_bytes()[:-40])
    assert [row["code"] for row in shell.run("ledger", "verify", "--json").json("ledger verify")["problems"]][-1] == "LEDGER-COPY-MISSING"
    assert shell.run("ledger", "recopy", "--json").json("ledger recopy")["payloads"] > 0
    assert shell.run("ledger", "stamp").code == 6
    assert shell.run("ledger", "rotate").code == 2
    changed = shell.run("ledger", "rotate", "--reason", "每年更换", "--json").json("ledger rotate")
    assert not set(changed["former"]) & set(changed["current"])
    assert shell.run("ledger", "verify", "--json").json("ledger verify")["ok"]

    with sqlite3.connect(shell.data / "lantai.db") as base:
        base.execute("DROP TRIGGER ledger_payload_keep")
        base.execute("UPDATE ledger_payload SET body = '{}' WHERE event_id = (SELECT id FROM ledger_event WHERE position = 1)")
    done = shell.run("ledger", "verify", "--json")
    assert (done.code, [row["where"] for row in done.json("ledger verify")["problems"]]) == (4, ["1"])
