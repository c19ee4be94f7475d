"""What the ledger can say: every type of event with the class of its payload, and the bytes a log entry stands for.

The classes (house §6): **permanent** payloads are kept for ever; **content_bound** ones go with the content they tell of;
**personal** ones tell who looked for or read what and have a period of their own. docs/design/ledger-format.md is normative
and carries this table; a test holds the two together. An event type is API: it is added, never re-used.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from lantai.core.evidence import canonical_json

ENTRY_LIMIT_BYTES = 4096
#: More than the parts of an entry take that have always the same length: names of the fields, id, instant, digest.
_FIXED_BYTES = 400


class PayloadClass(StrEnum):
    """How long the payload of an event is kept."""

    PERMANENT = "permanent"
    CONTENT_BOUND = "content_bound"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: its name, the class of its payload, what kind of object it is about, its Chinese name."""

    type: str
    payload: PayloadClass
    object_kind: str
    name: str


_P, _C, _V = PayloadClass.PERMANENT, PayloadClass.CONTENT_BOUND, PayloadClass.PERSONAL

ROWS: tuple[EventType, ...] = (
    EventType("batch:opened", _P, "batch", "批次建立"),
    EventType("batch:received", _C, "batch", "批次接收完成"),
    EventType("batch:checked", _P, "batch", "批次检测"),
    EventType("batch:accepted", _P, "batch", "批次接收确认"),
    EventType("batch:answered", _P, "batch", "人工判定整批"),
    EventType("record:received", _C, "record", "收到文件"),
    EventType("record:checked", _P, "record", "检测"),
    EventType("record:answered", _P, "record", "人工判定"),
    EventType("overruling:proposed", _P, "record", "提出说明接受"),
    EventType("overruling:accepted", _P, "record", "经说明接受"),
    EventType("overruling:rejected", _P, "record", "不同意说明接受"),
    EventType("record:described", _C, "record", "著录"),
    EventType("record:arranged", _C, "record", "整理"),
    EventType("record:revised", _C, "record", "修改著录"),
    EventType("record:merged", _C, "record", "合为一件"),
    EventType("record:joined", _C, "record", "并入他件"),
    EventType("record:split", _C, "record", "拆出一件"),
    EventType("record:attached", _C, "record", "挂接文件"),
    EventType("record:distinguished", _P, "record", "判定是否重复"),
    EventType("record:recomposed", _C, "record", "调整件的组成"),
    EventType("volume:formed", _C, "volume", "组卷"),
    EventType("volume:changed", _C, "volume", "调整案卷"),
    EventType("volume:undone", _C, "volume", "拆卷"),
    EventType("volume:fixed", _P, "volume", "固定案卷档号"),
    EventType("record:numbered", _P, "range", "固定档号"),
    EventType("record:accessioned", _P, "record", "登记原有档号"),
    EventType("record:archived", _P, "record", "归档"),
    EventType("proof:signed", _P, "proof", "批次根签名"),
    EventType("proof:stamped", _P, "proof", "批次根加盖时间戳"),
    EventType("proof:renewed", _P, "proof", "证明换算法"),
    EventType("checkpoint:stamped", _P, "ledger", "检查点加盖时间戳"),
    EventType("amendment:proposed", _C, "record", "提出更正"),
    EventType("amendment:approved", _P, "record", "批准更正"),
    EventType("amendment:rejected", _P, "record", "不同意更正"),
    EventType("record:amended", _P, "record", "更正著录"),
    EventType("record:restored", _P, "record", "恢复旧版著录"),
    EventType("record:replaced", _P, "record", "替换文件"),
    EventType("record:returned", _C, "record", "退回"),
    EventType("record:discarded", _C, "record", "不予归档"),
    EventType("record:resubmitted", _C, "record", "重新提交"),
    EventType("batch:sealed", _P, "batch", "检测报告签名"),
    EventType("form:printed", _V, "form", "打印表单"),
    EventType("record:read", _V, "record", "阅览"),
    EventType("record:exported", _V, "record", "导出"),
    EventType("export:fetched", _V, "export", "下载导出的包"),
    EventType("list:exported", _V, "list", "导出清单"),
    EventType("record:transferred", _P, "record", "移交"),
    EventType("transfer:drafted", _P, "transfer", "拟定移交"),
    EventType("transfer:checked", _P, "transfer", "移交检测"),
    EventType("transfer:packed", _P, "transfer", "形成移交信息包"),
    EventType("transfer:receipted", _P, "transfer", "登记移交回执"),
    EventType("transfer:cancelled", _P, "transfer", "取消移交"),
    EventType("record:verified", _P, "record", "真实性核验"),
    EventType("record:rechecked", _P, "record", "重新检测"),
    EventType("work:resumed", _P, "batch", "恢复处理"),
    EventType("preservation:started", _P, "run", "保存检测开始"),
    EventType("preservation:stopped", _P, "run", "保存检测停止"),
    EventType("preservation:resumed", _P, "run", "保存检测继续"),
    EventType("preservation:failed", _P, "run", "保存检测未完成"),
    EventType("preservation:concluded", _P, "run", "保存检测完成"),
    EventType("preservation:damaged", _P, "record", "保存检测发现损坏"),
    EventType("preservation:mended", _P, "record", "保存检测确认恢复"),
    EventType("preservation:planned", _P, "plan", "建立保存检测计划"),
    EventType("preservation:retired", _P, "plan", "停用保存检测计划"),
    EventType("replica:added", _P, "replica", "设立副本"),
    EventType("replica:retired", _P, "replica", "停用副本"),
    EventType("replica:copied", _P, "replica", "写入副本"),
    EventType("copy:damaged", _P, "record", "发现副本损坏"),
    EventType("copy:mended", _P, "record", "用完好的副本修复"),
    EventType("audit:started", _P, "audit", "固化核验开始"),
    EventType("audit:stopped", _P, "audit", "固化核验停止"),
    EventType("audit:resumed", _P, "audit", "固化核验继续"),
    EventType("audit:failed", _P, "audit", "固化核验未完成"),
    EventType("audit:concluded", _P, "audit", "固化核验完成"),
    EventType("vault:moving", _P, "vault", "开始迁移档案库"),
    EventType("vault:moved", _P, "vault", "迁移档案库"),
    EventType("vault:removed", _P, "vault", "删除旧处的档案库"),
    EventType("vault:examined", _P, "replica", "检查档案库"),
    EventType("medium:registered", _P, "replica", "登记离线介质"),
    EventType("medium:checked", _P, "replica", "检查离线介质"),
    EventType("register:imported", _P, "register", "导入办结登记"),
    EventType("register:changed", _C, "document", "办结登记变更"),
    EventType("register:excluded", _C, "document", "判定不应归"),
    EventType("register:included", _C, "document", "撤销不应归"),
    EventType("register:matched", _C, "document", "确认归档对应"),
    EventType("register:parted", _C, "document", "撤销归档对应"),
    EventType("handover:made", _P, "handover", "编制移交清单"),
    EventType("handover:given", _P, "handover", "交方签署移交清单"),
    EventType("handover:taken", _P, "handover", "收方签署移交清单"),
    EventType("handover:voided", _P, "handover", "移交清单签署作废"),
    EventType("handover:dropped", _P, "handover", "撤销移交清单"),
    EventType("digitising:planned", _P, "project", "建立数字化项目"),
    EventType("digitising:opened", _P, "scans", "建立数字化批次"),
    EventType("digitising:stepped", _P, "scans", "数字化步骤登记"),
    EventType("digitising:scanned", _C, "scans", "收到扫描件"),
    EventType("digitising:processed", _C, "scans", "扫描件处理与识别"),
    EventType("digitising:aside", _C, "scans", "扫描件搁置"),
    EventType("digitising:erased", _P, "scans", "扫描件销毁证明"),
    EventType("digitising:described", _C, "item", "确认著录"),
    EventType("digitising:doubted", _C, "item", "著录存疑转人"),
    EventType("digitising:judged", _C, "page", "质检判定"),
    EventType("digitising:returned", _C, "item", "退扫"),
    EventType("digitising:sampled", _P, "scans", "抽取质检样本"),
    EventType("digitising:signed", _P, "scans", "签署数字化验收"),
    EventType("digitising:accepted", _P, "scans", "数字化批次验收通过"),
    EventType("digitising:rejected", _P, "scans", "数字化批次退回返工"),
    EventType("digitising:delivered", _P, "scans", "数字化成果转入接收"),
    EventType("digitising:filed", _P, "scans", "留存数字化工作表单"),
    EventType("digitising:countersigned", _P, "scans", "签署数字化工作表单"),
    EventType("digitising:assigned", _P, "scans", "数字化步骤定人"),
    EventType("digitising:turned", _C, "page", "转正扫描页"),
    EventType("digitising:retired", _P, "learned", "停用学到的词"),
    EventType("digitising:restored", _P, "learned", "恢复学到的词"),
    EventType("digitising:closed", _P, "scans", "数字化批次归还结束"),
    EventType("number:voided", _P, "scope", "空号说明"),
    EventType("number:withdrawn", _P, "record", "撤回档号"),
    EventType("quarantine:sealed", _P, "quarantine", "隔离封存"),
    EventType("quarantine:proposed", _P, "quarantine", "隔离处置提出"),
    EventType("quarantine:removed", _P, "quarantine", "隔离清除"),
    EventType("quarantine:erased", _P, "quarantine", "隔离件销毁证明"),
    EventType("quarantine:released", _P, "quarantine", "解除隔离"),
    EventType("account:created", _P, "account", "建立账号"),
    EventType("account:changed", _P, "account", "变更账号"),
    EventType("account:approved", _P, "account", "批准账号启用"),
    EventType("account:disabled", _P, "account", "停用账号"),
    EventType("client:issued", _P, "client", "给业务系统发令牌"),
    EventType("client:approved", _P, "client", "批准业务系统的令牌"),
    EventType("client:withdrawn", _P, "client", "撤销业务系统的令牌"),
    EventType("client:called", _V, "client", "业务系统调用"),
    EventType("client:refused", _V, "client", "业务系统被拒"),
    EventType("session:opened", _V, "account", "登录"),
    EventType("session:refused", _V, "account", "登录被拒"),
    EventType("session:locked", _V, "account", "登录锁定"),
    EventType("session:closed", _V, "account", "退出"),
    EventType("access:refused", _V, "account", "越权被拒"),
    EventType("token:issued", _V, "account", "发放令牌"),
    EventType("fonds:named", _P, "fonds", "立档单位定名或改名"),
    EventType("category:decided", _P, "category", "定门类规则"),
    EventType("category:retired", _P, "category", "停用门类规则"),
    EventType("classification:decided", _P, "category", "定分类方案"),
    EventType("classification:retired", _P, "category", "停用分类方案"),
    EventType("list:decided", _P, "list", "定代码表"),
    EventType("list:retired", _P, "list", "停用代码表"),
    EventType("department:added", _P, "department", "设立机构"),
    EventType("department:renamed", _P, "department", "机构改名"),
    EventType("department:closed", _P, "department", "机构撤并"),
    EventType("state:written", _P, "state", "写状态包"),
    EventType("database:rebuilt", _P, "system", "重建数据库"),
    EventType("recovery:keyed", _P, "system", "设置恢复口令"),
    EventType("recovery:scheduled", _P, "system", "调整备份计划"),
    EventType("backup:made", _P, "backup", "备份"),
    EventType("backup:failed", _P, "backup", "备份未完成"),
    EventType("backup:verified", _P, "backup", "核验备份"),
    EventType("backup:sent", _P, "backup", "备份送到对象存储"),
    EventType("backup:pruned", _P, "backup", "清除旧备份"),
    EventType("backup:restored", _P, "backup", "从备份还原"),
    EventType("drill:held", _P, "drill", "恢复演练"),
    EventType("settings:changed", _P, "system", "修改设置"),
    EventType("format:changed", _P, "format", "调整格式政策"),
    EventType("format:restored", _P, "format", "格式政策恢复标准"),
    EventType("scheme:changed", _P, "scheme", "调整检测方案"),
    EventType("scheme:restored", _P, "scheme", "检测方案恢复标准"),
    EventType("format:exported", _P, "format", "导出过时风险清单"),
    EventType("schedule:drafted", _P, "schedule", "拟订保管期限表"),
    EventType("schedule:adopted", _P, "schedule", "采用保管期限表"),
    EventType("schedule:withdrawn", _P, "schedule", "撤回拟订的保管期限表"),
    EventType("metadata:proposed", _P, "metadata", "拟订元数据方案"),
    EventType("metadata:adopted", _P, "metadata", "采用元数据方案"),
    EventType("metadata:retired", _P, "metadata", "停用元数据方案"),
    EventType("metadata:withdrawn", _P, "metadata", "撤回元数据方案"),
    EventType("system:initialised", _P, "system", "系统初始化"),
    EventType("ledger:verified", _P, "ledger", "验账"),
    EventType("ledger:expired", _P, "ledger", "个人信息内容到期销毁"),
    EventType("ledger:recopied", _P, "ledger", "重写日志旁的事件内容"),
    EventType("ledger:excerpted", _P, "ledger", "导出审计摘录"),
    EventType("key:rotated", _P, "key", "更换签名密钥"),
    EventType("search:asked", _V, "system", "检索"),
)
#: Events by which a version of a record comes into the vault: they name its number and the SHA-256 of its inventory.
VERSION_EVENTS = ("record:archived", "record:transferred", "record:amended", "record:restored", "record:replaced")
EVENTS: dict[str, EventType] = {row.type: row for row in ROWS}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A log entry: what happened, when (UTC), who did it, to what, and the salted digest of what it says."""

    id: str
    type: str
    instant: datetime
    actor: str
    object_kind: str
    object_id: str
    payload_digest: str

    def demand_fit(self) -> None:
        """Raise ValueError where :meth:`entry` would, without writing one that surely fits: a character takes six bytes at most."""
        variable = len(self.type) + len(self.actor) + len(self.object_kind) + len(self.object_id)
        if self.instant.tzinfo is None or 6 * variable + _FIXED_BYTES > ENTRY_LIMIT_BYTES:
            self.entry()

    def entry(self) -> bytes:
        """Return the canonical JSON of the entry, the content of its leaf in the Merkle tree.

        Raises ValueError for an instant without zone and for an entry over 4 KiB.
        """
        content = canonical_json(
            {
                "actor": self.actor,
                "id": self.id,
                "instant": instant_text(self.instant),
                "object_id": self.object_id,
                "object_kind": self.object_kind,
                "payload_digest": self.payload_digest,
                "type": self.type,
            }
        )
        if len(content) > ENTRY_LIMIT_BYTES:
            raise ValueError(f"log entry of {len(content)} bytes: {self.type}")
        return content


def instant_text(instant: datetime) -> str:
    """Write an instant as the ledger does: UTC, six digits of a second, ``Z``. Raises ValueError without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check_table() -> None:
    if len(EVENTS) != len(ROWS):
        raise ValueError("events: a type is listed twice")


_check_table()
