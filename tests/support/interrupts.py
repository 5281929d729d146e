"""Ctrl-C anywhere: a call is struck at its first line, at its second, and so on to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Any

import pytest

from autograd_lite.support import saved


def interruptions(call: Callable[[], object]) -> Iterator[int]:
    """Runs ``call`` again and again, each time interrupted a line of the library later.

    Yields after every interruption, for the caller to look and to restore; ends when a run came
    through.
    """
    for strike in count():
        lines = 0

        def trace(frame: FrameType, event: str, arg: Any, strike: int = strike) -> Any:
            nonlocal lines
            if not frame.f_globals.get("__name__", "").startswith("autograd_lite"):
                return None
            if event == "line":
                lines += 1
                if lines == strike + 1:
                    raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        except KeyboardInterrupt:
            sys.settrace(before)
            yield strike
        else:
            return
        finally:
            sys.settrace(before)


@contextmanager
def interrupted_at(stop: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ctrl-C arrives before attribute number ``stop`` is set; what is yielded is filled if it did."""
    left = stop
    struck: list[int] = []

    def counted(changes: Iterable[tuple[Any, str, Any]]) -> None:
        nonlocal left
        for target, name, new in changes:
            left -= 1
            if left == 0:
                struck.append(stop)
                raise KeyboardInterrupt
            setattr(target, name, new)

    monkeypatch.setattr(saved, "_set_each", counted)
    try:
        yield struck
    except KeyboardInterrupt:
        assert struck
    finally:
        monkeypatch.undo()
