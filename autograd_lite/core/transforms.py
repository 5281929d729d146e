"""Derivatives of functions, by JAX's names: grad, jacobian, hessian, hvp, jvp, vjp.

A function is run once on Values; its arguments are numbers or nested lists, tuples, dicts and NumPy
arrays of numbers, and the result has their shape. For numbers the result is numbers; for Values, and
where the function uses a variable of a transform around it, it is a circuit that can be
differentiated again. Every call makes its own variables, so an inner derivative never sees an outer
variable as its own: d/dx [x · d/dy (x + y)] is 1. No ``.grad`` is changed, and ``no_grad`` around a
transform changes nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, SupportsIndex

from ..support.arrays import is_array
from ..support.callers import warn_caller
from ..support.context import open_blocks, recorded
from ..support.functions import named_as
from ..support.ieee import errstate
from ..support.nested import aligned, leaves, matched, positions, rebuild, refill, with_aux
from ..support.numbers import number, plain
from .adjoints import forward, reverse, rule_wires
from .gathered import dot
from .node import Label, live_wires
from .order import made_from, other_threads, require_values, sweep, sweep_in_turn
from .table import pos
from .value import Value

Function = Callable[..., Any]
Argnums = SupportsIndex | Sequence[int]

#: The calls of transforms whose functions are running, in any thread.
_running: dict[object, None] = {}
_FLAT = "_may_be_flat"


@recorded
def gradients(y: Value, xs: Any) -> Any:
    """The derivatives of ``y`` by each of ``xs``, as circuits.

    ``xs`` may be any nodes, inputs or intermediates: one, or a nested structure of them; the result
    has its shape. They are Values like any other: differentiate them again, draw them, print them.

    :raises TypeError: when ``y`` or one of ``xs`` is not a Value.
    :raises ValueError: when the data of a node below ``y`` was changed since it was used.

    >>> x = Value(2.0, "x")
    >>> first = gradients(x**3, x)
    >>> second = gradients(first, x)
    >>> first.data, second.data, gradients(second, x).data
    (12.0, 12.0, 6.0)
    """
    require_values("gradients", y, *leaves(xs, "xs"))
    adjoint = reverse([(y, 1.0)], rule_wires)
    return rebuild(xs, lambda x: Value._as_node(adjoint.get(x, 0.0)))


class _Trace:
    """A function run once: its variables, its outputs, and their derivatives both ways.

    ``symbolic`` says whether derivatives are circuits or numbers. ``ran`` is given where the function
    has run already: its run, its variables and its output.
    """

    #: The local derivatives of a node as circuits.
    wires: Callable[[Any], Any] = staticmethod(rule_wires)

    @recorded
    def __init__(self, f: Function, args: Any, argnums: Any, named: Any = None, ran: Any = None) -> None:
        self.function, self.args, self.argnums = f, args, argnums
        self.name = getattr(f, "__name__", type(f).__name__)
        chosen = self.chosen = positions(argnums, len(args), self.name)
        for i in chosen:
            if type(args[i]) is not float:
                tuple(leaves(args[i], f"argument {i} of {self.name}"))
        self.variables: list[Value] = []
        self.reached = False  # whether an output was found to depend on a variable
        self.symbolic = False
        for x in (*args, *named.values()) if named else args:
            self.symbolic = self.symbolic or (isinstance(x, Value) and not x.is_constant)
        if ran:
            self._run, self.variables, self.output = ran
        else:
            self._run = object()
            _running[self._run] = None
            try:
                made = {i: rebuild(args[i], self._variable) for i in chosen}
                given = [made.get(i, x) for i, x in enumerate(args)]
                self.output = f(*given, **named) if named else f(*given)
            finally:
                del _running[self._run]
        self.outputs = list(leaves(self.output, f"the output of {self.name}"))
        self.roots = [r for r in self.outputs if isinstance(r, Value) and not r.is_constant]
        if _running and not self.symbolic:
            labels = [node._label for node in made_from(*self.roots)]
            self.symbolic = any(label is not None and label.role in _running for label in labels)

    def _variable(self, x: Any) -> Value:
        if isinstance(x, Value) and not x.is_constant:
            self.symbolic = True
            made = pos(x)  # a node of its own, which no outer transform differentiates by
        else:
            made = Value(x.data if isinstance(x, Value) else x)
        made._label = Label(None, made.scope, self._run)
        self.variables.append(made)
        return made

    @recorded
    def pull(self, *seeds: tuple[Any, Any], symbolic: bool = False) -> list[Any]:
        """The derivatives, by every variable, of the sum of seed × root over the pairs (root, seed)."""
        live = [(root, s) for root, s in seeds if isinstance(root, Value) and not root.is_constant]
        for _, seed in live:
            symbolic = symbolic or self.symbolic or isinstance(seed, Value)
        found: dict[Value, Any] = reverse(live, self.wires) if symbolic else {}
        if not symbolic:
            if len(live) > 1:  # one node that is their sum, each times its seed
                live = [(errstate("ignore")(dot)(*zip(*live, strict=True)), 1.0)]
            for root, seed in live:
                (sweep_in_turn if other_threads() else sweep)(root, seed, found)
        derivatives = [found.get(v, 0.0) for v in self.variables]
        self.reached = self.reached or not found.keys().isdisjoint(self.variables)
        return [Value._as_node(each) for each in derivatives] if symbolic else derivatives

    @recorded
    def push(self, roots: Sequence[Any], rates: Any) -> list[Any]:
        """The tangent of every root when the variables move at these rates."""
        live = [root for root in roots if isinstance(root, Value)]
        symbolic = self.symbolic or any(isinstance(rate, Value) for rate in rates)
        rates = dict(zip(self.variables, rates, strict=True))
        found = forward(live, rates, self.wires if symbolic else live_wires)
        self.reached = self.reached or not found.keys().isdisjoint(live)
        tangents = [found.get(root, 0.0) for root in roots]
        return [Value._as_node(each) for each in tangents] if symbolic else tangents

    def scalar(self) -> Any:
        """The output, which must be one number."""
        if isinstance(self.output, list | tuple | dict) or is_array(self.output):
            raise TypeError(
                f"a gradient needs a function that returns one number; {self.name} returned "
                f"{type(self.output).__name__}: use jacobian, sum the parts, or has_aux=True for a pair"
            )
        return self.outputs[0]

    def value(self) -> Any:
        """The output: as numbers, unless derivatives are circuits."""
        return self.output if self.symbolic else rebuild(self.output, plain)

    def shaped(self, found: Sequence[Any]) -> Any:
        """``found``, one item per variable, in the shape of the chosen arguments.

        Warns where no output depends on any of them: most often that is a mistake.
        """
        flat = not self.reached and bool(self.variables) and not hasattr(self.function, _FLAT)
        if flat and set(made_from(*self.roots)).isdisjoint(self.variables):
            self.reached = True  # so that it warns once
            warn_caller(
                f"the output of {self.name} does not depend on its input: the derivative is 0. "
                "Was a Value turned into a number inside (v.data, float, math.exp)?"
            )
        if isinstance(self.argnums, list | tuple | range):
            return tuple(refill([self.args[i] for i in self.chosen], list(found)))
        return refill(self.args[self.chosen[0]], list(found))


def may_be_flat(f: Function) -> Function:
    """``f``, marked as one that need not depend on its input, as a derivative need not."""
    setattr(f, _FLAT, True)
    return f


def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function that gives ``(f(*args), the gradient)``; see :func:`grad`.

    With ``has_aux`` it gives ``((value, aux), the gradient)``, where ``f`` returns ``(value, aux)``.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    pair = with_aux(value_and_grad, f, argnums) if has_aux else None

    @named_as(f)
    def both(*args: Any, **named: Any) -> tuple[Any, Any]:
        if pair is None:
            return _value_and_grad(f, argnums, args, named)
        (value, slopes), aux = pair(*args, **named)
        return (value, aux), slopes

    return both


def _value_and_grad(f: Function, argnums: Any, args: tuple[Any, ...], named: Any) -> tuple[Any, Any]:
    ran = None
    lean = type(argnums) is int and 0 <= argnums < len(args) and not (named or open_blocks)
    if lean and {float}.issuperset(map(type, args)):
        # By one of some numbers: nothing to take apart, so that it costs what it costs by hand.
        run, x = object(), Value(args[argnums])
        x._label = Label(None, "", run)
        _running[run] = None
        try:
            y = f(*args[:argnums], x, *args[argnums + 1 :])
        finally:
            del _running[run]
        if type(y) is Value and not _running:
            found: dict[Value, float] = {}
            (sweep_in_turn if other_threads() else sweep)(y, 1.0, found)
            if x in found:
                return y.data, found[x]
        ran = run, [x], y
    trace = _Trace(f, args, argnums, named, ran)
    slopes = trace.shaped(trace.pull((trace.scalar(), 1.0)))
    return trace.value(), slopes


def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The gradient of a function of numbers that returns one number.

    :param argnums: which argument to differentiate by, or several (then the result is a tuple);
        arguments given by keyword are handed on to ``f``.
    :param has_aux: ``f`` returns ``(value, aux)``, and the result is ``(gradient, aux)``: whatever else it
        wants to tell, with numbers in place of Values.
    :raises TypeError: when ``f`` returns something else than one number, or an argument holds
        something else than numbers.

    The result has the shape of the argument. It warns when the output does not depend on the input.

    >>> from autograd_lite import sin
    >>> grad(lambda p: p["a"] * sin(p["b"][0]))({"a": 2.0, "b": [0.0, 5.0]})
    {'a': 0.0, 'b': [2.0, 0.0]}
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda x: (x**3, {"square": x**2}), has_aux=True)(2.0)
    (12.0, {'square': 4.0})
    """
    if has_aux:
        return with_aux(grad, f, argnums)

    @named_as(f)
    def gradient(*args: Any, **named: Any) -> Any:
        return _value_and_grad(f, argnums, args, named)[1]

    return may_be_flat(gradient)


def derivative(f: Function, order: SupportsIndex = 1) -> Function:
    """The ``order``-th derivative of a function of one number.

    :raises TypeError: when the function is given something else, as a list.
    :raises ValueError: when the order is not a whole number from 0 on.

    >>> [derivative(lambda x: x**3, n)(2.0) for n in range(5)]
    [8.0, 12.0, 12.0, 6.0, 0.0]
    """
    n = operator.index(order) if hasattr(order, "__index__") else -1
    if n < 0:
        raise ValueError(f"the order of a derivative must be 0, 1, 2, …, not {order!r}")

    @named_as(f)
    def nth(x: Any, **named: Any) -> Any:
        kept = x if isinstance(x, Value) else number(x, "the argument of a derivative (not of a grad)")
        trace = _Trace(f, (kept,), 0, named)
        root = trace.scalar()
        if n == 0:
            return trace.value()
        for _ in range(n - 1):
            (root,) = trace.pull((root, 1.0), symbolic=True)
        return trace.shaped(trace.pull((root, 1.0)))

    return may_be_flat(nth)


def jacobian(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The derivatives of every output by every input: the output's shape, the input's inside it.

    One sweep per output, or one forward walk per input where these are fewer. With ``has_aux`` it gives
    ``(the derivatives, aux)``, where ``f`` returns ``(outputs, aux)``.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 0.0]]
    """
    if has_aux:
        return with_aux(jacobian, f, argnums)

    @named_as(f)
    def rows(*args: Any, **named: Any) -> Any:
        trace = _Trace(f, args, argnums, named)
        trace.wires = cache(lambda node: tuple(rule_wires(node)))  # circuits that all rows share
        count = len(trace.variables)
        if 0 < count < len(trace.outputs):
            units = [[float(i == j) for j in range(count)] for i in range(count)]
            found = list(zip(*(trace.push(trace.outputs, unit) for unit in units), strict=True))
        else:
            found = [tuple(trace.pull((root, 1.0))) for root in trace.outputs]
        return refill(trace.output, [trace.shaped(row) for row in found])

    return may_be_flat(rows)


def hessian(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The second derivatives of a function that returns one number: the input's shape, twice.

    With ``has_aux`` it gives ``(the derivatives, aux)``, where ``f`` returns ``(value, aux)``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    if has_aux:
        return with_aux(hessian, f, argnums)

    @named_as(f)
    def matrix(*args: Any, **named: Any) -> Any:
        trace = _Trace(f, args, argnums, named)
        trace.wires = cache(lambda node: tuple(rule_wires(node)))  # circuits that all rows share
        slopes = trace.pull((trace.scalar(), 1.0), symbolic=True)
        return trace.shaped([trace.shaped(trace.pull((slope, 1.0))) for slope in slopes])

    return may_be_flat(matrix)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Value and directional derivative: ``(f(*primals), the tangent of the output)``.

    Forward mode: tangents are pushed through the recorded circuit along the same local derivatives
    that the reverse sweep uses, in one walk for all outputs.

    :raises ValueError: when the tangents have not the shape of the primals.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    rates = matched(primals, tangents)
    trace = _Trace(f, primals, range(len(primals)))
    found = trace.push(trace.outputs, rates)
    trace.shaped(rates)
    return trace.value(), refill(trace.output, found)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Value and pullback: ``(f(*primals), pull)``, where ``pull(cotangent)`` is one sweep.

    ``cotangent`` has the shape of the output; the result is a tuple with one entry per argument.

    >>> value, pull = vjp(lambda x, y: [x * y, x], 3.0, 4.0)
    >>> value, pull([1.0, 10.0])
    ([12.0, 3.0], (14.0, 3.0))
    """
    trace = _Trace(f, primals, range(len(primals)))
    trace.shaped(trace.variables)

    def pull(cotangent: Any) -> tuple[Any, ...]:
        seeds = aligned(trace.output, cotangent, "the cotangent")
        return trace.shaped(trace.pull(*zip(trace.outputs, seeds, strict=True)))  # type: ignore[no-any-return]  # a tuple

    return trace.value(), pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of ``f`` times a direction, without the Hessian: forward over reverse.

    The result has the shape of the primals (a tuple, one entry per argument). It costs about ten
    gradients, whatever the number of inputs.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([2.0, 3.0],), ([1.0, 0.0],))
    ([6.0, 4.0],)
    """
    rates = matched(primals, tangents)
    trace = _Trace(f, primals, range(len(primals)))
    slopes = trace.pull((trace.scalar(), 1.0), symbolic=True)
    return trace.shaped(trace.push(slopes, rates))
