"""Codes of the vault, the index and the ledger."""

from lantai.core.codes.row import Code, fault

_INDEX: tuple[Code, ...] = (
    fault(
        "INDEX-BUSY",
        "检索库正由另一进程写入：{where}。",
        "档案与数据库没有改动，待写入的条目仍在排队。",
        "请稍后再试；只应有一个后台进程写检索库。",
    ),
    fault(
        "INDEX-DAMAGED",
        "检索库无法读取：{where}。",
        "检索库可以由库内封装重建，档案不受影响。",
        "请运行 lantai rebuild 重建检索库。",
        is_retryable=False,
    ),
    fault(
        "INDEX-WRITE-FAILED",
        "检索库写入失败：{where}。",
        "检索库停在上一次写成的状态，待写入的条目仍在排队。",
        "请检查磁盘空间与目录权限后再试。",
    ),
)

ROWS: tuple[Code, ...] = (*_INDEX,)
