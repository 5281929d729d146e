"""The engine "numpy": a schedule as one NumPy call for each instruction, over views made once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import special
from .array_text import LoopText
from .plan import Schedule
from .steps import WITH_LANES, MatMul, Ref, Step


class Arrays:
    """A schedule on NumPy; ``lanes`` is how many samples a block has, 1 for a point."""

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
                total += rows["dp"][layout.wanted["dp"]].sum() + (0.0 if slopes is None else slopes.sum())
            return rows["dp"], float(guard + (total - total))

    def on(
        self, shared: Any, varying: Any, seeds: Any, values: Any, adjoints: Any
    ) -> Callable[[int, int], float]:
        """``run`` on these arrays again and again: a function of the first sample and how many there are.

        It gives the guard. Outputs and seeds have the places of their samples; where there are several
        outputs, the rows of ``values`` lie as far apart as those of ``varying``.

        :param seeds: None for values alone.
        :param adjoints: where the adjoints of the shared inputs go, if there are any.
        """

        def call(start: int, count: int) -> float:
            part = slice(start, start + count)
            seed = None if seeds is None else seeds[part]
            found, guard = self.run(shared, varying[:, part], seed, values[:, part])
            if adjoints is not None:
                adjoints[:] = found[: len(adjoints)]
            return guard

        return call

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
            LoopText(self, step, lines).write()

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
