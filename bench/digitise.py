"""The paper line's machine half on made pages: errors, fields, processor time, skew, memory, marks of secrecy, two cores against one.

``lantai bench digitise --pages 6`` reads six pages of each variant. Texts and seeds are our own (bench/papers.py). Everything but
the ratio of cores is measured in processor seconds of this process, so that a busy machine does not change it much.
"""

import argparse
import re
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
from PIL import Image

from bench import letters, older, papers
from lantai.adapters.imagers import DirectImager
from lantai.adapters.peak import peak_bytes
from lantai.adapters.recognisers import PooledRecogniser, page
from lantai.adapters.recognisers.memory import keep_freed
from lantai.core import officialdoc
from lantai.formats.layered import JPEG, PNG, About, PageLayer
from lantai.formats.ofd.layering import dual_layer as write_ofd
from lantai.formats.pdf.layering import dual_layer as write_pdf
from lantai.ports.imager import Job, Seen
from lantai.ports.recogniser import ReadPage
from lantai.stages.recognise import Sheet, fields

FIELDS = ("document_number", "date", "title", "author")
_SURE = 0.95
_MARKS = ("绝密★20年", "机密★10年", "秘密★5年", "机密★", "秘密★长期", "秘密★6个月", "机密★启用前")
_BODIES = ("serif", "sans", "kai", "song")
_DASHES = str.maketrans("—–―－", "----")


@dataclass(slots=True)
class _Sums:
    """What was counted over all pages."""

    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    letters: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    pages: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sure: list[bool] = field(default_factory=list)
    told_nothing: list[bool] = field(default_factory=list)
    wrong_fields: list[tuple[str, str, str, float]] = field(default_factory=list)
    more_sure: list[bool] = field(default_factory=list)
    more: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    skew: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> dict[str, Any]:
    """Run and return the figures."""
    asked = _asked(arguments)
    cv2.setNumThreads(1)
    keep_freed()
    sums = _Sums()
    with tempfile.TemporaryDirectory(prefix="lantai-bench-") as folder:
        names = tuple(asked.variants.split(","))
        for name, pixels, truth, turn in chain(_pages(asked.pages, asked.seed, names), _letters(asked, names), _older(asked, names)):
            _measure(sums, name, _saved(Path(folder), pixels), truth, turn)
        recall, missed = _recall(Path(folder), asked.marked, asked.seed) if asked.marked else (None, [])
        cores = _cores(Path(folder), asked.seed) if asked.cores else None
        peak = _peak(Path(folder), asked.seed, asked.worker) if asked.worker else None
    return _figures(sums) | {"peak_rss_mb": peak, "secrecy_recall": recall, "secrecy_missed": missed, "two_cores_ratio": cores}


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lantai bench digitise")
    parser.add_argument("--pages", type=int, default=6, help="pages a variant")
    parser.add_argument("--letters", type=int, default=0, help="letters of differing forms a variant (bench/letters.py)")
    parser.add_argument("--older", type=int, default=0, help="older and rarer documents a variant (bench/older.py)")
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--variants", default=",".join((*papers.VARIANTS, "seal", "table")))
    parser.add_argument("--marked", type=int, default=0, help="pages that bear a mark of secrecy")
    parser.add_argument("--worker", type=int, default=12, help="pages that one process of the pool looks at and reads, for its memory")
    parser.add_argument("--cores", action="store_true", help="measure two workers against one, by the clock")
    return parser.parse_args(arguments)


def _pages(count: int, seed: int, names: tuple[str, ...]) -> Iterator[tuple[str, papers.Pixels, papers.Paper, float]]:
    usual = tuple(name for name in names if name in papers.VARIANTS)
    for at in range(count):
        body = _BODIES[at % len(_BODIES)]
        yield from papers.variants(seed + at, usual, body=body)
        if "seal" in names:
            sealed = papers.letter(seed + at, body=body, is_sealed=True)
            yield "seal", sealed.pixels, sealed, 0.0
        if "table" in names:
            drawn = papers.table(seed + at)
            yield "table", drawn.pixels, drawn, 0.0


def _letters(asked: argparse.Namespace, names: tuple[str, ...]) -> Iterator[tuple[str, papers.Pixels, papers.Paper, float]]:
    usual = tuple(name for name in names if name in papers.VARIANTS)
    for at in range(asked.letters):
        for name, *rest in papers.variants(asked.seed + at, usual, letters.letter, body=_BODIES[at // 8 % len(_BODIES)]):
            pixels, truth, turn = rest
            yield f"letter_{name}", pixels, truth, turn


def _older(asked: argparse.Namespace, names: tuple[str, ...]) -> Iterator[tuple[str, papers.Pixels, papers.Paper, float]]:
    usual = tuple(name for name in names if name in papers.VARIANTS)
    for at in range(asked.older):
        for name, *rest in papers.variants(asked.seed + at, usual, older.letter, body=_BODIES[at // len(older.FORMS) % len(_BODIES)]):
            pixels, truth, turn = rest
            yield f"older_{name}", pixels, truth, turn


def _saved(folder: Path, pixels: papers.Pixels) -> Path:
    path = folder / "page.jpg"
    Image.fromarray(pixels).save(path, quality=92, dpi=(papers.DPI, papers.DPI))
    return path


def _measure(sums: _Sums, name: str, path: Path, truth: papers.Paper, turn: float) -> None:
    started = time.process_time()
    seen = _looked(path)
    read = page.read(seen.picture, most_pixels=10**9)
    layers = [PageLayer(seen.picture.read_bytes(), JPEG if seen.picture.suffix == ".jpg" else PNG, read)]
    write_pdf(layers, About("页"))
    write_ofd(layers, About("页"))
    sums.seconds[name] += time.process_time() - started
    matrix = seen.recipe["matrix"]
    sums.pages[name] += 1
    sums.wrong[name] += errors(read, truth, matrix, turn)
    sums.letters[name] += sum(len(_plain(line.text)) for line in truth.lines)
    steps = [step["parameters"]["degrees"] for step in seen.recipe["steps"] if step["name"] == "straighten"]
    sums.skew.append(abs((steps[0] if steps else 0.0) + turn))
    if truth.fields:
        _fields(sums, Sheet(path, 1, read, matrix), truth)


def _looked(path: Path) -> Seen:
    """Measure and clean a page as a process of the pool does, and write its picture beside it."""
    return next(DirectImager(10**9).look([Job(path, path.with_name("looked"))]))


def _fields(sums: _Sums, sheet: Sheet, truth: papers.Paper) -> None:
    told = fields([sheet], "页.jpg")
    _optional(sums, told, truth)
    for name in (name for name in FIELDS if name in truth.fields):
        found = told.get(name, {})
        is_right = found.get("value", "") == truth.fields[name]
        if not truth.fields[name]:
            sums.told_nothing.append(is_right)
            sums.sure += [is_right] if found.get("confidence", 0.0) >= _SURE else []
            sums.wrong_fields += [] if is_right else [(name, found["value"], "", found["confidence"])]
            continue
        if not is_right:
            sums.wrong_fields.append((name, found.get("value", ""), truth.fields[name], found.get("confidence", 0.0)))
        sums.asked[name] += 1
        sums.right[name] += is_right
        if found.get("confidence", 0.0) >= _SURE:
            sums.sure.append(is_right)


def _optional(sums: _Sums, told: dict[str, dict[str, Any]], truth: papers.Paper) -> None:
    """Count the fields that a document may bear or not: right are also those that are neither borne nor told."""
    for name in (name for name in papers.OPTIONAL if name in truth.fields):
        found = told.get(name, {})
        is_right = found.get("value", "") == truth.fields[name]
        sums.more[name].append(is_right)
        sums.more_sure += [is_right] if found.get("confidence", 0.0) >= _SURE else []
        if not is_right:
            sums.wrong_fields.append((name, found.get("value", ""), truth.fields[name], found.get("confidence", 0.0)))


def errors(read: ReadPage, truth: papers.Paper, matrix: tuple[float, ...], turn: float) -> int:
    """Return how many characters are wrong: each line read belongs to the true line nearest in height, then edits are counted."""
    middle = truth.image.width / 2, truth.image.height / 2
    tilt = cv2.getRotationMatrix2D(middle, turn, 1)
    places = [_moved(line.box, tilt, matrix) for line in truth.lines]
    parts: list[list[tuple[float, str]]] = [[] for _ in truth.lines]
    for line in read.lines:
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        nearest = min(range(len(places)), key=lambda at: 3 * abs(places[at][2] - y) + max(0.0, places[at][0] - x, x - places[at][1]))
        parts[nearest].append((line.box[0], line.text))
    return sum(
        _distance(_plain(line.text), _plain("".join(text for _, text in sorted(part))))
        for line, part in zip(truth.lines, parts, strict=True)
    )


def _moved(box: tuple[float, float, float, float], tilt: Any, matrix: tuple[float, ...]) -> tuple[float, float, float]:
    """Return left, right and middle height of a true line on the cleaned page."""
    a, b, c, d, e, f = matrix
    points = []
    for x, y in ((box[0], (box[1] + box[3]) / 2), (box[2], (box[1] + box[3]) / 2)):
        u, v = (float(value) for value in tilt @ (x, y, 1.0))
        points.append((a * u + b * v + c, d * u + e * v + f))
    return points[0][0], points[1][0], (points[0][1] + points[1][1]) / 2


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_DASHES)


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        before, row[0] = row[0], at
        for index, against in enumerate(other, 1):
            before, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, before + (char != against))
    return row[-1]


def _recall(folder: Path, count: int, seed: int) -> tuple[float, list[list[Any]]]:
    """Return the share of pages bearing a mark that are blocked, over all variants and bodies of type in turn, and those that are not.

    Only the upper part of each page is made, which is where a mark stands; it is cleaned, read and judged like any page.
    """
    blocked, missed = 0, []
    names = tuple(papers.VARIANTS)
    for at in range(count):
        name, mark = names[at % len(names)], _MARKS[at % len(_MARKS)]
        made = papers.variants(seed + 9000 + at, (name,), papers.top, marking=mark, body=_BODIES[at // len(names) % len(_BODIES)])
        for _, pixels, _, _ in made:
            read = page.read(_looked(_saved(folder, pixels)).picture, most_pixels=10**9)
            is_blocked = officialdoc.secrecy([read.text], {}, "").is_blocked
            blocked += is_blocked
            missed += [] if is_blocked else [[seed + 9000 + at, name, mark, read.lines[1].text if len(read.lines) > 1 else ""]]
    return round(blocked / count, 4), missed


def _cores(folder: Path, seed: int) -> float:
    """Return how much faster two workers look at sixteen pages and read them than one, by the clock, once the models are loaded."""
    place = folder / "cores.jpg"
    Image.fromarray(papers.letter(seed).pixels).save(place, quality=92, dpi=(papers.DPI, papers.DPI))
    spent = []
    for workers in (1, 2):
        pool = PooledRecogniser(workers=workers)
        reads = pool.read(_pictures(pool, place, 16 + 4 * workers))
        for _ in range(4 * workers):
            next(reads)
        started = time.monotonic()
        list(reads)
        spent.append(time.monotonic() - started)
        pool.close()
    return round(spent[0] / spent[1], 2)


def _pictures(pool: PooledRecogniser, place: Path, count: int) -> Iterator[Path]:
    return (seen.picture for seen in pool.look(Job(place, place.with_name(f"core{at}")) for at in range(count)))


def _peak(folder: Path, seed: int, count: int) -> int:
    """Return the most memory in MB that one process of the pool held, which looked at *count* pages of all variants and read them."""
    pool = PooledRecogniser(workers=1)
    names = tuple(papers.VARIANTS)
    for at in range(count):
        ((_, pixels, _, _),) = papers.variants(seed + at, (names[at % len(names)],), letters.letter)
        list(pool.read(_pictures(pool, _saved(folder, pixels), 1)))
    held = max(peak_bytes(process) for process in pool.idle)
    pool.close()
    return round(held / 1024**2)


def _figures(sums: _Sums) -> dict[str, Any]:
    pages = sum(sums.pages.values()) or 1
    return {
        "pages": pages,
        "cpu_s_per_page": round(sum(sums.seconds.values()) / pages, 3),
        "cpu_s": {name: round(sums.seconds[name] / sums.pages[name], 3) for name in sums.pages},
        "cer": {name: round(sums.wrong[name] / sums.letters[name], 5) for name in sums.pages},
        "fields": {name: round(sums.right[name] / sums.asked[name], 4) for name in sums.asked},
        "fields_absent_told_absent": [sum(sums.told_nothing), len(sums.told_nothing)],
        "fields_optional": {name: [sum(said), len(said)] for name, said in sums.more.items()},
        "fields_optional_sure": [sum(sums.more_sure), len(sums.more_sure)],
        "fields_wrong": sums.wrong_fields,
        "fields_sure": len(sums.sure),
        "fields_sure_right": round(sum(sums.sure) / len(sums.sure), 4) if sums.sure else None,
        "skew_error_max": round(max(sums.skew, default=0.0), 3),
    }
