"""The random generator that draws first weights and shuffles samples."""

from __future__ import annotations

import random
from typing import Any, Protocol


class Generator(Protocol):
    """The methods that are used of a random generator; a ``random.Random`` has them."""

    def uniform(self, a: float, b: float) -> float:
        """A number drawn evenly between ``a`` and ``b``."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """A number from the normal law with mean ``mu`` and standard deviation ``sigma``."""
        ...

    def shuffle(self, x: list[Any]) -> None:
        """Put a list into random order."""
        ...


def generator(given: Generator | None) -> Generator:
    """``given`` itself, or for None the module ``random``, as the caller has seeded it.

    :raises TypeError: when ``given`` is something else, such as a seed.
    """
    if given is None:
        return random
    if not hasattr(given, "gauss") or isinstance(given, type):
        raise TypeError(f"rng must be a generator, such as rng=random.Random(0), not {given!r:.60}")
    return given
