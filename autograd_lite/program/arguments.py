"""The arguments of a program: nested structures of numbers, laid out flat and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any

from ..core.value import Value
from ..support.arrays import is_array, is_frame, labels_of, without_labels
from ..support.nested import leaves, paths, rebuild, refill
from ..support.numbers import number

_LISTED = (list, tuple)


def structure_of(tree: Any) -> Any:
    """The structure of an argument, without its numbers: what programs are told apart by.

    Lists and tuples by type and length, dicts by their keys, arrays by their shape, and pandas' series
    and frames by their labels.
    """
    if isinstance(tree, float | int | Value):
        return None
    if isinstance(tree, dict):
        return dict, tuple((key, structure_of(each)) for key, each in tree.items())
    if isinstance(tree, _LISTED):
        return type(tree), tuple(map(structure_of, tree))
    if is_array(tree):
        return "array", tree.shape
    if is_frame(tree):
        return type(tree), labels_of(tree)
    return None


class Arguments:
    """The structure that the arguments of a program have, after the examples it was recorded with.

    :ivar counts: how many numbers each argument holds; ``starts`` is where they begin among all.
    """

    def __init__(self, function: str, examples: Sequence[Any], names: Sequence[str]) -> None:
        self.function = function
        self.names = [*names, *(f"argument {i}" for i in range(len(names), len(examples)))][: len(examples)]
        self.examples = [
            rebuild(example, _to_float(name)) for example, name in zip(examples, self.names, strict=True)
        ]
        self.numbers = [
            list(leaves(example, name)) for example, name in zip(self.examples, self.names, strict=True)
        ]
        self.counts = list(map(len, self.numbers))
        self.starts = [sum(self.counts[:i]) for i in range(len(self.counts))]
        self.scalar = all(type(example) is float for example in self.examples)

    def flat(self, args: Sequence[Any]) -> list[Any]:
        """The numbers of the arguments, from left to right; Values are left as they are.

        :raises TypeError: for another number of arguments, or where something else than a number
            stands.
        :raises ValueError: where an argument has another structure than its example.
        """
        if len(args) != len(self.examples):
            wanted = f"{len(self.examples)} argument{'s' * (len(self.examples) != 1)}"
            raise TypeError(f"the program of {self.function} takes {wanted}, not {len(args)}")
        found: list[Any] = []
        for name, example, given in zip(self.names, self.examples, args, strict=True):
            if type(given) is float and type(example) is float:
                found.append(given)
            else:
                flatten(example, given, name, found)
        return found

    def placed(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in their order, of which some were given by their names.

        :raises TypeError: for a name that is no argument's, and for an argument that is given twice or not.
        """
        remaining = dict(named)
        later = [remaining.pop(name) for name in self.names[len(args) :] if name in remaining]
        if remaining or len(args) + len(later) != len(self.names):
            given = ", ".join([*(type(x).__name__ for x in args), *(f"{name}=" for name in named)])
            raise TypeError(f"{self.function} takes {', '.join(self.names)}; it was given {given}")
        return (*args, *later)

    def ordered(self, args: Sequence[Any]) -> list[Any]:
        """The arguments with the numbers that they have, in the structure of the examples."""
        remaining = iter(self.flat(args))
        return [
            refill(example, [next(remaining) for _ in range(count)])
            for example, count in zip(self.examples, self.counts, strict=True)
        ]

    def packed(self, args: Sequence[Any]) -> Any:
        """The numbers of the arguments as an array of floats; a list where there are Values.

        An array of floats that is contiguous and aligned is used as it lies.
        """
        import numpy as np

        if len(args) != len(self.examples):
            return self.flat(args)
        if (
            len(args) == 1
            and self._is_like(args[0], 0)
            and args[0].dtype == float
            and args[0].flags.aligned
        ):
            return args[0].ravel()
        found, at = np.empty(sum(self.counts)), 0
        for i, (name, example, given) in enumerate(zip(self.names, self.examples, args, strict=True)):
            part: Any = given
            if self._is_like(given, i):
                part = given.ravel()
            elif type(given) is not float or type(example) is not float:
                part = []
                flatten(example, given, name, part)
            try:
                found[at : at + self.counts[i]] = part
            except TypeError:  # there are Values among them
                return self.flat(args)
            at += self.counts[i]
        return found

    def _is_like(self, given: Any, i: int) -> bool:
        """Whether it is an array of numbers of the shape of the example."""
        shape = getattr(self.examples[i], "shape", None)
        return is_array(given) and given.shape == shape and given.dtype.kind in "biuf"

    def paths(self) -> Iterator[str]:
        """The place of each number, as Python writes it: ``x``, ``w[0][2]``."""
        for name, example in zip(self.names, self.examples, strict=True):
            yield from paths(example, name)

    def parts(self, items: Sequence[Any], argnums: Any, chosen: Sequence[int]) -> Any:
        """``items``, one for each number of the chosen arguments from left to right, in their shape."""
        trees, at = {}, 0
        for i in sorted(chosen):
            part: Any = items[at : at + self.counts[i]]
            if is_array(part) and is_array(self.examples[i]):
                trees[i] = part.reshape(self.examples[i].shape)
            else:
                trees[i] = refill(self.examples[i], part.tolist() if is_array(part) else list(part))
            at += self.counts[i]
        if isinstance(argnums, list | tuple | range):
            return tuple([trees[i] for i in chosen])
        return trees[chosen[0]]

    def wanted(self, chosen: Sequence[int]) -> list[int]:
        """The positions of the numbers of the chosen arguments among all numbers."""
        return [k for i in chosen for k in range(self.starts[i], self.starts[i] + self.counts[i])]


def _to_float(name: str) -> Callable[[Any], float]:
    """How a leaf of an example becomes a float."""
    return lambda x: x._data if isinstance(x, Value) else number(x, name)


def flatten(example: Any, given: Any, where: str, found: list[Any]) -> None:
    """Append the numbers of an argument to ``found``; see :meth:`Arguments.flat`."""
    if is_frame(example):
        if is_frame(given) and labels_of(given) != labels_of(example):
            wanted = " and ".join([f"{list(labels)!r:.60}" for labels in labels_of(example)])
            raise ValueError(f"{where} must have the labels {wanted}, as its example, in their order")
        example = without_labels(example)
    given = without_labels(given) if is_frame(given) else given
    if isinstance(example, dict):
        if not isinstance(given, dict) or given.keys() != example.keys():
            raise ValueError(f"{where} must be a dict with the keys {list(example)}, not {given!r:.60}")
        for key, each in example.items():
            flatten(each, given[key], f"{where}[{key!r}]", found)
    elif isinstance(example, _LISTED):
        if not isinstance(given, _LISTED) and not is_array(given):
            kind = type(given).__name__
            raise ValueError(f"{where} must be a sequence of {len(example)}, not {kind} ({given!r:.60})")
        if len(given) != len(example):
            raise ValueError(f"{where} must have {len(example)} entries, not {len(given)}")
        for i, (each, part) in enumerate(zip(example, given, strict=True)):
            if type(part) is float and type(each) is float:
                found.append(part)
            else:
                flatten(each, part, f"{where}[{i}]", found)
    elif is_array(example):
        if getattr(given, "shape", None) != example.shape:
            if not isinstance(given, _LISTED):
                shape = getattr(given, "shape", type(given).__name__)
                raise ValueError(f"{where} must be an array of shape {example.shape}, not {shape}")
            flatten(example.tolist(), given, where, found)
        elif given.dtype.kind in "biuf":
            found.extend(map(float, given.ravel().tolist()))
        elif given.dtype.kind == "O":
            for i, part in enumerate(given.ravel().tolist()):
                found.append(_one(part, f"{where}, entry {i}"))
        else:
            raise TypeError(f"{where} must be an array of real numbers, not of {given.dtype}")
    else:
        found.append(_one(given, where))


def _one(given: Any, where: str) -> Any:
    if isinstance(given, Value):
        return given
    if isinstance(given, Real) or getattr(given, "ndim", None) == 0:
        return number(given, where)
    raise ValueError(f"{where} must be a number, not {type(given).__name__} ({given!r:.60})")
