"""archive, show, find, verify: the holdings from the command line."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Archived, Made
from tests.cli.shell import Shell


def error_of(shell: Shell, *words: str) -> tuple[int, str]:
    done = shell.run(*words, "--json")
    return done.code, done.json("error")["error"]["code"]


def test_what_was_archived_is_numbered_in_its_classes(archived: Archived) -> None:
    assert len(archived.codes) == 3
    assert all(code.startswith("Z109-WS·20") for code in archived.codes)


def test_archiving_again_archives_nothing(archived: Archived) -> None:
    done = archived.shell.run("archive", archived.batch, "--json")
    assert done.code == 0
    assert done.json("archive") == {"archived": 0, "scopes": [], "left": []}


def test_archiving_takes_the_id_of_a_record(shell: Shell, pdfs: Path) -> None:
    shell.run("capture", sorted(pdfs.iterdir())[0], "--wait", "--department", "BGS")
    found = shell.run("find", "的", "--json").json("find")
    done = shell.run("archive", found["hits"][0]["id"], "--json")
    assert (done.code, done.json("archive")["archived"]) == (0, 1), done.out


def test_an_unknown_key_is_refused(archived: Archived) -> None:
    assert error_of(archived.shell, "archive", "PC-19990101-01") == (3, "BATCH-UNKNOWN")
    assert error_of(archived.shell, "show", "Z109-WS·1999-Y-BGS-0001") == (3, "RECORD-UNKNOWN")
    assert error_of(archived.shell, "verify", "Z109-WS·1999-Y-BGS-0001") == (3, "RECORD-UNKNOWN")


def test_codes_for_good_are_not_given_under_the_usual_fonds_without_a_word(archived: Archived) -> None:
    assert "缺省值" not in archived.shell.run("archive", "PC-19990101-01").err
    assert "全宗号还是安装时的缺省值" in archived.shell.with_variables(LANTAI_KIND="production").run("archive", "PC-19990101-01").err


def test_a_record_without_a_title_is_found_by_the_name_it_came_under(shell: Shell, tmp_path: Path) -> None:
    lone = tmp_path / "便笺其三.txt"
    lone.write_text("\n", "utf-8")
    assert shell.run("capture", lone, "--wait").code in {0, 4}
    assert "（题名未著录）便笺其三.txt" in shell.run("find", "").out


def test_what_stays_behind_is_told_and_gives_4(shell: Shell, pdfs: Path, tmp_path: Path) -> None:
    lone = tmp_path / "便笺.txt"
    lone.write_text("随手记下的几个字\n", "utf-8")
    batch = shell.run("capture", lone, "--wait", "--json").json("capture")["code"]
    done = shell.run("archive", batch)
    assert done.code == 4
    assert "未归档：" in done.out


@pytest.mark.parametrize("written", ["{0}", "{1}", "{2}", "{3}"])
def test_a_code_is_known_by_any_separators(archived: Archived, written: str) -> None:
    code = archived.codes[0]
    ways = (code, code.replace("·", "."), code.replace("-", "－"), f" {code.replace('·', '・')} ")
    done = archived.shell.run("show", written.format(*ways), "--json")
    assert done.code == 0, done.err
    assert done.json("show")["code"] == code


def test_show_names_elements_in_chinese_and_every_digest(archived: Archived) -> None:
    document = archived.shell.run("show", archived.codes[0], "--json").json("show")
    text = archived.shell.run("show", archived.codes[0]).out
    assert f"档号 {archived.codes[0]}" in text
    assert "题名" in text
    assert all(item["sha256"] in text for part in document["documents"] for item in part["files"])


def test_find_counts_exactly_and_narrows(archived: Archived) -> None:
    shell = archived.shell
    everything = shell.run("find", "云汀市", "--json").json("find")
    assert everything["total"] == len(everything["hits"]) == 3
    assert sum(everything["facets"]["year"].values()) == 3
    year = next(iter(everything["facets"]["year"]))
    narrowed = shell.run("--json", "find", "云汀市", "--facet", f"year={year}").json("find")
    assert narrowed["total"] == everything["facets"]["year"][year]
    assert all(hit["code"].split("·")[1].startswith(year) for hit in narrowed["hits"])
    paged = shell.run("find", "云汀市", "--limit", "1", "--offset", "1", "--sort", "code", "--json").json("find")
    assert (paged["total"], [hit["code"] for hit in paged["hits"]]) == (3, [sorted(archived.codes)[1]])


def test_find_looks_in_the_fields_that_are_named(archived: Archived) -> None:
    title = archived.shell.run("show", archived.codes[0], "--json").json("show")["title"]
    assert archived.shell.run("find", title, "--field", "title", "--json").json("find")["total"] >= 1
    assert archived.shell.run("find", title, "--field", "author", "--json").json("find")["total"] == 0
    assert archived.shell.run("find", f'"{title}"', "--json").json("find")["hits"][0]["snippets"]


def test_find_refuses_what_it_does_not_know(archived: Archived) -> None:
    assert error_of(archived.shell, "find", "云", "--facet", "colour=red") == (3, "FACET-UNKNOWN")
    assert error_of(archived.shell, "find", "云", "--facet", "year") == (3, "FACET-UNKNOWN")
    assert error_of(archived.shell, "find", "云", "--field", "colour") == (2, "USAGE")
    assert error_of(archived.shell, "find", "云", "--limit", "-1") == (2, "USAGE")


def test_words_that_occur_nowhere_find_nothing(archived: Archived) -> None:
    done = archived.shell.run("find", "无此词语", "--json")
    assert (done.code, done.json("find")) == (0, {"total": 0, "hits": [], "facets": {}})


def test_forms_and_receipts_leave_by_the_command_line(archived: Archived, tmp_path: Path) -> None:
    batch = archived.batch
    told = archived.shell.run("receipt", batch, "--json").json("receipt")
    assert all(row["code"] for row in told["accepted"])
    out = tmp_path / "登记表.pdf"
    assert archived.shell.run("print", "filing-register", batch, "-o", out, "--json").json("print")["bytes"] == out.stat().st_size
    assert out.read_bytes().startswith(b"%PDF-")
    done = archived.shell.run("check", batch, "--stage", "arrival", "--json")
    assert done.json("check")["seal"]["state"] == "good"


def test_verify_checks_one_or_all(archived: Archived) -> None:
    one = archived.shell.run("verify", archived.codes[0], "--json")
    assert (one.code, one.json("verify")["checked"]) == (0, 1)
    every = archived.shell.run("verify", "--all", "--json")
    assert (every.code, every.json("verify")["ok"], every.json("verify")["checked"]) == (0, True, 3)
    assert "全部与归档时一致" in archived.shell.run("verify", "--all").out
    assert error_of(archived.shell, "verify") == (2, "USAGE")
    assert error_of(archived.shell, "verify", "--all", "x") == (2, "USAGE")


def test_verify_finds_an_altered_byte_and_a_changed_row(archived: Archived, tmp_path: Path) -> None:
    shell = archived.shell.copy(tmp_path)
    page = next(path for path in (shell.data / "vault").rglob("original/*.pdf"))
    content = bytearray(page.read_bytes())
    content[-20] ^= 1
    page.chmod(0o644)
    page.write_bytes(content)
    done = shell.run("verify", "--all", "--json")
    document = done.json("verify")
    assert (done.code, document["ok"], document["checked"]) == (4, False, 3)
    assert {row["code"] for row in document["problems"]} == {"OCFL-E092"}
    assert {row["record"] for row in document["problems"]} <= set(archived.codes)


def test_the_service_is_in_the_ledger_with_who_ran_it(archived: Archived) -> None:
    archived.shell.run("verify", archived.codes[0])
    with sqlite3.connect(archived.shell.data / "lantai.db") as database:
        rows = database.execute("SELECT actor FROM ledger_event WHERE type = 'record:verified'").fetchall()
    assert rows
    assert all(actor.startswith("service:") for (actor,) in rows)


def test_a_reader_finds_only_what_is_open_to_them(archived: Archived, made: Made, tmp_path: Path) -> None:
    shell = archived.shell.copy(tmp_path)
    done = shell.run("login", "--user", "auditor", "--password-stdin", stdin=f"{made.passwords['auditor']}\nOwn-word-2026\n")
    assert done.code == 0, done.err
    auditor = Shell(shell.data, shell.home, shell.compiled)
    assert error_of(auditor, "show", archived.codes[0]) == (3, "ACCESS-REFUSED")
    reasons = json.loads(auditor.run("find", "云", "--json").out)["error"]["reasons"]
    assert [row["code"] for row in reasons] == ["ACCESS-ADMINISTRATOR"]


def test_versions_are_listed_compared_and_corrected_by_two(archived: Archived) -> None:
    run, code = archived.shell.run, archived.codes[0]
    told = run("versions", "list", code, "--json").json("versions list")
    assert [(item["number"], item["act"]) for item in told["versions"]] == [(1, "归档")]
    assert run("versions", "compare", code, "--json").json("versions compare")["elements"] == []
    assert run("versions", "correct", code, "--reason", "漏字").code == 2
    made = run("versions", "correct", code, "--set", "title=云汀市发展和改革委员会关于供热价格的批复", "--reason", "漏字", "--json")
    item = made.json("versions correct")
    assert (item["state"], list(item["changes"])) == ("proposed", ["title"])
    assert run("versions", "approve", item["id"], "--reason", "同意").code == 3, "the person who proposed"
    assert run("versions", "restore", code, "--from", "1", "--reason", "误改").code == 3, "nothing to go back from"
    assert "未同意" in run("versions", "reject", item["id"], "--reason", "撤回").out
    assert run("versions", "resume", item["id"]).code == 3
    assert "未同意" in run("versions", "list", code).out
    assert run("versions", "compare", code, "--from", "1", "--to", "2").code == 3
