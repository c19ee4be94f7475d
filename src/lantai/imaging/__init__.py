"""Pictures of pages: opened under a budget, measured, cleaned. Pixels in, pixels and numbers out; no text is read here."""

from lantai.imaging.cleaning import Cleaned, Recipe, Step, clean
from lantai.imaging.quality import Limits, Quality, judged, measure

__all__ = ["Cleaned", "Limits", "Quality", "Recipe", "Step", "clean", "judged", "measure"]
