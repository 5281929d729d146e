"""The lines of NumPy calls for one loop of a schedule."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.primitive import BUILT_IN, Primitive
from ..support.syntax import expression_tree
from .callbacks import quiet
from .steps import WITH_LANES, Add, Const, Load, Local, Loop, Op, Ref, Store, overlap

#: Quicker than heaviside: truth values, which are numbers once they are multiplied by some.
_MASK = "np.greater({0}, 0.0)"
_BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


class LoopText:
    """The lines of one loop."""

    def __init__(self, writer: Any, loop: Loop, lines: list[str]) -> None:
        self.writer, self.loop, self.lines = writer, loop, lines
        self.axes = [size for size in (loop.n, loop.m) if size > 1]
        self.shape = (*self.axes, *([writer.lanes] if loop.lanes else []))
        self.text: dict[int, str] = {}
        self.full: set[int] = set()  # temporaries that have all axes
        steps = {each.to for each in loop.code if isinstance(each, Op) and each.row.name == "step"}
        #: Temporaries that are used otherwise than as a factor of a number.
        self.numbers = {
            t
            for each in loop.code
            for t in (each.sources if isinstance(each, Op) else each[1:])
            if not (isinstance(each, Op) and each.row.name == "mul" and not steps.issuperset(each.sources))
        }
        self.in_place = self._stored_where_computed()

    def _view(self, ref: Ref) -> str:
        return str(self.writer.view(ref, self.loop.n, self.loop.m, self.loop.lanes))

    def _steady(self, ref: Ref) -> list[int]:
        """The axes that a ref does not have: every entry of them is the same row."""
        steps = [by for by, size in ((ref.by_i, self.loop.n), (ref.by_k, self.loop.m)) if size > 1]
        missing = [] if ref.table else [axis for axis, by in enumerate(steps) if not by]
        return missing + ([len(self.axes)] if self.loop.lanes and ref.space not in WITH_LANES else [])

    def _stored_where_computed(self) -> dict[int, Ref]:
        """The refs of temporaries that may be computed in place."""
        stores = [each for each in self.loop.code if isinstance(each, Store)]
        sources = [each.source for each in stores]
        reads, writes = self.loop.reads(), self.loop.writes()
        return {
            each.source: each.ref
            for each in stores
            if not each.ref.table
            and not self._steady(each.ref)
            and sources.count(each.source) == 1
            and not any(overlap(ref, each.ref) for ref in reads)
            and sum(overlap(ref, each.ref) for ref in writes) == 1
        }

    def write(self) -> None:
        """Append the lines."""
        done: set[int] = set()
        for each in self.loop.code:
            if isinstance(each, Load):
                self.text[each.to] = self._view(each.ref)
                if not self._steady(each.ref):
                    self.full.add(each.to)
                if any(overlap(ref, each.ref) for ref in self.loop.writes()):
                    self._line(each.to, f"{self.text[each.to]} + 0.0")
            elif isinstance(each, Const):
                self.text[each.to] = self.writer.named(np.float64(each.number), "k")
            elif isinstance(each, Op):
                if any(s in self.full for s in each.sources):
                    self.full.add(each.to)
                operands = [self.text[s] for s in each.sources]
                mask = each.row.name == "step" and each.to not in self.numbers
                text = _MASK.format(*operands) if mask else self._operation(each.row, operands)
                into = _call_into(text) if each.to in self.in_place and each.to in self.full else None
                if into is None:
                    self._line(each.to, text)
                else:
                    view = self._view(self.in_place[each.to])
                    self.lines.append(into.format(view))
                    self.text[each.to] = view
                    done.add(each.to)
            elif isinstance(each, Store):
                if each.source not in done:
                    view = self._view(each.ref)
                    at = view if each.ref.table else f"{view}[...]"
                    self.lines.append(f"{at} = {self.text[each.source]}")
            else:
                self._add(each)

    def _line(self, t: int, text: str) -> None:
        self.lines.append(f"t{t} = {text}")
        self.text[t] = f"t{t}"

    def _operation(self, row: Primitive | Local, operands: Sequence[str]) -> str:
        if isinstance(row, Local) or row.name not in BUILT_IN or "vectorize" in row.array:
            called = np.vectorize(quiet(row), otypes=[float])
            return f"{self.writer.named(called, 'f')}({', '.join(operands)})"
        template = "{0} * {0}" if row.name == "square" else row.array
        return (
            template.format(*operands) if "{0}" in template else template.replace("{}", ", ".join(operands))
        )

    def _add(self, each: Add) -> None:
        text, ref = self.text[each.source], each.ref
        missing = self._steady(ref)
        if missing:
            if each.source not in self.full:
                text = f"np.broadcast_to({text}, {self.shape})"
            text = f"np.add.reduce({text}, axis={tuple(missing)})"
            n = self.loop.n if ref.by_i or ref.table else 1
            m = self.loop.m if ref.by_k or ref.table else 1
            ref = Ref(ref.space, ref.start, ref.by_i, ref.by_k, n, m, ref.table)
        lanes = self.loop.lanes and ref.space in WITH_LANES
        if not ref.distinct():  # a row gets several contributions
            index = self.writer.named(ref.rows().reshape([k for k in (ref.n, ref.m) if k > 1] or [1]), "i")
            self.lines.append(f"np.add.at({ref.space}, {index}, {text})")
        else:
            view = self.writer.view(ref, ref.n, ref.m, lanes)
            self.lines.append(f"{view} += {text}" if ref.table else f"{view}.__iadd__({text})")


def _is_simple(x: ast.expr) -> bool:
    return isinstance(x, ast.Name | ast.Constant)


def _call_into(text: str) -> str | None:
    """The expression as a call that writes its result to ``{}``; None when it is more than one call."""
    tree = expression_tree(text)
    if (
        isinstance(tree, ast.BinOp)
        and type(tree.op) in _BINARY
        and _is_simple(tree.left)
        and _is_simple(tree.right)
    ):
        sides = f"{ast.unparse(tree.left)}, {ast.unparse(tree.right)}"
        return f"np.{_BINARY[type(tree.op)]}({sides}, out={{}})"
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub) and _is_simple(tree.operand):
        return f"np.negative({ast.unparse(tree.operand)}, out={{}})"
    if isinstance(tree, ast.Call) and all(map(_is_simple, tree.args)) and not tree.keywords:
        function = ast.unparse(tree.func).removeprefix("np.")
        if function != "greater" and isinstance(getattr(np, function, None), np.ufunc):
            return f"{text[:-1]}, out={{}})"
    return None
