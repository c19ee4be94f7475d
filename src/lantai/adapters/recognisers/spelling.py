"""Reading one line: its picture into characters, each with its place along the line and its confidence (CTC, greedy)."""

from dataclasses import dataclass

import cv2
import numpy as np

from lantai.adapters.recognisers.models import alphabet, session
from lantai.imaging.opening import Pixels

HEIGHT = 48
_NARROWEST, _WIDEST = 32, 3200


@dataclass(frozen=True, slots=True)
class Letter:
    """A character, where its middle stands along the line (0 at its beginning, 1 at its end), and its confidence."""

    text: str
    at: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Spelt:
    """A line as one model reads it."""

    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(letter.text for letter in self.letters)

    @property
    def confidence(self) -> float:
        """The mean of its characters, 0 where there are none."""
        return sum(letter.confidence for letter in self.letters) / len(self.letters) if self.letters else 0.0


def spell(strip: Pixels, size: str) -> Spelt:
    """Read a strip of red, green, blue that holds one line from left to right, with the model of *size*."""
    high, wide = strip.shape[:2]
    columns = int(min(max(np.ceil(HEIGHT * wide / high), _NARROWEST), _WIDEST))
    shrink = high > HEIGHT * 1.25
    scaled = cv2.resize(strip, (columns, HEIGHT), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
    given = (scaled[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
    steps = session(size, "rec").run(None, {"x": np.ascontiguousarray(given)})[0][0]
    best = steps.argmax(axis=1)
    sure = np.take_along_axis(steps, best[:, None], axis=1)[:, 0]
    return Spelt(tuple(_letters(best.tolist(), sure.tolist(), alphabet(size))))


def _letters(best: list[int], sure: list[float], characters: tuple[str, ...]) -> list[Letter]:
    """Fold steps of one character into one, placed at the middle of its steps."""
    letters: list[Letter] = []
    count = len(best)
    start = 0
    while start < count:
        end = start
        while end + 1 < count and best[end + 1] == best[start]:
            end += 1
        if best[start]:
            middle = (start + end + 1) / 2 / count
            letters.append(Letter(characters[best[start]], middle, max(sure[start : end + 1])))
        start = end + 1
    return letters
