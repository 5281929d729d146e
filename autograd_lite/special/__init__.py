"""Special functions on floats that the ``math`` module lacks, or leaves to overflow.

IEEE 754's manners: poles give an infinity or nan, nan gives nan, and no float makes a function
raise. Errors are a few units in the last place; near a zero, small beside the function's scale.
DLMF is the NIST Digital Library of Mathematical Functions (dlmf.nist.gov), A&S Abramowitz and
Stegun's *Handbook of Mathematical Functions* (1964).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable

from .gammas import digamma as digamma
from .gammas import lgamma as lgamma
from .gammas import polygamma as polygamma
from .gammas import whole_order
from .ieee import divide as divide
from .ieee import power as power
from .normal import erfinv as erfinv
from .normal import gaussian as gaussian
from .normal import gelu as gelu
from .normal import log_ndtr as log_ndtr
from .normal import log_ndtr_derivative as log_ndtr_derivative
from .normal import norm_cdf as norm_cdf
from .normal import norm_pdf as norm_pdf


def _sin_cos_pi(x: float) -> tuple[float, float]:
    """``sin(pi x), cos(pi x)``, reduced exactly: multiples of 1/2 give exact 0, 1 and -1."""
    r = math.remainder(x, 2.0)
    quarter = round(2.0 * r)
    t = math.pi * (r - 0.5 * quarter)
    s, c = math.sin(t), math.cos(t)
    return ((s, c), (c, -s), (-s, -c), (-c, s))[quarter % 4]


def sinc(x: float) -> float:
    """NumPy's ``sin(pi x)/(pi x)``, and 1 at 0.

    >>> sinc(0.0), sinc(3.0)
    (1.0, 0.0)
    """
    return sinc_derivative(0.0, x)


def sinc_derivative(order: float, x: float) -> float:
    """The n-th derivative of NumPy's ``sinc(x) = sin(pi x)/(pi x)``; order 0 is sinc itself.

    Raises ValueError unless n is a whole number from 0 to 100. Source: Leibniz's rule on
    ``x sinc(x) = sin(pi x)/pi`` gives ``x D_n + n D_(n-1) = pi**(n-1) s_n``, where D_n is this
    derivative and s_n that of sin, at pi x. Far out it runs upward. Near 0, where upward loses
    digits, it is unrolled the other way, into a series whose terms shrink from the first. Every
    derivative is 0 at infinity.

    >>> sinc_derivative(0, 0.0), sinc_derivative(0, 3.0)
    (1.0, 0.0)
    >>> sinc_derivative(1, 2.0)
    0.5
    >>> sinc_derivative(2, 0.0)  # -pi**2 / 3
    -3.289868133696453
    """
    n = whole_order(order)
    if not math.isfinite(x):
        return math.nan if math.isnan(x) else 0.0
    a = abs(x)
    if a < 1e-9:
        half = (n + 1) // 2
        leading = (-1.0) ** half * math.pi ** (2 * half) / (2 * half + 1)
        # Adding 0.0 makes a negative zero positive.
        return leading * (x if n % 2 else 1.0) + 0.0
    s, c = _sin_cos_pi(a)
    cycle = (s, c, -s, -c)
    if n == 0 or math.pi * a > n + 1:
        value = s / (math.pi * a)
        for k in range(1, n + 1):
            value = (math.pi ** (k - 1) * cycle[k % 4] - k * value) / a
    else:
        weight, value, k = math.pi**n / (n + 1), 0.0, n + 1
        negligible = 1e-18 * weight * min(1.0, a)
        while abs(weight) > negligible:
            value += weight * cycle[k % 4]
            k += 1
            weight *= -math.pi * a / k
    return (-value if n % 2 and x < 0.0 else value) + 0.0


def _exp2_fallback(x: float) -> float:
    return math.pow(2.0, x)


_exp2 = math.exp2 if sys.version_info >= (3, 11) else _exp2_fallback


def exp2(x: float) -> float:
    """``2**x``, inf where that overflows; ``math.exp2`` where Python has it (3.11).

    >>> exp2(10.0), exp2(-1074.0), exp2(1024.0)
    (1024.0, 5e-324, inf)
    """
    try:
        return _exp2(x)
    except OverflowError:
        return math.inf


def cbrt(x: float) -> float:
    """The real cube root, of negative numbers too; exact for perfect cubes.

    One Newton step from ``m**(1/3)``, its residual taken exactly in whole numbers: within 0.51 ulp,
    where the C library's (``math.cbrt``, Python 3.11) may be 2.6 ulp off.

    >>> cbrt(27.0), cbrt(-8.0)
    (3.0, -2.0)
    """
    if x == 0.0 or not math.isfinite(x):
        return x
    m, e = math.frexp(abs(x))
    m, e = math.ldexp(m, -(-e % 3)), e + -e % 3
    y: float = m ** (1 / 3)
    whole = int(math.ldexp(y, 53))
    residual = (int(math.ldexp(m, 56)) << 103) - whole**3
    y += math.ldexp(residual / (3 * whole * whole), -53)
    return math.copysign(math.ldexp(y, e // 3), x)


_e_to = math.exp  # found faster here: the slopes of sigmoid and tanh are among the hottest


def sigmoid(x: float) -> float:
    """``1 / (1 + exp(-x))``, with the form on each side whose exponential cannot overflow.

    >>> sigmoid(0.0), sigmoid(800.0), sigmoid(-800.0)
    (0.5, 1.0, 0.0)
    """
    if x >= 0.0:
        return 1.0 / (1.0 + _e_to(-x))
    e = _e_to(x)
    return e / (1.0 + e)


def softplus(x: float) -> float:
    """``log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))``, free of overflow and cancellation.

    >>> softplus(0.0) == math.log(2), softplus(800.0), softplus(-800.0)
    (True, 800.0, 0.0)
    """
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def log_sigmoid(x: float) -> float:
    """``log(sigmoid(x)) = -softplus(-x)``, exact where sigmoid itself is 0 or rounds to 1.

    >>> log_sigmoid(-800.0), log_sigmoid(40.0)
    (-800.0, -4.248354255291589e-18)
    """
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


def sech(x: float) -> float:
    """``1 / cosh(x)`` (DLMF 4.28.6) as ``2e / (1 + e*e)`` with ``e = exp(-|x|)``.

    >>> sech(0.0), sech(1000.0)
    (1.0, 0.0)
    """
    e = _e_to(-x if x > 0.0 else x)
    return 2.0 * e / (1.0 + e * e)


def log_cosh(x: float) -> float:
    """``log(cosh(x))``, to the last places near 0, and without overflow.

    It is ``log1p(2 sinh(x/2)**2)`` (DLMF 4.35.20) up to 20 and grows as ``|x|`` from there on.

    >>> log_cosh(1e-100), log_cosh(1000.0) == 1000.0 - math.log(2.0)
    (5e-201, True)
    """
    size = abs(x)
    beyond = size - 20.0 if size > 20.0 else 0.0
    return math.log1p(2.0 * math.sinh(0.5 * (20.0 if beyond else size)) ** 2) + beyond


def log1mexp(x: float) -> float:
    """``log(1 - exp(-x))`` for x > 0, -inf at 0 and nan below it (Maechler 2012).

    >>> log1mexp(40.0), log1mexp(1e-20), log1mexp(0.0)
    (-4.248354255291589e-18, -46.051701859880914, -inf)
    """
    if x < 0.7:
        return math.log(-math.expm1(-x)) if x > 0.0 else -math.inf if x == 0.0 else math.nan
    return math.log1p(-math.exp(-x))


def logaddexp(x: float, y: float) -> float:
    """``log(exp(x) + exp(y))``, free of overflow; infinities and nan as NumPy's.

    >>> logaddexp(1000.0, 1000.0) == 1000.0 + math.log(2), logaddexp(-40.0, 0.0)
    (True, 4.248354255291589e-18)
    """
    return logsumexp((x, y))


def unit(x: float, y: float) -> float:
    """``x / hypot(x, y)``, also where that overflows or is tiny; 0 where both are 0.

    >>> unit(3.0, -4.0), unit(0.0, 0.0), unit(1.5e308, 1.5e308) == unit(1.0, 1.0)
    (0.6, 0.0, True)
    """
    z = math.hypot(x, y)
    if 1e-290 < z < math.inf:
        return x / z
    if z == 0.0:
        return 0.0
    if math.isfinite(x) and math.isfinite(y):
        scale = 0.25 if z == math.inf else 2.0**600
        return unit(scale * x, scale * y)
    return x / z


def logsumexp(xs: Iterable[float]) -> float:
    """``log(sum(exp(x) for x in xs))``; -inf if xs is empty, and one nan makes it nan.

    The largest, m, is taken out: ``m + log1p(sum of exp(x - m) over the others)``.

    >>> logsumexp([1000.0, 1000.0]) == 1000.0 + math.log(2)
    True
    >>> logsumexp([0.0, -40.0])
    4.248354255291589e-18
    """
    values = list(xs)
    if any(map(math.isnan, values)):
        return math.nan
    m = max(values, default=-math.inf)
    if math.isinf(m):
        return m
    values.remove(m)
    return m + math.log1p(math.fsum(math.exp(x - m) for x in values))


def place(index: float, count: int) -> int:
    """``index`` as a whole number below ``count``.

    :raises IndexError: when it is not one.
    """
    if not (0 <= index < count and index == int(index)):
        raise IndexError(f"there is no operand {index!r} among {count}: they count from 0 to {count - 1}")
    return int(index)


def take(*operands: float) -> float:
    """The operand at the index that is the last of them.

    >>> take(5.0, 7.0, 1.0)
    7.0
    """
    return operands[place(operands[-1], len(operands) - 1)]


def largest(*xs: float) -> float:
    """The largest number; nan if one is.

    >>> largest(1.0, 3.0, 2.0), largest(math.nan, 1.0)
    (3.0, nan)
    """
    return math.nan if any(map(math.isnan, xs)) else max(xs)


def smallest(*xs: float) -> float:
    """The smallest number; nan if one is.

    >>> smallest(1.0, 3.0, 2.0)
    1.0
    """
    return math.nan if any(map(math.isnan, xs)) else min(xs)


def softmax(*operands: float) -> float:
    """``exp(x[i]) / sum(exp(x))``, where the last operand is the index i and the others are x.

    >>> softmax(1000.0, 0.0, 0), softmax(0.0, 0.0, 1)
    (1.0, 0.5)
    """
    *xs, index = operands
    peak = max(xs)
    return math.exp(xs[place(index, len(xs))] - peak) / math.fsum(math.exp(x - peak) for x in xs)


def log_softmax(*operands: float) -> float:
    """``x[i] - logsumexp(x)``, where the last operand is the index i and the others are x.

    With the largest, m, taken out, ``-(log1p(sum of exp(x - m) over the others) + (m - x[i]))``, of
    which both parts have one sign: all digits are kept, however near to 0 it is and whatever x have in
    common.

    >>> log_softmax(40.0, 0.0, 0), log_softmax(1e15, 1e15 + 1.0, 1)
    (-4.248354255291589e-18, -0.31326168751822286)
    """
    *xs, index = operands
    m = math.nan if any(map(math.isnan, xs)) else max(xs)
    rest = list(xs)
    rest.remove(max(xs))
    return -(math.log1p(math.fsum(math.exp(x - m) for x in rest)) + (m - xs[place(index, len(xs))]))
