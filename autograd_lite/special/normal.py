"""The normal law and the error function: densities, distribution functions, logarithms, inverses.

IEEE 754's manners, as in the rest of :mod:`autograd_lite.special`. DLMF is the NIST Digital Library of
Mathematical Functions (dlmf.nist.gov), A&S Abramowitz and Stegun's *Handbook of Mathematical Functions*
(1964).
"""

from __future__ import annotations

import math

from .gammas import whole_order
from .mills import SERIES

# sqrt(2) in two pieces; the first has 26 bits, so that its product with 26 more is exact.
_SQRT2_HIGH, _SQRT2_LOW = 1.4142135381698608, 2.420323420895794e-08


# The highest derivative of the slope of log Φ for which its Taylor series are long enough.
_LONG_ENOUGH = 6


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


def gelu(x: float) -> float:
    """``x * norm_cdf(x)`` (Hendrycks and Gimpel 2016).

    >>> gelu(0.0), gelu(-math.inf), gelu(40.0)
    (0.0, -0.0, 40.0)
    """
    return x * norm_cdf(x) if x != -math.inf else -0.0


def log_ndtr(x: float) -> float:
    """``log(norm_cdf(x))``, also where norm_cdf underflows or rounds to 1.

    >>> log_ndtr(-1e10), log_ndtr(40.0), log_ndtr(10.0)
    (-5e+19, -0.0, -7.619853024160525e-24)
    """
    if x > -10.0 or x != x:
        return math.log1p(-norm_cdf(-x)) if x > -1.0 else math.log(norm_cdf(x))
    # The tail is density / (y + the fraction of _mills at y = -x).
    fraction = _mills(-x, 0)[0] if x > -1e100 else 0.0
    return -(0.5 * x * x + (math.log(fraction - x) + 0.5 * math.log(2.0 * math.pi)))


def _mills(y: float, order: int) -> list[float]:
    """Taylor coefficients at ``y > 0`` of ``density(y) / (1 - norm_cdf(y)) - y``.

    The continued fraction ``1/(y + 2/(y + 3/(y + ...)))`` (DLMF 7.9.2), on truncated Taylor series.
    """
    fraction = [0.0] * (order + 1)
    for k in range(int(40 + 800 / (y * y)), 0, -1):
        below = fraction
        below[0] += y
        if order:
            below[1] += 1.0
        fraction = _quotient([float(k)], below)
    return fraction


def _quotient(over: list[float], under: list[float]) -> list[float]:
    """The Taylor coefficients of a quotient of two functions, from theirs."""
    found: list[float] = []
    for n in range(len(under)):
        rest = over[n] if n < len(over) else 0.0
        for k, each in enumerate(found):
            rest -= each * under[n - k]
        found.append(rest / under[0])
    return found


def log_ndtr_derivative(order: float, x: float) -> float:
    """The n-th derivative of log_ndtr; order 0 is log_ndtr itself.

    Raises ValueError unless n is a whole number from 0 to 100. The first is ``density / norm_cdf``. In the
    lower tail that is ``K - x`` with the continued fraction K, and nothing cancels at any order; around 0
    the first few come from Taylor series of it; elsewhere the two Taylor series are divided.

    >>> log_ndtr_derivative(1, -1e10), log_ndtr_derivative(2, -1e10), log_ndtr_derivative(3, -100.0)
    (10000000000.0, -1.0, 1.997602995862343e-06)
    """
    n = whole_order(order)
    if n == 0 or x != x:
        return log_ndtr(x)
    if x == math.inf:
        return -0.0
    m = n - 1
    if 0 < m <= _LONG_ENOUGH and abs(x) <= 2.5:
        center = float(round(x))
        total = 0.0
        for k in range(len(SERIES[center]) - 1, m - 1, -1):
            total = total * (x - center) + math.perm(k, m) * SERIES[center][k]
        return total
    if x < -1.0 or (m > 1 and x < -0.5):  # the quotient of the series loses digits with every order
        coefficients = _mills(-x, m) if x > -1e150 else [-1.0 / x, 1.0 / x / x, *[0.0] * m]
        coefficients[0] -= x
        if m:
            coefficients[1] += 1.0
        return (-1.0) ** m * coefficients[m] * math.factorial(m)
    # The density's series: by f' = -x f, n f_n = -x f_(n-1) - f_(n-2).
    density = [norm_pdf(x), -x * norm_pdf(x)]
    for k in range(2, m + 1):
        density.append((-x * density[k - 1] - density[k - 2]) / k)
    below = [norm_cdf(x), *(density[k - 1] / k for k in range(1, m + 1))]
    return _quotient(density, below)[m] * math.factorial(m)


def erfinv(y: float) -> float:
    """The inverse of ``erf``: inf at 1, -inf at -1, nan beyond.

    Two steps of Halley's method from Winitzki's approximation (2008), for the complement near 1, which
    is exact there.

    >>> erfinv(0.5), erfinv(1e-300), erfinv(-1.0)
    (0.4769362762044699, 8.86226925452758e-301, -inf)
    """
    a = abs(y)
    if not a < 1.0:
        return math.copysign(math.inf, y) if a == 1.0 else math.nan
    if a < 1e-9:
        return 0.5 * math.sqrt(math.pi) * y
    log = math.log((1.0 - a) * (1.0 + a))
    t = 2.0 / (math.pi * 0.147) + 0.5 * log
    z = math.sqrt(-log / 0.147 / (math.sqrt(t * t - log / 0.147) + t))
    for _ in range(2):
        off = math.erf(z) - a if a < 0.5 else (1.0 - a) - math.erfc(z)
        off *= 0.5 * math.sqrt(math.pi) / gaussian(z)
        z -= off / (1.0 + z * off)
    return math.copysign(z, y)
