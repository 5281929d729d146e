"""A program over many samples at once: their mean or sum, or each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..core.value import Value
from ..support.arrays import is_array
from ..support.nested import positions, refill
from .choosing import Choice, choice_of, tape_of
from .engines import Dense
from .one_by_one import OneByOne, by_the_eager_engine
from .out import put, require_room
from .quick import Handed, batch_of, given_of
from .samples import parts_of
from .streaming import is_streamed, nonzero, streamed, weighted

#: Which engine is called over arrays in place of one that has no steps.
_ARRAYS = {"python": "numpy"}


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
        self.choice = self._chosen()
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
        self._quick: dict[Any, Callable[..., Any] | None] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_engines": {}, "_quick": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.choice = self._chosen()

    def _chosen(self) -> Choice:
        program = self.program
        return choice_of(program.recording, program._asked, True, program.choice.exact)

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
        self,
        *args: Any,
        argnums: Any = 0,
        weights: Any = None,
        progress: bool = False,
        out: Any = None,
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
        self,
        *args: Any,
        argnums: Any = 0,
        weights: Any = None,
        progress: bool = False,
        out: Any = None,
    ) -> Any:
        """The gradient alone; see :meth:`value_and_grad`. ``out`` is for the gradient alone too."""
        pair = None if out is None else (None, out)
        return self.value_and_grad(*args, argnums=argnums, weights=weights, progress=progress, out=pair)[1]

    def _keep_quick(self, argnums: Any, chosen: tuple[int, ...] | None) -> None:
        """Keep a quick way for calls like the one that was just made, where there is one."""
        if (argnums is None or type(argnums) is int) and argnums not in self._quick:
            self._quick[argnums] = None
            known = self._engines.get(chosen)
            program = self.program
            if not isinstance(known, Dense) or not program._alone or program.recording.captured:
                return
            machine, given = known.engine, known.given
            if given and not machine.callbacks:
                each = self.reduce is None
                self._quick[argnums] = batch_of(
                    machine.call, partial(self._one, given, chosen is not None), given, argnums, each
                )

    def _one(self, given: Sequence[Handed], gradient: bool) -> Callable[..., Any]:
        """The compiled call for a single sample."""
        flags = [each.wanted for each in given for _ in range(each.size)] if gradient else None
        point = [each._replace(varies=False) for each in given]
        recording, choice = self.program.recording, self.choice
        most = choice.most(len(recording))
        dense = Dense(
            _ARRAYS.get(choice.name, choice.name), recording, None, flags, most, choice.exact, given=point
        )
        if dense.engine.callbacks:  # they may let other threads in; the general way has a lock
            return lambda *given: None
        return dense.engine.call  # type: ignore[no-any-return]  # a function

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
        if changed := program.stale():
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

        each = self.reduce is None and wanted is not None
        vary = [block.ndim == 2 or (each and wanted[i]) for i, block in enumerate(blocks)]  # type: ignore[index]  # each: not None
        key = None if wanted is None else tuple(chosen)
        engine = self._engines.get(key)
        if engine is None:
            flags = None if wanted is None else _spread(blocks, wanted)
            engine = self._engine(_spread(blocks, vary), flags, count, self._given(wanted))
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
            return by_the_eager_engine(self.program.recording, blocks, count, wanted, seeds, values, vary)
        if wanted is None:
            return values, []
        derivatives, at = [], {False: 0, True: 0}
        for block, v, w in zip(blocks, vary, wanted, strict=True):
            if w:
                derivatives.append((slopes if v else found)[at[v] : at[v] + len(block)])  # type: ignore[index]  # arrays, as wanted is
            at[v] += len(block)
        return values, derivatives

    def _given(self, wanted: list[bool] | None) -> tuple[Handed, ...]:
        """What compiled code is given by the arguments, where they need not be laid out first."""
        parts = [part for parts in self.parts for part in parts]
        if self.program.parameters or len(parts) > len(self.parts):
            return ()
        flags = wanted or [False] * len(parts)
        each = self.reduce is None
        return given_of([part.example for part in parts], [part.axis for part in parts], flags, each)

    def _engine(
        self, vary: list[bool], wanted: list[bool] | None, count: int, given: Sequence[Handed] = ()
    ) -> Any:
        """The engine for so many samples."""
        recording, exact = self.program.recording, self.choice.exact
        if exact and self.choice.name in _ARRAYS:
            return OneByOne()
        name = _ARRAYS.get(self.choice.name, self.choice.name)
        mean, most = self.reduce == "mean", self.choice.most(len(recording), count)
        engine = Dense(name, recording, vary, wanted, most, exact, given=given, mean=mean)
        if engine.name != name:  # it would be too many instructions
            self.choice = tape_of(recording, exact)
        return engine

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
