"""The two passes over a circuit as events: what is computed, and what is added where.

The chain rule is one line, ``∂J/∂x += ∂J/∂u · ∂u/∂x``, done once for every wire of the circuit.
An :class:`Addition` is that line with all its numbers; :func:`backward_steps` yields them in the
order of the lecture's table (Gormley 2014, section 1.3: J, u, u₁, u₂, t). :func:`forward_steps`
yields the operations, operands before results. Nothing is written to the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .core.node import live_wires
from .core.order import circuit, made_from, require_values
from .core.value import Value
from .support.numbers import number

__all__ = ["Addition", "Operation", "additions", "backward_steps", "forward_steps"]

NodeT = TypeVar("NodeT", bound=Hashable)


@dataclass(frozen=True)
class Operation:
    """One step of the forward pass: ``node`` is computed from ``operands``.

    ``locals`` are the local derivatives, one per operand; None where no gradient flows (a constant,
    or an unselected branch).

    >>> x = Value(3.0, "x")
    >>> y = x * 2.0
    >>> [(step.value, step.locals) for step in forward_steps(y)]
    [(6.0, (2.0, None))]
    """

    node: Value
    operands: tuple[Value, ...]
    value: float
    locals: tuple[float | None, ...]


@dataclass(frozen=True)
class Addition(Generic[NodeT]):
    """One step of the sweep: ``local × upstream`` is added to the gradient of ``parent``.

    ``node`` is the operation that the sweep leaves, ``parent`` its operand at ``position``.
    ``upstream`` is the finished gradient of ``node``. The running gradient of ``parent`` goes from
    ``before`` to ``total``; ``path`` counts the additions to it, from 1.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> [(each.contribution, each.before, each.total) for each in backward_steps(y)]
    [(3.0, 0.0, 3.0), (3.0, 3.0, 6.0)]
    """

    node: NodeT
    parent: NodeT
    position: int
    upstream: float
    local: float
    contribution: float
    before: float
    total: float
    path: int


def forward_steps(root: Value) -> Iterator[Operation]:
    """The operations below ``root``, operands before results, left operand first.

    ``locals`` are as recorded when the node was made; operations on constants alone are included.

    :raises TypeError: when ``root`` is not a Value.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> for step in forward_steps((x + y) * z):
    ...     print(step.node.op.symbol, step.value, step.locals)
    + 3.0 (1.0, 1.0)
    * -12.0 (-4.0, 3.0)
    """
    require_values("forward_steps", root)
    return (
        Operation(node, node.parents, node.data, node._locals())
        for node in circuit(root)
        if node.op is not None
    )


def backward_steps(root: Value, seed: float = 1.0) -> Iterator[Addition[Value]]:
    """Every addition of the sweep from ``root``, whose own gradient is ``seed``.

    Results come before their operands, so that every ``upstream`` is final when it is used; the
    wires of one node come in operand order. The last ``total`` of a node is its gradient. A node that
    the sweep does not reach is in no addition.

    :raises TypeError: when ``root`` is not a Value, or ``seed`` not a real number.

    >>> from autograd_lite.core.table import cos, sin
    >>> x = Value(1.0, "x")
    >>> t = x**2
    >>> J = cos(sin(t) + 3*t)
    >>> for step in backward_steps(J):
    ...     if step.parent is t:
    ...         print(f"path {step.path}: {step.local:.4f} × {step.upstream:.4f}, {step.total:.4f}")
    path 1: 0.5403 × 0.6441, 0.3480
    path 2: 3.0000 × 0.6441, 2.2804
    """
    require_values("backward_steps", root)
    seed = number(seed, "the seed")
    if root.is_constant:
        return iter(())
    return additions(root, seed, reversed(made_from(root, rightmost_first=True)), live_wires)


def additions(
    root: NodeT,
    seed: float,
    order: Iterable[NodeT],
    wires: Callable[[NodeT], Iterable[tuple[int, NodeT, float]]],
    gradients: Mapping[NodeT, float] | None = None,
) -> Iterator[Addition[NodeT]]:
    """The additions of a sweep over any graph, such as a circuit or the drawing of one.

    :param order: the nodes, results before operands. Nodes that the sweep does not reach are skipped.
    :param wires: the wires that a gradient flows through below a node: operand position, operand,
        local derivative.
    :param gradients: the finished gradients of nodes, where not all paths to them are among the wires.

    >>> slopes = {"y": [(0, "x", 2.0), (1, "x", 3.0)], "x": []}
    >>> [step.total for step in additions("y", 1.0, ["y", "x"], slopes.__getitem__)]
    [2.0, 5.0]
    """
    known = gradients or {}
    running: dict[NodeT, tuple[float, int]] = {root: (seed, 0)}
    for node in order:
        if node not in running and node not in known:
            continue
        upstream = known[node] if node in known else running[node][0]
        for position, parent, local in wires(node):
            before, paths = running.get(parent, (0.0, 0))
            contribution = local * upstream
            total = before + contribution if paths else contribution
            running[parent] = total, paths + 1
            yield Addition(node, parent, position, upstream, local, contribution, before, total, paths + 1)
