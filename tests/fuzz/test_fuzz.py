"""A few hundred mutations of every codec, the same in each run; ``python -m tests.fuzz.run`` goes on for hours."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.run import tried
from tests.fuzz.targets import TARGETS

_MANY = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", TARGETS)
@given(number=st.integers(0, 2**32))
@_MANY
def test_a_codec_gives_values_or_coded_findings(name: str, number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    target, rng = TARGETS[name], Random(number)
    every = list(target.seeds())
    data = target.mutate(rng.choice(every), every, rng)
    folder = tmp_path_factory.getbasetemp() / "fuzz" / name
    folder.parent.mkdir(exist_ok=True)
    assert not tried(target, data, folder)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_themselves_are_sound(name: str, tmp_path: Path) -> None:
    """A seed that its codec refuses at once would keep the mutations outside."""
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds()):
        assert not tried(target, seed, tmp_path / str(number))
