"""Everything that makes something to look at: pictures, tables, trees, formulas, the player."""

from __future__ import annotations

from ..formulas import formula
from .draw import draw, draw_dot, play, trace
from .picture.drawing import Drawing
from .picture.engines import RenderError
from .picture.pair import side_by_side
from .player.page import Player
from .text.table import table
from .text.tree import tree
from .view.options import Options
from .view.view import View

__all__ = [
    "Drawing",
    "Options",
    "Player",
    "RenderError",
    "View",
    "draw",
    "draw_dot",
    "formula",
    "play",
    "side_by_side",
    "table",
    "trace",
    "tree",
]
