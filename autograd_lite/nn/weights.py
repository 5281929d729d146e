"""Initial weights: random numbers whose width fits the size of a layer and its activation."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..core.primitive import Primitive
from ..support.generators import Generator
from ..support.ieee import errstate

Initializer = Callable[[Generator, int, int], float]


def uniform(rng: Generator, n_in: int, n_out: int) -> float:
    """A weight drawn evenly from ±1/√n_in.

    >>> import random
    >>> abs(uniform(random.Random(0), 4, 1)) <= 0.5
    True
    """
    return rng.uniform(-1.0, 1.0) / math.sqrt(n_in)


def xavier(rng: Generator, n_in: int, n_out: int) -> float:
    """A weight drawn evenly from ±√(6/(n_in + n_out)), for tanh and the like (Glorot, Bengio 2010).

    >>> import random
    >>> abs(xavier(random.Random(0), 3, 3)) <= 1.0
    True
    """
    return rng.uniform(-1.0, 1.0) * math.sqrt(6.0 / (n_in + n_out))


def he(rng: Generator, n_in: int, n_out: int) -> float:
    """A weight from the normal law of variance 2/n_in (He et al. 2015), for the rectifiers.

    >>> import random
    >>> he(random.Random(0), 2, 1) == random.Random(0).gauss(0.0, 1.0)
    True
    """
    return rng.gauss(0.0, math.sqrt(2.0 / n_in))


#: The initializers that ``init=`` takes by name; it also takes any function with their parameters.
INITIALIZERS: dict[str, Initializer] = {"he": he, "uniform": uniform, "xavier": xavier}


def initializer(given: str | Initializer | None, row: Primitive | None) -> Initializer:
    """The initializer ``given``, by its name or as a function; for None the usual one for ``row``.

    That is ``he`` for an unbounded activation, ``xavier`` for a bounded one, and ``uniform`` for no
    activation.

    :raises ValueError: for a name that is not in :data:`INITIALIZERS`.
    """
    if given is None:
        return uniform if row is None else xavier if _bounded(row) else he
    if callable(given):
        return given
    if given not in INITIALIZERS:
        names = ", ".join(map(repr, INITIALIZERS))
        raise ValueError(f"unknown initializer {given!r}: give one of {names}, or a function")
    return INITIALIZERS[given]


def _bounded(row: Primitive) -> bool:
    """Whether the values of ``row`` stay small for every size of its operand, judged by six of them."""
    with errstate("ignore"):
        return all(abs(row(sign * size)) <= 2.0 for sign in (-1, 1) for size in (1e-3, 8.0, 1e3))
