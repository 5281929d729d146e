"""Everything that makes something to look at: pictures, tables, trees, formulas, the player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..formulas import formula
from .picture.drawing import Drawing, draw
from .picture.engines import RenderError
from .text.table import table
from .text.tree import tree
from .view.view import View

if TYPE_CHECKING:
    from .player.page import Player, play

__all__ = ["Drawing", "Player", "RenderError", "View", "draw", "formula", "play", "table", "tree"]


def __getattr__(name: str) -> Any:
    # The player brings its page with it, which nothing else needs.
    if name in ("Player", "play"):
        from .player import page

        return getattr(page, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
