"""Values: numbers that remember how they were made, and the sweep that differentiates them.

A :class:`Value` keeps its operation, its operands and the local derivatives, recorded when it is made.
The reverse sweep (Linnainmaa 1970; Gormley 2014, section 1; Sarkar 2023, "error back-propagation")
visits every node once, operands after results, and adds ``local × upstream`` into each operand.

How a node is laid out. Most operations have one or two operands, so a node has two operand slots with
a local derivative each, and no container. An operand that no gradient flows to (a number, a
:class:`Constant`, a branch not taken) leaves its operand slot empty and rests in the derivative slot
beside it: the sweep never meets it. Operations of more operands keep two tuples in the derivative
slots, with None for the local derivative of such an operand.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any, Final, cast

from . import ieee
from .context import ambient, current_scope, recording
from .ieee import FLOAT_ERRORS
from .primitives import TABLE, Operand, Primitive
from .row import number

_new = object.__new__
_power = math.pow

#: The gradient of a node that no sweep has reached: 0.0, and this very object.
UNSWEPT: Final = float("0.0")


class _Label:
    """The name, scope and role of a node that has more than a name."""

    __slots__ = ("name", "parameter", "scope")

    def __init__(self, name: str | None, scope: str, parameter: bool) -> None:
        self.name, self.scope, self.parameter = name, scope, parameter


class Value(Operand):
    """A scalar in a circuit.

    :param data: any real number; kept as a float.
    :param name: what to call it in drawings and tables.
    :raises TypeError: when ``data`` is not a real number.

    Arithmetic and the free functions of the table make new Values:

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> f, x.grad, y.grad, z.grad
    (Value(-12.0, op='*', grad=1.0), -4.0, -4.0, 3.0)

    ``==`` and ``hash`` are by identity, the order comparisons by ``data``. ``grad`` is the upstream
    gradient of the node: the derivative of every root swept so far, summed.
    """

    __slots__ = (
        "__weakref__",
        "_a",
        "_adjoint",
        "_b",
        "_da",
        "_db",
        "_label",
        "data",
        "grad",
        "op",
    )

    data: float
    grad: float
    op: Primitive | None
    _label: str | _Label | None
    _a: Value | None
    _b: Value | None
    _da: Any
    _db: Any
    _adjoint: Any

    def __init__(self, data: float, name: str | None = None) -> None:
        self.data = _data(data)
        self.grad = UNSWEPT
        self.op = self._a = self._b = self._da = self._db = self._adjoint = self._label = None
        if name is not None:
            self.name = name
        if ambient.blocks:
            _place(self)

    # Reading a node

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, in order, repeats kept; numbers appear as :class:`Constant`.

        >>> x = Value(3.0)
        >>> (x * x).parents == (x, x), (2 * x).parents
        (True, (Constant(2.0), Value(3.0)))
        """
        op = self.op
        if op is None:
            return ()
        if type(self._db) is tuple:
            if not all(isinstance(p, Value) for p in self._da):
                self._da = tuple(p if isinstance(p, Value) else Constant(p) for p in self._da)
            return cast("tuple[Value, ...]", self._da)
        if self._a is None and not isinstance(self._da, Value):
            self._da = Constant(self._da)
        first = self._da if self._a is None else self._a
        if op.arity == 1:
            return (first,)
        if self._b is None and not isinstance(self._db, Value):
            self._db = Constant(self._db)
        return (first, self._db if self._b is None else self._b)

    def _operands(self) -> tuple[Value, ...]:
        """The operands that are nodes, as :attr:`parents` but without the bare numbers."""
        if type(self._db) is tuple:
            return tuple(p for p in self._da if isinstance(p, Value))
        slots = (self._da if self._a is None else self._a, self._db if self._b is None else self._b)
        return tuple(p for p in slots if isinstance(p, Value))

    @property
    def local_grads(self) -> tuple[float, ...]:
        """The derivative of this node by each operand, recorded when the node was made.

        Aligned with :attr:`parents`; 0.0 for a constant and for a branch not taken.
        """
        return tuple(0.0 if d is None else d for d in self._locals())

    def _locals(self) -> tuple[float | None, ...]:
        """The local derivatives, None where no gradient flows."""
        if self.op is None:
            return ()
        if type(self._db) is tuple:
            return self._db
        first = None if self._a is None else self._da
        return (first,) if self.op.arity == 1 else (first, None if self._b is None else self._db)

    @property
    def name(self) -> str | None:
        """What people call this node; None when it has no name."""
        label = self._label
        return label.name if isinstance(label, _Label) else label

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a name is a string or None, not {type(name).__name__} ({name!r:.60})")
        old = self._label
        self._label = _Label(name, old.scope, old.parameter) if isinstance(old, _Label) else name

    @property
    def scope(self) -> str:
        """The path of the scopes that were open when the node was made, ``""`` for none."""
        return self._label.scope if isinstance(self._label, _Label) else ""

    @property
    def is_parameter(self) -> bool:
        """Whether the node was marked as trainable by :func:`parameter`."""
        return isinstance(self._label, _Label) and self._label.parameter

    @property
    def is_constant(self) -> bool:
        """Whether the node is a :class:`Constant`, which no gradient flows to."""
        return False

    @property
    def swept(self) -> bool:
        """Whether a sweep has reached this node since it was made or zeroed."""
        return self.grad is not UNSWEPT

    def __repr__(self) -> str:
        parts = [repr(self.data)]
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        if self.op is not None:
            parts.append(f"op={self.op.symbol!r}")
        if self.swept:
            parts.append(f"grad={self.grad!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    # The sweep

    def backward(self, seed: float = 1.0) -> None:
        """Add ``seed`` times the derivative of this node into ``grad`` of every node below it.

        Sweeping twice gives exactly twice the gradient, and two roots that share nodes give the sum;
        :meth:`zero_grad` starts anew. Cost: linear in the nodes and wires, whatever the number of
        paths.

        >>> x = Value(1.0)
        >>> for _ in range(60):
        ...     x = x + x
        >>> x.backward()
        """
        seed = number(seed, "the seed")
        if self.is_constant:
            return
        order: list[Value] = []
        stack: list[Value] = [self]
        try:
            _sort(stack, order)
            self._adjoint = seed
            while order:
                node = order.pop()
                upstream = node._adjoint
                node._adjoint = None
                node.grad += upstream
                a = node._a
                if a is not None:
                    a._adjoint += node._da * upstream
                b = node._b
                if b is not None:
                    b._adjoint += node._db * upstream
                elif type(node._db) is tuple:
                    for operand, local in zip(node._da, node._db, strict=True):
                        if local is not None:
                            operand._adjoint += local * upstream
        finally:
            for node in (*order, *stack):
                node._adjoint = None

    def zero_grad(self) -> None:
        """Forget the gradients of this node and of every node below it."""
        for node in made_from(self):
            node.grad = UNSWEPT

    def detach(self) -> Constant:
        """This number without its history: a constant, with the same name."""
        return Constant(self.data, self.name)

    def item(self) -> float:
        """The number, as a plain float (PyTorch's spelling of ``.data``)."""
        return self.data

    # Operations that are not written out here

    def _unary(self, row: Primitive) -> Value:
        x = self.data
        try:
            z = row.value(x)
            local = row.local[0](x, z)
        except FLOAT_ERRORS:
            z, (local,) = row.careful((x,), (True,))
        if z - z != 0 or local - local != 0:
            ieee.report(row.name, (x,), (self.name,), z, (local,))
        if local == 0 and row.selects:
            return _node(z, row, None, None, self, None)
        return _node(z, row, self, None, local, None)

    @staticmethod
    def _apply(row: Primitive, operands: tuple[Any, ...]) -> Value:
        live = [isinstance(p, Value) and not p.is_constant for p in operands]
        kept = [p if isinstance(p, Value) else _operand(p, row) for p in operands]
        xs = tuple(p.data if isinstance(p, Value) else p for p in kept)
        locals_: list[float | None]
        try:
            z = float(row.value(*xs))
            locals_ = row.rule_results(row.local, xs, z, live)
        except FLOAT_ERRORS:
            z, locals_ = row.careful(xs, live)
        if z - z != 0 or any(d is not None and d - d != 0 for d in locals_):
            names = [p.name if isinstance(p, Value) else None for p in kept]
            ieee.report(row.name, xs, names, z, locals_)
        if row.selects:
            locals_ = [d or None for d in locals_]
        if not any(live):
            return _dead(z, row, kept, locals_)
        if row.arity == 2:
            (a, b), (da, db) = kept, locals_
            return _node(
                z,
                row,
                None if da is None else cast(Value, a),
                None if db is None else cast(Value, b),
                a if da is None else da,
                b if db is None else db,
            )
        return _node(z, row, None, None, tuple(kept), tuple(locals_))

    # Arithmetic. The hot operators are written out; a test holds them to their rows.

    def __add__(self, other: Any) -> Value:
        if type(other) is Value:
            return _node(self.data + other.data, _ADD, self, other, 1.0, 1.0)
        if type(other) is float:
            return _node(self.data + other, _ADD, self, None, 1.0, other)
        return _binary(_ADD, self, other)

    def __radd__(self, other: Any) -> Value:
        if type(other) is float:
            return _node(other + self.data, _ADD, None, self, other, 1.0)
        if type(other) is int and other == 0:
            return self  # the start of the builtin sum(values), not a term of it
        return _binary(_ADD, other, self)

    def __sub__(self, other: Any) -> Value:
        if type(other) is Value:
            return _node(self.data - other.data, _SUB, self, other, 1.0, -1.0)
        if type(other) is float:
            return _node(self.data - other, _SUB, self, None, 1.0, other)
        return _binary(_SUB, self, other)

    def __rsub__(self, other: Any) -> Value:
        if type(other) is float:
            return _node(other - self.data, _SUB, None, self, other, -1.0)
        return _binary(_SUB, other, self)

    def __mul__(self, other: Any) -> Value:
        if type(other) is Value:
            x, y = self.data, other.data
            return _node(x * y, _MUL, self, other, y, x)
        if type(other) is float:
            return _node(self.data * other, _MUL, self, None, other, other)
        return _binary(_MUL, self, other)

    def __rmul__(self, other: Any) -> Value:
        if type(other) is float:
            return _node(other * self.data, _MUL, None, self, other, other)
        return _binary(_MUL, other, self)

    def __truediv__(self, other: Any) -> Value:
        if type(other) is Value:
            y = other.data
            if y:
                z = self.data / y
                return _node(z, _DIV, self, other, 1.0 / y, -z / y)
        elif type(other) is float and other:
            return _node(self.data / other, _DIV, self, None, 1.0 / other, other)
        return _binary(_DIV, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return _binary(_DIV, other, self)

    def __pow__(self, other: Any, modulus: None = None) -> Value:
        if modulus is not None:
            return NotImplemented
        kind = type(other)
        if kind is int and -1024 < other < 1024:
            other, kind = float(other), float
        if kind is float and other != 0:
            x = self.data
            try:
                z = _power(x, other)
                local = other * (x if other == 2.0 else _power(x, other - 1.0))
            except FLOAT_ERRORS:
                return _binary(_POW, self, other)
            return _node(z, _POW, self, None, local, other)
        return _binary(_POW, self, other)

    def __rpow__(self, other: Any, modulus: None = None) -> Value:
        return NotImplemented if modulus is not None else _binary(_POW, other, self)

    def __neg__(self) -> Value:
        return _node(-self.data, _NEG, self, None, -1.0, None)

    def __pos__(self) -> Value:
        return self._unary(TABLE["pos"])

    def __abs__(self) -> Value:
        return self._unary(TABLE["abs"])

    def __mod__(self, other: Any) -> Value:
        return _binary(TABLE["mod"], self, other)

    def __rmod__(self, other: Any) -> Value:
        return _binary(TABLE["mod"], other, self)

    def __floordiv__(self, other: Any) -> Value:
        return _binary(TABLE["floor_divide"], self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return _binary(TABLE["floor_divide"], other, self)

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    def __round__(self, digits: int | None = None) -> Value:
        if digits is not None:
            raise TypeError(
                f"round({self!r}, {digits}): a Value rounds to an integer only; "
                f"to show {digits} digits use f'{{v:.{digits}f}}'"
            )
        return self._unary(TABLE["round"])

    def __floor__(self) -> Value:
        return self._unary(TABLE["floor"])

    def __ceil__(self) -> Value:
        return self._unary(TABLE["ceil"])

    def __trunc__(self) -> Value:
        raise TypeError(f"int({self!r}) would lose the derivative: use int(v.data)")

    # Comparisons are of data; equality and hash are identity

    def __lt__(self, other: Any) -> bool:
        return _compare(operator.lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(operator.le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(operator.ge, self, other)

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no truth value: compare it (v > 0), or test v.data, or use where(v, a, b)"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"{self!r} is not converted to a float silently, the derivative would be lost: use v.data, "
            "or the function of that name from autograd_lite (autograd_lite.exp for math.exp)"
        )

    # Copies and pickles. See autograd_lite.flatten for how a circuit of any depth is written.

    def __copy__(self) -> Value:
        twin = _new(type(self))
        twin._set(self._state())
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from .flatten import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> Any:
        from .flatten import reduce

        return reduce(self)

    def _state(self) -> tuple[Any, ...]:
        grad = self.grad if self.swept else None
        label = self._label
        if isinstance(label, _Label):
            label = (label.name, label.scope, label.parameter)  # type: ignore[assignment]  # plain data
        return (self.data, grad, self.op, label, self._a, self._b, self._da, self._db)

    def _set(self, state: tuple[Any, ...]) -> None:
        self.data, grad, self.op, label, self._a, self._b, self._da, self._db = state
        self.grad = UNSWEPT if grad is None else grad
        self._label = _Label(*label) if isinstance(label, tuple) else label
        self._adjoint = None

    # The names that micrograd's users type

    @property
    def label(self) -> str | None:
        """Another spelling of :attr:`name`."""
        return self.name

    @label.setter
    def label(self, name: str | None) -> None:
        self.name = name

    @property
    def _prev(self) -> tuple[Value, ...]:
        return self.parents

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.symbol


class Constant(Value):
    """A number that is part of a circuit but that no gradient flows to.

    Numbers in formulas (the 3 in ``3*t``) become constants by themselves; name one to see it in a
    drawing: ``Constant(9.81, "g")``. An operation on constants alone gives a constant.

    >>> x, g = Value(2.0, "x"), Constant(9.81, "g")
    >>> (g * x).backward(); x.grad, g.grad
    (9.81, 0.0)
    """

    __slots__ = ()

    @property
    def is_constant(self) -> bool:
        return True

    def _unary(self, row: Primitive) -> Value:
        return self._apply(row, (self,))


def _by_table(row_name: str, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Value, *others: Any) -> Any:
        row = TABLE[row_name]
        if not others:
            return Value._apply(row, (self,))
        return _binary(row, others[0], self) if reflected else _binary(row, self, others[0])

    return method


for _dunder, _row_name in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
    setattr(Constant, f"__{_dunder}__", _by_table(_row_name))
    setattr(Constant, f"__r{_dunder}__", _by_table(_row_name, reflected=True))
setattr(Constant, "__pow__", _by_table("pow"))  # noqa: B010 - in a row with those above
setattr(Constant, "__neg__", _by_table("neg"))  # noqa: B010


def parameter(data: float, name: str | None = None) -> Value:
    """A leaf marked as trainable: drawings colour it apart from inputs.

    >>> parameter(0.5, "w").is_parameter
    True
    """
    leaf = Value(data, name)
    leaf._label = _Label(leaf.name, leaf.scope, True)
    return leaf


def circuit(*roots: Value, rightmost_first: bool = False) -> list[Value]:
    """Every node that the roots are made from, operands before results, each once.

    Constants and branches not taken are included. The order is that of evaluation, left operand
    first; with ``rightmost_first`` it is, reversed, the order of the sweep and of the lecture's
    table (Gormley 2014, section 1.3: J, u, u₁, u₂, t). It depends on the circuit alone. Iterative,
    and nothing is written to the nodes.

    >>> x = Value(1.0, "x")
    >>> [v.op.symbol if v.op else v.name for v in circuit(2.0 * x + x)]
    [None, 'x', '*', '+']
    """
    return _walk(roots, lambda node: node.parents, rightmost_first)


def made_from(*roots: Value, rightmost_first: bool = False) -> list[Value]:
    """The nodes of :func:`circuit` less the bare numbers, which are no nodes until someone looks."""
    return _walk(roots, Value._operands, rightmost_first)


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


def _sort(stack: list[Value], order: list[Value]) -> None:
    """Move the nodes that gradients flow to from ``stack`` to ``order``, operands before results.

    Depth first. A node is met with no adjoint, entered (False) and left (0.0): its adjoint is then
    ready for the sweep. Leaves need not be entered.
    """
    push, leave = stack.append, order.append
    while stack:
        node = stack.pop()
        state = node._adjoint
        if state is None:
            node._adjoint = False
            push(node)
            a = node._a
            if a is not None and a._adjoint is None:
                if a.op is None:
                    a._adjoint = 0.0
                    leave(a)
                else:
                    push(a)
            b = node._b
            if b is not None:
                if b._adjoint is None:
                    if b.op is None:
                        b._adjoint = 0.0
                        leave(b)
                    else:
                        push(b)
            elif type(node._db) is tuple:
                for operand, local in zip(node._da, node._db, strict=True):
                    if local is not None and operand._adjoint is None:
                        push(operand)
        elif state is False:
            node._adjoint = 0.0
            leave(node)


def _node(data: float, op: Primitive, a: Value | None, b: Value | None, da: Any, db: Any) -> Value:
    node = _new(Value)
    node.data = data
    node.grad = UNSWEPT
    node.op = op
    node._a = a
    node._b = b
    node._da = da
    node._db = db
    node._label = node._adjoint = None
    if ambient.blocks:
        return _place(node)
    return node


def _place(node: Value) -> Value:
    """Give a new node what the open blocks say: their scope, or no history at all."""
    if node.op is not None and not recording():
        return Constant(node.data)
    path = current_scope()
    if path:
        node._label = _Label(node.name, path, False)
    return node


def _dead(z: float, row: Primitive, kept: list[Any], locals_: list[float | None]) -> Value:
    """The result of an operation on constants: a constant that remembers its formula."""
    node = _new(Constant)
    if row.arity == 1:
        state: tuple[Any, ...] = (None, None, kept[0], None)
    elif row.arity == 2:
        state = (None, None, *kept)
    else:
        state = (None, None, tuple(kept), (None,) * len(kept))
    node._set((z, None, row, None, *state))
    return _place(node) if ambient.blocks else node


def _binary(row: Primitive, x: Any, y: Any) -> Value:
    """An operator on operands of any type: NotImplemented leaves it to the other's reflection."""
    if not isinstance(x, Value | Real) or not isinstance(y, Value | Real):
        return NotImplemented  # type: ignore[no-any-return]  # the operator protocol's answer
    return Value._apply(row, (x, y))


def _compare(comparison: Callable[[Any, Any], bool], x: Value, other: Any) -> bool:
    if isinstance(other, Value):
        return comparison(x.data, other.data)
    if isinstance(other, Real):
        return comparison(x.data, other)
    return NotImplemented  # type: ignore[no-any-return]  # the operator protocol's answer


def _data(data: object) -> float:
    if isinstance(data, Value):
        raise TypeError(
            f"a Value is made from a number, not from another Value ({data!r}): use v.data"
        )
    return number(data, "the data of a Value")


def _operand(x: object, row: Primitive) -> float:
    return number(x, f"an operand of {row.name}")


def live_wires(node: Value) -> Iterator[tuple[int, Value, float]]:
    """The wires that a gradient flows through: operand position, operand, local derivative."""
    if type(node._db) is tuple:
        for position, (operand, local) in enumerate(zip(node._da, node._db, strict=True)):
            if local is not None:
                yield position, operand, local
        return
    if node._a is not None:
        yield 0, node._a, node._da
    if node._b is not None:
        yield 1, node._b, node._db


_ADD, _SUB, _MUL, _DIV = TABLE["add"], TABLE["sub"], TABLE["mul"], TABLE["div"]
_POW, _NEG = TABLE["pow"], TABLE["neg"]
