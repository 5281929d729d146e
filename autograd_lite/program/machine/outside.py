"""Functions of Python that machine code calls: what they raise waits until the code has ended."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any


class Outside:
    """A function for machine code, through which an exception cannot pass: it goes to ``errors``.

    The result is then nan, and so is that of all further calls.
    """

    def __init__(self, function: Callable[..., Any], errors: list[BaseException]) -> None:
        self.function, self.errors = function, errors

    def __call__(self, *given: Any) -> Any:
        """What the function gives; nothing is raised."""
        if self.errors:
            return math.nan
        try:
            return self.function(*given)
        except BaseException as error:
            self.errors.append(error)
            return math.nan


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Put what a signal raises into ``errors`` too, Ctrl-C above all.

    A signal that comes while machine code runs is handled when the code calls Python next, before any
    line of that function. ctypes would print the exception and go on without the result.
    """
    if current_thread() is not main_thread():  # which has no signals
        yield
        return
    others = sys.unraisablehook

    def keep(lost: Any) -> None:
        if isinstance(lost.object, Outside):
            lost.object.errors.append(lost.exc_value or lost.exc_type())
        else:
            others(lost)

    sys.unraisablehook = keep
    try:
        yield
    finally:
        sys.unraisablehook = others
