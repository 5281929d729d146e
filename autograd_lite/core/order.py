"""The order of a circuit, and the reverse sweep through it.

In the order, operands come before results and every node occurs once, whatever the number of paths. The
sweep (Linnainmaa 1970; Gormley 2014, section 1; Sarkar 2023, "error back-propagation") goes through it
backward and adds ``local × upstream`` into each operand.
"""

from __future__ import annotations

import _thread
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from .primitive import Operand

T = TypeVar("T", bound=Operand)


def circuit(*roots: T, rightmost_first: bool = False) -> list[T]:
    """Every node that the roots are made from, operands before results, each once.

    Constants and unselected branches are included. The order is that of evaluation, left operand
    first; with ``rightmost_first`` it is, reversed, the order of the sweep and of the lecture's
    table (Gormley 2014, section 1.3: J, u, u₁, u₂, t). It depends on the circuit alone. Nothing is
    written to the nodes, and a circuit may be of any depth.

    :raises TypeError: when a root is not a Value.

    >>> from autograd_lite import Value
    >>> x = Value(1.0, "x")
    >>> [v.op.symbol if v.op else v.name for v in circuit(2.0 * x + x)]
    [None, 'x', '*', '+']
    """
    return _walk(roots, lambda node: node.parents, rightmost_first)


def made_from(*roots: T, rightmost_first: bool = False) -> list[T]:
    """The nodes of :func:`circuit` without the bare numbers in formulas."""
    return _walk(roots, lambda node: node._operands(), rightmost_first)


def require_values(function: str, *roots: object) -> None:
    """Check that what ``function`` was given are Values.

    :raises TypeError: for anything else; the message names its type and what to give instead.
    """
    for root in roots:
        if not isinstance(root, Operand):
            hint = ": give one of its Values" if isinstance(root, list | tuple | dict | set) else ""
            raise TypeError(f"{function} takes a Value, not {type(root).__name__} ({root!r:.60}){hint}")


def _walk(roots: tuple[T, ...], operands: Callable[[Any], Any], rightmost_first: bool) -> list[T]:
    order: list[T] = []
    entered: set[T] = set()
    stack: list[T | None] = []
    for root in roots if rightmost_first else reversed(roots):
        require_values("circuit", root)
        stack.append(root)
    while stack:
        node = stack.pop()
        if node is None:  # all that stands below the next entry is in the order
            order.append(stack.pop())  # type: ignore[arg-type]  # a node is below every None
        elif node not in entered:
            entered.add(node)
            stack += (node, None)
            below = operands(node)
            stack.extend(below if rightmost_first else below[::-1])
    return order


#: How many threads there are beside the main one.
other_threads: Callable[[], int] = _thread._count

#: Sweeps keep their adjoints in the nodes, so where there are several threads they take turns.
_turn = threading.RLock()
# A thread that holds the lock does not exist in a child.
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows cannot fork
    os.register_at_fork(after_in_child=_turn._at_fork_reinit)  # type: ignore[attr-defined]  # as threading does


def sweep(root: Any, seed: float, leaves: dict[Any, float] | None) -> None:
    """Add ``seed`` times the derivatives of ``root`` into ``grad`` of every node below.

    With ``leaves``, no ``grad`` is changed: the derivatives by the leaves are put into that dict.
    """
    try:
        _sweep(root, seed, leaves)
    except BaseException:
        for node in made_from(root):
            node._adjoint = None
        raise


def sweep_in_turn(root: Any, seed: float, leaves: dict[Any, float] | None) -> None:
    """As :func:`sweep`, when no other thread sweeps."""
    with _turn:
        sweep(root, seed, leaves)


def _sweep(root: Any, seed: float, leaves: dict[Any, float] | None) -> None:
    # A function of its own: a jump of a loop may lie outside the try around it (CPython 3.13).
    # The order comes first: the nodes that gradients flow to, operands before results, depth first,
    # without recursion. `_adjoint` doubles as the mark of a visit: None unvisited, False operands in
    # progress, 0.0 finished and ready to accumulate. Leaves finish at once. Of the operands to
    # visit, the last is followed directly instead of being pushed and popped.
    order: list[Any] = []
    stack = [root]
    push, pop, leave = stack.append, stack.pop, order.append
    # A loop that tests at its head is compiled to the interpreter's fast form on its first run; one
    # that tests at its foot is not (CPython 3.11), and most circuits are swept once.
    while True:
        if not stack:
            break
        node = pop()
        while node._adjoint is None:
            node._adjoint = False
            push(node)
            below = None
            da = node._da
            if da is not None:
                a = node._a
                if a._adjoint is None:
                    if a.op is None:
                        a._adjoint = 0.0
                        leave(a)
                    else:
                        below = a
            if node._db is not None:
                b = node._b
                if b._adjoint is None:
                    if b.op is None:
                        b._adjoint = 0.0
                        leave(b)
                    else:
                        if below is not None:
                            push(below)
                        below = b
            elif da is None and type(node._b) is tuple:
                # A keyword such as strict=True would cost as much as the loop over five operands.
                for operand, local in zip(node._a, node._b):  # noqa: B905 - as the line above says
                    if local is not None and operand._adjoint is None:
                        push(operand)
            if below is None:
                break
            node = below
        else:
            if node._adjoint is False:
                node._adjoint = 0.0
                leave(node)
    root._adjoint = seed
    if leaves is not None:
        return _into_leaves(order, leaves)
    for node in reversed(order):
        upstream = node._adjoint
        node._adjoint = None
        grad = node._grad
        node._grad = upstream if grad is None else grad + upstream
        da = node._da
        if da is not None:
            node._a._adjoint += da * upstream
        db = node._db
        if db is not None:
            node._b._adjoint += db * upstream
        elif da is None and type(node._b) is tuple:
            for operand, local in zip(node._a, node._b):  # noqa: B905 - as above
                if local is not None:
                    operand._adjoint += local * upstream


def _into_leaves(order: list[Any], leaves: dict[Any, float]) -> None:
    # The same loop; to ask at every node where the upstream gradient belongs costs some per cent.
    for node in reversed(order):
        upstream = node._adjoint
        node._adjoint = None
        if node.op is None:
            leaves[node] = upstream
        da = node._da
        if da is not None:
            node._a._adjoint += da * upstream
        db = node._db
        if db is not None:
            node._b._adjoint += db * upstream
        elif da is None and type(node._b) is tuple:
            for operand, local in zip(node._a, node._b):  # noqa: B905 - as above
                if local is not None:
                    operand._adjoint += local * upstream
