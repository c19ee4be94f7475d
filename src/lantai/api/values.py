"""The documents that go in and out, as the interface's own description draws them."""

from datetime import UTC, datetime
from typing import Any

from ninja import Schema
from pydantic import AwareDatetime, Field

from lantai.core.finished import Standing
from lantai.stages.report.answers import MOST

#: Between these an instant can be told in any zone.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_ROW: dict[str, Any] = {
    "items": {
        "type": "object",
        "description": "一份办结文件：列名（OA 编号、文号、题名、成文日期、责任者、部门、办结日期、处理结果、是否归档、经办人、摘要值）"
        "或字段名（oa_number 等），值是文字、数字或空。认不得的列原样保留。",
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        "example": {"OA编号": "OA-2025-000123", "文号": "云发改〔2025〕12号", "题名": "关于开展年度检查的通知", "办结日期": "20250312"},
    }
}

#: The body of a call that brings a file, and its name.
BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "文件的字节，如归档信息包（zip、tar、EEP）或单个文件",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "in": "header",
            "name": "Content-Disposition",
            "required": True,
            "schema": {"type": "string"},
            "description": "文件名，如 attachment; filename*=UTF-8''归档包.zip（百分号编码）；文件名可能涉密，所以不写在地址里",
        }
    ],
}


class AskedDocuments(Schema):
    """Which documents of the register are asked for."""

    oa_number: str = Field("", max_length=128, description="OA 编号；给了就只看这一份")
    year: str = Field("", pattern=r"^(\d{4})?$", description="年度")
    department: str = Field("", max_length=32, description="部门代码")
    standing: Standing | None = Field(None, description="只看这一种状态")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(100, ge=1, le=MOST)


class AskedBatches(Schema):
    """Which batches are asked for."""

    since: AwareDatetime | None = Field(None, gt=_FIRST, lt=_LAST, description="只看这个时刻以后收到的，如 2026-03-01T00:00:00Z")
    limit: int = Field(100, ge=1, le=MOST)


class Sent(Schema):
    """What is sent: the finished documents, and a name by which people know where they came from."""

    rows: list[Any] = Field(min_length=1, json_schema_extra=_ROW)
    source: str = Field("", max_length=200, description="来源的名称，显示在“导入过的”里；空着用令牌的名称")


class Remark(Schema):
    """A coded remark about one row and one column of it."""

    code: str = Field(description="稳定的代码，见 codes.md")
    severity: str = Field(description="error 不能登记，warning 登记了而须留意，info 说明")
    message: str = Field(description="一句话，写明行和列")
    where: str = Field(description="第几份，从 1 起")
    field: str = Field("", description="字段名，如 finished_on；空为整份")
    column: str = Field("", description="列名，如 办结日期")


class RefusedRow(Schema):
    """A row that was not registered; it is kept as it came (one that bears a mark of secrecy is not)."""

    row: int = Field(description="第几份，从 1 起")
    findings: list[Remark]


class ChangedColumn(Schema):
    """A column of a registered document that the row says otherwise."""

    row: int
    title: str
    column: str
    before: str
    after: str


class Counted(Schema):
    """What became of what was sent: rows = added + changed + same + refused."""

    source: str
    dry_run: bool = Field(description="true：只是试算，没有写入")
    rows: int = Field(description="共几份 = 新增 + 改动 + 相同 + 未登记")
    added: int
    changed: int
    same: int
    refused: list[RefusedRow]
    changes: list[ChangedColumn]
    remarks: list[Remark] = Field(description="登记了而须留意的")


class Delivered(Counted):
    """The receipt of a delivery."""

    key: str = Field(description="批号")
    import_id: str
    received: str = Field(description="收到的时刻（UTC）")
    concluded: str = Field(description="全部写完的时刻；空：中断了，请原样再送，只补没写完的")
    repeated: bool = Field(description="true：这一批先前收过，这一次没有改动")


class GivenBack(Schema):
    """Why a record was given back to its sender."""

    batch: str = Field(description="退回时所在批次")
    reasons: list[str]
    message: str
    deadline: str = Field(description="请在哪天前重新移交，YYYYMMDD")
    returned: str


class Document(Schema):
    """A finished document and where it stands now."""

    oa_number: str
    document_number: str
    title: str
    document_date: str
    finished_on: str
    year: str
    department: str = Field(description="部门代码")
    standing: str = Field(description="filed 已归，under_way 归档中，ambiguous 待确认，unfiled 应归未归，excluded 不应归")
    standing_name: str
    deadline: str = Field(description="最迟哪天归档")
    is_late: bool
    code: str = Field(description="档号；没有定号为空")
    state_name: str = Field(description="对应的那一件办到哪一步")
    batch: str = Field(description="对应的那一件所在批次")
    excluded: str = Field(description="判为不应归的理由")
    excluded_words: str
    returned: list[GivenBack] = Field(description="退回过的（令牌须有 receipts 范围）")


class Batch(Schema):
    """A batch that was received."""

    code: str
    title: str
    department: str
    channel: str
    state: str = Field(description="receiving、checking、waiting、accepted、returned、done")
    records: int
    received: str
    accepted: str
    has_receipt: bool = Field(description="true：可以取回执")


class AskedPackage(Schema):
    """What is told of a file that is handed in, beside its bytes and its name."""

    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$", description="文件全部字节的 SHA-256，十六进制；与收到的不符就不收")
    department: str = Field("", max_length=32, description="部门代码；限于一个部门的令牌不必写")


class Package(Batch):
    """A batch that a system handed in."""

    key: str = Field(description="批号")
    sha256: str
    repeated: bool = Field(description="true：先前收过，这一次没有改动")


class Own(Schema):
    """Whose token it is and what it may do."""

    name: str
    scopes: list[str]
    department: str = Field(description="限于哪个部门；空为全宗")
    expires: str


class Ending(Schema):
    """What a call that did not go well is answered."""

    code: str = Field(description="稳定的代码，见 codes.md")
    message: str = Field(description="出了什么事")
    where: str
    safe: str = Field(description="什么没有受影响")
    next: str = Field(description="下一步怎么办")
    reasons: list[Remark] = Field([], description="逐条的理由")
