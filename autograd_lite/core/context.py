"""What the present block says about new nodes: their scope, and whether they are recorded.

Both are per context (thread or task). ``open_blocks`` has an entry for every block that is open
anywhere, so that an operation outside all of them tests one list and no context variable.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from functools import wraps
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_scope: ContextVar[str] = ContextVar("autograd_lite.scope", default="")
_recording: ContextVar[bool] = ContextVar("autograd_lite.recording", default=True)

#: An entry per open block that new nodes ask, in whatever context, by its key; to set and to pop are
#: atomic.
open_blocks: dict[object, None] = {}


class _Open(NamedTuple):
    """A block that is open: its key in ``open_blocks``, and what its variable held before."""

    key: object
    block: Block
    before: Any


#: The blocks that are open in this context, innermost last.
_opened: ContextVar[tuple[_Open, ...]] = ContextVar("autograd_lite.opened", default=())


class Block(ContextDecorator):
    """A ``with`` block that sets one context variable; nestable, reusable, exception-safe.

    It holds no state of its own, so one block may be open in several threads or tasks at a time, and
    blocks in generators may be left in another order than they were entered. What an interruption
    left open, on the way into a block or out of it, is closed by the block around it that it passes.
    """

    _variable: ContextVar[Any]
    _places = False  # whether new nodes have to ask

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

    # An interruption may come between any two lines here and in `_close`: a block is listed before
    # it counts and its variable is set, and until it does not count and its variable is restored.

    def __enter__(self) -> None:
        key = object()
        _opened.set((*_opened.get(), _Open(key, self, self._variable.get())))
        if self._places:
            open_blocks[key] = None
        self._variable.set(self._inside())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened = _opened.get()
        own = next((i for i in reversed(range(len(opened))) if opened[i].block is self), None)
        if own is None:
            return  # a generator that was finished in another context
        if kind is None or kind is GeneratorExit:
            _close(opened, own)
        else:
            for i in reversed(range(own, len(opened))):
                _close(opened[: i + 1], i)


def _close(opened: tuple[_Open, ...], own: int) -> None:
    """Close one of the blocks that are open, which need not be the innermost."""
    key, block, before = opened[own]
    later = list(opened[own + 1 :])
    for i, other in enumerate(later):
        if other.block._variable is block._variable:
            later[i] = other._replace(before=before)  # which will be left to what held before
            break
    else:
        block._variable.set(before)
    open_blocks.pop(key, None)
    _opened.set((*opened[:own], *later))


class _Guard(Block):
    """A block that sets nothing: an error that passes it closes what is open inside."""

    _variable: ContextVar[None] = ContextVar("autograd_lite.guard", default=None)

    def _inside(self) -> None:
        return None


class scope(Block):  # noqa: N801 - reads as a statement: with scope("layer1")
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
    _places = True

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name.strip("/ "):
            raise ValueError(f"a scope needs a name, not {name!r}")
        self.name = name.strip("/")

    def _inside(self) -> str:
        outer = _scope.get()
        return f"{outer}/{self.name}" if outer else self.name


class no_grad(Block):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations give constants: nothing is recorded. Also a decorator.

    >>> from autograd_lite import Value
    >>> w = Value(2.0)
    >>> with no_grad():
    ...     y = 3 * w
    >>> y.data, y.parents
    (6.0, ())
    """

    _variable = _recording
    _places = True

    def _inside(self) -> bool:
        return False


class enable_grad(Block):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations are recorded, also inside a :class:`no_grad`. Also a decorator."""

    _variable = _recording
    _places = True

    def _inside(self) -> bool:
        return True


def guarded(func: Callable[P, R]) -> Callable[P, R]:
    """``func``, so that an error which ends it leaves no block open that was opened in it.

    For what runs long: Ctrl-C may strike between the lines that open a block.
    """

    @wraps(func)
    def inside(*args: P.args, **named: P.kwargs) -> R:
        with _Guard():
            return func(*args, **named)

    return inside


def current_scope() -> str:
    """The path of the innermost open scope, ``""`` outside all."""
    return _scope.get()


def recording() -> bool:
    """Whether operations are recorded here, that is, outside every :class:`no_grad`."""
    return _recording.get()
