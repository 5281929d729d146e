"""The reverse sweep and the forward push over a recorded circuit, without touching any node.

Each comes in two forms that share their loop: with floats, from the recorded local derivatives, and
with Values, where the rules are evaluated anew on the operands, so that the derivative is a circuit
like any other and can be differentiated, drawn and recorded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from .ieee import errstate
from .primitive import Primitive
from .value import Constant, Value, live_wires, made_from

Wires = Callable[[Value], Iterator[tuple[int, Value, Any]]]


def times(local: Any, upstream: Any) -> Any:
    """``local * upstream``; a factor that is the plain number 1 is left out of the circuit."""
    if isinstance(local, float) and local == 1.0:
        return upstream
    if isinstance(upstream, float) and upstream == 1.0:
        return local
    return local * upstream


def rule_wires(node: Value) -> Iterator[tuple[int, Value, Any]]:
    """As :func:`~autograd_lite.core.value.live_wires`, with every local derivative a circuit.

    A constant operand goes to the rules as a plain number: it is part of the operation.
    """
    row = node.op
    if row is None:
        return
    parents, recorded = node.parents, node._locals()
    operands = [p.data if p.is_constant else p for p in parents]
    live = [d is not None for d in recorded]
    with errstate("ignore"):  # a branch not taken inside a rule is no trouble of the caller's
        found = row.rule_results(row.rules, operands, node, live)
    if node.data != node.data:
        found = [math.nan if on else None for on in live]  # as recorded: nan has no slope
    _check_unchanged(node, found, recorded)
    for position, (operand, local) in enumerate(zip(parents, found, strict=True)):
        if local is not None:
            yield position, operand, local


def _check_unchanged(node: Value, found: Sequence[Any], recorded: Sequence[float | None]) -> None:
    """The rules see the operands' present data; refuse when that is not what was recorded.

    :raises ValueError: when a value was changed since the node was made.
    """
    for local, number in zip(found, recorded, strict=True):
        if local is None or number is None:
            continue
        now = local.data if isinstance(local, Value) else local
        if now == number or abs(now - number) <= 1e-6 * abs(number) or now - number != now - number:
            continue
        row = cast(Primitive, node.op)
        with errstate("ignore"):
            again = row.on_numbers(tuple(p.data for p in node.parents))
        if again != node.data:
            raise ValueError(
                f"the data below {node!r} changed since it was made (it would be {again!r} now): "
                "run the function again before differentiating it as a circuit"
            )


def reverse(roots: Sequence[tuple[Value, Any]], wires: Wires = live_wires) -> dict[Value, Any]:
    """The adjoint of every node below the roots, each root seeded with the number beside it.

    Nothing is written to the nodes. Constants have no adjoint.
    """
    adjoint: dict[Value, Any] = {}
    for root, seed in roots:
        if not root.is_constant:
            adjoint[root] = adjoint[root] + seed if root in adjoint else seed
    for node in reversed(made_from(*(root for root, _ in roots), rightmost_first=True)):
        if node in adjoint:
            upstream = adjoint[node]
            for _, operand, local in wires(node):
                contribution = times(local, upstream)
                if operand in adjoint:
                    adjoint[operand] = adjoint[operand] + contribution
                else:
                    adjoint[operand] = contribution
    return adjoint


def forward(root: Value, tangents: dict[Value, Any], wires: Wires = live_wires) -> Any:
    """The tangent of ``root`` when the nodes in ``tangents`` move at those rates.

    Pushed from operands to results along the same local derivatives as the reverse sweep (Wengert
    1964); 0.0 when the root depends on none of them.
    """
    tangent = dict(tangents)
    for node in made_from(root):
        if node in tangents:
            continue
        for _, operand, local in wires(node):
            if operand in tangent:
                part = times(local, tangent[operand])
                tangent[node] = tangent[node] + part if node in tangent else part
    return tangent.get(root, 0.0)


def as_value(x: Any) -> Value:
    """``x`` as a node: a plain number becomes a :class:`Constant`."""
    return x if isinstance(x, Value) else Constant(x)
