"""Which engine runs a program, and why."""

from __future__ import annotations

import os
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from .recording import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .plan import Schedule

#: Up to this many operations straight-line Python is as fast as NumPy's calls.
_FEW = 200

#: What an engine needs: the module, and the extra that installs it.
_NEEDS = {"python": (), "numpy": ("numpy", "fast")}


class Choice(NamedTuple):
    """An engine, and why it runs, in words."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


def has(engine: str) -> bool:
    """Whether what the engine needs is installed."""
    return not _NEEDS[engine] or all(find_spec(m) for m in {_NEEDS[engine][0], "numpy"})


def choice_of(recording: Recording, engine: str | None, batch: bool) -> Choice:
    """The engine for a recording: the one that is asked for, else the fastest that is installed.

    :raises ValueError: for a name that is no engine.
    :raises ImportError: when what the engine needs is not installed.
    """
    asked = engine or os.environ.get("AUTOGRAD_LITE_ENGINE") or "auto"
    if asked != "auto":
        if asked not in _NEEDS:
            raise ValueError(f'engine is "auto", "python" or "numpy", not {asked!r}')
        if not has(asked):
            module, extra = _NEEDS[asked]
            raise ImportError(
                f"the engine {asked!r} needs {module}: python -m pip install 'autograd-lite[{extra}]'"
            )
        return Choice(asked, "as asked for")
    count = len(recording)
    if not has("numpy"):
        return Choice("python", "NumPy is not installed (extra fast)")
    if batch:
        return Choice("numpy", "a batch is one call for each instruction")
    if count <= _FEW:
        return Choice("python", f"{count} operations at one point")
    return Choice("numpy", f"{count} operations are grouped")


class Dense:
    """An engine over arrays, for one point or a batch; several threads take turns.

    ``vary`` says for each input whether it varies by sample, None for one point.
    """

    def __init__(
        self,
        name: str,
        recording: Recording,
        vary: Sequence[bool] | None,
        wanted: Sequence[bool] | None,
        lanes: int,
    ) -> None:
        from .arrays import Arrays
        from .plan import Schedule

        self.name = name
        self.schedule: Schedule = Schedule(recording, vary, wanted)
        self.lock = Lock()
        self._engine = Arrays(self.schedule, lanes)

    def run(self, *arrays: Any) -> tuple[Any, float]:
        """See :meth:`Arrays.run`; the adjoints are a copy."""
        with self.lock:
            slopes, guard = self._engine.run(*arrays)
            return slopes.copy(), guard
