"""A recording run at one point by engines, which are made when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..core.value import Value
from ..support.nested import positions
from .arguments import Arguments
from .choosing import choice_of
from .engines import PointEngine
from .quick import Handed, given_of
from .recording import BranchChanged, Recording
from .used_values import UsedValues

#: The argument that a gradient is by where nobody says another; a small number is one object.
FIRST = 0


def no_way(*args: Any, **settings: Any) -> Any:
    """A quick way that is never taken."""


class _Route(NamedTuple):
    """How the gradient by some arguments is computed.

    :ivar chosen: the arguments, in the caller's order.
    :ivar wanted: their inputs from left to right, ``own`` in number, and then the parameters.
    :ivar point: the engine.
    :ivar quick: a function of the arguments that gives the value and the gradient, or None where the
        general way must be taken; with ``fills`` it puts the gradient into arrays of the caller.
    """

    chosen: list[int]
    wanted: list[int]
    own: int
    point: PointEngine
    quick: Callable[..., Any]
    fills: bool


class PointRuns:
    """A recording with its engines; :class:`~.program.Program` is what a caller has."""

    def __init__(
        self,
        recording: Recording,
        arguments: Arguments,
        outputs: Any,
        parameters: Sequence[Value] = (),
        engine: str | None = None,
        function: Callable[..., Any] | None = None,
        exact: bool = False,
    ) -> None:
        self.recording, self.arguments, self.function = recording, arguments, function
        self.__name__ = arguments.function
        self.used = UsedValues(self.__name__, parameters, recording)
        self.parameters = self.used.parameters
        self.outputs = outputs  # the structure of what the function returns
        self._alone = type(outputs) is float
        self.choice = choice_of(recording, engine, False, exact)
        self._asked = engine
        self._points: dict[Any, PointEngine] = {}
        self._routes: dict[Any, _Route] = {}
        self._value = self._first = no_way  # the quick ways to the value, and to the gradient by argument 0
        self._derived: dict[str, Any] = {}
        self._transform: Callable[..., Any] | None = None  # the transform whose program this is

    def __getstate__(self) -> dict[str, Any]:
        # Compiled code is made again where the program is used; the function is not needed any more.
        made_again: dict[str, Any] = {"_points": {}, "_routes": {}, "_derived": {}}
        without = {"function": None, "_transform": None, "_value": no_way, "_first": no_way}
        return {**vars(self), **without, **made_again}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        try:
            self.choice = choice_of(self.recording, self._asked, False, self.choice.exact)
        except ImportError:  # it was made where more was installed
            self._asked = None
            self.choice = choice_of(self.recording, None, False, self.choice.exact)

    @property
    def _own(self) -> int:
        return self.recording.inputs - len(self.parameters)

    def stale(self) -> str:
        """What was changed since the program was recorded, in words; empty when nothing was."""
        return self.used.changed() or self.used.replaced()

    def require_fresh(self) -> None:
        """Refuse a program of which something was changed since.

        :raises ValueError: in that case.
        """
        if changed := self.stale():
            raise ValueError(changed)

    def require_one(self) -> None:
        """Refuse a gradient of a function that returns several numbers.

        :raises TypeError: in that case.
        """
        if not self._alone:
            kind = type(self.outputs).__name__
            raise TypeError(f"a gradient needs one number; {self.__name__} returns {kind}: use jacobian")

    def _route(self, argnums: Any) -> _Route:
        """What a gradient by these arguments needs, made once."""
        key = tuple(argnums) if isinstance(argnums, list | range) else argnums
        if key not in self._routes:
            self.require_one()
            order = (
                positions(argnums, len(self.arguments.names), self.__name__) if self.arguments.names else []
            )
            chosen = sorted(order)
            wanted = self.arguments.wanted(chosen)
            own = len(wanted)
            wanted = [*wanted, *range(self._own, self._own + len(self.parameters))]
            point = self._point(tuple(wanted))
            fills = point.of_array is not None
            quick = self._quick(point, argnums) if fills or type(argnums) is int else no_way
            self._routes[key] = _Route(order, wanted, own, point, quick, fills)
            if argnums is FIRST:
                self._first = quick
        return self._routes[key]

    def _quick(self, point: PointEngine, argnums: Any) -> Callable[..., Any]:
        """The quick way of the engine, where numbers of this call alone matter."""
        few = self.arguments.scalar or self.choice.listed.load is not None
        free = self._alone and not self.parameters and not self.recording.captured
        return (point.quick(argnums) if few and free else None) or no_way

    def _flat(self, args: Sequence[Any]) -> Any:
        dense = self.choice.listed.load is not None
        xs = self.arguments.packed(args) if dense else self.arguments.flat(args)
        self.require_fresh()
        if not self.parameters:
            return xs
        own = [parameter._data for parameter in self.parameters]
        if type(xs) is list:
            return [*xs, *own]
        import numpy as np

        return np.concatenate([xs, own])

    def _point(self, wanted: tuple[int, ...] | None) -> PointEngine:
        """The engine for values, or for the derivatives by the wanted inputs."""
        if wanted not in self._points:
            few = self.arguments.scalar and not self.parameters
            given = () if self.parameters else self._given(wanted)
            self._points[wanted] = PointEngine(self.choice, self.recording, wanted, few, given)
        return self._points[wanted]

    def at_parameters(self, xs: Any) -> Any:
        """The value and the gradient at these numbers of the parameters, where there are no other inputs.

        None where somebody must look: a branch changed, a result is not finite, a Value is another now.
        """
        point = self._points.get("parameters")
        if point is None:
            point = self._points["parameters"] = self._point(tuple(range(len(self.parameters))))
        try:
            return None if self.stale() else point(xs)
        except BranchChanged:
            return None

    def _given(self, wanted: Sequence[int] | None) -> tuple[Handed, ...]:
        """What compiled code is given by the arguments, where they need not be laid out first."""
        arguments, chosen = self.arguments, set(wanted or ())
        flags = [
            {at, at + n - 1} <= chosen for at, n in zip(arguments.starts, arguments.counts, strict=True)
        ]
        return given_of(arguments.examples, [None] * len(flags), flags)
