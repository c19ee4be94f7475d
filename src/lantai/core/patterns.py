"""Regular expressions that persons may enter: only those whose search ends soon, whatever value they are held against.

Python's engine tries every way in which a value can fit. A repeated group that can itself match in several ways has exponentially many,
and repeats in a row have a power of the length; either stops the process, and with it every screen. So a group that repeats holds no
repeat and no choice, a value longer than LONGEST_VALUE fits no pattern, and what all repeats together allow is bounded: three without
end and one that may be absent.
"""

import re

LONGEST = 200
LONGEST_VALUE = 300
_MOST_WAYS = LONGEST_VALUE**3 * 4
_TOKEN = re.compile(
    r"\\(?P<escape>.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]|[aimsux]+\)|[aimsux]+:)|(?!\?)))"
    r"|(?P<odd>\(\?)|(?P<close>\))|(?P<choice>\|)|(?P<repeat>[*+?]|\{\d*(?:,\d*)?\})[?+]?|(?P<other>.)",
    re.DOTALL,
)


def problem(pattern: str) -> str:
    """Return what is wrong with a pattern for people, empty where nothing is."""
    if len(pattern) > LONGEST or _is_slow(pattern):
        return "格式（正则）过长，在重复里又套重复或选择，或重复的地方太多"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"格式（正则）写得不对：{error}"
    return ""


def fits(pattern: re.Pattern[str], value: str) -> bool:
    """Tell whether a value fits; one that is too long to be held against a pattern does not."""
    return len(value) <= LONGEST_VALUE and pattern.fullmatch(value) is not None


def _is_slow(pattern: str) -> bool:
    """Tell whether a search may take very long, or the pattern has parts that we do not know."""
    groups, last, ways = [False], False, 1  # for each open group, and what came last: can it match in several ways?
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup, token.group()
        if kind == "odd" or (kind == "escape" and text[1].isdecimal()):
            return True
        if kind == "open" and not (text.startswith("(?") and text.endswith(")")):
            groups.append(False)
        elif kind == "choice":
            groups[-1] = True
        elif kind == "repeat":
            least, most = _times(token["repeat"])
            if last and most != 1:
                return True
            ways *= _ways(least, most)
            groups[-1] |= least != most
        if kind == "close" and len(groups) > 1:
            last = groups.pop()
            groups[-1] |= last
        else:
            last = False
    return ways > _MOST_WAYS


def _ways(least: int, most: int | None) -> int:
    """Return what a repeat counts for: nothing where it is always the same, a little more than its choices where they are few."""
    return 1 if least == most else min(LONGEST_VALUE if most is None else most - least + 2, LONGEST_VALUE)


def _times(repeat: str) -> tuple[int, int | None]:
    """Return how often at least and at most; None without end."""
    if repeat in "*+?":
        return (1, None) if repeat == "+" else (0, None if repeat == "*" else 1)
    least, comma, most = repeat[1:-1].partition(",")
    return int(least or 0), int(most) if most else None if comma else int(least or 0)
