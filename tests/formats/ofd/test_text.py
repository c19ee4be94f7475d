"""Characters and where they stand: what is written is what is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantai.formats.ofd import annotation_text, page_text
from lantai.formats.ofd.geometry import POINTS, then
from lantai.formats.ofd.text import Run, annotation_runs, page_runs
from tests.formats.ofd.opened import codes, content, opened
from tests.support import ofd_writer as w

_TEXT = st.text("公文甲乙丙丁ab12，。", min_size=1, max_size=12)
_NUMBER = st.floats(-300, 300).map(lambda value: round(value, 3))
_SCALE = st.floats(0.2, 5).map(lambda value: round(value, 3))


def _runs(*units: str, **document: str) -> list[Run]:
    with opened(w.parts(w.page(*units), **document)) as package:
        return list(page_runs(package.documents[0].page(1)))


@settings(max_examples=60, deadline=None)
@given(_TEXT, st.data())
def test_text_and_positions_written_are_read(text: str, data: st.DataObject) -> None:
    count = len(text) - 1
    dx, dy = (data.draw(st.lists(_NUMBER, min_size=count, max_size=count)) for _ in "xy")
    x, y, left, top = (data.draw(_NUMBER) for _ in range(4))
    a, b, c, d, e, f = matrix = (*(data.draw(_NUMBER) for _ in range(4)), data.draw(_NUMBER), data.draw(_NUMBER))
    written = w.code(text, x, y, dx=w.grouped(dx) or None, dy=w.grouped(dy) or None)
    (run,) = _runs(w.text(written, f"{left} {top} 10 10", ctm=" ".join(map(repr, matrix))))
    assert run.text == text
    for at, character in enumerate(run.characters):
        px, py = x + sum(dx[:at]), y + sum(dy[:at])
        assert (character.x, character.y) == pytest.approx((a * px + c * py + e + left, b * px + d * py + f + top), rel=1e-6, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(_SCALE, _SCALE, _NUMBER, _NUMBER)
def test_composite_objects_carry_their_matrix_inwards(sx: float, sy: float, e: float, f: float) -> None:
    unit = w.tag("CompositeGraphicUnit", w.tag("Content", w.text("印", "1 2 5 5", ctm="2 0 0 2 0 0")), ID=50, Width=9, Height=9)
    members = w.parts(
        w.page(w.tag("CompositeObject", ID=5, ResourceID=50, Boundary="10 20 9 9", CTM=f"{sx} 0 0 {sy} {e} {f}")),
        common=w.tag("DocumentRes", "Res.xml"),
    ) | {"Doc_0/Res.xml": w.root("Res", w.tag("CompositeGraphicUnits", unit))}
    with opened(members) as package:
        (run,) = page_runs(package.documents[0].page(1))
    inner = (2.0, 0.0, 0.0, 2.0, 1.0, 2.0)
    assert run.matrix == pytest.approx(then(inner, (sx, 0.0, 0.0, sy, e + 10, f + 20)))
    assert (run.xs[0], run.ys[0]) == pytest.approx((sx * 1 + e + 10, sy * 12 + f + 20))


def test_a_composite_that_holds_itself_ends() -> None:
    inner = w.text("一") + w.tag("CompositeObject", ID=6, ResourceID=50, Boundary="0 0 9 9")
    unit = w.tag("CompositeGraphicUnit", w.tag("Content", inner), ID=50, Width=9, Height=9)
    members = w.parts(w.page(w.tag("CompositeObject", ID=5, ResourceID=50, Boundary="0 0 9 9")), common=w.tag("PublicRes", "Res.xml")) | {
        "Doc_0/Res.xml": w.root("Res", w.tag("CompositeGraphicUnits", unit))
    }
    with opened(members) as package:
        assert 1 <= len(list(page_runs(package.documents[0].page(1)))) <= 20


def test_steps_missing_at_the_end_repeat() -> None:
    (short,) = _runs(w.text(w.code("一二三四", 0, 5, dx="2")))
    assert short.xs == pytest.approx((20, 22, 24, 26))


@pytest.mark.parametrize(
    ("direction", "xs", "ys"),
    [(0, (21, 26, 31), (35,) * 3), (90, (21,) * 3, (35, 40, 45)), (180, (21, 16, 11), (35,) * 3), (270, (21,) * 3, (35, 30, 25))],
)
def test_a_string_without_steps_takes_the_usual_ones_in_its_direction(direction: int, xs: tuple[float, ...], ys: tuple[float, ...]) -> None:
    (run,) = _runs(w.text(w.code("一二三", 1, 5), ReadDirection=direction))
    assert (run.xs, run.ys) == (pytest.approx(xs), pytest.approx(ys))


def test_a_second_code_without_a_start_stands_where_the_first_began() -> None:
    first, second, third = _runs(w.text(w.code("一", 3, 5) + w.code("二", None, 12) + w.code("三", 9, None)))
    assert (first.xs[0], second.xs[0], third.xs[0]) == pytest.approx((23, 23, 29))
    assert (first.ys[0], second.ys[0], third.ys[0]) == pytest.approx((35, 42, 42))


def test_characters_of_a_ligature_stand_at_its_glyph() -> None:
    transform = w.tag("CGTransform", w.tag("Glyphs", "77"), CodePosition=1, CodeCount=2, GlyphCount=1)
    (run,) = _runs(w.text(transform + w.code("afib", 0, 5, dx="3 4")))
    assert run.xs == pytest.approx((20, 23, 23, 27))
    apart = w.tag("CGTransform", w.tag("Glyphs", "7 8"), CodePosition=0, CodeCount=1, GlyphCount=2)
    (run,) = _runs(w.text(apart + w.code("ab", 0, 5, dx="3 4")))
    assert run.xs == pytest.approx((20, 27))


def test_boxes_are_in_points_from_the_top_left_of_the_sheet() -> None:
    members = w.parts(w.page(w.text("公文", "30 40 20 8")), box="10 20 190 250")
    (page,) = content(members).pages
    assert (page.width, page.height) == (round(190 * POINTS, 2), round(250 * POINTS, 2))
    (line,) = page.lines
    left, top, right, bottom = (value / POINTS for value in line.box)
    assert (left, right) == pytest.approx((20, 30), abs=0.05)
    assert top == pytest.approx(40 + 5 - 20 - 0.88 * 5, abs=0.05)
    assert bottom == pytest.approx(40 + 5 - 20 + 0.12 * 5, abs=0.05)


def test_templates_lie_under_and_over_their_page() -> None:
    uses = w.tag("Template", TemplateID=7, ZOrder="Foreground") + w.tag("Template", TemplateID=8)
    common = w.tag("TemplatePage", ID=7, BaseLoc="T7.xml") + w.tag("TemplatePage", ID=8, BaseLoc="T8.xml", ZOrder="Background")
    members = w.parts(w.page(w.text("页", "20 60 9 9"), before=uses), common=common)
    members |= {"Doc_0/T7.xml": w.page(w.text("上", "20 90 9 9")), "Doc_0/T8.xml": w.page(w.text("下", "20 30 9 9"))}
    with opened(members) as package:
        page = package.documents[0].page(1)
        assert [(run.text, run.origin) for run in page_runs(page)] == [("下", "template"), ("页", "page"), ("上", "template")]
        assert page_text(page)[0] == "下\n页\n上"


def test_layers_are_drawn_background_body_foreground() -> None:
    names = ("Foreground", "Custom", "Body", "Background", None)
    layers = "".join(w.tag("Layer", w.text(str(at), f"20 {20 * at + 20} 9 9"), ID=at, Type=name) for at, name in enumerate(names))
    with opened(w.parts(w.root("Page", w.tag("Content", layers)))) as package:
        assert [run.text for run in page_runs(package.documents[0].page(1))] == ["3", "1", "2", "4", "0"]


@pytest.mark.parametrize(
    "attributes",
    [{"Visible": "false"}, {"Alpha": 0}, {"Fill": "false"}, {"HScale": 0}],
    ids=["not_visible", "transparent", "neither_filled_nor_stroked", "no_width"],
)
def test_text_nobody_can_see_is_told_apart(attributes: dict[str, object]) -> None:
    found = content(w.parts(w.page(w.text("明", "20 30 9 9"), w.text("暗", "20 60 9 9", **attributes))))
    assert found.pages[0].text == "明"
    assert codes(found) == ["OFD-HIDDEN-TEXT"]


def test_text_beside_the_sheet_is_hidden_unless_all_of_it_is() -> None:
    far = w.text("外", "20 900 9 9")
    assert codes(content(w.parts(w.page(w.text("内"), far)))) == ["OFD-HIDDEN-TEXT"]
    assert content(w.parts(w.page(far))).pages[0].text == "外"


def test_text_of_annotations_is_told_apart() -> None:
    look = w.tag("Appearance", w.text("作废", "1 1 20 9"), Boundary="50 60 30 10")
    annot = w.tag("Annot", w.tag("Remark", "收文员注") + look, ID=30, Type="Watermark", Creator="王", LastModDate="2026-01-02")
    members = w.parts(w.page(w.text("正文")), after=w.tag("Annotations", "Annotations.xml")) | {
        "Doc_0/Annotations.xml": w.root("Annotations", w.tag("Page", w.tag("FileLoc", "Annots/A.xml"), PageID=100)),
        "Doc_0/Annots/A.xml": w.root("PageAnnot", annot),
    }
    found = content(members)
    assert (found.pages[0].text, codes(found)) == ("正文", ["OFD-ANNOTATION-TEXT"])
    with opened(members) as package:
        page = package.documents[0].page(1)
        assert annotation_text(page) == ("作废\n收文员注",)
        (annotation,) = page.annotations
        assert (annotation.kind, annotation.creator, annotation.is_printed) == ("Watermark", "王", True)
        (run,) = annotation_runs(page, annotation)
        assert (run.origin, run.xs[0], run.ys[0]) == ("annotation", pytest.approx(51), pytest.approx(66))
