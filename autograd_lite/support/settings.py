"""Checks of what training is given: parameters that can be moved, and settings in their range."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Protocol

#: What the engines of ``fit`` and ``minimize`` are called.
ENGINES = ("auto", "eager", "program")


class Parameter(Protocol):
    """A number that training changes, with its gradient; a leaf Value is one."""

    data: float
    grad: float


def parameters_of(given: Iterable[Parameter], user: str) -> list[Parameter]:
    """The parameters in ``given`` as a list, each once; ``user`` is who asks, for the errors.

    :raises TypeError: for a model instead of its parameters, or an entry that is not a parameter.
    :raises ValueError: when the list is empty, or an entry is a constant or the result of an operation.
    """
    if not isinstance(given, Iterable) or isinstance(given, Mapping):
        kind = type(given).__name__
        raise TypeError(f"{user} takes a list of parameters, such as model.parameters(), not {kind}")
    parameters = list({id(p): p for p in given}.values())
    if not parameters:
        raise ValueError(f"{user} needs at least one parameter, but the list is empty")
    for i, p in enumerate(parameters):
        if not (hasattr(p, "data") and hasattr(p, "grad")):
            raise TypeError(f"a parameter must have .data and .grad, and {type(p).__name__} does not")
        if getattr(p, "is_constant", False) or getattr(p, "op", None) is not None:
            kind = "a constant" if getattr(p, "op", None) is None else "computed from other Values"
            raise ValueError(
                f"{parameter_label(i, p)} is {kind}: {user} can change only the inputs of a circuit"
            )
    return parameters


def parameter_label(i: int, p: Parameter) -> str:
    """The words by which an error names the parameter at place ``i``."""
    return f"parameter {i} ({getattr(p, 'name', None) or 'without a name'})"


def forget_gradients(parameters: Iterable[Parameter]) -> None:
    """Set the gradient of every parameter to 0, as before any sweep.

    >>> from autograd_lite import Value
    >>> x = Value(3.0); (x * x).backward(); forget_gradients([x]); x.grad, x.swept
    (0.0, False)
    """
    for p in parameters:
        if hasattr(p, "zero_grad"):
            p.zero_grad()
        else:
            p.grad = 0.0


def at_least_0(what: str, x: float) -> float:
    """``x`` as a float; it must be a finite number that is not negative.

    :raises TypeError: when ``x`` is not a real number.
    :raises ValueError: when it is negative, infinite or nan.

    >>> at_least_0("lr", 1)
    1.0
    """
    if not isinstance(x, Real):
        raise TypeError(f"{what} must be a number, not {type(x).__name__} ({x!r:.60})")
    if not 0.0 <= x < math.inf:
        raise ValueError(f"{what} must be a finite number, 0 or greater, not {x!r}")
    return float(x)


def above_0(what: str, x: float) -> float:
    """``x`` as a float; it must be a finite number greater than 0.

    :raises TypeError: when ``x`` is not a real number.
    :raises ValueError: when it is 0, negative, infinite or nan.

    >>> above_0("eps", 1)
    1.0
    """
    if not at_least_0(what, x):
        raise ValueError(f"{what} must be greater than 0, not {x!r}")
    return float(x)


def whole_number(what: str, x: int, least: int, most: float = math.inf) -> int:
    """``x`` as an int; it must be a whole number between ``least`` and ``most``.

    :raises TypeError: when ``x`` is not an integer.
    :raises ValueError: when it is outside that range.

    >>> whole_number("epochs", 3, 1)
    3
    """
    try:
        n = operator.index(x)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {type(x).__name__} ({x!r:.60})") from None
    if not least <= n <= most:
        upper = "" if most == math.inf else f" and at most {most}"
        raise ValueError(f"{what} must be at least {least}{upper}, not {x!r}")
    return n


def flag(what: str, x: bool) -> bool:
    """``x``, which must be True or False, NumPy's too: a word such as ``"no"`` would count as True.

    :raises TypeError: when it is something else.

    >>> flag("shuffle", True)
    True
    """
    if type(x).__name__ not in ("bool", "bool_"):
        raise TypeError(f"{what} must be True or False, not {x!r:.60}")
    return bool(x)


def require_functions(**given: object) -> None:
    """Refuse what is neither a function nor None; the names are those of the arguments.

    :raises TypeError: in that case.
    """
    for name, function in given.items():
        if not (function is None or callable(function)):
            raise TypeError(f"{name} must be a function, not {type(function).__name__} ({function!r:.60})")


def any_in(parameters: Iterable[object], nodes: Iterable[object]) -> bool:
    """Whether at least one of ``parameters`` is among ``nodes``."""
    present = set(map(id, nodes))
    return any(id(p) in present for p in parameters)


def require_engine(engine: str) -> None:
    """Refuse an engine of ``fit`` and ``minimize`` that does not exist.

    :raises ValueError: in that case.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")


def require_dependence(parameters: Iterable[object], nodes: Iterable[object]) -> None:
    """Refuse to train ``parameters`` with a loss that depends on none of them.

    :param nodes: every node that the loss is computed from.
    :raises ValueError: when none of the parameters is among ``nodes``.
    """
    wanted = list(parameters)
    if not any_in(wanted, nodes):
        raise ValueError(
            f"the loss depends on none of the {len(wanted)} parameters to be trained: do they belong "
            "to another model, or is the loss a plain number?"
        )
