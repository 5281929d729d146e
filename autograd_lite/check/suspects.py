"""Which operation is to blame: every node's own rules against differences of that node alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.order import made_from
from ..core.value import Value

#: The most nodes, and the most operands of a node, that are examined.
_NODES, _OPERANDS = 60, 6


def nodes_between(roots: Sequence[Any], variable: Value | None) -> list[Value]:
    """The operations below the roots that depend on ``variable``; all of them for None."""
    inner = [root for root in roots if isinstance(root, Value)]
    nodes = made_from(*inner) if inner else []
    if variable is None:
        return [node for node in nodes if node.op is not None and not node.is_constant]
    reached = {variable}
    for node in nodes:
        if node.op is not None and any(p in reached for p in node.parents):
            reached.add(node)
    return [node for node in nodes if node in reached and node.op is not None]


def blamed(
    roots: Sequence[Any], variable: Value | None, wrong: Callable[[Value, Sequence[int]], list[int]]
) -> tuple[str, ...]:
    """The rows of the nodes on the way whose derivative by an operand is wrong, each with its operand.

    :param wrong: gives those of some operands of a node by which its derivative is wrong.
    """
    found: dict[str, None] = {}
    seen: set[tuple[Any, ...]] = set()
    for node in nodes_between(roots, variable):
        key = (node.op, *(p.data for p in node.parents))
        if key in seen or len(seen) >= _NODES:
            continue
        seen.add(key)
        live = [k for k, p in enumerate(node.parents) if not p.is_constant][:_OPERANDS]
        for k in wrong(node, live):
            operand = f" by operand {k}" if len(node.parents) > 1 else ""
            found[f"{node.op.name}{operand}"] = None  # type: ignore[union-attr]  # nodes with an operation
    return tuple(found)
