"""What every row of the table should give: formulas in mpmath, written apart from the rows.

A reference takes mpmath numbers and works in the precision in force. It gives values only: true
derivatives come from differences of these values in a far higher precision, so that no formula for
a derivative enters the independent side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
from mpmath import mp, mpf

from autograd_lite import TABLE, Primitive

Real = Any  # an mpmath number
Reference = Callable[..., Real]

#: Half a unit in the last place of 1, and the smallest positive float.
UNIT, TINIEST = 2.0**-53, 5e-324


def _remainder(x: Real, y: Real) -> Real:
    return x - y * mpmath.floor(x / y)


def _truncated(x: Real, y: Real) -> Real:
    quotient = x / y
    return x - y * (mpmath.floor(quotient) if quotient > 0 else mpmath.ceil(quotient))


def _cbrt(x: Real) -> Real:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def _sigmoid(x: Real) -> Real:
    return 1 / (1 + mpmath.exp(-x))


def _norm_cdf(x: Real) -> Real:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _sinc(x: Real) -> Real:
    return mpmath.sinpi(x) / (mp.pi * x) if x else mpf(1)


def _sinc_derivative(order: Real, x: Real) -> Real:
    # The integral of cos(s x) over s from 0 to pi is pi sinc(x); differentiate below the integral.
    n = int(order)
    shift = n * mp.pi / 2
    return mpmath.quad(lambda s: s**n * mpmath.cos(s * x + shift), [0, mp.pi / 2, mp.pi]) / mp.pi


def _log_gamma(x: Real) -> Real:
    return mpmath.log(abs(mpmath.gamma(x)))


def _softmax(*operands: Real) -> Real:
    *xs, index = operands
    return mpmath.exp(xs[int(index)]) / mpmath.fsum(map(mpmath.exp, xs))


def _dot(*operands: Real) -> Real:
    n = len(operands) // 2
    bias = operands[2 * n :]
    return mpmath.fsum([*map(lambda w, x: w * x, operands[:n], operands[n : 2 * n]), *bias])


# Klambauer et al. 2017, equation 14, to more digits than any test needs.
_SELU_SCALE = mpf("1.0507009873554804934193349852946")
_SELU_ALPHA = mpf("1.6732632423543772848170429916717")

VALUES: dict[str, Reference] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": lambda x, y: mpmath.power(x, y),
    "neg": lambda x: -x,
    "pos": lambda x: +x,
    "abs": abs,
    "mod": _remainder,
    "floor_divide": lambda x, y: mpmath.floor(x / y),
    "fmod": _truncated,
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "sqrt": mpmath.sqrt,
    "cbrt": _cbrt,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.power(2, x),
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "hypot": mpmath.hypot,
    "atan2": mpmath.atan2,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sech": mpmath.sech,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "sinc": _sinc,
    "sinc_derivative": _sinc_derivative,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "step": lambda x: mpf(x > 0),
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mpmath.expm1(x),
    "selu": lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * mpmath.expm1(x)),
    "gelu": lambda x: x * _norm_cdf(x),
    "silu": lambda x: x * _sigmoid(x),
    "softsign": lambda x: x / (1 + abs(x)),
    "hardtanh": lambda x: min(max(x, mpf(-1)), mpf(1)),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "norm_cdf": _norm_cdf,
    "gamma": mpmath.gamma,
    "lgamma": _log_gamma,
    "digamma": mpmath.digamma,
    "polygamma": lambda order, x: mpmath.polygamma(int(order), x),
    "compare": lambda x, y: mpmath.sign(x - y),
    "maximum": lambda x, y: max(x, y),
    "minimum": lambda x, y: min(x, y),
    "where": lambda condition, x, y: x if condition != 0 else y,
    "clip": lambda x, low, high: min(max(x, low), high),
    "sign": mpmath.sign,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "round": mpmath.nint,
    "sum": lambda *xs: mpmath.fsum(xs),
    "prod": lambda *xs: mpmath.fprod(xs),
    "dot": _dot,
    "mean": lambda *xs: mpmath.fsum(xs) / len(xs),
    "norm": lambda *xs: mpmath.sqrt(mpmath.fsum(x**2 for x in xs)),
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum(map(mpmath.exp, xs))),
    "softmax": _softmax,
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
}


def held(row: Primitive, operands: Sequence[float]) -> set[int]:
    """The positions of operands that belong to the operation: an order or an index, no variable."""
    if row is TABLE["softmax"]:
        return {len(operands) - 1}
    if row.arity is None:
        return set()
    return {i for i, (low, high) in enumerate(row.domain) if low == high}


def call(row: Primitive, operands: Sequence[Any]) -> Any:
    """The public function on these operands, in the order in which the node keeps them."""
    if row is TABLE["dot"]:
        n = len(operands) // 2
        return row(operands[:n], operands[n : 2 * n], *operands[2 * n :])
    if row is TABLE["softmax"]:
        return row(operands[:-1], index=int(operands[-1]))
    return row(list(operands)) if row.arity is None else row(*operands)


def away_from_kinks(row: Primitive, operands: Sequence[float]) -> bool:
    return row.kink is None or abs(row.kink(*operands)) > 1e-2


def exact(operands: Sequence[float]) -> tuple[Real, ...]:
    return tuple(map(mpf, operands))


def error_in_ulps(got: float, true: Real) -> float:
    """How far ``got`` is from the truth, in units in the last place of the rounded truth."""
    rounded = float(true)
    if math.isinf(rounded) or not math.isfinite(got):
        return 0.0 if got == rounded else math.inf
    return float(abs(mpf(got) - true) / math.ulp(rounded))


def partial(reference: Reference, point: Sequence[float], *by: int) -> Real:
    """The mixed partial derivative of a reference by the operands at these positions."""
    orders = tuple(by.count(i) for i in range(len(point)))
    if len(point) == 1:
        return mpmath.diff(reference, mpf(point[0]), orders[0])
    return mpmath.diff(reference, exact(point), orders)
