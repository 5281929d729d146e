"""Blocks of the engine: ``scope``, ``no_grad`` and ``enable_grad``."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from .blocks import Block, OpenBlock, Stack, stacks
from .blocks import guarded as guarded
from .blocks import open_blocks as open_blocks

F = TypeVar("F", bound=Callable[..., Any])

scopes: Stack = ContextVar("autograd_lite.scopes", default=())
recordings: Stack = ContextVar("autograd_lite.recordings", default=())
stacks += (scopes, recordings)
#: The scopes among ``open_blocks``.
open_scopes: dict[OpenBlock, None] = {}


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

    _stack = scopes
    _listed = (open_blocks, open_scopes)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name.strip("/ "):
            raise ValueError(f"a scope needs a name, not {name!r}")
        self.name = name.strip("/ ")

    def _setting(self) -> str:
        outer = current_scope()
        return f"{outer}/{self.name}" if outer else self.name


class _Recording(Block):
    _stack = recordings
    _on: bool

    def __new__(cls, func: Any = None) -> _Recording:
        """The block, or ``func`` decorated with it: the parentheses may be left out."""
        block = super().__new__(cls)
        if func is not None and not callable(func):
            raise TypeError(f"{cls.__name__} takes no setting, but a function to decorate, not {func!r}")
        return block if func is None else block(func)

    def _setting(self) -> bool:
        return self._on


class no_grad(_Recording):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations give constants: nothing is recorded. Also a decorator.

    ``p -= …`` and the other in-place operators move a leaf itself, as in PyTorch; on any other node,
    and outside the block, they bind the name to a new node, as for numbers.

    >>> from autograd_lite import Value
    >>> w = Value(2.0)
    >>> with no_grad():
    ...     y = 3 * w
    >>> y.data, y.parents
    (6.0, ())
    """

    _on = False


class enable_grad(_Recording):  # noqa: N801 - PyTorch's name for the same thing
    """In this block operations are recorded, also inside a :class:`no_grad`. Also a decorator.

    >>> from autograd_lite import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     with enable_grad():
    ...         y = x * x
    >>> len(y.parents)
    2
    """

    _on = True


def recorded(func: F) -> F:
    """``func`` with its operations recorded, also inside :class:`no_grad`; outside all blocks as it is."""

    @wraps(func)
    def inside(*args: Any, **named: Any) -> Any:
        if not open_blocks:
            return func(*args, **named)
        with enable_grad():
            return func(*args, **named)

    return inside  # type: ignore[return-value]  # of the same signature


def current_scope() -> str:
    """The path of the innermost open scope, ``""`` outside all."""
    entries = scopes.get()
    return entries[-1].setting if entries else ""


def recording() -> bool:
    """Whether operations are recorded here: the innermost open block of the two kinds decides."""
    entries = recordings.get()
    return entries[-1].setting if entries else True
