"""Actions and destinations read (GB/T 33190-2016 clause 14)."""

from collections.abc import Callable, Iterator

from lxml import etree

from lantai.formats.ofd.abbreviated import PathSegment
from lantai.formats.ofd.model_action import Act, Action, Destination, Goto, GotoAttachment, OpenUri, PlayMovie, PlaySound
from lantai.formats.ofd.values import array, child, children, number, whole, yes
from lantai.formats.xmlsafe import local

_STEPS = {
    "Move": ("S", ("Point1",)),
    "Line": ("L", ("Point1",)),
    "QuadraticBezier": ("Q", ("Point1", "Point2")),
    "CubicBezier": ("B", ("Point1", "Point2", "Point3")),
}


def actions(holder: etree._Element | None) -> tuple[Action, ...]:
    """Read the actions of *holder* (its child ``Actions``)."""
    return tuple(_action(item) for item in children(child(holder, "Actions"), "Action"))


def destination(element: etree._Element | None) -> Destination | None:
    """Read a CT_Dest; None where there is no element."""
    if element is None:
        return None
    get = element.get
    edges = (number(get(name)) for name in ("Left", "Top", "Right", "Bottom", "Zoom"))
    return Destination(get("Type", "XYZ"), get("PageID", ""), *edges)


def _action(element: etree._Element) -> Action:
    act = None
    for item in element:
        reader = _ACTS.get(local(item))
        if reader is not None:
            act = reader(item)
    return Action(element.get("Event", ""), act, tuple(_region(child(element, "Region"))))


def _goto(element: etree._Element) -> Goto:
    bookmark = child(element, "Bookmark")
    return Goto(destination(child(element, "Dest")), "" if bookmark is None else bookmark.get("Name", ""))


def _goto_attachment(element: etree._Element) -> GotoAttachment:
    return GotoAttachment(element.get("AttachID", ""), yes(element.get("NewWindow"), otherwise=True))


def _uri(element: etree._Element) -> OpenUri:
    return OpenUri(element.get("URI", ""), element.get("Base", ""), element.get("Target", ""))


def _sound(element: etree._Element) -> PlaySound:
    get = element.get
    repeated, synchronous = yes(get("Repeat"), otherwise=False), yes(get("Synchronous"), otherwise=False)
    return PlaySound(get("ResourceID", ""), whole(get("Volume"), 100), repeated, synchronous)


def _movie(element: etree._Element) -> PlayMovie:
    return PlayMovie(element.get("ResourceID", ""), element.get("Operator", "Play"))


_ACTS: dict[str, Callable[[etree._Element], Act]] = {
    "Goto": _goto,
    "GotoA": _goto_attachment,
    "URI": _uri,
    "Sound": _sound,
    "Movie": _movie,
}


def _region(element: etree._Element | None) -> Iterator[PathSegment]:
    for place in children(element, "Area"):
        yield PathSegment("M", array(place.get("Start")))
        for step in place:
            yield from _step(step)


def _step(element: etree._Element) -> Iterator[PathSegment]:
    name = local(element)
    if name in _STEPS:
        op, points = _STEPS[name]
        yield PathSegment(op, tuple(value for point in points for value in array(element.get(point))))
    elif name == "Arc":
        yield _arc(element)
    elif name == "Close":
        yield PathSegment("C")


def _arc(element: etree._Element) -> PathSegment:
    get = element.get
    flags = (float(yes(get("LargeArc"), otherwise=False)), float(yes(get("SweepDirection"), otherwise=False)))
    radii = (*array(get("EllipseSize")), 0.0, 0.0)[:2]
    end = (*array(get("EndPoint")), 0.0, 0.0)[:2]
    return PathSegment("A", (*radii, number(get("RotationAngle")) or 0.0, *flags, *end))
