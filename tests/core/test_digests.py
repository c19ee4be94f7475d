"""Digests by name: the same whether OpenSSL under hashlib knows SM3 or not."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantai.core import digests

# GB/T 32905-2016, annex A.
ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.fixture(params=[True, False], ids=["offered", "not offered"])
def _offered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_HAS_SM3", request.param)


@pytest.mark.usefixtures("_offered")
def test_sm3_is_that_of_the_standard_and_may_be_asked_on_the_way() -> None:
    running = digests.sm3(b"a")
    assert running.hexdigest() != ABC
    running.update(memoryview(b"bc"))
    assert running.hexdigest() == running.digest().hex() == digests.started("sm3", b"abc").hexdigest() == ABC


@given(pieces=st.lists(st.binary(max_size=200)))
def test_without_openssl_it_is_the_same(pieces: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "_HAS_SM3", False)
        running = digests.started("sm3")
    for piece in pieces:
        running.update(piece)
    assert running.digest() == hashlib.new("sm3", b"".join(pieces)).digest()


@pytest.mark.parametrize(("name", "size"), [("sha256", 32), ("blake2b-160", 20), ("blake2b-512", 64), ("md5", 16)])
def test_others_come_by_name(name: str, size: int) -> None:
    assert len(digests.started(name, b"x").digest()) == size


def test_one_that_is_not_to_be_had_is_told() -> None:
    with pytest.raises(ValueError, match="whirlygig"):
        digests.started("whirlygig")
