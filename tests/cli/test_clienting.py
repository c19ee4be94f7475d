"""client: tokens for systems of the agency, from the command line."""

from pathlib import Path

from tests.cli.conftest import Made
from tests.cli.shell import Shell

ISSUE = ("client", "issue", "协同办公", "--scope", "register", "--days", "30", "--json")


def test_one_administrator_issues_and_another_approves_and_withdraws(made: Made, tmp_path: Path) -> None:
    copied = made.shell.copy(tmp_path)
    refused = copied.run(*ISSUE)
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "ACCESS-REFUSED")
    shell = Shell(
        copied.data, copied.home, copied.compiled, {name: text for name, text in copied.variables.items() if name != "LANTAI_TOKEN"}
    )

    def enter(login: str) -> None:
        done = shell.run("login", "--user", login, "--password-stdin", stdin=f"{made.passwords[login]}\nOwn-word-2026\n")
        assert done.code == 0, done.err

    enter("sysadmin")
    issued = shell.run(*ISSUE).json("client")
    (row,) = issued["clients"]
    assert (row["state"], row["scopes"], issued["token"].startswith("lantai_")) == ("pending", ["register"], True)
    assert shell.run("client", "approve", row["id"]).code == 3
    enter("secadmin")
    assert shell.run("client", "approve", row["id"], "--json").json("client")["clients"][0]["state"] == "active"
    assert issued["token"] not in shell.run("client", "list", "--json").out
    assert shell.run("client", "withdraw", row["id"], "--json").json("client")["clients"][0]["state"] == "withdrawn"
