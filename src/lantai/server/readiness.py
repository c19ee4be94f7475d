"""Before the first request: load what every page needs, and let the garbage collector pass it by for good.

Views and templates are 230,000 objects that live as long as the process. A full collection walks over all of them, which took 70 to 120 ms
on the machine of the benchmarks and fell upon every fortieth page or so; frozen, they are walked over never again.
"""

import gc
from pathlib import Path

from django.template.loader import get_template
from django.urls import reverse

from lantai import web


def make_ready() -> None:
    """Load addresses, views and templates, and freeze them."""
    reverse("desk")
    folder = Path(web.__file__).parent / "templates"
    for path in folder.rglob("*.html"):
        get_template(path.relative_to(folder).as_posix())
    gc.collect()
    gc.freeze()
