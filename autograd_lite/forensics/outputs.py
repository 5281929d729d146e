"""The outputs that a question is about, and how its answer calls a node."""

from __future__ import annotations

from typing import Any

from ..core.order import require_values
from ..core.value import Value
from ..support.arrays import is_array
from ..support.nested import leaves


def outputs(function: str, root: Any) -> list[Value]:
    """The Values in ``root``: one, or nested lists, tuples, dicts and arrays of them.

    :raises TypeError: when something in it is no Value; ``function`` names the caller.
    :raises ValueError: when it holds no Value.
    """
    nested = isinstance(root, list | tuple | dict) or is_array(root)
    found: list[Any] = list(leaves(root, f"what {function} takes")) if nested else [root]
    require_values(function, *found)
    if not found:
        raise ValueError(f"{function} takes a Value or several, and {root!r} holds none")
    return found


def slots_of(node: Value) -> tuple[Any, ...]:
    """The operands as the node keeps them: bare numbers stay numbers, and no node is made of them."""
    if type(node._b) is tuple:
        return node._a  # type: ignore[no-any-return]  # a tuple
    return (node._a, node._b)[: node.op.arity if node.op else 0]


def name_of(node: Value) -> str:
    """What a report calls a node: its name, its operation or its number."""
    return node.name or (node.op.name if node.op else repr(node.data))


def described(node: Value) -> str:
    """An operation with its operands, ``log(x = 0.0)``, or an input."""
    if node.op is None:
        return f"the input {name_of(node)}"
    operands = [repr(p.data) if p.name is None else f"{p.name} = {p.data!r}" for p in node.parents[:4]]
    more = [f"and {len(node.parents) - 4} more"] if len(node.parents) > 4 else []
    return f"{node.op.name}({', '.join(operands + more)})"


def is_bare(node: Value) -> bool:
    """Whether this is a number in a formula, such as the 3 in ``3*x``: part of the operation."""
    return node.is_constant and node.op is None and node.name is None
