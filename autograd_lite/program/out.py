"""Results in arrays of the caller, as NumPy's ``out=``: looked at first, written afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..support.arrays import is_array

_SEQUENCE_TYPES = (list, tuple)


def require_room(out: Any, found: Any, args: Sequence[Any], where: str = "out") -> None:
    """Refuse an ``out`` that the results do not fit in; None stands where a new array is wanted.

    :raises TypeError: where something else than an array of floats stands.
    :raises ValueError: for another structure or shape, an array that cannot be written, and one that
        shares memory with an argument or with another part of ``out``.
    """
    if out is None:
        return
    import numpy as np

    taken = list(_arrays_in(args))
    for name, array, result in _places_in(out, found, where):
        if not isinstance(array, np.ndarray) or array.dtype != float:
            kind = f"of {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise TypeError(f"{name} must be an array of floats, not {kind}")
        if array.shape != np.shape(result):
            raise ValueError(f"{name} must have the shape {np.shape(result)}, not {array.shape}")
        if not array.flags.writeable:
            raise ValueError(f"{name} is read-only")
        if any(np.may_share_memory(array, other) for other in taken):
            raise ValueError(f"{name} shares memory with an argument or with another result")
        taken.append(array)


def put(out: Any, found: Any) -> Any:
    """The results, in the arrays of ``out`` where there are any."""
    if out is None:
        return found
    if isinstance(found, dict):
        return {key: put(out[key], each) for key, each in found.items()}
    if isinstance(found, _SEQUENCE_TYPES):
        parts = [put(mine, each) for mine, each in zip(out, found, strict=True)]
        return type(found)(*parts) if hasattr(found, "_fields") else type(found)(parts)
    out[...] = found
    return out


def _places_in(out: Any, found: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """The name of each array of ``out``, the array, and the result that goes there."""
    if out is None:
        return  # here a new array is wanted
    if isinstance(found, dict):
        if not isinstance(out, dict) or out.keys() != found.keys():
            raise ValueError(f"{where} must be a dict with the keys {list(found)}, not {out!r:.60}")
        for key, each in found.items():
            yield from _places_in(out[key], each, f"{where}[{key!r}]")
    elif isinstance(found, _SEQUENCE_TYPES):
        if not isinstance(out, _SEQUENCE_TYPES) or len(out) != len(found):
            raise ValueError(f"{where} must be a sequence of {len(found)}, not {out!r:.60}")
        for i, (mine, each) in enumerate(zip(out, found, strict=True)):
            yield from _places_in(mine, each, f"{where}[{i}]")
    else:
        yield where, out, found


def _arrays_in(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, _SEQUENCE_TYPES):
        for each in tree:
            yield from _arrays_in(each)
    elif is_array(tree):
        yield tree
