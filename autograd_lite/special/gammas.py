"""The gamma function's logarithm and its derivatives of every order, on floats.

IEEE 754's manners: poles give an infinity or nan, and nan gives nan. DLMF is the NIST Digital Library
of Mathematical Functions (dlmf.nist.gov), A&S Abramowitz and Stegun's *Handbook of Mathematical
Functions* (1964).
"""

from __future__ import annotations

import math
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

# zeta(k) - 1 for k = 2, 3, ... (DLMF 25.2.1).
_ZETA_LESS_1 = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
    0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
    0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
    6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07,
    2.38450502727733e-07, 1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08,
    1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09,
    9.313274324196682e-10, 4.656629065033784e-10, 2.3283118336765053e-10, 1.164155017270052e-10,
    5.820772087902701e-11, 2.9103850444971e-11, 1.4551921891041985e-11, 7.275959835057482e-12,
    3.637979547378651e-12, 1.818989650307066e-12, 9.094947840263888e-13, 4.547473783042154e-13,
    2.2737368458246524e-13, 1.136868407680228e-13, 5.684341987627585e-14, 2.842170976889302e-14,
)  # fmt: skip
_EULER = 0.5772156649015329


def whole_order(n: float) -> int:
    """The order of a derivative as an int.

    :raises ValueError: when it is no whole number or one that these functions are not made for.
    """
    if not (0 <= n <= 100 and n == int(n)):
        raise ValueError(f"the order of a derivative must be a whole number from 0 to 100, not {n!r}")
    return int(n)


def digamma(x: float) -> float:
    """The logarithmic derivative of the gamma function; see :func:`polygamma`.

    >>> digamma(1.0)  # minus Euler's constant
    -0.5772156649015329
    """
    return polygamma(0, x)


def lgamma(x: float) -> float:
    """``log|gamma(x)|``, inf at its poles; at its zeros 1 and 2 the relative error is small too.

    Source: DLMF 5.7.3 (the series about 2) and 5.5.1 (recurrence).

    >>> lgamma(1.0), lgamma(2.0), lgamma(1.0 + 2**-60), lgamma(1.0 + 2**-40)
    (0.0, 0.0, 0.0, -5.249745890076019e-13)
    """
    if not 0.0 < x < 10.0:
        try:
            return math.lgamma(x)
        except (ValueError, OverflowError):
            return math.inf
    if x > 2.5:
        product = 1.0
        while x > 2.5:
            x -= 1.0
            product *= x
        return _log_gamma_near_2(x - 2.0) + math.log(product)
    if x > 1.25:
        return _log_gamma_near_2(x - 2.0)
    if x < 0.5:
        return lgamma(1.0 + x) - math.log(x)
    return _log_gamma_near_2(x - 1.0) - math.log1p(x - 1.0)


def _log_gamma_near_2(t: float) -> float:
    """``log(gamma(2 + t))`` for t from -3/4 to 1/2."""
    value = 0.0
    for k in range(len(_ZETA_LESS_1) + 1, 1, -1):
        value = (_ZETA_LESS_1[k - 2] / k - value) * t
    return (1.0 - _EULER + value) * t


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


def polygamma(order: float, x: float) -> float:
    """The n-th derivative of digamma, which is the (n+1)-th of lgamma; order 0 is digamma itself.

    Poles, at 0, -1, -2, ...: both sides agree for odd n and the value is inf; for even n it is
    nan, except that the sign of a zero tells the side. At -inf, where poles crowd, it is nan.
    Raises ValueError unless n is a whole number from 0 to 100. Near the zero 1.4616... of digamma and
    its first four negative ones the relative error is small too; elsewhere it is small beside the
    larger part of the reflection formula.

    Source: DLMF 5.15 (recurrence, reflection), A&S 6.4.11 (asymptotic series).

    >>> polygamma(0, 1.0)  # minus Euler's constant
    -0.5772156649015329
    >>> polygamma(0, 0.0), polygamma(0, -0.0), polygamma(0, -1.0), polygamma(1, -1.0)
    (-inf, inf, nan, inf)
    """
    n = whole_order(order)
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
        return polygamma(0, x + 1.0) - 1.0 / x if x < 1.0 else polygamma(0, x - 1.0) + 1.0 / (x - 1.0)
    if x > 0.0:
        return _polygamma_positive(n, x)
    value = _polygamma_positive(n, 1.0 - x) - _cot_pi_derivative(n, x)
    return -value if n % 2 else value
