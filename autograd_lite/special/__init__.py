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

from .gammas import check_order
from .gammas import lgamma as lgamma
from .gammas import polygamma as polygamma
from .ieee import divide as divide
from .ieee import power as power

# sqrt(2) in two pieces; the first has 26 bits, so that its product with 26 more is exact.
_SQRT2_HIGH, _SQRT2_LOW = 1.4142135381698608, 2.420323420895794e-08


def _sin_cos_pi(x: float) -> tuple[float, float]:
    """``sin(pi x), cos(pi x)``, reduced exactly: multiples of 1/2 give exact 0, 1 and -1."""
    r = math.remainder(x, 2.0)
    quarter = round(2.0 * r)
    t = math.pi * (r - 0.5 * quarter)
    s, c = math.sin(t), math.cos(t)
    return ((s, c), (c, -s), (-s, -c), (-c, s))[quarter % 4]


def sinc_derivative(n: int, x: float) -> float:
    """The n-th derivative of NumPy's ``sinc(x) = sin(pi x)/(pi x)``; order 0 is sinc itself.

    Raises ValueError unless 0 <= n <= 100. Source: Leibniz's rule on ``x sinc(x) = sin(pi x)/pi``
    gives ``x D_n + n D_(n-1) = pi**(n-1) s_n``, where D_n is this derivative and s_n that of sin,
    at pi x. Far out it runs upward. Near 0, where upward loses digits, it is unrolled the other
    way, into a series whose terms shrink from the first. Every derivative is 0 at infinity.

    >>> sinc_derivative(0, 0.0), sinc_derivative(0, 3.0)
    (1.0, 0.0)
    >>> sinc_derivative(1, 2.0)
    0.5
    >>> sinc_derivative(2, 0.0)  # -pi**2 / 3
    -3.289868133696453
    """
    check_order(n)
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


def sigmoid(x: float) -> float:
    """``1 / (1 + exp(-x))``, with the form on each side whose exponential cannot overflow.

    >>> sigmoid(0.0), sigmoid(800.0), sigmoid(-800.0)
    (0.5, 1.0, 0.0)
    """
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
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
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


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

    :raises IndexError: when it is none.
    """
    if not (0 <= index < count and index == int(index)):
        raise IndexError(f"there is no operand {index!r} among {count}")
    return int(index)


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


def _leading(x: float) -> float:
    """The leading 26 bits of ``x``, whose square is exact (Dekker 1971)."""
    scaled = x * 134217729.0
    return scaled - (scaled - x)


def _exp_of_square(c: float, x: float) -> float:
    """``exp(c * x * x)`` for c of -1 or -1/2.

    The rounding of the square would be magnified by its size, so the square is taken in two parts.
    """
    if abs(x) > 40.0:
        return 0.0
    high = _leading(x)
    return math.exp(c * high * high) * math.exp(c * (x - high) * (x + high))


def gaussian(x: float) -> float:
    """``exp(-x * x)``, to the last places also where it is small.

    >>> gaussian(0.0), gaussian(40.0), gaussian(5.3)  # math.exp(-5.3 * 5.3) ends in 368e-13
    (1.0, 0.0, 6.319285885175378e-13)
    """
    return _exp_of_square(-1.0, x)


def norm_pdf(x: float) -> float:
    """The normal density ``exp(-x * x / 2) / sqrt(2 pi)`` (A&S 26.2.1).

    >>> norm_pdf(0.0), norm_pdf(60.0)
    (0.3989422804014327, 0.0)
    """
    return _exp_of_square(-0.5, x) / math.sqrt(2.0 * math.pi)


def norm_cdf(x: float) -> float:
    """The normal distribution function ``erfc(-x / sqrt(2)) / 2`` (DLMF 7.18.2, A&S 26.2.29).

    In the lower tail the rounding of ``x / sqrt(2)`` is magnified by x**2, so what it left out is
    put back to first order.

    >>> norm_cdf(0.0), norm_cdf(40.0), norm_cdf(-40.0)
    (0.5, 1.0, 0.0)
    """
    z = -x / math.sqrt(2.0)
    if not 0.0 < z < 28.0:
        return 0.5 * math.erfc(z)
    high = _leading(z)
    low = z - high
    missing = -x - _SQRT2_HIGH * high - _SQRT2_HIGH * low - _SQRT2_LOW * z
    # With z + d in place of z, erfc changes by -2/sqrt(pi) exp(-z*z) d; here d = missing/sqrt(2).
    return 0.5 * (math.erfc(z) - math.sqrt(2.0 / math.pi) * math.exp(-z * z) * missing)
