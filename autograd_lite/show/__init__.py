"""Everything that makes something to look at: pictures, tables, trees, formulas, the player."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..formulas import latex, text
from .drawing import Drawing, draw
from .engines import RenderError
from .table import table
from .tree import tree
from .view import View

if TYPE_CHECKING:
    from ..value import Value
    from .player import Player, play

__all__ = ["Drawing", "Player", "RenderError", "View", "draw", "formula", "play", "table", "tree"]


def formula(
    root: Value, style: str = "text", *, names: Mapping[str, Any] | None = None, digits: int = 4
) -> str:
    """The formula of a whole circuit over its inputs; ``style`` is ``"text"`` or ``"latex"``.

    Derivatives made by ``gradients`` are circuits like any other.

    :raises ValueError: for another style.

    >>> from autograd_lite import Value, gradients
    >>> x = Value(2.0, "x")
    >>> formula(x**3), formula(gradients(x**3, x)), formula(gradients(x**3, x), "latex")
    ('x³', '3x²', '3x^{2}')
    """
    if style not in ("text", "latex"):
        raise ValueError(f'the style of a formula is "text" or "latex", not {style!r}')
    return (text if style == "text" else latex)(root, names, digits=digits)


def __getattr__(name: str) -> Any:
    # The player brings its page with it, which nothing else needs.
    if name in ("Player", "play"):
        from . import player

        return getattr(player, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
