"""The words of the screens as template filters, and the small parts that are a function of one value."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lantai.core import beijing
from lantai.core.codes import CODES
from lantai.core.digitising import ITEM_NAMES
from lantai.stages.report import scope
from lantai.standards import da_t_31, da_t_46
from lantai.web import words

register = template.Library()
register.filter("thousands", words.thousands)
register.filter("log_time", words.log_time)
register.filter("civil", beijing.civil)
register.filter("written_day", beijing.day_of)
register.filter("size", words.size)
register.filter("digest", words.digest)
register.filter("retention", words.retention)
register.filter("role", words.role)
register.filter("called", scope.called)
register.filter("judged_name", lambda name: words.JUDGED.get(name, name))
register.filter("certainty", lambda code: words.CERTAINTIES.get(code, code))


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """Return an icon of the sprite; it is hidden from readers, who hear the word beside it."""
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', extra, static("web/icons.svg"), name)


@register.filter
def within(parts: Mapping[str, str], chosen: Mapping[str, str]) -> bool:
    """Tell whether all parts of a choice hold in another."""
    return parts.items() <= chosen.items()


@register.filter
def query(parts: Mapping[str, str]) -> str:
    """Return parts of a choice as the query of an address."""
    return urlencode(parts)


@register.filter
def day(value: datetime | None) -> str:
    """Return the day of an instant relative to today."""
    return words.day(value, words.local(timezone.now()).date()) if value else ""


@register.filter
def day_of(value: date | None) -> str:
    """Return a civil day relative to today."""
    return words.day(value, words.local(timezone.now()).date()) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """Return the minute of an instant: 08:42."""
    return words.local(value).strftime("%H:%M") if value else ""


@register.filter
def keep(code: str) -> SafeString:
    """Return the retention badge, told by shape: 永久 filled, 30年 solid, the rest dashed."""
    if not code:
        return format_html('<span class="keep keep--none">{}</span>', "未定")
    shape = "keep--Y" if code == "Y" else "" if code == "D30" else "keep--dashed"
    return format_html('<span class="keep {}">{}</span>', shape, words.retention(code))


def _badge(text: str, tone: str, name: str) -> SafeString:
    return format_html('<span class="badge {}">{}{}</span>', f"badge--{tone}" if tone else "", icon(name) if name else "", text)


@register.filter
def batch_badge(state: str) -> SafeString:
    """Return the badge of a batch's state."""
    return _badge(*words.BATCH_STATES.get(state, (state, "", "")))


@register.filter
def outcome_badge(outcome: str) -> SafeString:
    """Return the badge of a check's outcome."""
    return _badge(*words.OUTCOMES.get(outcome, (outcome, "", "")))


@register.filter
def conclusion_badge(conclusion: str) -> SafeString:
    """Return the badge of what a gate concluded."""
    return _badge(*words.CONCLUSIONS.get(conclusion, (conclusion, "", "")))


@register.filter
def run_badge(state: str) -> SafeString:
    """Return the badge of the state of a preservation run."""
    return _badge(*words.RUN_STATES.get(state, (state, "", "")))


@register.filter
def transfer_badge(state: str) -> SafeString:
    """Return the badge of the state of a transfer act."""
    return _badge(*words.TRANSFER_STATES.get(state, (state, "", "")))


@register.filter
def transfer_steps(act: Any) -> list[tuple[str, bool]]:  # noqa: ANN401 - a row
    """Return the steps of a transfer act with whether each is done."""
    states = [state for _, state in words.TRANSFER_STEPS]
    done = states.index(act.state) if act.state in states else -1
    return [(name, at <= done) for at, (name, _) in enumerate(words.TRANSFER_STEPS)]


@register.simple_tag
def badge(text: str, tone: str = "", name: str = "") -> SafeString:
    """Return a badge: icon and word."""
    return _badge(text, tone, name)


@register.filter
def risk_badge(risk: str) -> SafeString:
    """Return the badge of a risk: icon and word."""
    return _badge(words.RISKS.get(risk, risk), *words.RISK_TONES.get(risk, ("", "")))


@register.filter
def archiving_badge(code: str) -> SafeString:
    """Return whether a format may be archived, as a badge where it may not simply."""
    tone, name = {"yes": ("ok", "check"), "note": ("warn", "info"), "no": ("err", "cross"), "refused": ("err", "lock")}.get(code, ("", ""))
    return _badge(words.ARCHIVINGS.get(code, code), tone, name)


@register.simple_tag
def judged(name: str, value: str) -> str:
    """Return one part of a judgement on formats in words."""
    return words.judged(name, value)


@register.filter
def record_state(state: str) -> str:
    """Return the name of a record's state."""
    return words.RECORD_STATES.get(state, state)


@register.filter
def channel(code: str) -> str:
    """Return the name of a channel."""
    return words.CHANNELS.get(code, code)


@register.filter
def arrival(outcome: str) -> str:
    """Return what became of an arrival, in words."""
    return words.ARRIVALS.get(outcome, outcome)


@register.filter
def element(name: str) -> str:
    """Return the Chinese name of an element."""
    known = da_t_46.by_code().get(name)
    return words.ELEMENTS.get(name) or (known.name if known else name)


@register.filter
def item(mapping: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - whatever the mapping holds
    """Return the value under a key that is only known in the template."""
    return mapping.get(key, "")


@register.filter
def marked(runs: tuple[tuple[str, bool], ...]) -> SafeString:
    """Return a snippet with its hits marked."""
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", text) if hit else text,) for text, hit in runs))


@register.simple_tag
def bar(done: int, total: int, tone: str = "") -> SafeString:
    """Return a progress bar; the picture is hidden from readers, the words beside it carry the count."""
    share = 100 * done / total if total else 0
    return format_html(
        '<svg class="bar" aria-hidden="true"><rect class="{}" width="{}%" height="100%"></rect></svg>', tone, f"{min(share, 100):.1f}"
    )


@register.filter("property")
def property_name(code: str) -> str:
    """Return the name of one of the four properties."""
    return words.PROPERTIES.get(code, (code, ""))[0]


@register.filter
def gloss(code: str) -> str:
    """Return what one of the four properties means in plain words."""
    return words.PROPERTIES.get(code, ("", ""))[1]


@register.filter
def outcome_word(outcome: str) -> str:
    """Return the name of a check's outcome, for print."""
    return words.OUTCOMES.get(outcome, (outcome,))[0]


@register.simple_tag
def share(part: int, total: int, more: int = 0) -> str:
    """Return how many percent *part* (and *more*) are of *total*, for the width of a bar."""
    return f"{100 * (part + more) / total:.2f}" if total else "0"


@register.filter
def first_pages(count: int) -> range:
    """Return the numbers of the pages shown small: the first four at most."""
    return range(1, min(count, 4) + 1)


@register.filter
def code_text(code: str) -> str:
    """Return what a code means, without the thing it is about."""
    row = CODES.get(code)
    return row.text if row and "{" not in row.text else row.next if row else code


@register.filter
def code_next(code: str) -> str:
    """Return what to do about a code, where that is the same for everything it is said of."""
    row = CODES.get(code)
    return row.next if row and "{" not in row.next else ""


@register.filter
def joined(value: object) -> str:
    """Return an element's value as one text, repeated ones joined with a full-width semicolon."""
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)


@register.filter
def join_lines(values: tuple[str, ...]) -> str:
    """Put values one below the other."""
    return "\n".join(values)


@register.filter("sorted")
def in_order(values: Iterable[str]) -> list[str]:
    """Return texts in order."""
    return sorted(values)


@register.filter
def iso_day(value: datetime) -> str:
    """Return the day of an instant as registers have it: 2025-04-16."""
    return words.local(value).strftime("%Y-%m-%d")


@register.filter
def from_floor(height: float) -> str:
    """Return where a bar of this height begins in a chart that is 38 units high."""
    return f"{38 - height:.1f}"


@register.filter
def distinct(values: tuple[int, ...]) -> list[int]:
    """Return the values without repetition, in order."""
    return sorted(set(values))


@register.filter
def item_state(state: str) -> str:
    """Return the name of the state of an item of scans."""
    return ITEM_NAMES.get(state, state)


@register.filter
def defect(name: str) -> str:
    """Return the Chinese name of a kind of error of a scan."""
    known = da_t_31.defects().get(name)
    return known.label if known else name


@register.filter
def plain(value: float) -> str:
    """Return a number as drawings have it: a full stop, at most one digit after it, no thousands apart."""
    return f"{value:.1f}".removesuffix(".0")


@register.filter
def part_of(percent: int, whole: int) -> str:
    """Return *percent* of *whole*, for the width of a bar."""
    return f"{percent * whole / 100:.1f}"


@register.filter
def cleaning(step: str) -> str:
    """Return what was done to a picture, in words."""
    return words.CLEANING.get(step, step)
