"""DA/T 19-1999 档案主题标引规则: words by which keywords and persons of a record are proposed."""

import tomllib
from functools import cache
from importlib.resources import files

from lantai.core.indexing import Words


@cache
def words() -> Words:
    """Return the word lists for ``core.indexing``."""
    table = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return Words(**{row["name"]: tuple(row["words"]) for row in table["list"]})
