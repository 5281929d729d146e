"""A recorded function: its value, its derivatives, its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

from ..core.order import sweep
from ..core.value import Value
from ..support.arrays import is_array
from ..support.nested import positions, rebuild, refill
from .arguments import Arguments
from .batch import Batch
from .choosing import choice_of, has
from .derived import TransformedPrograms
from .engines import PointEngine
from .forms import ProgramForms
from .out import put, require_room
from .quick import Handed, given_of
from .recording import BranchChanged, Recording
from .tracing import names_of, traced
from .used_values import UsedValues, require_parameters
from .verification import verify


class _Route(NamedTuple):
    """How the gradient by some arguments is computed.

    :ivar chosen: the arguments, in the caller's order.
    :ivar wanted: their inputs from left to right, ``own`` in number, and then the parameters.
    :ivar point: the engine.
    :ivar into: a function that puts the gradient into arrays of the caller, where compiled code does so.
    """

    chosen: list[int]
    wanted: list[int]
    own: int
    point: PointEngine
    into: Callable[..., Any] | None


class Program(ProgramForms, TransformedPrograms):
    """A function that was recorded once and replays without making nodes.

    It is called as the function is, with arguments of the structure of the examples, and gives
    numbers; called with Values it gives a circuit, so that every transform takes it. It is made by
    :func:`record`.
    """

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
        self._quick: dict[int | None, Callable[..., Any]] = {}
        self._derived: dict[str, Program] = {}
        self._transform: Callable[..., Any] | None = None  # whose program this is

    @classmethod
    def of(
        cls,
        f: Callable[..., Any],
        examples: Sequence[Any],
        parameters: Sequence[Value] = (),
        check: bool = False,
        engine: str | None = None,
        exact: bool = False,
    ) -> Program:
        """The program of a function; see :func:`record`."""
        parameters = list(parameters)
        require_parameters(parameters)
        name = getattr(f, "__name__", type(f).__name__)
        arguments = Arguments(name, examples, names_of(f))
        recording, output = traced(f, arguments, parameters)
        outputs = 0.0 if isinstance(output, Value | Real) else rebuild(output, lambda x: 0.0)
        program = cls(recording, arguments, outputs, parameters, engine, f, exact)
        if check:
            verify(program)
        program.used.found_by(f)
        return program

    def __getstate__(self) -> dict[str, Any]:
        # Compiled code is made again where the program is used; the function is not needed any more.
        made_again: dict[str, Any] = {"_points": {}, "_routes": {}, "_quick": {}, "_derived": {}}
        return {**vars(self), "function": None, "_transform": None, **made_again}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        try:
            self.choice = choice_of(self.recording, self._asked, False, self.choice.exact)
        except ImportError:  # it was made where more was installed
            self._asked = None
            self.choice = choice_of(self.recording, None, False, self.choice.exact)

    # Values and gradients

    def __call__(self, *args: Any, out: Any = None, **named: Any) -> Any:
        """The value at these arguments, as numbers in the structure that the function returned.

        They may be given by their names too, here and where a value and a gradient are asked for.

        :param out: arrays that the results go to, as NumPy's ``out``: in the structure of what is
            given without it, with None where a new array is wanted. They are looked at first; where a
            comparison then comes out otherwise, nothing is said of what stands in them.
        :raises BranchChanged: where the function would have taken another branch.
        :raises ValueError: for another structure than that of the examples, or where a Value that
            the function uses beside its arguments has another number now.
        """
        if named:
            args = self.arguments.placed(args, named)
        quick = self._quick.get(None)
        if quick is not None and out is None and (found := quick(*args)) is not None:
            return found
        xs = self._flat(args)
        if type(xs) is list and any(isinstance(x, Value) for x in xs):
            if out is not None:
                raise TypeError("out takes numbers, and the result of Values is a circuit: leave it out")
            made = self.recording.on_values([*xs[: self._own], *self.parameters])
            self.recording.require_branches([x._data if isinstance(x, Value) else x for x in made])
            self.recording.tell_comparisons(made)
            return self._shaped([self.recording.of(made, root) for root in self.recording.roots])
        if None not in self._points:
            self._keep_quick(None, self._point(None))
        found = self._point(None)(xs)
        if found is None and self._transform:  # at a kink the eager engine has forms of its own
            return self._transform(*args)
        if found is None:
            made = self._eagerly(xs)
            found = [
                getattr(x, "_data", x) for x in (self.recording.of(made, p) for p in self.recording.roots)
            ]
        result = self._shaped(list(found))
        require_room(out, result, args)
        return put(out, result)

    def _shaped(self, outputs: list[Any]) -> Any:
        """Outputs in the structure that the function returned."""
        if self._alone:
            return outputs[0]
        if is_array(self.outputs) and self.outputs.dtype == float and type(outputs[0]) is float:
            import numpy as np

            return np.array(outputs).reshape(self.outputs.shape)
        return refill(self.outputs, outputs)

    def value_and_grad(
        self, *args: Any, argnums: Any = 0, out: Any = None, **named: Any
    ) -> tuple[float, Any]:
        """The value and the gradient, as the transform of that name gives them.

        The gradient by the parameters of the recording is added to their ``grad``. ``out`` is a pair, as
        the result: ``(None, array)`` for the gradient by an array; see the call.

        :raises TypeError: when the function does not return one number.
        """
        if named:
            args = self.arguments.placed(args, named)
        quick = self._quick.get(argnums) if out is None and type(argnums) is int else None
        if quick is not None and (found := quick(*args)) is not None:
            return found  # type: ignore[no-any-return]  # a pair
        route = self._route(argnums)
        paired = route.into is not None and type(out) is tuple and len(out) == 2 and out[0] is None
        if paired and (found := route.into(*args, out=out[1])) is not None:  # type: ignore[misc]  # there is one
            return found  # type: ignore[no-any-return]  # a pair
        xs = self._flat(args)
        found = route.point(xs)
        value, slopes = self._swept(xs, route.wanted) if found is None else found
        parts = self.arguments.parts(slopes[: route.own], argnums, route.chosen) if args else ()
        require_room(out, (value, parts), args)
        if self.parameters:
            self.used.add(slopes[route.own :])
        return put(out, (value, parts))  # type: ignore[no-any-return]  # a pair

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
            if type(argnums) is int:
                self._keep_quick(argnums, point)
            free = self._alone and not self.parameters and not self.recording.captured
            into = point.quick(argnums) if free and point.of_array is not None else None
            self._routes[key] = _Route(order, wanted, own, point, into)
        return self._routes[key]

    def _keep_quick(self, argnums: int | None, point: PointEngine) -> None:
        """Keep the quick way of the engine, where numbers of this call alone matter."""
        few = self.arguments.scalar or self.choice.listed.load is not None
        quick = point.quick(argnums) if few else None
        if quick is not None and self._alone and not self.parameters and not self.recording.captured:
            self._quick[argnums] = quick

    def require_one(self) -> None:
        """Refuse a gradient of a function that returns several numbers.

        :raises TypeError: in that case.
        """
        if not self._alone:
            kind = type(self.outputs).__name__
            raise TypeError(f"a gradient needs one number; {self.__name__} returns {kind}: use jacobian")

    def bare(self, argnums: Any = 0) -> Callable[..., Any]:
        """The compiled function behind :meth:`value_and_grad`, without any check.

        A function of a few floats takes them, and gives the value and a tuple of derivatives. By an
        engine that works on the caller's arrays ("machine", "numpy") a function of one array takes that
        array, contiguous and of floats, an array for the derivatives and one for the value, which it
        gives too. Both give None where a result is not finite or a branch changed.

        :raises ValueError: for other arguments, and for a program with parameters.
        """
        point = self._route(argnums).point
        found = point.bare if self.arguments.scalar else point.of_array
        alone = self.arguments.scalar or (
            len(self.arguments.examples) == 1 and is_array(self.arguments.examples[0])
        )
        if found is None or self.parameters or not alone:
            raise ValueError(
                f"the program of {self.__name__} by the engine {self.choice.name} is no function of a few "
                "floats or of one array"
            )
        return found

    def grad(self, *args: Any, argnums: Any = 0, out: Any = None, **named: Any) -> Any:
        """The gradient alone; see :meth:`value_and_grad`. ``out`` is for the gradient alone too."""
        pair = None if out is None else (None, out)
        return self.value_and_grad(*args, argnums=argnums, out=pair, **named)[1]

    @property
    def _own(self) -> int:
        return self.recording.inputs - len(self.parameters)

    def stale(self) -> str:
        """What was changed since the program was recorded, in words; empty when nothing was."""
        return self.used.changed() or self.used.replaced()

    def suits(self, *args: Any) -> bool:
        """Whether every comparison comes out at these arguments as it was recorded."""
        return self.recording.holds([getattr(x, "_data", x) for x in self._flat(args)])

    def _flat(self, args: Sequence[Any]) -> Any:
        dense = self.choice.listed.load is not None
        xs = self.arguments.packed(args) if dense else self.arguments.flat(args)
        if changed := self.stale():
            raise ValueError(changed)
        if not self.parameters:
            return xs
        own = [parameter._data for parameter in self.parameters]
        if type(xs) is list:
            return [*xs, *own]
        import numpy as np

        return np.concatenate([xs, own])

    def _swept(self, xs: Sequence[float], wanted: Sequence[int]) -> tuple[float, list[float]]:
        """The output and the derivatives by the eager engine."""
        made = self._eagerly(xs)
        root = self.recording.of(made, self.recording.roots[0])
        reached: dict[Value, float] = {}
        if isinstance(root, Value):
            sweep(root, 1.0, reached)
        return getattr(root, "_data", root), [reached.get(made[i], 0.0) for i in wanted]

    def _eagerly(self, xs: Sequence[float]) -> list[Any]:
        """The circuit at these inputs by the eager engine, which reports what is not finite."""
        xs = list(map(float, xs))
        self.recording.require_branches(self.recording.on_floats(xs))
        return self.recording.on_values(list(map(Value, xs)))

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

    def batch(self, in_axes: Any = 0, reduce: str | None = "mean") -> Batch:
        """The program over many samples at once; see :class:`Batch`.

        :param in_axes: as in JAX: for each argument the axis of its samples, or None where all samples
            share it; one number for all arguments, or a nested structure like the arguments.
        :param reduce: ``"mean"`` or ``"sum"`` of the samples, or None for each of them.
        """
        if not has("numpy"):
            raise ImportError("a batch needs NumPy: python -m pip install 'autograd-lite[fast]'")
        return Batch(self, in_axes, reduce)
