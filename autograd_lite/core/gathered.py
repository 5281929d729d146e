"""The table, second part: operations of any number of operands, one node each."""

# mypy: disable-error-code="has-type"

from __future__ import annotations

import math
import operator
from builtins import max as _max
from builtins import sum as _sum
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from numbers import Real
from types import FunctionType
from typing import Any

from .. import special
from ..support.ieee import inf
from ..support.nested import several
from ..support.numbers import is_watched
from . import table
from .primitive import BUILT_IN, Operand, Primitive, Unary
from .primitive import TABLE as TABLE
from .registration import primitive
from .table import compare, div, exp, hypot, log, sech, sigmoid, sign, sqrt, square, step, sub, unit, where


def _products_of_the_others(xs: Sequence[Any], z: Any) -> list[Any]:
    # Running products from either end: no division, so an operand of 0 is like any other.
    before = accumulate(xs[:-1], operator.mul, initial=1.0)
    after = accumulate(reversed(xs[1:]), operator.mul, initial=1.0)
    return [ahead * behind for ahead, behind in zip(before, reversed([*after]), strict=True)]


def _dot_operands(ws: Sequence[Any] = (), xs: Sequence[Any] = (), bias: Any = None) -> Any:
    if not (type(ws) is list and type(xs) is list):
        ws, xs = several("dot", ws), several("dot", xs)
    if len(ws) != len(xs):
        raise ValueError(f"dot takes two sequences of one length, not {len(ws)} and {len(xs)}")
    return (*ws, *xs) if bias is None else (*ws, *xs, bias)


def _dot(*operands: float) -> float:
    n = len(operands) // 2
    total: float = _sum(map(operator.mul, operands[:n], operands[n:]))
    return total + operands[-1] if len(operands) % 2 else total


def _dot_partials(operands: Sequence[Any], z: Any) -> list[Any]:
    n = len(operands) // 2
    return [*operands[n : 2 * n], *operands[:n], *[1.0] * (len(operands) % 2)]


def _dot_formula(sign: str, operands: Sequence[str]) -> str:
    n = len(operands) // 2
    pairs = [f"{w}{sign}{x}" for w, x in zip(operands[:n], operands[n:], strict=False)]
    return " + ".join([*pairs, *operands[2 * n :]])


def _equal(xs: Sequence[Any], z: Any) -> list[Any]:
    return [1.0 - square(compare(x, z)) for x in xs]


def _ties(xs: Sequence[Any], z: Any) -> list[Any]:
    equal = _equal(xs, z)
    count = sum(equal)
    return [each / count for each in equal]


def _indexed(name: str) -> Any:
    """How softmax and log_softmax gather their operands: the index is the last of them."""

    def gather(xs: Sequence[Any], index: int | None = None) -> Any:
        if isinstance(xs, Operand | Real) and index is not None:
            raise TypeError(f"{name} takes a list of operands, {name}([x, y]), and an index after it")
        xs = several(name, xs)
        if not xs:
            return ()
        if index is None:
            return [(*xs, float(i)) for i in range(len(xs))]
        place: Any = getattr(index, "data", index)  # a Value: which operand is chosen is data of a program
        if not (isinstance(place, Real) and float(place).is_integer()):
            raise TypeError(f"the index of {name} must be a whole number, not {index!r}")
        if not -len(xs) <= float(place) < len(xs):
            raise IndexError(f"{name} of {len(xs)} operands has no output {index}")
        return (*xs, index if isinstance(index, Operand) else float(index % len(xs)))

    return gather


def _shares(xs: Sequence[Any]) -> list[Any]:
    """exp(xᵢ)/Σ exp(xⱼ); of the largest, k, 1/(1 + Σ exp(xⱼ − xₖ)), whose derivatives keep their digits.

    Of two, which may be nearly equal, each is the sigmoid of its lead. A program is for other numbers too,
    of which another may be the largest: what its own derivative loses comes back through ``max`` there.
    """
    numbers = [getattr(x, "data", x) for x in xs]
    k = numbers.index(_max(numbers))
    if len(xs) == 2 and numbers[k] < inf:
        return [sigmoid(xs[0] - xs[1]), sigmoid(xs[1] - xs[0])]
    peak = max(xs) if is_watched() else numbers[k]  # a common offset changes no share
    parts = [exp(x - peak) for x in xs]
    total = sum(parts)
    shares = [part / total for part in parts]
    if not is_watched():
        shares[k] = 1.0 / (1.0 + sum([exp(x - xs[k]) for i, x in enumerate(xs) if i != k]))
    return shares


def _rest(share: Any, others: Sequence[Any]) -> Any:
    """1 less a share: the sum of the others where it would cancel, and only there."""
    return where(step(share - 0.5), sum(others), 1.0 - share)


def _log_softmax_partials(operands: Sequence[Any], z: Any = None) -> list[Any]:
    """1 less the share where it is chosen, and less the share elsewhere."""
    *xs, index = operands
    shares = _shares(xs)
    if isinstance(index, Operand):
        off: list[Any] = [compare(index, float(i)) for i in range(len(xs))]  # 0 for the chosen one
        rest = _rest(take(shares, index), [where(*each, 0.0) for each in zip(off, shares, strict=True)])
        return [*(where(each, -share, rest) for each, share in zip(off, shares, strict=True)), 0.0]
    rest = _rest(shares[int(index)], [share for i, share in enumerate(shares) if i != index])
    return [*(rest if i == index else -share for i, share in enumerate(shares)), 0.0]


def _softmax_partials(operands: Sequence[Any], z: Any) -> list[Any]:
    if len(operands) == 3 and isinstance(z, Operand) and not isinstance(operands[2], Operand):
        slope = (0.5 * sech(0.5 * (operands[0] - operands[1]))) ** 2.0
        return [-slope, slope, 0.0] if operands[2] else [slope, -slope, 0.0]
    return [*(z * each for each in _log_softmax_partials(operands)[:-1]), 0.0]


def _at_index(xs: Sequence[Any], index: Any) -> list[Any]:
    """1 for the operand at the index, else 0."""
    if isinstance(index, float):
        return [float(k == index) for k in range(len(xs))]
    return [1.0 - square(compare(index, float(k))) for k in range(len(xs))]


def _directions(xs: Sequence[Any], z: Any) -> list[Any]:
    """xᵢ/z; of the largest, k, in circuits ±1/√(1 + Σ (xⱼ/xₖ)²), whose derivative does not cancel."""
    size: float = getattr(z, "data", z)
    if size is z and 1e-290 < size < inf:
        return [x / z for x in xs]
    numbers = [math.fabs(getattr(x, "data", x)) for x in xs]
    largest = _max(numbers)
    if not 0 < largest < inf:
        return [x / z if size is not z and is_watched() else unit(x, z) for x in xs]
    if not 1e-290 < size < inf:  # the norm overflows, or has lost digits; a fraction of it does not
        scaled = [x * (2.0**-64 if size == inf else 2.0**600) for x in xs]
        return _directions(scaled, norm(scaled))
    found = [x / z for x in xs]
    k = numbers.index(largest)
    if isinstance(xs[k], Operand) and not is_watched():  # a program is for other numbers too
        ratios = [x / xs[k] for i, x in enumerate(xs) if i != k]
        found[k] = sign(xs[k]) / sqrt(1.0 + sum_of_squares(ratios))
    return found


def dist(p: Sequence[Any], q: Sequence[Any]) -> Any:
    """The Euclidean distance of two points, as ``math.dist``: the norm of their difference.

    :raises ValueError: when they have not as many coordinates.

    >>> dist([1.0, 2.0], [4.0, 6.0])
    5.0
    """
    ps, qs = several("dist", p), several("dist", q)
    if len(ps) != len(qs):
        raise ValueError(f"dist takes points of one space, not of {len(ps)} and {len(qs)} coordinates")
    return norm([sub(x, y) for x, y in zip(ps, qs, strict=True)])


class _Hypot(Primitive):
    def __call__(self, *xs: Any, **named: Any) -> Any:
        """As of two operands; of another number of them their norm, as Python's ``math.hypot``."""
        return self._at(xs) if len(xs) == 2 else super().__call__(*xs, **named) if named else norm(xs)


class _Log(Unary):
    def __call__(self, x: Any, base: Any = None, /) -> Any:  # type: ignore[override]  # as Unary's
        """As for every row, or the quotient of two logarithms, as Python's ``math.log``."""
        if base is None and isinstance(x, Operand):
            return x._unary(self)
        return super().__call__(x) if base is None else div(self(x), self(base))


def _lead(*xs: float) -> float:
    """By how much the largest is ahead of the next: 0 at a tie."""
    ordered = sorted(xs)
    return ordered[-1] - ordered[-2] if len(xs) > 1 else inf


sum = primitive("sum", lambda *xs: float(_sum(xs)), lambda xs, z: [1.0] * len(xs),
    "the sum of all operands", glyph="Σ", text=" + ".join, latex=" + ".join, precedence=10, binds=(11,),
    python="sum(({},))", array="_reduce(np.add, {})", empty=0.0)
prod = primitive("prod", lambda *xs: float(math.prod(xs)), _products_of_the_others,
    "the product of all operands", glyph="Π", text="·".join, latex=r" \cdot ".join, precedence=20,
    binds=(21,), python="math.prod(({},))", array="_reduce(np.multiply, {})", empty=1.0)
dot = primitive("dot", _dot, _dot_partials, "w₁·x₁ + w₂·x₂ + … + bias, from ws, xs and an optional bias",
    glyph="w·x", text=partial(_dot_formula, "·"), latex=partial(_dot_formula, r" \cdot "), precedence=10,
    binds=(21,), gather=_dot_operands, python="dot({})", array="dot({})", empty=0.0)
sum_of_squares = primitive("sum_of_squares", lambda *xs: float(_sum(map(operator.mul, xs, xs))),
    lambda xs, z: [2.0 * x for x in xs], "the sum of the squares of all operands", glyph="Σ²",
    text=lambda xs: " + ".join(f"{x}²" for x in xs), latex=lambda xs: " + ".join(f"{x}^{{2}}" for x in xs),
    precedence=10, binds=(41,), python="sum(x * x for x in ({},))",
    array="_reduce(np.add, *map(np.square, ({},)))", empty=0.0)
mean = primitive("mean", lambda *xs: _sum(xs) / len(xs), lambda xs, z: [1.0 / len(xs)] * len(xs),
    "the arithmetic mean", python="sum(({},)) / len(({},))", array="_reduce(np.add, {}) / len(({},))")
norm = primitive("norm", math.hypot, _directions, "the Euclidean norm; its derivative at 0 is 0",
    text="‖{}‖", latex=r"\left\lVert {} \right\rVert", array="_reduce(np.hypot, 0.0, {})", kink=math.hypot,
    shown=[lambda xs, z: [x / z for x in xs]], empty=0.0)
logsumexp = primitive("logsumexp", lambda *xs: special.logsumexp(xs), lambda xs, z: _shares(xs),
    "the logarithm of the sum of the exponentials, never overflowing", glyph="LSE",
    shown=[lambda xs, z: [exp(x - z) for x in xs]], python="special.logsumexp(({},))",
    array="_reduce(np.logaddexp, {})", empty=-inf)
softmax = primitive("softmax", special.softmax, _softmax_partials,
    "exp(xᵢ)/Σ exp(xⱼ): a list, one per operand, or the one at ``index``", gather=_indexed("softmax"),
    text=lambda xs: f"softmax_{xs[-1]}({', '.join(xs[:-1])})", digits="of 3 or more, 1 − 2p, 1 − 3p cancel",
    latex=lambda xs: rf"\operatorname{{softmax}}_{{{xs[-1]}}}\left({', '.join(xs[:-1])}\right)",
    array=table.EACH, shown=[lambda xs, z: [z * each for each in log_softmax.shown[0](xs, z)]])
log_softmax = primitive("log_softmax", special.log_softmax, _log_softmax_partials,
    "the logarithms of softmax, exact where it is near 1 or underflows: a list, or the one at ``index``",
    gather=_indexed("log_softmax"), text=lambda xs: f"log_softmax_{xs[-1]}({', '.join(xs[:-1])})",
    latex=lambda xs: rf"\log\operatorname{{softmax}}_{{{xs[-1]}}}\left({', '.join(xs[:-1])}\right)",
    array=table.EACH, shown=[lambda xs, z: [*map(sub, _at_index(xs[:-1], xs[-1]), softmax(xs[:-1])), 0.0]])
take = primitive("take", special.take, lambda xs, z: [*_at_index(xs[:-1], xs[-1]), 0.0],
    "the operand at a whole-number index, which may be a Value", gather=_indexed("take"), exact=True,
    text=lambda xs: f"({', '.join(xs[:-1])})[{xs[-1]}]", array=table.EACH,
    latex=lambda xs: rf"\left({', '.join(xs[:-1])}\right)_{{{xs[-1]}}}")
max = primitive("max", special.largest, _ties, "the largest operand; ties share the derivative evenly",
    piecewise=True, array="_reduce(np.maximum, {})", kink=_lead, shown=[_equal])
min = primitive("min", special.smallest, _ties, "the smallest operand; ties share the derivative evenly",
    piecewise=True, array="_reduce(np.minimum, {})", shown=[_equal],
    kink=lambda *xs: _lead(*(-x for x in xs)))

# These take other numbers of operands too.
hypot.__class__, log.__class__ = _Hypot, _Log


def _bind(*namespaces: dict[str, Any]) -> None:
    """Bind the rules of the built-in rows a second time, for floats.

    ``cos(x)`` inside such a rule is then the bare float function, which raises where the public
    one would report: recording pays for no dispatch, and one operation makes one report. The
    helpers in the ``namespaces`` of the table see the same names.
    """
    bare = {name: thing for names in namespaces for name, thing in names.items()}

    def bound(function: Any) -> Any:
        if not isinstance(function, FunctionType) or function.__closure__:
            return function
        if not any(function.__globals__ is names for names in namespaces):
            return function
        return FunctionType(function.__code__, bare, function.__name__, function.__defaults__)

    bare.update({name: bound(thing) for name, thing in bare.items()})
    for row in TABLE.values():
        bare[row.name] = (lambda xs, f=row.value: f(*xs)) if row.arity is None else row.value
        row.local = tuple(map(bound, row.rules))
        row.slope = row.local[0]
    BUILT_IN.update(TABLE)


_bind(vars(table), globals())

# Not as a plain assignment: type checkers then take every public name, and so see the rows.
globals()["__all__"] = ["dist", *(name for name, row in TABLE.items() if row.arity is None)]
