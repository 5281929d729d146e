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
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

from . import ieee
from .context import current_scope, open_blocks, recording
from .ieee import FLOAT_ERRORS
from .operators import Number, binary
from .order import circuit as circuit
from .order import made_from as made_from
from .order import sort
from .primitive import number
from .table import TABLE, Primitive

_new = object.__new__
_power = math.pow

#: The gradient of a node that no sweep has reached: 0.0, and this very object.
UNSWEPT: Final = float("0.0")


class Run:
    """A call of a transform; ``open`` while its function runs on the variables made for it."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open = True


class _Label:
    """The name, scope and role of a node that has more than a name."""

    __slots__ = ("name", "parameter", "run", "scope")

    def __init__(
        self, name: str | None, scope: str, parameter: bool, run: Run | None = None
    ) -> None:
        self.name, self.scope, self.parameter, self.run = name, scope, parameter, run


class Value(Number):
    """A scalar in a circuit.

    :param data: any real number; kept as a float.
    :param name: what to call it in drawings and tables; ``label`` is micrograd's word for it.
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

    def __init__(self, data: float, name: str | None = None, *, label: str | None = None) -> None:
        self.data = data if type(data) is float else _data(data)
        self.grad = UNSWEPT
        self.op = self._a = self._b = self._da = self._db = self._adjoint = self._label = None
        if name is not None or label is not None:
            self.name = label if name is None else name
        if open_blocks:
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
                self._da = tuple(p if isinstance(p, Value) else _bare(p) for p in self._da)
            return cast("tuple[Value, ...]", self._da)
        if self._a is None and not isinstance(self._da, Value):
            self._da = _bare(self._da)
        first = self._da if self._a is None else self._a
        if op.arity == 1:
            return (first,)
        if self._b is None and not isinstance(self._db, Value):
            self._db = _bare(self._db)
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
        if isinstance(old, _Label):
            self._label = _Label(name, old.scope, old.parameter, old.run)
        else:
            self._label = name

    @property
    def scope(self) -> str:
        """The path of the scopes that were open when the node was made, ``""`` for none."""
        return self._label.scope if isinstance(self._label, _Label) else ""

    @property
    def is_parameter(self) -> bool:
        """Whether the node was marked as trainable by :func:`parameter`."""
        return isinstance(self._label, _Label) and self._label.parameter

    @property
    def run(self) -> Run | None:
        """The call of a transform that made this node as its variable; None for all others."""
        return self._label.run if isinstance(self._label, _Label) else None

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

    # The sweep

    def backward(self, seed: float = 1.0) -> None:
        """Add ``seed`` times the derivative of this node into ``grad`` of every node below it.

        Sweeping twice gives exactly twice the gradient, and two roots that share nodes give the sum;
        :meth:`zero_grad` starts anew. Cost: linear in the nodes and wires, whatever the number of
        paths. When it is interrupted, some gradients may have been added already: zero them.

        The sweep keeps its adjoints in the nodes, so two threads must not sweep circuits that share
        nodes (weights, say) at the same time; ``adjoints.reverse`` and the transforms on such
        circuits write to no node. It reports nothing: ``find_nonfinite`` tells where an infinite or
        nan gradient came from. A constant has no gradient to give, which is warned of.

        >>> x = Value(1.0)
        >>> for _ in range(60):
        ...     x = x + x
        >>> x.backward()
        """
        if type(seed) is not float:
            seed = number(seed, "the seed")
        if type(self) is Constant:
            warnings.warn(
                f"backward() of the constant {self!r} has no gradient to give: it was computed from "
                "numbers alone, or inside no_grad()",
                UserWarning,
                stacklevel=ieee.caller_level(),
            )
            return
        order: list[Value] = []
        stack: list[Value] = [self]
        try:
            sort(stack, order)
            self._adjoint = seed
            for node in reversed(order):
                upstream = node._adjoint
                node._adjoint = None
                node.grad += upstream
                a = node._a
                if a is not None:
                    a._adjoint += node._da * upstream
                b = node._b
                if b is not None:
                    b._adjoint += node._db * upstream
                elif a is None and type(node._db) is tuple:
                    for operand, local in zip(node._da, node._db):  # noqa: B905 - as in order.sort
                        if local is not None:
                            operand._adjoint += local * upstream
        except BaseException:
            for node in made_from(self):
                node._adjoint = None
            raise

    def zero_grad(self) -> None:
        """Forget the gradients of this node and of every node below it."""
        if self.op is None:  # a parameter, most often
            self.grad = UNSWEPT
            return
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
            local = row.slope(x, z)
        except FLOAT_ERRORS:
            z, (local,) = row.careful((x,), (True,))
        if not local and row.selects:
            return _node(z, row, None, None, self, None)
        node = _node(z, row, self, None, local, None)
        if local - local and not z - z and node.op is not None:
            _report(node)
        return node

    @staticmethod
    def _apply(row: Primitive, operands: tuple[Any, ...]) -> Value:
        if row.arity is None and not row.selects:
            gathered = _gather(row, operands)
            if gathered is not None:
                return gathered
        live = [isinstance(p, Value) and not p.is_constant for p in operands]
        kept = [p if isinstance(p, Value) else _operand(p, row) for p in operands]
        xs = tuple([p.data if isinstance(p, Value) else p for p in kept])
        locals_: list[float | None]
        try:
            z = float(row.value(*xs))
            locals_ = row.rule_results(row.local, xs, z, live)
        except FLOAT_ERRORS:
            z, locals_ = row.careful(xs, live)
        if row.selects:
            locals_ = [d or None for d in locals_]
        if not any(live):
            return _dead(z, row, kept)
        if row.arity == 2:
            (a, b), (da, db) = kept, locals_
            node = _node(
                z,
                row,
                None if da is None else cast(Value, a),
                None if db is None else cast(Value, b),
                a if da is None else da,
                b if db is None else db,
            )
        else:
            node = _node(z, row, None, None, tuple(kept), tuple(locals_))
        slopes = sum(filter(None, locals_))
        if slopes - slopes and not z - z and node.op is not None:
            _report(node)
        return node

    # Arithmetic. The hot operators are written out; a test holds them to their rows.

    def __add__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            return _node(self.data + other.data, _ADD, self, other, 1.0, 1.0)
        if kind is int:
            other = float(other)
        elif kind is not float:
            return binary(_ADD, self, other)
        return _node(self.data + other, _ADD, self, None, 1.0, other)

    def __radd__(self, other: Any) -> Value:
        if type(other) is int and other == 0:
            return self  # the start of the builtin sum(values), not a term of it
        if type(other) is int:
            other = float(other)
        elif type(other) is not float:
            return binary(_ADD, other, self)
        return _node(other + self.data, _ADD, None, self, other, 1.0)

    def __sub__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            return _node(self.data - other.data, _SUB, self, other, 1.0, -1.0)
        if kind is int:
            other = float(other)
        elif kind is not float:
            return binary(_SUB, self, other)
        return _node(self.data - other, _SUB, self, None, 1.0, other)

    def __rsub__(self, other: Any) -> Value:
        if type(other) is int:
            other = float(other)
        elif type(other) is not float:
            return binary(_SUB, other, self)
        return _node(other - self.data, _SUB, None, self, other, -1.0)

    def __mul__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            x, y = self.data, other.data
            return _node(x * y, _MUL, self, other, y, x)
        if kind is int:
            other = float(other)
        elif kind is not float:
            return binary(_MUL, self, other)
        return _node(self.data * other, _MUL, self, None, other, other)

    def __rmul__(self, other: Any) -> Value:
        if type(other) is int:
            other = float(other)
        elif type(other) is not float:
            return binary(_MUL, other, self)
        return _node(other * self.data, _MUL, None, self, other, other)

    def __truediv__(self, other: Any) -> Value:
        kind = type(other)
        if kind is Value:
            y = other.data
            if y:
                z = self.data / y
                da, db = 1.0 / y, -z / y
                if not (da - da or db - db):
                    return _node(z, _DIV, self, other, da, db)
        elif (kind is float or kind is int) and other:
            other = float(other)
            da = 1.0 / other
            if not da - da:
                return _node(self.data / other, _DIV, self, None, da, other)
        return binary(_DIV, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return binary(_DIV, other, self)

    def __pow__(self, other: Any, modulus: None = None) -> Value:
        if modulus is not None:
            return NotImplemented
        kind = type(other)
        if kind is int:
            other, kind = float(other), float
        if kind is float and other:
            x = self.data
            try:
                z = _power(x, other)
                local = other * (x if other == 2.0 else _power(x, other - 1.0))
            except FLOAT_ERRORS:
                return binary(_POW, self, other)
            if not local - local:
                return _node(z, _POW, self, None, local, other)
        return binary(_POW, self, other)

    def __rpow__(self, other: Any, modulus: None = None) -> Value:
        return NotImplemented if modulus is not None else binary(_POW, other, self)

    def __neg__(self) -> Value:
        return _node(-self.data, _NEG, self, None, -1.0, None)

    # Copies and pickles. See autograd_lite.core.copying for how a circuit of any depth is written.

    def __copy__(self) -> Value:
        twin = _new(type(self))
        twin._set(self._state())
        if hasattr(self, "__dict__"):
            vars(twin).update(vars(self))
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from .copying import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> Any:
        from .copying import reduce

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
        """True: no gradient flows here."""
        return True

    def _unary(self, row: Primitive) -> Value:
        return self._apply(row, (self,))


def _by_table(row_name: str, reflected: bool = False) -> Callable[..., Any]:
    def method(self: Value, *others: Any) -> Any:
        row = TABLE[row_name]
        if not others:
            return Value._apply(row, (self,))
        if others[1:] not in ((), (None,)):
            return NotImplemented  # a modulus
        return binary(row, others[0], self) if reflected else binary(row, self, others[0])

    return method


for _dunder, _row_name in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
    setattr(Constant, f"__{_dunder}__", _by_table(_row_name))
    setattr(Constant, f"__r{_dunder}__", _by_table(_row_name, reflected=True))
setattr(Constant, "__pow__", _by_table("pow"))  # noqa: B010 - in a row with those above
setattr(Constant, "__neg__", _by_table("neg"))  # noqa: B010


def variable(data: float, run: Run) -> Value:
    """A leaf that a transform differentiates by."""
    leaf = Value(data)
    leaf._label = _Label(None, leaf.scope, False, run)
    return leaf


def in_scope(path: str, name: str | None, *, parameter: bool = False) -> str | _Label | None:
    """The label of a node of this name in a scope that need not be open."""
    return _Label(name, path, parameter) if path or parameter else name


def parameter(data: float, name: str | None = None) -> Value:
    """A leaf marked as trainable: drawings colour it apart from inputs.

    >>> parameter(0.5, "w").is_parameter
    True
    """
    leaf = Value(data, name)
    leaf._label = _Label(leaf.name, leaf.scope, True)
    return leaf


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
    if data - data:  # true for an infinity and a nan alone
        _report(node)
    if open_blocks:
        return _place(node)
    return node


def _gather(row: Primitive, operands: tuple[Any, ...]) -> Value | None:
    """The node of an operation of any number of Values and floats; None where anything is odd.

    What is odd is left to the general way: an exception, a number that is not finite.
    """
    xs = [p.data for p in operands if type(p) is Value]
    mixed = len(xs) != len(operands)
    if mixed:
        if not xs or not set(map(type, operands)) <= _PLAIN:
            return None
        xs = [p.data if type(p) is Value else p for p in operands]
    try:
        z = row.value(*xs)
        slopes = row.slope(xs, z)
    except FLOAT_ERRORS:
        return None
    total = sum(slopes)
    if total - total or z - z:
        return None
    if mixed:
        slopes = [d if type(p) is Value else None for p, d in zip(operands, slopes, strict=True)]
    return _node(z, row, None, None, operands, tuple(slopes))


def _bare(data: float) -> Constant:
    """The node of a number in a formula; it is of no scope, wherever it is first looked at."""
    node = _new(Constant)
    node._set((data, *(None,) * 7))
    return node


def _report(node: Value) -> None:
    """Say that the value, or a local derivative, of a new node is not finite."""
    parents = node.parents
    names = [p.name for p in parents]
    row = cast(Primitive, node.op)
    ieee.report(row.name, [p.data for p in parents], names, node.data, node._locals())


def _place(node: Value) -> Value:
    """Give a new node what the open blocks say: their scope, or no history at all."""
    if node.op is not None and not recording():
        return Constant(node.data)
    path = current_scope()
    if path:
        node._label = _Label(node.name, path, False)
    return node


def _dead(z: float, row: Primitive, kept: Sequence[Any]) -> Value:
    """The result of an operation on constants: a constant that remembers its formula."""
    if z - z:
        data = [p.data if isinstance(p, Value) else p for p in kept]
        names = [p.name if isinstance(p, Value) else None for p in kept]
        ieee.report(row.name, data, names, z)
    node = _new(Constant)
    if row.arity == 1:
        state: tuple[Any, ...] = (None, None, kept[0], None)
    elif row.arity == 2:
        state = (None, None, *kept)
    else:
        state = (None, None, tuple(kept), (None,) * len(kept))
    node._set((z, None, row, None, *state))
    return _place(node) if open_blocks else node


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


_PLAIN = {Value, float}
_ADD, _SUB, _MUL, _DIV = TABLE["add"], TABLE["sub"], TABLE["mul"], TABLE["div"]
_POW, _NEG = TABLE["pow"], TABLE["neg"]
