"""What a node of a circuit holds, and how it is read.

How a node is laid out. Most operations have one or two operands, so a node has two operand slots,
``_a`` and ``_b``, with a local derivative each, ``_da`` and ``_db``, and no container. An operand
without a gradient (a number, a :class:`Constant`, an unselected branch) has None as its local
derivative, and the sweep skips it. A number stays a bare float until someone looks at ``parents``.
An operation of more operands keeps two tuples, the operands in ``_a`` and their local derivatives in
``_b``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from ..support.callers import warn_caller
from ..support.context import scopes
from ..support.copying import Linked
from ..support.hints import refuse_arguments
from ..support.ieee import report
from ..support.numbers import number, read, watchers
from .operators import Number
from .order import made_from, other_threads, sweep, sweep_in_turn
from .primitive import Primitive

NodeT = TypeVar("NodeT", bound="NodeBase")


class Label(NamedTuple):
    """The name, the scope and the role of a node; a node that has none of them has no label."""

    name: str | None = None
    scope: str = ""
    role: object = None  # "parameter", or what identifies the transform whose variable it is


UNLABELED = Label()


class NodeBase(Linked, Number):
    """A number, its gradient, the operation that gave it and its operands: the base of ``Value``."""

    __slots__ = (
        "__weakref__",
        "_a",
        "_adjoint",
        "_b",
        "_da",
        "_data",
        "_db",
        "_grad",
        "_label",
        "op",
    )

    #: Whether the node is a ``Constant``, which no gradient flows to.
    is_constant = False

    op: Primitive | None
    _data: float
    _grad: float | None
    _label: Label | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _adjoint: Any

    @staticmethod
    def _as_node(x: Any) -> Any:
        """``x``, or the Constant for a bare number."""
        raise NotImplementedError

    @property
    def data(self) -> float:
        """The number. Setting it changes no other node: what was made from it stays as it was."""
        return read(self) if watchers else self._data

    @data.setter
    def data(self, data: float) -> None:
        self._data = data if type(data) is float else data_of(data)

    @property
    def grad(self) -> float:
        """The upstream gradient: the derivative of every root swept so far by this node, summed.

        0.0 before a sweep; setting it to 0 or None forgets it.
        """
        return self._grad or 0.0

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self._grad = number(grad, "a gradient") if grad is not None and grad != 0 else None

    @property
    def swept(self) -> bool:
        """Whether a sweep has reached this node since it was made or its gradient forgotten."""
        return self._grad is not None

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands, in order, repeats kept; numbers appear as :class:`Constant`.

        >>> from autograd_lite import Value
        >>> x = Value(3.0)
        >>> (x * x).parents == (x, x), (2 * x).parents
        (True, (Constant(2.0), Value(3.0)))
        """
        if self.op is None:
            return ()
        if type(self._b) is tuple:
            if not all(isinstance(p, NodeBase) for p in self._a):
                self._a = tuple(map(self._as_node, self._a))
            return self._a  # type: ignore[no-any-return]  # a tuple
        self._a = self._as_node(self._a)
        if self.op.arity == 1:
            return (self._a,)
        self._b = self._as_node(self._b)
        return (self._a, self._b)

    def _operands(self) -> tuple[Any, ...]:
        """The operands that are nodes, as :attr:`parents` but without the bare numbers."""
        operands = self._a if type(self._b) is tuple else (self._a, self._b)
        return tuple([p for p in operands if isinstance(p, NodeBase)])

    @property
    def local_grads(self) -> tuple[float, ...]:
        """The derivative of this node by each operand, recorded when the node was made.

        Aligned with :attr:`parents`; 0.0 for a constant and for an unselected branch.
        """
        return tuple([0.0 if d is None else d for d in self._locals()])

    def _locals(self) -> tuple[float | None, ...]:
        """The local derivatives, None where no gradient flows."""
        if self.op is None:
            return ()
        if type(self._b) is tuple:
            return self._b
        return (self._da,) if self.op.arity == 1 else (self._da, self._db)

    @property
    def name(self) -> str | None:
        """What people call this node; None when it has no name."""
        return self._label.name if self._label else None

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a name is a string or None, not {type(name).__name__} ({name!r:.60})")
        self._label = (self._label or UNLABELED)._replace(name=name)

    @property
    def scope(self) -> str:
        """The path of the scopes that were open when the node was made, ``""`` for none."""
        return self._label.scope if self._label else ""

    @property
    def is_parameter(self) -> bool:
        """Whether the node was marked as trainable by :func:`parameter`."""
        return self._label is not None and self._label.role == "parameter"

    def __repr__(self) -> str:
        parts = [repr(self._data)]
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        if self.op is not None:
            parts.append(f"op={self.op.symbol!r}")
        if self.swept:
            parts.append(f"grad={self.grad!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    # The sweep

    def backward(self, seed: float = 1.0, **unknown: Any) -> None:
        """Add ``seed`` times the derivative of this node into ``grad`` of every node below it.

        Sweeping twice gives exactly twice the gradient, and two roots that share nodes give the sum;
        :meth:`zero_grad` starts anew. Cost: linear in the nodes and wires, whatever the number of
        paths. When it is interrupted, some gradients may have been added already: zero them.

        It reports nothing: ``find_nonfinite`` tells where an infinite or nan gradient came from. A
        constant has no gradient to give, and ``backward`` warns of that.

        >>> from autograd_lite import Value
        >>> x = Value(1.0)
        >>> for _ in range(60):
        ...     x = x + x
        >>> x.backward()
        """
        if unknown:
            refuse_arguments("backward", unknown, ("seed",))
        if self.is_constant:
            warn_caller(
                f"backward() of the constant {self!r} has no gradient to give: it was computed from "
                "numbers alone, or inside no_grad()"
            )
            return
        if type(seed) is not float:
            seed = number(seed, "the seed")
        (sweep_in_turn if other_threads() else sweep)(self, seed, None)

    def zero_grad(self) -> None:
        """Forget the gradients of this node and of every node below it."""
        for node in self._below():
            node._grad = None

    # Copies and pickles: see Linked

    def _below(self) -> list[Any]:
        return made_from(self) if self.op else [self]

    def _state(self) -> tuple[Any, ...]:
        label = self._label
        if label is not None:
            # The mark of a transform means nothing elsewhere
            role = label.role if isinstance(label.role, str) else None
            label = (label.name, label.scope, role)  # type: ignore[assignment]  # plain data
        return (self._data, self._grad, self.op, label, self._a, self._b, self._da, self._db)

    def _set(self, state: tuple[Any, ...]) -> None:
        self._data, self._grad, self.op, label, self._a, self._b, self._da, self._db = state
        self._label = label if label is None else Label(*label)
        self._adjoint = None


def data_of(data: object) -> float:
    """``data`` as a float, where it is a real number and not another Value."""
    if isinstance(data, NodeBase):
        raise TypeError(f"a Value is made from a number, not from another Value ({data!r}): use v.data")
    return number(data, "the data of a Value, as in Value(1.0, name),")


def live_wires(node: Any) -> Iterator[tuple[int, Any, float]]:
    """The wires that a gradient flows through: operand position, operand, local derivative."""
    operands = node._a if type(node._b) is tuple else (node._a, node._b)
    for position, (operand, local) in enumerate(zip(operands, node._locals(), strict=False)):
        if local is not None:
            yield position, operand, local


def reported(node: NodeT, locals_: Sequence[float | None]) -> NodeT:
    """``node``, with a report where its value is finite and a local derivative is not."""
    total = sum(filter(None, locals_))
    if total - total and not node._data - node._data:
        report_of(node)
    return node


def report_of(node: Any) -> None:
    """Report that the value, or a local derivative, of a new node is not finite."""
    parents = node.parents
    row = cast(Primitive, node.op)
    numbers = [p._data for p in parents]
    report(row.name, numbers, [p.name for p in parents], node._data, node._locals())


def set_scope(node: Any) -> None:
    """Label a new node with the scope that is open."""
    entries = scopes.get()
    if entries:
        node._label = (node._label or UNLABELED)._replace(scope=entries[-1].setting)
