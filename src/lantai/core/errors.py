"""Refusals and faults: the two ways a verb may end other than well. Anything else is a bug.

A refusal is a rule saying no, with its reasons; a fault is the world failing, retryable or not.
Both take their words, HTTP status and exit code from ``lantai.core.codes``.
"""

import errno
from typing import Final

from lantai.core.codes import CODES, Code
from lantai.core.findings import Finding


class Coded(Exception):
    """An end that a person will read: code, message, what is safe, what to do next."""

    def __init__(self, code: str, where: str = "", **values: object) -> None:
        self.row: Code = CODES[code]
        self.code = code
        self.where = where
        self.values = values
        self.message, self.safe, self.next = (text.format(where=where, **values) for text in (self.row.text, self.row.safe, self.row.next))
        super().__init__(f"{code}: {self.message}")

    def as_json(self) -> dict[str, object]:
        """Return the documented error document."""
        return {"code": self.code, "message": self.message, "where": self.where, "safe": self.safe, "next": self.next}


class Refusal(Coded):
    """A rule said no. ``reasons`` are findings that say why, each about one thing."""

    def __init__(self, code: str, where: str = "", reasons: tuple[Finding, ...] = (), **values: object) -> None:
        super().__init__(code, where, **values)
        self.reasons = reasons

    def as_json(self) -> dict[str, object]:
        """Return the documented error document with the reasons."""
        return super().as_json() | {"reasons": [item.as_json() for item in self.reasons]}


class Fault(Coded):
    """The world failed: disk, engine, network. ``is_retryable`` says whether trying again can help."""

    @property
    def is_retryable(self) -> bool:
        """True where the same act may succeed later."""
        return self.row.exit == 5


_WORDS: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样操作",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EEXIST: "已有同名的文件",
    errno.ENOSPC: "空间不足",
    errno.EDQUOT: "超出了配额",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.ENODEV: "设备不在",
    errno.ENXIO: "设备不在",
    errno.ESTALE: "网络存储已断开",
    errno.ENOTCONN: "网络存储已断开",
    errno.ETIMEDOUT: "没有应答",
    errno.EBUSY: "正在使用",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名称太长",
}


def said(error: OSError) -> str:
    """Return in a few words what the system says; the more uncommon as the system itself puts it."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)
