"""Values of actions and destinations (GB/T 33190-2016 clause 14)."""

from dataclasses import dataclass

from lantai.formats.ofd.abbreviated import PathSegment


@dataclass(frozen=True, slots=True)
class Destination:
    """A spot in the document (14.2, CT_Dest): XYZ, Fit, FitH, FitV or FitR of a page by its identifier."""

    kind: str
    page_id: str
    left: float | None = None
    top: float | None = None
    right: float | None = None
    bottom: float | None = None
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class Goto:
    """Go to a destination, or to a bookmark by name."""

    destination: Destination | None = None
    bookmark: str = ""


@dataclass(frozen=True, slots=True)
class GotoAttachment:
    """Open an attachment by identifier."""

    attachment_id: str
    is_new_window: bool = True


@dataclass(frozen=True, slots=True)
class OpenUri:
    """Open an address outside the package."""

    uri: str
    base: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Play a sound resource; volume 0 to 100."""

    resource_id: str
    volume: int = 100
    is_repeated: bool = False
    is_synchronous: bool = False


@dataclass(frozen=True, slots=True)
class PlayMovie:
    """Play, pause, stop or resume a video resource."""

    resource_id: str
    operator: str = "Play"


Act = Goto | GotoAttachment | OpenUri | PlaySound | PlayMovie


@dataclass(frozen=True, slots=True)
class Action:
    """What happens (``act``) on an event: DO (document opened), PO (page opened) or CLICK in ``region`` (14.1)."""

    event: str
    act: Act | None
    region: tuple[PathSegment, ...] = ()
