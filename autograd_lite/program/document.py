"""A program as a document of plain data, which holds no code: what a file of a program has.

A document is a dict that JSON can hold::

    {"name": "lecture",                        the function's name
     "arguments": [["x", 0]],                  the name and the structure of each argument
     "parameters": [["w", 0.5]],               the name and the number of each parameter
     "operations": [["square", 0], ["mul", 1, -1]],
     "constants": [3.0],
     "outputs": [2], "returns": 0,             the operands that are returned, and their structure
     "guards": [["<", 0, -1, true, "file.py:12"]],
     "names": [[2, "y"]]}                      the names of inputs and operations

The inputs are numbered from 0: the numbers of the arguments from left to right, then the parameters;
an operation has the next number. It is a row of the table by its name, and its operands. An operand is
the number of an earlier entry, or -1 - k for the constant k. A guard is a comparison with its outcome
and its place. A structure is 0 for a number, or ``{"list": [...]}``, ``{"tuple": [...]}``,
``{"dict": [[key, structure], ...]}`` or ``{"array": shape}``. A number is a JSON number, or ``"inf"``,
``"-inf"``, ``"nan"``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..core.primitive import BUILT_IN, TABLE, Primitive
from ..core.value import Value
from ..special import place
from ..support.arrays import is_array, is_frame, without_labels
from ..support.nested import leaves
from ..support.saved import to_json
from .arguments import Arguments
from .recording import ORDERS, Guard, Operand, Recording
from .row_facts import CHOOSING

#: The format of files of programs, and its version.
FILE_FORMAT = "autograd_lite.program/1"

_KEYS = [
    "arguments",
    "constants",
    "guards",
    "name",
    "names",
    "operations",
    "outputs",
    "parameters",
    "returns",
]
_SEQUENCES: dict[str, type] = {"list": list, "tuple": tuple}

#: So many numbers the structures of a document may have, and so deep they may be nested.
_MOST_NUMBERS, _DEEPEST = 2**21, 100


def document_of(program: Any) -> dict[str, Any]:
    """The document of a program.

    Numbers of the examples are left out. Tuples with names and other kinds of lists and dicts become
    plain ones, series and frames of pandas become arrays.

    :raises ValueError: when the key of a dict is neither text nor a whole number, or structures are
        nested too deeply.
    """
    recording, arguments = program.recording, program.arguments
    constants: dict[str, int] = {}

    def code(p: Operand) -> int:
        return p if type(p) is int else -1 - constants.setdefault(repr(p), len(constants))

    operations = zip(
        recording.rows[recording.inputs :], recording.operands[recording.inputs :], strict=True
    )
    return {
        "name": program.__name__,
        "arguments": [
            [n, _outline(e, n)] for n, e in zip(arguments.names, arguments.examples, strict=True)
        ],
        "parameters": [[p.name or "", to_json(p._data)] for p in program.parameters],
        "operations": [[row.name, *map(code, operands)] for row, operands in operations],
        "outputs": [code(root) for root in recording.roots],
        "returns": _outline(program.outputs, "the result"),
        "guards": [[g.symbol, code(g.left), code(g.right), g.outcome, g.place] for g in recording.guards],
        "names": [[i, name] for i, name in recording.names.items()],
        "constants": [to_json(float(x)) for x in constants],
    }


def _outline(tree: Any, where: str, depth: int = 0) -> Any:
    """The structure of a tree, without its numbers."""
    if depth > _DEEPEST:
        raise ValueError(f"{where} is nested more than {_DEEPEST} deep, which a file does not hold")
    tree = without_labels(tree) if is_frame(tree) else tree
    if isinstance(tree, dict):
        wrong = next((key for key in tree if type(key) not in (str, int)), None)
        if wrong is not None:
            raise ValueError(f"{where} has the key {wrong!r:.60}: a file holds text and whole numbers only")
        return {"dict": [[key, _outline(each, where, depth + 1)] for key, each in tree.items()]}
    if isinstance(tree, list | tuple):
        kind = "list" if isinstance(tree, list) else "tuple"
        return {kind: [_outline(each, where, depth + 1) for each in tree]}
    if is_array(tree) and tree.dtype == object:
        raise ValueError(f"{where} is an array of structures, which a file does not hold")
    return {"array": list(tree.shape)} if is_array(tree) else 0


class Reader:
    """A document, read and checked entry by entry: nothing in it is run.

    :ivar recording: the circuit.
    :ivar arguments: the structure of the arguments.
    :ivar outputs: the structure of what is returned.
    :ivar parameters: new Values, with the names and the numbers of the document.
    :raises ValueError: when the document is not as the module says, in one line.
    """

    def __init__(self, document: Any, rows: Mapping[str, Primitive]) -> None:
        if sorted(_of(document, dict, "the program")) != _KEYS:
            raise ValueError(f"it must have the entries {', '.join(_KEYS)}, and no others")
        for key in _KEYS:
            if key not in ("name", "returns"):
                _of(document[key], list, key)
        self._given, self._rows = rows, dict[str, Primitive]()
        self._left = _MOST_NUMBERS
        self._constants = [_read_number(x) for x in document["constants"]]
        arguments = [_of(each, list, "an argument", 2) for each in document["arguments"]]
        parameters = [_of(each, list, "a parameter", 2) for each in document["parameters"]]
        self.outputs = self._structure(document["returns"])
        self.arguments = Arguments(
            _line(document["name"]),
            [self._structure(structure) for _, structure in arguments],
            [_line(name) for name, _ in arguments],
        )
        self.parameters = [Value(_read_number(x), _line(name)) for name, x in parameters]
        self.recording = Recording(sum(self.arguments.counts) + len(parameters))
        for operation in document["operations"]:
            self._add(operation)
        self.recording.roots = [self._operand(p) for p in document["outputs"]]
        if len(self.recording.roots) != sum(1 for _ in leaves(self.outputs, "the result")):
            raise ValueError("outputs must have an entry for each number of returns")
        self.recording.guards = [self._guard(each) for each in document["guards"]]
        for i, name in (_of(each, list, "a name", 2) for each in document["names"]):
            if not 0 <= _of(i, int, "the number of a name") < len(self.recording.rows):
                raise ValueError(f"there is no entry {i} to be named")
            self.recording.names[i] = _line(name)

    def _structure(self, x: Any, depth: int = 0) -> Any:
        """A structure of zeros."""
        if type(x) is int and x == 0:
            self._use(1)
            return 0.0
        kind, inside = next(iter(x.items())) if type(x) is dict and len(x) == 1 else (None, None)
        if depth > _DEEPEST or type(inside) is not list:
            raise ValueError("a structure must be 0 or a list, tuple, dict or array, not too deep")
        if kind == "array":
            if (
                not all(type(n) is int and 0 <= n <= _MOST_NUMBERS for n in inside)
                or not 0 < len(inside) < 32
            ):
                raise ValueError("the shape of an array must be some whole numbers")
            self._use(math.prod(inside))
            return _zero_array(inside)
        if kind == "dict":
            pairs = [_of(each, list, "an entry of a dict", 2) for each in inside]
            if not all(type(key) in (str, int) for key, _ in pairs):
                raise ValueError("the key of a dict must be text or a whole number")
            found = {key: self._structure(each, depth + 1) for key, each in pairs}
            if len(found) != len(pairs):
                raise ValueError("a dict has a key twice")
            return found
        if kind not in _SEQUENCES:
            raise ValueError(f"there is no structure {kind!r:.60}")
        return _SEQUENCES[kind](self._structure(each, depth + 1) for each in inside)

    def _use(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ValueError(f"its structures have more than {_MOST_NUMBERS:,} numbers")

    def _add(self, operation: Any) -> None:
        if not _of(operation, list, "an operation"):
            raise ValueError("an operation must have a row")
        row = self._row(operation[0])
        operands = tuple([self._operand(p) for p in operation[1:]])
        if len(operands) != row.arity if row.arity is not None else not operands:
            raise ValueError(f"{row.name} does not take {len(operands)} operands")
        if row.name in CHOOSING and row.name in BUILT_IN:
            index = operands[-1]
            try:
                place(index if type(index) is float else 0, len(operands) - 1)
            except IndexError as error:
                raise ValueError(f"{row.name}: {error}") from None
        self.recording.rows.append(row)
        self.recording.operands.append(operands)

    def _row(self, name: Any) -> Primitive:
        if type(name) is str and name in self._rows:
            return self._rows[name]
        found = TABLE[name] if _of(name, str, "a row") in BUILT_IN else self._given.get(name)
        if found is None:
            raise ValueError(
                f"it needs the row {name!r:.60}: if you have it, pass rows={{{name!r:.60}: …}}"
            )
        if not isinstance(found, Primitive):
            raise TypeError(f"rows[{name!r:.60}] must be a row, not {type(found).__name__}")
        self._rows[name] = found
        return found

    def _operand(self, p: Any) -> Operand:
        if type(p) is int and 0 <= p < len(self.recording.rows):
            return p
        if type(p) is int and -len(self._constants) <= p < 0:
            return self._constants[-1 - p]
        raise ValueError(f"there is no operand {p!r:.60} at entry {len(self.recording.rows)}")

    def _guard(self, guard: Any) -> Guard:
        symbol, left, right, outcome, where = _of(guard, list, "a guard", 5)
        if _of(symbol, str, "the symbol of a guard") not in ORDERS:
            raise ValueError(f"there is no comparison {symbol!r:.60}")
        sides = self._operand(left), self._operand(right)
        if type(sides[0]) is type(sides[1]) is float:
            raise ValueError("a guard must compare an entry")
        return Guard(symbol, *sides, _of(outcome, bool, "the outcome of a guard"), _line(where))


def _of(x: Any, kind: type, what: str, length: int | None = None) -> Any:
    """``x``, which must be of this kind, and of this length."""
    if type(x) is not kind or (length is not None and len(x) != length):  # type: ignore[arg-type]  # a list
        entries = "" if length is None else f" of {length}"
        raise ValueError(f"{what} must be a {kind.__name__}{entries}, not {x!r:.60}")
    return x


def _read_number(x: Any) -> float:
    if type(x) not in (int, float) and x not in ("inf", "-inf", "nan"):
        raise ValueError(f"a number must be a JSON number or 'inf', '-inf' or 'nan', not {x!r:.60}")
    return float(x)


def _line(x: Any) -> str:
    """A name in one printable line: it will stand in messages."""
    return "".join([c if c.isprintable() else "?" for c in _of(x, str, "a name")])


def _zero_array(shape: list[int]) -> Any:
    try:
        import numpy as np
    except ImportError:
        raise ImportError(
            "a program of arrays needs NumPy: python -m pip install 'autograd-lite[fast]'"
        ) from None
    return np.zeros(shape)
