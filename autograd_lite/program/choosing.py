"""Which engine runs a program, and why."""

from __future__ import annotations

import os
from typing import NamedTuple

from .engine_table import CALLS, KNOWN_ENGINES, Listed
from .recording import Recording

ASKED = "as asked for"

#: Who asks for an engine waits so much longer for it to be made, and not for hours.
_LONGER = 20


class Choice(NamedTuple):
    """An engine, why it runs, in words, and whether its values are the eager engine's to the bit."""

    name: str
    why: str
    exact: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.why}{', exact' * self.exact}"

    @property
    def listed(self) -> Listed:
        """The engine, as it stands in the table."""
        return KNOWN_ENGINES[self.name]

    def most(self, operations: int, samples: int | None = None) -> int | None:
        """How many instructions a schedule may have before something else is better; None for any.

        :param operations: how many the program has.
        :param samples: how many a batch has; None for one point.
        """
        listed = self.listed
        most = listed.most(operations, samples)
        if self.why != ASKED or most is None or most < 0:
            return most
        return _LONGER * (most if listed.tapes else CALLS)


def tape_of(recording: Recording, exact: bool) -> Choice:
    """What is chosen for a circuit whose operations would be too many instructions."""
    return Choice("tape", f"{len(recording):,} operations, too few of them alike to be compiled", exact)


def has(engine: str) -> bool:
    """Whether what the engine needs is installed."""
    return KNOWN_ENGINES[engine].is_installed


def choice_of(recording: Recording, engine: str | None, batch: bool, exact: bool = False) -> Choice:
    """The engine for a recording: the one that is asked for, else the fastest that is installed.

    :raises ValueError: for a name that is no engine, or an engine that is not ``exact``.
    :raises ImportError: when what the engine needs is not installed.
    """
    asked = engine or os.environ.get("AUTOGRAD_LITE_ENGINE") or "auto"
    if asked != "auto":
        listed = KNOWN_ENGINES.get(asked)
        if listed is None:
            names = ", ".join(map(repr, ["auto", *KNOWN_ENGINES]))
            raise ValueError(f"engine is one of {names}, not {asked!r}")
        if not listed.is_installed:
            raise ImportError(
                f"the engine {asked!r} needs {listed.module or 'NumPy'}: "
                f"python -m pip install 'autograd-lite[{listed.extra}]'"
            )
        if exact and not listed.exact:
            names = ", ".join(repr(each.name) for each in KNOWN_ENGINES.values() if each.exact)
            raise ValueError(f"exact=True needs one of the engines {names}: {asked!r} rounds otherwise")
        return Choice(asked, ASKED, exact)
    for listed in KNOWN_ENGINES.values():
        if listed.is_installed and (listed.exact or not exact):
            why = listed.suits(len(recording), batch)
            if why:
                return Choice(listed.name, why, exact)
    raise AssertionError("straight-line Python runs everywhere")
