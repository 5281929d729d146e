"""What a drawing can be told, and how a wrong option is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.value import Value

DETAILS = ("all", "sums", "named")
DIRECTIONS = ("LR", "TB")


def one_of(option: str, given: object, allowed: Sequence[str]) -> None:
    """Hold that an option has one of its values.

    :raises ValueError: when it has not; the message lists them.
    """
    if given not in allowed:
        raise ValueError(f"{option} is one of {', '.join(map(repr, allowed))}, not {given!r}")


@dataclass(frozen=True)
class Options:
    """What of a circuit is shown, whatever shows it: the arguments of ``snapshot`` in ``show.view``.

    :raises TypeError: when ``focus`` is not a Value.
    :raises ValueError: for a value that an option does not have.
    """

    names: Mapping[str, Any] | None = None
    detail: str = "sums"
    constants: str = "inline"
    grads: str = "auto"
    digits: int = 4
    ascii: bool = False
    focus: Value | None = None
    max_depth: int | None = None
    min_grad: float | None = None
    max_nodes: int | None = 100
    collapsible: bool = False
    scoped: bool = True

    def __post_init__(self) -> None:
        if self.focus is not None and not isinstance(self.focus, Value):
            raise TypeError(f"focus is a Value of the circuit, not {type(self.focus).__name__}")
        one_of("detail", self.detail, DETAILS)
        one_of("constants", self.constants, ("inline", "nodes"))
        one_of("grads", self.grads, ("auto", "always", "never"))
        at_least("digits", self.digits, 1)
        if self.digits > 17:
            raise ValueError(f"digits={self.digits}: a float has at most 17 significant digits")
        if self.max_depth is not None:
            at_least("max_depth", self.max_depth, 0)
        if self.max_nodes is not None:
            at_least("max_nodes", self.max_nodes, 1)
        if self.min_grad is not None and not 0 <= self.min_grad < math.inf:
            raise ValueError(f"min_grad is a finite number, 0 or greater, not {self.min_grad!r}")


def at_least(option: str, given: object, least: int) -> None:
    """Hold that an option is a whole number from ``least`` on.

    :raises ValueError: when it is not.
    """
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise ValueError(f"{option} is a whole number from {least} on, not {given!r}")
