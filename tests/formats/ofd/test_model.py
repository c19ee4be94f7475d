"""Values complete enough to draw from: everything an OFD can say arrives in the model."""

import pytest

from lantai.formats.ofd import Marked, marked
from lantai.formats.ofd.geometry import Box
from lantai.formats.ofd.model_action import Goto, GotoAttachment, OpenUri, PlayMovie, PlaySound
from lantai.formats.ofd.model_page import (
    AxialShading,
    Colour,
    ImageObject,
    MeshShading,
    PageBlock,
    PathObject,
    Pattern,
    RadialShading,
    TextObject,
    Unit,
)
from lantai.formats.ofd.styles import rgb, style
from tests.formats.ofd.opened import codes, content, opened
from tests.support import ofd_writer as w

_COMMON = w.tag("DefaultCS", "40") + w.tag("PublicRes", "Res.xml")


def _units(*written: str) -> tuple[Unit, ...]:
    with opened(w.parts(w.page(*written))) as package:
        (layer,) = package.documents[0].page(1).content.layers
        return layer.units


def _path(inside: str = "", **attributes: object) -> PathObject:
    (unit,) = _units(w.tag("PathObject", inside + w.tag("AbbreviatedData", "M 0 0 L 1 1 C"), ID=4, Boundary="1 2 3 4", **attributes))
    assert isinstance(unit, PathObject)
    return unit


def test_a_path_and_what_it_is_drawn_with() -> None:
    line = {"LineWidth": 0.5, "Cap": "Round", "Join": "Bevel", "MiterLimit": 4, "DashOffset": 1, "DashPattern": "1 2"}
    colours = w.tag("FillColor", Value="255 0 0", Alpha=128, ColorSpace=40) + w.tag("StrokeColor", Index=3)
    unit = _path(colours, Rule="Even-Odd", Fill="true", Stroke="false", Name="框", Visible="false", Alpha=300, DrawParam=9, **line)
    assert [segment.op for segment in unit.segments] == ["M", "L", "C"]
    assert (unit.rule, unit.is_filled, unit.is_stroked) == ("Even-Odd", True, False)
    frame = unit.frame
    assert (frame.id, frame.boundary, frame.name, frame.is_visible, frame.alpha) == ("4", Box(1, 2, 3, 4), "框", False, 255)
    assert frame.draw_param == "9"
    style_ = frame.line
    assert (style_.width, style_.cap, style_.join, style_.miter_limit, style_.dash_offset) == (0.5, "Round", "Bevel", 4, 1)
    assert style_.dash_pattern == (1, 2)
    assert unit.fill == Colour((255.0, 0.0, 0.0), None, "40", 128)
    assert unit.stroke == Colour(None, 3)


def test_paths_stroke_and_texts_fill_unless_told_otherwise() -> None:
    path, (text,) = _path(), _units(w.text("文"))
    assert isinstance(text, TextObject)
    assert (path.is_stroked, path.is_filled, text.is_stroked, text.is_filled) == (True, False, False, True)


def test_text_says_all_it_can() -> None:
    transform = w.tag("CGTransform", w.tag("Glyphs", "12 13"), CodePosition=0, CodeCount=2, GlyphCount=2)
    said = {"HScale": 0.8, "ReadDirection": 90, "CharDirection": 270, "Weight": 700, "Italic": "true", "Stroke": "true"}
    (unit,) = _units(w.text(transform + w.code("公文", 1, 5, dx="5"), **said))
    assert isinstance(unit, TextObject)
    assert (unit.font, unit.size, unit.h_scale, unit.read_direction, unit.char_direction) == ("3", 5.0, 0.8, 90, 270)
    assert (unit.weight, unit.is_italic, unit.is_stroked, unit.text) == (700, True, True, "公文")
    (code,) = unit.codes
    assert (code.x, code.y, code.delta_x, code.transforms[0].glyphs) == (1, 5, (5,), (12, 13))


def test_shadings_and_patterns() -> None:
    stops = w.tag("Segment", w.tag("Color", Value="0 0 0"), Position=0) + w.tag("Segment", w.tag("Color", Value="9 9 9"))
    axial = _path(w.tag("FillColor", w.tag("AxialShd", stops, StartPoint="0 0", EndPoint="5 6", Extend=3, MapType="Repeat", MapUnit=2)))
    shading = axial.fill and axial.fill.shading
    assert isinstance(shading, AxialShading)
    assert (shading.end, shading.extend, shading.map_type, shading.map_unit, len(shading.stops)) == ((5, 6), 3, "Repeat", 2, 2)
    assert [stop.position for stop in shading.stops] == [0, None]
    circle = {"StartPoint": "1 1", "EndPoint": "2 2", "StartRadius": 1, "EndRadius": 7, "Eccentricity": 0.5, "Angle": 30}
    radial = _path(w.tag("FillColor", w.tag("RadialShd", stops, **circle))).fill
    assert radial is not None
    assert isinstance(radial.shading, RadialShading)
    assert (radial.shading.end_radius, radial.shading.angle) == (7, 30)
    points = "".join(w.tag("Point", w.tag("Color", Value="1 2 3"), X=x, Y=0, EdgeFlag=x) for x in range(3))
    mesh = _path(w.tag("FillColor", w.tag("LaGouraudShd", points, VerticesPerRow=2))).fill
    assert mesh is not None
    assert isinstance(mesh.shading, MeshShading)
    assert (mesh.shading.per_row, [point.flag for point in mesh.shading.points]) == (2, [0, 1, 2])
    cell = w.tag("CellContent", w.text("纹"))
    pattern = _path(w.tag("FillColor", w.tag("Pattern", cell, Width=5, Height=6, XStep=2, ReflectMethod="Row", CTM="1 0 0 1 2 3"))).fill
    assert pattern is not None
    assert isinstance(pattern.shading, Pattern)
    assert (pattern.shading.x_step, pattern.shading.y_step, pattern.shading.reflect, len(pattern.shading.units)) == (5, 6, "Row", 1)


def test_clips_images_blocks() -> None:
    shape = w.tag("Path", w.tag("AbbreviatedData", "M 0 0 L 5 5"), ID=5, Boundary="0 0 5 5")
    clip = w.tag("Clips", w.tag("Clip", w.tag("Area", shape, CTM="2 0 0 2 0 0", DrawParam=3)) * 2, TransFlag="false")
    border = w.tag("Border", w.tag("BorderColor", Value="1 2 3"), LineWidth=1, HorizonalCornerRadius=2, DashPattern="3 3")
    image = w.tag("ImageObject", clip + border, ID=6, Boundary="0 0 9 9", ResourceID=8, Substitution=9, ImageMask=10)
    block = w.tag("PageBlock", w.tag("PageBlock", image, ID=2) + w.text("文"), ID=1)
    (outer,) = _units(block)
    assert isinstance(outer, PageBlock)
    inner, text = outer.units
    assert isinstance(inner, PageBlock)
    assert isinstance(text, TextObject)
    (found,) = inner.units
    assert isinstance(found, ImageObject)
    assert (found.resource, found.substitution, found.mask) == ("8", "9", "10")
    assert found.border is not None
    assert (found.border.line_width, found.border.horizontal_radius, found.border.dash_pattern) == (1, 2, (3, 3))
    clips = found.frame.clips
    assert clips is not None
    assert (len(clips.clips), clips.is_transformed, clips.clips[0][0].draw_param) == (2, False, "3")
    assert [segment.op for segment in clips.clips[0][0].shape.segments] == ["M", "L"]  # type: ignore[union-attr]


def _acts() -> str:
    dest = w.tag("Dest", Type="XYZ", PageID=101, Left=1, Top=2, Zoom=1.5)
    inside = (
        w.tag("Goto", dest),
        w.tag("Goto", w.tag("Bookmark", Name="附件")),
        w.tag("GotoA", AttachID=7, NewWindow="false"),
        w.tag("URI", URI="x.html", Base="http://example.invalid/"),
        w.tag("Sound", ResourceID=5, Volume=50, Repeat="true"),
        w.tag("Movie", ResourceID=6, Operator="Stop"),
    )
    region = w.tag("Region", w.tag("Area", w.tag("Line", Point1="5 5") + w.tag("Arc", EndPoint="1 1") + w.tag("Close"), Start="0 0"))
    return w.tag("Actions", "".join(w.tag("Action", region + item, Event="CLICK") for item in inside))


def test_actions_of_every_kind() -> None:
    with opened(w.parts(w.page(w.text("文")), after=_acts())) as package:
        acts = [action.act for action in package.documents[0].facts.actions]
        region = package.documents[0].facts.actions[0].region
    goto, named, attachment, uri, sound, movie = acts
    assert isinstance(goto, Goto)
    assert goto.destination is not None
    assert (goto.destination.page_id, goto.destination.top, goto.destination.right) == ("101", 2, None)
    assert named == Goto(None, "附件")
    assert attachment == GotoAttachment("7", is_new_window=False)
    assert uri == OpenUri("x.html", "http://example.invalid/")
    assert sound == PlaySound("5", 50, is_repeated=True)
    assert movie == PlayMovie("6", "Stop")
    assert [segment.op for segment in region] == ["M", "L", "A", "C"]
    assert "OFD-LINK" in codes(content(w.parts(w.page(w.text("文")), after=_acts())))


def test_outlines_bookmarks_permissions_preferences() -> None:
    below = w.tag("OutlineElem", _acts(), Title="第一节")
    outline = w.tag("Outlines", w.tag("OutlineElem", below, Title="第一章\n", Expanded="false"))
    marks = w.tag("Bookmarks", w.tag("Bookmark", w.tag("Dest", Type="Fit", PageID=100), Name="首页"))
    allowed = w.tag("Edit", "false") + w.tag("Print", Printable="true", Copies=2) + w.tag("ValidPeriod", StartDate="2026-01-01")
    views = w.tag("VPreferences", w.tag("PageMode", "FullScreen") + w.tag("HideToolbar", "true"))
    after = outline + marks + w.tag("Permissions", allowed) + views
    with opened(w.parts(w.page(w.text("文")), after=after)) as package:
        facts = package.documents[0].facts
    (chapter,) = facts.outlines
    assert (chapter.title, chapter.is_expanded, chapter.children[0].title) == ("第一章", False, "第一节")
    assert len(chapter.children[0].actions) == 6
    assert (facts.bookmarks[0].name, facts.bookmarks[0].destination and facts.bookmarks[0].destination.kind) == ("首页", "Fit")
    permissions, preferences = facts.permissions, facts.preferences
    assert permissions is not None
    assert preferences is not None
    assert (permissions.may_edit, permissions.may_print, permissions.copies, permissions.may_sign) == (False, True, 2, True)
    assert (permissions.valid_from, permissions.valid_until) == ("2026-01-01", "")
    assert (preferences.page_mode, preferences.hides_toolbar, preferences.hides_menubar) == ("FullScreen", True, False)


def _resources() -> w.Parts:
    palette = w.tag("Palette", w.tag("CV", "0 0 0") + w.tag("CV", "255 128 0"))
    spaces = (
        w.tag("ColorSpace", palette, ID=40, Type="RGB") + w.tag("ColorSpace", ID=41, Type="CMYK") + w.tag("ColorSpace", ID=42, Type="GRAY")
    )
    params = w.tag("DrawParam", w.tag("FillColor", Value="1 2 3"), ID=10, Relative=11, LineWidth=2)
    params += w.tag("DrawParam", w.tag("StrokeColor", Index=1), ID=11, Relative=10, LineWidth=7, Cap="Square")
    fonts = w.tag("Font", ID=3, FontName="仿宋_GB2312", FamilyName="仿宋", CharSet="prc", Bold="true")
    media = w.tag("MultiMedia", w.tag("MediaFile", "a.jb2"), ID=5, Type="Image")
    groups = w.tag("ColorSpaces", spaces) + w.tag("DrawParams", params) + w.tag("Fonts", fonts) + w.tag("MultiMedias", media)
    page = w.page(w.text("文", DrawParam=10), after="", before=w.tag("PageRes", "/Doc_0/Own.xml"))
    own = w.root("Res", w.tag("Fonts", w.tag("Font", ID=4, FontName="楷体")))
    return w.parts(page, common=_COMMON) | {"Doc_0/Res.xml": w.root("Res", groups), "Doc_0/Own.xml": own, "Doc_0/a.jb2": b""}


def test_resources_of_page_and_document() -> None:
    with opened(_resources()) as package:
        page = package.documents[0].page(1)
        resources = page.resources
        font, own, media = resources.font("3"), resources.font("4"), resources.media("5")
        assert package.documents[0].resources.font("4") is None
        assert resources.font("5") is None
        assert resources.font("") is None
    assert font is not None
    assert own is not None
    assert media is not None
    assert (font.name, font.family, font.charset, font.is_bold, font.file) == ("仿宋_GB2312", "仿宋", "prc", True, "")
    assert own.name == "楷体"
    assert (media.file, media.format) == ("Doc_0/a.jb2", "JB2")


def test_drawing_parameters_inherit_and_loops_end() -> None:
    with opened(_resources()) as package:
        page = package.documents[0].page(1)
        unit = page.content.layers[0].units[0]
        assert isinstance(unit, TextObject)
        found = style(unit, page.resources)
        assert (found.line.width, found.line.cap, found.line.join) == (2, "Square", "Miter")
        assert rgb(found.fill, page.resources) == (1, 2, 3)
        assert rgb(found.stroke, page.resources, "40") == (255, 128, 0)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        (None, (0, 0, 0)),
        (Colour((255.0, 0.0, 51.0)), (255, 0, 51)),
        (Colour((0.0, 255.0, 0.0, 0.0), space="41"), (255, 0, 255)),
        (Colour((102.0,), space="42"), (102, 102, 102)),
        (Colour(None, 1, "40"), (255, 128, 0)),
        (Colour(None, 9, "40"), (0, 0, 0)),
        (Colour((1.0,)), (0, 0, 0)),
        (Colour((999.0, -5.0, 0.0)), (255, 0, 0)),
    ],
)
def test_colours_as_red_green_blue(colour: Colour | None, expected: tuple[int, int, int]) -> None:
    with opened(_resources()) as package:
        assert rgb(colour, package.documents[0].resources) == expected


def test_colour_values_in_hexadecimal() -> None:
    fill = _path(w.tag("FillColor", Value="#FF #0a 3")).fill
    assert fill is not None
    assert fill.values == (255.0, 10.0, 3.0)


def test_attachments_tags_extensions_and_custom_data() -> None:
    after = w.tag("Attachments", "A.xml") + w.tag("CustomTags", "T.xml") + w.tag("Extensions", "E.xml")
    tags = w.tag("发文机关", w.tag("ObjectRef", "9", PageRef=100)) + w.tag("标题", "通知")
    members = w.parts(w.page(w.text("文")), after=after) | {
        "Doc_0/A.xml": w.root("Attachments", w.tag("Attachment", w.tag("FileLoc", "b.xml"), ID=1, Name="明细", Format="xml", Size="1.5")),
        "Doc_0/b.xml": "<a/>",
        "Doc_0/T.xml": w.root("CustomTags", w.tag("CustomTag", w.tag("FileLoc", "tag.xml"), TypeID="gw")),
        "Doc_0/tag.xml": w.root("公文", tags, 版本="1"),
        "Doc_0/E.xml": w.root("Extensions", w.tag("Extension", w.tag("Property", "v", Name="n", Type="t"), AppName="应用", RefId=9)),
    }
    with opened(members) as package:
        document = package.documents[0]
        (attachment,), (tree,), (extension,) = document.attachments, document.tags, document.extensions
    assert (attachment.place, attachment.size, attachment.is_visible, attachment.format) == ("Doc_0/b.xml", 1.5, True, "xml")
    assert tree.root is not None
    assert (tree.type_id, tree.root.name, tree.root.attributes) == ("gw", "公文", (("版本", "1"),))
    assert [(item.name, item.text) for item in tree.root.children] == [("发文机关", ""), ("标题", "通知")]
    assert [(item.page_id, item.object_id) for item in tree.root.children[0].objects] == [("100", "9")]
    assert (extension.application, extension.reference, extension.properties) == ("应用", "9", (("n", "t", "v"),))
    found = content(members)
    assert "OFD-ATTACHMENT" in codes(found)
    assert [(item.name, item.size_bytes) for item in found.attachments] == [("明细.xml", 4)]


def test_several_documents_and_versions() -> None:
    info = w.tag("DocInfo", w.tag("Title", "乙") + w.tag("CustomDatas", w.tag("CustomData", "7", Name="份号")))
    versions = w.tag("Versions", w.tag("Version", ID="v2", Index=2, Current="true", BaseLoc="Doc_1/Version.xml"))
    second = w.tag("DocBody", info + w.tag("DocRoot", "Doc_1/Gone.xml") + versions)
    members = w.parts(w.page(w.text("一")), w.page(w.text("二")))
    members["OFD.xml"] = str(members["OFD.xml"]).replace("</ofd:OFD>", second + "</ofd:OFD>")
    rooted = w.tag("FileList", w.tag("File", "Document.xml", ID=1)) + w.tag("DocRoot", "Document.xml")
    members |= {
        "Doc_1/Version.xml": w.root("DocVersion", rooted, ID="v2", Name="定稿", Version="2.0"),
        "Doc_1/Document.xml": w.document(1),
        "Doc_1/Pages/Page_0/Content.xml": w.page(w.text("三")),
    }
    with opened(members) as package:
        assert [document.page_count for document in package.documents] == [2, 1]
        assert package.page_count == 3
        (version,) = package.documents[1].versions
        assert (version.name, version.root, version.files) == ("定稿", "Doc_1/Document.xml", (("1", "Doc_1/Document.xml"),))
        with pytest.raises(IndexError):
            package.documents[1].page(2)
    found = content(members)
    assert [(page.number, page.text) for page in found.pages] == [(1, "一"), (2, "二"), (3, "三")]
    assert (found.metadata["title"], found.metadata["份号"]) == ("通知", "7")


def test_boxes_of_a_page_are_its_own_or_the_document_s() -> None:
    boxes = w.tag("PhysicalBox", "0 0 100 50") + w.tag("ApplicationBox", "1 1 98 48") + w.tag("BleedBox", "0 0 101 51")
    members = w.parts(w.page(w.text("文"), before=w.tag("Area", boxes)), w.page(w.text("文")), box="0 0 420 297")
    with opened(members) as package:
        own, common = (page.area for page in package.pages())
    assert (own.physical, own.application, own.content) == (Box(0, 0, 100, 50), Box(1, 1, 98, 48), None)
    assert common.physical.width == 420


def test_integrity_protection_is_told_but_not_believed() -> None:
    listed = w.tag("SignedValueLoc", "/signedvalue.dat") + w.tag("FileList", w.tag("File", ID=2, FileLoc="/OFD.xml"))
    members = w.parts(w.page(w.text("文"))) | {"OFDEntries.xml": w.root("DocEntries", listed, ID=1), "signedvalue.dat": b"x"}
    with opened(members) as package:
        assert package.integrity is not None
        assert (package.integrity.signed_value, package.integrity.files) == ("signedvalue.dat", ("OFD.xml",))
    found = content(members)
    assert (codes(found), found.signatures) == (["OFD-INTEGRITY"], ())


def test_what_tags_mark_with_the_text_of_their_objects() -> None:
    both = w.tag("ObjectRef", "9", PageRef=100) + w.tag("ObjectRef", "12", PageRef=101)
    tags = w.tag("标题", both) + w.tag("密级", "无") + w.tag("附注", w.tag("ObjectRef", "77", PageRef=100)) + w.tag("空")
    block = w.tag("PageBlock", w.text("工作要点的通知", ID=13), ID=12)
    members = w.parts(w.page(w.text("关于印发")), w.page(block), after=w.tag("CustomTags", "T.xml")) | {
        "Doc_0/T.xml": w.root("CustomTags", w.tag("CustomTag", w.tag("FileLoc", "tag.xml"))),
        "Doc_0/tag.xml": w.root("公文", tags),
    }
    with opened(members) as package:
        found = marked(package.documents[0])
    assert found == (Marked(("公文", "标题"), "关于印发工作要点的通知", (1, 2)), Marked(("公文", "密级"), "无"))
