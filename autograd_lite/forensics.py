"""Numbers that cannot be trusted: where a nan or an infinity came from, and what rounding may do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .core.adjoints import reverse
from .core.order import made_from, require_values
from .core.value import Value
from .steps import backward_steps
from .support.ieee import errstate

#: Half a unit in the last place, relative to the number.
_HALF_ULP = math.ulp(1.0) / 2


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

    The values come first: the result of an operation on finite operands (or an input) that is not
    finite. When all values are finite, the gradients of ``root`` follow, in the order of the sweep;
    what the sweep does not reach does not count. Nothing is written to the nodes.

    :raises TypeError: when ``root`` is not a Value.

    >>> from autograd_lite import Value, log, errstate
    >>> x = Value(0.0, "x")
    >>> with errstate("ignore"):
    ...     y = 1.0 + 2.0 * log(x)
    >>> print(find_nonfinite(y))
    log(x = 0.0) gave -inf
    """
    require_values("find_nonfinite", root)
    for node in made_from(root):
        if not math.isfinite(node.data) and all(math.isfinite(p.data) for p in node.parents):
            message = f"{_described(node)} gave {node.data!r}"
            return NonFinite("forward", node, node.parents, _path_up(node, root), message)
    step = next((s for s in backward_steps(root) if not math.isfinite(s.total)), None)
    if step is None:
        return None
    node, path = step.node, (step.parent, *_path_up(step.node, root))
    message = (
        f"the gradient through operand {step.position} of {_described(node)} is "
        f"{step.local!r} (local) × {step.upstream!r} (upstream) = {step.contribution!r}"
    )
    if math.isfinite(step.contribution):
        node, path = step.parent, _path_up(step.parent, root)
        message = f"the contributions to the gradient of {_name_of(node)} overflow when added"
    return NonFinite("backward", node, node.parents, path, message)


def _name_of(node: Value) -> str:
    return node.name or (node.op.name if node.op else repr(node.data))


def _described(node: Value) -> str:
    if node.op is None:
        return f"the input {_name_of(node)}"
    operands = [repr(p.data) if p.name is None else f"{p.name} = {p.data!r}" for p in node.parents[:4]]
    more = [f"and {len(node.parents) - 4} more"] if len(node.parents) > 4 else []
    return f"{node.op.name}({', '.join(operands + more)})"


def _path_up(node: Value, root: Value) -> tuple[Value, ...]:
    """One way from ``node`` up to ``root``."""
    toward: dict[Value, Value] = {}
    for consumer in reversed(made_from(root)):
        if consumer is root or consumer in toward:
            for operand in consumer.parents:
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

    Every operation rounds its result: arithmetic by at most half a unit in the last place, functions
    by a few units. The adjoint of a node says what its error does to the root. The bound is the sum of
    ``|adjoint| · |error|`` over the nodes, which is what Linnainmaa (1970) invented the reverse sweep
    for. Inputs and constants count as exact.

    :raises TypeError: when ``root`` is not a Value.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> error = rounding((x + 1e16) - 1e16)
    >>> error.result, error.bound >= 1.0
    (0.0, True)
    """
    require_values("rounding", root)
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
    """A bound on the error that the operation of the node makes itself."""
    row = node.op
    if row is None:
        return 0.0
    if row.arity is None:
        # One rounding for each operand, of a part of the whole.
        parts = math.fsum(abs(p.data * d) for p, d in zip(node.parents, node.local_grads, strict=True))
        return len(node.parents) * _HALF_ULP * max(parts, abs(node.data))
    if row.exact:
        return 0.0
    return (1 if row.fix != "call" else 4) * _HALF_ULP * abs(node.data)
