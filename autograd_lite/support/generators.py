"""What a random generator must offer, and which one is used when none is given."""

from __future__ import annotations

import random
from typing import Any, Protocol


class Generator(Protocol):
    """What draws and shuffles: a ``random.Random``, or the module ``random`` itself."""

    def uniform(self, a: float, b: float) -> float:
        """A number drawn evenly between ``a`` and ``b``."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """A number from the normal law of mean ``mu`` and standard deviation ``sigma``."""
        ...

    def shuffle(self, x: list[Any]) -> None:
        """Put a list into random order."""
        ...


def generator(given: Generator | None) -> Generator:
    """The generator asked for, or the module ``random`` as the caller has seeded it.

    :raises TypeError: for something else than a generator, such as a seed.
    """
    if given is None:
        return random
    if not hasattr(given, "gauss") or isinstance(given, type):
        raise TypeError(f"rng is a random.Random, such as random.Random(0), not {given!r:.60}")
    return given
