"""Checking derivatives against finite differences.

Central differences with Richardson extrapolation (Ridders 1982), which bring an estimate of their own
error; that estimate is the tolerance. A fixed tolerance would pass a small gradient of the wrong sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .core.transforms import jacobian, jvp, may_be_flat
from .core.value import Value
from .support.arrays import is_array
from .support.ieee import FLOAT_ERRORS, errstate
from .support.nested import leaves, refill

_UNIT = math.ulp(1.0) / 2
_SHOWN = {
    "agrees": "ok   ",
    "wrong": "WRONG",
    "outside": "no finite difference, the function gives no number beside the point:",
    "cannot tell": "cannot tell, the finite differences do not settle:",
}


class GradcheckError(AssertionError):
    """A derivative and its finite difference do not agree; ``report`` has the whole comparison."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(frozen=True)
class Entry:
    """One derivative, compared with a finite difference.

    ``tolerance`` is how far the two may be apart: the error estimate of the finite difference plus
    ``rtol`` times the larger of the two, plus ``atol``.
    """

    mode: str
    order: int
    output: int
    input: str
    point: float
    derivative: float
    difference: float
    tolerance: float

    @property
    def error(self) -> float:
        """The absolute difference of the two."""
        return abs(self.derivative - self.difference)

    @property
    def verdict(self) -> str:
        """What the comparison says.

        - ``"agrees"``: the two are equal within the tolerance.
        - ``"wrong"``: they are not, or the derivative is not finite where the difference is.
        - ``"outside"``: the function gives no number beside the point, so there is no difference.
        - ``"cannot tell"``: the differences at smaller and smaller steps do not settle, as beside a
          pole.
        """
        if math.isnan(self.difference):
            return "outside"
        if not math.isfinite(self.difference) or not math.isfinite(self.tolerance):
            return "cannot tell"
        if not math.isfinite(self.derivative) and self.tolerance > abs(self.difference):
            return "cannot tell"
        return "agrees" if self.error <= self.tolerance else "wrong"

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``"agrees"``."""
        return self.verdict == "agrees"

    def __str__(self) -> str:
        where = f"{self.mode}, order {self.order}, output {self.output}, {self.input} = {self.point!r}"
        return (
            f"{_SHOWN[self.verdict]} {where}: derivative {self.derivative:.12g}, "
            f"finite difference {self.difference:.12g}, error {self.error:.3g} "
            f"(tolerance {self.tolerance:.3g})"
        )


@dataclass(frozen=True)
class Report:
    """What :func:`gradcheck` compared; true when everything agrees."""

    entries: tuple[Entry, ...]

    @property
    def ok(self) -> bool:
        """Whether every derivative agrees with its finite difference."""
        return all(entry.ok for entry in self.entries)

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The entries that do not agree, the largest error first."""
        bad = [entry for entry in self.entries if not entry.ok]
        return tuple(sorted(bad, key=lambda e: (math.isfinite(e.error), -e.error)))

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        modes = " and ".join(dict.fromkeys(entry.mode for entry in self.entries))
        count = len({(entry.order, entry.output, entry.input) for entry in self.entries})
        if self.ok:
            what = "the derivative agrees" if count == 1 else f"all {count} derivatives agree"
            return f"{what} with finite differences, {modes}"
        wrong = {(entry.order, entry.output, entry.input) for entry in self.wrong}
        what = "the derivative disagrees" if count == 1 else f"{len(wrong)} of {count} disagree"
        lines = [f"{what} with finite differences, {modes}:"]
        return "\n  ".join([*lines, *(str(entry) for entry in self.wrong[:10])])


def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    *,
    eps: float | None = None,
    atol: float = 0.0,
    rtol: float = 1e-6,
    order: int = 1,
    modes: Sequence[str] = ("reverse", "forward"),
    raise_exception: bool = True,
) -> Report:
    """Compare the derivatives of ``f`` with finite differences, input by input.

    :param inputs: the arguments of ``f``: a tuple with one entry each (a single number will do).
    :param eps: the step of a plain central difference; by default steps are chosen and extrapolated,
        and their own error estimate is the tolerance.
    :param atol: an absolute tolerance on top.
    :param rtol: a relative tolerance on top.
    :param order: check derivatives up to this order.
    :param modes: ``"reverse"``, ``"forward"`` or both.
    :param raise_exception: raise when something disagrees; otherwise only report it.
    :raises GradcheckError: with the report, which names the input and the error.

    >>> from autograd_lite import sin
    >>> print(gradcheck(lambda x, y: x * sin(y), (2.0, 1.0)))
    all 2 derivatives agree with finite differences, reverse and forward
    """
    alone = not isinstance(inputs, tuple)
    inputs = (inputs,) if alone else inputs
    unknown = [mode for mode in modes if mode not in ("reverse", "forward")]
    if unknown or not modes:
        raise ValueError(f'modes must be of "reverse" and "forward", not {list(modes)!r}')
    if order < 1:
        raise ValueError(f"order must be 1 or more, not {order!r}")
    if eps is not None and not eps > 0:
        raise ValueError(f"eps must be a positive step, not {eps!r}")
    point = [_plain(x) for x in leaves(inputs, "inputs")]
    if not point:
        raise ValueError(f"there is nothing to differentiate by: inputs is {inputs!r}")
    names = _input_names(inputs)

    def flat(*xs: Any) -> list[Any]:
        return list(leaves(f(*refill(inputs, list(xs))), "the output of f"))

    if alone and isinstance(inputs[0], list):
        with errstate("ignore"):
            try:
                flat(*point)
            except TypeError as error:
                raise TypeError(
                    f"{error}; inputs is a tuple with one entry per argument of the function: "
                    "give a list only where an argument is a list"
                ) from error

    entries: list[Entry] = []
    function = flat
    with errstate("ignore"):
        for n in range(1, order + 1):
            entries += _compare(function, point, names, n, modes, eps, atol, rtol)
            function = _differentiated(function, len(point))
    if not entries:
        raise ValueError("there is nothing to check: the function has no output")
    report = Report(tuple(entries))
    if raise_exception and not report:
        raise GradcheckError(report)
    return report


def difference(f: Callable[[float], float], x: float, eps: float | None = None) -> tuple[float, float]:
    """The derivative of ``f`` at ``x`` by central differences, and an estimate of its error.

    Without ``eps``, Ridders' method: differences at shrinking steps, extrapolated to step 0 in a
    tableau, of which the entry with the smallest error estimate is taken.

    >>> slope, error = difference(math.exp, 1.0)
    >>> abs(slope - math.e) <= error < 1e-9
    True
    """

    def central(h: float) -> float:
        above, below = x + h, x - h
        return (f(above) - f(below)) / (above - below) if above > below else math.nan

    f = _total(f)

    if eps is not None:
        coarse, fine = central(eps), central(eps / 2)
        return coarse, abs(coarse - fine) * 4 / 3 + _rounding(f, x, eps / 2)
    h = 0.125 * max(1.0, abs(x))
    while not math.isfinite(central(h)) and h > 1e-14 * abs(x) and h > 1e-300:
        h /= 8.0
    shrink = 1.5
    best, error = central(h), math.inf
    previous = [best]
    for _ in range(24):
        h /= shrink
        row = [central(h)]
        floor = _rounding(f, x, h)
        factor = 1.0
        for k, coarser in enumerate(previous):
            factor *= shrink * shrink
            finer = row[k]
            row.append(finer + (finer - coarser) / (factor - 1.0))
            estimate = max(abs(row[-1] - finer), abs(row[-1] - coarser)) + floor
            if estimate <= error:
                best, error = row[-1], estimate
            if k == 8:
                break
        previous = row
    return best, error


def _total(f: Callable[[float], float]) -> Callable[[float], float]:
    """``f`` with nan where it raises, as a function outside its domain does."""

    def total(x: float) -> float:
        try:
            return f(x)
        except FLOAT_ERRORS:
            return math.nan

    return total


def _rounding(f: Callable[[float], float], x: float, h: float) -> float:
    """What the rounding of ``f`` alone does to a central difference of step ``h``."""
    return 4 * _UNIT * max(abs(f(x + h)), abs(f(x - h))) / h


def _compare(
    function: Callable[..., list[Any]],
    point: list[float],
    names: list[str],
    order: int,
    modes: Sequence[str],
    eps: float | None,
    atol: float,
    rtol: float,
) -> list[Entry]:
    found: dict[str, list[list[float]]] = {}  # by mode, then output, then input
    if "reverse" in modes:
        found["reverse"] = jacobian(may_be_flat(lambda xs: function(*xs)))(point)
    if "forward" in modes:
        columns = []
        for i in range(len(point)):
            direction = [float(i == j) for j in range(len(point))]
            columns.append(jvp(may_be_flat(function), point, direction)[1])
        found["forward"] = [list(row) for row in zip(*columns, strict=True)]
    entries = []
    for i, x in enumerate(point):
        for output in range(len(_numbers(function, point))):

            def along(t: float, i: int = i, output: int = output) -> float:
                return _numbers(function, [*point[:i], t, *point[i + 1 :]])[output]

            slope, error = difference(along, x, eps)
            for mode, rows in found.items():
                derivative = _plain(rows[output][i])
                larger = max([abs(d) for d in (slope, derivative) if math.isfinite(d)], default=0.0)
                tolerance = error + rtol * larger + atol
                entries.append(Entry(mode, order, output, names[i], x, derivative, slope, tolerance))
    return entries


def _plain(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def _numbers(function: Callable[..., list[Any]], point: list[float]) -> list[float]:
    outputs = function(*(Value(x) for x in point))
    return [_plain(r) for r in outputs]


def _differentiated(function: Callable[..., list[Any]], count: int) -> Callable[..., list[Any]]:
    rows = jacobian(may_be_flat(lambda xs: function(*xs)))

    def next_order(*xs: Any) -> list[Any]:
        return list(leaves(rows(list(xs)), "the derivatives"))

    return next_order


def _input_names(inputs: tuple[Any, ...]) -> list[str]:
    """A name for every number in ``inputs``: ``argument 0``, ``argument 1['w'][2]``."""
    names: list[str] = []

    def walk(tree: Any, path: str) -> None:
        if isinstance(tree, dict):
            for key, each in tree.items():
                walk(each, f"{path}[{key!r}]")
        elif isinstance(tree, list | tuple) or is_array(tree):
            for i, each in enumerate(tree):
                walk(each, f"{path}[{i}]")
        else:
            named = tree.name if isinstance(tree, Value) else None
            names.append(named or path)

    for position, each in enumerate(inputs):
        walk(each, f"argument {position}")
    return names
