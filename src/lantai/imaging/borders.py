"""The edge of the sheet: the dark bed of the scanner around it, and dark bands along the edges of the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lantai.imaging.opening import Pixels
from lantai.imaging.shrinking import shrunk

_SIDE = 800
_DARK = 70
_BAND = 0.7
_DEEPEST = 0.2


@dataclass(frozen=True, slots=True)
class Borders:
    """How many pixels of each side of the picture are dark bands: left, top, right, bottom."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def widest(self) -> int:
        """The widest of the four."""
        return max(self.left, self.top, self.right, self.bottom)


def borders(grey: Pixels) -> Borders:
    """Measure the dark bands along the edges; nothing of the page itself is as dark for most of a row or column."""
    scale = min(1.0, _SIDE / max(grey.shape))
    small = shrunk(grey, _SIDE)
    dark = small < _DARK
    across, down = dark.mean(axis=0), dark.mean(axis=1)
    found = (_band(across), _band(down), _band(across[::-1]), _band(down[::-1]))
    return Borders(*(round(side / scale) for side in found))


def _band(share: NDArray[np.float64]) -> int:
    """Return how far dark rows reach in from the edge, without a break of more than two."""
    last, limit = 0, int(len(share) * _DEEPEST)
    for index in range(limit):
        if share[index] >= _BAND:
            last = index + 1
        elif index - last > 2:
            break
    return last


def painted(pixels: Pixels, paper: tuple[int, ...], dpi: float) -> Pixels:
    """Return the page where dark bands and dark corners that hang on the edge of the picture have the colour of the paper.

    Only what is dark through and through for 1 mm and more hangs together with the edge; writing and seals near it stay.
    """
    high, wide = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(high, wide))
    small = shrunk(pixels, _SIDE)
    small = small if small.ndim == 2 else small[:, :, 0] // 2 + small[:, :, 1] // 2
    size = max(2, round(dpi / 25.4 * scale))
    solid = cv2.morphologyEx((small < _DARK).astype(np.uint8, copy=False), cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    edge = set(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]).tolist()) - {0}
    chosen = [label for label in edge if stats[label, cv2.CC_STAT_AREA] > 0]
    if not chosen:
        return pixels
    mask = cv2.dilate(np.isin(labels, chosen).astype(np.uint8, copy=False), np.ones((3, 3), np.uint8))
    full = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_NEAREST)
    done = pixels.copy()
    done[full > 0] = paper if pixels.ndim == 3 else paper[0]
    return done
