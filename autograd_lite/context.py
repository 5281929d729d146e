"""What the present block says about new nodes: their scope, and whether they are recorded.

Both are per context (thread or task). ``open_blocks`` has an entry for every block that is open
anywhere, so that an operation outside all of them tests one list and no context variable.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from copy import copy
from types import TracebackType
from typing import Any

_scope: ContextVar[str] = ContextVar("autograd_lite.scope", default="")
_recording: ContextVar[bool] = ContextVar("autograd_lite.recording", default=True)

#: One entry per open block, in whatever context; appending and popping are atomic.
open_blocks: list[None] = []


class _Block(ContextDecorator):
    """A ``with`` block that sets one context variable; nestable, reusable, exception-safe."""

    _variable: ContextVar[Any]

    def __init__(self) -> None:
        self._tokens: list[Token[Any]] = []

    def _inside(self) -> Any:
        raise NotImplementedError

    def _recreate_cm(self) -> _Block:
        # As a decorator, every call opens a block of its own: calls may overlap in threads.
        return copy(self)

    def __copy__(self) -> _Block:
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__, _tokens=[])
        return fresh

    def __enter__(self) -> None:
        self._tokens.append(self._variable.set(self._inside()))
        open_blocks.append(None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        open_blocks.pop()
        self._variable.reset(self._tokens.pop())


class scope(_Block):  # noqa: N801 - reads as a statement: with scope("layer1")
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
        super().__init__()
        self.name = name.strip("/")

    def _inside(self) -> str:
        outer = _scope.get()
        return f"{outer}/{self.name}" if outer else self.name


class no_grad(_Block):  # noqa: N801 - PyTorch's name for the same thing
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


class enable_grad(_Block):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations are recorded, also inside a :class:`no_grad`. Also a decorator."""

    _variable = _recording

    def _inside(self) -> bool:
        return True


def current_scope() -> str:
    """The path of the innermost open scope, ``""`` outside all."""
    return _scope.get()


def recording() -> bool:
    """Whether operations are recorded here, that is, outside every :class:`no_grad`."""
    return _recording.get()
