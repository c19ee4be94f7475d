"""state and rebuild from the command line: databases that are gone come back, databases that are there are never touched."""

import base64
import re
import shutil
from pathlib import Path

import pytest

from lantai.adapters.signers.local import LocalSigner
from lantai.core.checkpoint import verifier_key
from lantai.packages.backup_folder import BackupFolder
from tests.cli.conftest import Archived
from tests.cli.shell import Shell
from tests.support.buckets import Service


@pytest.fixture
def kept(archived: Archived, tmp_path: Path) -> Shell:
    """A copy of the installation with archived records, with a state package."""
    shell = archived.shell.copy(tmp_path)
    done = shell.run("state", "--json")
    assert done.code == 0, done.err
    told = done.json("state")
    assert (told["records"], told["has_passwords"]) == (3, False)
    return shell


def test_databases_that_are_gone_come_back_in_place(kept: Shell) -> None:
    refused = kept.run("rebuild", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RECOVER-NOT-EMPTY")
    for path in [*kept.data.glob("*.db*")]:
        path.unlink()
    shutil.rmtree(kept.data / "index")
    done = kept.run("rebuild", "--json")
    assert done.code == 0, done.err + done.out
    told = done.json("rebuild")
    assert (told["records"], told["derived"], told["problems"]) == (3, 0, [])
    assert set(told["first_passwords"]) == {"sysadmin", "secadmin", "secadmin2", "auditor"}
    assert kept.run("verify", "--all").code == 0
    assert kept.run("ledger", "verify").code == 0


def test_an_unfinished_rebuild_locks_the_folder_until_it_is_done(kept: Shell) -> None:
    (kept.data / "recover.unfinished").write_text("databases")
    refused = kept.run("doctor", "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RECOVER-UNFINISHED")
    assert kept.run("rebuild").code == 0
    assert kept.run("verify", "--all").code == 0


def test_an_installation_is_rebuilt_beside_and_the_old_one_stays(kept: Shell, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in kept.data.glob("lantai.db")}
    other = tmp_path / "beside"
    done = kept.run("--data", str(other), "rebuild", "--from", str(kept.data))
    assert done.code == 0, done.err
    assert kept.run("--data", str(other), "verify", "--all").code == 0
    assert {path.name: path.read_bytes() for path in kept.data.glob("lantai.db")} == before
    again = kept.run("--data", str(other), "rebuild", "--from", str(kept.data), "--json")
    assert (again.code, again.json("error")["error"]["code"]) == (3, "RECOVER-NOT-EMPTY")
    (other / "recover.unfinished").write_text("databases")  # never mistaken for a folder that may be cleared
    assert kept.run("--data", str(other), "rebuild", "--from", str(kept.data)).code == 3
    assert (other / "vault").is_symlink()


def test_without_a_state_package_nothing_is_rebuilt(archived: Archived, tmp_path: Path) -> None:
    shell = archived.shell.copy(tmp_path)
    for path in [*shell.data.glob("*.db*")]:
        path.unlink()
    done = shell.run("rebuild", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "STATE-ABSENT")
    assert not (shell.data / "recover.unfinished").exists()


PASSPHRASE = "松风水月不可外传一二三四"


@pytest.fixture(scope="module")
def backed(archived: Archived, tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, Path, Path]:
    """A copy of the installation, its backup place with one backup, and the file of the passphrase."""
    folder = tmp_path_factory.mktemp("backed")
    shell, secret = archived.shell.copy(folder), folder / "口令.txt"
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    refused = shell.run("backup", "make", str(folder / "place"), "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RECOVERY-KEY-MISSING")
    assert shell.run("backup", "key", "--passphrase-file", secret).code == 0
    done = shell.run("backup", "make", str(folder / "place"), "--json")
    assert done.code == 0, done.err
    assert done.json("backup make")["records"] == 3
    return shell, folder / "place", secret


def test_a_backup_is_listed_verified_and_restored(backed: tuple[Shell, Path, Path], tmp_path: Path) -> None:
    shell, place, secret = backed
    listed = shell.run("backup", "list", str(place), "--json").json("backup list")
    assert [row["records"] for row in listed] == [3]
    assert shell.run("backup", "verify", str(place), "--json").json("backup verify")["ok"]
    new = str(tmp_path / "new")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("另一句足够长的恢复口令一二三", "utf-8")
    assert shell.run("--data", new, "restore", str(place), "--passphrase-file", wrong).code == 3
    assert not (tmp_path / "new").exists()
    for key in ("00" * 32, "a+b", "lantai/Z109/00+00000000+AAAA"):
        other = shell.run("--data", new, "restore", str(place), "--passphrase-file", secret, "--key", key, "--json")
        assert (other.code, other.json("error")["error"]["code"]) == (3, "RESTORE-OTHER-KEY")
    public = base64.b64decode(LocalSigner(shell.data / "keys").public_keys()[0].public_key)
    ours = verifier_key("lantai/Z109/00", public)
    done = shell.run("--data", new, "restore", str(place), "--passphrase-file", secret, "--key", ours, "--json")
    assert done.code == 0, done.err
    assert done.json("restore")["ledger_ok"]
    assert done.json("restore")["vault"] == str(new)
    assert public.hex() in done.json("restore")["keys"]
    assert shell.run("--data", new, "verify", "--all").code == 0
    assert shell.run("--data", new, "restore", str(place), "--passphrase-file", secret).code == 3
    early = shell.run("--data", str(tmp_path / "x"), "restore", str(place), "--as-of", "2001-01-01", "--passphrase-file", secret, "--json")
    assert (early.code, early.json("error")["error"]["code"]) == (3, "BACKUP-NONE-BEFORE")


def test_a_drill_passes_is_filed_and_printed(backed: tuple[Shell, Path, Path], tmp_path: Path) -> None:
    shell, place, secret = backed
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("另一句足够长的恢复口令一二三", "utf-8")
    refused = shell.run("drill", "run", str(place), "--passphrase-file", wrong, "--json")
    assert (refused.code, refused.json()["error"]["code"]) == (3, "RECOVERY-PASSPHRASE")
    assert not list((shell.data / "scratch").glob("drill-*"))
    done = shell.run("drill", "run", str(place), "--passphrase-file", secret, "--json")
    assert done.code == 0, done.err + done.out
    told = done.json("drill")
    assert (told["conclusion"], told["facts"]["same"], told["facts"]["damaged"]) == ("pass", 3, 0)
    assert shell.run("drill", "list", "--json").json()[0]["code"] == told["code"]
    assert not list((shell.data / "scratch").glob("drill-*"))
    for words in (("plan",), ("record", told["code"])):
        paper = tmp_path / "paper.pdf"
        assert shell.run("drill", *words, "-o", str(paper)).code == 0
        assert paper.read_bytes()[:5] == b"%PDF-"


def test_a_drill_that_finds_the_backup_damaged_is_filed_and_no_passphrase_is_blamed(
    backed: tuple[Shell, Path, Path], tmp_path: Path
) -> None:
    shell, place, secret = backed
    for part, said in (("manifest", "清单 manifest.json"), ("piece", "档案 ")):
        damaged = shutil.copytree(place, tmp_path / part)
        if part == "manifest":
            path = max((damaged / "backups").iterdir()) / "manifest.json"
            path.write_text(re.sub(r'"sealed": "....', '"sealed": "AAAA', path.read_text("utf-8")), "utf-8")
        else:
            folder = BackupFolder(damaged)
            entry = next(entry for entry in folder.entries(folder.newest()) if entry.kind == "object")
            folder.place(entry.piece).unlink()
        done = shell.run("drill", "run", str(damaged), "--passphrase-file", secret, "--json")
        assert done.code == 4, done.err
        told = done.json("drill")
        assert (told["conclusion"], said in "".join(told["facts"]["reasons"])) == ("fail", True), told
        assert f"演练 {told['code']} 没有通过" in shell.run("drill", "list").out
        assert shell.run("drill", "record", told["code"], "-o", str(tmp_path / "paper.pdf")).code == 0
        new = shell.run("--data", str(tmp_path / "new"), "restore", str(damaged), "--passphrase-file", secret, "--json")
        assert (new.code, new.json("error")["error"]["code"]) == (3, "BACKUP-DAMAGED")
        assert not (tmp_path / "new").exists()


def test_a_restore_does_not_touch_a_vault_that_is_somebodys(archived: Archived, tmp_path: Path) -> None:
    shell = archived.shell.copy(tmp_path / "own")
    secret, place, vault = tmp_path / "口令.txt", str(tmp_path / "place"), tmp_path / "disk"
    secret.write_text(PASSPHRASE, "utf-8")
    vault.mkdir()
    assert shell.run("migrate-store", "run", "--at", str(vault)).code == 0
    assert shell.run("backup", "key", "--passphrase-file", secret).code == 0
    assert shell.run("backup", "plan", place).code == 0
    assert shell.run("backup", "make").code == 0
    before = {path: path.stat().st_mtime_ns for path in (vault / "vault").rglob("*")}
    words = ("restore", place, "--passphrase-file", secret)
    refused = shell.run("--data", str(tmp_path / "new"), *words, "--json")
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RESTORE-VAULT-HELD")
    assert shell.run("--data", str(tmp_path / "new"), "doctor").code == 3, "not to be used"
    taken = shell.run("--data", str(tmp_path / "new"), *words, "--same-vault")
    assert taken.code == 0, taken.err
    assert f"档案库 {vault}、备份处 {place}" in taken.out
    aside = shell.run("--data", str(tmp_path / "aside"), *words, "--apart", "--json")
    assert aside.code == 0, aside.err
    assert aside.json("restore")["vault"] == str(tmp_path / "aside")
    assert shell.run("--data", str(tmp_path / "aside"), "verify", "--all").code == 0
    assert shell.run("--data", str(tmp_path / "aside"), "backup", "plan", "--json").json("backup plan")["place"] == ""
    assert {path: path.stat().st_mtime_ns for path in (vault / "vault").rglob("*")} == before
    vault.rename(tmp_path / "lost")
    vault.mkdir()
    assert shell.run("--data", str(tmp_path / "again"), *words).code == 0, "an empty disk in the place of the lost one"
    assert (vault / "vault").is_dir()


def test_a_restore_into_a_bucket_asks_as_well(archived: Archived, moto: Service, tmp_path: Path) -> None:
    bucket, other = moto.address(), moto.address()
    shell = archived.shell.copy(tmp_path / "own").with_variables(LANTAI_S3_CREDENTIALS=str(moto.credentials))
    secret, place = tmp_path / "口令.txt", str(tmp_path / "place")
    secret.write_text(PASSPHRASE, "utf-8")
    moved = shell.run("migrate-store", "run", "--to", "s3", "--at", f"s3://{bucket.bucket}/库?endpoint={bucket.endpoint}")
    assert moved.code == 0, moved.err
    assert shell.run("backup", "key", "--passphrase-file", secret).code == 0
    assert shell.run("backup", "make", place).code == 0
    words = ("restore", place, "--passphrase-file", secret, "--json")
    refused = shell.run("--data", str(tmp_path / "new"), *words)
    assert (refused.code, refused.json("error")["error"]["code"]) == (3, "RESTORE-VAULT-HELD")
    aside = shell.run("--data", str(tmp_path / "aside"), *words, "--apart")
    assert (aside.code, aside.json("restore")["vault"]) == (0, str(tmp_path / "aside")), aside.err
    empty = shell.with_variables(LANTAI_S3_BUCKET=other.bucket)
    done = empty.run("--data", str(tmp_path / "new"), *words)
    assert done.code == 0, done.err
    assert empty.run("--data", str(tmp_path / "new"), "verify", "--all").code == 0


def test_the_timetable_is_set_and_pruning_keeps_the_newest(backed: tuple[Shell, Path, Path]) -> None:
    shell, place, _ = backed
    told = shell.run("backup", "plan", str(place), "--at", "03:00", "--days", "5", "--json").json("backup plan")
    assert (told["place"], told["at"], told["days"], told["weeks"]) == (str(place), "03:00", 5, 5)
    assert shell.run("backup", "prune", "--json").json("backup prune")["pruned"] == []


def test_a_backup_goes_to_a_bucket_and_comes_back(backed: tuple[Shell, Path, Path], moto: Service, tmp_path: Path) -> None:
    shell, place, secret = backed
    bucket = moto.address()
    address = f"s3://{bucket.bucket}/远处?endpoint={bucket.endpoint}"
    there = shell.with_variables(LANTAI_S3_CREDENTIALS=str(moto.credentials), LANTAI_BACKUP_BUCKET=address)
    sent = there.run("backup", "send", str(place), "--json")
    assert sent.code == 0, sent.err
    assert sent.json()["new_pieces"] == sent.json()["pieces"] > 0
    code = sent.json()["code"]
    assert there.run("backup", "list", "--bucket", address, "--json").json() == [{"code": code}]
    assert there.run("backup", "verify", "--bucket", address, "--json").json()["ok"]
    assert there.run("backup", "prune", "--bucket", address, "--days", "1", "--json").json("backup prune")["pruned"] == []
    fetched = there.run("backup", "fetch", str(tmp_path / "fetched"), "--json")
    assert fetched.json()["code"] == code, fetched.err
    new = there.run("--data", str(tmp_path / "new"), "restore", str(tmp_path / "fetched"), "--passphrase-file", secret, "--json")
    assert (new.code, new.json("restore")["ledger_ok"]) == (0, True), new.err
    away = there.run("backup", "send", str(place), "--bucket", f"s3://none/x?endpoint={bucket.endpoint}", "--json")
    assert (away.code, away.json("error")["error"]["code"]) == (5, "STORE-AWAY")
