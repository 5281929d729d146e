"""The lines of NumPy calls for one loop of a schedule."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.primitive import BUILT_IN, Primitive
from ..support.syntax import expression_tree
from .array_uses import LoopUses
from .array_views import Names, RowView
from .callbacks import quiet
from .contraction import axes_of_all, contraction
from .steps import WITH_LANES, Add, Const, Load, Local, Loop, Op, Ref, Store

_BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


class LoopText:
    """The lines of one loop. What it computes for a moment has a place that is used again."""

    def __init__(self, steps: Any, loop: Loop) -> None:
        self.steps, self.loop, self.lines = steps, loop, steps.lines
        self.names: Names = steps.names
        self.text: dict[int, str] = {}
        self.axes: dict[int, tuple[int, ...]] = {}  # those that each temporary has
        self.uses = LoopUses(loop)
        self.places: dict[int, int] = {}
        self.free: list[int] = []
        self.most = 0

    def write(self) -> None:
        """Append the lines."""
        last = self.uses.last()
        done: set[int] = set()
        for at, each in enumerate(self.loop.code):
            if isinstance(each, Load):
                self._load(each)
            elif isinstance(each, Const):
                self.text[each.to], self.axes[each.to] = self.names.number(each.number), ()
            elif isinstance(each, Op):
                if each.to not in self.uses.sums:
                    self._compute(each, done)
            elif isinstance(each, Store):
                if each.source not in done:
                    self._set(self._view(each.ref), each.ref, self.text[each.source])
            else:
                self._add(each)
            for t in last.get(at, ()):
                if t in self.places:
                    self.free.append(self.places.pop(t))

    # Lines

    def _view(self, ref: Ref) -> str:
        return self.names.rows(ref, self.loop.n, self.loop.m, self.loop.lanes)

    def _place(self, t: int) -> str:
        """The name of a place for a temporary that has all axes."""
        if not self.free:
            self.free.append(self.most)
            self.most += 1
        self.places[t] = self.free.pop()
        return self.names.holder(self.loop.lanes, self.places[t], tuple(self.uses.sizes))

    def _load(self, each: Load) -> None:
        self.text[each.to], self.axes[each.to] = self._view(each.ref), self.uses.axes_of(each.ref)
        if each.to not in self.uses.loads:
            self.lines.append(f"t{each.to} = {self.text[each.to]} + 0.0")
            self.text[each.to] = f"t{each.to}"

    def _compute(self, each: Op, done: set[int]) -> None:
        self.axes[each.to] = axes_of_all(self.axes[s] for s in each.sources)
        operands, mask = [self.text[s] for s in each.sources], each.to in self.uses.masks
        text = f"np.greater({operands[0]}, {self.names.number(0.0)})" if mask else None
        text = text or self._operation(each.row, operands)
        if self.axes[each.to] != self.uses.all:
            self.lines.append(f"t{each.to} = {text}{' * 1.0' * mask}")
            self.text[each.to] = f"t{each.to}"
            return
        ref = self.uses.in_place.get(each.to)
        into = None if mask else call_into(text, self.names)
        if ref is None and into is None and not mask:
            self.lines.append(f"t{each.to} = {text}")
            self.text[each.to] = f"t{each.to}"
            return
        self.text[each.to] = self._view(ref) if ref else self._place(each.to)
        if ref is not None:
            done.add(each.to)
        # A truth value as a number: NumPy is slow where it has to convert while it multiplies
        at = self.text[each.to]
        self.lines.append(into.format(at) if into else f"{at}[...] = {text}")

    def _operation(self, row: Primitive | Local, operands: Sequence[str]) -> str:
        if isinstance(row, Local) or row.name not in BUILT_IN or "vectorize" in row.array:
            self.names.callbacks.append(row)
            called = np.vectorize(quiet(row), otypes=[float])
            return f"{self.names.thing(called, 'f')}({', '.join(operands)})"
        template = "{0} * {0}" if row.name == "square" else row.array
        return (
            template.format(*operands) if "{0}" in template else template.replace("{}", ", ".join(operands))
        )

    def _set(self, view: str, ref: Ref, text: str, add: bool = False) -> None:
        if not add:
            self.lines.append(f"{view} = {text}" if ref.table else f"{view}[...] = {text}")
        else:
            self.lines.append(f"{view} += {text}" if ref.table else f"{view}.__iadd__({text})")

    def _add(self, each: Add) -> None:
        ref, loop = each.ref, self.loop
        kept = self.uses.axes_of(ref)
        text = self._summed(each, kept)
        lanes = loop.lanes and ref.space in WITH_LANES
        n, m = (size if by or ref.table else 1 for size, by in ((loop.n, ref.by_i), (loop.m, ref.by_k)))
        ref = Ref(ref.space, ref.start, ref.by_i, ref.by_k, n, m, ref.table)
        if not ref.distinct():  # a row gets several contributions
            self.steps.is_fresh(ref)
            index = self.names.thing(ref.rows().reshape([k for k in (n, m) if k > 1] or [1]), "i")
            self.lines.append(f"np.add.at({ref.space}, {index}, {text})")
        else:
            fresh = self.steps.is_fresh(ref)
            self._set(self.names.rows(ref, n, m, lanes), ref, text, not fresh)

    def _summed(self, each: Add, kept: tuple[int, ...]) -> str:
        """What is added: the sum along the axes that the ref does not have."""
        if each.source in self.uses.sums:
            a, b = self.uses.sums[each.source]
            found = contraction(self.axes[a], self.axes[b], kept, len(self.uses.all))
            assert found is not None
            swapped, *turned = found
            sides = [self._matrix(t, turn) for t, turn in zip((a, b), turned, strict=True)]
            return f"np.dot({', '.join(reversed(sides) if swapped else sides)})"
        text = self.text[each.source]
        missing = tuple([axis for axis in self.uses.all if axis not in kept])
        if not missing:
            return text
        if self.axes[each.source] != self.uses.all:
            held = self._place(-1)
            self.free.append(self.places.pop(-1))
            self.lines.append(f"{held}[...] = {text}")
            text = held
        if missing == self.uses.all[-1:] and self.loop.lanes:
            return f"np.dot({text}, ones)"
        return f"np.add.reduce({text}, {missing[0] if len(missing) == 1 else missing})"

    def _matrix(self, t: int, turned: bool) -> str:
        """A temporary as a vector or matrix with the axes that it has."""
        if t not in self.uses.loads:
            return self.text[t] + ".T" * turned
        ref, loop = self.uses.loads[t], self.loop
        if ref.table:
            return self.names.rows(ref, loop.n, loop.m, False) + ".T" * turned
        axes = [(size, by) for size, by in ((loop.n, ref.by_i), (loop.m, ref.by_k)) if size > 1 and by]
        shape, apart = (tuple([axis[side] for axis in axes]) for side in (0, 1))
        return self.names.view(RowView(ref.space, ref.start, shape, apart, turned=turned))


def call_into(text: str, names: Names) -> str | None:
    """The expression as a call that writes its result to ``{}``; None when it is more than one call."""
    tree = expression_tree(text)
    if isinstance(tree, ast.BinOp) and type(tree.op) in _BINARY:
        function, operands = _BINARY[type(tree.op)], [tree.left, tree.right]
    elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        function, operands = "negative", [tree.operand]
    elif isinstance(tree, ast.Call) and not tree.keywords:
        function, operands = ast.unparse(tree.func).removeprefix("np."), tree.args
    else:
        return None
    known = isinstance(getattr(np, function, None), np.ufunc)
    if not known or not all(isinstance(x, ast.Name | ast.Constant) for x in operands):
        return None
    given = [x.id if isinstance(x, ast.Name) else names.number(float(x.value)) for x in operands]  # type: ignore[attr-defined]  # names and constants
    return f"np.{function}({', '.join(given)}, out={{}})"
