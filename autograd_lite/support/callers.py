"""Where in a user's code a warning points."""

from __future__ import annotations

import os
import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


def caller_level() -> int:
    """The ``stacklevel`` with which a warning points at the first frame outside the package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    return level


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside the package that called into it."""
    warnings.warn(message, category, stacklevel=caller_level())


def is_outside(depth: int) -> bool:
    """Whether the frame this many calls further up belongs to code outside the package."""
    name = sys._getframe(depth + 1).f_globals.get("__name__", "")
    return str(name).split(".")[0] != _PACKAGE


def caller_place() -> str:
    """The file and the line of the first frame outside the package: ``"model.py:12"``."""
    frame = sys._getframe(caller_level() - 1)
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
