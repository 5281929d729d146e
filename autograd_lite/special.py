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
from functools import cache

# B_2, B_4, ... B_20 (DLMF table 24.2.1).
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip

# Zeros of digamma, the positive one and then one per negative unit interval (DLMF table 5.4.1),
# each as a float and the remainder that the float leaves out.
_DIGAMMA_ROOTS = (
    (1.4616321449683622, 9.549995429965697e-17),
    (-0.5040830082644554, -8.15428206243813e-18),
    (-1.5734984731623904, -1.574185691077347e-17),
    (-2.6107208684441447, 9.881960746978353e-17),
    (-3.635293366436901, 5.454396163173039e-17),
)

# sqrt(2) in two pieces; the first has 26 bits, so that its product with 26 more is exact.
_SQRT2_HIGH, _SQRT2_LOW = 1.4142135381698608, 2.420323420895794e-08


def _check_order(n: int) -> None:
    if not 0 <= n <= 100:
        raise ValueError(f"the order of a derivative must be from 0 to 100 here, got {n!r}")


def _over_power(c: float, x: float, p: int) -> float:
    """``c / x**p`` for ``x > 0``, also where ``x**p`` itself overflows or underflows."""
    try:
        power = x**p
    except OverflowError:
        power = math.inf
    if 0.0 < power < math.inf:
        return c / power
    for _ in range(p):
        c /= x
    return c


@cache
def _tail_coefficients(n: int) -> tuple[float, ...]:
    """``B_2k (2k+n-1)! / (2k)!`` for k = 1, 2, ..., highest first (A&S 6.4.11)."""
    factors = [math.factorial(2 * k + n - 1) / math.factorial(2 * k) for k in range(1, 11)]
    return tuple(b * f for b, f in zip(_BERNOULLI, factors, strict=True))[::-1]


def _polygamma_positive(n: int, x: float) -> float:
    """Polygamma for finite ``x > 0``: upward recurrence (DLMF 5.15.5), then A&S 6.4.11."""
    start = n + 10.0
    steps = math.ceil(start - x) if x < start else 0
    y = x + steps
    square = (1.0 / y) * (1.0 / y)
    series = 0.0
    for c in _tail_coefficients(n):
        series = (series + c) * square
    leading = float(math.factorial(n - 1)) if n else -math.log(y)
    factorial = float(math.factorial(n))
    # Smallest terms first: for n > 0 all are positive, and nothing cancels.
    total = _over_power(leading + (factorial / (2.0 * y) + series), y, n)
    for k in range(steps - 1, -1, -1):
        total += _over_power(factorial, x + k, n + 1)
    return total if n % 2 else -total


@cache
def _cot_coefficients(n: int) -> tuple[float, ...]:
    """Q in ``(-1)**n Q(cot)``, the n-th derivative of cot; every second power, highest first."""
    # As cot' = -(1 + cot**2), Q becomes (1 + c**2) Q': whole numbers, and none negative.
    q = [0, 1]
    for _ in range(n):
        slope = [k * a for k, a in enumerate(q)][1:]
        q = [a + b for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    return tuple(float(a) for a in q[::-2])


def _cot_pi_derivative(n: int, x: float) -> float:
    """``(-1)**n`` times the n-th derivative of ``pi cot(pi x)``, x not a whole number."""
    r = math.remainder(x, 1.0)
    if abs(r) <= 0.25:
        cot = 1.0 / math.tan(math.pi * r)
    else:
        cot = math.copysign(math.tan(math.pi * (0.5 - abs(r))), r)
    square = cot * cot
    value, *rest = _cot_coefficients(n)
    for c in rest:
        value = value * square + c
    return math.pi ** (n + 1) * (value if n % 2 else value * cot)


@cache
def _root_series(root: float) -> tuple[float, ...]:
    """Digamma's Taylor coefficients at one of its roots, highest first, the zeroth left out."""
    return tuple(polygamma(k, root) / math.factorial(k) for k in range(60, 0, -1))


def polygamma(n: int, x: float) -> float:
    """The n-th derivative of digamma, which is the (n+1)-th of lgamma; order 0 is digamma itself.

    Poles, at 0, -1, -2, ...: both sides agree for odd n and the value is inf; for even n it is
    nan, except that the sign of a zero tells the side. At -inf, where poles crowd, it is nan.
    Raises ValueError unless 0 <= n <= 100. Near the zero 1.4616... of digamma and its first four
    negative ones the relative error is small too; elsewhere it is small beside the larger part of
    the reflection formula.

    Source: DLMF 5.15 (recurrence, reflection), A&S 6.4.11 (asymptotic series).

    >>> polygamma(0, 1.0)  # minus Euler's constant
    -0.5772156649015329
    >>> polygamma(0, 0.0), polygamma(0, -0.0), polygamma(0, -1.0), polygamma(1, -1.0)
    (-inf, inf, nan, inf)
    """
    _check_order(n)
    if math.isnan(x) or x == -math.inf:
        return math.nan
    if x == math.inf:
        return math.copysign(0.0, n % 2 - 0.5) if n else math.inf
    if x <= 0.0 and x.is_integer():
        if n % 2:
            return math.inf
        return -math.copysign(math.inf, x) if x == 0.0 else math.nan
    if n == 0 and (index := max(0, -math.floor(x))) < len(_DIGAMMA_ROOTS):
        high, low = _DIGAMMA_ROOTS[index]
        if 2.0 * abs(x - high) < high + index:  # the distance to the nearest pole
            distance, value = (x - high) - low, 0.0
            for c in _root_series(high):
                value = (value + c) * distance
            return value
    if n == 0 and 0.0 < x < 8.0:  # a few steps of the recurrence away from that series
        return (
            polygamma(0, x + 1.0) - 1.0 / x if x < 1.0 else polygamma(0, x - 1.0) + 1.0 / (x - 1.0)
        )
    if x > 0.0:
        return _polygamma_positive(n, x)
    value = _polygamma_positive(n, 1.0 - x) - _cot_pi_derivative(n, x)
    return -value if n % 2 else value


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
    _check_order(n)
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
    scaled = z * 134217729.0
    high = scaled - (scaled - z)
    low = z - high
    missing = -x - _SQRT2_HIGH * high - _SQRT2_HIGH * low - _SQRT2_LOW * z
    # With z + d in place of z, erfc changes by -2/sqrt(pi) exp(-z*z) d; here d = missing/sqrt(2).
    return 0.5 * (math.erfc(z) - math.sqrt(2.0 / math.pi) * math.exp(-z * z) * missing)
