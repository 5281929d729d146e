"""Functions of Python's ``math`` that JavaScript lacks, written in what both have.

They are Python, tested as Python, and translated into JavaScript like the functions of
:mod:`autograd_lite.special`. DLMF is the NIST Digital Library of Mathematical Functions (dlmf.nist.gov).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ... import special


def math_erf(x: float) -> float:
    """``erf``: a series of positive terms (DLMF 7.6.2), and 1 less erfc from 2 on.

    >>> math_erf(0.0), math_erf(6.0), math_erf(0.5) == math.erf(0.5)
    (0.0, 1.0, True)
    """
    a = abs(x)
    if a > 2.0:
        return math.copysign(1.0 - math_erfc(a), x)
    series = 1.0
    for n in range(50, 0, -1):
        series = 1.0 + series * (2.0 * a * a / (2 * n + 1))
    return math.copysign(2.0 / math.sqrt(math.pi) * special.gaussian(a) * (a * series), x)


def math_erfc(x: float) -> float:
    """``erfc``: a continued fraction (DLMF 7.9.1), exact where the complement is small.

    >>> math_erfc(0.0), math_erfc(30.0), math_erfc(-6.0)
    (1.0, 0.0, 2.0)
    """
    if not x > 0.5:
        return 1.0 - math_erf(x)
    if x > 28.0:
        return 0.0
    fraction = x
    for k in range(int(40 + 400 / (x * x)), 0, -1):
        fraction = x + 0.5 * k / fraction
    return special.gaussian(x) / (math.sqrt(math.pi) * fraction)


def math_gamma(x: float) -> float:
    """The gamma function: by recurrence from 1 to 2.5, where its logarithm is small, and Stirling's series.

    Infinite at 0, on the side that the sign of the zero says, and nan at its other poles.

    >>> math_gamma(5.0), math_gamma(-0.0), math_gamma(171.8)
    (24.0, -inf, inf)
    """
    if x == 0.0 or not x > -1e300 or x == math.inf:
        return math.copysign(math.inf, x) if x == 0.0 or x == math.inf else math.nan
    if x < 0.0:  # reflection (DLMF 5.5.3)
        if x.is_integer():
            return math.nan
        near = math_remainder(x, 1.0)
        sine = math.sin(math.pi * near) * (1.0 if math_remainder(x - near, 2.0) == 0.0 else -1.0)
        return math.pi / (sine * x) / -math_gamma(-x) if x > -171.0 else math.copysign(0.0, sine)
    if x < 0.5:
        return math_gamma(1.0 + x) / x if x > 1e-20 else 1.0 / x
    if x > 171.7:
        return math.inf
    if x > 24.0:  # powers that do not overflow
        root = math.pow(x, 0.5 * x - 0.25)
        return math.sqrt(2.0 * math.pi) * math.exp(_stirling(x)) * root * math.exp(-x) * root
    product = 1.0
    while x > 2.5:
        x -= 1.0
        product *= x
    return product * math.exp(special.lgamma(x))


def math_lgamma(x: float) -> float:
    """The logarithm of ``|gamma(x)|`` from 10 on and below 0: Stirling's series and reflection.

    >>> math_lgamma(1e300) == math.lgamma(1e300), math_lgamma(-1.0)
    (True, inf)
    """
    if x != x or x == math.inf:
        return x
    if x <= 0.0:
        if x == -math.inf or x.is_integer():
            return math.inf
        sine = abs(math.sin(math.pi * math_remainder(x, 1.0)))
        other = special.lgamma(1.0 - x) if x > -9.0 else math_lgamma(1.0 - x)
        return math.log(math.pi / sine) - other if sine > 1e-300 else -math.log(-x)
    return 0.5 * math.log(2.0 * math.pi) - 0.5 + (_stirling(x) + (x - 0.5) * (math.log(x) - 1.0))


def _stirling(x: float) -> float:
    """What the logarithm of gamma is above Stirling's formula, for x from 10 on (DLMF 5.11.1)."""
    series = 0.0
    for c in (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12):
        series = series / (x * x) + c
    return series / x


def math_remainder(x: float, y: float) -> float:
    """``x`` less the multiple of ``y`` that is nearest, the even one of two; never rounded.

    >>> math_remainder(5.0, 2.0), math_remainder(3.0, 2.0), math_remainder(-0.75, 1.0)
    (1.0, -1.0, 0.25)
    """
    a, b = abs(x), abs(y)
    m = math.fmod(a, b)
    rest = b - m
    if m > rest:
        m = -rest
    elif m == rest:
        m = m - 2.0 * math.fmod(0.5 * (a - m), b)
    return m if math.copysign(1.0, x) > 0.0 else -m


def math_fsum(xs: Iterable[float]) -> float:
    """The sum, rounded once (Shewchuk 1997).

    >>> math_fsum([1e16, 1.0, -1e16])
    1.0
    """
    partials: list[float] = []
    for x in xs:
        if not math.isfinite(x):
            return sum(xs)
        kept = []
        for y in partials:
            big, small = (x, y) if abs(x) >= abs(y) else (y, x)
            x = big + small
            low = small - (x - big)
            if low != 0.0:
                kept.append(low)
        partials = [*kept, x]
    return sum(partials)


def math_factorial(n: float) -> float:
    """The product of the whole numbers up to ``n``, rounded.

    >>> math_factorial(5)
    120.0
    """
    product = 1.0
    for k in range(2, int(n) + 1):
        product *= k
    return product


def math_perm(n: float, k: float) -> float:
    """``n (n - 1) … (n - k + 1)``, rounded.

    >>> math_perm(5, 2), math_perm(5, 0)
    (20.0, 1.0)
    """
    product = 1.0
    for i in range(int(k)):
        product *= n - i
    return product
