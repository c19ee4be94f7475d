"""SM2 with either engine: what one signs the other takes, and what is not good is refused without a word on standard error."""

from importlib.util import find_spec

import pytest

from lantai.formats.signing import sm2

ENGINES = [sm2.Portable, *([sm2.Native] if find_spec("gmssl_pyx") else [])]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_good_is_refused_in_silence(engine: type[sm2.Native | sm2.Portable], capfd: pytest.CaptureFixture[str]) -> None:
    own = engine()
    private, public = own.generate()
    value = sm2.sign(private, public, b"paper")
    assert own.verify(public, b"paper", value)
    for message, wrong in ((b"papers", value), (b"paper", value[:-1]), (b"paper", b""), (b"paper", value[:-1] + bytes([value[-1] ^ 1]))):
        assert not own.verify(public, message, wrong)
    assert capfd.readouterr() == ("", "")
