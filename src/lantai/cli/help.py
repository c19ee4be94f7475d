"""How help and usage errors look: in Chinese, and laid out by the columns that a character takes on a terminal."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

_TOKEN = re.compile(r"[!-~]+|\s|.")
_NEVER_FIRST = frozenset("，。；：、！？）」』》”’…,.;:)")
_FIRST_COLUMN = 26
_EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<what>.*)\)")
_BRACKETS = re.compile(r"\s*\[[^\]]*\]$")  # click's own remarks on defaults and ranges; the help text says what matters


def width(text: str) -> int:
    """Return how many columns *text* takes on a terminal: a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, columns: int) -> str:
    """Return *text* followed by spaces up to *columns*."""
    return text + " " * max(0, columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return *text*, shortened with an ellipsis where it takes more than *columns*."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def fold(text: str, columns: int) -> list[str]:
    """Return *text* as lines of at most *columns*; a Latin word stays whole, closing punctuation stays with what it closes."""
    lines, line = [], ""
    for token in tokens(text):
        if line and width(line + token.rstrip()) > columns:
            lines.append(line.rstrip())
            line = token.lstrip()
        else:
            line += token
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def tokens(text: str) -> Iterator[str]:
    """Yield the parts of *text* that stay on one line."""
    held = ""
    for token in _TOKEN.findall(text):
        if held and token[0] not in _NEVER_FIRST:
            yield held
            held = ""
        held += token
    if held:
        yield held


class Sheet(click.HelpFormatter):
    """Writes help; click's own counts a Han character as one column and so runs over the edge."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        self.write(f"用法：{prog} {args}\n")

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        margin = " " * self.current_indent
        self.write("".join(f"{margin}{line}\n" for line in fold(" ".join(text.split()), self.width - self.current_indent)))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _FIRST_COLUMN, col_spacing: int = 2) -> None:
        """Write terms and their explanations in two columns."""
        rows = [*rows]
        first = min(max((width(term) for term, _ in rows), default=0), col_max) + col_spacing
        margin = " " * self.current_indent
        for term, text in rows:
            head, *rest = fold(text, self.width - self.current_indent - first)
            if width(term) > first - col_spacing:
                self.write(f"{margin}{term}\n")
                rest, term = [head, *rest], ""
                head = ""
            if term:
                self.write(f"{margin}{pad(term, first)}{head}".rstrip() + "\n")
            self.write("".join(f"{margin}{' ' * first}{line}\n" for line in rest))


class Context(click.Context):
    """A context whose help is written on a :class:`Sheet`."""

    formatter_class = Sheet


def option_rows(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    """Return option and help of every option of a command that is shown."""
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            rows.append((record[0], _BRACKETS.sub("", record[1])))
    return rows


def write_section(sheet: click.HelpFormatter, title: str, rows: Sequence[tuple[str, str]], *, is_stacked: bool = False) -> None:
    """Write a titled list where it has any rows; ``is_stacked`` puts each explanation under its term."""
    if rows:
        with sheet.section(title):
            sheet.write_dl(rows, *((2, 2) if is_stacked else ()))


def usage_text(error: click.ClickException) -> str:
    """Say in Chinese what is wrong with a command line."""
    if isinstance(error, click.NoSuchOption):
        alike = f"，是否指 {'、'.join(error.possibilities)}" if error.possibilities else ""
        return f"没有选项 {error.option_name}{alike}。"
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error.param)}。"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_named(error.param)} 的值不对：{_allowed(error.param) or error.message}。"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} {'缺少值' if 'requires' in error.message else '不带值'}。"
    if found := _EXTRA.match(error.message):
        return f"多余的参数：{found['what']}。"
    return error.message


def _named(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "参数"
    if isinstance(parameter, click.Argument):
        return f"参数 {parameter.make_metavar(click.Context(click.Command('')))}".replace("...", "…")
    return f"选项 {max(parameter.opts, key=len)}"


def _allowed(parameter: click.Parameter) -> str:
    kind: Any = parameter.type
    if isinstance(kind, click.Choice):
        return f"只能是 {'、'.join(map(str, kind.choices))} 之一"
    if isinstance(kind, click.IntRange):
        ends = [f"不小于 {kind.min}" if kind.min is not None else "", f"不大于 {kind.max}" if kind.max is not None else ""]
        return "须是整数，" + "、".join(end for end in ends if end)
    if kind is click.INT:
        return "须是整数"
    return ""


def alike(word: str, known: Iterable[str]) -> str:
    """Return the known word that *word* was probably meant to be, empty where none comes near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1)), "")
