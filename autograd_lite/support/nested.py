"""Nested lists, tuples, dicts, arrays and frames of numbers: taken apart and put together.

NumPy and pandas are never imported: a caller who passes an array has imported them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import wraps
from numbers import Real
from typing import Any

from .arrays import array_of, is_array, is_frame, labeled_as, without_labels
from .functions import named_as
from .numbers import number

_NUMBERS = "biufO"  # the kinds of arrays that can hold real numbers or Values


class Leaf:
    """A leaf of a structure beside plain numbers: the base of ``Value``."""

    __slots__ = ()


_LEAVES = (Leaf, Real)
_SEQUENCES = (list, tuple)


def leaves(tree: Any, what: str) -> Iterator[Any]:
    """The numbers and Values in ``tree``, from left to right.

    :raises TypeError: when something else is in it; ``what`` names the tree in the message.
    """
    if isinstance(tree, _LEAVES):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from leaves(each, what)
    elif isinstance(tree, _SEQUENCES):
        for each in tree:
            yield from leaves(each, what)
    elif is_array(tree) and tree.dtype.kind in _NUMBERS:
        yield from leaves(tree.ravel().tolist(), what)
    elif is_frame(tree):
        yield from leaves(without_labels(tree), what)
    else:
        try:
            yield number(tree)
        except TypeError:
            raise TypeError(
                f"{what} must be a number or nested lists, tuples, dicts and arrays of numbers, "
                f"but holds {type(tree).__name__} ({tree!r:.60})"
            ) from None


def aligned(tree: Any, other: Any, what: str, path: str = "") -> Iterator[Any]:
    """The leaves of ``other``, numbers as floats, in the order of those of ``tree``.

    Dicts are matched by key.

    :raises ValueError: when the two have not the same shape; ``what`` names ``other``.
    """
    here = f"{what}{path}"
    tree, other = (x.tolist() if is_array(x) else x for x in map(without_labels, (tree, other)))
    if isinstance(tree, dict):
        if not isinstance(other, dict) or tree.keys() != other.keys():
            raise ValueError(f"{here} must be a dict with the keys {list(tree)}, not {other!r:.60}")
        for key, each in tree.items():
            yield from aligned(each, other[key], what, f"{path}[{key!r}]")
    elif isinstance(tree, _SEQUENCES):
        if not isinstance(other, _SEQUENCES) or len(tree) != len(other):
            raise ValueError(f"{here} must be a sequence of {len(tree)}, not {other!r:.60}")
        for position, (each, twin) in enumerate(zip(tree, other, strict=True)):
            yield from aligned(each, twin, what, f"{path}[{position}]")
    elif isinstance(other, _LEAVES):
        yield other if isinstance(other, Leaf) else float(other)
    else:
        raise ValueError(f"{here} must be a number, not {other!r:.60}")


def paths(tree: Any, name: str) -> Iterator[str]:
    """How Python writes each leaf of a tree that is called ``name``: ``x[0]``, ``x['rate']``.

    Of a series of pandas these are its labels, of a frame the column and the row.

    >>> list(paths({"a": 1.0, "b": [2.0, 3.0]}, "x"))
    ["x['a']", "x['b'][0]", "x['b'][1]"]
    """
    if isinstance(tree, dict):
        for key, each in tree.items():
            yield from paths(each, f"{name}[{key!r}]")
    elif is_frame(tree):
        columns = [f"[{key!r}]" for key in tree.columns] if tree.ndim == 2 else [""]
        yield from (f"{name}{column}[{row!r}]" for row in tree.index for column in columns)
    elif isinstance(tree, _SEQUENCES) or is_array(tree):
        for i, each in enumerate(tree.tolist() if is_array(tree) else tree):
            yield from paths(each, f"{name}[{i}]")
    else:
        yield name


def matched(primals: Any, tangents: Any) -> list[Any]:
    """The leaves of the tangents, in the order of those of the primals.

    :raises TypeError: when one of them is no tuple of arguments.
    """
    if not isinstance(primals, _SEQUENCES) or not isinstance(tangents, _SEQUENCES):
        raise TypeError(
            "primals and tangents are tuples with one entry per argument of the function: "
            "(x,) and (v,) for one argument"
        )
    return list(aligned(list(primals), list(tangents), "tangents"))


def rebuild(tree: Any, fill: Callable[[Any], Any]) -> Any:
    """A tree of the shape of ``tree`` with ``fill(leaf)`` at every leaf; pandas keeps its labels.

    An array stays an array: of floats where all are numbers, with the axes of the filled arrays
    behind its own where all are arrays of one shape, else of objects.
    """
    if type(tree) is float:
        return fill(tree)
    if isinstance(tree, dict):
        return {key: rebuild(each, fill) for key, each in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuild(each, fill) for each in tree))
    if isinstance(tree, _SEQUENCES):
        return type(tree)(rebuild(each, fill) for each in tree)
    if is_array(tree):
        return array_of([rebuild(each, fill) for each in tree.ravel().tolist()], tree.shape)
    if is_frame(tree):
        return labeled_as(tree, rebuild(without_labels(tree), fill))
    return fill(tree)


def refill(tree: Any, items: list[Any]) -> Any:
    """A tree of the shape of ``tree`` with the ``items`` at its leaves, from left to right."""
    if type(tree) is float:
        return items[0]
    remaining = iter(items)
    return rebuild(tree, lambda leaf: next(remaining))


def with_aux(transform: Callable[..., Any], f: Callable[..., Any], argnums: Any) -> Callable[..., Any]:
    """``transform(f, argnums)`` for an ``f`` that returns ``(value, aux)``: aux comes beside the result.

    In aux, numbers stand for Values, unless the result has Values in it itself.
    """

    @named_as(f)
    def paired(*args: Any, **named: Any) -> tuple[Any, Any]:
        kept: list[Any] = []

        @wraps(f)
        def first(*given: Any, **others: Any) -> Any:
            pair = f(*given, **others)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"with has_aux a function returns a pair (value, aux), not {pair!r:.60}")
            kept[:] = pair[1:]
            return pair[0]

        found = transform(first, argnums)(*args, **named)
        if any(isinstance(x, Leaf) for x in leaves(found, "a derivative")):
            return found, kept[0]
        return found, rebuild(kept[0], lambda x: getattr(x, "_data", x))

    return paired


def positions(argnums: Any, count: int, what: str) -> list[int]:
    """The positions from 0 on that ``argnums`` names among ``count`` arguments of ``what``.

    :raises TypeError: when ``argnums`` is neither a whole number nor a sequence of them.
    :raises ValueError: when one is out of range or named twice.
    """
    if type(argnums) is int and 0 <= argnums < count:
        return [argnums]
    given = argnums if isinstance(argnums, list | tuple | range) else (argnums,)
    try:
        chosen = [range(count)[operator.index(i)] for i in given]
    except TypeError:
        raise TypeError(f"argnums is a position or a tuple of them, not {argnums!r}") from None
    except IndexError:
        why = f"argnums={argnums} but {what} was called with {count} arguments"
        raise ValueError(why) from None
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"argnums={argnums} names an argument of {what} twice")
    return chosen


def several(name: str, *operands: Any) -> tuple[Any, ...]:
    """The operands of a call that takes any number: one iterable of them, or they themselves."""
    if len(operands) != 1 or isinstance(operands[0], Leaf | Real):
        return operands
    try:
        return tuple(operands[0])
    except TypeError:
        kind = type(operands[0]).__name__
        raise TypeError(f"{name} takes an iterable of numbers or Values, not {kind}") from None
