"""A recorded function: its value, its derivatives, its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from ..core.value import Value
from ..support.arrays import is_array
from ..support.blocks import guarded
from ..support.collector import paused_collector
from ..support.nested import rebuild, refill
from ..support.numbers import plain
from ..support.settings import flag
from .arguments import Arguments
from .batch import Batch
from .choosing import has
from .derived import TransformedPrograms
from .forms import ProgramForms
from .one_by_one import adjoints_of, circuit_at
from .out import put, require_room
from .point_runs import FIRST
from .tracing import names_of, traced
from .used_values import require_parameters
from .verification import verify


class Program(ProgramForms, TransformedPrograms):
    """A function that was recorded once and replays without making nodes.

    It is called as the function is, with arguments of the structure of the examples, and gives
    numbers; called with Values it gives a circuit, so that every transform takes it. It is made by
    :func:`record`.

    >>> from autograd_lite import record
    >>> program = record(lambda x, y: x * y, 1.0, 2.0, engine="python")
    >>> program(3.0, 4.0), program.value_and_grad(3.0, 4.0)
    (12.0, (12.0, 4.0))
    """

    @classmethod
    @guarded
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
        check, exact = flag("verify", check), flag("exact", exact)
        name = getattr(f, "__name__", type(f).__name__)
        arguments = Arguments(name, examples, names_of(f))
        with paused_collector():
            recording, output = traced(f, arguments, parameters)
            outputs = 0.0 if isinstance(output, Value | Real) else rebuild(output, lambda x: 0.0)
            program = cls(recording, arguments, outputs, parameters, engine, f, exact)
            if check:
                verify(program)
        program.used.found_by(f)
        return program

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
        if out is None and (found := self._value(*args)) is not None:
            return found
        xs = self._flat(args)
        if type(xs) is list and any(isinstance(x, Value) for x in xs):
            if out is not None:
                raise TypeError("out takes numbers, and the result of Values is a circuit: leave it out")
            made = self.recording.on_values([*xs[: self._own], *self.parameters])
            self.recording.require_branches([x._data if isinstance(x, Value) else x for x in made])
            self.recording.tell_comparisons(made)
            return self._shaped(self.recording.outputs(made))
        if None not in self._points:
            self._value = self._quick(self._point(None), None)
        found = self._point(None)(xs)
        if found is None and self._transform:  # at a kink the eager engine has forms of its own
            return self._transform(*args)
        if found is None:
            found = list(map(plain, self.recording.outputs(circuit_at(self.recording, xs))))
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
        most = argnums is FIRST and out is None and not named  # the call that is made most
        if most and (found := self._first(*args)) is not None:
            return found  # type: ignore[no-any-return]  # a pair
        if named:
            args = self.arguments.placed(args, named)
        route = self._route(argnums)
        if out is None:
            found = None if most else route.quick(*args)
        else:
            paired = route.fills and type(out) is tuple and len(out) == 2 and out[0] is None
            found = route.quick(*args, out=out[1]) if paired else None
        if found is not None:
            return found  # type: ignore[no-any-return]  # a pair
        xs = self._flat(args)
        found = route.point(xs)
        if found is None:
            made = circuit_at(self.recording, xs)
            slopes = adjoints_of(self.recording, made, 1.0)
            found = plain(self.recording.outputs(made)[0]), [slopes[i] for i in route.wanted]
        value, slopes = found
        parts = self.arguments.parts(slopes[: route.own], argnums, route.chosen) if args else ()
        require_room(out, (value, parts), args)
        if self.parameters:
            self.used.add(slopes[route.own :])
        return put(out, (value, parts))  # type: ignore[no-any-return]  # a pair

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
        if argnums is FIRST and out is None and not named and (found := self._first(*args)) is not None:
            return found[1]
        pair = None if out is None else (None, out)
        return self.value_and_grad(*args, argnums=argnums, out=pair, **named)[1]

    def suits(self, *args: Any) -> bool:
        """Whether every comparison comes out at these arguments as it was recorded."""
        return self.recording.holds([getattr(x, "_data", x) for x in self._flat(args)])

    def batch(self, in_axes: Any = 0, reduce: str | None = "mean") -> Batch:
        """The program over many samples at once; see :class:`Batch`.

        :param in_axes: as in JAX: for each argument the axis of its samples, or None where all samples
            share it; one number for all arguments, or a nested structure like the arguments.
        :param reduce: ``"mean"`` or ``"sum"`` of the samples, or None for each of them.
        :raises ImportError: without NumPy.
        """
        if not has("numpy"):
            raise ImportError("a batch needs NumPy: python -m pip install 'autograd-lite[fast]'")
        return Batch(self, in_axes, reduce)
