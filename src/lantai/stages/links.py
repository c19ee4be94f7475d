"""The way of proof of one record, link by link: bytes, proof, batch root, time stamp, ledger, checkpoint, witness; and where it stops.

Last, beside the way: whether the tables say of the record what its package does.

A link behind one that broke is not reached: it is neither good nor bad. What does not exist (no stamp, no witness) is told as that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lantai.core import beijing
from lantai.core.access import ROLE_NAMES, Role
from lantai.core.events import instant_text
from lantai.stages.seals import LedgerProof, WitnessSeen
from lantai.stages.stamps import StampProof

#: Codes of problems by the link they break; whatever is not named here is about the bytes.
BROKEN: dict[str, tuple[str, ...]] = {
    "proof": ("PROOF-UNREADABLE", "PROOF-LEAF-DIFFERS", "PROOF-PATH-BROKEN"),
    "root": ("PROOF-SIGNATURE", "PROOF-KEY", "PROOF-RENEWAL"),
    "stamp": ("PROOF-STAMP",),
    "ledger": ("PROVE-EVENT", "PROVE-LEDGER", "PROVE-INVENTORY", "PROVE-VERSION"),
    "checkpoint": ("PROVE-CHECKPOINT",),
    "witness": ("PROVE-WITNESS",),
    "row": ("PROVE-ROW",),
}
NAMES = {
    "bytes": "内容摘要",
    "proof": "存证文件",
    "root": "批次根签名",
    "stamp": "时间戳",
    "ledger": "账本",
    "checkpoint": "检查点",
    "witness": "见证处",
    "row": "著录",
}
#: Whom to tell when a link broke.
TOLD = {"bytes": Role.SYSADMIN, "stamp": Role.SYSADMIN}
NOT_RUN = ("PROVE-NOT-",)


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its key and name, ``state`` ok, err, none (does not exist), partly (not yet) or skip (not reached), what it says."""

    key: str
    name: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The way of proof of one record. ``stops`` is the key of the link that broke, empty where none did.

    ``last_good`` is when everything was last found good, ``archived`` when it was put in and read back; ``tell`` says who is to be told.
    """

    record: str
    links: tuple[Link, ...]
    stops: str = ""
    last_good: datetime | None = None
    tell: str = ""
    archived: datetime | None = None

    @property
    def broken(self) -> str:
        """The name of the link that broke."""
        return NAMES.get(self.stops, "")

    @property
    def since(self) -> str:
        """In words, since when something may be wrong."""
        if self.last_good is not None:
            return f"上次核验一致是 {_minute(self.last_good)}，此后出的问题"
        read = f"；{_minute(self.archived)} 归档入库时逐字节读回相符" if self.archived else ""
        return f"此前没有核验一致的记录{read}"

    def as_json(self) -> dict[str, object]:
        """Return ``{record, links[], stops, last_good, tell}``."""
        links = [{"link": item.key, "name": item.name, "state": item.state, "message": item.says} for item in self.links]
        at = instant_text(self.last_good) if self.last_good else ""
        return {"record": self.record, "links": links, "stops": self.stops, "last_good": at, "tell": self.tell}


def _minute(at: datetime) -> str:
    return f"{at.astimezone(beijing.ZONE):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What verifying found out besides problems: the stamp, the place in the ledger, what witnesses have seen."""

    stamp: StampProof | None = None
    ledger: LedgerProof | None = None
    witnesses: tuple[WitnessSeen, ...] = ()


def links(problems: Sequence[tuple[str, str]], evidence: Evidence) -> tuple[tuple[Link, ...], str]:
    """Return the links and the key of the first that broke, from *problems* (code, message) and what was found out."""
    broken: dict[str, str] = {}
    for code, message in problems:
        broken.setdefault(link_of(code), message)
    sound = _sound(evidence)
    if broken.keys() & {"proof", "root", "ledger", "checkpoint"}:  # nothing then says that the list is the one of archiving
        sound["bytes"] = ("ok", "逐字节重算，与库中清单相符；清单是不是归档时的那一份，看后面各环")
    if "bytes" in broken:
        sound["row"] = ("skip", f"{NAMES['bytes']}不符，这一环没有再核")
    if "checkpoint" in broken and evidence.ledger is None:
        sound["ledger"] = ("partly", "归档事件还在且内容未变；检查点不成立，证明不了它在账本里")
    made, stops = [], ""
    for key, name in NAMES.items():
        if key in broken:
            made.append(Link(key, name, "err", broken[key]))
            stops = stops or key
        elif stops and sound[key][0] != "none" and key != "row":
            made.append(Link(key, name, "skip", f"{NAMES[stops]}不符，这一环没有再核"))
        else:
            made.append(Link(key, name, *sound[key]))
    return tuple(made), stops


def link_of(code: str) -> str:
    """Return the link that a problem breaks."""
    return next((key for key, codes in BROKEN.items() if code.startswith(codes)), "bytes")


def tell(stops: str, names: Sequence[str]) -> str:
    """Return who is to be told of a broken link; *names* are those who hold that role."""
    who = "、".join(names)
    return f"请不要使用这一件，告知{ROLE_NAMES[role_of(stops)]}{who}" if stops else ""


def role_of(stops: str) -> str:
    """Return the role that is to be told when a link broke."""
    return TOLD.get(stops, Role.AUDITOR)


def _sound(evidence: Evidence) -> dict[str, tuple[str, str]]:
    """Return state and words of every link for the case that it did not break."""
    stamp, ledger = evidence.stamp, evidence.ledger
    sealed = "归档事件还在且内容未变；还没有封存，几秒后可再核"
    return {
        "bytes": ("ok", "逐字节重算，与归档时相符"),
        "proof": ("ok", "所列文件与摘要自相一致，能通到批次根"),
        "root": ("ok", "本机关密钥对批次根的签名有效"),
        "stamp": _stamped(stamp),
        "ledger": ("ok", f"第 {ledger.position} 条，经 {len(ledger.path)} 步通到签署的根") if ledger else ("partly", sealed),
        "checkpoint": ("ok", f"{ledger.size} 条时签署，指纹 {ledger.fingerprint}") if ledger else ("partly", "等封存"),
        "witness": _witnessed(evidence.witnesses, ledger),
        "row": ("ok", "数据库里的著录与包里的相符"),
    }


def _stamped(stamp: StampProof | None) -> tuple[str, str]:
    if stamp is None or stamp.state == "none" or stamp.instant is None:
        return "none", stamp.says if stamp else "未加盖时间戳"
    at = f"{stamp.instant.astimezone(beijing.ZONE):%Y-%m-%d %H:%M:%S}，{stamp.says}"
    return ("ok", at) if stamp.state == "good" else ("partly", f"{at}；没有设置受信任的根证书，机构是否可信未判断")


def _witnessed(seen: Sequence[WitnessSeen], ledger: LedgerProof | None) -> tuple[str, str]:
    if not seen:
        return "none", "没有设置见证处，连密钥一起掌握的人把账本整本换过看不出来"
    holds = [item for item in seen if item.size is not None and ledger is not None and item.size > ledger.position]
    if holds:
        return "ok", f"{len(holds)} 处见过这一条，与账本相同"
    absent = [item.folder for item in seen if item.size is None]
    return "partly", f"{'、'.join(absent)} 现在读不到，没有与它对照；请告知系统管理员和安全审计员" if absent else "检查点还没有交到见证处"
