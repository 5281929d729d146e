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
