"""What is printed, whatever the output is: full, closed, or without Unicode."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

#: What the command is called.
COMMAND = "autograd-lite"

#: In fewer columns no line of a table could be broken between its numbers.
_NARROWEST = 24


class RequestError(Exception):
    """A request that cannot be fulfilled; the message is for the user."""


def writable(text: str) -> bool:
    """Whether the standard output can show ``text``."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeError:
        return False
    return True


def line_width() -> int | None:
    """How many columns a line may have: the terminal's, or ``COLUMNS``; None for a file or a pipe."""
    if sys.stdout is None or not (os.environ.get("COLUMNS") or sys.stdout.isatty()):
        return None
    return max(_NARROWEST, shutil.get_terminal_size().columns)


def say(message: str) -> None:
    """Print a message about the request to the standard error."""
    print_to(f"{COMMAND}: {message}", sys.stderr)


def print_to(text: str, file: Any) -> int:
    """Print to ``file``, a standard stream; the result is the exit code, 0 where that can be done."""
    if file is None:  # the process was started without it
        return 0
    try:
        print(text, file=file, flush=True)
    except OSError as error:
        # Without another output Python would report that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
        if isinstance(error, BrokenPipeError):
            return 1  # the reader closed the pipe
        if file is not sys.stderr:
            say(f"the output cannot be written: {error.strerror or error}")
        return 2
    return 0
