"""Pages made smaller, to be looked at: halved while that is enough, which costs next to nothing, and only the rest by areas."""

import cv2

from lantai.imaging.opening import Pixels


def shrunk(pixels: Pixels, side: int) -> Pixels:
    """Return the page no longer than *side* pixels either way; one that is no longer as it is."""
    high, wide = pixels.shape[:2]
    scale = min(1.0, side / max(high, wide))
    return shrunk_to(pixels, max(1, round(wide * scale)), max(1, round(high * scale)))


def shrunk_to(pixels: Pixels, wide: int, high: int) -> Pixels:
    """Return the page as *wide* times *high* pixels, each the mean of what it covers; an odd last row or column may be left out."""
    small = pixels
    while small.shape[1] >= 2 * wide and small.shape[0] >= 2 * high:
        half_high, half_wide = small.shape[0] // 2, small.shape[1] // 2
        even = small[: 2 * half_high, : 2 * half_wide]
        small = cv2.resize(even, (half_wide, half_high), interpolation=cv2.INTER_AREA).astype(pixels.dtype, copy=False)
    if small.shape[:2] == (high, wide):
        return small
    return cv2.resize(small, (wide, high), interpolation=cv2.INTER_AREA).astype(pixels.dtype, copy=False)
