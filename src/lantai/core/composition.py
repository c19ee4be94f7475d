"""What makes one item 件 of several documents 组件: the part each plays, and the order they stand in (DA/T 22-2015, 件内排序).

An item holds one or several letters 文: each is led by a document that could stand alone (正本, 复文, 来文 …) and followed by what belongs
to it (附件, 定稿, 处理单 …). Letters stand in the order of their leading roles, and within a letter what follows stands in the order of
its roles. The proposal is a person's to change.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lantai.core.record import Role

#: Roles of which one must be there for an item to be whole.
WHOLE = frozenset({Role.MAIN, Role.REPLY, Role.INCOMING, Role.FORWARDING})
_REPLY = re.compile("批复|复函|答复|批示")
_ASKING = re.compile("请示|来函|的函$|报告|请求|申请")
_PASSED_ON = re.compile("转发|批转|印转")
_BY_NAME: tuple[tuple[str, Role], ...] = (
    ("发文稿纸", Role.DISPATCH_SHEET), ("处理单", Role.PROCESSING_SLIP), ("办理单", Role.PROCESSING_SLIP), ("阅办", Role.PROCESSING_SLIP),
    ("花脸", Role.REVISION), ("修改稿", Role.REVISION), ("讨论稿", Role.REVISION), ("送审稿", Role.REVISION), ("征求意见稿", Role.REVISION),
    ("定稿", Role.FINAL_DRAFT), ("签发稿", Role.FINAL_DRAFT), ("附件", Role.ATTACHMENT), ("附表", Role.ATTACHMENT),
    ("译文", Role.TRANSLATION), ("译本", Role.TRANSLATION), ("复印件", Role.COPY), ("复制件", Role.COPY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a role inside an item: whether it leads a letter of its own or follows one, and its rank among such."""

    is_leading: bool
    rank: int


#: The place of every role, as the standard has it (``standards.da_t_22.places``).
Places = Mapping[Role, Place]


@dataclass(frozen=True, slots=True)
class Part:
    """A document on its way into an item: its key, its role, and which letter of the item it belongs to."""

    key: str
    role: Role
    letter: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A captured record that is to become part of an item: its title, and its documents as (key, role, name)."""

    title: str
    documents: tuple[tuple[str, Role, str], ...]


def letters_of(roles: Sequence[tuple[str, Role]], places: Places) -> list[Part]:
    """Return documents that stand in order as parts: every leading one begins a letter."""
    parts: list[Part] = []
    at = 0
    for key, role in roles:
        at += places[role].is_leading and bool(parts)
        parts.append(Part(key, role, at))
    return parts


def in_order(parts: Sequence[Part], places: Places) -> list[Part]:
    """Return the parts in the default order; equal ones keep the order they came in, and nothing is lost or added."""
    kept = {key: list(group) for key, group in groupby(sorted(parts, key=lambda part: part.letter), key=lambda part: part.letter)}
    letters = [_within(group, places) for group in kept.values()]
    return [part for letter in sorted(letters, key=lambda letter: _rank(letter, places)) for part in letter]


def _within(letter: list[Part], places: Places) -> list[Part]:
    is_incoming = any(part.role is Role.INCOMING for part in letter)
    return sorted(letter, key=lambda part: _place(part.role, places, is_incoming=is_incoming))


def _place(role: Role, places: Places, *, is_incoming: bool) -> tuple[int, int]:
    place = places[role]
    if role is Role.PROCESSING_SLIP and is_incoming:
        return (0, 0)
    return (1 if place.is_leading else 2, place.rank)


def _rank(letter: Sequence[Part], places: Places) -> int:
    """Return the rank of a letter: that of its first leading role; what nothing leads comes last."""
    return min((places[part.role].rank for part in letter if places[part.role].is_leading), default=len(Role))


def propose(letters: Sequence[Letter], places: Places) -> list[Part]:
    """Propose role and order of everything in captured records that are to be one item; the first is the one they join."""
    leading = _leading([letter.title for letter in letters])
    parts = []
    for at, letter in enumerate(letters):
        for number, (key, role, name) in enumerate(letter.documents):
            given = _named(name) or role
            parts.append(Part(key, leading[at] if given is Role.MAIN and not number else given, at))
    return in_order([replace(part, letter=_joined(part, parts, places)) for part in parts], places)


def _leading(titles: Sequence[str]) -> list[Role]:
    """Return what leads each letter, by titles: 批复 answers 请示, 转发 forwards what it names, else the first has the rest."""
    if len(titles) == 1:
        return [Role.MAIN]
    replies = [bool(_REPLY.search(title)) for title in titles]
    if any(replies) and any(_ASKING.search(title) and not is_reply for title, is_reply in zip(titles, replies, strict=True)):
        return [Role.REPLY if is_reply else Role.INCOMING for is_reply in replies]
    forwarding = [bool(_PASSED_ON.search(title)) for title in titles]
    if any(forwarding) and not all(forwarding):
        return [Role.FORWARDING if is_forwarding else Role.FORWARDED for is_forwarding in forwarding]
    return [_named(title) or (Role.MAIN if not at else Role.ATTACHMENT) for at, title in enumerate(titles)]


def _named(text: str) -> Role | None:
    """Return the role that a title or file name says outright, None where it says none."""
    stem = text.rpartition(".")[0] or text
    return next((role for word, role in _BY_NAME if text.startswith(word) or stem.endswith(word)), None)


def _joined(part: Part, parts: Sequence[Part], places: Places) -> int:
    """Return the letter that a part belongs to: its own where something leads it, else the first, whose follower it is."""
    is_led = any(places[other.role].is_leading for other in parts if other.letter == part.letter)
    return part.letter if is_led else 0
