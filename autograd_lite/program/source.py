"""Straight-line Python: a program as text that people read, and as the engine without dependencies.

Every operation is a line, in the order of the eager engine, and the reverse sweep adds in the
order of the eager sweep: values and gradients are the same to the last bit.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .. import special
from ..core.primitive import BUILT_IN, TABLE, Primitive
from .carried import Carried
from .expressions import number_text, tuple_text, written
from .recording import BranchChanged, Operand, Recording
from .sweep_text import Sweep, sweep_order

#: Rows whose expression calls them by their own name.
_BY_NAME = tuple(name for name, row in TABLE.items() if row.python == f"{name}({{}})")

#: Names that the lines have for themselves.
_OWN_NAMES = re.compile(r"[tds]\w*\d+|\w+_(value|by\d*)|math_\w+")

_FUNCTION = re.compile(r"\b(math|special)\.(\w+)")


class Straight:
    """The engine "python": functions compiled from the text."""

    def __init__(self, recording: Recording, wanted: Sequence[int] | None) -> None:
        self.recording = recording
        text = Text(recording, [f"x{i}" for i in range(recording.inputs)])
        body = text.value() if wanted is None else text.gradient(wanted)
        # Short names for the functions: a global is found faster than an attribute.
        lines = _FUNCTION.sub(r"\1_\2", body)
        names: dict[str, Any] = {"changed": self._changed, "TABLE": TABLE}
        for home in (math, special):
            prefix = home.__name__.rpartition(".")[2]
            names |= {f"{prefix}_{key}": getattr(home, key) for key in dir(home) if key[0] != "_"}
        names |= {name: TABLE[name].value for name in _BY_NAME}
        names |= text.rules()
        exec(compile(lines, "<program>", "exec"), names)
        self.call: Callable[..., Any] = names["value" if wanted is None else "value_and_gradient"]

    def _changed(self, i: int, left: float, right: float) -> BranchChanged:
        return BranchChanged(self.recording.changed(i, left, right), i)


class Text:
    """The lines of a program. ``names`` are those of its inputs.

    :param quiet: whether they are for a language in which nothing raises where a value is not defined: its
        local derivatives are then written so that they are not defined either.
    """

    def __init__(self, recording: Recording, names: Sequence[str], quiet: bool = False) -> None:
        self.recording, self.quiet = recording, quiet
        self.names = [*names, *(f"t{i}" for i in range(recording.inputs, len(recording.rows)))]
        self.lines: list[str] = []
        self._labels: dict[Primitive, str] = {}

    def label(self, row: Primitive) -> str:
        """The name of a row in the lines: its own, with a number where a row before has it."""
        if row not in self._labels:
            same = [each for each in self._labels if each.name == row.name]
            self._labels[row] = f"{row.name}_{len(same) + 1}" if same else row.name
        return self._labels[row]

    def value(self) -> str:
        """The function ``value``: the outputs, one number or a tuple."""
        self._forward()
        outputs = [self.operand(root) for root in self.recording.roots]
        self.lines.append(f"return {tuple_text(outputs) if len(outputs) != 1 else outputs[0]}")
        return self._function("value")

    def gradient(self, wanted: Sequence[int]) -> str:
        """The function ``value_and_gradient``: the output, and its derivatives by the wanted inputs."""
        self._forward()
        self._reverse(wanted)
        return self._function("value_and_gradient")

    def each(self) -> str:
        """The function ``each``: the values of all inputs and operations, and all local derivatives.

        These are a tuple for each operation, with one by each of its operands that is no number.
        """
        self._forward()
        recording = self.recording
        sweep = Sweep(self, bytearray(b"\1" * len(recording.rows)))
        found = [tuple_text(list(sweep.locals(i))) for i in range(recording.inputs, len(recording.rows))]
        self.lines.append(f"return {tuple_text(self.names)}, {tuple_text(found)}")
        return self._function("each")

    def rules(self) -> dict[str, Callable[..., Any]]:
        """The functions that the lines call for derivatives that have no recipe, by their names."""
        used = dict.fromkeys(row for row in self.recording.rows if row is not None)
        return {
            f"{self.label(row)}_by{'' if row.arity is None else i}": rule
            for row in used
            for i, rule in enumerate(row.local)
        } | {f"{self.label(row)}_value": row.value for row in used}

    def _function(self, name: str) -> str:
        names = ", ".join(self.names[: self.recording.inputs])
        return f"def {name}({names}):\n" + "".join(f"    {line}\n" for line in self.lines)

    def operand(self, p: Operand) -> str:
        """An operand as it stands in the lines."""
        return self.names[p] if type(p) is int else number_text(p)

    def _forward(self) -> None:
        recording = self.recording
        waiting: dict[int, list[int]] = {}
        for i, guard in enumerate(recording.guards):
            ready = max(p for p in (guard.left, guard.right) if type(p) is int)
            waiting.setdefault(max(ready, recording.inputs - 1), []).append(i)
        for i in range(recording.inputs - 1, len(recording.rows)):
            row = recording.rows[i] if i >= 0 else None
            if row is not None:
                operands = [self.operand(p) for p in recording.operands[i]]
                self.lines.append(f"{self.names[i]} = {written(row, operands, self.label(row))}")
            for k in waiting.get(i, ()):
                guard = recording.guards[k]
                left, right = self.operand(guard.left), self.operand(guard.right)
                fine = f"{left} {guard.symbol} {right}"
                test = f"not {fine}" if guard.outcome else fine
                self.lines.append(f"if {test}: raise changed({k}, {left}, {right})")

    def _reverse(self, wanted: Sequence[int]) -> None:
        recording, root = self.recording, self.recording.roots[0]
        needed = bytearray(len(recording.rows))
        for i in wanted:
            needed[i] = 1
        for i in range(recording.inputs, len(recording.rows)):
            needed[i] = any(needed[p] for p in recording.operands[i] if type(p) is int)
        sweep = Sweep(self, needed)
        if type(root) is int and needed[root]:
            sweep.started[root] = "1.0"
        for i in reversed(sweep_order(recording, [root])):
            if i in sweep.started:
                sweep.through(i)
        slopes = []
        for i in wanted:
            known = sweep.started.get(i)
            if known is not None and i in sweep.unsure:
                known = f"({known} or 0.0)"
            # Less the sign of a zero, as a sum that starts at 0.0 is
            slopes.append("0.0" if known is None else known if known == "1.0" else f"{known} + 0.0")
        self.lines.append(f"return {self.operand(root)}, {tuple_text(slopes)}")


def standalone(
    recording: Recording, paths: Sequence[str], *, each: bool = False, quiet: bool = False
) -> str:
    """The program as a module of Python, its inputs named after their places.

    It has the functions that it calls, and imports the package for rows of one's own only.

    :param each: whether it has the function ``each`` in place of the others; see :meth:`Text.each`.
    :param quiet: see :class:`Text`.
    """
    names = list(_identifiers(paths))
    text = Text(recording, names, quiet)
    parts = [text.each() if each else text.value()]
    if len(recording.roots) == 1 and not each:
        parts.append(Text(recording, names, quiet).gradient(range(recording.inputs)))
    body = "\n\n".join(parts)
    carried, own = Carried(), list[str]()
    for name in dict.fromkeys(re.findall(r"\bspecial\.(\w+)", body)):
        carried.special(name)
    for row in dict.fromkeys(row for row in recording.rows if row is not None):
        label = text.label(row)
        if row.name not in BUILT_IN:
            there = TABLE.get(row.name) is row
            for name, what in [(f"{label}_value", "value"), *_rules_of(row, label, body)]:
                held = f"TABLE[{row.name!r}].{what}" if there else "None  # of a row that was replaced"
                own.append(f"{name} = {held}")
        elif _calls(body, f"{row.name}_by"):
            carried.rules(row)
        if row.name in _BY_NAME and _calls(body, row.name):
            carried.value(row, row.name)
    head = sorted({*carried.imports, *(["import math"] if "math." in body + carried.text else [])})
    head += ["from autograd_lite import TABLE", "", *own] if own else []
    if recording.guards:
        head += [
            "",
            "changed = lambda number, *sides: RuntimeError(f'comparison {number} changed: {sides}')",
        ]
    pieces = ["\n".join(head), carried.text, body.replace("special.", "")]
    return "\n\n\n".join(piece for piece in pieces if piece)


def _rules_of(row: Primitive, label: str, body: str) -> Iterator[tuple[str, str]]:
    """The names of the rules of a row that a text calls, and where they are."""
    for i in range(len(row.rules)):
        name = f"{label}_by{'' if row.arity is None else i}"
        if f"{name}(" in body:
            yield name, f"rules[{i}]"


def _identifiers(paths: Sequence[str]) -> Iterator[str]:
    taken = {"math", "changed", "TABLE", *_BY_NAME, *dir(special), *dir(builtins)}
    for path in paths:
        name = re.sub(r"\W+", "_", path).strip("_") or "x"
        name = f"x{name}" if name[0].isdigit() else name
        if not name.isidentifier():  # such as ŵ₁, whose index Python does not read
            name = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "x"
            name = f"x{name}" if name[0].isdigit() else name
        while name in taken or keyword.iskeyword(name) or _OWN_NAMES.fullmatch(name):
            name += "_"
        taken.add(name)
        yield name


def _calls(body: str, name: str) -> bool:
    """Whether a text calls the function of this whole name: that of ``exp`` is not in ``logsumexp``."""
    return re.search(rf"(?<![\w.]){name}\(", body) is not None
