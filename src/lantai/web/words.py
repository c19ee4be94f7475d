"""How numbers, dates and codes are written on the screens (the interface design, Words): pure functions of values.

Instants are shown in Asia/Shanghai. Thousands are set apart by a thin space; years, codes and document numbers never are.
"""

from datetime import UTC, date, datetime

from lantai.core import beijing
from lantai.core.access import ROLE_NAMES
from lantai.core.lifecycle import STATE_NAMES

THIN = "\u2009"
WEEKDAYS = "一二三四五六日"
CHANNELS = {"oa": "OA 移交", "scan": "扫描", "manual": "手工", "transfer": "移交", "catalogue": "目录导入"}
BATCH_STATES = {
    "receiving": ("接收中", "dai", "spin"),
    "checking": ("检测中", "dai", "spin"),
    "waiting": ("待判定", "warn", "eye"),
    "accepted": ("已接收", "ok", "check"),
    "returned": ("已退回", "err", "back"),
    "done": ("已接收", "ok", "check"),
}
RECORD_STATES = {str(state): name for state, name in STATE_NAMES.items()}
OUTCOMES = {
    "pass": ("通过", "ok", "check"),
    "fail": ("不通过", "err", "cross"),
    "warn": ("有提示", "dai", "info"),
    "manual": ("待人工", "warn", "eye"),
    "error": ("未能检测", "err", "warn"),
    "not_applicable": ("不适用", "", "minus"),
}
CONCLUSIONS = {
    "pass": ("通过", "ok", "check"),
    "trial": ("试用通过", "ok", "check"),
    "manual": ("待人工", "warn", "eye"),
    "error": ("未能检测", "err", "warn"),
    "fail": ("不通过", "err", "cross"),
}
TRANSFER_STATES = {
    "drafted": ("已拟定", "dai", ""),
    "checked": ("已检测", "dai", "check"),
    "packed": ("待回执", "warn", "eye"),
    "receipted": ("已交接", "ok", "check"),
    "cancelled": ("已取消", "", "minus"),
}
TRANSFER_STEPS = (("拟定", "drafted"), ("移交检测", "checked"), ("打包", "packed"), ("回执", "receipted"))
RUN_STATES = {
    "running": ("进行中", "dai", "spin"),
    "stopped": ("已停止", "", "minus"),
    "failed": ("未完成", "warn", "warn"),
    "done": ("已完成", "ok", "check"),
}
ARRIVALS = {
    "record": "成为档案",
    "metadata": "移交清单与元数据",
    "container": "已解开的压缩包",
    "duplicate": "重复，未再收",
    "quarantined": "疑似涉密，已隔离",
    "refused": "未收",
}
PROPERTIES = {
    "authenticity": ("真实性", "确实是它，没有被改过"),
    "integrity": ("完整性", "该有的都有"),
    "usability": ("可用性", "打得开、读得懂"),
    "security": ("安全性", "无病毒、过程可控"),
}
ARCHIVINGS = {"yes": "可以归档", "note": "有条件归档", "no": "不宜归档", "refused": "禁收"}
RISKS = {"low": "低", "medium": "中", "high": "高"}
RISK_TONES = {"low": ("ok", "check"), "medium": ("warn", "eye"), "high": ("err", "warn")}
JUDGED = {
    "archiving": "归档",
    "preservation": "长期保存",
    "target": "建议转为",
    "risk": "风险",
    "risk_reason": "风险理由",
    "note": "说明",
}
CERTAINTIES = {"S": "出处已核", "S*": "名称已核", "K": "条款未逐条核对", "?": "待核"}
ELEMENTS = {
    "document_number": "文号",
    "date": "成文日期",
    "document_date": "成文日期",
    "department": "机构（问题）",
    "retention": "保管期限",
    "page_count": "页数",
    "code": "档号",
}


def thousands(value: int | None) -> str:
    """Return a count with thin spaces between thousands; a dash where it is not known."""
    return "—" if value is None else f"{value:,}".replace(",", THIN)


def local(instant: datetime) -> datetime:
    """Return the instant as the wall shows it here."""
    return instant.astimezone(beijing.ZONE)


def day(value: datetime | date, today: date) -> str:
    """Return 今天, 昨天, 4月16日 in this year and 2024年3月12日 in another."""
    there = local(value).date() if isinstance(value, datetime) else value
    gap = (today - there).days
    if gap in (0, 1):
        return ("今天", "昨天")[gap]
    return f"{there.month}月{there.day}日" if there.year == today.year else f"{there.year}年{there.month}月{there.day}日"


def log_time(instant: datetime) -> str:
    """Return an instant as logs have it: 2025-04-16 15:11:30."""
    return local(instant).strftime("%Y-%m-%d %H:%M:%S")


def size(count: int | None) -> str:
    """Return bytes as people say them: 486 KB, 2.31 GB."""
    value = float(count or 0)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            break
        value /= 1024
    number = thousands(round(value)) if value >= 100 or unit in ("B", "KB") else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{number} {unit}"


def digest(text: str, groups: int = 4) -> str:
    """Return a digest in groups of four, long ones cut in the middle: 6f1c 9be2 … 40d7 a83e."""
    parts = [text[at : at + 4] for at in range(0, len(text), 4)]
    if len(parts) <= groups:
        return " ".join(parts)
    half = max(1, groups // 2)
    return " ".join([*parts[:half], "…", *parts[-half:]])


def retention(code: str) -> str:
    """Return the name of a retention code: 永久, 30年; empty where none is set."""
    return "永久" if code == "Y" else f"{code[1:]}年" if code.startswith("D") and code[1:].isdigit() else code


def today_in_words(now: datetime) -> str:
    """Return the day for the head of the desk: 2025年4月16日　星期三."""
    here = local(now)
    return f"{here.year}年{here.month}月{here.day}日　星期{WEEKDAYS[here.weekday()]}"


def greeting(now: datetime) -> str:
    """Return the greeting of the hour."""
    hour = local(now).hour
    return "夜深了" if hour < 5 else "早上好" if hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"


def role(code: str) -> str:
    """Return the name of a role."""
    return ROLE_NAMES.get(code, code)


def judged(name: str, value: str) -> str:
    """Return one part of a judgement on formats in words."""
    if name == "preservation":
        return "适合" if value == "True" else "不适合"
    return {"archiving": ARCHIVINGS, "risk": RISKS}.get(name, {}).get(value, value) or "（空）"


def instant_of(text: str) -> datetime:
    """Return an ISO instant as an aware value, read as UTC where it says nothing."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def instant(text: str) -> datetime | None:
    """Return an instant that a form carried along, None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


CLEANING = {
    "invert": "反相",
    "crop": "裁边",
    "turn": "转正",
    "straighten": "纠偏",
    "border": "去黑边",
    "despeckle": "去污点",
    "bleed_through": "淡化透字",
}
