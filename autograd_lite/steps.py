"""A circuit's two passes, told as events: what is computed, and what is added where.

The chain rule is one line, ``∂J/∂x += ∂J/∂u · ∂u/∂x``, done once for every wire of the circuit.
An :class:`Addition` is that line with all its numbers; :func:`backward_steps` tells them in the
order of the lecture's table (Gormley 2014, section 1.3: J, u, u₁, u₂, t). :func:`forward_steps`
tells the operations, operands before results. Nothing is written to the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .core.node import live_wires
from .core.order import circuit, made_from
from .core.value import Value
from .support.numbers import number

__all__ = ["Addition", "Operation", "backward_steps", "forward_steps"]


@dataclass(frozen=True)
class Operation:
    """One step of the forward pass: ``node`` is computed from ``operands``.

    ``locals`` are the local derivatives, one per operand; None where no gradient flows (a constant,
    or a branch not taken).
    """

    node: Value
    operands: tuple[Value, ...]
    value: float
    locals: tuple[float | None, ...]


@dataclass(frozen=True)
class Addition:
    """One step of the sweep: ``local × upstream`` is added to the gradient of ``parent``.

    ``node`` is the operation that the wire comes back from, ``parent`` its operand at ``position``.
    ``upstream`` is the finished gradient of ``node``. The running gradient of ``parent`` goes from
    ``before`` to ``total``; ``path`` counts the additions to it, from 1.
    """

    node: Value
    parent: Value
    position: int
    upstream: float
    local: float
    contribution: float
    before: float
    total: float
    path: int


def forward_steps(root: Value) -> Iterator[Operation]:
    """The operations below ``root``, operands before results, left operand first.

    ``locals`` are as recorded when the node was made; operations on constants alone are among them.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> for step in forward_steps((x + y) * z):
    ...     print(step.node.op.symbol, step.value, step.locals)
    + 3.0 (1.0, 1.0)
    * -12.0 (-4.0, 3.0)
    """
    for node in circuit(root):
        if node.op is not None:
            yield Operation(node, node.parents, node.data, node._locals())


def backward_steps(root: Value, seed: float = 1.0) -> Iterator[Addition]:
    """Every addition of the sweep from ``root``, whose own gradient is ``seed``.

    Results come before their operands, so that every ``upstream`` is final when it is used; the
    wires of one node come in operand order. The last ``total`` of a node is its gradient.

    :raises TypeError: when ``seed`` is not a real number.

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
    seed = number(seed, "the seed")
    if root.is_constant:
        return
    running: dict[Value, tuple[float, int]] = {root: (seed, 0)}
    for node in reversed(made_from(root, rightmost_first=True)):
        if node not in running:
            continue
        upstream, _ = running[node]
        for position, parent, local in live_wires(node):
            before, paths = running.get(parent, (0.0, 0))
            contribution = local * upstream
            total = before + contribution if paths else contribution
            running[parent] = total, paths + 1
            yield Addition(
                node, parent, position, upstream, local, contribution, before, total, paths + 1
            )
