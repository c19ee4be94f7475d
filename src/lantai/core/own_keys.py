"""Single keys that a person may exchange for others of their own; what no person's keys may be."""

from collections.abc import Mapping

#: The usual keys and what they do, in the order that people are shown them.
KEYS: dict[str, str] = {
    "j": "下一项",
    "k": "上一项",
    "x": "选择",
    "g": "去某处（再按首字母）",
    "z": "撤销（质检里为放大）",
    "e": "编辑题名、批量改字段",
    "y": "改期限",
    "m": "改机构",
    "f": "固定档号（只打开对话框）",
    "h": "合为一件",
    "p": "改组成、拆件",
    "v": "组卷、核验",
    "t": "从案卷取出",
    "a": "接收合格的件",
    "r": "退回这一件（质检里为旋转）",
    "d": "下载证据包",
    "n": "现在检测",
    "o": "大纲",
    "c": "质检：对比",
    "u": "质检：撤销判定",
    "q": "著录：存疑转人",
}
#: Keys that mean the same for everybody: search, the list of keys, verdicts of inspection, sizes of a page.
FIXED = frozenset("/?0123456789+- ")


def problem(own: Mapping[str, str]) -> str:
    """Say in Chinese why keys cannot be a person's own (by the usual key), empty where they can."""
    if unknown := sorted(set(own) - set(KEYS)):
        return f"没有快捷键“{unknown[0][:4]}”"
    for usual, key in own.items():
        if len(key) != 1 or not key.isascii() or not key.isprintable() or key in FIXED or key != key.lower():
            return f"「{KEYS[usual]}」的键须是一个小写字母或标点，不能是数字、空格、/、?、+、-"
    pressed: dict[str, str] = {}
    for usual in KEYS:
        key = own.get(usual, usual)
        if key in pressed:
            return f"“{key.upper()}”既是「{KEYS[pressed[key]]}」又是「{KEYS[usual]}」"
        pressed[key] = usual
    return ""
