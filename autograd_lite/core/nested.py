"""Nested lists, tuples and dicts of numbers: taking them apart and putting them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any

from .value import Value


def leaves(tree: Any, what: str) -> Iterator[Any]:
    """The numbers and Values in ``tree``, from left to right.

    :raises TypeError: when something else is in it; ``what`` names the tree in the message.
    """
    if isinstance(tree, Value | Real):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from leaves(each, what)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from leaves(each, what)
    else:
        raise TypeError(
            f"{what} must be a number or nested lists, tuples and dicts of numbers, "
            f"but holds {type(tree).__name__} ({tree!r:.60})"
        )


def aligned(tree: Any, other: Any, what: str, path: str = "") -> Iterator[Any]:
    """The leaves of ``other``, in the order of those of ``tree``: dicts are matched by key.

    :raises ValueError: when the two have not the same shape; ``what`` names ``other``.
    """
    here = f"{what}{path}"
    if isinstance(tree, dict):
        if not isinstance(other, dict) or tree.keys() != other.keys():
            raise ValueError(f"{here} must be a dict with the keys {list(tree)}, not {other!r:.60}")
        for key, each in tree.items():
            yield from aligned(each, other[key], what, f"{path}[{key!r}]")
    elif isinstance(tree, list | tuple):
        if not isinstance(other, list | tuple) or len(tree) != len(other):
            raise ValueError(f"{here} must be a sequence of {len(tree)}, not {other!r:.60}")
        for position, (each, twin) in enumerate(zip(tree, other, strict=True)):
            yield from aligned(each, twin, what, f"{path}[{position}]")
    elif isinstance(other, Value | Real):
        yield other
    else:
        raise ValueError(f"{here} must be a number, not {other!r:.60}")


def rebuild(tree: Any, fill: Callable[[Any], Any]) -> Any:
    """A tree of the shape of ``tree`` with ``fill(leaf)`` at every leaf."""
    if isinstance(tree, dict):
        return {key: rebuild(each, fill) for key, each in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuild(each, fill) for each in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(rebuild(each, fill) for each in tree)
    return fill(tree)


def refill(tree: Any, items: list[Any]) -> Any:
    """A tree of the shape of ``tree`` with the ``items`` at its leaves, from left to right."""
    remaining = iter(items)
    return rebuild(tree, lambda leaf: next(remaining))
