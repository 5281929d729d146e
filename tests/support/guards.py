"""Arrays that end where readable memory does: a write beyond one ends the process."""

import mmap
import sys
from typing import Any

import numpy as np
import pytest


def guarded(count: int) -> Any:
    """An array of floats that ends where readable memory does."""
    if sys.platform != "linux":
        pytest.skip("pages are protected through Linux's C library")
    import ctypes

    size = mmap.PAGESIZE * (count * 8 // mmap.PAGESIZE + 1)
    memory = mmap.mmap(-1, size + mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + size), mmap.PAGESIZE, 0) == 0
    return np.frombuffer(memory, float, count, size - count * 8)


def copied(numbers: Any) -> Any:
    """The numbers in an array that ends where readable memory does."""
    place = guarded(len(numbers))
    place[:] = numbers
    return place


def guard_rows(machine: Any) -> None:
    """Let each of the rows that machine code works on end where readable memory does."""
    machine.rows.update({space: copied(rows) for space, rows in machine.rows.items()})
