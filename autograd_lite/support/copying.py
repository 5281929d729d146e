"""Pickling and deep copying linked objects of any depth.

``pickle`` and ``copy.deepcopy`` follow references by recursion, and a circuit is as deep as the
computation was long. So the first node that a pickler meets writes, before itself, all nodes below it
in topological order through a flat list: each finds its operands written already, and nothing
recurses. Every node is still an object of its own to the pickler, so nodes that several roots of one
pickle share stay shared.
"""

from __future__ import annotations

import copy
import threading
from typing import Any


class Linked:
    """A node that is pickled and copied with all nodes below it, however deep.

    A class of nodes says what is below (``_below``, operands first, the node itself last), what its
    own slots hold (``_state``) and how to fill them (``_set``). What a subclass keeps in slots or a
    dict of its own goes along.
    """

    __slots__ = ()

    def _below(self) -> list[Any]:
        raise NotImplementedError

    def _state(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def _set(self, state: tuple[Any, ...]) -> None:
        raise NotImplementedError

    def __reduce__(self) -> Any:
        nodes = None if any(self in nodes for nodes in _writing.lists.values()) else self._below()
        if nodes and len(nodes) > 1:
            return _last, (Flat(nodes),)
        return _rebuild, (type(self), *self._state()), _of_subclass(self)

    def __copy__(self) -> Any:
        twin = _rebuild(type(self), *self._state())
        _adopt(twin, _of_subclass(self))
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        for each in self._below():
            if id(each) not in memo:
                twins = [_twin(part, memo) for part in each._state()]
                memo[id(each)] = twin = _rebuild(type(each), *twins)
                _adopt(twin, copy.deepcopy(_of_subclass(each), memo))
        return memo[id(self)]


class _Writing(threading.local):
    """The lists that picklers of this thread are writing at the moment, by identity."""

    def __init__(self) -> None:
        self.lists: dict[int, frozenset[Any]] = {}


_writing = _Writing()
_OURS = f"{__package__.partition('.')[0]}."


class Flat(list[Any]):
    """The nodes below a root, itself last, as a pickler writes them: one after another."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        _writing.lists[id(self)] = frozenset(self)
        return Flat, (), _End(id(self)), iter(self)

    def __setstate__(self, state: object) -> None:
        """The end mark carries nothing to restore."""

    def __del__(self) -> None:
        # A pickler that fails half-way never reaches the end mark; it drops its list all the same.
        _writing.lists.pop(id(self), None)


class _End:
    """The state of a :class:`Flat`: a pickler writes it after the last node."""

    def __init__(self, key: int) -> None:
        self.key = key

    def __reduce__(self) -> Any:
        _writing.lists.pop(self.key, None)
        return int, ()


def _rebuild(kind: type[Any], *state: Any) -> Any:
    """A node of that class from its slots; its operands are there already."""
    node = object.__new__(kind)
    node._set(state)
    return node


def _last(nodes: list[Any]) -> Any:
    """The root of a list of nodes."""
    return nodes[-1]


def _twin(part: Any, memo: dict[int, Any]) -> Any:
    if isinstance(part, Linked):
        return memo[id(part)]
    return tuple(_twin(each, memo) for each in part) if type(part) is tuple else part


def _of_subclass(node: Any) -> tuple[dict[str, Any] | None, dict[str, Any]] | None:
    """What a user's subclass keeps in its instances: their dict and their slots, as pickle has it."""
    if type(node).__module__.startswith(_OURS):
        return None
    slots = {}
    for kind in type(node).__mro__:
        names = () if kind.__module__.startswith(_OURS) else vars(kind).get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            key = f"_{kind.__name__.lstrip('_')}{name}" if name[:2] == "__" != name[-2:] else name
            if key not in ("__dict__", "__weakref__") and hasattr(node, key):
                slots[key] = getattr(node, key)
    own = getattr(node, "__dict__", None)
    return (own, slots) if own or slots else None


def _adopt(twin: Any, extra: tuple[dict[str, Any] | None, dict[str, Any]] | None) -> None:
    for part in extra or ():
        for key, value in (part or {}).items():
            setattr(twin, key, value)
