"""Who wants to know when a module gets another Value in place of one of its own."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakSet


class Watcher(Protocol):
    """What was made of Values, and is no longer that of the module when they are replaced."""

    def value_replaced(self, value: Any, name: str) -> None:
        """Take note that the module's attribute ``name`` is another Value than this one now."""


_WATCHERS: WeakSet[Any] = WeakSet()


def watch(watcher: Watcher) -> None:
    """Tell ``watcher`` of replaced Values, as long as it lives."""
    _WATCHERS.add(watcher)


def tell_replaced(value: Any, name: str) -> None:
    """Tell all watchers that an attribute is another Value now."""
    for watcher in tuple(_WATCHERS):
        watcher.value_replaced(value, name)
