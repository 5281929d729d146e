"""Numbers that cannot be trusted: where a nan or an infinity came from, and what rounding may do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .core.adjoints import reverse
from .core.node import live_wires
from .core.order import made_from
from .core.value import Value
from .support.ieee import errstate

_UNIT = math.ulp(1.0) / 2


@dataclass(frozen=True)
class NonFinite:
    """The operation that first made a nan or an infinity.

    ``direction`` is ``"forward"`` when its value is not finite, ``"backward"`` when every value is
    finite but a gradient is not. ``path`` leads from it to the root.
    """

    direction: str
    node: Value
    operands: tuple[Value, ...]
    path: tuple[Value, ...]
    message: str

    def __str__(self) -> str:
        return self.message


def find_nonfinite(root: Value) -> NonFinite | None:
    """The first operation below ``root`` that made a nan or an infinity; None when all is finite.

    First the values: the result of an operation on finite operands (or an input) that is not finite.
    Then, when all values are finite, the gradients of ``root``, in the order of the sweep. Nothing
    is written to the nodes.

    >>> from autograd_lite import Value, log, errstate
    >>> x = Value(0.0, "x")
    >>> with errstate("ignore"):
    ...     y = 1.0 + 2.0 * log(x)
    >>> print(find_nonfinite(y))
    log(x = 0.0) gave -inf
    """
    for node in made_from(root):
        if math.isfinite(node.data):
            continue
        if not all(math.isfinite(p.data) for p in node.parents):
            continue
        message = f"{_call(node)} gave {node.data!r}"
        return NonFinite("forward", node, node.parents, _path(node, root), message)
    adjoint = reverse([(root, 1.0)])
    for node in reversed(made_from(root, rightmost_first=True)):
        upstream = adjoint.get(node, 0.0)
        if not math.isfinite(upstream):
            continue
        for position, operand, local in live_wires(node):
            if not math.isfinite(local * upstream):
                message = (
                    f"the gradient through operand {position} of {_call(node)} is "
                    f"{local!r} (local) × {upstream!r} (upstream) = {local * upstream!r}"
                )
                path = (operand, *_path(node, root))
                return NonFinite("backward", node, node.parents, path, message)
    overflown = next((n for n, g in adjoint.items() if not math.isfinite(g)), None)
    if overflown is None:
        return None
    message = f"the contributions to the gradient of {_called(overflown)} overflow when added"
    return NonFinite("backward", overflown, overflown.parents, _path(overflown, root), message)


def _called(node: Value) -> str:
    return node.name or (node.op.name if node.op else repr(node.data))


def _call(node: Value) -> str:
    if node.op is None:
        return f"the input {_called(node)}"
    operands = [
        repr(p.data) if p.name is None else f"{p.name} = {p.data!r}" for p in node.parents[:4]
    ]
    more = [f"and {len(node.parents) - 4} more"] if len(node.parents) > 4 else []
    return f"{node.op.name}({', '.join(operands + more)})"


def _path(node: Value, root: Value) -> tuple[Value, ...]:
    """One way from ``node`` up to ``root``."""
    toward: dict[Value, Value] = {}
    for consumer in reversed(made_from(root)):
        if consumer is root or consumer in toward:
            for operand in consumer._operands():
                toward.setdefault(operand, consumer)
    path = [node]
    while path[-1] is not root:
        path.append(toward[path[-1]])
    return tuple(path)


@dataclass(frozen=True)
class Rounding:
    """A first-order bound on the floating-point error of a result.

    ``bound`` is absolute; ``causes`` are the nodes that make it, the largest share first.
    """

    result: float
    bound: float
    causes: tuple[tuple[Value, float], ...]

    def __str__(self) -> str:
        return f"{self.result!r} ± {self.bound:.3g}"


def rounding(root: Value) -> Rounding:
    """How far rounding may have moved ``root`` from the exact value of its formula.

    Every operation rounds its result by at most a unit in the last place (half for arithmetic), and
    the adjoint says what that does to the root: the sum of ``|adjoint| · |rounding|`` over the nodes
    is Linnainmaa's (1970) use of the reverse sweep. Inputs and constants count as exact.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> error = rounding((x + 1e16) - 1e16)
    >>> error.result, error.bound >= 1.0
    (0.0, True)
    """
    with errstate("ignore"):
        adjoint = reverse([(root, 1.0)])
    causes = []
    for node, upstream in adjoint.items():
        share = abs(upstream) * _own_rounding(node)
        if share > 0:
            causes.append((node, share))
    causes.sort(key=lambda cause: -cause[1])
    return Rounding(root.data, math.fsum(share for _, share in causes), tuple(causes))


def _own_rounding(node: Value) -> float:
    """A bound on the error that the node's own operation makes."""
    row = node.op
    if row is None:
        return 0.0
    if row.arity is None:
        # One rounding for every operand that is gathered, each of a part of the whole.
        parts = math.fsum(
            abs(p.data * d) for p, d in zip(node.parents, node.local_grads, strict=True)
        )
        return len(node.parents) * _UNIT * max(parts, abs(node.data))
    if row.exact:
        return 0.0
    return (1 if row.fix != "call" else 4) * _UNIT * abs(node.data)
