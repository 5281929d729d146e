"""Straight-line Python: a program as text that people read, and as the engine without dependencies.

Every operation is a line, in the order of the eager engine, and the reverse sweep adds in the
order of the eager sweep: values and gradients are the same to the last bit.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .. import special
from ..core.primitive import BUILT_IN, TABLE, Primitive
from .recording import BranchChanged, Operand, Recording
from .rules import Derivation, recipes

#: Beyond this many operations Python's compiler takes longer than it saves.
LONGEST = 20_000

#: Rows whose expression calls them by their own name.
_BY_NAME = ("softmax", "take")

_FUNCTION = re.compile(r"\b(math|special)\.(\w+)")


class Straight:
    """The engine "python": functions compiled from the text."""

    name = "python"

    def __init__(self, recording: Recording, wanted: Sequence[int] | None) -> None:
        self.recording = recording
        text = Text(recording, [f"x{i}" for i in range(recording.inputs)])
        body = text.value() if wanted is None else text.gradient(wanted)
        # Short names for the functions: a global is found faster than an attribute.
        lines = _FUNCTION.sub(r"\1_\2", body)
        names: dict[str, Any] = {"inf": math.inf, "nan": math.nan, "changed": self._changed, "TABLE": TABLE}
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
    """The lines of a program. ``names`` are those of its inputs."""

    def __init__(self, recording: Recording, names: Sequence[str]) -> None:
        self.recording = recording
        self.names = [*names, *(f"t{i}" for i in range(recording.inputs, len(recording.rows)))]
        self.lines: list[str] = []

    def value(self) -> str:
        """The function ``value``: the outputs, one number or a tuple."""
        self._forward()
        outputs = [self._operand(root) for root in self.recording.roots]
        self.lines.append(f"return {_tuple(outputs) if len(outputs) != 1 else outputs[0]}")
        return self._function("value")

    def gradient(self, wanted: Sequence[int]) -> str:
        """The function ``value_and_gradient``: the output, and its derivatives by the wanted inputs."""
        self._forward()
        self._reverse(wanted)
        return self._function("value_and_gradient")

    def rules(self) -> dict[str, Callable[..., Any]]:
        """The functions that the lines call for derivatives that have no recipe, by their names."""
        used = {row for row in self.recording.rows if row is not None}
        return {
            f"{row.name}_by{'' if row.arity is None else i}": rule
            for row in used
            for i, rule in enumerate(row.local)
        } | {f"{row.name}_value": row.value for row in used}

    def _function(self, name: str) -> str:
        names = ", ".join(self.names[: self.recording.inputs])
        return f"def {name}({names}):\n" + "".join(f"    {line}\n" for line in self.lines)

    def _operand(self, p: Operand) -> str:
        return self.names[p] if type(p) is int else _literal_of(p)

    def _forward(self) -> None:
        recording = self.recording
        waiting: dict[int, list[int]] = {}
        for i, guard in enumerate(recording.guards):
            ready = max(p for p in (guard.left, guard.right) if type(p) is int)
            waiting.setdefault(max(ready, recording.inputs - 1), []).append(i)
        for i in range(recording.inputs - 1, len(recording.rows)):
            row = recording.rows[i] if i >= 0 else None
            if row is not None:
                operands = [self._operand(p) for p in recording.operands[i]]
                self.lines.append(f"{self.names[i]} = {written(row, operands)}")
            for k in waiting.get(i, ()):
                guard = recording.guards[k]
                left, right = self._operand(guard.left), self._operand(guard.right)
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
        sweep = _Sweep(self, needed)
        if type(root) is int and needed[root]:
            sweep.started[root] = "1.0"
        for i in reversed(_sweep_order(recording)):
            if i in sweep.started:
                sweep.through(i)
        slopes = []
        for i in wanted:
            known = sweep.started.get(i)
            if known is not None and i in sweep.unsure:
                known = f"({known} or 0.0)"
            # Less the sign of a zero, as a sum that starts at 0.0 is
            slopes.append("0.0" if known is None else known if known == "1.0" else f"{known} + 0.0")
        self.lines.append(f"return {self._operand(root)}, {_tuple(slopes)}")


def _sweep_order(recording: Recording) -> list[int]:
    """The operations below the output in the reverse of the order in which the eager sweep visits them."""
    order: list[int] = []
    entered = bytearray(len(recording.rows))
    stack: list[int] = [root for root in recording.roots if type(root) is int]
    while stack:
        i = stack.pop()
        if i < 0:  # all that stands below ~i is in the order
            order.append(~i)
        elif not entered[i] and i >= recording.inputs:
            entered[i] = 1
            stack.append(~i)
            stack.extend([p for p in recording.operands[i] if type(p) is int])
    return order


class _Sweep:
    """The lines of the reverse sweep."""

    def __init__(self, text: Text, needed: bytearray) -> None:
        self.text, self.needed = text, needed
        self.started: dict[int, str] = {}  # the expression of each adjoint that has one
        #: Entries that the sweep may not reach, where a branch is not selected: their adjoint may be None.
        self.unsure: set[int] = set()
        self.fresh = 0
        self.inside = False  # whether the lines stand in a block of an adjoint that may be None

    def through(self, i: int) -> None:
        """Add what operation ``i`` hands on to the adjoints of its operands."""
        recording, lines = self.text.recording, self.text.lines
        row, operands = recording.rows[i], recording.operands[i]
        assert row is not None
        up = self.started[i]
        targets = [k for k, p in enumerate(operands) if type(p) is int and self.needed[p]]
        self.inside = i in self.unsure
        if self.inside:  # so that there is an adjoint where the block is not entered
            for p in {operands[k] for k in targets}.difference(self.started):
                self._set(p, "None")  # type: ignore[arg-type]  # targets are entries
                self.unsure.add(p)  # type: ignore[arg-type]
        first = len(lines)
        for k, local in zip(targets, self._locals(i, row, operands, targets), strict=True):
            self._add(operands[k], local, up, row.piecewise)  # type: ignore[arg-type]
        if self.inside:
            lines[first:] = [f"if {up} is not None:"] + [f"    {line}" for line in lines[first:]]

    def _set(self, p: int, text: str) -> None:
        name = f"d{self.text.names[p]}" if p < self.text.recording.inputs else f"d{p}"
        name = re.sub(r"\W+", "_", name)
        self.text.lines.append(f"{name} = {text}")
        self.started[p] = name

    def _add(self, p: int, local: str, up: str, maybe: bool) -> None:
        """Add ``local * up`` to the adjoint of ``p``; ``maybe`` only where ``local`` is not 0."""
        if maybe and local == "0.0":
            return
        part = f"{local} * {up}"
        if local in ("1.0", "-1.0"):
            part = up if local == "1.0" else f"-{up}"
        elif up == "1.0":
            part = local
        old = self.started.get(p)
        if old is None:
            self._set(p, f"{part} if {local} else None" if maybe else part)
            if maybe:
                self.unsure.add(p)
            return
        total = f"{old} + {part}"
        if p in self.unsure:
            total = f"{part} if {old} is None else {total}"
            if maybe:
                total = f"({total})"
            elif not self.inside:
                self.unsure.discard(p)
        self._set(p, f"{total} if {local} else {old}" if maybe else total)

    def _locals(
        self, i: int, row: Primitive, operands: Sequence[Operand], targets: Sequence[int]
    ) -> Iterator[str]:
        names = [self.text._operand(p) for p in operands]
        result = self.text.names[i]
        if row.name in ("sum", "dot") and row.name in BUILT_IN:
            half = len(operands) // 2
            for k in targets:
                yield "1.0" if row.name == "sum" or k == 2 * half else names[(k + half) % (2 * half)]
            return
        found = recipes(row, [None if type(p) is int else p for p in operands])
        if found is None and row.arity is None:
            many = self._name(f"{row.name}_by({_tuple(names)}, {result})")
            for k in targets:
                yield f"{many}[{k}]"
            return
        for k in targets:
            if found is None:
                yield self._name(f"{row.name}_by{k}({', '.join(names)}, {result})")
            else:
                recipe = found[k]
                assert recipe is not None
                yield self._recipe(recipe, [*names, result])

    def _recipe(self, recipe: Derivation, names: list[str]) -> str:
        for row, operands in recipe.steps:
            given = [names[p] if type(p) is int else _literal_of(p) for p in operands]
            names.append(self._name(written(row, given)))
        result = recipe.result
        return names[result] if type(result) is int else _literal_of(result)

    def _name(self, text: str) -> str:
        self.fresh += 1
        self.text.lines.append(f"s{self.fresh} = {text}")
        return f"s{self.fresh}"


def written(row: Primitive, operands: Sequence[str]) -> str:
    """An operation as a Python expression."""
    if row.name not in BUILT_IN:
        return f"{row.name}_value({', '.join(operands)})"
    if row.name == "dot":
        half = len(operands) // 2
        products = [f"{w} * {x}" for w, x in zip(operands[:half], operands[half:], strict=False)]
        return " + ".join([f"sum({_tuple(products)})", *operands[2 * half :]])
    if "{0}" in row.python:
        return row.python.format(*operands)
    return row.python.replace("{}", ", ".join(operands))


def _literal_of(x: float) -> str:
    text = repr(x)
    return f"({text})" if text[0] == "-" else text


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' * (len(items) == 1)})"


def standalone(recording: Recording, paths: Sequence[str]) -> str:
    """The program as a module of Python, its inputs named after their places."""
    names = list(_identifiers(paths))
    parts = [Text(recording, names).value()]
    if len(recording.roots) == 1:
        parts.append(Text(recording, names).gradient(range(recording.inputs)))
    body = "\n\n".join(parts)
    head = ["import math"] if "math." in body else []
    calls = sorted(Text(recording, names).rules())
    used = [name for name in calls if f"{name}(" in body]
    by_name = used or any(re.search(rf"\b{name}\(", body) for name in _BY_NAME)
    if "special." in body or by_name:
        taken = [name for name, there in (("TABLE", by_name), ("special", "special." in body)) if there]
        head.append(f"from autograd_lite import {', '.join(taken)}")
    for name in used:
        row, by = re.fullmatch(r"(\w+)_(value|by\d*)", name).groups()  # type: ignore[union-attr]
        head.append(f"{name} = TABLE[{row!r}].{'value' if by == 'value' else f'rules[{int(by[2:] or 0)}]'}")
    head += [f"{name} = TABLE[{name!r}].value" for name in _BY_NAME if re.search(rf"\b{name}\(", body)]
    if recording.guards:
        head.append("")
        head.append(
            "changed = lambda number, *sides: RuntimeError(f'comparison {number} changed: {sides}')"
        )
    return "\n".join(head) + "\n\n\n" * bool(head) + body


def _identifiers(paths: Sequence[str]) -> Iterator[str]:
    taken = {"math", "special", "changed", "TABLE"}
    for path in paths:
        name = re.sub(r"\W+", "_", path).strip("_") or "x"
        name = f"x{name}" if name[0].isdigit() else name
        while name in taken or keyword.iskeyword(name) or re.fullmatch(r"[tds]\w*\d+", name):
            name += "_"
        taken.add(name)
        yield name
