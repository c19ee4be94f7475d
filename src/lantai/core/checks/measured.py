"""What was measured for an item, in one short line: the ``actual`` of a report beside its ``expected``.

A table like the registry: an item that is not in it says only whether anything was found. The lines hold numbers and names that the
facts give; they judge nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from lantai.core.checks.facts import BatchFacts, EngineFacts, FileFacts, PackageFacts, RecordFacts
from lantai.core.checks.values import visible
from lantai.core.record import Role

_MOST_KINDS = 6


def measured(facts: RecordFacts | BatchFacts) -> dict[str, str]:
    """Return what was measured, by item number; items without anything to measure are left out."""
    table: Mapping[str, Callable[..., str]] = _OF_RECORD if isinstance(facts, RecordFacts) else _OF_BATCH
    said = {number: measure(facts) for number, measure in table.items()}
    return {number: visible(text) for number, text in said.items() if text}


def _fixity(facts: RecordFacts) -> str:
    over = facts.package.signatures if facts.package else ()
    seals = [*over, *(seal for file in facts.files for seal in file.signatures)]
    digests = sum(1 for file in facts.files if file.declared and file.declared.digest)
    parts = [f"比对摘要 {digests} 个"] if digests else []
    if seals:
        states = Counter(seal.is_valid for seal in seals)
        parts.append(f"签名 {len(seals)} 个：有效 {states[True]}，无效 {states[False]}，未验 {states[None]}")
    return "；".join(parts)


def _elements(facts: RecordFacts) -> str:
    filled = sum(1 for value in facts.elements.values() if value)
    return f"元数据 {filled} 项" if filled else ""


def _duplicates(facts: RecordFacts) -> str:
    if facts.duplicates is None:
        return ""
    found = {kind: len(where) for kind, where in facts.duplicates.items() if where}
    return "重复 " + "、".join(f"{kind} {count}" for kind, count in found.items()) if found else "没有重复"


def _declared(facts: RecordFacts) -> str:
    count = sum(1 for file in facts.files if file.declared is not None)
    return f"登记 {count} 个文件，实有 {len(facts.files)} 个" if count else ""


def _files(facts: RecordFacts) -> str:
    return f"内容文件 {len(facts.files)} 个" if facts.files else ""


def _content(facts: RecordFacts) -> str:
    if not facts.files:
        return ""
    pages = [file.page_count for file in facts.files if file.page_count is not None]
    told = f"，共 {sum(pages)} 页" if pages else ""
    return f"文件 {len(facts.files)} 个，{sum(file.size_bytes for file in facts.files)} 字节{told}"


def _attachments(facts: RecordFacts) -> str:
    there = sum(1 for document in facts.documents if document.role is Role.ATTACHMENT and document.files)
    return f"写明附件 {len(facts.attachments_named)} 个，收到 {there} 个"


def _formats(facts: RecordFacts) -> str:
    kinds = Counter(file.puid or file.mime or "未知" for file in facts.files)
    shown = "、".join(f"{name} {count}" for name, count in kinds.most_common(_MOST_KINDS))
    return shown + ("等" if len(kinds) > _MOST_KINDS else "")


def _opened(facts: RecordFacts) -> str:
    return f"打开 {sum(file.is_read for file in facts.files)} / {len(facts.files)} 个文件" if facts.files else ""


def _virus(facts: RecordFacts) -> str:
    return f"{len(facts.files)} 个文件：{_verdicts(facts.files)}" if facts.files else ""


def _verdicts(files: Iterable[FileFacts]) -> str:
    counts = Counter("无毒" if file.virus == "clean" else "染毒" if file.virus.startswith("infected") else "未查" for file in files)
    return "，".join(f"{word} {counts[word]}" for word in ("无毒", "染毒", "未查") if counts[word])


def _engine(facts: RecordFacts | BatchFacts) -> str:
    engine: EngineFacts = facts.engine
    return f"{engine.name} 病毒库 {engine.signatures} {engine.signatures_date}".strip() if engine.is_ready else "杀毒引擎没有应答"


def _package(facts: RecordFacts | BatchFacts) -> str:
    package: PackageFacts | None = facts.package
    if package is None:
        return ""
    declared = f"，清单登记 {package.declared_files} 个" if package.declared_files is not None else ""
    actual = f"，实有 {package.actual_files} 个" if package.actual_files is not None else ""
    return f"{package.kind}{declared}{actual}"


def _extra(facts: RecordFacts) -> str:
    return "" if facts.unreferenced_files is None else f"多余文件 {len(facts.unreferenced_files)} 个"


def _steps(facts: RecordFacts) -> str:
    return f"过程 {len(facts.events)} 步" if facts.events else ""


def _acts(facts: RecordFacts | BatchFacts) -> str:
    return f"操作记录 {facts.ledger_acts} 条，已封存并核验 {facts.ledger_sealed} 条" if facts.ledger_acts else ""


def _records(facts: BatchFacts) -> str:
    return f"登记 {'未说明' if facts.declared_records is None else facts.declared_records}，实收 {facts.actual_records} 件"


def _bytes(facts: BatchFacts) -> str:
    return f"登记 {'未说明' if facts.declared_bytes is None else facts.declared_bytes}，实收 {facts.actual_bytes} 字节"


def _numbers(facts: BatchFacts) -> str:
    return "；".join(
        f"{scope.scope} {len(scope.numbers)} 个号，空号说明 {len(scope.explained)} 个" for scope in facts.numbers[:_MOST_KINDS]
    )


def _speed(facts: BatchFacts) -> str:
    return f"实测 {facts.mb_per_s:.2f} MB/s" if facts.mb_per_s is not None else ""


def _batch_extra(facts: BatchFacts) -> str:
    return "" if facts.extra_files is None else f"多余文件 {len(facts.extra_files)} 个"


_OF_RECORD: Mapping[str, Callable[[RecordFacts], str]] = {
    "1.01": _fixity,
    **dict.fromkeys(("1.02", "1.03", "1.04", "1.05", "1.06", "2.03", "2.04", "3.01"), _elements),
    "1.07": lambda facts: f"档号 {facts.code}" if facts.code else "",
    "1.08": _duplicates,
    "1.10": _declared,
    "1.11": _files,
    **dict.fromkeys(("1.12", "1.13", "1.14", "2.10", "2.11", "3.07"), _package),
    "2.05": _steps,
    "2.07": _content,
    "2.08": _attachments,
    **dict.fromkeys(("1.09", "3.03", "3.05", "3.08"), _formats),
    "3.04": _opened,
    "4.01": _engine,
    "4.02": _virus,
    "4.03": _extra,
    "4.07": _acts,
}
_OF_BATCH: Mapping[str, Callable[[BatchFacts], str]] = {
    **dict.fromkeys(("1.12", "1.13", "1.14", "2.11"), _package),
    "2.01": _records,
    "2.02": _bytes,
    "2.06": _numbers,
    "4.01": _engine,
    "4.03": _batch_extra,
    "4.04": _speed,
    "4.07": _acts,
}
