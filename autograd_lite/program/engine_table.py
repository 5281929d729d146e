"""The table of the engines that programs may run on.

A new engine is a class below :class:`~.engine.Engine` and an entry of :data:`KNOWN_ENGINES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from .engine import Engine

#: Beyond this many operations Python's compiler takes longer than it saves.
LONGEST = 50_000

#: Up to this many operations straight-line Python is as fast as NumPy's calls.
_FEW_OPERATIONS = 200

#: So many instructions are compiled within half a second or so, whatever they save.
_INSTRUCTIONS = 2000

#: To lay out more of NumPy's calls takes longer than most people wait.
CALLS = 50_000


@dataclass(frozen=True)
class Listed:
    """An engine as it stands in the table.

    :ivar load: gives its class; None for straight-line Python, which has no steps.
    :ivar module: what it needs beside NumPy, and ``extra`` what installs it.
    :ivar exact: whether its values can be the eager engine's to the bit.
    :ivar tapes: whether it walks a tape where a schedule would have too many instructions.
    :ivar most: how many instructions a schedule may have before something else is better, of so many
        operations and samples (None at a point); None for any.
    :ivar suits: why it runs so many operations, at a point or in a batch, where nobody chose; else "".
    """

    name: str
    load: Callable[[], type[Engine]] | None = None
    module: str = ""
    extra: str = "fast"
    exact: bool = False
    tapes: bool = False
    most: Callable[[int, int | None], int | None] = lambda operations, samples: None
    suits: Callable[[int, bool], str] = lambda operations, batch: ""

    @property
    def needs(self) -> set[str]:
        """The modules that have to be installed."""
        return {self.module, "numpy"} - {""} if self.load else set()

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return all(map(find_spec, self.needs))


def _machine_engine() -> type[Engine]:
    from .machine import Machine

    return Machine


def _numpy_engine() -> type[Engine]:
    from .arrays import Arrays

    return Arrays


def _most_compiled(operations: int, samples: int | None) -> int:
    """What saves its own time in a thousand calls or so."""
    return _INSTRUCTIONS + operations // 20 + operations * (samples or 0) // 16_000


def _most_called(operations: int, samples: int | None) -> int:
    """A call of NumPy costs as much as five lines of Python."""
    return CALLS if samples or operations > LONGEST else operations // 5


def _suits_arrays(operations: int, batch: bool) -> str:
    if batch:
        return "a batch is one call for each instruction"
    return f"{operations} operations are grouped" if operations > _FEW_OPERATIONS else ""


def _suits_lines(operations: int, batch: bool) -> str:
    if not KNOWN_ENGINES["numpy"].is_installed:
        return "NumPy is not installed (extra fast)"
    if batch or operations > _FEW_OPERATIONS:
        return "llvmlite is not installed (extra compile)"
    return f"{operations} operations at one point"


#: The engines by name. Where nobody chooses, the first runs that is installed and suits.
KNOWN_ENGINES: dict[str, Listed] = {
    each.name: each
    for each in (
        Listed(
            "machine",
            _machine_engine,
            "llvmlite",
            "compile",
            exact=True,
            tapes=True,
            most=_most_compiled,
            suits=lambda operations, batch: "llvmlite is installed",
        ),
        Listed("numpy", _numpy_engine, most=_most_called, suits=_suits_arrays),
        Listed("python", exact=True, suits=_suits_lines),
        Listed(
            "tape",
            _machine_engine,
            "llvmlite",
            "compile",
            exact=True,
            tapes=True,
            most=lambda operations, samples: -1,
        ),
    )
}
