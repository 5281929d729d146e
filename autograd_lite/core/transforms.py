"""Derivatives of functions, by JAX's names: grad, jacobian, hessian, hvp, jvp, vjp.

A function is run once on Values; its arguments are numbers or nested lists, tuples and dicts of
numbers, and the result has their shape. Transforms nest: given Values, or a function that uses Values
of an outer transform, the result is a circuit that can be differentiated again. Every call makes its
own variables, so an inner derivative never sees an outer variable as its own: d/dx [x · d/dy (x + y)]
is 1. No ``.grad`` is changed.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from .adjoints import as_value, forward, reverse, rule_wires
from .context import enable_grad, open_blocks
from .ieee import caller_level
from .nested import aligned, leaves, rebuild, refill
from .table import TABLE
from .value import Run, Value, made_from, variable

Function = Callable[..., Any]

_FLAT = "_may_be_flat"


def gradients(y: Value, xs: Any) -> Any:
    """The derivatives of ``y`` by each of ``xs``, as circuits.

    ``xs`` may be any nodes, inputs or intermediates: one, or a nested structure of them; the result
    has its shape. They are Values like any other: differentiate them again, draw them, print them.

    :raises TypeError: when ``y`` or one of ``xs`` is not a Value.

    >>> x = Value(2.0, "x")
    >>> first = gradients(x**3, x)
    >>> second = gradients(first, x)
    >>> first.data, second.data, gradients(second, x).data
    (12.0, 12.0, 6.0)
    """
    if not isinstance(y, Value):
        raise TypeError(f"gradients takes a Value to differentiate, not {type(y).__name__}")
    for x in leaves(xs, "xs"):
        if not isinstance(x, Value):
            raise TypeError(f"gradients takes Values to differentiate by, not the number {x!r}")
    adjoint = reverse([(y, 1.0)], rule_wires)
    return rebuild(xs, lambda x: as_value(adjoint.get(x, 0.0)))


class _Run(NamedTuple):
    """A function run once: its variables, its output, and whether the result must be a circuit."""

    variables: list[Value]
    output: Any
    symbolic: bool


def _run(
    f: Function,
    args: Sequence[Any],
    chosen: Sequence[int],
    named: Mapping[str, Any] | None = None,
) -> _Run:
    """Call ``f`` with fresh variables in place of the arguments at ``chosen``.

    An output that depends on none of them is most often a mistake, and warned of.
    """
    variables: list[Value] = []
    given: list[Value] = []
    run = Run()

    def fresh(x: Any) -> Value:
        # A Value is an outer transform's: the variable is a new node on top of it.
        if isinstance(x, Value):
            given.append(x)
            variables.append(TABLE["pos"](x))
        else:
            variables.append(variable(x, run))
        return variables[-1]

    for position in chosen:
        tuple(leaves(args[position], f"argument {position} of {_name(f)}"))
    try:
        # A transform asks for a derivative: no_grad around it does not refuse one.
        with enable_grad() if open_blocks else nullcontext():
            called = [
                rebuild(x, fresh) if position in chosen else x for position, x in enumerate(args)
            ]
            output = f(*called, **(named or {}))
    finally:
        run.open = False
    roots = [r for r in leaves(output, f"the output of {_name(f)}") if isinstance(r, Value)]
    reached = set(made_from(*roots))
    if variables and reached.isdisjoint(variables) and not hasattr(f, _FLAT):
        warnings.warn(
            f"the output of {_name(f)} does not depend on its input: the derivative is 0. "
            "Was a Value turned into a number inside (v.data, float, math.exp)?",
            UserWarning,
            stacklevel=caller_level(),
        )
    return _Run(variables, output, bool(given) or any(map(_captured, reached)))


def may_be_flat(f: Function) -> Function:
    """``f``, marked as one that need not depend on its input, as a derivative need not."""
    setattr(f, _FLAT, True)
    return f


def _captured(node: Value) -> bool:
    """Whether a leaf is an input of somebody else: a user's Value, or an outer transform's variable.

    The variable of a transform whose function has returned is a plain number to everybody else.
    """
    if node.op is not None or node.is_constant:
        return False
    return node.run is None or node.run.open


def _name(f: Function) -> str:
    return getattr(f, "__name__", type(f).__name__)


def _scalar(f: Function, output: Any) -> Value | float:
    if isinstance(output, list | tuple | dict):
        raise TypeError(
            f"grad needs a function that returns one number; {_name(f)} returned "
            f"{type(output).__name__}: use jacobian, or sum the parts"
        )
    next(leaves(output, f"the output of {_name(f)}"))
    return output  # type: ignore[no-any-return]  # a number or a Value, leaves has seen to it


def _positions(argnums: int | Sequence[int], count: int, f: Function) -> tuple[int, ...]:
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if len({position % count for position in chosen if count}) < len(chosen) and count:
        raise ValueError(f"argnums={argnums} names an argument of {_name(f)} twice")
    for position in chosen:
        if not -count <= position < count:
            raise ValueError(f"argnums={argnums} but {_name(f)} was called with {count} arguments")
    return tuple(position % count for position in chosen)


def _sweep(run: _Run, root: Value | float) -> list[Any]:
    """The derivatives of ``root`` by the run's variables: floats, or circuits where nested."""
    if not isinstance(root, Value):
        return [0.0] * len(run.variables)
    if run.symbolic:
        adjoint = reverse([(root, 1.0)], rule_wires)
        return [as_value(adjoint.get(v, 0.0)) for v in run.variables]
    # Every node here was made in this call, so the sweep may use the nodes' own slots.
    if not root.is_constant:
        root.backward()
    return [v.grad for v in run.variables]


def _plain(run: _Run, output: Any) -> Any:
    """The output as numbers, unless it belongs to an outer transform."""
    if run.symbolic:
        return output
    return rebuild(output, lambda r: r.data if isinstance(r, Value) else float(r))


def _by_argument(
    args: Sequence[Any], chosen: tuple[int, ...], found: list[Any], single: bool
) -> Any:
    shaped = refill([args[position] for position in chosen], found)
    return shaped[0] if single else tuple(shaped)


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives ``(f(*args), the gradient)``; see :func:`grad`.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    @functools.wraps(f)
    def both(*args: Any, **named: Any) -> tuple[Any, Any]:
        chosen = _positions(argnums, len(args), f)
        run = _run(f, args, chosen, named)
        found = _sweep(run, _scalar(f, run.output))
        return _plain(run, run.output), _by_argument(args, chosen, found, isinstance(argnums, int))

    return both


def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The gradient of a function of numbers that returns one number.

    :param argnums: which argument to differentiate by, or several (then the result is a tuple);
        arguments given by keyword are handed on to ``f``.
    :raises TypeError: when ``f`` returns something else than one number, or an argument holds
        something else than numbers.

    The result has the shape of the argument. It warns when the output does not depend on the input.

    >>> from autograd_lite import sin
    >>> grad(lambda p: p["a"] * sin(p["b"][0]))({"a": 2.0, "b": [0.0, 5.0]})
    {'a': 0.0, 'b': [2.0, 0.0]}
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **named: Any) -> Any:
        return both(*args, **named)[1]

    return may_be_flat(gradient)


def derivative(f: Function, order: int = 1) -> Function:
    """The ``order``-th derivative of a function of one number.

    >>> [derivative(lambda x: x**3, n)(2.0) for n in range(5)]
    [8.0, 12.0, 12.0, 6.0, 0.0]
    """
    if order < 0 or int(order) != order:
        raise ValueError(f"the order of a derivative is 0, 1, 2, …, not {order!r}")

    @functools.wraps(f)
    def nth(x: Any, **named: Any) -> Any:
        run = _run(f if order else may_be_flat(functools.partial(f)), (x,), (0,), named)
        root = _scalar(f, run.output)
        (x_node,) = run.variables
        for _ in range(order):
            if not isinstance(root, Value):
                return 0.0
            root = reverse([(root, 1.0)], rule_wires).get(x_node, 0.0)
        return root if run.symbolic or not isinstance(root, Value) else root.data

    return may_be_flat(nth)


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The derivatives of every output by every input: the output's shape, the input's inside it.

    One sweep per output.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 0.0]]
    """

    @functools.wraps(f)
    def rows(*args: Any, **named: Any) -> Any:
        chosen = _positions(argnums, len(args), f)
        run = _run(f, args, chosen, named)
        single = isinstance(argnums, int)
        wires = {"wires": rule_wires} if run.symbolic else {}

        def row(root: Any) -> Any:
            adjoint = reverse([(root, 1.0)], **wires) if isinstance(root, Value) else {}
            found = [adjoint.get(v, 0.0) for v in run.variables]
            if run.symbolic:
                found = [as_value(each) for each in found]
            return _by_argument(args, chosen, found, single)

        return rebuild(run.output, row)

    return may_be_flat(rows)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The second derivatives of a function that returns one number: the input's shape, twice.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """

    def gradient(*args: Any, **named: Any) -> Any:
        chosen = _positions(argnums, len(args), f)
        run = _run(f, args, chosen, named)
        root = _scalar(f, run.output)
        adjoint = reverse([(root, 1.0)], rule_wires) if isinstance(root, Value) else {}
        found = [adjoint.get(v, 0.0) for v in run.variables]
        return _by_argument(args, chosen, found, isinstance(argnums, int))

    gradient.__name__ = _name(f)
    return jacobian(may_be_flat(gradient), argnums)


def _moving(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[_Run, list[Any]]:
    """``f`` run on ``primals``, and the tangent of each of its variables."""
    if not isinstance(primals, list | tuple) or not isinstance(tangents, list | tuple):
        raise TypeError(
            "primals and tangents are tuples with one entry per argument of the function: "
            "jvp(f, (x,), (v,))"
        )
    rates = list(aligned(list(primals), list(tangents), "tangents"))
    run = _run(f, primals, range(len(primals)))
    if any(isinstance(rate, Value) for rate in rates):
        run = run._replace(symbolic=True)
    return run, [rate if isinstance(rate, Value) else float(rate) for rate in rates]


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Value and directional derivative: ``(f(*primals), the tangent of the output)``.

    Forward mode: tangents are pushed through the recorded circuit along the same local derivatives
    that the reverse sweep uses.

    :raises ValueError: when the tangents have not the shape of the primals.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    run, rates = _moving(f, primals, tangents)
    moving = dict(zip(run.variables, rates, strict=True))

    def tangent(root: Any) -> Any:
        if not isinstance(root, Value):
            return 0.0
        if run.symbolic:
            return as_value(forward(root, moving, rule_wires))
        return forward(root, moving)

    return _plain(run, run.output), rebuild(run.output, tangent)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Value and pullback: ``(f(*primals), pull)``, where ``pull(cotangent)`` is one sweep.

    ``cotangent`` has the shape of the output; the result is a tuple with one entry per argument.

    >>> value, pull = vjp(lambda x, y: [x * y, x], 3.0, 4.0)
    >>> value, pull([1.0, 10.0])
    ([12.0, 3.0], (14.0, 3.0))
    """
    run = _run(f, primals, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        seeds = list(aligned(run.output, cotangent, "the cotangent"))
        outputs = list(leaves(run.output, "the output"))
        symbolic = run.symbolic or any(isinstance(seed, Value) for seed in seeds)
        pairs = [
            (root, seed if isinstance(seed, Value) else float(seed))
            for root, seed in zip(outputs, seeds, strict=True)
            if isinstance(root, Value)
        ]
        adjoint = reverse(pairs, rule_wires) if symbolic else reverse(pairs)
        found = [adjoint.get(v, 0.0) for v in run.variables]
        if symbolic:
            found = [as_value(each) for each in found]
        return tuple(refill(list(primals), found))

    return _plain(run, run.output), pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of ``f`` times a direction, without the Hessian: forward over reverse.

    The result has the shape of the primals (a tuple, one entry per argument).

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([2.0, 3.0],), ([1.0, 0.0],))
    ([6.0, 4.0],)
    """
    run, rates = _moving(f, primals, tangents)
    root = _scalar(f, run.output)
    moving = dict(zip(run.variables, rates, strict=True))
    adjoint = reverse([(root, 1.0)], rule_wires) if isinstance(root, Value) else {}
    found: list[Any] = []
    for v in run.variables:
        slope = adjoint.get(v, 0.0)
        if not isinstance(slope, Value):
            found.append(0.0)
        elif run.symbolic:
            found.append(as_value(forward(slope, moving, rule_wires)))
        else:
            found.append(forward(slope, moving))
    return tuple(refill(list(primals), found))
