"""What the present block says about new nodes: their scope, and whether they are recorded.

Both are per context (thread or task). ``open_blocks`` has an entry for every block that is open
anywhere, so that an operation outside all of them tests one list and no context variable.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar, copy_context
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_scope: ContextVar[str] = ContextVar("autograd_lite.scope", default="")
_recording: ContextVar[bool] = ContextVar("autograd_lite.recording", default=True)

#: At least one entry per open block, in whatever context; appending and popping are atomic.
open_blocks: list[None] = []


#: The blocks that are open in this context, innermost last, each with what held before it.
_undo: ContextVar[tuple[tuple[Block, Any], ...]] = ContextVar("autograd_lite.undo", default=())


class Block(ContextDecorator):
    """A ``with`` block that sets one context variable; nestable, reusable, exception-safe.

    It holds no state of its own, so one block may be open in several threads or tasks at a time. What
    an interruption left open inside it, on the way in or out, is closed with it.
    """

    _variable: ContextVar[Any]

    def _inside(self) -> Any:
        raise NotImplementedError

    def __call__(self, func: Any) -> Any:
        """``func`` with the block open while it runs, also while an ``async`` one waits."""
        import inspect  # slow to load, and only decorators ask

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
        _undo.set((*_undo.get(), (self, self._variable.get())))
        self._variable.set(self._inside())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        owner: Block | None = None
        while owner is not self:
            *outer, (owner, before) = _undo.get()
            owner._variable.set(before)
            _undo.set(tuple(outer))
            owner._closed()

    def _closed(self) -> None:
        """Called when the block has been left."""


class _Placing(Block):
    """A block that new nodes have to ask."""

    def __enter__(self) -> None:
        open_blocks.append(None)
        super().__enter__()

    def _closed(self) -> None:
        open_blocks.pop()


class scope(_Placing):  # noqa: N801 - reads as a statement: with scope("layer1")
    """Nodes made in this block belong to a named part of the circuit; drawings group them by it.

    Blocks nest: the inner path is ``outer/inner``. Also a decorator.

    :raises ValueError: for an empty name.

    >>> from autograd_lite import Value
    >>> with scope("layer1"), scope("neuron2"):
    ...     h = Value(1.0, name="h")
    >>> h.scope
    'layer1/neuron2'
    """

    _variable = _scope

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name.strip("/ "):
            raise ValueError(f"a scope needs a name, not {name!r}")
        self.name = name.strip("/")

    def _inside(self) -> str:
        outer = _scope.get()
        return f"{outer}/{self.name}" if outer else self.name


class no_grad(_Placing):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations give constants: nothing is recorded. Also a decorator.

    >>> from autograd_lite import Value
    >>> w = Value(2.0)
    >>> with no_grad():
    ...     y = 3 * w
    >>> y.data, y.parents
    (6.0, ())
    """

    _variable = _recording

    def _inside(self) -> bool:
        return False


class enable_grad(_Placing):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations are recorded, also inside a :class:`no_grad`. Also a decorator."""

    _variable = _recording

    def _inside(self) -> bool:
        return True


def isolated(func: Callable[P, R]) -> Callable[P, R]:
    """``func`` in a copy of the caller's context: no block that is open inside outlives the call.

    For what runs long: Ctrl-C may strike between the lines that open a block.
    """

    @wraps(func)
    def inside(*args: P.args, **named: P.kwargs) -> R:
        return copy_context().run(func, *args, **named)

    return inside


def current_scope() -> str:
    """The path of the innermost open scope, ``""`` outside all."""
    return _scope.get()


def recording() -> bool:
    """Whether operations are recorded here, that is, outside every :class:`no_grad`."""
    return _recording.get()
