"""The arrays that a schedule on NumPy works with: views of its rows, by the names that its text uses."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .. import special
from .steps import WITH_LANES, Ref

#: The spaces of what a loop holds for a moment: with lanes, and without.
HELD = {True: "s", False: "t"}
_LANED = (*WITH_LANES, HELD[True])


class RowView(NamedTuple):
    """Rows from ``start`` on as an array: its shape, and how many rows the entries of each axis are apart.

    Where the space has lanes they are the last axis; elsewhere ``one`` adds an axis of length 1 for
    them. Of what a loop holds, ``start`` is the number of the place.
    """

    space: str
    start: int
    shape: tuple[int, ...]
    apart: tuple[int, ...]
    one: bool = False
    turned: bool = False  # the last two axes change places


class RowMemory:
    """The rows of a schedule, for blocks of up to ``lanes`` samples.

    :param counts: how many rows each space has; of what loops hold, how many places and their rows.
    """

    def __init__(self, counts: dict[str, int], held: dict[str, tuple[int, int]], lanes: int) -> None:
        self.counts = {space: max(n, 1) for space, n in counts.items()}
        self._width = {space: width for space, (_, width) in held.items()}
        self.counts |= {space: max(places * width, 1) for space, (places, width) in held.items()}
        self._memory = {
            space: np.zeros(n * lanes if space in _LANED else n) for space, n in self.counts.items()
        }

    def grid(self, space: str, size: int) -> Any:
        """All rows of a space, with so many lanes where it has any."""
        memory = self._memory[space]
        return memory[: self.counts[space] * size].reshape(-1, size) if space in _LANED else memory

    def view(self, view: RowView, size: int) -> Any:
        """The array of a view of a block of so many samples."""
        unit = 8 * size if view.space in _LANED else 8
        start = view.start * self._width.get(view.space, 1) * unit
        shape, apart = list(view.shape), [by * unit for by in view.apart]
        if view.space in _LANED or view.one:
            shape.append(size if view.space in _LANED else 1)
            apart.append(8)
        found = np.ndarray(shape, float, self._memory[view.space], start, apart)
        return found.swapaxes(-1, -2) if view.turned else found


class Names:
    """What the text of a schedule calls its arrays and constants."""

    def __init__(self) -> None:
        self._things: dict[str, Any] = {"np": np, "math": math, "special": special}
        self._views: dict[RowView, str] = {}
        self._numbers: dict[str, str] = {}
        self.callbacks: list[Any] = []  # rows of the table that are called for each number
        self.held = dict.fromkeys(HELD.values(), (0, 0))

    def thing(self, thing: Any, stem: str) -> str:
        """A name for an object."""
        name = f"{stem}{len(self._things)}"
        self._things[name] = thing
        return name

    def number(self, x: float) -> str:
        """A name for a number, which is quicker to use as an array without axes."""
        if repr(x) not in self._numbers:
            self._numbers[repr(x)] = self.thing(np.array(x), "k")
        return self._numbers[repr(x)]

    def view(self, view: RowView) -> str:
        """The name of a view."""
        if view not in self._views:
            self._views[view] = f"{view.space}_{len(self._views)}"
        return self._views[view]

    def rows(self, ref: Ref, n: int, m: int, lanes: bool) -> str:
        """The rows of a ref in a loop, without axes of length 1; lanes are an axis where it has them."""
        one = lanes and ref.space not in WITH_LANES
        if ref.table:
            index = ref.rows().reshape([size for size in (n, m) if size > 1] or [1])
            return f"{ref.space}[{self.thing(index, 'i')}]{'[..., None]' * one}"
        axes = [(size, by) for size, by in ((n, ref.by_i), (m, ref.by_k)) if size > 1]
        shape, apart = (tuple([axis[side] for axis in axes]) for side in (0, 1))
        return self.view(RowView(ref.space, ref.start, shape, apart, one))

    def holder(self, lanes: bool, place: int, shape: tuple[int, ...]) -> str:
        """The name of a place for what a loop holds, of this shape beside the lanes."""
        space, width = HELD[lanes], math.prod(shape)
        places, most = self.held[space]
        self.held[space] = max(places, place + 1), max(most, width)
        apart = tuple([math.prod(shape[i + 1 :]) for i in range(len(shape))])
        return self.view(RowView(space, place, shape, apart))

    def on(self, rows: RowMemory, size: int) -> dict[str, Any]:
        """Everything by its name, for blocks of so many samples."""
        found = {space: rows.grid(space, size) for space in rows.counts}
        found |= {name: rows.view(view, size) for view, name in self._views.items()}
        return found | self._things | {"ones": np.ones(size)}
