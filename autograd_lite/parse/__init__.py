"""Text to circuit: ``parse("cos(sin(x**2) + 3*x**2)")(x=1.0)``.

The text is in Python's expression syntax and is never executed. A scan accepts only the tokens of
formulas (:mod:`autograd_lite.parse.scan`). Python's ``ast`` determines how the operators bind. A walk over
that tree accepts only the few kinds of node that a formula has, and writes a list of calls, which
makes the circuit at any values. The functions and operators are the rows of the table, users' own
rows included.
"""

from __future__ import annotations

import ast
import difflib
import math
import operator
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from itertools import accumulate
from typing import Any, NamedTuple, NoReturn

from ..core.primitive import TABLE, Nary, Primitive, lookup
from ..core.table import where
from ..core.value import Constant, Value
from ..support.syntax import expression_tree
from .hints import function_hint, list_hint
from .scan import MAX_DEPTH, MAX_LENGTH, ParseError, Token, scan

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_WIRES",
    "Expression",
    "ParseError",
    "ParsedCircuit",
    "evaluate",
    "parse",
]

#: The most operands of all nodes of a circuit, counted together: softmax of n operands has n² of them.
MAX_WIRES = 100_000

_CONSTANTS = {
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "pi": math.pi,
    "tau": math.tau,
    "π": math.pi,
}

#: Functions that take other numbers of operands than their rows do.
_FURTHER = {"hypot": range(1, MAX_LENGTH), "log": (2,)}

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    # == compares the identity of Values; their data are equal when neither is the larger.
    ast.Eq: lambda a, b: a <= b and a >= b,
    ast.NotEq: lambda a, b: not (a <= b and a >= b),
}


class ParsedCircuit(NamedTuple):
    """The circuit of a formula: the node of its last statement, and all nodes with names.

    ``nodes`` holds the variables in order of first appearance, then the assigned names.

    >>> root, nodes = evaluate("t = 2*x; t + 1", {"x": 3.0})
    >>> root.data, list(nodes)
    (7.0, ['x', 't'])
    """

    root: Value
    nodes: dict[str, Value]


class _FunctionCall(NamedTuple):
    """One call that makes a circuit: ``function`` of earlier slots, for the text at ``at``."""

    slot: int
    function: Callable[..., Any]
    operands: tuple[int, ...]
    at: int


class _Operation(NamedTuple):
    """A node of the tree before its operands are read; ``key`` identifies the operation."""

    key: tuple[object, ...]
    function: Callable[..., Any]
    operands: list[ast.expr]
    at: int


class Expression:
    """A formula that has been read. Call it with values of its variables to get a new circuit.

    ``text`` is what was read, ``names`` the variables that need a value, in order of appearance.

    >>> f = parse("t = x**2; u = sin(t) + 3*t; J = cos(u)")
    >>> f.names, f(x=1.0)
    (('x',), Value(-0.7649205628044862, name='J', op='cos'))
    """

    __slots__ = ("_assigned", "_free", "_literals", "_root", "_size", "_steps", "names", "text")

    def __init__(self, text: str) -> None:
        draft = _Draft(text)
        self._root = draft.read()
        self._size, self._steps, self._literals = len(draft.slots), draft.steps, draft.literals
        self._free, self._assigned = draft.free, draft.assigned
        self.text = text
        self.names = tuple(name for name in draft.free if name not in _CONSTANTS)

    def __repr__(self) -> str:
        return f"parse({self.text!r})"

    def __call__(self, /, **values: float | Value) -> Value:
        """The root of a new circuit at ``values``; see :meth:`build`."""
        return self.build(values).root

    def build(self, values: Mapping[str, float | Value]) -> ParsedCircuit:
        """A new circuit at ``values``, which must have an entry for each of :attr:`names`.

        A number becomes a leaf with the name of the variable; a Value is used as it is.

        :raises ParseError: when a value is missing or not used, and for operands that an operation
            refuses.
        :raises TypeError: for a value that is neither a real number nor a Value.

        >>> root, nodes = parse("u = x*y; u + 1").build({"x": 2.0, "y": 3.0})
        >>> root.backward()
        >>> [(name, v.data, v.grad) for name, v in nodes.items()]
        [('x', 2.0, 3.0), ('y', 3.0, 2.0), ('u', 6.0, 1.0)]
        """
        given = {unicodedata.normalize("NFKC", name): value for name, value in values.items()}
        self._check(given)
        slots: list[Any] = [None] * self._size
        for slot, number in self._literals.items():
            slots[slot] = number
        nodes: dict[str, Value] = {}
        for name, (slot, _) in self._free.items():
            if name in given:
                value = given[name]
                nodes[name] = value if isinstance(value, Value) else Value(value, name)
                slots[slot] = nodes[name]
            else:
                slots[slot] = Constant(_CONSTANTS[name], name)
        wires = 0
        for slot, function, operands, at in self._steps:
            these = [slots[i] for i in operands]
            wires += _wires(function, these)
            if wires > MAX_WIRES:
                raise ParseError(
                    f"the circuit has more than {MAX_WIRES} wires from here on: give softmax and its like "
                    "fewer operands, or the index of the one that you want, softmax([a, b], 0)",
                    self.text,
                    at,
                )
            try:
                slots[slot] = function(*these)
            except (TypeError, ValueError, LookupError) as error:
                raise ParseError(str(error), self.text, at) from error
        named = {slot for slot, _ in self._free.values()}
        for name, (slot, at) in self._assigned.items():
            nodes[name] = node = self._single(slots[slot], at)
            if slot not in named:
                named.add(slot)
                node.name = name
        slot, at = self._root
        return ParsedCircuit(self._single(slots[slot], at), nodes)

    def _check(self, given: Mapping[str, object]) -> None:
        unused = [name for name in given if name not in self._free]
        for name in self.names:
            if name in given:
                continue
            reason = f"{name:.40} has no value: give it one, {name:.40}=1.0 for example"
            if lookup(name) is not None:
                reason = f"{name} is a function: write {name}(...), or give {name} a value"
            elif near := difflib.get_close_matches(name, [*unused, *self._assigned], n=1):
                reason += f"; or did you mean {near[0]}?"
            raise ParseError(reason, self.text, self._free[name][1])
        if unused:
            name = unused[0]
            why = "the text computes it" if name in self._assigned else "the text does not use it"
            known = f"its variables: {', '.join(self.names) or 'none'}"
            raise ParseError(f"{name:.40} was given a value, but {why} ({known:.400})", self.text)

    def _single(self, value: Any, at: int) -> Value:
        if isinstance(value, Value):
            return value
        if isinstance(value, float):
            return Constant(value)
        raise ParseError("this gives a list of numbers, but a formula must give one number", self.text, at)


def parse(text: str) -> Expression:
    """The formula that ``text`` holds: an expression, or statements ``name = expression``.

    Statements end at ``;`` and at line ends. An assignment names its node, and a name can be assigned
    once; the last statement is the root. A subexpression that is written twice is one node, as x² in
    the lecture's ``cos(sin(x**2) + 3*x**2)`` (Gormley 2014): two operations are one node when they are
    the same row of the table on the same operands in the same order. ``pi π e tau inf nan`` are
    constants unless they are assigned or given. Operations of any number of operands take a list,
    ``sum([a, b])``. A comparison is allowed as the condition of ``where(x > 0, a, b)``, which is
    decided when the circuit is made. Names are normalized to NFKC, as Python's are; ``θ`` is a name.
    All numbers are decimal and become floats.

    :raises ParseError: when the text is anything else, longer than :data:`MAX_LENGTH` or nested
        deeper than :data:`MAX_DEPTH`; when it is called, for a circuit of over :data:`MAX_WIRES` wires.

    >>> from autograd_lite.core.order import circuit
    >>> y = parse("cos(sin(x**2) + 3*x**2)")(x=1.0)
    >>> y.data, [v.op.symbol for v in circuit(y) if v.op]
    (-0.7649205628044862, ['**', 'sin', '*', '+', 'cos'])
    """
    return Expression(text)


def evaluate(text: str, values: Mapping[str, float | Value]) -> ParsedCircuit:
    """The circuit of ``text`` at ``values``: :func:`parse`, then :meth:`Expression.build`.

    >>> root, nodes = evaluate("(x + y)*z", {"x": -2.0, "y": 5.0, "z": -4.0})
    >>> root.backward()
    >>> root.data, nodes["x"].grad
    (-12.0, -4.0)
    """
    return parse(text).build(values)


@cache
def _binds_as(symbol: str, fix: str) -> type[ast.AST] | None:
    """The ``ast`` class of the operator ``symbol``; None when Python has no such operator."""
    try:
        tree = expression_tree(f"a {symbol} b" if fix == "infix" else f"{symbol} a")
    except SyntaxError:
        return None
    return type(tree.op) if isinstance(tree, ast.BinOp | ast.UnaryOp) else None


def _operators() -> dict[tuple[str, type[ast.AST]], Primitive]:
    """The rows that are written with an operator, by symbol and ``ast`` class."""
    found: dict[tuple[str, type[ast.AST]], Primitive] = {}
    for row in TABLE.values():
        if row.fix != "call" and (kind := _binds_as(row.symbol, row.fix)) is not None:
            found.setdefault((row.symbol, kind), row)
    return found


class _Draft:
    """An expression while it is read: slots numbered by value, and the steps that fill them."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a formula must be a string, not {type(text).__name__} ({text!r:.60})")
        self.text = text
        self.slots: dict[tuple[object, ...], int] = {}
        self.steps: list[_FunctionCall] = []
        self.literals: dict[int, float] = {}
        self.free: dict[str, tuple[int, int]] = {}
        self.assigned: dict[str, tuple[int, int]] = {}
        self.fixed: set[int] = set()
        operators = _operators()
        self.rows = {kind: row for (_, kind), row in operators.items()}
        self.statements = scan(
            text,
            {symbol for symbol, kind in operators if issubclass(kind, ast.operator)},
            {symbol for symbol, kind in operators if issubclass(kind, ast.unaryop)},
        )

    def fail(self, reason: str, at: int) -> NoReturn:
        raise ParseError(reason, self.text, at)

    def read(self) -> tuple[int, int]:
        """Read every statement; the result is the slot and the place of the root."""
        if not self.statements:
            self.fail("there is no formula in the text: write one, as in sin(x)**2", 0)
        root, nameless = (0, 0), False
        for tokens in self.statements:
            if nameless:
                self.fail("nothing uses this: name it, as in u = x**2; sin(u), or leave it out", root[1])
            if len(tokens) > 1 and tokens[1].kind == "equals":
                target, _, *tokens = tokens
                root = self.assign(target, self.expression(tokens))
            else:
                root, nameless = (self.expression(tokens), tokens[0].at), True
        return root

    def assign(self, target: Token, slot: int) -> tuple[int, int]:
        name = target.text
        if name in self.free or name in self.assigned:
            self.fail(f"{name:.40} has a meaning already: choose another name for this", target.at)
        if slot in self.fixed:
            # A named constant is a node of its own: its number may occur elsewhere without a name.
            slot = self.step(("named", name), partial(_as_named_constant, name), (slot,), target.at)
        self.assigned[name] = slot, target.at
        return self.assigned[name]

    def expression(self, tokens: list[Token]) -> int:
        """The slot of an expression, by a walk without recursion, operands first, from left to right."""
        allowed: set[ast.expr] = set()
        done: list[int] = []
        stack: list[ast.expr | _Operation] = [self.tree(tokens)]
        starts = [0, *accumulate(len(token.text.encode()) + 1 for token in tokens)]
        while stack:
            node = stack.pop()
            if isinstance(node, _Operation):
                first = len(done) - len(node.operands)
                done[first:] = [self.step(node.key, node.function, tuple(done[first:]), node.at)]
                continue
            at = tokens[bisect_right(starts, node.col_offset) - 1].at
            match node:
                case ast.Constant(value=int() | float() as value):
                    done.append(self.literal(float(value)))
                case ast.Name(id=name):
                    done.append(self.variable(name, at))
                case _:
                    operation = self.operation(node, at, allowed)
                    stack.append(operation)
                    stack.extend(reversed(operation.operands))
        return done[0]

    def tree(self, tokens: list[Token]) -> ast.expr:
        try:
            return expression_tree(" ".join(token.text for token in tokens))
        except SyntaxError as error:
            starts = [0, *accumulate(len(token.text) + 1 for token in tokens[:-1])]
            index = bisect_right(starts, max(0, (error.offset or 1) - 1)) - 1
            self.fail(f"Python cannot read this: {error.msg}", tokens[index].at)
        except (RecursionError, MemoryError):
            self.fail(
                "too long for Python's parser from here on: name parts of it in statements of "
                "their own, s = a + b + ...; then use s, or write sum([a, b, ...])",
                tokens[0].at,
            )

    def operation(self, node: ast.expr, at: int, allowed: set[ast.expr]) -> _Operation:
        """The operation of a node of the tree, if it is of a kind that formulas have.

        Lists and comparisons are accepted where the operation above them added them to ``allowed``.
        """
        match node:
            case ast.BinOp(left=left, right=right, op=op) if type(op) in self.rows:
                row = self.rows[type(op)]
                return _Operation((row,), row, [left, right], at)
            case ast.UnaryOp(operand=operand, op=op) if type(op) in self.rows:
                row = self.rows[type(op)]
                return _Operation((row,), row, [operand], at)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                row = self.called(name, len(args), at)
                if row.arity is None:
                    allowed.update(arg for arg in args if isinstance(arg, ast.List | ast.Tuple))
                if row is where:
                    allowed.update(arg for arg in args[:1] if isinstance(arg, ast.Compare))
                return _Operation((row,), row, args, at)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                if node not in allowed:
                    self.fail(list_hint(self.text, at), at)
                return _Operation(("list",), _as_list, items, at)
            case ast.Compare(left=left, ops=ops, comparators=others):
                if node not in allowed:
                    self.fail("a comparison is the first operand of where(x > 0, a, b) only", at)
                tests = tuple(type(op) for op in ops)
                return _Operation(tests, partial(_comparison_holds, tests), [left, *others], at)
        self.fail(f"{type(node).__name__} is not part of a formula", at)

    def called(self, name: str, count: int, at: int) -> Primitive:
        row = lookup(name)
        if row is None:
            hint = function_hint(name, name in self.free or name in self.assigned)
            self.fail(f"there is no function {name:.40}: {hint}", at)
        further = _FURTHER.get(name, ())
        if row.arity is None or count in further:
            return row
        if not row.arity - len(row.defaults) <= count <= row.arity:
            least = f"{row.arity - len(row.defaults)} to " if row.defaults else ""
            plural = "" if row.arity == 1 else "s"
            self.fail(f"{name} takes {least}{row.arity} operand{plural}, not {count}", at)
        return row

    def step(
        self, key: tuple[object, ...], function: Callable[..., Any], slots: tuple[int, ...], at: int
    ) -> int:
        """The slot of ``function`` of ``slots``: the existing one, or a new one with its call."""
        whole = (*key, slots)
        if whole not in self.slots:
            self.slots[whole] = len(self.slots)
            self.steps.append(_FunctionCall(self.slots[whole], function, slots, at))
            if self.fixed.issuperset(slots):
                self.fixed.add(self.slots[whole])
        return self.slots[whole]

    def literal(self, value: float) -> int:
        slot = self.slots.setdefault(("literal", value), len(self.slots))
        self.literals[slot] = value
        self.fixed.add(slot)
        return slot

    def variable(self, name: str, at: int) -> int:
        if name in self.assigned:
            return self.assigned[name][0]
        slot = self.slots.setdefault(("variable", name), len(self.slots))
        self.free.setdefault(name, (slot, at))
        return slot


def _wires(function: Callable[..., Any], operands: list[Any]) -> int:
    """How many wires the nodes of a call have: a row that gives a list has as many nodes as operands."""
    size = sum(len(each) if isinstance(each, list) else 1 for each in operands)
    if not isinstance(function, Nary) or len(operands) > 1:
        return size
    try:
        return size * size if isinstance(function.gather([0.0]), list) else size
    except (TypeError, ValueError, LookupError):  # the call itself will say what is wrong
        return size


def _comparison_holds(tests: Iterable[type[ast.cmpop]], *xs: Any) -> bool:
    return all(_COMPARE[test](a, b) for test, a, b in zip(tests, xs, xs[1:], strict=False))


def _as_list(*items: Any) -> list[Any]:
    return list(items)


def _as_named_constant(name: str, value: Any) -> Any:
    return Constant(value, name) if isinstance(value, float) else value
