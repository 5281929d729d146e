"""Where in a user's code a warning points."""

from __future__ import annotations

import sys


def caller_level() -> int:
    """The ``stacklevel`` with which a warning points at the first frame outside the package."""
    package = __name__.partition(".")[0]
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == package:
        level, frame = level + 1, frame.f_back
    return level
