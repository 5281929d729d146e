"""What every row of the table should give: formulas in mpmath, written apart from the rows.

A reference takes mpmath numbers and works in the precision in force. It gives values only: true
derivatives come from differences of these values in a far higher precision, so that no formula for
a derivative enters the independent side.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from random import Random
from typing import Any

import mpmath
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_lite import TABLE, Primitive, Value, special

Real = Any  # an mpmath number
Reference = Callable[..., Real]

#: The rows that the library comes with; tests and users may add more while they run.
BUILT_IN = dict(TABLE)

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
    """The Taylor series of sinc, differentiated term by term, with digits to spare."""
    n, total, k = int(order), mpf(0), 0
    with mp.workdps(mp.dps + 25):
        while True:
            power = 2 * k - n
            term = (-1) ** k * mp.pi ** (2 * k) / mpmath.factorial(2 * k + 1)
            term *= mpmath.ff(2 * k, n) * mpmath.power(x, power) if power >= 0 else 0
            total += term
            k += 1
            if k > 4 * abs(x) + n + 1 and abs(term) <= abs(total) * mp.eps:
                return total


def _log_ndtr_derivative(order: Real, x: Real) -> Real:
    """Repeated differentiation of f = density / distribution, by f' = -x f - f²."""
    with mp.workdps(mp.dps + 60):
        terms = {(0, 1): mpf(1)}  # powers of x and of f, with their factors
        for _ in range(int(order) - 1):
            found: dict[tuple[int, int], Any] = {}
            for (a, b), factor in terms.items():
                for key, by in (((a - 1, b), a), ((a + 1, b), -b), ((a, b + 1), -b)):
                    if by:
                        found[key] = found.get(key, 0) + by * factor
            terms = found
        f = mpmath.npdf(x) / _norm_cdf(x)
        return mpmath.fsum(factor * x**a * f**b for (a, b), factor in terms.items())


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

REFERENCES: dict[str, Reference] = {
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
    "log1mexp": lambda x: mpmath.log(-mpmath.expm1(-x)),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "one_minus_square": lambda x: 1 - x**2,
    "hypot": mpmath.hypot,
    "unit": lambda x, y: x / mpmath.hypot(x, y),
    "atan2": mpmath.atan2,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sech": mpmath.sech,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "log_cosh": lambda x: mpmath.log(mpmath.cosh(x)),
    "degrees": lambda x: x * 180 / mp.pi,
    "radians": lambda x: x * mp.pi / 180,
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
    "erfinv": mpmath.erfinv,
    "log_ndtr": lambda x: mpmath.log(_norm_cdf(x)),
    "log_ndtr_derivative": _log_ndtr_derivative,
    "gaussian": lambda x: mpmath.exp(-(x**2)),
    "norm_cdf": _norm_cdf,
    "norm_pdf": mpmath.npdf,
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
    "direction": mpmath.sign,
    "copysign": lambda x, y: abs(x) * (1 if y > 0 else -1),
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "round": mpmath.nint,
    "sum": lambda *xs: mpmath.fsum(xs),
    "prod": lambda *xs: mpmath.fprod(xs),
    "dot": _dot,
    "mean": lambda *xs: mpmath.fsum(xs) / len(xs),
    "sum_of_squares": lambda *xs: mpmath.fsum(x**2 for x in xs),
    "norm": lambda *xs: mpmath.sqrt(mpmath.fsum(x**2 for x in xs)),
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum(map(mpmath.exp, xs))),
    "softmax": _softmax,
    "take": lambda *xs: xs[int(xs[-1])],
    "xlogy": lambda x, y: x * mpmath.log(y) if x else mpmath.mpf(0),
    "log_softmax": lambda *xs: mpmath.log(_softmax(*xs)),
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
}


#: Rows whose last operand is an index.
INDEXED = ("softmax", "log_softmax", "take")


def held(row: Primitive, operands: Sequence[Any]) -> set[int]:
    """The positions of operands that belong to the operation: an order or an index, no variable."""
    if row.name in INDEXED:
        return {len(operands) - 1}
    if row.arity is None:
        return set()
    return {i for i, (low, high) in enumerate(row.domain) if low == high}


def variables(row: Primitive, operands: Sequence[Any]) -> list[int]:
    """The positions of the operands that a derivative is asked of."""
    return [i for i in range(len(operands)) if i not in held(row, operands)]


def nodes(row: Primitive, operands: Sequence[float]) -> list[Any]:
    """The operands as Values; an order or an index stays a plain number, as in every circuit."""
    return [x if i in held(row, operands) else Value(x) for i, x in enumerate(operands)]


def call(row: Primitive, operands: Sequence[Any]) -> Any:
    """The public function on these operands, in the order in which the node keeps them."""
    if row.name == "dot":
        n = len(operands) // 2
        return row(operands[:n], operands[n : 2 * n], *operands[2 * n :])
    if row.name in INDEXED:
        return row(operands[:-1], index=int(operands[-1]))
    return row(list(operands)) if row.arity is None else row(*operands)


@cache
def points(row: Primitive, most: int = 6) -> st.SearchStrategy[list[float]]:
    """Operands inside the row's domain; for any number of operands, lists of up to ``most``."""

    def inside(interval: tuple[float, float]) -> st.SearchStrategy[float]:
        low, high = interval
        if low == high:
            return st.just(low)
        return st.floats(low, high, exclude_min=True, exclude_max=True)

    if row.arity is not None:
        return st.tuples(*map(inside, row.domain)).map(list)
    one = inside(row.domain[0])
    if row.name == "dot":
        return st.integers(2, max(2, most)).flatmap(
            lambda size: st.lists(one, min_size=size, max_size=size)
        )
    several = st.lists(one, min_size=1, max_size=most)
    if row.name in INDEXED:
        return several.flatmap(
            lambda xs: st.integers(0, len(xs) - 1).map(lambda index: [*xs, float(index)])
        )
    return several


def draws(row: Primitive, count: int, most: int = 3) -> Iterator[list[float]]:
    """The same points in the row's domain at every call, away from its kinks."""
    random = Random(row.name)
    while count:
        size = random.randint(1, most)
        intervals = list(row.domain) if row.arity else list(row.domain) * size
        if row.name == "dot":
            intervals *= 2
        operands = [random.uniform(low, high) for low, high in intervals]
        if row.name in INDEXED:
            operands.append(float(random.randrange(size)))
        if smooth(row, operands):
            count -= 1
            yield operands


def smooth(row: Primitive, operands: Sequence[float]) -> bool:
    """Whether the point is away from the kinks of the row."""
    return row.kink is None or abs(row.kink(*operands)) > 1e-2


def beside_kinks(row: Primitive, count: int) -> Iterator[list[float]]:
    """Points close to the kinks of a row, on either side."""
    for operands, i in _kinks(row, count):
        if i is None:
            yield [1e-9 * x for x in operands]
            continue
        for h in (1e-3, 1e-5, 1e-7, 1e-9):
            yield [*operands[:i], operands[i] - h, *operands[i + 1 :]]
            yield [*operands[:i], operands[i] + h, *operands[i + 1 :]]


def on_kinks(row: Primitive, count: int) -> Iterator[list[float]]:
    """Points on the kinks of a row, as near as floats are."""
    for operands, i in _kinks(row, count):
        if i is not None:
            assert row.kink is not None
            rounded = [*operands[:i], round(operands[i], 9), *operands[i + 1 :]]
            yield rounded if row.kink(*rounded) == 0 else operands


def _kinks(row: Primitive, count: int) -> Iterator[tuple[list[float], int | None]]:
    """Points on kinks, found along one operand by the row's own measure of distance.

    Of a kink that is met at 0 alone, as the norm's, a point in a direction from it, and None.
    """
    if row.kink is None:
        return
    for operands in draws(row, count):
        if abs(row.kink(*[1e-9 * x for x in operands])) < 1e-7:
            yield operands, None
        for i in variables(row, operands):
            low, high = row.domain[i] if row.arity else row.domain[0]

            def distance(x: float, operands: list[float] = operands, i: int = i) -> float:
                assert row.kink is not None
                return abs(row.kink(*operands[:i], x, *operands[i + 1 :]))

            steps = [low + (high - low) * k / 64 for k in range(1, 64)]
            for a, x, b in zip(steps, steps[1:], steps[2:], strict=False):
                if distance(a) >= distance(x) < distance(b):
                    at = _lowest(distance, a, b)
                    if distance(at) < 1e-12:
                        yield [*operands[:i], at, *operands[i + 1 :]], i


def _lowest(f: Callable[[float], float], low: float, high: float) -> float:
    """Where ``f``, which falls and then rises, is lowest."""
    for _ in range(100):
        third = (high - low) / 3
        if f(low + third) < f(high - third):
            high -= third
        else:
            low += third
    return (low + high) / 2


def exact(operands: Sequence[float]) -> tuple[Real, ...]:
    return tuple(map(mpf, operands))


def enough_digits(operands: Sequence[float]) -> Any:
    """A precision in which even the square of the smallest operand is not lost beside 1."""
    smallest = min((abs(x) for x in operands if x), default=1.0)
    return mp.workdps(50 + math.ceil(2 * max(0.0, -math.log10(smallest))))


def partial(row: Primitive, operands: Sequence[float], *by: int) -> Real:
    """The true mixed partial derivative of a row by the operands at these positions."""
    return _partial(row.name, tuple(float(x).hex() for x in operands), by, mp.prec)


@lru_cache(2**14)  # every wrong rule is judged at the same points
def _partial(name: str, given: tuple[str, ...], by: tuple[int, ...], precision: int) -> Real:
    operands = list(map(float.fromhex, given))
    orders = tuple(by.count(i) for i in range(len(operands)))
    at = exact(operands)
    with enough_digits(operands):
        if len(operands) == 1:
            return mpmath.diff(REFERENCES[name], at[0], len(by))
        return mpmath.diff(REFERENCES[name], at, orders)


def truth(row: Primitive, operands: Sequence[float]) -> Real:
    """The true value of a row."""
    with enough_digits(operands):
        return REFERENCES[row.name](*exact(operands))


def error_in_ulps(got: float, true: Real) -> float:
    """How far ``got`` is from the truth, in units in the last place of the rounded truth."""
    rounded = float(true)
    if math.isinf(rounded) or not math.isfinite(got):
        return 0.0 if got == rounded else math.inf
    return float(abs(mpf(got) - true) / math.ulp(rounded))


def conditioning(row: Primitive, operands: Sequence[float], *by: int) -> Real:
    """How much the (derivative of the) row moves for a relative change of its operands, summed."""
    return mpmath.fsum(abs(operands[j] * partial(row, operands, *by, j)) for j in variables(row, operands))


def rule_excess(row: Primitive, operands: Sequence[float], rules: Sequence[Callable[..., Any]]) -> float:
    """The largest error of the rules at a point, in units of what is allowed there.

    Allowed is what a change of the operands by 16 half-units in the last place would do, and the
    same beside the derivative itself.
    """
    live = [i not in held(row, operands) for i in range(len(operands))]
    found = row.rule_results(rules, tuple(operands), call(row, operands), live)
    # In a product, what is lost by underflow is multiplied by the operands that come after it.
    raised = math.prod(max(1.0, abs(x)) for x in operands) if row is BUILT_IN["prod"] else 1.0
    worst = 0.0
    for i in variables(row, operands):
        true = partial(row, operands, i)
        if found[i] == true:
            continue
        allowed = 16 * UNIT * (abs(true) + conditioning(row, operands, i)) + 4 * TINIEST * raised
        error = abs(mpf(plain(found[i])) - true) / allowed
        worst = max(worst, float(error)) if mpmath.isfinite(error) else math.inf
    return worst


def plain(x: Any) -> float:
    """A rule's result as a number."""
    return float(x.data if isinstance(x, Value) else x)


def same(got: float, want: float) -> bool:
    """Equal as IEEE data: nan is nan, and zeros have signs."""
    if math.isnan(want):
        return math.isnan(got)
    return got == want and math.copysign(1.0, got) == math.copysign(1.0, want)


def fill(template: Any, operands: list[str]) -> str:
    """A template of a row, with these operands: ``{}`` is all of them, ``{0}`` the first."""
    if callable(template):
        return str(template(operands))
    return str(template).replace("{}", ", ".join(operands)).format(*operands)


def _plain_dot(*operands: Any) -> Any:
    n = len(operands) // 2
    return sum(map(operator.mul, operands[:n], operands[n : 2 * n])) + sum(operands[2 * n :])


def _float_softmax(*operands: float) -> float:
    *xs, index = operands
    peak = max(xs)
    return math.exp(xs[int(index)] - peak) / math.fsum(math.exp(x - peak) for x in xs)


#: What a row written as Python may name, besides Python's own functions.
SCALAR_NAMES: dict[str, Any] = {
    "math": math,
    "special": special,
    "dot": _plain_dot,
    "softmax": _float_softmax,
    "take": lambda *xs: xs[int(xs[-1])],
}


def written(row: Primitive, operands: Sequence[float]) -> float:
    """The value that the row's Python expression has."""
    names = [f"a{i}" for i in range(len(operands))]
    scope = SCALAR_NAMES | dict(zip(names, operands, strict=True))
    return float(eval(_compiled(fill(row.python, names)), scope))


@cache
def _compiled(expression: str) -> Any:
    return compile(expression, "row", "eval")
