"""The Values that a program uses beside its arguments: its parameters, and those that are its constants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..core.value import Value
from .holders import Holders
from .recording import Recording


class UsedValues:
    """The parameters of a program and its captured Values, and whether they are what they were."""

    def __init__(self, name: str, parameters: Sequence[Value], recording: Recording) -> None:
        require_parameters(parameters)
        self.name, self.parameters, self.captured = name, list(parameters), recording.captured
        self._holders: Holders | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_holders": None}  # where a program is read, its function is not

    def found_by(self, function: Any) -> None:
        """Keep in mind where the function finds them."""
        used = {*self.parameters, *(value for value, _ in self.captured)}
        self._holders = Holders(function, used) if used else None

    def replaced(self) -> str:
        """What was put in the place of one of them, in words; empty when nothing was."""
        moved = self._holders.moved() if self._holders else ""
        if not moved:
            return ""
        return (
            f"{moved}, which {self.name} uses, is another Value than when the program was recorded: record "
            "it again with the parameters of now, or set .data in place"
        )

    def changed(self) -> str:
        """Which of them that is a constant has another number now, in words; empty when none has."""
        for value, was in self.captured:
            if value._data != was and (value._data == value._data or was == was):
                return (
                    f"{value!r}, which {self.name} uses beside its arguments, was {was!r} when the "
                    "program was recorded: pass it as an argument, name it in parameters=, or use jit"
                )
        return ""

    def add(self, slopes: Iterable[Any]) -> None:
        """Add a derivative for each parameter to its ``grad``."""
        for parameter, slope in zip(self.parameters, map(float, slopes), strict=True):
            grad = parameter._grad
            parameter._grad = slope if grad is None else grad + slope


def require_parameters(parameters: Sequence[Any]) -> None:
    """Refuse parameters that are no Values.

    :raises TypeError: for the first of them.
    """
    for parameter in parameters:
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters are Values, not {type(parameter).__name__} ({parameter!r:.60})")
