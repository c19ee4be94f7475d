"""The command drill: restore the newest backup aside, look at it, compare, put on file."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lantai.cli.console import Console, verb
from lantai.cli.recovering import PASSPHRASE, passphrase_of
from lantai.cli.watching import progress
from lantai.core.errors import Coded, Fault
from lantai.packages import ground

if TYPE_CHECKING:
    from lantai.ports import House
    from lantai.shelves.recovery.models import Drill

ACTS = {
    "run": "做一次演练",
    "list": "列出演练记录",
    "plan": "打印应急预案（PDF）",
    "record": "打印一次演练的记录（PDF）",
    "examine": "在还原出来的目录里逐件查看（演练时自动运行）",
}
SEEN = "seen.jsonl"
_STEPS = {"restore": "还原", "drill": "逐件查看"}


@verb(
    "drill",
    arguments=[("ACT", "；".join(f"{name} {text}" for name, text in ACTS.items())), ("KEY", "run：备份处；record：演练编号")],
    examples=[
        ("lantai drill run --passphrase-file 口令.txt", "把计划里备份处最新的一份还原到旁边，检测、比对、存档"),
        ("lantai drill plan -o 应急预案.pdf", "按现行设置打印应急预案"),
    ],
    exits={3: "口令不对、备份已损坏，或没有备份", 4: "演练没有通过，逐条列出"},
)
@click.argument("act", type=click.Choice(list(ACTS)), metavar="ACT")
@click.argument("key", default="", metavar="[KEY]")
@click.option(
    "--aside",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="还原到这个空目录（缺省数据目录的 scratch 下），做完删除",
)
@click.option("--keep", "is_kept", is_flag=True, help="做完不删还原出来的目录")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="PDF 写到这里（缺省按名称写到当前目录）"
)
@PASSPHRASE
def drill_command(
    console: Console, *, act: str, key: str, aside: Path | None, is_kept: bool, output: Path | None, passphrase_file: Path | None
) -> int:
    """恢复演练：把最新的备份还原到旁边，做长期保存检测，逐件比对，算出 RPO 和 RTO，记入演练记录。以服务账户运行。"""
    if act == "run":
        return _run(console, key, aside, passphrase_of(passphrase_file, is_needed=True), is_kept=is_kept)
    house = console.house()
    if act == "examine":
        return _examine(console, house)
    if act == "list":
        return _list(console)
    return _print(console, house, act, key, output)


def _run(console: Console, place: str, aside: Path | None, passphrase: str, *, is_kept: bool) -> int:
    house = console.house()
    from lantai.packages.backup_folder import BackupFolder
    from lantai.stages.recover import backup, drill, unlocking

    folder = BackupFolder(backup.place_of(house, place))
    folder.demand()
    chosen = (aside or house.data / "scratch" / f"drill-{os.getpid()}").absolute()
    ground.demand_empty(chosen)
    code, began, manifest = "", house.clock.now(), None
    try:
        code = folder.newest()
        manifest = unlocking.listed(folder, code, None)
        manifest.key().demand(passphrase)
        with progress():
            _child(chosen, passphrase, "restore", str(folder.root), "--backup", code)
            restored = house.clock.now()
            told = _child(chosen, passphrase, "drill", "examine")
            seen = drill.read_seen(chosen / SEEN)
            held = drill.compare(drill.seen(), seen, drill.instant_of(manifest))
        row = drill.file(house, manifest, drill.Times(began, restored), drill.Examined(**told), held)
    except Coded as problem:
        if problem.code == "RECOVERY-PASSPHRASE" or not (code or problem.code == "BACKUP-DAMAGED"):
            raise
        row = drill.file_failed(house, code or problem.where, manifest, began, problem)
    finally:
        if not is_kept:
            shutil.rmtree(chosen, ignore_errors=True)
    console.result(_document(row), "\n".join(_told(row)))
    return 0 if row.conclusion == "pass" else 4


def _child(data: Path, passphrase: str, *words: str) -> dict[str, Any]:
    """Run a command on the folder aside, always on SQLite there; return its document. Raises Fault DRILL-STEP-FAILED."""
    known = os.environ | {
        "LANTAI_PASSPHRASE": passphrase,
        "LANTAI_DATABASE": "",
        "LANTAI_STORE": "local",
        "LANTAI_STORE_FOLDER": "",
        "LANTAI_WITNESS_FOLDERS": "",
    }
    command = [sys.executable, "-P", "-m", "lantai.cli.main", "--data", str(data), "--json", *words]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode not in (0, 4):
        raise Fault("DRILL-STEP-FAILED", _STEPS[words[0]], reason=_reason(done))
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    """Return why a command ended as it did: what its document says, else what it wrote last."""
    try:
        error = json.loads(done.stdout)["error"]
        return " ".join([error["message"], *(item["message"] for item in error.get("reasons", [])[:5])])
    except (ValueError, KeyError, TypeError):
        return " ".join(done.stderr.split())[-400:]


def _examine(console: Console, house: "House") -> int:
    from lantai.shelves.upkeep.models import Result
    from lantai.stages import attest, preserve
    from lantai.stages.recover import drill

    began = time.monotonic()
    drill.write_seen(console.data / SEEN)
    ledger = attest.attest(house)
    run = preserve.start_as_service(house, preserve.Scope(occasion="restore"))
    preserve.run_to_end(house, run.id)
    results = Result.objects.filter(run_id=run.id)
    conclusions = Counter(results.values_list("conclusion", flat=True))
    damaged = results.filter(is_damaged=True).count()
    found = drill.Examined(
        ledger.ok, ledger.size, len(ledger.problems), run.code, dict(conclusions), damaged, round(time.monotonic() - began, 1)
    )
    console.result(asdict(found), f"逐件查看 {sum(conclusions.values())} 件，损坏 {damaged} 件。")
    house.reader.close()
    return 0


def _list(console: Console) -> int:
    from lantai.shelves.recovery.models import Drill

    rows = list(Drill.objects.order_by("-started_at")[:200])
    console.result([_document(row) for row in rows], "\n".join(_told(row)[0] for row in rows) or "还没有做过演练。")
    return 0


def _print(console: Console, house: "House", act: str, key: str, output: Path | None) -> int:
    from lantai.stages.report import recovery

    name, content = recovery.plan_paper(house) if act == "plan" else recovery.drill_paper(house, key)
    place = output or Path(name)
    place.write_bytes(content)
    console.result({"file": str(place), "size_bytes": len(content)}, f"已写到 {place}。")
    return 0


def _document(row: "Drill") -> dict[str, Any]:
    names = ("code", "backup_code", "conclusion", "rpo_seconds", "rto_seconds")
    return {**{name: getattr(row, name) for name in names}, "started_at": row.started_at.isoformat(), "facts": row.facts}


def _told(row: "Drill") -> list[str]:
    facts, words = row.facts, {"pass": "通过", "fail": "没有通过"}
    if "failure" in facts:
        head = f"演练 {row.code} 没有通过：备份 {row.backup_code} 没能还原到底。本机和备份都没有改动。"
        return [head, *(f"  ✗ {line}" for line in facts["reasons"])]
    lines = [
        f"演练 {row.code} {words[row.conclusion]}：还原 {row.backup_code}，RPO {_span(row.rpo_seconds)}，RTO {_span(row.rto_seconds)}。",
        f"  逐件比对：相同 {facts['same']} 件，备份之后有变动 {facts['changed']} 件，备份之后新归档 {facts['new']} 件。",
        f"  保存检测 {facts['run_code']}：{sum(facts['conclusions'].values())} 件，损坏 {facts['damaged']} 件；"
        f"账本 {facts['events']} 条，其中已封存的 {facts['ledger_size']} 条{'核对相符' if facts['ledger_ok'] else '有不符'}。",
    ]
    lines += [f"  ✗ 与备份时不同：{key}" for key in facts["differing"]]
    lines += [f"  ✗ 备份里没有：{key}" for key in facts["missing"]]
    return lines


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours} 小时 " if hours else "") + (f"{minutes} 分" if hours or minutes else f"{rest} 秒")
