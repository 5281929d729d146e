"""The numbers that a search moves: parameters in place, or the argument of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from ..core.value import Value
from ..support.arrays import is_frame
from ..support.nested import Leaf, leaves, paths, rebuild, refill
from ..support.numbers import number
from ..support.settings import Parameter, forget_gradients, parameter_label, parameters_of


class Variables:
    """The parameters of a search, and the shape in which its functions take them.

    :param given: parameters, or the numbers at which the search starts: nested lists, tuples, dicts and
        arrays of them. Functions of numbers take Values in the same structure, and then ``args``.
    :param user: who asks, for the errors.
    :raises TypeError: for something else, and for ``args`` of functions without arguments.
    :raises ValueError: when there are no numbers.
    """

    def __init__(self, given: Any, args: Any, user: str) -> None:
        self._args = as_arguments(args)
        self._tree: Any = None
        self._filled: Any = None
        if not _holds_numbers(given):
            if self._args:
                raise TypeError(
                    f"args={self._args!r:.60} is for a function of numbers: {user}(f, x0, args)"
                )
            self.parameters: list[Parameter] = parameters_of(given, user)
            self.labels = [parameter_label(i, p) for i, p in enumerate(self.parameters)]
            return
        starts = [number(x, f"a number that {user} starts from") for x in leaves(given, "x0")]
        if not starts:
            raise ValueError(f"{user} needs at least one number to start from, but x0 has none")
        parts = given.items() if _has_keys(given) else [("x", given)]
        self.labels = [label for name, part in parts for label in paths(part, str(name))]
        made = [Value(x, label) for x, label in zip(starts, self.labels, strict=True)]
        self._tree, self._filled, self.parameters = given, refill(given, list(made)), list(made)

    @property
    def are_numbers(self) -> bool:
        """Whether the search starts from numbers, and its functions take them."""
        return self._filled is not None

    def of(self, f: Callable[..., Any], xs: list[Any]) -> Any:
        """``f`` of these numbers or Values, in the structure of the start, and of ``args``."""
        return f(refill(self._tree, xs), *self._args)

    def call(self, f: Callable[..., Any], args: tuple[Any, ...] | None = None) -> Any:
        """``f`` of the Values, or without them where it reads its parameters itself.

        :param args: further arguments; None for those of the search.
        """
        further = self._args if args is None else args
        return f(*further) if self._filled is None else f(self._filled, *further)

    def shaped(self, numbers: list[float]) -> Any:
        """One number per variable, in the structure of the start; for parameters a list."""
        return numbers if self._filled is None else refill(self._tree, numbers)

    def move(self, numbers: Iterable[float]) -> None:
        """Set the variables to ``numbers``, and their gradients to 0."""
        for p, x in zip(self.parameters, numbers, strict=True):
            p.data = x
        forget_gradients(self.parameters)

    def pairs(self, bounds: Any) -> list[tuple[float | None, float | None]]:
        """Bounds as one pair (low, high) per variable; None is no bound.

        :param bounds: a sequence of pairs in the order of the variables, SciPy's ``Bounds``, or, for a
            start that is a dict or a series, a dict with a pair, or a sequence of pairs, per key.
        :raises ValueError: when their number is wrong, or the start is outside.
        """
        count = len(self.parameters)
        found: list[Any] = []
        if hasattr(bounds, "lb"):
            sides = ([*leaves(rebuild(side, float), "bounds")] for side in (bounds.lb, bounds.ub))
            low, high = (side * count if len(side) == 1 else side for side in sides)
            found = [*zip(low, high, strict=True)]
        elif isinstance(bounds, dict):
            if not _has_keys(self._tree) or not bounds.keys() <= set(self._tree.keys()):
                keys = list(self._tree.keys()) if _has_keys(self._tree) else "no keys"
                raise ValueError(f"bounds has the keys {list(bounds)}, the start has {keys}")
            for key, part in self._tree.items():
                size = len([*leaves(part, "x0")])
                own = bounds.get(key)
                found += [own or (None, None)] * size if own is None or _is_pair(own) else [*own]
        else:
            found = list(bounds)
        if len(found) != count:
            raise ValueError(f"bounds has {len(found)} pairs, but there are {count} numbers to move")
        pairs = [(None, None) if pair is None else pair for pair in found]
        for label, pair, p in zip(self.labels, pairs, self.parameters, strict=True):
            if not _is_pair(pair):
                raise ValueError(f"the bounds of {label} must be a pair (low, high), not {pair!r:.60}")
            least, most = pair
            if not (least is None or least <= p.data) or not (most is None or p.data <= most):
                raise ValueError(f"{label} starts at {p.data!r}, which is outside its bounds {pair}")
        return pairs


def _has_keys(tree: Any) -> bool:
    """Whether it has parts with names: a dict, or a series of pandas."""
    return isinstance(tree, dict) or (is_frame(tree) and tree.ndim == 1)


def as_arguments(args: Any) -> tuple[Any, ...]:
    """Further arguments as SciPy takes them: a tuple, or a single one."""
    return args if isinstance(args, tuple) else (args,)


def reads_a_point(callback: Callable[..., Any] | None) -> bool:
    """Whether ``callback`` takes an argument, as SciPy's does; one with a default does not count."""
    try:
        expected = inspect.signature(callback).parameters.values()  # type: ignore[arg-type]  # None raises
    except TypeError:
        return False
    except ValueError:  # a builtin that does not tell
        return True
    return any(
        p.kind is p.VAR_POSITIONAL
        or (p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        for p in expected
    )


def _is_pair(x: Any) -> bool:
    return isinstance(x, list | tuple) and len(x) == 2 and not any(isinstance(y, list | tuple) for y in x)


def _holds_numbers(given: Any) -> bool:
    """Whether ``given`` is a structure of plain numbers."""
    try:
        inside = list(leaves(given, "x0"))
    except TypeError:
        return False
    return (bool(inside) or isinstance(given, dict)) and not any(isinstance(x, Leaf) for x in inside)
