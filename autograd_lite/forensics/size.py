"""How large a circuit is, how deep, and what a sweep over it costs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..core.order import made_from
from ..core.value import Value
from ..support.tables import rows_in_html, rows_in_text
from .outputs import is_bare, name_of, outputs

_COUNT_HEADS = ("circuit", "number")
_MOST_ROWS = 12


@dataclass(frozen=True)
class Statistics:
    """What :func:`statistics` counted; it prints as a table.

    - ``nodes``: ``inputs`` (leaves that take a gradient, of which ``parameters`` are trainable), named
      ``constants``, and ``operations``.
    - ``rows``: how many nodes each operation of the table made, the most frequent first.
    - ``wires``: operands that are nodes, repeats counted; ``live``: those that a gradient flows through.
    - ``depth``: the operations on the longest way from a leaf to a root.
    - ``fan_out``: the most wires that lead to one node, which is ``most_used``.
    - ``bytes``: the memory of the nodes, with their numbers and tuples, and without names.
    - ``forward``: multiplications, additions and calls of functions of the forward pass: one for an
      operation, and one less than the operands where it takes many.
    - ``sweep``: multiplications and additions of one sweep: two for a live wire.

    >>> x = Value(3.0, "x")
    >>> found = statistics(x * x + x)
    >>> found.operations, found.depth, found.fan_out
    (2, 2, 3)
    """

    nodes: int
    inputs: int
    parameters: int
    constants: int
    operations: int
    rows: dict[str, int]
    wires: int
    live: int
    depth: int
    fan_out: int
    most_used: Value
    bytes: int
    forward: int
    sweep: int

    @property
    def ratio(self) -> float:
        """Operations of a sweep over those of the forward pass: a small number, whatever the circuit."""
        return self.sweep / self.forward if self.forward else 0.0

    def _lines(self) -> Iterator[list[str]]:
        yield ["nodes", f"{self.nodes:,}"]
        yield ["  inputs", f"{self.inputs:,} ({self.parameters:,} parameters)"]
        yield ["  constants", f"{self.constants:,}"]
        yield ["  operations", f"{self.operations:,}"]
        for name, count in list(self.rows.items())[:_MOST_ROWS]:
            yield [f"    {name}", f"{count:,}"]
        rest = len(self.rows) - _MOST_ROWS
        if rest > 0:
            yield [f"    {rest} other rows", f"{sum(list(self.rows.values())[_MOST_ROWS:]):,}"]
        yield ["wires", f"{self.wires:,} ({self.live:,} take a gradient)"]
        yield ["depth", f"{self.depth:,}"]
        yield ["largest fan-out", f"{self.fan_out:,} (of {name_of(self.most_used)})"]
        yield ["bytes", f"{self.bytes:,} ({self.bytes / self.nodes:.0f} a node)"]
        yield ["operations forward", f"{self.forward:,}"]
        yield ["operations of a sweep", f"{self.sweep:,} ({self.ratio:.2f} times forward)"]

    def __str__(self) -> str:
        return rows_in_text(_COUNT_HEADS, list(self._lines()))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return rows_in_html(_COUNT_HEADS, list(self._lines()))


def statistics(root: Any) -> Statistics:
    """How large the circuit below ``root`` is, and what a sweep over it costs.

    Branches that are not taken are part of the circuit; bare numbers in formulas are part of their
    operation and no nodes. Nothing is written to the nodes.

    :param root: a Value, or a structure of several.
    :raises TypeError: when it holds anything but Values.
    :raises ValueError: when there is nothing but a bare number.

    >>> from autograd_lite import Value, cos, sin
    >>> x = Value(1.0, "x")
    >>> t = x**2
    >>> found = statistics(cos(sin(t) + 3*t))
    >>> found.nodes, found.wires, found.depth, found.fan_out, found.most_used is t
    (6, 6, 4, 2, True)
    >>> found.forward, found.sweep, found.rows
    (5, 12, {'pow': 1, 'sin': 1, 'mul': 1, 'add': 1, 'cos': 1})
    """
    order = [node for node in made_from(*outputs("statistics", root)) if not is_bare(node)]
    if not order:
        raise ValueError(f"statistics takes a circuit, and {root!r} is a bare number")
    depths: dict[Value, int] = {}
    uses: Counter[Value] = Counter()
    rows: Counter[str] = Counter()
    counted: set[int] = set()
    inputs = parameters = constants = operations = live = size = forward = 0
    for node in order:
        operands = [p for p in node._operands() if not is_bare(p)]
        uses.update(operands)
        depths[node] = max((depths[p] for p in operands), default=-1) + 1 if node.op else 0
        live += sum(d is not None for d in node._locals())
        size += _bytes(node, counted)
        if node.op is not None:
            operations += 1
            rows[node.op.name] += 1
            forward += max(1, len(node._locals()) - 1)
        elif node.is_constant:
            constants += 1
        else:
            inputs += 1
            parameters += node.is_parameter
    most_used, fan_out = uses.most_common(1)[0] if uses else (order[-1], 0)
    return Statistics(
        nodes=len(order),
        inputs=inputs,
        parameters=parameters,
        constants=constants,
        operations=operations,
        rows=dict(rows.most_common()),
        wires=uses.total(),
        live=live,
        depth=max(depths.values()),
        fan_out=fan_out,
        most_used=most_used,
        bytes=size,
        forward=forward,
        sweep=2 * live,
    )


def _bytes(node: Value, counted: set[int]) -> int:
    """The node and what it holds, less the numbers and tuples that were counted before."""
    held: list[Any] = [node, node._data, node._grad, node._a, node._b, node._da, node._db]
    for part in (node._a, node._b):
        if isinstance(part, tuple):
            held.extend(part)
    size = 0
    for part in held:
        if (part is node or isinstance(part, float | tuple)) and id(part) not in counted:
            counted.add(id(part))
            size += sys.getsizeof(part)
    return size
