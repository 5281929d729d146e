"""Batches larger than memory: their samples come in blocks, of which one is held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..support.arrays import is_array
from ..support.nested import leaves
from ..support.progress import progress_bar
from .recording import BranchChanged
from .samples import Part, is_structured

#: So many numbers of an array are one block: it takes a few milliseconds, so that Ctrl-C is heard.
_AT_A_TIME = 2**19

#: An array of so many bytes is not laid out at once: that is a copy, in which Ctrl-C is not heard.
_HUGE = 2**26

#: The blocks of all inputs, how many samples there are, and their weights.
_Turn = tuple[list[Any], int, Any]


def is_streamed(parts: Sequence[Sequence[Part]], args: Sequence[Any]) -> bool:
    """Whether an argument that varies comes in blocks, lies in a file, or is huge."""
    varying = [(part, x) for each, x in zip(parts, args, strict=True) for part in each if part.varies]
    return any(
        is_blocks(x) or _in_file(part.inside(x)) or getattr(x, "nbytes", 0) > _HUGE for part, x in varying
    )


def streamed(
    batch: Any,
    args: Sequence[Any],
    wanted: list[bool] | None,
    chosen: Sequence[int],
    weights: Any,
    progress: bool,
) -> tuple[Any, list[Any]]:
    """The outputs, reduced or by sample, and the derivatives by each wanted block of inputs.

    :raises ValueError: for no samples, and when the arguments do not end together.
    """
    results: list[Any] = []  # sums, and lists of what there is for each sample
    reduce, total, number = batch.reduce and "sum", 0.0, 0

    def add(blocks: list[Any], size: int, weight: Any) -> float:
        seeds = batch.seeds(size, weight, reduce)
        values, slopes = batch.run(blocks, size, wanted, chosen, seeds)
        for i, part in enumerate([values if reduce is None else weighted(values, seeds), *slopes]):
            if len(results) == i:
                results.append([part] if part.ndim == 2 else part)
            elif part.ndim == 2:
                results[i].append(part)
            else:
                results[i] = results[i] + part
        bar.update(size)
        return float(size if weight is None else seeds.sum())

    blockwise = any(map(is_blocks, args))
    count, pieces = (None, _steps(batch, args, weights)) if blockwise else _spans(batch, args, weights)
    bar = progress_bar(count, progress, "sample")
    try:
        for piece in pieces:
            total += add(*piece)
            del piece  # before the next is read
            number += 1
    except BranchChanged as changed:
        raise BranchChanged(f"block {number}, {changed}", changed.guard) from None
    finally:
        bar.close()
    if not results:
        raise ValueError("there are no blocks of samples")
    values, *slopes = [_side_by_side(each) if type(each) is list else each for each in results]
    if batch.reduce != "mean":
        return values, slopes
    total = nonzero(total)
    return values / total, [each / total for each in slopes]


def weighted(values: Any, seeds: Any) -> Any:
    """The sum of values, each multiplied by its seed."""
    import numpy as np

    with np.errstate(all="ignore"):
        return values @ seeds


def nonzero(total: float) -> float:
    """The sum of the weights of a mean.

    :raises ValueError: when it is 0.
    """
    if not total:
        raise ValueError("the weights of a mean have the sum 0")
    return total


def _side_by_side(blocks: list[Any]) -> Any:
    import numpy as np

    whole, at = np.empty((len(blocks[0]), sum(block.shape[1] for block in blocks))), 0
    for block in blocks:  # one by one, so that Ctrl-C is heard
        whole[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return whole


def is_blocks(given: Any) -> bool:
    """Whether it is an iterable of blocks, and no collection of samples."""
    return isinstance(given, Iterable) and not (
        isinstance(given, Sequence | Mapping) or hasattr(given, "__array__")
    )


def _in_file(given: Any) -> bool:
    import numpy as np

    return isinstance(given, np.memmap) or (isinstance(given, list | tuple) and any(map(_in_file, given)))


def _steps(batch: Any, args: Sequence[Any], weights: Any) -> Iterator[_Turn]:
    """What the iterables give, step by step."""
    given = [*args, weights]
    moving = [*(any(part.varies for part in parts) for parts in batch.parts), weights is not None]
    sources = {}
    for i, name in enumerate([*batch.program.arguments.names, "weights"]):
        if moving[i]:
            if not is_blocks(given[i]):
                kind = type(given[i]).__name__
                raise ValueError(f"{name} must come in blocks, as other arguments do, not as {kind}")
            sources[i] = name, iter(given[i])
    end = object()

    def step() -> _Turn | None:
        blocks = {i: next(source, end) for i, (_, source) in sources.items()}
        ended = [sources[i][0] for i, block in blocks.items() if block is end]
        if ended and len(ended) < len(sources):
            raise ValueError(f"{ended[0]} has fewer blocks than other arguments")
        here = [blocks.get(i, x) for i, x in enumerate(given)]
        return None if ended else (*batch.blocks(here[:-1]), here[-1])

    return iter(step, None)


def _spans(batch: Any, args: Sequence[Any], weights: Any) -> tuple[int, Iterator[_Turn]]:
    """How many samples the arrays hold, and a piece for each span of them."""
    import numpy as np

    parts = [(part, part.inside(x)) for each, x in zip(batch.parts, args, strict=True) for part in each]
    cutters = [_cutter(part, given) for part, given in parts]
    counts = {count for found, _ in cutters for count in found}
    if len(counts) != 1:
        raise ValueError(f"the arguments have different numbers of samples: {sorted(counts)}")
    (count,) = counts
    if weights is not None:
        batch.seeds(count, weights, batch.reduce)  # whether they fit
        weights = np.asarray(weights)
    width = sum(len(list(leaves(part.example, ""))) for part, _ in parts if part.varies)
    size = max(_AT_A_TIME // max(width, 1), 64)

    def pieces() -> Iterator[_Turn]:
        for start in range(0, count, size):
            stop = min(start + size, count)
            blocks, _ = batch.completed([cut(start, stop) for _, cut in cutters])
            yield blocks, stop - start, None if weights is None else weights[start:stop]

    return count, pieces()


def _cutter(part: Part, given: Any) -> tuple[set[int], Callable[[int, int], Any]]:
    """How many samples a part of an argument has, and the function that gives the block of a span."""
    if part.axis is None:
        block = part.block(given)
        return set(), lambda start, stop: block
    axis = part.axis
    ready = _ready(part.example, given)
    try:
        counts = {array.shape[axis] for array in _arrays(ready)}
    except IndexError:  # it has no such axis, as is told here
        counts = {part.block(given).shape[1]}

    def cut(tree: Any, start: int, stop: int) -> Any:
        if isinstance(tree, list):
            return [cut(each, start, stop) for each in tree]
        return tree[(slice(None),) * (axis % tree.ndim) + (slice(start, stop),)]

    return counts, lambda start, stop: part.block(cut(ready, start, stop))


def _ready(example: Any, given: Any) -> Any:
    """Samples as an array, or as lists of arrays where they are given for each number of the example."""
    import numpy as np

    if is_array(given):
        return given
    if is_structured(example, given):
        return [_ready(e, g) for e, g in zip(example, given, strict=True)]
    return np.asarray(given)


def _arrays(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list):
        for each in tree:
            yield from _arrays(each)
    else:
        yield tree
