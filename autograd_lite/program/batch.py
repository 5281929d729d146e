"""A program over many samples at once: their mean or sum, or each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.value import Value
from ..support.arrays import is_array, is_frame, without_labels
from ..support.nested import positions, refill
from ..support.spellings import Elsewhere
from .batch_runs import BatchRuns
from .out import put, require_room
from .samples import parts_of
from .streaming import is_streamed, streamed, weighted


class Batch(BatchRuns):
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
        examples = program.arguments.examples
        axes = in_axes if isinstance(in_axes, list | tuple) else [in_axes] * len(examples)
        if len(axes) != len(examples):
            raise ValueError(
                f"in_axes has {len(axes)} entries, and {program.__name__} takes {len(examples)}"
            )
        parts = [
            list(parts_of(example, axis, name))
            for name, example, axis in zip(program.arguments.names, examples, axes, strict=False)
        ]
        if all(part.axis is None for each in parts for part in each):
            raise ValueError(f"in_axes={in_axes!r} names no argument that varies: call the program itself")
        super().__init__(program, parts, reduce)

    jacobian = Elsewhere("record(jacobian(f), *example).batch(in_axes=…, reduce=None)")
    hessian = Elsewhere("record(hessian(f), *example).batch(in_axes=…, reduce=None)")

    def __repr__(self) -> str:
        each = f"the {self.reduce} of its samples" if self.reduce else "each of its samples"
        return f"<batch of the program of {self.program.__name__}: {each}, engine {self.engine}>"

    def __call__(self, *args: Any, weights: Any = None, progress: bool = False, out: Any = None) -> Any:
        """The value: one number, or with ``reduce=None`` an array with an entry for each sample.

        An argument that varies may be a ``numpy.memmap``, or an iterable of blocks, each of which is
        what the argument is for some of the samples; then one block at a time is held in memory, and
        Ctrl-C is heard between two of them.

        :param weights: a weight for each sample; the mean is then the weighted one.
        :param progress: whether tqdm shows a bar.
        :param out: arrays that the results go to, as NumPy's ``out``: in the structure of what is
            given without it, with None where a new array is wanted. They are looked at first; where a
            comparison then comes out otherwise, nothing is said of what stands in them.
        :raises BranchChanged: where a sample would have taken another branch.
        """
        if not progress and weights is None:
            quick = self._quick.get(None)
            if quick is not None and (known := quick(args, (out, None))) is not None:
                return known
        found = self._shaped(self._totals(args, None, (), weights, progress)[0])
        self._keep_quick(None, None)
        require_room(out, found, args)
        return put(out, found)

    def value_and_grad(
        self, *args: Any, argnums: Any = 0, weights: Any = None, progress: bool = False, out: Any = None
    ) -> tuple[Any, Any]:
        """The value and the gradient by the chosen arguments; see the call for the parameters.

        With ``reduce=None`` both have an entry for each sample, also for shared arguments. The
        gradient by parameters of the recording is added to their ``grad``. ``out`` is a pair, as the
        result: ``(None, array)`` where the value is a number.

        >>> import numpy as np
        >>> from autograd_lite.program import record
        >>> batch = record(lambda w, x: w @ x, np.ones(2), np.ones(2)).batch((None, 0))
        >>> slopes = np.empty(2)
        >>> value, found = batch.value_and_grad(np.ones(2), np.eye(2), out=(None, slopes))
        >>> value, found is slopes, slopes
        (1.0, True, array([0.5, 0.5]))
        """
        if type(argnums) is int and not progress and weights is None:
            quick = self._quick.get(argnums)
            if quick is not None and (known := quick(args, out)) is not None:
                return known  # type: ignore[no-any-return]  # a pair
        program = self.program
        program.require_one()
        self._require_count(args)
        chosen = positions(argnums, len(args), program.__name__)
        wanted = [i in chosen for i, parts in enumerate(self.parts) for _ in parts]
        wanted += [True] * bool(program.parameters)
        values, slopes = self._totals(args, wanted, chosen, weights, progress)
        found = slopes.pop() if program.parameters else None
        trees, remaining = {}, iter(slopes)
        for i in sorted(chosen):
            parts = [next(remaining) for _ in self.parts[i]]
            trees[i] = _tree(program.arguments.examples[i], parts)
        several = isinstance(argnums, list | tuple | range)
        result = (
            values[0] if self.reduce is None else float(values[0]),
            tuple([trees[i] for i in chosen]) if several else trees[chosen[0]],
        )
        require_room(out, result, args)
        if found is not None:
            program.used.add(found.sum(axis=1) if found.ndim == 2 else found)
        self._keep_quick(argnums, tuple(chosen))
        return put(out, result)  # type: ignore[no-any-return]  # a pair

    def grad(
        self, *args: Any, argnums: Any = 0, weights: Any = None, progress: bool = False, out: Any = None
    ) -> Any:
        """The gradient alone; see :meth:`value_and_grad`. ``out`` is for the gradient alone too."""
        pair = None if out is None else (None, out)
        return self.value_and_grad(*args, argnums=argnums, weights=weights, progress=progress, out=pair)[1]

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

    def _require_count(self, args: Sequence[Any]) -> None:
        if any(isinstance(x, Value) for x in args):
            raise TypeError(
                "a batch takes numbers, and makes no circuit of Values: use its value_and_grad, or give a "
                f"sample to the program of {self.program.__name__} itself"
            )
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
        program.require_fresh()
        counts = {block.shape[1] for block in blocks if block.ndim == 2}
        if len(counts) != 1:
            raise ValueError(f"the arguments have different numbers of samples: {sorted(counts)}")
        (count,) = counts
        if program.parameters:
            blocks.append(np.array([parameter._data for parameter in program.parameters]))
        return blocks, count

    def _shaped(self, outputs: Any) -> Any:
        """Outputs in the structure that the function returned."""
        program = self.program
        if self.reduce is None and (is_array(program.outputs) or is_frame(program.outputs)):
            return outputs.T.reshape(-1, *program.outputs.shape)  # the samples first, as in JAX
        return program._shaped([x if is_array(x) else float(x) for x in outputs])


def _tree(example: Any, found: list[Any]) -> Any:
    """Derivatives by blocks in the structure of an argument."""
    import numpy as np

    if is_frame(example) and found[0].ndim == 2:  # the samples have no labels
        example = without_labels(example)
    if is_array(example) and len(found) == 1:
        grid = found[0]
        return (np.moveaxis(grid, 0, -1) if grid.ndim == 2 else grid).reshape(
            *grid.shape[1:], *example.shape
        )
    items = [x if is_array(x) else float(x) for block in found for x in block]
    return refill(example, items)
