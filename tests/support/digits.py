"""How many digits the values and the first three derivatives of every row keep, against mpmath.

``python -m tests.support.digits`` prints the worst errors by row and order, and the reason that a row
states for more than the aims, as the table of ``docs/reliability.md``. The derivatives come through the
package's own ``gradients``, as ``derivative`` and ``hessian`` take them, by every operand; true ones come
from differences of the values of :mod:`tests.support.references` with hundreds of digits.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from mpmath import binomial, mp, mpf

from autograd_lite import Primitive, errstate
from autograd_lite.core.transforms import gradients

from .references import BUILT_IN, INDEXED, REFERENCES, call, held, nodes, variables

#: Units in the last place that the value and the derivatives of each order aim at.
AIMS = (4.0, 4.0, 6.0, 8.0)

#: Below this a number has lost digits to underflow, or its factors have.
SMALLEST = 1e-290

TINY = (1e-300, 1e-160, 1e-90, 1e-20, 1e-13, 1e-8, 1e-4)
HUGE = (20.0, 40.0, 350.0, 700.0, 1e4, 1e8, 1e16, 1e90, 1e155, 1e300)
FAR = (1e5, 1e10, 1e150, 1e300)
NEAR = (1e-15, 1e-12, 1e-8, 1e-3)


class Digits(NamedTuple):
    """The error of one derivative at one point."""

    row: str
    order: int
    operands: tuple[float, ...]
    by: tuple[int, ...]
    got: float
    true: Any
    ulps: float  # of the true number
    conditioned: float  # of what half a unit in the last place of each operand does to it


def near_zero(x: float) -> list[float]:
    return [s * t for s in (1.0, -1.0) for t in (*TINY, x)]


#: Numbers at which a row saturates, or near which it or a derivative of it is 0 or has a pole.
MARKS: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("asin", "acos", "atanh", "erfinv"), (1.0, -1.0, 0.5)),
    **dict.fromkeys(("acosh", "log", "log2", "log10", "lgamma", "gamma", "digamma"), (1.0, 2.0)),
    **dict.fromkeys(("log1p",), (-1.0, 0.5)),
    **dict.fromkeys(("sin", "cos", "tan"), (math.pi, math.pi / 2, 1e6)),
    **dict.fromkeys(("sinc", "sinc_derivative"), (1.0, 4.5, 20.25)),
    **dict.fromkeys(("sigmoid", "softplus", "log_sigmoid", "silu", "tanh", "sech"),
        (18.0, -18.0, 37.0, -37.0)),
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh"), (709.5, -709.5, -37.0)),
    "exp2": (1023.75, 1024.0, 1024.5, -1000.5),
    **dict.fromkeys(("erf", "erfc", "gaussian", "norm_pdf", "norm_cdf", "gelu", "log_ndtr"),
        (5.5, -5.5, 1.0, -1.0, 2**0.5, 8.0, -8.0, 26.0, -26.0, -3.0, -15.0)),
    "log1mexp": (math.log(2.0), 37.0, 400.0),
    "gamma": (171.5, 1.4616321449683622, 1e-5),
}  # fmt: skip

#: Where a row is defined, beyond the interval in which other tests draw.
WIDE: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("sqrt", "log", "log2", "log10", "gamma", "lgamma", "digamma", "polygamma", "log1mexp"),
        (0.0, math.inf)),
    "cbrt": (-math.inf, math.inf),
    "log1p": (-1.0, math.inf),
    "acosh": (1.0, math.inf),
    **dict.fromkeys(("asin", "acos", "atanh", "erfinv"), (-1.0, 1.0)),
}  # fmt: skip


def alone(row: Primitive, random: Random) -> Iterator[float]:
    """Numbers for a row of one operand: its domain, its tails, near 0 and near its marks."""
    low, high = WIDE.get(row.name, (-math.inf, math.inf))
    inside = row.domain[-1]
    far = HUGE if row.name not in ("sinc_derivative", "sinc") else HUGE[:1]
    marks = [m * (1.0 + s * d) for m in MARKS.get(row.name, ()) for d in (0.0, *NEAR) for s in (1.0, -1.0)]
    for x in (*(random.uniform(*inside) for _ in range(12)), *TINY, *far, *marks):
        for signed in (x, -x) if x in TINY or x in HUGE else (x,):
            if low < signed < high:
                yield signed


def points(row: Primitive) -> Iterator[list[float]]:
    """Operands at which the row is measured, the same at every call."""
    random = Random(row.name)
    if row.arity == 1:
        yield from ([x] for x in dict.fromkeys(alone(row, random)))
        return
    if row.arity and held(row, [0.0] * row.arity):
        yield from ([n, x] for x in dict.fromkeys(alone(row, random)) for n in (1.0, 2.0))
        return
    sizes = [row.arity] if row.arity else [4, 6] if row.name == "dot" else [2, 3]
    for size in sizes:
        intervals = list(row.domain) if row.arity else list(row.domain) * size
        found = [[random.uniform(low, high) for low, high in intervals] for _ in range(8)]
        saturates = row.name in INDEXED or row.name in ("logsumexp", "logaddexp")
        for scale in (1e-300, 1e-150, 1e-20, 1e-10, 1e-5, *(() if saturates else FAR)):
            for k in range(size):
                some = [random.uniform(low, high) for low, high in intervals]
                found.append([x * scale if i == k else x for i, x in enumerate(some)])
        if saturates:
            for gap in (20.0, 40.0, 300.0, 700.0, 1e-10):
                found += [[gap, *[0.5] * (size - 1)], [*[0.25] * (size - 1), gap], [0.0, gap, -gap][:size]]
        for operands in found:
            if row.name in INDEXED:
                for index in range(size):
                    yield [*operands, float(index)]
            else:
                yield operands


def _difference(
    row: Primitive, operands: Sequence[float], orders: Sequence[int], digits: int, step: int
) -> Any:
    """The derivative of these orders by central differences, each operand in units of its own size."""
    with mp.workdps(digits):
        h = mpf(10) ** -step
        centers = [mpf(x) for x in operands]
        units = [abs(x) if x else mpf(1) for x in centers]
        total = mpf(0)
        largest = mpf(0)
        for ks in itertools.product(*(range(n + 1) for n in orders)):
            weight = mpf(1)
            xs = []
            for x, unit, n, k in zip(centers, units, orders, ks, strict=True):
                weight *= (-1) ** k * binomial(n, k)
                xs.append(x + unit * h * (mpf(n) / 2 - k) if n else x)
            term = weight * REFERENCES[row.name](*xs)
            largest = max(largest, abs(term))
            total += term
        if abs(total) <= largest * mpf(10) ** (12 - digits):
            return mpf(0)
        for unit, n in zip(units, orders, strict=True):
            total /= (unit * h) ** n
        return total


def true_derivative(row: Primitive, operands: Sequence[float], by: Sequence[int]) -> Any:
    """The true partial derivative by the operands at these positions, to 30 digits; None where unknown."""
    try:
        return _true_or_none(row, operands, by)
    except OverflowError:  # an argument that mpmath's function does not take
        return None


def _true_or_none(row: Primitive, operands: Sequence[float], by: Sequence[int]) -> Any:
    if row.arity and held(row, operands):  # a row of derivatives of all orders
        with mp.workdps(1500 if row.name == "log_ndtr_derivative" else 150):
            return REFERENCES[row.name](operands[0] + len(by), mpf(operands[1]))
    orders = [list(by).count(i) for i in range(len(operands))]
    if not by:
        with mp.workdps(400):
            return REFERENCES[row.name](*map(mpf, operands))
    for digits in (300, 1000, 3000):
        a, b = (_difference(row, operands, orders, digits, step) for step in (40, 52))
        if a == b == 0 and digits == 3000:
            return a
        if a and b and abs(a - b) <= abs(a) * mpf(10) ** -25:
            return b
    return None


def error(got: float, true: Any) -> float:
    """How far apart, in units in the last place of the true number."""
    rounded = float(true)
    if math.isinf(rounded) or not math.isfinite(got):
        return 0.0 if got == rounded else math.inf
    return float(abs(mpf(got) - true) / max(mpf(math.ulp(rounded)), mpf(SMALLEST) * 2**-52))


def conditioned(
    row: Primitive, operands: Sequence[float], by: Sequence[int], got: float, true: Any
) -> float:
    """The error in units of what half a unit in the last place of each operand does to the derivative."""
    if not math.isfinite(got):
        return math.inf
    moved = abs(true)
    for i in variables(row, operands):
        slope = true_derivative(row, operands, (*by, i))
        if slope is None:
            return math.inf
        moved += abs(mpf(operands[i]) * slope)
    unit = max(moved * mpf(2) ** -52, mpf(SMALLEST) * mpf(2) ** -52)
    return float(abs(mpf(got) - true) / unit)


def measured(row: Primitive, operands: Sequence[float], most: int = 3) -> Iterator[Digits]:
    """The errors of the value and of every derivative up to an order at one point."""
    given = nodes(row, operands)
    with errstate("ignore"):
        known: dict[tuple[int, ...], Any] = {(): call(row, given)}
        for order in range(most + 1):
            for by in itertools.combinations_with_replacement(variables(row, operands), order):
                if order:
                    known[by] = gradients(known[by[:-1]], given[by[-1]])
                got = getattr(known[by], "data", known[by])
                true = true_derivative(row, operands, by)
                if true is None or (math.isinf(float(true)) and not math.isfinite(got)):
                    continue  # beyond the range of floats
                ulps = error(got, true)
                other = conditioned(row, operands, by, got, true) if ulps > AIMS[order] else ulps
                yield Digits(row.name, order, tuple(operands), by, got, true, ulps, min(ulps, other))


def is_steady(row: Primitive, operands: Sequence[float]) -> bool:
    """Whether the point is no kink of the row, and not so far out that kinks are everywhere."""
    if row.name in ("mod", "fmod", "floor_divide") and not 1e-6 < abs(operands[0] / operands[1]) < 1e6:
        return False
    return row.kink is None or bool(row.kink(*operands))


def worst(row: Primitive, most: int = 3) -> dict[int, tuple[Digits, Digits]]:
    """By order, the largest error in units in the last place, and the largest conditioned one."""
    found: dict[int, tuple[Digits, Digits]] = {}
    with errstate("ignore"):
        for operands in points(row):
            if not is_steady(row, operands):
                continue
            for each in measured(row, operands, most):
                a, b = found.get(each.order, (each, each))
                found[each.order] = (
                    max(a, each, key=lambda d: d.ulps),
                    max(b, each, key=lambda d: d.conditioned),
                )
    return found


def line(row: Primitive, most: int = 3) -> str:
    """The worst errors of a row as a line of a table, with the reason that the row states for more."""
    cells = []
    for order, (plain, other) in worst(row, most).items():
        beyond = plain.ulps > AIMS[order]
        cells.append(f"{other.conditioned:.1f} c" if beyond else f"{plain.ulps:.1f}")
    return f"| `{row.name}` | " + " | ".join(cells) + f" | {row.digits} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="which rows (default: all)")
    parser.add_argument("--points", action="store_true", help="where the worst errors are, too")
    asked = parser.parse_args()
    print("| row | value | first | second | third | why more |\n|---|---|---|---|---|---|")
    for name in asked.rows or BUILT_IN:
        print(line(BUILT_IN[name]), flush=True)
        for order, pair in worst(BUILT_IN[name]).items() if asked.points else ():
            for each in dict.fromkeys(pair):
                if each.ulps > AIMS[order]:
                    print(" ", each.operands, each.by, each.got, mp.nstr(each.true, 17), f"{each.ulps:.3g}")


if __name__ == "__main__":
    main()
