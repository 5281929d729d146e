"""What training and what it works on may be given: parameters that can move, settings in range."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Protocol


class Parameter(Protocol):
    """What training moves."""

    data: float
    grad: float


def parameters_of(given: Iterable[Parameter], who: str) -> list[Parameter]:
    """The parameters, each once, that ``who`` is to move.

    :raises TypeError: for a model in place of its parameters, or what is no parameter.
    :raises ValueError: when there are none, or one is a constant or computed from others.
    """
    if not isinstance(given, Iterable) or isinstance(given, Mapping):
        kind = type(given).__name__
        raise TypeError(f"{who} takes a list of parameters, such as model.parameters(), not {kind}")
    found = list({id(p): p for p in given}.values())
    if not found:
        raise ValueError(f"{who} needs at least one parameter: the list is empty")
    for i, p in enumerate(found):
        if not (hasattr(p, "data") and hasattr(p, "grad")):
            raise TypeError(f"a parameter has .data and .grad; {type(p).__name__} has not")
        if getattr(p, "is_constant", False) or getattr(p, "op", None) is not None:
            what = "a constant" if getattr(p, "op", None) is None else "computed from others"
            raise ValueError(f"{called(i, p)} is {what}: {who} moves inputs of a circuit")
    return found


def called(i: int, p: Parameter) -> str:
    """How an error speaks of the parameter at place ``i``."""
    return f"parameter {i} ({getattr(p, 'name', None) or 'without a name'})"


def at_least_0(what: str, x: float) -> float:
    """The number ``x``, which is finite and not negative.

    :raises TypeError: when it is no number.
    :raises ValueError: when it is another.
    """
    if not isinstance(x, Real):
        raise TypeError(f"{what} is a number, not {type(x).__name__} ({x!r:.60})")
    if not 0.0 <= x < math.inf:
        raise ValueError(f"{what} is a finite number, 0 or greater, not {x!r}")
    return float(x)


def count(what: str, x: int, least: int, most: float = math.inf) -> int:
    """The whole number ``x``, between ``least`` and ``most``.

    :raises TypeError: when it is no whole number.
    :raises ValueError: when it is another.
    """
    try:
        found = operator.index(x)
    except TypeError:
        raise TypeError(f"{what} is a whole number, not {type(x).__name__} ({x!r:.60})") from None
    if not least <= found <= most:
        upper = "" if most == math.inf else f" and at most {most}"
        raise ValueError(f"{what} is at least {least}{upper}, not {x!r}")
    return found


def any_in(parameters: Iterable[object], nodes: Iterable[object]) -> bool:
    """Whether one of ``parameters`` is among ``nodes``."""
    present = set(map(id, nodes))
    return any(id(p) in present for p in parameters)


def require_inputs(parameters: Iterable[object], nodes: Iterable[object]) -> None:
    """Refuse to train ``parameters`` by a loss that depends on none of them.

    :param nodes: every node that the loss is computed from.
    :raises ValueError: when none of the parameters is among ``nodes``.
    """
    wanted = list(parameters)
    if not any_in(wanted, nodes):
        raise ValueError(
            f"the loss is computed from none of the {len(wanted)} parameters that are to be trained: "
            "are they those of another model, or is the loss a plain number?"
        )
