"""Which engine runs a program, and why."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import NamedTuple

from .recording import Recording
from .source import LONGEST

#: Up to this many operations straight-line Python is as fast as NumPy's calls.
_FEW = 200

ASKED = "as asked for"

#: So many instructions are compiled within half a second or so, whatever they save.
_INSTRUCTIONS = 2000

#: To lay out more of NumPy's calls takes longer than most people wait.
_CALLS = 50_000

#: What an engine needs: the module, and the extra that installs it.
_NEEDS = {
    "python": (),
    "numpy": ("numpy", "fast"),
    "machine": ("llvmlite", "compile"),
    "tape": ("llvmlite", "compile"),
}


class Choice(NamedTuple):
    """An engine, why it runs, in words, and whether its values are the eager engine's to the bit."""

    name: str
    why: str
    exact: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.why}{', exact' * self.exact}"

    def most(self, operations: int, samples: int | None = None) -> int | None:
        """How many instructions a schedule may have before something else is better; None for any.

        :param operations: how many the program has.
        :param samples: how many a batch has; None for one point.
        """
        if self.name == "tape":
            return -1
        if self.why == ASKED or (self.name != "machine" and samples):
            return None
        if self.name == "machine":  # what saves its own time in a thousand calls or so
            return _INSTRUCTIONS + operations // 20 + operations * (samples or 0) // 16_000
        # A call of NumPy costs as much as five lines of Python
        return operations // 5 if operations <= LONGEST else _CALLS


def tape_of(recording: Recording, exact: bool) -> Choice:
    """What is chosen for a circuit whose operations would be too many instructions."""
    return Choice("tape", f"{len(recording):,} operations, too few of them alike to be compiled", exact)


def has(engine: str) -> bool:
    """Whether what the engine needs is installed."""
    return not _NEEDS[engine] or all(find_spec(m) for m in {_NEEDS[engine][0], "numpy"})


def choice_of(recording: Recording, engine: str | None, batch: bool, exact: bool = False) -> Choice:
    """The engine for a recording: the one that is asked for, else the fastest that is installed.

    :raises ValueError: for a name that is no engine, or an engine that is not ``exact``.
    :raises ImportError: when what the engine needs is not installed.
    """
    asked = engine or os.environ.get("AUTOGRAD_LITE_ENGINE") or "auto"
    if asked != "auto":
        if asked not in _NEEDS:
            raise ValueError(f'engine is "auto", "python", "numpy", "machine" or "tape", not {asked!r}')
        if not has(asked):
            module, extra = _NEEDS[asked]
            raise ImportError(
                f"the engine {asked!r} needs {module}: python -m pip install 'autograd-lite[{extra}]'"
            )
        if exact and asked == "numpy":
            raise ValueError(
                'exact=True needs the engine "machine", "tape" or "python": NumPy rounds otherwise'
            )
        return Choice(asked, ASKED, exact)
    count = len(recording)
    if has("machine"):
        return Choice("machine", "llvmlite is installed", exact)
    if exact:
        return Choice("python", "llvmlite is not installed (extra compile)", exact)
    if not has("numpy"):
        return Choice("python", "NumPy is not installed (extra fast)")
    if batch:
        return Choice("numpy", "a batch is one call for each instruction")
    if count <= _FEW:
        return Choice("python", f"{count} operations at one point")
    return Choice("numpy", f"{count} operations are grouped")
