"""Where a nan or an infinity came from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..core.node import live_wires
from ..core.order import made_from
from ..core.value import Value
from ..steps import backward_steps
from .outputs import described, is_bare, name_of, outputs


@dataclass(frozen=True)
class NonFinite:
    """The operation that first made a nan or an infinity.

    ``direction`` is ``"forward"`` when its value is not finite, ``"backward"`` when every value is
    finite but a gradient is not. ``path`` leads from it to the root.

    >>> from autograd_lite import errstate, log
    >>> with errstate("ignore"):
    ...     found = find_nonfinite(2.0 * log(Value(0.0, "x")))
    >>> found.direction, found.node.op.name, len(found.path)
    ('forward', 'log', 2)
    """

    direction: str
    node: Value
    operands: tuple[Value, ...]
    path: tuple[Value, ...]
    message: str

    def __str__(self) -> str:
        return self.message


def find_nonfinite(root: Any) -> NonFinite | None:
    """The first operation below ``root`` that made a nan or an infinity; None when all is finite.

    The values come first: the result of an operation on finite operands (or an input) that is not
    finite. When all values are finite, the gradients of ``root`` follow, in the order of the sweep.
    What the sweep does not walk does not count: an infinity in a branch that is not taken spoils
    nothing. Nothing is written to the nodes.

    :param root: a Value, or a structure of several, such as the outputs of a function.
    :raises TypeError: when it holds anything but Values.

    >>> from autograd_lite import Value, log, errstate, where
    >>> x = Value(0.0, "x")
    >>> with errstate("ignore"):
    ...     y = 1.0 + 2.0 * log(x)
    ...     z = where(x > 0, log(x), x)
    >>> print(find_nonfinite(y), "and", find_nonfinite(z))
    log(x = 0.0) gave -inf and None
    """
    roots = outputs("find_nonfinite", root)
    for each in roots:
        found = _first_value(each)
        if found is not None:
            return found
    for each in roots:
        found = _first_gradient(each)
        if found is not None:
            return found
    return None


def _first_value(root: Value) -> NonFinite | None:
    order = made_from(root)
    reached = {root}
    for node in reversed(order):
        if node in reached:
            reached.update(_walked(node))
    for node in order:
        if node not in reached or math.isfinite(node.data) or is_bare(node):
            continue
        if all(math.isfinite(p.data) or is_bare(p) for p in _walked(node)):
            message = f"{described(node)} gave {node.data!r}"
            return NonFinite("forward", node, node.parents, _path_up(node, root), message)
    return None


def _first_gradient(root: Value) -> NonFinite | None:
    step = next((s for s in backward_steps(root) if not math.isfinite(s.total)), None)
    if step is None:
        return None
    node, path = step.node, (step.parent, *_path_up(step.node, root))
    message = (
        f"the gradient through operand {step.position} of {described(node)} is "
        f"{step.local!r} (local) × {step.upstream!r} (upstream) = {step.contribution!r}"
    )
    if math.isfinite(step.contribution):
        node, path = step.parent, _path_up(step.parent, root)
        message = f"the contributions to the gradient of {name_of(node)} overflow when added"
    return NonFinite("backward", node, node.parents, path, message)


def _walked(node: Value) -> Iterator[Value]:
    """The operands that the sweep goes to, and the constants that are part of the value."""
    for _, operand, _ in live_wires(node):
        yield operand
    row = node.op
    for operand in node._operands():
        if operand.is_constant or node.is_constant:
            same = operand.data == node.data or (operand.data != operand.data and node.data != node.data)
            if row is None or not row.piecewise or same:
                yield operand


def _path_up(node: Value, root: Value) -> tuple[Value, ...]:
    """One way from ``node`` up to ``root``, along the wires that were walked."""
    toward: dict[Value, Value] = {}
    for consumer in reversed(made_from(root)):
        if consumer is root or consumer in toward:
            for operand in _walked(consumer):
                toward.setdefault(operand, consumer)
    path = [node]
    while path[-1] is not root:
        path.append(toward[path[-1]])
    return tuple(path)
