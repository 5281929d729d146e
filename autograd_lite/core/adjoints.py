"""The reverse sweep and the forward push over a recorded circuit, without touching any node.

Each comes in two forms that share their loop: with floats, from the recorded local derivatives, and
with Values, where the rules are evaluated anew on the operands, so that the derivative is a circuit
like any other and can be differentiated, drawn and recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from ..support.ieee import in_rules, report_bend
from ..support.numbers import is_watched, plain
from .node import live_wires
from .order import made_from
from .primitive import Primitive
from .value import Value

Wires = Callable[[Value], Iterator[tuple[int, Value, Any]]]

#: Rows that are lengths: the slope by an operand, times the length, is the operand. Rows that are sums.
_LENGTHS, _SUMS = {"abs", "hypot", "norm"}, {"add", "sub", "neg", "pos", "sum"}


def times(local: Any, upstream: Any) -> Any:
    """``local * upstream``; a factor that is the plain number 1 is left out of the circuit."""
    if isinstance(local, float) and local == 1.0:
        return upstream
    if isinstance(upstream, float) and upstream == 1.0:
        return local
    return local * upstream


def _flow(node: Value, operand: Value, local: Any, upstream: Any) -> Any:
    """What flows between a node and an operand: the product of the local derivative and the other one.

    A slope at a kink is chosen, and derivatives of it would be none of the function. Where the upstream
    has the length that bends as a factor, as that of ‖x‖² has, the product is smooth: operand × the rest.
    A program that is recorded is for other numbers: where it meets the kink, it leaves it to this engine.
    """
    made = isinstance(local, Value) and local is not node and local not in node.parents
    if made and node.data == node.data and any(x != x for x in local._locals()) and not is_watched():
        row = cast(Primitive, node.op)
        smooth = row.name in _LENGTHS and not node.data and isinstance(upstream, Value)
        rest = _without(upstream, node) if smooth and not upstream.data else None
        if rest is not None:
            return times(rest, operand)
        report_bend(row.name, [p._data for p in node.parents])
    return times(local, upstream)


def _without(product: Value, factor: Value) -> Any:
    """``product / factor`` as a circuit, where the factor is one of every term; else None.

    A function with f(0) = 0 has its operand as a factor: at 0, f(u)/u is f′(0). The factor that is added to
    f′ is 0 there, and its bend says that further derivatives of the quotient are not known.
    """
    found: dict[Value, Any] = {}
    for node in made_from(product):
        row, parents = cast(Primitive, node.op), node.parents
        rests = [found.get(p) for p in parents]
        first = next((i for i, rest in enumerate(rests) if rest is not None), None)
        if row is factor.op and parents == factor.parents:
            found[node] = 1.0
        elif first is None:
            continue
        elif row.name in _SUMS and None not in rests:
            found[node] = row._at(tuple(rests))
        elif row.name == "mul" or (row.name == "div" and first == 0):
            found[node] = row._at((*parents[:first], rests[first], *parents[first + 1 :]))
        elif row.name == "pow" and first == 0 and parents[1].is_constant and parents[1].data >= 2.0:
            found[node] = times(rests[0], parents[0] ** (parents[1].data - 1.0))
        elif not node.data and [p for p in parents if not p.is_constant] == [parents[first]]:
            on_kink = row.kink and not row.kink(*(p.data for p in parents))
            slopes = [local for i, _, local in rule_wires(node) if i == first and not on_kink]
            found[node] = times(rests[first], slopes[0] + factor) if slopes else None
    return found.get(product)


def rule_wires(node: Value) -> Iterator[tuple[int, Value, Any]]:
    """As :func:`~autograd_lite.core.node.live_wires`, with every local derivative a circuit.

    A constant operand goes to the rules as a plain number: it is part of the operation.

    :raises ValueError: when a value was changed since the node was made.
    """
    row = node.op
    if row is None:
        return
    parents, recorded = node.parents, node._locals()
    # A program is recorded for other numbers too, at which the other branch may be selected.
    whole = is_watched()
    live = [d is not None or (whole and not p.is_constant) for d, p in zip(recorded, parents, strict=True)]
    found = row.rule_results(row.rules, [p._data if p.is_constant else p for p in parents], node, live)
    if node._data == node._data:
        _require_unchanged(node, found, recorded)
    elif not whole:
        # A slope that is nan is nan at every order: the nan itself stands for it, and depends on x.
        found = [node if d != d else each for d, each in zip(recorded, found, strict=True)]
    wires = enumerate(zip(parents, found, strict=True))
    yield from ((i, operand, local) for i, (operand, local) in wires if local is not None)


def _require_unchanged(node: Value, found: Sequence[Any], recorded: Sequence[float | None]) -> None:
    """Refuse a node whose operands' data, which the rules see, is not what was recorded."""
    again = cast(Primitive, node.op).ieee_value([p._data for p in node.parents])
    same = again == node._data
    for local, number in zip(found, recorded, strict=True):
        if local is not None and number is not None:
            off = abs(plain(local) - number)
            same &= not off > 1e-6 * abs(number)  # or it is a nan
    if not same:
        raise ValueError(
            f"the data below {node!r} changed since it was made (it would be {again!r} now): "
            "run the function again before differentiating it as a circuit"
        )


def reverse(roots: Sequence[tuple[Value, Any]], wires: Wires = live_wires) -> dict[Value, Any]:
    """The adjoints of the roots, and of every node that a gradient reaches from them.

    Each root is seeded with the number beside it. ``wires`` gives the local derivatives of a node, as
    numbers or as circuits. Nothing is written to the nodes. Constants have no adjoint.
    """
    adjoint: dict[Value, Any] = {}
    with in_rules:
        for root, seed in roots:
            if not root.is_constant:
                adjoint[root] = adjoint[root] + seed if root in adjoint else seed
        for node in reversed(made_from(*(root for root, _ in roots), rightmost_first=True)):
            if node in adjoint:
                upstream = adjoint[node]
                for _, operand, local in wires(node):
                    contribution = _flow(node, operand, local, upstream)
                    known = operand in adjoint
                    adjoint[operand] = adjoint[operand] + contribution if known else contribution
    return adjoint


def forward(
    roots: Sequence[Value], tangents: Mapping[Value, Any], wires: Wires = live_wires
) -> dict[Value, Any]:
    """The tangent of every node below the roots when those in ``tangents`` move at these rates.

    Pushed from operands to results along the same local derivatives as the reverse sweep (Wengert
    1964), in one walk for all roots. A node that depends on none of them has no tangent.
    """
    tangent = dict(tangents)
    with in_rules:
        for node in made_from(*roots):
            if node in tangents:
                continue
            for _, operand, local in wires(node):
                if operand in tangent:
                    part = _flow(node, operand, local, tangent[operand])
                    tangent[node] = tangent[node] + part if node in tangent else part
    return tangent
