"""What was added to a PDF after it was signed (incremental updates, ISO 32000-2 7.5.6).

A later signature, its field and appearance, time stamps and material for long-term validation are what signing itself adds and
are left out; everything else that was added or written anew is named, and so are the pages that look different now. Metadata
that was written anew is told apart, for signing software does that by itself.
"""

from dataclasses import dataclass, field

from lantai.formats.content import Source
from lantai.formats.pdf import objects
from lantai.formats.pdf.looks import different_pages
from lantai.formats.pdf.objects import Body, Objects
from lantai.formats.pdf.raw import data_of, is_held, stretch

_LARGEST_UPDATE = 32 * 1024**2
_MOST_NAMED = 20
_SIGNATURE = objects.pattern(r"/Type ?/(?:Sig|DocTimeStamp|VRI|DSS|SigFieldLock|SigRef)\b|/FT ?/Sig\b|/(?:Certs|CRLs|OCSPs|VRI)\b")
_STRUCTURE = objects.pattern(r"/Type ?/(?:XRef|ObjStm)\b")
_TREE = objects.pattern(r"/Type ?/(?:Page|Pages|Catalog)\b")
_EXTENSION = objects.pattern(r"/(?:DeveloperExtensions|ExtensionLevel)\b")
_LIST = objects.pattern(r"\[(?: ?\d+ \d+ R)* ?\]")
_CATALOG, _PAGE = objects.pattern(r"/Type ?/Catalog\b"), objects.pattern(r"/Type ?/Page\b")
_METADATA = objects.pattern(r"/Type ?/Metadata\b|^<< ?/(?:Producer|Creator|CreationDate|ModDate|Title|Author)\b|/ModDate\b")
_CATALOG_MAY = (b"DSS", b"AcroForm", b"Extensions", b"Perms", b"Version", b"Metadata")
_NAMES = (
    (_CATALOG, "文档目录"),
    (_PAGE, "页面"),
    (objects.pattern(r"/Type ?/Pages\b"), "页面树"),
    (objects.pattern(r"/Subtype ?/Widget\b|/FT ?/(?:Tx|Btn|Ch)\b"), "表单域"),
    (objects.pattern(r"/Type ?/Annot\b|/Subtype ?/(?:Text|FreeText|Stamp|Highlight|Ink|Link|Square|Line|Popup)\b"), "批注"),
    (objects.pattern(r"/Type ?/Font"), "字体"),
    (objects.pattern(r"/Subtype ?/Image\b"), "图像"),
)


@dataclass(slots=True)
class Changes:
    """What was added after signing: what counts as altered, and what is merely remarked on."""

    altered: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def changes(source: Source, end: int) -> Changes:
    """Name what was added after the first *end* bytes, which are the signed revision; nothing where only signing went on."""
    size = source.path.stat().st_size
    added = stretch(source.path, end, min(size - end, _LARGEST_UPDATE))
    if not added.strip():
        return Changes()
    if not is_held(source) or source.is_late:
        return Changes([f"签名后追加了 {size - end} 字节，没有逐项列出"])
    later = objects.read(added)
    if not later.bodies:
        return Changes([f"签名后追加了 {size - end} 字节，其中没有可识别的对象"])
    found = _Update(later, objects.read(data_of(source)[:end])).judged()
    found.altered += different_pages(source, end)
    return found


class _Update:
    """The objects that were added, beside those that were signed."""

    def __init__(self, later: Objects, before: Objects) -> None:
        self._later, self._before = later, before
        self._signing = self._closure()

    def judged(self) -> Changes:
        """Name what signing does not explain, up to a number that people can read."""
        result, more = Changes(), 0
        for number, bodies in sorted(self._later.bodies.items()):
            body = bodies[-1]
            if self._is_expected(number, body):
                continue
            if _METADATA.search(body.text) and not _TREE.search(body.text):
                result.remarks.append(f"签名后{self._how(number)}了元数据（对象 {number}）")
            elif len(result.altered) < _MOST_NAMED:
                result.altered.append(self._named(number, body))
            else:
                more += 1
        if more:
            result.altered.append(f"另有 {more} 个对象")
        return result

    def _is_expected(self, number: int, body: Body) -> bool:
        """Tell whether signing alone explains that the object was added or written anew."""
        old = self._before.last(number)
        if old is not None and old.whole.strip() == body.whole.strip():
            return True
        if _STRUCTURE.search(body.text) or number in self._signing:
            return True
        if _EXTENSION.search(body.text) and self._is_extension_only(number):
            return True
        if old is None:
            return _is_list(body.text) and all(other in self._signing or self._before.last(other) for other in body.references)
        return _differs_as_it_may(old.text, body.text)

    def _is_extension_only(self, number: int) -> bool:
        """Tell whether the signed revision used the object as the catalogue's extensions and as nothing else."""
        users = [self._before.bodies[other][-1].text for other in self._before.referrers.get(number, ())]
        return all(number not in objects.references(b"/".join(objects.without(text, b"Extensions"))) for text in users)

    def _closure(self) -> set[int]:
        """Return what signature fields, their appearances and validation material lead to, and nobody else did before."""
        todo = [number for number, bodies in self._later.bodies.items() if any(_SIGNATURE.search(body.text) for body in bodies)]
        reached: set[int] = set()
        while todo:
            number = todo.pop()
            bodies = [*self._later.bodies.get(number, ()), *self._before.bodies.get(number, ())]
            if number in reached or any(_TREE.search(body.text) for body in bodies):
                continue
            reached.add(number)
            todo += [other for body in bodies for other in body.references]
        return {number for number in reached if self._is_own(number, reached)}

    def _is_own(self, number: int, reached: set[int]) -> bool:
        """Tell whether nothing in the signed revision but signing's own objects used the object: else its place was taken."""
        old = self._before.last(number)
        is_own = old is None or bool(_SIGNATURE.search(old.text))
        return is_own or self._before.referrers.get(number, set()) <= reached

    def _how(self, number: int) -> str:
        return "改写" if self._before.last(number) else "新增"

    def _named(self, number: int, body: Body) -> str:
        kind = next((name for mark, name in _NAMES if mark.search(body.text)), "对象")
        return f"签名后{self._how(number)}了{kind}（对象 {number}）"


def _is_list(text: bytes) -> bool:
    return bool(_LIST.fullmatch(text))


def _differs_as_it_may(old: bytes, new: bytes) -> bool:
    """Tell whether catalogue, page, form or list of annotations differ only by what a signature adds to them."""
    if _CATALOG.search(new):
        return objects.without(old, *_CATALOG_MAY) == objects.without(new, *_CATALOG_MAY)
    if _PAGE.search(new):
        return objects.without(old, b"Annots") == objects.without(new, b"Annots")
    if b"/Fields" in new or new.startswith(b"["):
        return set(objects.references(old)) <= set(objects.references(new))
    return False
