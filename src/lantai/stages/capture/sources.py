"""The sources of a delivery: what may be one, how a batch remembers them, and what a batch is called.

The name of a file may tell a state secret as much as its content, and a ledger forgets nothing: until reception has looked inside,
sources are remembered encrypted and a batch goes by a number of files.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from lantai.core import officialdoc
from lantai.core.errors import Refusal
from lantai.core.record import Channel
from lantai.packages import catalogue, filing, sealing
from lantai.ports import House
from lantai.shelves.intake.models import Arrival, Batch
from lantai.stages.capture.names import keepable, shown

TITLE_CHARACTERS = 200
_OWN = ("vault", "index", "keys", "quarantine")
_AUTOMATIC = "automatic_title"
_DIGESTS = "catalogue_sha256"
_CHUNK = 1024 * 1024


def require(house: House, sources: Sequence[Path], channel: str) -> None:
    """Raise Refusal where a source is missing, holds our own data, or is no catalogue where catalogues are imported."""
    data = house.data.resolve()
    for source in sources:
        if not os.path.lexists(source):
            raise Refusal("CAPTURE-SOURCE-MISSING", keepable(str(source)))
        place = _real(source)
        if data.is_relative_to(place) or any(place.is_relative_to(data / name) for name in _OWN):
            raise Refusal("CAPTURE-OWN-DATA", keepable(str(source)))
        if channel == Channel.CATALOGUE and not catalogue.is_catalogue(source):
            raise Refusal("CAPTURE-NOT-A-CATALOGUE", keepable(source.name))


def remember(house: House, batch: Batch, sources: Sequence[Path], *, title: str) -> None:
    """Write the sources and the title of a new batch, and which catalogues it imports."""
    paths = [str(_real(source)) for source in sources]
    batch.source = sealing.seal_text(json.dumps(paths), house.data)
    batch.title = keepable(title)[:TITLE_CHARACTERS] or _count(sources)
    batch.facts = dict(batch.facts) | ({} if title else {_AUTOMATIC: True})
    if batch.channel == Channel.CATALOGUE:
        batch.facts |= {_DIGESTS: [_digest(source) for source in sources]}


def recall(house: House, batch: Batch) -> list[Path]:
    """Return the sources of a batch. Raises Fault QUARANTINE-KEY where the key that they were written with is gone."""
    text = batch.source
    paths = json.loads(sealing.unseal_text(text, house.data)) if sealing.is_sealed_text(text) else text.split("\n")
    return [Path(path) for path in paths]


def refuse_again(batch: Batch) -> None:
    """Raise Refusal where a catalogue of this batch was imported before, by its bytes; must run under the lock of batch codes.

    A batch that was given back, or failed before it had any record, does not count.
    """
    own = set(batch.facts.get(_DIGESTS, ()))
    for earlier in Batch.objects.filter(channel=Channel.CATALOGUE).exclude(id=batch.id).exclude(state="returned"):
        has_failed = bool(earlier.needs_attention) and not earlier.record_count
        if own & set(earlier.facts.get(_DIGESTS, ())) and not has_failed:
            raise Refusal("CAPTURE-CATALOGUE-AGAIN", earlier.title, batch=earlier.code)


def title_now(house: House, batch: Batch) -> str:
    """Return what the batch is called once it is known what was in it: by its sources, as far as their names tell nothing."""
    if not batch.facts.get(_AUTOMATIC):
        return batch.title
    sources = recall(house, batch)
    if Arrival.objects.filter(batch=batch, outcome="quarantined").exists():
        is_all_sealed = not Arrival.objects.filter(batch=batch, outcome="record").exists()
        sources = [] if is_all_sealed else [source for source in sources if _tells_nothing(source)]
    return keepable("、".join(shown(source.name) for source in sources))[:TITLE_CHARACTERS] or batch.title


def _tells_nothing(source: Path) -> bool:
    """Tell whether the name of a source may stand where something of the batch was sealed: a folder's, without a mark."""
    marks = officialdoc.secrecy((), {}, source.name)
    return source.is_dir() and not filing.is_filing_package(source) and not (marks.strong or marks.weak)


def _real(source: Path) -> Path:
    """Return where *source* really is; a link that leads in a circle stays a link, which the plan refuses."""
    return Path(os.path.realpath(source))


def _count(sources: Sequence[Path]) -> str:
    folders = sum(source.is_dir() for source in sources)
    parts = ((folders, "个文件夹"), (len(sources) - folders, "个文件"))
    return "、".join(f"{count} {word}" for count, word in parts if count)


def _digest(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
    return sha256.hexdigest()
