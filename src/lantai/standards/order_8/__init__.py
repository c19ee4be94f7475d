"""Order 8 of the National Archives Administration (2006): what is filed and for how long, as rules R01–R34 and N1–N4."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from lantai.core.retention import Rule, Rules, compile_rules


@cache
def rows() -> tuple[Rule, ...]:
    """Return every row of the table, disabled ones included, with source and certainty."""
    table = tomllib.loads((files(__package__) / "rules.toml").read_text("utf-8"))
    return tuple(_rule(row, table["phrases"]) for row in table["rule"])


@cache
def rules() -> Rules:
    """Return the rules in force. Rows whose certainty is doubtful ([?] in the source notes) are off."""
    return compile_rules(rows())


def _rule(row: dict[str, Any], named: dict[str, list[str]]) -> Rule:
    def phrases(key: str) -> tuple[str, ...]:
        given: list[str] = row.get(key, [])
        return tuple(phrase for item in given for phrase in (named[item[1:]] if item.startswith("@") else [item]))

    return Rule(
        id=row["id"],
        name=row["name"],
        retention=row["retention"],
        priority=row["priority"],
        any_of=phrases("any"),
        also=phrases("also"),
        unless=phrases("unless"),
        types=tuple(row.get("types", ())),
        directions=tuple(row.get("directions", ())),
        in_head=row.get("in_head", False),
        is_outside_scope=row["id"].startswith("N"),
        is_enabled="?" not in row["certainty"],
        source=row["source"],
        certainty=row["certainty"],
    )
