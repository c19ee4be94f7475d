"""Writing an EEP 封装包 (DA/T 48-2009): the content model filled from a parcel, file contents encoded as they are read.

What the model has no place for goes into 附注 in a form that the reader knows (``著录项：名称＝值``), and what it demands and the record
does not have is put in and named in a last 附注 (``封装时补入：…``): so reading gives back what was written. The digest of
被签名对象 is computed on the way, and signatures are made over it by whoever is given as *sign*.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from lantai.core.digests import sm3
from lantai.core.record import ComputerFile, Document, Record, Role
from lantai.packages.eep_layers import layer_bytes, layers_of
from lantai.packages.headings import element_of, name_of
from lantai.packages.parcel import Parcel, travelling, written_out
from lantai.packages.record_xml import element_names
from lantai.standards import da_t_48
from lantai.standards.da_t_48 import Slot

ITEM, ROLE, ADDED, JOIN = "著录项：", "文档类别：", "封装时补入：", "＝"
PACKING = "封装"
_LINE = 76
_CHUNK = 57 * 16 * 1024
_CONTAINERS = ("来源", "档号", "内容描述", "形式特征", "存储位置", "权限管理")
_OWN_PLACE = {"electronic_record_code", "archival_code"}


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as it is written: its rule, time (ISO 8601 without zone), signer, value, certificates (DER), algorithm."""

    rule: str
    time: str
    signer: str
    value: bytes
    certificates: tuple[bytes, ...]
    algorithm: str


Sign = Callable[[bytes], Signed]


@dataclass(frozen=True, slots=True)
class Packing:
    """The circumstances: when (ISO 8601 without zone) and by whom it is packed, who signs an SM3 digest, and what is modified.

    ``before`` is the EEP that this one modifies; it is enclosed byte for byte.
    """

    created: str
    unit: str
    sign: Sign | None = None
    before: Path | None = None


@dataclass(slots=True)
class _Notes:
    """What is said in 附注 beyond the record's own annotations."""

    kept: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def write(target: Path, parcel: Parcel, packing: Packing) -> None:
    """Write the EEP of *parcel* to the new file *target*.

    Raises FileExistsError where it is there, ValueError where the EEP to be modified is none whose bytes can be enclosed (UTF-8, the
    standard's namespace as default), and whatever the parcel's files raise when they are read.
    """
    before = None if packing.before is None else layers_of(packing.before)
    with target.open("xb") as stream:
        out = _Out(stream)
        out.text(f'<?xml version="1.0" encoding="UTF-8"?>\n<电子文件封装包 xmlns="{da_t_48.NAMESPACE}">\n')
        out.leaf("封装包格式描述", da_t_48.FORMAT_TEXT)
        out.leaf("版本", da_t_48.EDITION)
        out.begin_digest()
        out.text(f'<被签名对象 eep版本="{da_t_48.EDITION}">\n')
        kind = da_t_48.ORIGINAL if before is None else da_t_48.MODIFIED
        out.leaf("封装包类型", kind)
        out.leaf("封装包类型描述", da_t_48.TYPE_TEXTS[kind])
        out.leaf("封装包创建时间", packing.created)
        out.leaf("封装包创建单位", packing.unit)
        if before is None or packing.before is None:
            _content(out, "封装内容", parcel, 0)
        else:
            _modified(out, packing.before, before.modifications + 1, parcel)
        out.text("</被签名对象>")
        digest = out.end_digest()
        out.text("\n")
        if packing.sign is not None:
            _signatures(out, packing.sign, digest, 0 if before is None else before.modifications + 1)
        out.text("</电子文件封装包>\n")


class _Out:
    """Writes text and digests it where it is signed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = sm3()
        self._is_signed = False

    def begin_digest(self) -> None:
        self._is_signed = True

    def end_digest(self) -> bytes:
        self._is_signed = False
        return self._digest.digest()

    def raw(self, content: bytes) -> None:
        self._stream.write(content)
        if self._is_signed:
            self._digest.update(content)

    def text(self, text: str) -> None:
        self.raw(text.encode("utf-8"))

    def leaf(self, name: str, value: str, attributes: str = "") -> None:
        self.text(f"<{name}{attributes}>{escape(written_out(value))}</{name}>\n")


def _modified(out: _Out, before: Path, number: int, parcel: Parcel) -> None:
    out.text("<修改封装内容>\n")
    out.leaf("修改标识符", f"修改{number}")
    out.text("<原封装包>")
    for piece in layer_bytes(before):
        out.raw(piece)
    out.text("</原封装包>\n")
    _content(out, "修订内容", parcel, number)
    out.text("</修改封装内容>\n")


def _content(out: _Out, name: str, parcel: Parcel, number: int) -> None:
    record = parcel.record
    notes = _Notes()
    out.text(f"<{name}>\n<文件实体块>\n<文件实体>\n")
    _described(out, record, parcel.documents, notes, number)
    out.text("<文件数据>\n")
    for at, document in enumerate(parcel.documents, 1):
        _document(out, parcel, document, f"修改{number}-文档{at}")
    out.text("</文件数据>\n</文件实体>\n")
    for relation in record.relations:
        fields = {"文件标识符": record.electronic_record_code, "被关联文件标识符": relation.target}
        kinds = {"关系类型": relation.kind, "关系": relation.relation, "关系描述": relation.description}
        _fields(out, "文件实体关系", fields, kinds)
    out.text("</文件实体块>\n<业务实体块>\n")
    _events(out, record)
    out.text("</业务实体块>\n<机构人员实体块>\n")
    _agents(out, record)
    out.text(f"</机构人员实体块>\n</{name}>\n")


def _described(out: _Out, record: Record, documents: tuple[Document, ...], notes: _Notes, number: int) -> None:
    placed = _placed(record, notes)
    for slot in da_t_48.model()["文件实体"]:
        if slot.name in _CONTAINERS:
            text = escape(written_out(record.code or record.text("archival_code"))) if slot.name == "档号" else ""
            out.text(f"<{slot.name}>{text}\n")
            for child in da_t_48.model()[slot.name]:
                _slot(out, child, placed.pop((slot.name, child.name), []), notes, where=slot.name)
            out.text(f"</{slot.name}>\n")
        elif slot.name == "电子文件号":
            out.leaf(slot.name, record.electronic_record_code)
        elif slot.name in ("聚合层次", "信息系统描述"):
            _slot(out, slot, placed.pop(("", slot.name), []), notes, where="")
    for text in placed.pop(("", "附注"), []):
        out.leaf("附注", f"{ITEM}附注{JOIN}{text}" if text.startswith((ITEM, ROLE, ADDED)) else text)
    _notes(out, record, documents, notes, number)


def _notes(out: _Out, record: Record, documents: tuple[Document, ...], notes: _Notes, number: int) -> None:
    for text in notes.kept:
        out.leaf("附注", ITEM + text)
    for at, document in enumerate(documents, 1):
        if document.role is not (Role.MAIN if at == 1 else Role.ATTACHMENT):
            out.leaf("附注", f"{ROLE}修改{number}-文档{at}{JOIN}{document.role.value}")
    if not record.events:
        notes.added.append(f"业务实体 {PACKING}")
    if not record.agents:
        notes.added.append(f"机构人员实体 {PACKING}")
    if notes.added:
        out.leaf("附注", ADDED + "、".join(notes.added))


def _placed(record: Record, notes: _Notes) -> dict[tuple[str, str], list[str]]:
    """Return (container, name) -> values of what the model has a place for; the rest is noted."""
    placed: dict[tuple[str, str], list[str]] = {}
    names = element_names()
    for element, value in record.elements.items():
        values = [value] if isinstance(value, str) else list(value)
        if element in _OWN_PLACE:
            same = record.electronic_record_code if element == "electronic_record_code" else record.code or record.text("archival_code")
            notes.kept += [f"{_called(element)}{JOIN}{text}" for text in values if text and text != same]
            continue
        container, name = names.get(element, ("?", element))
        place = ("" if name == "信息系统描述" else container, name)
        slot = next((one for one in da_t_48.model().get(place[0] or "文件实体", ()) if one.name == name and one.type != "container"), None)
        fitting = [] if slot is None else [text for text in values if text and _fits(slot, text)]
        kept = fitting if slot is not None and slot.is_many else fitting[:1]
        if kept and kept != values[: len(kept)]:
            kept = []
        if kept:
            placed[place] = kept
        notes.kept += [f"{_called(element)}{JOIN}{text}" for text in values[len(kept) :] if text]
    return placed


def _called(element: str) -> str:
    """Return what an element is called in 附注: its Chinese name where the reader knows it by that; the sign between is written out."""
    name = name_of(element)
    name = name if name and element_of(name) == element else element
    return name.replace("\u241b", "\u241b241B;").replace(JOIN, f"\u241b{ord(JOIN):04X};")


def _fits(slot: Slot, text: str) -> bool:
    if slot.type == "year":
        return len(text) == 4 and text.isascii() and text.isdecimal()
    if slot.type == "positive":
        return text.isascii() and text.isdecimal() and str(int(text)) == text and int(text) > 0
    return text in slot.values if slot.values else True


def _slot(out: _Out, slot: Slot, values: list[str], notes: _Notes, *, where: str) -> None:
    for text in values:
        out.leaf(slot.name, text)
    if values or not slot.is_required or slot.type in ("year", "positive"):
        return
    if slot.values:
        notes.added.append(slot.name)
    out.leaf(slot.name, slot.values[0] if slot.values else "")


def _document(out: _Out, parcel: Parcel, document: Document, identity: str) -> None:
    out.text("<文档>\n")
    out.leaf("文档标识符", identity)
    out.leaf("文档序号", str(document.sequence))
    out.leaf("文档主从声明", "主文档" if document.role is Role.MAIN else "附属文档")
    if document.title:
        out.leaf("题名", document.title)
    out.text(f'<文档数据 文档数据ID="{identity}-文档数据1">\n')
    for at, item in enumerate(travelling(document), 1):
        _coding(out, parcel, item, f"{identity}-文档数据1-编码{at}")
    out.text("</文档数据>\n</文档>\n")


def _coding(out: _Out, parcel: Parcel, item: ComputerFile, identity: str) -> None:
    out.text(f"<编码 编码ID={quoteattr(identity)}>\n<电子属性>\n")
    if item.format_name or item.puid:
        out.leaf("格式信息", "；".join(filter(None, (item.format_name, item.mime, item.puid))))
    out.leaf("计算机文件名", item.name)
    out.leaf("计算机文件大小", str(item.size_bytes))
    out.text("</电子属性>\n")
    out.leaf("编码描述", da_t_48.CODING_TEXT)
    out.leaf("反编码关键字", keyword(item.name))
    out.text(f"<编码数据 编码数据ID={quoteattr(identity + '-编码数据1')}>\n")
    for chunk in parcel.chunks(item, _CHUNK):
        out.raw(_lines(chunk))
    out.text("</编码数据>\n</编码>\n")


def _lines(chunk: bytes) -> bytes:
    """Return the Base64 of *chunk*, 76 characters a line (RFC 2045)."""
    encoded = base64.b64encode(chunk)
    return b"\n".join([encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)]) + b"\n"


def keyword(name: str) -> str:
    """Return the 反编码关键字 of a file of that name: ``base64-ofd``."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    return f"base64-{suffix}" if suffix.isalnum() else "base64"


def _events(out: _Out, record: Record) -> None:
    for event in record.events:
        required = {"业务标识符": event.id, "机构人员标识符": event.agent_id, "文件标识符": record.electronic_record_code}
        required |= {"业务状态": event.status, "业务行为": event.activity, "行为时间": event.time}
        _fields(out, "业务实体", required, {"行为依据": event.mandate, "行为描述": event.description})
    if not record.events:
        agent = record.agents[0].id if record.agents else PACKING
        own = {"业务标识符": PACKING, "机构人员标识符": agent, "文件标识符": record.electronic_record_code}
        _fields(out, "业务实体", own | {"业务状态": "历史行为", "业务行为": PACKING, "行为时间": ""}, {})


def _agents(out: _Out, record: Record) -> None:
    for agent in record.agents:
        out.text("<机构人员实体>\n")
        out.leaf("机构人员标识符", agent.id)
        for name, value in {"机构人员类型": agent.kind}.items():
            if value:
                out.leaf(name, value)
        out.leaf("机构人员名称", agent.name)
        _optional(out, {"组织机构代码": agent.organization_code, "个人职位": agent.position})
        out.text("</机构人员实体>\n")
    if not record.agents:
        _fields(out, "机构人员实体", {"机构人员标识符": PACKING, "机构人员名称": PACKING}, {})


def _fields(out: _Out, name: str, required: Mapping[str, str], optional: Mapping[str, str]) -> None:
    out.text(f"<{name}>\n")
    for field_name, value in required.items():
        out.leaf(field_name, value)
    _optional(out, optional)
    out.text(f"</{name}>\n")


def _optional(out: _Out, fields: Mapping[str, str]) -> None:
    for name, value in fields.items():
        if value:
            out.leaf(name, value)


def _signatures(out: _Out, sign: Sign, digest: bytes, number: int) -> None:
    signed = sign(digest)
    out.text(f"<电子签名块>\n<电子签名>\n<签名标识符>修改{number}-签名1</签名标识符>\n")
    _signature(out, signed)
    out.text("</电子签名>\n</电子签名块>\n")
    lock = sign(sm3(locked_bytes(signed.value)).digest())
    out.text(f"<锁定签名>\n<被锁定签名标识符>修改{number}-签名1</被锁定签名标识符>\n")
    _signature(out, lock)
    out.text("</锁定签名>\n")


def locked_bytes(value: bytes) -> bytes:
    """Return what a lock signature signs: the Base64 of the locked signature's 签名结果 on one line."""
    return base64.b64encode(value)


def _signature(out: _Out, signed: Signed) -> None:
    out.leaf("签名规则", signed.rule)
    out.leaf("签名时间", signed.time)
    _optional(out, {"签名人": signed.signer})
    out.text(f"<签名结果>{base64.b64encode(signed.value).decode()}</签名结果>\n<证书块>\n")
    for raw in _once(signed.certificates):
        out.text(f"<证书>{base64.b64encode(raw).decode()}</证书>\n")
    out.text("</证书块>\n")
    out.leaf("签名算法标识", signed.algorithm)


def _once(items: Iterable[bytes]) -> Iterator[bytes]:
    return iter(dict.fromkeys(items))
