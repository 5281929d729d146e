"""Pickling and deep copying circuits of any depth.

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

from .value import Value, made_from


class _Writing(threading.local):
    """The lists that picklers of this thread are writing at the moment, by identity."""

    def __init__(self) -> None:
        self.lists: dict[int, frozenset[Value]] = {}


_writing = _Writing()


class Flat(list[Value]):
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


def reduce(node: Value) -> Any:
    """What ``__reduce__`` gives for a node: itself alone while its list is written, else the list."""
    if node.op is None or any(node in nodes for nodes in _writing.lists.values()):
        return rebuild, (type(node), *node._state()), getattr(node, "__dict__", None) or None
    return last, (Flat(made_from(node)),)


def rebuild(kind: type[Value], *state: Any) -> Value:
    """A node of that class from its slots; its operands are there already."""
    node: Value = object.__new__(kind)
    node._set(state)
    return node


def last(nodes: list[Value]) -> Value:
    """The root of a list of nodes."""
    return nodes[-1]


def deep_copy(node: Value, memo: dict[int, Any]) -> Value:
    """The circuit below ``node`` with every node its own; those in ``memo`` are reused."""
    for each in made_from(node):
        if id(each) not in memo:
            data, grad, op, label, *slots = each._state()
            twins = [_twin(part, memo) for part in slots]
            memo[id(each)] = twin = rebuild(type(each), data, grad, op, label, *twins)
            if hasattr(each, "__dict__"):
                vars(twin).update(copy.deepcopy(vars(each), memo))
    return memo[id(node)]  # type: ignore[no-any-return]  # a memo holds anything


def _twin(part: Any, memo: dict[int, Any]) -> Any:
    if isinstance(part, Value):
        return memo[id(part)]
    return tuple(_twin(each, memo) for each in part) if type(part) is tuple else part
