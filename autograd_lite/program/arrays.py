"""The engine "numpy": a schedule as one NumPy call for each instruction, over views made once."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import special
from ..core.primitive import BUILT_IN, Primitive
from .callbacks import quiet
from .plan import Schedule
from .steps import WITH_LANES, Add, Const, Load, Local, Loop, MatMul, Op, Ref, Step, Store, overlap

#: Quicker than heaviside: truth values, which are numbers once they are multiplied by some.
_MASK = "np.greater({0}, 0.0)"
_BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


class Arrays:
    """A schedule on NumPy; ``lanes`` is how many samples a block has, 1 for a point."""

    name = "numpy"

    def __init__(self, schedule: Schedule, lanes: int = 1) -> None:
        self.schedule, self.lanes = schedule, lanes
        self.rows: dict[str, Any] = {
            space: np.zeros((max(n, 1), lanes) if space in WITH_LANES else max(n, 1))
            for space, n in schedule.counts.items()
        }
        self.rows["c"] = np.array(schedule.layout.constants or [0.0])
        writer = _Writer(self.rows, lanes)
        for space, parts in schedule.clear.items():
            writer.before += [f"{space}[{a}:{b}] = 0.0" for a, b in parts]
        for phase in ("before", "block", "after"):
            for step in getattr(schedule, phase):
                writer.step(step, getattr(writer, phase))
        self._before, self._block, self._after = writer.functions()

    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        """The adjoints of the shared inputs, and a guard, which is 0 where nothing is to be looked at.

        It is another number where a comparison came out otherwise, or a result is not finite.

        :param shared: the shared inputs.
        :param varying: the inputs that vary, a row for each input, a column for each sample; None
            for one point.
        :param seeds: the upstream gradient of each sample.
        :param values: where the outputs go, a row for each and a column for each sample.
        :param slopes: where the derivatives by the varying inputs go, in the same layout.
        """
        rows, layout = self.rows, self.schedule.layout
        with np.errstate(all="ignore"):
            rows["p"][: len(shared)] = shared
            seed = self.schedule.seed if self.schedule.lanes else None
            if seed is not None and seed.space != "dv":
                rows[seed.space][seed.start] = np.sum(seeds)
            self._before()
            guard = 0.0
            count = values.shape[1]
            for start in range(0, count, self.lanes):
                size = min(self.lanes, count - start)
                part = slice(start, start + size)
                if varying is not None and len(varying):
                    rows["v"][: len(varying), :size] = varying[:, part]
                    rows["v"][: len(varying), size:] = varying[:, start + size - 1 : start + size]
                if seed is not None and seed.space == "dv":
                    rows["dv"][seed.start, :size] = seeds[part]
                    rows["dv"][seed.start, size:] = 0.0
                self._block()
                for i, root in enumerate(layout.roots):
                    values[i, part] = self._row(root, size)
                if layout.guard is not None:
                    guard += float(np.sum(self._row(layout.guard, size)))
                if slopes is not None:
                    slopes[:, part] = rows["dv"][: len(slopes), :size]
            self._after()
            total = values.sum()
            if self.schedule.gradient:
                total += rows["dp"].sum() + (0.0 if slopes is None else slopes.sum())
        return rows["dp"], float(guard + (total - total))

    def _row(self, place: tuple[str, int] | float, size: int) -> Any:
        if isinstance(place, float):
            return place
        row = self.rows[place[0]][place[1]]
        return row[:size] if place[0] in WITH_LANES else row


class _Writer:
    """The text of the three functions of a program, and the views that they use."""

    def __init__(self, rows: dict[str, Any], lanes: int) -> None:
        self.rows, self.lanes = rows, lanes
        self.before: list[str] = []
        self.block: list[str] = []
        self.after: list[str] = []
        self.names: dict[str, Any] = {"np": np, "math": math, "special": special, **rows}
        self._views: dict[Any, str] = {}

    def functions(self) -> list[Callable[[], None]]:
        """The functions ``before``, ``block`` and ``after``, compiled."""
        made = []
        for name in ("before", "block", "after"):
            lines = getattr(self, name) or ["pass"]
            text = f"def {name}():\n" + "".join(f"    {line}\n" for line in lines)
            exec(compile(text, f"<numpy program: {name}>", "exec"), self.names)
            made.append(self.names[name])
        return made

    def step(self, step: Step, lines: list[str]) -> None:
        """Append the lines of one step."""
        if isinstance(step, MatMul):
            lines += self._product(step)
        else:
            _LoopWriter(self, step, lines).write()

    def named(self, thing: Any, stem: str) -> str:
        """A name for an object that the lines use."""
        name = f"{stem}{len(self.names)}"
        self.names[name] = thing
        return name

    def view(self, ref: Ref, n: int, m: int, lanes: bool, whole: bool = False) -> str:
        """The rows as an array with the axes i, k and lanes, without axes of length 1 unless ``whole``."""
        key = (ref, n, m, lanes, whole)
        if key not in self._views:
            rows = self.rows[ref.space]
            own = ref.space in WITH_LANES
            if ref.table:
                index = ref.rows().reshape([size for size in (n, m) if size > 1] or [1])
                text = f"{ref.space}[{self.named(index, 'i')}]"
                self._views[key] = f"{text}[..., None]" if lanes and not own else text
            else:
                stride = rows.strides[0]
                axes = [(n, ref.by_i * stride), (m, ref.by_k * stride)]
                axes = [axis for axis in axes if whole or axis[0] > 1]
                if own:
                    axes.append((self.lanes, rows.strides[1]))
                elif lanes:
                    axes.append((1, 0))
                found = as_strided(rows[ref.start :], [a[0] for a in axes], [a[1] for a in axes])
                self._views[key] = self.named(found, ref.space)
        return self._views[key]

    def _product(self, step: MatMul) -> list[str]:
        def matrix(ref: Ref) -> str:
            return self.view(ref, step.n, step.m, False, True)

        def lanes_of(ref: Ref, count: int) -> str:
            flat = Ref(ref.space, ref.start, ref.by_i or ref.by_k, 0, count)
            return self.view(flat, count, 1, True, True) + "[:, 0]"

        if step.kind == "z":
            out = lanes_of(step.out, step.n)
            lines = [f"np.matmul({matrix(step.left)}, {lanes_of(step.right, step.m)}, out={out})"]
            if isinstance(step.bias, Ref):
                bias = self.view(step.bias, step.n, 1, True)
                lines.append(f"np.add({out}, {bias}, out={out})")
            elif step.bias:
                lines.append(f"np.add({out}, {step.bias!r}, out={out})")
            return lines
        if step.kind == "x":
            out = lanes_of(step.out, step.m)
            product = f"{matrix(step.left)}.T, {lanes_of(step.right, step.n)}"
            return [
                f"np.add({out}, np.matmul({product}), out={out})"
                if step.add
                else f"np.matmul({product}, out={out})"
            ]
        pair = f"{lanes_of(step.left, step.n)}, {lanes_of(step.right, step.m)}.T"
        return [f"{matrix(step.out)}.__iadd__(np.matmul({pair}))"]


class _LoopWriter:
    """The lines of one loop."""

    def __init__(self, writer: _Writer, loop: Loop, lines: list[str]) -> None:
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
        return self.writer.view(ref, self.loop.n, self.loop.m, self.loop.lanes)

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
                self.text[each.to] = _literal(each.number)
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
            view = self.writer.view(
                Ref(ref.space, ref.start, ref.by_i, ref.by_k, n, m, ref.table), n, m, False
            )
        else:
            view = self._view(ref)
        if not ref.table:
            self.lines.append(f"{view}.__iadd__({text})")
        elif ref.distinct():
            self.lines.append(f"{view} += {text}")
        else:
            space, index = view.rstrip("]").split("[")
            self.lines.append(f"np.add.at({space}, {index}, {text})")


def _literal(x: float) -> str:
    return f"({x!r})" if math.isfinite(x) else f"float('{x!r}')"


def _is_simple(x: ast.expr) -> bool:
    return isinstance(x, ast.Name | ast.Constant)


def _call_into(text: str) -> str | None:
    """The expression as a call that writes its result to ``{}``; None when it is more than one call."""
    tree = ast.parse(text, mode="eval").body
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
