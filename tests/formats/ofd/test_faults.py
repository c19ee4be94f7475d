"""Broken and hostile packages: a finding, never a traceback, and everything else still opens."""

import random
import time
from pathlib import Path

import pytest

from lantai.formats.content import Content, Unreadable
from lantai.formats.dispatch import read
from lantai.formats.ofd import OfdPackage, signatures
from lantai.formats.ofd.model_page import PathObject, TextObject
from lantai.formats.ofd.styles import style
from lantai.ports.reader import Limits
from tests.formats.ofd.faults import FAULTS
from tests.formats.ofd.opened import codes, content, opened
from tests.formats.ofd.test_coverage import _members
from tests.support import ofd_writer as w

_FUZZ_SECONDS = 12.0
_FUZZ_CASES = 3_000


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_fault(name: str) -> None:
    make, expected, text = FAULTS[name]
    if text is None:
        with pytest.raises(Unreadable) as problem:
            content(make())
        assert {problem.value.finding.code} == expected
        return
    found = content(make())
    assert set(codes(found)) == expected
    assert "\n".join(page.text for page in found.pages) == text


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_dispatcher_never_raises(name: str, tmp_path: Path) -> None:
    raw = FAULTS[name][0]()
    path = tmp_path / "staged"
    path.write_bytes(raw if isinstance(raw, bytes) else w.zipped(raw))
    assert read(path, "通知.ofd").format is not None


def _walk(package: OfdPackage) -> None:
    """Touch everything the model has."""
    for document in package.documents:
        _ = document.info, document.versions, document.facts, document.attachments, document.tags, document.extensions
        resources = document.resources
        for id_ in resources.ids:
            _ = resources.font(id_), resources.media(id_), resources.composite(id_), resources.place_of(id_)
    for page in package.pages():
        _ = page.area, page.annotations, page.content.actions
        for unit, param in [(unit, layer.draw_param) for _, layer in page.drawn() for unit in layer.units]:
            if isinstance(unit, PathObject | TextObject):
                _ = style(unit, page.resources, param), getattr(unit, "segments", ())
    _ = signatures(package), package.integrity


def _mutated(random_: random.Random, members: w.Parts) -> w.Parts:
    name = random_.choice(sorted(members))
    raw = members[name]
    data = bytearray(raw if isinstance(raw, bytes) else raw.encode())
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data)) if data else 0
        match random_.randrange(6):
            case 0:
                data[at : at + 1] = bytes([random_.randrange(256)])
            case 1:
                del data[at : at + random_.randrange(1, 40)]
            case 2:
                data[at:at] = data[: random_.randrange(1, 60)]
            case 3:
                data = data.replace(b'"', b'"-', 1) if random_.random() < 0.5 else data.replace(b"5", b"1e308")
            case 4:
                data = data.replace(b"100", random_.choice([b"", b"nan", b"99999999999999999999", b"../../x", b"\xe6\x96\x87"]))
            case _:
                data = data.replace(random_.choice([b"Doc_0", b"Text", b"Code", b"ID", b"Page"]), random_.choice([b"", b"X", b"Page"]), 2)
    return members | {name: bytes(data)}


def _case(random_: random.Random, members: w.Parts) -> w.Parts | bytes:
    changed = _mutated(random_, members)
    if random_.random() < 0.8:
        return changed
    raw = bytearray(w.zipped(changed))
    for _ in range(random_.randint(1, 8)):
        raw[random_.randrange(len(raw))] = random_.randrange(256)
    return bytes(raw)


def test_mutations_never_raise_anything_but_unreadable() -> None:
    random_ = random.Random(20261122)
    members = w.signed(_members(), stamps=w.tag("StampAnnot", ID="s", PageRef=100, Boundary="1 1 5 5"))
    end, done = time.monotonic() + _FUZZ_SECONDS, 0
    while done < _FUZZ_CASES and time.monotonic() < end:
        case = _case(random_, members)
        done += 1
        try:
            found = content(case)
            with opened(case) as package:
                _walk(package)
        except Unreadable:
            continue
        assert isinstance(found, Content)
    assert done > 100


def test_a_package_of_many_pages_ends_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(w.zipped(w.parts(*[w.page(w.text("文" * 200)) for _ in range(300)])))
    found = read(path, "长.ofd", Limits(seconds=0.05))
    assert found.page_count in (300, None)
    assert "READ-TIMEOUT" in [item.code for item in found.findings]


def test_a_bomb_of_text_ends_with_its_budget() -> None:
    found = content(w.parts(w.page(w.text("文")), w.page(w.text("甲" * 3_000_000))), unpacked_bytes=1_000_000)
    assert found.pages[0].text == "文"
    assert "READ-TOO-LARGE" in codes(found)
