"""``with`` blocks that hold for the code inside them, in their own context (thread or task)."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class OpenBlock:
    """A block that is open, and the setting that it brought."""

    __slots__ = ("block", "setting")

    def __init__(self, block: Block, setting: Any) -> None:
        self.block, self.setting = block, setting


#: The open blocks of one kind in this context, innermost last.
Stack = ContextVar[tuple[OpenBlock, ...]]

#: The stacks of all kinds of blocks.
stacks: list[Stack] = []

#: All blocks that are open in any thread, so that outside all blocks one truth test tells a node so.
#: A dict, because setting an item of one and removing it are atomic.
open_blocks: dict[OpenBlock, None] = {}


class Block(ContextDecorator):
    """A ``with`` block and decorator; nestable, reusable, safe in threads, tasks and generators.

    Entering puts an entry on the stack of its kind. Leaving takes the block's own entry away,
    wherever it is: blocks in generators may be left in another order than they were entered. An
    error that passes a block closes what was opened inside it.
    """

    _stack: Stack
    _listed: tuple[dict[OpenBlock, None], ...] = (open_blocks,)

    def _setting(self) -> Any:
        raise NotImplementedError

    def __call__(self, func: Any) -> Any:
        """``func`` with the block open while it runs, also while an ``async`` one waits."""
        import inspect  # slow to load, and only decorators need it

        if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            name = type(self).__name__
            raise TypeError(
                f"{name} cannot decorate the generator {func.__name__}, whose caller runs between "
                f"its yields: open the block inside, with {name}(...)"
            )
        if not inspect.iscoroutinefunction(func):
            return super().__call__(func)

        @wraps(func)
        async def inside(*args: Any, **named: Any) -> Any:
            with self:
                return await func(*args, **named)

        return inside

    def __enter__(self) -> None:
        entry = OpenBlock(self, self._setting())
        self._stack.set((*self._stack.get(), entry))
        for listed in self._listed:
            listed[entry] = None

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        entries = self._stack.get()
        for i in reversed(range(len(entries))):
            if entries[i].block is self:
                later = entries[i + 1 :] if kind in (None, GeneratorExit) else ()
                _close(self._stack, (*entries[:i], *later))
                return
        # There is no entry when a generator is finished in another context than it began in.


def _close(stack: Stack, keep: tuple[OpenBlock, ...]) -> None:
    for entry in set(stack.get()).difference(keep):
        for listed in entry.block._listed:
            listed.pop(entry, None)
    stack.set(keep)


def guarded(func: Callable[P, R]) -> Callable[P, R]:
    """``func``, so that an error which ends it leaves no block open that was opened in it.

    Ctrl-C may arrive between the lines that open or close a block. The cyclic collector is on
    afterwards if it was on before.
    """

    @wraps(func)
    def inside(*args: P.args, **named: P.kwargs) -> R:
        held, collecting = [stack.get() for stack in stacks], gc.isenabled()
        try:
            return func(*args, **named)
        except BaseException:
            for stack, entries in zip(stacks, held, strict=True):
                _close(stack, entries)
            raise
        finally:
            if collecting:
                gc.enable()

    return inside
