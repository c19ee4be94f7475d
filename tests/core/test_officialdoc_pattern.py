"""Patterns of the room of official documents: whole before anybody asks for them, and the same as compiled ones."""

import importlib
import pkgutil
import re

import pytest

from lantai.core import officialdoc
from lantai.core.officialdoc.pattern import pattern

MODULES = [found.name for found in pkgutil.iter_modules(officialdoc.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_of_the_room_can_be_compiled(name: str) -> None:
    module = importlib.import_module(f"{officialdoc.__name__}.{name}")
    for value in vars(module).values():
        if isinstance(value, type(pattern(""))):
            assert value.match("") is None or value.match("").end() == 0
            assert re.compile(value.pattern).groups == value.groups


def test_a_pattern_answers_as_a_compiled_one() -> None:
    made, compiled = pattern("(?P<year>[0-9]{4})年", re.ASCII), re.compile("(?P<year>[0-9]{4})年", re.ASCII)
    assert [found.span() for found in made.finditer("2024年2025年")] == [found.span() for found in compiled.finditer("2024年2025年")]
    assert (made.groupindex, made.flags, made.sub("", "2024年")) == (compiled.groupindex, compiled.flags, "")


def test_a_broken_pattern_is_told_where_it_is_used() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("")
