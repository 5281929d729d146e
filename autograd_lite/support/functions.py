"""Functions that stand for other functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def named_as(f: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorator of what a transform makes of ``f``: it takes over its name and docstring.

    :raises TypeError: when ``f`` is not a function, but the circuit that one gives.

    >>> named_as(abs)(lambda x: x).__name__
    'abs'
    """
    if not callable(f):
        raise TypeError(
            f"a transform takes a function, not {type(f).__name__} ({f!r:.60}): "
            "the derivatives of a circuit y by its nodes are gradients(y, xs)"
        )
    return functools.wraps(f)
