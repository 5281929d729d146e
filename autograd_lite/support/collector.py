"""Python's cyclic collector, kept from walking a circuit that grows.

Nodes form no cycles: they are freed when nothing refers to them. While many of them are made, the
collector would walk them again and again and find nothing.
"""

from __future__ import annotations

import gc


class paused_collector:  # noqa: N801 - reads as a statement: with paused_collector():
    """In this block the collector does not run, unless it was off before; then nothing changes.

    For short stretches: a call of :func:`~autograd_lite.support.blocks.guarded` around it turns the
    collector on again even when Ctrl-C arrives between the lines of this class.
    """

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        # It is turned off only if it was on: if another thread has paused it, that thread turns it on
        # again, and nobody would do so after we had turned it off.
        if self._was_on:
            gc.disable()

    def __exit__(self, *error: object) -> None:
        if self._was_on:
            gc.enable()
