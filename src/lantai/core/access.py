"""Who may do what, in one table: role → permission → on which records (docs/design/model.md, access; GB/T 22239-2019 A5, M1–M3).

A permission reads ``scope:thing:action``. A rule without conditions holds everywhere; its conditions are facet values that must
all match; several rules of one permission are alternatives. Default is no. What one may read in a list or a search is derived
from the same rows (:func:`visible`, :func:`filter_rows`), so a list never shows what :func:`may` would refuse.

The three administrators 系统管理员, 安全保密管理员 and 安全审计员 hold no permission on content at all, checked at import.
A client, a system of the agency that sends by itself, has a role of its own, and its token names the scopes beyond which it may do nothing.
Quarantined material is read by nobody, whatever the table says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lantai.core.errors import Refusal
from lantai.core.findings import Finding, finding
from lantai.core.lifecycle import Opening, State


class Role(StrEnum):
    """The one role of an account."""

    ARCHIVIST = "archivist"
    PART_TIME_ARCHIVIST = "part_time_archivist"
    READER = "reader"
    INSPECTOR = "inspector"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    AUDITOR = "auditor"


ROLE_NAMES: dict[str, str] = {
    Role.ARCHIVIST: "档案员",
    Role.PART_TIME_ARCHIVIST: "兼职档案员",
    Role.READER: "利用者",
    Role.INSPECTOR: "质检员",
    Role.SYSADMIN: "系统管理员",
    Role.SECADMIN: "安全保密管理员",
    Role.AUDITOR: "安全审计员",
}
#: What a client may be, which no account of a person is: one of the whole fonds, one of a single department.
CLIENT, DEPARTMENT_CLIENT = "client", "department_client"
CLIENT_NAMES: dict[str, str] = {CLIENT: "业务系统", DEPARTMENT_CLIENT: "业务系统（限一个部门）"}
#: What a token can be issued for: scope → its name, and the permissions that it leaves.
SCOPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "register": ("送办结登记，查应归尽归", ("intake:register:import", "intake:register:read")),
    "receipts": ("查批次，取回执", ("intake:batch:read",)),
    "packages": ("送归档材料", ("intake:batch:open",)),
}
ADMINISTRATORS: frozenset[str] = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})

ACTION_NAMES: dict[str, str] = {
    "intake:batch:open": "接收一批材料",
    "intake:batch:read": "查看批次",
    "intake:batch:accept": "确认接收批次",
    "intake:batch:return": "退回批次",
    "intake:work:resume": "恢复处理",
    "intake:register:read": "查看办结登记",
    "intake:register:import": "导入办结登记",
    "intake:register:decide": "判定应归与不应归",
    "intake:handover:read": "查看部门移交清单",
    "intake:handover:make": "编制部门移交清单",
    "intake:handover:give": "以交方签署移交清单",
    "intake:handover:take": "以收方签署移交清单",
    "intake:record:discard": "不予归档",
    "intake:item:overrule": "说明接受不通过的检测项",
    "holdings:record:read": "查看档案",
    "holdings:record:revise": "修改著录",
    "holdings:record:amend": "更正在库档案",
    "holdings:record:archive": "归档",
    "holdings:record:verify": "验证档案",
    "holdings:number:fix": "固定档号",
    "holdings:file:download": "下载文件",
    "holdings:record:export": "导出档案",
    "holdings:record:transfer": "移交档案",
    "holdings:catalogue:import": "导入目录",
    "holdings:file:attach": "挂接文件",
    "search:record:find": "检索",
    "digitise:batch:read": "查看数字化批次",
    "digitise:batch:open": "建立数字化项目和批次、送入扫描件",
    "digitise:batch:hand": "登记档案出库、各步骤和归还",
    "digitise:item:describe": "著录扫描件",
    "digitise:page:inspect": "质检扫描件",
    "digitise:batch:accept": "验收数字化批次",
    "people:account:list": "查看账户",
    "people:account:create": "新建账户",
    "people:account:disable": "停用账户",
    "people:account:reset": "重设口令",
    "people:account:approve": "批准账户启用",
    "people:account:vouch": "代为批准安全保密管理员的账户",
    "people:account:assign": "调整账户权限",
    "people:client:list": "查看业务系统",
    "people:client:issue": "给业务系统发令牌",
    "people:client:approve": "批准业务系统的令牌",
    "people:client:withdraw": "撤销业务系统的令牌",
    "quarantine:item:list": "查看隔离件",
    "quarantine:item:remove": "清除隔离件",
    "quarantine:item:release": "解除隔离",
    "quarantine:erasure:certify": "签署扫描件销毁证明",
    "ledger:event:read": "查看审计记录",
    "ledger:log:verify": "验账",
    "ledger:payload:read": "查看审计记录的内容",
    "system:backup:read": "查看备份与演练",
    "system:backup:plan": "调整备份计划",
    "system:settings:change": "修改系统设置",
    "system:health:read": "查看系统状况",
    "system:agency:read": "查看内设机构和档号规则",
    "system:agency:change": "设立、改名和撤并内设机构",
    "upkeep:run:read": "查看保存检测",
    "upkeep:run:start": "开始、停止和继续保存检测",
    "upkeep:plan:change": "调整保存检测计划",
    "vault:copy:read": "查看副本与介质",
    "vault:copy:mend": "用完好的副本修复",
    "vault:replica:change": "设立和停用副本",
    "vault:audit:start": "开始、停止和继续固化核验",
    "vault:medium:change": "登记和检查离线介质",
    "policy:format:read": "查看格式政策",
    "policy:format:change": "调整格式政策",
    "policy:check:read": "查看检测方案",
    "policy:check:change": "调整检测方案",
    "policy:metadata:read": "查看元数据方案",
    "policy:metadata:propose": "拟订元数据方案",
    "policy:metadata:adopt": "采用元数据方案",
    "policy:schedule:read": "查看保管期限表",
    "policy:schedule:draft": "拟订保管期限表",
    "policy:schedule:adopt": "采用保管期限表",
}
_CONTENT_SCOPES = ("intake", "holdings", "search", "digitise")
_OF_DEPARTMENTS = ("intake:batch:", "intake:register:", "intake:handover:")
OWN = "<own department>"
#: No security administrator is there to approve.
NOBODY = "nobody"

Conditions = tuple[tuple[str, str], ...]
_ARCHIVED = ("state", State.ARCHIVED.value)
_OPEN = ("opening", Opening.OPEN.value)
_OWN = ("department", OWN)
_READER: tuple[Conditions, ...] = ((_ARCHIVED, _OPEN), (_ARCHIVED, _OWN))
_OWN_ONLY: tuple[Conditions, ...] = ((_OWN,),)
_ANY: tuple[Conditions, ...] = ((),)

RULES: dict[str, dict[str, tuple[Conditions, ...]]] = {
    Role.ARCHIVIST: {name: _ANY for name in ACTION_NAMES if name.split(":")[0] in _CONTENT_SCOPES and name != "intake:handover:give"}
    | {"system:backup:read": _ANY}
    | {"upkeep:run:read": _ANY, "upkeep:run:start": _ANY, "upkeep:plan:change": _ANY}
    | {"vault:copy:read": _ANY, "vault:audit:start": _ANY, "vault:medium:change": _ANY}
    | {"system:health:read": _ANY, "policy:format:read": _ANY, "policy:check:read": _ANY}
    | {"system:agency:read": _ANY, "system:agency:change": _ANY}
    | {"policy:metadata:read": _ANY, "policy:metadata:propose": _ANY}
    | {"policy:schedule:read": _ANY, "policy:schedule:draft": _ANY},
    Role.PART_TIME_ARCHIVIST: {
        "intake:batch:open": _OWN_ONLY,
        "intake:batch:read": _OWN_ONLY,
        "intake:register:read": _OWN_ONLY,
        "intake:register:decide": _OWN_ONLY,
        "intake:handover:read": _OWN_ONLY,
        "intake:handover:make": _OWN_ONLY,
        "intake:handover:give": _OWN_ONLY,
        "holdings:record:read": _OWN_ONLY,
        "holdings:record:verify": _OWN_ONLY,
        "holdings:file:download": _OWN_ONLY,
        "holdings:record:export": _OWN_ONLY,
        "search:record:find": _ANY,
    },
    Role.READER: {
        "holdings:record:read": _READER,
        "holdings:record:verify": _READER,
        "holdings:file:download": _READER,
        "search:record:find": _ANY,
    },
    Role.INSPECTOR: {
        "digitise:batch:read": _ANY,
        "digitise:page:inspect": _ANY,
        "digitise:batch:accept": _ANY,
    },
    CLIENT: {action: _ANY for _, actions in SCOPES.values() for action in actions},
    DEPARTMENT_CLIENT: {action: _OWN_ONLY for _, actions in SCOPES.values() for action in actions},
    Role.SYSADMIN: {
        "people:client:list": _ANY,
        "people:client:issue": _ANY,
        "people:account:list": _ANY,
        "people:account:create": _ANY,
        "people:account:disable": _ANY,
        "people:account:reset": _ANY,
        "system:backup:read": _ANY,
        "system:backup:plan": _ANY,
        "system:settings:change": _ANY,
        "system:agency:read": _ANY,
        "system:agency:change": _ANY,
        "system:health:read": _ANY,
        "upkeep:run:read": _ANY,
        "upkeep:run:start": _ANY,
        "upkeep:plan:change": _ANY,
        "vault:copy:read": _ANY,
        "vault:copy:mend": _ANY,
        "vault:replica:change": _ANY,
        "vault:audit:start": _ANY,
        "vault:medium:change": _ANY,
        "policy:format:read": _ANY,
        "policy:format:change": _ANY,
        "policy:check:read": _ANY,
        "policy:check:change": _ANY,
        "policy:metadata:read": _ANY,
        "policy:metadata:propose": _ANY,
        "policy:metadata:adopt": _ANY,
        "policy:schedule:read": _ANY,
        "policy:schedule:draft": _ANY,
        "policy:schedule:adopt": _ANY,
    },
    Role.SECADMIN: {
        "people:client:list": _ANY,
        "people:client:approve": _ANY,
        "people:client:withdraw": _ANY,
        "people:account:list": _ANY,
        "people:account:approve": _ANY,
        "people:account:assign": _ANY,
        "quarantine:item:list": _ANY,
        "quarantine:item:remove": _ANY,
        "quarantine:item:release": _ANY,
        "quarantine:erasure:certify": _ANY,
        "system:health:read": _ANY,
    },
    Role.AUDITOR: {
        "ledger:event:read": _ANY,
        "ledger:log:verify": _ANY,
        "ledger:payload:read": ((("kind", "permanent"),),),
        "people:client:list": _ANY,
        "people:account:list": _ANY,
        "people:account:vouch": ((("role", Role.SECADMIN.value), ("approver", NOBODY)),),
        "system:health:read": _ANY,
    },
}
MASK = "（内容不向审计员显示，仅留摘要）"
_FACET_CODES = {
    "state": "ACCESS-NOT-ARCHIVED",
    "opening": "ACCESS-NOT-OPEN",
    "department": "ACCESS-DEPARTMENT",
    "kind": "ACCESS-PAYLOAD",
    "role": "ACCESS-APPROVER",
    "approver": "ACCESS-APPROVER",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account id, login, display name, role and department code (empty where none).

    ``scopes`` are those of a client's token, beyond which it may do nothing; None for a person.
    """

    id: str
    login: str
    name: str
    role: str
    department: str = ""
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an act is allowed; if not, why, each reason naming the rule and the way through."""

    allowed: bool
    reasons: tuple[Finding, ...] = ()


def may(actor: Actor, action: str, facts: Mapping[str, str] | None = None) -> Decision:
    """Decide whether *actor* may do *action* on a thing with these facets (``state``, ``department``, ``opening``).

    A facet that is absent matches no condition. ``quarantined`` other than empty refuses every act on content. Raises KeyError
    for an action that is not in the table: an unlisted permission is a bug.
    """
    name, facts = ACTION_NAMES[action], facts or {}
    if _is_content(action) and actor.role in ADMINISTRATORS:
        return _refused("ACCESS-ADMINISTRATOR", action=name, role=role_name(actor.role))
    if not _is_in_scope(actor, action):
        return _refused("ACCESS-SCOPE", action=name, scopes="、".join(scope_name(scope) for scope in sorted(actor.scopes or ())))
    alternatives = _alternatives(actor, action)
    if alternatives is None:
        return _refused("ACCESS-ROLE", action=name, role=role_name(actor.role), roles=_holders(action))
    if _is_content(action) and facts.get("quarantined"):
        return _refused("ACCESS-QUARANTINED", action=name)
    failed = [_failed(row, facts) for row in alternatives]
    if any(not row for row in failed):
        return Decision(allowed=True)
    return Decision(allowed=False, reasons=_explain(failed, actor, name))


def require(actor: Actor, action: str, facts: Mapping[str, str] | None = None, *, where: str = "") -> None:
    """Do nothing where *actor* may, else raise Refusal ``ACCESS-REFUSED`` with the reasons of :func:`may`."""
    decision = may(actor, action, facts)
    if not decision.allowed:
        raise Refusal("ACCESS-REFUSED", where, decision.reasons, action=ACTION_NAMES[action])


def visible(actor: Actor) -> tuple[dict[str, str], ...]:
    """Return which records *actor* may read, as a disjunction of facet conjunctions for ``ports.index.Query.visible``.

    An empty row sees everything, no row sees nothing. Quarantined records never enter the index.
    """
    return rows(actor, "holdings:record:read")


def rows(actor: Actor, action: str) -> tuple[dict[str, str], ...]:
    """Return the facet conjunctions under which *actor* may do *action*; none where never."""
    if (_is_content(action) and actor.role in ADMINISTRATORS) or not _is_in_scope(actor, action):
        return ()
    alternatives = _alternatives(actor, action) or ()
    return tuple(dict(row) for row in alternatives if OWN not in dict(row).values())


def filter_rows(actor: Actor, action: str = "holdings:record:read") -> tuple[dict[str, str | bool], ...]:
    """Return :func:`rows` as field lookups of the tables, any one of which must hold; no row means that nothing is to be listed.

    For records the rows also leave out what is quarantined; for batches, the register and hand-over lists they name the department alone.
    """
    hidden: dict[str, str | bool] = {} if action.startswith(_OF_DEPARTMENTS) else {"quarantined": False}
    return tuple({**row, **hidden} for row in rows(actor, action))


def payload_body(actor: Actor, kind: str, body: str) -> str:
    """Return the body of a ledger payload as *actor* may see it: permanent ones as they are, all others masked."""
    return body if may(actor, "ledger:payload:read", {"kind": kind}).allowed else MASK


def role_name(role: str) -> str:
    """Return the Chinese name of a role, or the role itself where it is none of ours."""
    return ROLE_NAMES.get(role) or CLIENT_NAMES.get(role, role)


def scope_name(scope: str) -> str:
    """Return the Chinese name of a scope, or the scope itself where it is none of ours."""
    return SCOPES[scope][0] if scope in SCOPES else scope


def _is_in_scope(actor: Actor, action: str) -> bool:
    return actor.scopes is None or any(action in SCOPES[scope][1] for scope in actor.scopes if scope in SCOPES)


def _is_content(action: str) -> bool:
    return action.split(":")[0] in _CONTENT_SCOPES


def _alternatives(actor: Actor, action: str) -> tuple[Conditions, ...] | None:
    """Return the rules with the actor's department filled in; without one, a condition on it stays unfulfillable."""
    alternatives = RULES.get(actor.role, {}).get(action)
    if alternatives is None or not actor.department:
        return alternatives
    return tuple(tuple((key, actor.department if value == OWN else value) for key, value in row) for row in alternatives)


def _failed(row: Conditions, facts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(key for key, value in row if value == OWN or facts.get(key) != value)


def _explain(failed: list[tuple[str, ...]], actor: Actor, action: str) -> tuple[Finding, ...]:
    """Name what stands in every way; where the ways differ, each of them."""
    everywhere = [key for key in failed[0] if all(key in row for row in failed)]
    keys = everywhere or list(dict.fromkeys(key for row in failed for key in row))
    return tuple(
        finding(_FACET_CODES[key], action=action, role=role_name(actor.role), department=actor.department or "（未设）") for key in keys
    )


def _refused(code: str, **values: str) -> Decision:
    return Decision(allowed=False, reasons=(finding(code, **values),))


def _holders(action: str) -> str:
    return "、".join(name for role, name in ROLE_NAMES.items() if action in RULES[role]) or "任何人"


def _check_table() -> None:
    for role, permissions in RULES.items():
        if unknown := set(permissions) - set(ACTION_NAMES):
            raise ValueError(f"access: unnamed permissions {sorted(unknown)}")
        if role in ADMINISTRATORS and any(_is_content(action) for action in permissions):
            raise ValueError(f"access: {role} may not hold a permission on content")


_check_table()
