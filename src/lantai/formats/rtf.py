"""RTF: the running text, roughly (Rich Text Format Specification 1.9.1): no tables' shape, no headers' place."""

import codecs
import re
from dataclasses import dataclass, field

from lantai.formats.content import Content, Pages, Source, Unreadable, described

_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore latentstyles listtable fldinst "
    b"listoverridetable rsidtbl generator xmlnstbl filetbl revtbl mmathPr pgptbl bkmkstart bkmkend nonshppict".split()
)
_MARKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"tab": "\t", b"cell": "\t", b"emdash": "—",
          b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}  # fmt: skip
_CODEPAGES = {936: "gb18030", 54936: "gb18030", 950: "big5", 932: "shift_jis", 949: "cp949", 65001: "utf-8", 10008: "gb18030"}
_INFO = re.compile(rb"\{\\(title|author|subject|keywords|company)\s([^{}]{0,2000})\}")
_BYTES = 64 * 1024**2
_DEPTH = 1000


@dataclass(slots=True)
class _State:
    """Where the reading stands: nesting of hidden groups, characters to skip after \\u, bytes not yet decoded."""

    codepage: str = "cp1252"
    skip_stack: list[tuple[bool, int]] = field(default_factory=lambda: [(False, 1)])
    to_skip: int = 0
    pending: bytearray = field(default_factory=bytearray)
    written: list[str] = field(default_factory=list)

    @property
    def is_hidden(self) -> bool:
        return self.skip_stack[-1][0]

    def flush(self) -> None:
        if self.pending:
            self.written.append(self.pending.decode(self.codepage, "replace"))
            self.pending.clear()

    def write(self, text: str) -> None:
        self.flush()
        if not self.is_hidden:
            self.written.append(text)

    def write_bytes(self, data: bytes) -> None:
        skipped, self.to_skip = min(self.to_skip, len(data)), max(0, self.to_skip - len(data))
        if not self.is_hidden:
            self.pending += data[skipped:]


def read(source: Source) -> Content:
    """Read the RTF of *source*. Raises Unreadable with READ-TOO-LARGE."""
    if source.path.stat().st_size > _BYTES:
        raise Unreadable("READ-TOO-LARGE", source.name, limit=_BYTES)
    data = source.path.read_bytes()
    text = text_of(data)
    pages = Pages(source)
    pages.add(text)
    info = {match[1].decode(): text_of(b"{" + _codepage_mark(data) + match[2] + b"}") for match in _INFO.finditer(data[:65_536])}
    return Content(None, pages.kept, described(dict(info)), (), tuple(pages.findings))


def text_of(data: bytes) -> str:
    """Return the running text of the RTF in *data*; whatever is malformed is passed over."""
    state = _State()
    for token in _TOKEN.finditer(data):
        word, number, coded, symbol, brace, plain = token.groups()
        if word:
            _word(state, word, int(number) if number else None)
        elif coded:
            state.write_bytes(bytes.fromhex(coded.decode()))
        elif symbol:
            _symbol(state, symbol)
        elif brace:
            _brace(state, brace)
        elif plain:
            state.write_bytes(plain)
    state.flush()
    return "".join(state.written).strip("\n")


def _word(state: _State, word: bytes, number: int | None) -> None:
    if word in _HIDDEN:
        _hide(state)
    elif word == b"u" and number is not None:
        state.write(chr(number % 65_536))
        state.to_skip = state.skip_stack[-1][1]
    elif word == b"uc" and number is not None:
        state.skip_stack[-1] = (state.is_hidden, max(0, min(number, 8)))
    elif word == b"ansicpg" and number is not None:
        state.codepage = _codec(number)
    elif word in _MARKS:
        state.write(_MARKS[word])


def _symbol(state: _State, symbol: bytes) -> None:
    if symbol == b"*":
        _hide(state)
    elif symbol in b"\\{}":
        state.write_bytes(symbol)
    elif symbol in b"~_":
        state.write(" " if symbol == b"~" else "-")


def _brace(state: _State, brace: bytes) -> None:
    state.flush()
    state.to_skip = 0
    if brace == b"{" and len(state.skip_stack) < _DEPTH:
        state.skip_stack.append(state.skip_stack[-1])
    elif brace == b"}" and len(state.skip_stack) > 1:
        state.skip_stack.pop()


def _hide(state: _State) -> None:
    state.flush()
    state.skip_stack[-1] = (True, state.skip_stack[-1][1])


def _codec(number: int) -> str:
    name = _CODEPAGES.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _codepage_mark(data: bytes) -> bytes:
    match = re.search(rb"\\ansicpg\d{1,5}", data[:4096])
    return match[0] + b" " if match else b""
