"""Broken OFD packages, each named after its fault, with the findings it must give and the text that must still be read."""

from collections.abc import Callable

from tests.support import ofd_writer as w

_CONTENT = w.CONTENT.format(0)
_DTD = "<!DOCTYPE a [<!ENTITY b 'c'>]>"


def _with(**changed: str | bytes | None) -> w.Parts:
    members = w.parts(w.page(w.text("文")), w.page(w.text("二")))
    for key, value in changed.items():
        name = {"root": "OFD.xml", "document": "Doc_0/Document.xml", "page": _CONTENT}.get(key, key)
        if value is None:
            del members[name]
        else:
            members[name] = value
    return members


def _deep(name: str, levels: int) -> str:
    return w.page(f"<ofd:{name}>" * levels + f"</ofd:{name}>" * levels, w.text("文"))


def _listed(inside: str) -> w.Parts:
    return w.parts(w.page(w.text("文")), after=inside)


def _common(inside: str, **more: str) -> w.Parts:
    return w.parts(w.page(w.text("文")), common=inside) | more  # type: ignore[return-value]


# name -> (package, finding codes, text; None where nothing opens)
FAULTS: dict[str, tuple[Callable[[], w.Parts | bytes], set[str], str | None]] = {
    "empty_zip": (lambda: w.zipped({}), {"ZIP-MEMBER-MISSING"}, None),
    "no_zip": (lambda: b"PK\x03\x04" + bytes(80), {"ZIP-DAMAGED"}, None),
    "cut_short": (lambda: w.zipped(_with())[:-40], {"ZIP-DAMAGED"}, None),
    "root_missing": (lambda: _with(root=None), {"ZIP-MEMBER-MISSING"}, None),
    "root_broken": (lambda: _with(root="<ofd"), {"OFD-DAMAGED"}, None),
    "root_empty": (lambda: _with(root=b""), {"OFD-DAMAGED"}, None),
    "root_without_documents": (lambda: _with(root=w.root("OFD", "")), {"OFD-DAMAGED"}, None),
    "root_with_dtd": (lambda: _with(root=_DTD + "<a>&b;</a>"), {"XML-DTD"}, None),
    "document_missing": (lambda: _with(document=None), {"OFD-PART-MISSING", "OFD-NO-PAGES"}, ""),
    "document_broken": (lambda: _with(document="<a"), {"OFD-PART-DAMAGED", "OFD-NO-PAGES"}, ""),
    "document_without_root_path": (lambda: _with(root=w.ofd_xml(doc_root="")), {"OFD-NO-PAGES"}, ""),
    "page_missing": (lambda: _with(page=None), {"OFD-PART-MISSING"}, "\n二"),
    "page_broken": (lambda: _with(page="<a><b></a>"), {"OFD-PART-DAMAGED"}, "\n二"),
    "page_empty": (lambda: _with(page=b""), {"OFD-PART-DAMAGED"}, "\n二"),
    "page_with_dtd": (lambda: _with(page=_DTD + "<a>&b;</a>"), {"XML-DTD"}, "\n二"),
    "page_binary": (lambda: _with(page=bytes(range(256))), {"OFD-PART-DAMAGED"}, "\n二"),
    "page_nested_too_deep": (lambda: _with(page=_deep("PageBlock", 3000)), {"OFD-PART-DAMAGED"}, "\n二"),
    "page_nested_deep": (lambda: _with(page=_deep("PageBlock", 200)), set(), "文\n二"),
    "page_of_another_kind": (lambda: _with(page="<html/>"), set(), "\n二"),
    "template_missing": (
        lambda: _with(page=w.page(w.text("文"), before=w.tag("Template", TemplateID=9))),
        {"OFD-TEMPLATE-MISSING"},
        "文\n二",
    ),
    "template_file_missing": (
        lambda: w.parts(w.page(w.text("文"), before=w.tag("Template", TemplateID=9)), common=w.tag("TemplatePage", ID=9, BaseLoc="T.xml")),
        {"OFD-PART-MISSING"},
        "文",
    ),
    "resources_missing": (lambda: _common(w.tag("PublicRes", "R.xml")), {"OFD-PART-MISSING"}, "文"),
    "annotations_missing": (lambda: _listed(w.tag("Annotations", "A.xml")), {"OFD-PART-MISSING"}, "文"),
    "boundary_is_no_box": (lambda: _with(page=w.page(w.text("文", "a b c"))), set(), "文\n二"),
    "boundary_infinite": (lambda: _with(page=w.page(w.text("文", "inf nan 1 1"))), set(), "文\n二"),
    "matrix_infinite": (lambda: _with(page=w.page(w.text("文", ctm="1e999 0 0 1 0 0"))), set(), "文\n二"),
    "matrix_huge": (lambda: _with(page=w.page(w.text("文", ctm="1e300 0 0 1e300 0 0"))), set(), "文\n二"),
    "size_missing": (lambda: _with(page=w.page(w.text("文").replace('Size="5.0"', ""))), set(), "文\n二"),
    "size_negative": (lambda: _with(page=w.page(w.text("文").replace('Size="5.0"', 'Size="-5"'))), set(), "文\n二"),
    "step_group_bomb": (lambda: _with(page=w.page(w.text(w.code("文", dx="g 999999999 1")))), set(), "文\n二"),
    "glyph_count_bomb": (
        lambda: _with(page=w.page(w.text(w.tag("CGTransform", CodePosition=0, CodeCount=1, GlyphCount=999_999_999) + w.code("文")))),
        set(),
        "文\n二",
    ),
    "sheet_without_size": (lambda: w.parts(w.page(w.text("文")), box="0 0 0 0"), set(), "文"),
    "units_outside_of_layers": (lambda: _with(page=w.root("Page", w.tag("Content", w.text("文")))), set(), "文\n二"),
    "encrypted_package": (lambda: _with(**{"Encryptions.xml": "<a/>"}), {"OFD-ENCRYPTED"}, "文\n二"),
    "encrypted_root": (lambda: _with(**{"Encryptions.xml": "<a/>", "root": b"\x8f\x01"}), {"OFD-ENCRYPTED"}, None),
    "signature_list_broken": (
        lambda: _with(root=w.ofd_xml(w.tag("Signatures", "/S.xml")), **{"S.xml": "<a"}),
        {"OFD-PART-DAMAGED"},
        "文\n二",
    ),
    "characters_forbidden_in_xml": (lambda: _with(page=w.page(w.text("文")).replace("文", "&#0;")), {"OFD-PART-DAMAGED"}, "\n二"),
    "another_namespace": (lambda: _with(page=w.page(w.text("文")).replace("ofdspec.org/2016", "example.invalid")), set(), "文\n二"),
    "no_namespace": (lambda: _with(page=w.page(w.text("文")).replace(f" {w.NS}", "").replace("ofd:", "")), set(), "文\n二"),
    "utf_16": (lambda: _with(page=w.page(w.text("文")).encode("utf-16")), set(), "文\n二"),
    "gb18030": (lambda: _with(page=('<?xml version="1.0" encoding="GB18030"?>' + w.page(w.text("文"))).encode("gb18030")), set(), "文\n二"),
}
