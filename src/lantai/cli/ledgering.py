"""The command ledger: seal, verify, show the checkpoint."""

import click

from lantai.cli.console import Console, verb
from lantai.cli.watching import progress

ACTS = {
    "verify": "从头验账：逐条对照日志、数据库、检查点和见证处",
    "seal": "现在就封存（后台每隔几秒自动做）",
    "stamp": "现在就请时间戳服务给批次根和最新检查点盖时间戳（后台自动做）",
    "renew": "现在就把旧证明按设置 renew_digest 的摘要重新签名",
    "expire": "现在就销毁到期的个人信息内容（设置 personal_days，后台每天自动做）",
    "recopy": "由数据库重写日志旁的事件内容（验账说它们不符或缺少时）",
    "rotate": "更换签名密钥：旧密钥签字交接后销毁，公钥留着验旧签名",
    "checkpoint": "显示最新检查点、指纹和验证用的公钥",
}


@verb(
    "ledger",
    arguments=[("ACT", "；".join(f"{name} {text}" for name, text in ACTS.items()))],
    examples=[
        ("lantai ledger verify", "逐条验账"),
        ("lantai ledger verify --tiles", "只验日志文件本身"),
        ("lantai ledger checkpoint", "打印在移交清册、登记簿上的指纹"),
    ],
    exits={
        3: "见证处见过的账本与现在的不同",
        5: "时间戳服务没有答复，稍后再试",
        4: "账本与封存的不一致，逐处列出",
        6: "日志已被改动，不能继续封存",
    },
)
@click.argument("act", type=click.Choice(list(ACTS)), metavar="ACT")
@click.option("--reason", default="", metavar="TEXT", help="rotate：为什么更换，记入账本")
@click.option("--compromised", "is_compromised", is_flag=True, help="rotate：旧密钥已经或可能泄露")
@click.option("--tiles", "is_tiles_only", is_flag=True, help="verify：只看日志文件和检查点，不看数据库")
def ledger_command(console: Console, *, act: str, reason: str, is_compromised: bool, is_tiles_only: bool) -> int:
    """账本：封存、验账、检查点。以服务账户运行；没有任何命令可以改动或删除账本中的事件。"""
    if act == "rotate":
        return _rotate(console, reason=reason, is_compromised=is_compromised)
    if reason or is_compromised:
        raise click.UsageError("--reason 和 --compromised 只用于 rotate。")
    if is_tiles_only:
        if act != "verify":
            raise click.UsageError("--tiles 只用于 verify。")
        return _verify(console, is_tiles_only=True)
    acts = {"verify": _verify, "seal": _seal, "stamp": _stamp, "renew": _renew, "expire": _expire}
    return (acts | {"recopy": _recopy, "checkpoint": _checkpoint})[act](console)


def _verify(console: Console, *, is_tiles_only: bool = False) -> int:
    house = console.house()
    from lantai.stages import attest

    with progress():
        outcome = attest.attest_tiles(house) if is_tiles_only else attest.attest(house)
    said = "全部相符" if outcome.ok else f"发现 {len(outcome.problems)} 处不符"
    lines = [f"验账 {outcome.size} 条、检查点 {outcome.checkpoints} 个，{said}。"]
    lines += [f"  ✗ {row.code}  {row.message}" for row in outcome.problems]
    lines += [f"  · {text}" for text in outcome.not_checked]
    lines += [f"  · 到期依规销毁内容 {outcome.expired} 条，摘要仍在"] if outcome.expired else []
    lines += [f"  · 未封存 {outcome.unsealed} 条"] if outcome.unsealed else []
    lines += [f"  指纹 {outcome.fingerprint}"] if outcome.fingerprint else []
    console.result(outcome.as_json(), "\n".join(lines))
    return 0 if outcome.ok else 4


def _seal(console: Console) -> int:
    house = console.house()
    from lantai.stages import seal

    with progress():
        done = seal.seal(house)
    lines = [f"封存 {done.added} 条，共 {done.size} 条。", *(f"  见证处 {folder} 没有交到。" for folder in done.absent)]
    console.result({"added": done.added, "size": done.size, "witnesses_absent": list(done.absent)}, "\n".join(lines))
    return 0


def _stamp(console: Console) -> int:
    house = console.house()
    from lantai.stages import stamp

    with progress():
        done = stamp.stamp(house, is_asked=True)
    said = f"加盖时间戳：批次根 {done.roots} 个、检查点 {done.checkpoints} 个；还有 {done.waiting} 个批次根未加盖。"
    console.result({"roots": done.roots, "checkpoints": done.checkpoints, "waiting": done.waiting}, said)
    return 0


def _renew(console: Console) -> int:
    house = console.house()
    from lantai.stages import renew

    with progress():
        done = renew.renew(house, house.settings.renew_digest)
    said = f"按 {house.settings.renew_digest} 重新签名 {done.records} 件的证明，{done.batches} 批；时间戳随后加盖。"
    console.result({"records": done.records, "batches": done.batches}, said)
    return 0


def _expire(console: Console) -> int:
    house = console.house()
    from lantai.stages import expire

    with progress():
        done = expire.expire(house)
    said = f"销毁 {done.removed} 条内容，只留摘要。" if done.before else "没有设置保留天数（personal_days），全部保留。"
    console.result({"removed": done.removed, "before": done.before.isoformat() if done.before else ""}, said)
    return 0


def _recopy(console: Console) -> int:
    house = console.house()
    from lantai.stages import recopy

    with progress():
        written = recopy.recopy(house)
    console.result({"payloads": written}, f"重写 {written} 条事件内容，记入账本；请再验一遍账。")
    return 0


def _rotate(console: Console, *, reason: str, is_compromised: bool) -> int:
    if not reason:
        raise click.UsageError("请用 --reason 写明为什么更换密钥，它记入账本。")
    house = console.house()
    from lantai import line

    with progress():
        made = line.rotate_keys(house, reason=reason, is_compromised=is_compromised)
    lines = ["签名密钥已更换，交接由旧密钥签字，记入账本。请把新公钥登在登记簿或公布：", *(f"  {key.key_id}" for key in made.current)]
    lines += ["旧密钥泄露前所盖的时间戳、见证处和登记簿上的指纹仍然作数；此后只认新密钥。"] if is_compromised else []
    former, current = ([key.key_id for key in keys] for keys in (made.former, made.current))
    console.result({"former": former, "current": current, "is_compromised": is_compromised}, "\n".join(lines))
    return 0


def _checkpoint(console: Console) -> int:
    house = console.house()
    from lantai.stages import seal

    told = seal.published(house)
    document = {"note": told.note, "size": told.size, "fingerprint": told.fingerprint, "verifier_keys": list(told.verifier_keys)}
    keys = "\n".join(f"  {key}" for key in told.verifier_keys)
    console.result(document, f"{told.note}\n指纹 {told.fingerprint}\n公钥（签名注记格式）\n{keys}")
    return 0
