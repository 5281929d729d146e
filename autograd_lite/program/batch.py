"""A program over many samples at once: their mean or sum, or each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.order import sweep
from ..core.value import Value
from ..support.arrays import is_array
from ..support.nested import positions, refill
from .engines import Dense, choice_of, tape_of
from .recording import BranchChanged
from .samples import parts_of
from .streaming import is_streamed, nonzero, streamed, weighted


class _OneByOne:
    """The engine that leaves every sample to the eager one, as a guard does."""

    name, lanes, most_lanes = "python", 1, 1

    def run(self, *arrays: Any) -> tuple[Any, float]:
        return None, 1.0


class Batch:
    """A program over samples; made by :meth:`Program.batch`.

    An argument whose axis is given holds all samples: as an array with that axis more than the
    example, or as a structure like the example with an array of samples at each number.

    >>> from autograd_lite.program import record
    >>> loss = record(lambda w, x, y: (w * x - y) ** 2, 1.0, 2.0, 3.0)
    >>> batch = loss.batch(in_axes=(None, 0, 0))
    >>> batch(2.0, [1.0, 2.0], [2.0, 5.0]), batch.value_and_grad(2.0, [1.0, 2.0], [2.0, 5.0])
    (0.5, (0.5, -2.0))

    Samples may come in blocks, by one iterable for each argument that varies.

    >>> batch(2.0, iter([[1.0], [2.0]]), iter([[2.0], [5.0]]))
    0.5
    """

    def __init__(self, program: Any, in_axes: Any, reduce: str | None) -> None:
        if reduce not in ("mean", "sum", None):
            raise ValueError(f'reduce is "mean", "sum" or None, not {reduce!r}')
        self.program, self.reduce = program, reduce
        self.choice = choice_of(program.recording, program._asked, True, program.choice.exact)
        examples = program.arguments.examples
        axes = in_axes if isinstance(in_axes, list | tuple) else [in_axes] * len(examples)
        if len(axes) != len(examples):
            raise ValueError(
                f"in_axes has {len(axes)} entries, and {program.__name__} takes {len(examples)}"
            )
        self.parts = [
            list(parts_of(example, axis, name))
            for name, example, axis in zip(program.arguments.names, examples, axes, strict=False)
        ]
        if all(part.axis is None for parts in self.parts for part in parts):
            raise ValueError(f"in_axes={in_axes!r} names no argument that varies: call the program itself")
        self._engines: dict[Any, Any] = {}
        self._points: dict[Any, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_engines": {}, "_points": {}}

    def __call__(self, *args: Any, weights: Any = None, progress: bool = False) -> Any:
        """The value: one number, or with ``reduce=None`` an array with an entry for each sample.

        An argument that varies may be a ``numpy.memmap``, or an iterable of blocks, each of which is
        what the argument is for some of the samples; then one block at a time is held in memory, and
        Ctrl-C is heard between two of them.

        :param weights: a weight for each sample; the mean is then the weighted one.
        :param progress: whether tqdm shows a bar.
        :raises BranchChanged: where a sample would have taken another branch.
        """
        return self._shaped(self._totals(args, None, (), weights, progress)[0])

    def value_and_grad(
        self, *args: Any, argnums: Any = 0, weights: Any = None, progress: bool = False
    ) -> tuple[Any, Any]:
        """The value and the gradient by the chosen arguments; see the call for the parameters.

        With ``reduce=None`` both have an entry for each sample, also for shared arguments. The
        gradient by parameters of the recording is added to their ``grad``.
        """
        program = self.program
        program.require_one()
        self._require_count(args)
        chosen = positions(argnums, len(args), program.__name__)
        wanted = [i in chosen for i, parts in enumerate(self.parts) for _ in parts]
        wanted += [True] * bool(program.parameters)
        values, slopes = self._totals(args, wanted, chosen, weights, progress)
        if program.parameters:
            found = slopes.pop()
            totals = (found.sum(axis=1) if found.ndim == 2 else found).tolist()
            for parameter, total in zip(program.parameters, totals, strict=True):
                parameter._grad = total if parameter._grad is None else parameter._grad + total
        trees, remaining = {}, iter(slopes)
        for i in sorted(chosen):
            parts = [next(remaining) for _ in self.parts[i]]
            trees[i] = _tree(program.arguments.examples[i], parts)
        value = values[0] if self.reduce is None else float(values[0])
        if isinstance(argnums, list | tuple | range):
            return value, tuple([trees[i] for i in chosen])
        return value, trees[chosen[0]]

    def grad(self, *args: Any, argnums: Any = 0, weights: Any = None, progress: bool = False) -> Any:
        """The gradient alone; see :meth:`value_and_grad`."""
        return self.value_and_grad(*args, argnums=argnums, weights=weights, progress=progress)[1]

    @property
    def engine(self) -> str:
        """Which engine runs, and why."""
        return str(self.choice)

    def _totals(
        self,
        args: Sequence[Any],
        wanted: list[bool] | None,
        chosen: Sequence[int],
        weights: Any,
        progress: bool,
    ) -> tuple[Any, list[Any]]:
        """The outputs, reduced or by sample, and the derivatives by each wanted block."""
        self._require_count(args)
        if progress or is_streamed(self.parts, args):
            return streamed(self, args, wanted, chosen, weights, progress)
        blocks, count = self.blocks(args)
        seeds = self.seeds(count, weights, self.reduce)
        values, slopes = self.run(blocks, count, wanted, chosen, seeds)
        return values if self.reduce is None else weighted(values, seeds), slopes

    def seeds(self, count: int, weights: Any, reduce: str | None) -> Any:
        """What the value of each sample is multiplied by."""
        import numpy as np

        if weights is None:
            return np.full(count, 1.0 / count if reduce == "mean" else 1.0)
        if reduce is None:
            raise ValueError('weights need reduce="mean" or "sum"')
        given = np.asarray(weights)
        if given.dtype.kind not in "biuf" or given.shape != (count,):
            raise ValueError(
                f"weights must be a real number for each of {count} samples, not an array of {given.dtype} "
                f"and shape {given.shape}"
            )
        return given / nonzero(float(given.sum())) if reduce == "mean" else given.astype(float)

    def _require_count(self, args: Sequence[Any]) -> None:
        if len(args) != len(self.parts):
            raise TypeError(f"{self.program.__name__} takes {len(self.parts)} arguments, not {len(args)}")

    def blocks(self, args: Sequence[Any]) -> tuple[list[Any], int]:
        """The numbers of the arguments in blocks, and how many samples there are.

        A block has a number for each input, or a row of samples for each where they vary.
        """
        blocks = [
            part.block(part.inside(given))
            for parts, given in zip(self.parts, args, strict=True)
            for part in parts
        ]
        return self.completed(blocks)

    def completed(self, blocks: list[Any]) -> tuple[list[Any], int]:
        """The blocks of the arguments with that of the parameters, and how many samples there are."""
        import numpy as np

        program = self.program
        if program.recording.captured and (changed := program.stale()):
            raise ValueError(changed)
        counts = {block.shape[1] for block in blocks if block.ndim == 2}
        if len(counts) != 1:
            raise ValueError(f"the arguments have different numbers of samples: {sorted(counts)}")
        (count,) = counts
        if program.parameters:
            blocks.append(np.array([parameter._data for parameter in program.parameters]))
        return blocks, count

    def run(
        self, blocks: list[Any], count: int, wanted: list[bool] | None, chosen: Sequence[int], seeds: Any
    ) -> tuple[Any, list[Any]]:
        """The outputs by sample, and the derivatives by each wanted block."""
        import numpy as np

        if count == 1 and self.choice.name in ("machine", "tape"):
            found = self._of_one(blocks, wanted, chosen, seeds)
            if found is not None:
                return found
        each = self.reduce is None and wanted is not None
        vary = [block.ndim == 2 or (each and wanted[i]) for i, block in enumerate(blocks)]  # type: ignore[index]  # each: not None
        key = None if wanted is None else tuple(chosen)
        engine = self._engines.get(key)
        if engine is None or engine.lanes < min(engine.most_lanes, count):
            engine = self._engine(
                _spread(blocks, vary), None if wanted is None else _spread(blocks, wanted), count
            )
            self._engines[key] = engine
        shared = _joined([block for block, v in zip(blocks, vary, strict=True) if not v])
        varying = _joined(
            [
                block if block.ndim == 2 else np.broadcast_to(block[:, None], (len(block), count))
                for block, v in zip(blocks, vary, strict=True)
                if v
            ]
        )
        values = np.empty((len(self.program.recording.roots), count))
        slopes = None if wanted is None else np.empty((len(varying), count))
        found, guard = engine.run(shared, varying, seeds, values, slopes)
        if guard != 0:  # a branch, or a number that is not finite
            if self.program.recording.guards:
                self._require_branches(blocks, count)
            return self._eagerly(blocks, count, wanted, seeds, values, vary)
        if wanted is None:
            return values, []
        derivatives, at = [], {False: 0, True: 0}
        for block, v, w in zip(blocks, vary, wanted, strict=True):
            if w:
                derivatives.append((slopes if v else found)[at[v] : at[v] + len(block)])  # type: ignore[index]  # arrays, as wanted is
            at[v] += len(block)
        return values, derivatives

    def _of_one(
        self, blocks: list[Any], wanted: list[bool] | None, chosen: Sequence[int], seeds: Any
    ) -> tuple[Any, list[Any]] | None:
        """The same for a single sample, by the program of a point, which has no lanes to fill."""
        import numpy as np

        key = None if wanted is None else tuple(chosen)
        if key not in self._points:
            flags = _spread(blocks, wanted or [False] * len(blocks))
            which = None if wanted is None else tuple([i for i, flag in enumerate(flags) if flag])
            self._points[key] = self.program._point(which)
        found = self._points[key](_joined([b[:, 0] if b.ndim == 2 else b for b in blocks]))
        if found is None:
            return None
        if wanted is None:
            return np.array([found]).T, []
        slopes, at, parts = np.asarray(found[1]) * seeds[0], 0, []
        for block, flag in zip(blocks, wanted, strict=True):
            if flag:
                part = slopes[at : at + len(block)]
                each = block.ndim == 2 or self.reduce is None
                parts.append(part[:, None] if each else part)
                at += len(block)
        return np.array([[found[0]]]), parts

    def _engine(self, vary: list[bool], wanted: list[bool] | None, count: int) -> Any:
        """The engine for so many samples."""
        recording, exact = self.program.recording, self.choice.exact
        if exact and self.choice.name == "python":
            return _OneByOne()
        name = "numpy" if self.choice.name == "python" else self.choice.name
        most = self.choice.most(len(recording), count)
        engine = Dense(name, recording, vary, wanted, count, most=most, exact=exact)
        if engine.name != name:  # it would be too many instructions
            self.choice = tape_of(recording, exact)
        return engine

    def _sample(self, blocks: list[Any], s: int) -> list[float]:
        return [x for block in blocks for x in (block[:, s] if block.ndim == 2 else block).tolist()]

    def _require_branches(self, blocks: list[Any], count: int) -> None:
        recording = self.program.recording
        for s in range(count):
            try:
                recording.require_branches(recording.on_floats(self._sample(blocks, s)))
            except BranchChanged as changed:
                raise BranchChanged(f"sample {s}: {changed}", changed.guard) from None

    def _eagerly(
        self,
        blocks: list[Any],
        count: int,
        wanted: list[bool] | None,
        seeds: Any,
        values: Any,
        vary: list[bool],
    ) -> tuple[Any, list[Any]]:
        """The same by the eager engine, sample by sample: where something is not finite."""
        import numpy as np

        recording = self.program.recording
        slopes = [np.zeros((len(block), count)) for block in blocks]
        for s in range(count):
            made = recording.on_values(list(map(Value, self._sample(blocks, s))))
            for k, root in enumerate(recording.roots):
                output = recording.of(made, root)
                values[k, s] = getattr(output, "_data", output)
            output = recording.of(made, recording.roots[0])
            if wanted is None or not isinstance(output, Value):
                continue
            reached: dict[Value, float] = {}
            sweep(output, float(seeds[s]), reached)
            found = iter(made)
            for block in slopes:
                block[:, s] = [reached.get(next(found), 0.0) for _ in block]
        return values, [
            block if v else block.sum(axis=1)
            for block, v, w in zip(slopes, vary, wanted or (), strict=False)
            if w
        ]

    def _shaped(self, outputs: Any) -> Any:
        """Outputs in the structure that the function returned."""
        program = self.program
        if self.reduce is None and is_array(program.outputs):  # the samples first, as in JAX
            return outputs.T.reshape(-1, *program.outputs.shape)
        return program._shaped([x if is_array(x) else float(x) for x in outputs])


def _spread(blocks: list[Any], flags: list[bool]) -> list[bool]:
    """The flag of each block for each of its inputs."""
    return [flag for flag, block in zip(flags, blocks, strict=True) for _ in block]


def _joined(blocks: list[Any]) -> Any:
    import numpy as np

    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks) if blocks else np.empty(0)


def _tree(example: Any, found: list[Any]) -> Any:
    """Derivatives by blocks in the structure of an argument."""
    import numpy as np

    if is_array(example) and len(found) == 1:
        grid = found[0]
        return (np.moveaxis(grid, 0, -1) if grid.ndim == 2 else grid).reshape(
            *grid.shape[1:], *example.shape
        )
    items = [x if is_array(x) else float(x) for block in found for x in block]
    return refill(example, items)
