"""The order of a circuit: operands before results, every node once, whatever the number of paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .value import Value


def circuit(*roots: Value, rightmost_first: bool = False) -> list[Value]:
    """Every node that the roots are made from, operands before results, each once.

    Constants and branches not taken are included. The order is that of evaluation, left operand
    first; with ``rightmost_first`` it is, reversed, the order of the sweep and of the lecture's
    table (Gormley 2014, section 1.3: J, u, u₁, u₂, t). It depends on the circuit alone. Iterative,
    and nothing is written to the nodes.

    >>> from autograd_lite import Value
    >>> x = Value(1.0, "x")
    >>> [v.op.symbol if v.op else v.name for v in circuit(2.0 * x + x)]
    [None, 'x', '*', '+']
    """
    return _walk(roots, lambda node: node.parents, rightmost_first)


def made_from(*roots: Value, rightmost_first: bool = False) -> list[Value]:
    """The nodes of :func:`circuit` less the bare numbers, which are no nodes until someone looks."""
    return _walk(roots, lambda node: node._operands(), rightmost_first)


def _walk(
    roots: tuple[Value, ...],
    operands: Callable[[Value], tuple[Value, ...]],
    rightmost_first: bool = False,
) -> list[Value]:
    order: list[Value] = []
    entered: set[Value] = set()
    left: set[Value] = set()
    stack = list(roots if rightmost_first else roots[::-1])
    while stack:
        node = stack.pop()
        if node in left:
            continue
        if node in entered:
            left.add(node)
            order.append(node)
            continue
        entered.add(node)
        stack.append(node)
        below = operands(node)
        stack.extend([p for p in (below if rightmost_first else below[::-1]) if p not in left])
    return order


def sort(stack: list[Value], order: list[Value]) -> None:
    """Move the nodes that gradients flow to from ``stack`` to ``order``, operands before results.

    Depth first. A node is met with no adjoint, entered (False) and left (0.0): its adjoint is then
    ready for the sweep. Leaves need not be entered. The last operand to enter is walked down at once,
    without a turn on the stack.
    """
    push, pop, leave = stack.append, stack.pop, order.append
    # A loop that tests at its head is compiled to the interpreter's fast form on its first run; one
    # that tests at its foot is not (CPython 3.11), and most circuits are swept once.
    while True:
        if not stack:
            return
        node = pop()
        while node._adjoint is None:
            node._adjoint = False
            push(node)
            below = None
            a = node._a
            if a is not None and a._adjoint is None:
                if a.op is None:
                    a._adjoint = 0.0
                    leave(a)
                else:
                    below = a
            b = node._b
            if b is not None:
                if b._adjoint is None:
                    if b.op is None:
                        b._adjoint = 0.0
                        leave(b)
                    else:
                        if below is not None:
                            push(below)
                        below = b
            elif a is None and type(node._db) is tuple:
                # A keyword such as strict=True would cost as much as the loop over five operands.
                for operand, local in zip(node._da, node._db):  # noqa: B905
                    if local is not None and operand._adjoint is None:
                        push(operand)
            if below is None:
                break
            node = below
        else:
            if node._adjoint is False:
                node._adjoint = 0.0
                leave(node)
