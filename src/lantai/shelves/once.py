"""Small tables that many parts of one page want to know of are asked once a page: what a page says is then of one moment, too."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

_answers: ContextVar[dict[Hashable, object] | None] = ContextVar("lantai_once", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """While the block runs, which changes none of these tables, every function under :func:`once` asks the database once."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once[**P, T](ask: Callable[P, T]) -> Callable[P, T]:
    """Let *ask*, a question whose answer nobody alters, be put to the database once within :func:`reading`, elsewhere every time."""

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _answers.get()
        if known is None:
            return ask(*args, **kwargs)
        key = (ask, args, tuple(kwargs.items()))
        if key not in known:
            known[key] = ask(*args, **kwargs)
        return known[key]  # type: ignore[return-value]

    return answer
