"""record.xml: one record as a person reads it, with the four entities of DA/T 46-2009 under the standard's own names.

Edition 3 (``schemas/record-3.xsd``, docs/design/package-format.md); editions 1 and 2 are read as well. Writing and reading are exact
inverses for every :class:`~lantai.core.record.Record`, whatever characters it holds: what XML 1.0 cannot say is written ``␛HEX;`` with the
code point in hexadecimal, and the sign ``␛`` itself likewise.
"""

from collections.abc import Iterable, Iterator, Mapping

from lantai.core.record import Agent, BusinessEvent, ComputerFile, Document, Record, Relation, Signature
from lantai.packages.record_names import CONTAINERS, EDITION, FILE_ELEMENTS, SCHEMA, STANDARD, names, namespace, schema
from lantai.packages.record_names import escaped as _text
from lantai.packages.record_xml_read import read

__all__ = ["EDITION", "NAMESPACE", "SCHEMA", "STANDARD", "element_names", "read", "schema", "write"]

NAMESPACE = namespace()


def write(record: Record, *, labels: Mapping[str, str] | None = None) -> bytes:
    """Return record.xml of *record*: UTF-8, elements in the order of the standard, one line an element.

    *labels* are the Chinese names of elements that the standard does not have, by their key; they are written for the reader's sake.
    """
    described_by = f' 元数据方案="{_text(record.scheme)}"' if record.scheme else ""
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<电子档案 xmlns="{NAMESPACE}" '
        f'模式="{SCHEMA}" 模式版本="{EDITION}" 元数据标准="{STANDARD}"{described_by}'
        f' 标识="{_text(record.id)}" 版本="{record.version}" 内容形态="{record.content_basis.value}">\n'
    )
    parts = [head, "<文件实体>\n", *_described(record, labels or {}), "<文件数据>\n", *map(_document, record.documents), "</文件数据>\n"]
    if record.signatures:
        parts += ["<电子签名块>\n", *map(_signature, record.signatures), "</电子签名块>\n"]
    parts.append("</文件实体>\n")
    for name, block in (
        ("机构人员实体块", map(_agent, record.agents)),
        ("业务实体块", map(_event, record.events)),
        ("实体关系块", map(_relation, record.relations)),
    ):
        parts += [f"<{name}>\n", *block, f"</{name}>\n"]
    return "".join([*parts, "</电子档案>\n"]).encode("utf-8")


def element_names() -> dict[str, tuple[str, str]]:
    """Return element -> (container, Chinese name) of every described element that the edition names, in written order."""
    return names().places


def _leaf(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>\n"


def _optional(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>\n" if value else ""


def _given(name: str, value: str) -> str:
    return f' {name}="{_text(value)}"' if value else ""


def _values(name: str, value: str | list[str], *, attributes: str = "") -> str:
    if isinstance(value, str):
        return f"<{name}{attributes}>{_text(value)}</{name}>\n"
    if not value:
        return f'<{name}{attributes} 序="0"/>\n'
    return "".join(f'<{name}{attributes} 序="{at}">{_text(item)}</{name}>\n' for at, item in enumerate(value, 1))


def _described(record: Record, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the described elements: containers in the order of the standard, then what the edition does not name."""
    known = names()
    written: dict[str, list[str]] = {}
    for element in sorted(record.elements.keys() & known.order.keys(), key=known.order.__getitem__):
        container, name = known.places[element]
        written.setdefault(container or name, []).append(_values(name, record.elements[element]))
    yield from written.get("聚合层次", ())
    for container in CONTAINERS:
        yield from _container(container, written.get(container, []), record)
    yield from written.get("附注", ())
    for element in sorted(record.elements.keys() - known.order.keys()):
        attributes = f' 名称="{_text(element)}"{_given("中文名", labels.get(element, ""))}'
        yield _values("元素", record.elements[element], attributes=attributes)


def _container(name: str, inside: list[str], record: Record) -> Iterator[str]:
    if name == "档号":
        yield _leaf("电子文件号", record.electronic_record_code)
        yield f"<档号>{_text(record.code)}{''.join(inside)}</档号>\n"
    elif inside:
        yield f"<{name}>\n{''.join(inside)}</{name}>\n"


def _document(document: Document) -> str:
    title = _optional("题名", document.title)
    return f'<文档 序号="{document.sequence}" 类别="{document.role.value}">\n{title}{"".join(map(_file, document.files))}</文档>\n'


def _file(item: ComputerFile) -> str:
    """Write one computer file: its electronic attributes (M46), how it was digitised (M52), digests, and what was found in it."""
    said: dict[str, list[str]] = {"电子属性": [], "数字化属性": []}
    for element, (container, name) in FILE_ELEMENTS.items():
        if element in item.elements:
            said[container].append(_values(name, item.elements[element]))
    digitised = f"<数字化属性>\n{''.join(said['数字化属性'])}</数字化属性>\n" if said["数字化属性"] else ""
    pages = "" if item.page_count is None else f"<页数>{item.page_count}</页数>\n"
    extra = "".join(f'<属性 名称="{_text(name)}">{_text(value)}</属性>\n' for name, value in item.attributes.items())
    others = "".join(_values("元素", value, attributes=f' 名称="{_text(name)}"') for name, value in _others(item))
    return (
        f'<计算机文件 标识="{_text(item.id)}" 表示="{item.representation.value}" 路径="{_text(item.path)}">\n<电子属性>\n'
        f'<格式信息 PUID="{_text(item.puid)}" MIME="{_text(item.mime)}">{_text(item.format_name)}</格式信息>\n'
        f"<计算机文件名>{_text(item.name)}</计算机文件名>\n<计算机文件大小>{item.size_bytes}</计算机文件大小>\n"
        f"{''.join(said['电子属性'])}</电子属性>\n{digitised}"
        f'<数字摘要 算法="SHA-256">{_text(item.sha256)}</数字摘要>\n<数字摘要 算法="SM3">{_text(item.sm3)}</数字摘要>\n'
        f"{pages}<病毒检测>{_text(item.virus)}</病毒检测>\n{extra}{others}{''.join(map(_remark, item.findings))}</计算机文件>\n"
    )


def _others(item: ComputerFile) -> Iterable[tuple[str, str | list[str]]]:
    return ((name, value) for name, value in sorted(item.elements.items()) if name not in FILE_ELEMENTS)


def _remark(finding: dict[str, str]) -> str:
    inside = "".join(f'<项 名称="{_text(name)}">{_text(value)}</项>' for name, value in finding.items())
    return f"<意见>{inside}</意见>\n"


def _signature(item: Signature) -> str:
    return (
        f'<电子签名 标识="{_text(item.id)}">\n{_leaf("签名规则", item.rules)}{_optional("签名时间", item.time)}'
        f"{_optional('签名人', item.signer)}{_leaf('签名结果', item.value)}{''.join(_leaf('证书', one) for one in item.certificates)}"
        f"{_optional('证书引证', item.certificate_reference)}{_leaf('签名算法标识', item.algorithm)}</电子签名>\n"
    )


def _agent(agent: Agent) -> str:
    days = f"{_given('自', agent.valid_from)}{_given('至', agent.valid_to)}"
    return (
        f'<机构人员实体 标识="{_text(agent.id)}"{days}>\n{_leaf("机构人员类型", agent.kind)}{_leaf("机构人员名称", agent.name)}'
        f"{_optional('组织机构代码', agent.organization_code)}{_optional('个人职位', agent.position)}</机构人员实体>\n"
    )


def _event(event: BusinessEvent) -> str:
    return (
        f'<业务实体 标识="{_text(event.id)}" 机构人员标识="{_text(event.agent_id)}">\n{_leaf("业务状态", event.status)}'
        f"{_leaf('业务行为', event.activity)}{_leaf('行为时间', event.time)}{_optional('行为依据', event.mandate)}"
        f"{_optional('行为描述', event.description)}</业务实体>\n"
    )


def _relation(relation: Relation) -> str:
    return (
        f"<实体关系{_given('源', relation.source)}>\n{_leaf('实体标识符', relation.target)}{_leaf('关系类型', relation.kind)}"
        f"{_leaf('关系', relation.relation)}{_optional('关系描述', relation.description)}</实体关系>\n"
    )
