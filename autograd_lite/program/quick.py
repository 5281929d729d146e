"""Quick ways into compiled programs: the caller's arrays go to machine code as they lie.

Machine code looks at its arguments itself. What it refuses goes the general way, which converts it or
says what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..support.arrays import is_array
from ..support.nested import positions

#: What is raised where an argument, or an array for a result, is refused.
_REFUSED = (TypeError, ValueError, BufferError, AttributeError, IndexError)

#: Up to this many arguments are looked at one by one in machine code.
_MOST = 12


class Handed(NamedTuple):
    """An argument of a compiled call: a float where ``shape`` is None, else an array.

    ``axis`` is the place of the samples among the axes of the array, None where there are none.
    ``varies`` says that the program has a row of samples for each number of it.
    """

    shape: tuple[int, ...] | None
    axis: int | None
    wanted: bool
    varies: bool = False

    @property
    def size(self) -> int:
        """How many inputs of the program it holds."""
        return math.prod(self.shape or ())

    def result(self, count: int) -> tuple[int, ...]:
        """The shape of the derivative by it, of so many samples."""
        return (count, *(self.shape or ())) if self.varies else self.shape or ()


def given_of(
    examples: Sequence[Any], axes: Sequence[int | None], wanted: Sequence[bool], each: bool = False
) -> tuple[Handed, ...]:
    """What a call is given by arguments like the examples; nothing where they must be laid out first.

    With ``each`` the derivatives by shared arguments are wanted for each sample too.
    """
    found = []
    for example, axis, asked in zip(examples, axes, wanted, strict=True):
        if type(example) is not float and not (is_array(example) and example.size):
            return ()
        shape = example.shape if is_array(example) else None
        if axis is not None:
            shape = shape or ()
            if not -1 - len(shape) <= axis <= len(shape):
                return ()
            axis %= len(shape) + 1
        found.append(Handed(shape, axis, asked, axis is not None or (each and asked)))
    return tuple(found) if 0 < len(found) <= _MOST else ()


def parts_of_call(given: Sequence[Handed], xs: Any, gradient: bool) -> tuple[list[Any], Any, list[Any]]:
    """All inputs as arguments of a call; the array of the derivatives, and its parts for the call."""
    import numpy as np

    if not given:
        slopes = np.empty(len(xs))
        return [xs], slopes, [slopes][:gradient]
    args, at = [], 0
    for each in given:
        part = xs[at : at + each.size]
        args.append(float(part[0]) if each.shape is None else part.reshape(each.shape))
        at += each.size
    sizes = [each.size for each in given if each.wanted]
    slopes = np.empty(sum(sizes))
    return args, slopes, np.split(slopes, np.cumsum(sizes)[:-1]) if sizes else []


class Wanted:
    """The derivatives that a call is asked for, and the arrays that they go to.

    :param argnums: as the caller gave it; None for values alone.
    """

    def __init__(self, given: Sequence[Handed], argnums: Any) -> None:
        order = [] if argnums is None else positions(argnums, len(given), "the program")
        self.entries = [given[i] for i in sorted(order)]
        self.places = [sorted(order).index(i) for i in order]
        self.single = type(argnums) is int

    def arrays(self, count: int, out: Any) -> list[Any]:
        """An array for each, in the order of the arguments: the caller's, or a new one.

        :raises ValueError: where a caller's has another shape, or none: it is then what is returned.
        """
        import numpy as np

        mine = [None] * len(self.places) if out is None else [out] if self.single else out
        found: list[Any] = [None] * len(self.places)
        for place, array in zip(self.places, mine, strict=True):
            shape = self.entries[place].result(count)
            if array is not None and (array.shape != shape or not shape):
                raise ValueError
            found[place] = np.empty(shape) if array is None else array
        return found

    def shaped(self, arrays: list[Any]) -> Any:
        """The derivatives as the caller asked for them."""
        found = tuple([arrays[p] if arrays[p].shape else float(arrays[p]) for p in self.places])
        return found[0] if self.single else found


def value_of(call: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the arguments that gives the value, or None where the general way must be taken."""

    def value(*args: Any) -> Any:
        try:
            return call(*args, None)
        except _REFUSED:
            return None

    return value


def gradient_of(call: Callable[..., Any], given: Sequence[Handed], argnums: Any) -> Callable[..., Any]:
    """The same for the value and the derivatives; ``out`` are arrays for these."""
    import numpy as np

    empty, wanted = np.empty, Wanted(given, argnums)
    shape = wanted.entries[0].shape
    if wanted.single and shape is not None:

        def of_one(*args: Any, out: Any = None) -> Any:
            try:
                slopes = empty(shape) if out is None else out
                if slopes.shape != shape:
                    return None
                value = call(*args, slopes, None)
            except _REFUSED:
                return None
            return None if value is None else (value, slopes)

        return of_one

    def of_several(*args: Any, out: Any = None) -> Any:
        try:
            slopes = wanted.arrays(1, out)
            value = call(*args, *slopes, None)
        except _REFUSED:
            return None
        return None if value is None else (value, wanted.shaped(slopes))

    return of_several


def batch_of(
    many: Callable[..., Any],
    make_one: Callable[[], Callable[..., Any]],
    given: Sequence[Handed],
    argnums: Any,
    each: bool,
) -> Callable[..., Any]:
    """The same for a batch: a function of the tuple of the arguments.

    With ``each`` the values of all samples are given. ``out`` is for the value and for the derivatives.

    :param make_one: makes the call that takes a single sample.
    """
    import numpy as np

    empty, wanted = np.empty, Wanted(given, argnums)
    at, axis = next((i, known.axis) for i, known in enumerate(given) if known.axis is not None)
    first = wanted.entries[0] if wanted.single else None
    one: Callable[..., Any] | None = None

    def called(count: int, *given: Any) -> Any:
        nonlocal one
        if count != 1:
            return many(*given)
        if one is None:
            one = make_one()
        return one(*given)

    def of_any(args: tuple[Any, ...], out: Any) -> Any:
        try:
            count = args[at].shape[axis]
            values, slopes = out or (None, None)
            slopes = wanted.arrays(count, slopes)
            if each and values is None:
                values = empty(count)
            elif values is not None and not (each and values.shape == (count,)):
                return None
            value = called(count, *args, *slopes, values)
        except _REFUSED:
            return None
        if value is None:
            return None
        value = values if each else value
        return value if argnums is None else (value, wanted.shaped(slopes))

    if first is None or first.varies or not first.shape or axis != 0 or each:
        return of_any
    shape = first.shape

    def of_shared(args: tuple[Any, ...], out: Any) -> Any:
        """The most frequent case, in the fewest steps."""
        try:
            if out is None:
                slopes = empty(shape)
            else:
                nothing, slopes = out
                if nothing is not None or slopes.shape != shape:
                    return None
            if len(args[at]) > 1:
                value = many(*args, slopes, None)
            elif one is not None:
                value = one(*args, slopes, None)
            else:
                value = called(1, *args, slopes, None)
        except _REFUSED:
            return None
        return None if value is None else (value, slopes)

    return of_shared


def run_of(positions: Sequence[int]) -> Any:
    """Positions as a slice where they follow one another."""
    start, count = int(positions[0]) if len(positions) else 0, len(positions)
    one_by_one = list(positions) == list(range(start, start + count))
    return slice(start, start + count) if one_by_one else list(positions)
