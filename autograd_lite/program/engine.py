"""What an engine over steps is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any


class Engine(ABC):
    """What runs the steps of a plan, for one point or for blocks of samples.

    A plan is a :class:`~.plan.Schedule`, or also a :class:`~.tape.TapePlan` where the table says so. An
    engine is made of a plan, of how many samples a block has at most (1 for a point), and of options
    by their names, which it may leave aside: ``scalar`` and ``given`` say what arguments ``call`` is
    for, ``mean`` whether it gives the mean of samples, and ``exact`` that the values have to be the
    eager engine's to the bit.

    :cvar most_lanes: how many samples a block of a plan should have at most.
    :ivar callbacks: rows of the table that are called back in Python.
    :ivar call: the program as a function of the caller's arrays, where there is a quick one; see
        :class:`~.machine.buffers.OfArrays`. With ``takes_floats`` it is one of floats.
    :ivar lean: as ``call`` of floats, and None where an argument is no float.
    """

    callbacks: Sequence[Any] = ()
    call: Callable[..., Any] | None = None
    lean: Callable[..., Any] | None = None
    takes_floats = False

    def __init__(self, plan: Any, lanes: int, **options: Any) -> None:
        self.lock, self.busy = RLock(), False  # it works on one run at a time

    @classmethod
    def most_lanes(cls, plan: Any) -> int:
        """How many samples a block of a plan should have at most."""
        return 64

    @abstractmethod
    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        """The adjoints of the shared inputs, and a guard, which is 0 where nothing is to be looked at.

        It is another number where a comparison came out otherwise, or a result is not finite.

        :param shared: the shared inputs.
        :param varying: the inputs that vary, a row for each input, a column for each sample; None
            for one point.
        :param seeds: the upstream gradient of each sample.
        :param values: where the outputs go, a row for each and a column for each sample.
        :param slopes: where the derivatives by the varying inputs go, in the same layout.
        """

    def on(
        self, shared: Any, varying: Any, seeds: Any, values: Any, adjoints: Any
    ) -> Callable[[int, int], float]:
        """``run`` on these arrays again and again: a function of the first sample and how many there are.

        It gives the guard. Outputs and seeds have the places of their samples.

        :param seeds: None for values alone.
        :param adjoints: where the adjoints of the shared inputs go, if there are any.
        """

        def call(start: int, count: int) -> float:
            part = slice(start, start + count)
            seed = None if seeds is None else seeds[part]
            found, guard = self.run(shared, varying[:, part], seed, values[:, part])
            if adjoints is not None:
                adjoints[:] = found[: len(adjoints)]
            return guard

        return call
