"""Functions of vectors: exp, expm1, log, log1p, sin, cos and tanh, to 2 units in the last place.

Each reduces its argument to a small interval and sums a polynomial there, as the C libraries do
(Cody and Waite 1980; the coefficients of log, sin and cos are those of FreeBSD's msun).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import llvmlite.ir as ir

from .emit import DOUBLE, I1, I64, WIDTH, Emitter, number, vector

_LOG2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)  # in two parts: high, low
_HALF_PI = (1.5707963267948966, 6.123233995736766e-17)
_EXP = [1.0 / math.factorial(i) for i in range(13, 1, -1)]
_LOG = [
    1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
    2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
    6.666666666666735130e-01,
]  # fmt: skip
_SIN = [
    1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
    -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01,
]  # fmt: skip
_COS = [
    -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
    2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02,
]  # fmt: skip
#: Beyond this the reduction of sine and cosine has too few digits, and C's functions are called.
_FAR = 1e6

_INTEGERS = ir.VectorType(I64, WIDTH)


def _n(x: float) -> Any:
    return number(x, WIDTH)


@cache
def _i(x: int) -> Any:
    return ir.Constant(_INTEGERS, [ir.Constant(I64, x)] * WIDTH)


def _fma(e: Emitter, a: Any, b: Any, c: Any) -> Any:
    return e.intrinsic("fma", [a, b, c])


def _polynomial(e: Emitter, x: Any, coefficients: Sequence[float]) -> Any:
    total = _n(coefficients[0])
    for c in coefficients[1:]:
        total = _fma(e, total, x, _n(c))
    return total


def _clamped(e: Emitter, x: Any, low: float, high: float) -> Any:
    """``x`` cut to an interval; a nan stays one."""
    b = e.b
    x = b.select(b.fcmp_ordered("<", x, _n(low)), _n(low), x)
    return b.select(b.fcmp_ordered(">", x, _n(high)), _n(high), x)


def _power_of_2(e: Emitter, k: Any) -> Any:
    """2**k for whole k between −1022 and 1023."""
    bits = e.b.add(e.b.fptosi(k, _INTEGERS), _i(1023))
    return e.b.bitcast(e.b.shl(bits, _i(52)), vector())


def _reduced_exp(e: Emitter, x: Any) -> tuple[Any, Any, Any, Any]:
    """K and e**t − 1 with x = k·log 2 + t, and the two halves of 2**k."""
    b = e.b
    k = e.intrinsic("rint", [b.fmul(x, _n(1.0 / math.log(2.0)))])
    t = _fma(e, k, _n(-_LOG2[0]), x)
    t = _fma(e, k, _n(-_LOG2[1]), t)
    rest = _fma(e, _polynomial(e, t, _EXP), b.fmul(t, t), t)
    half = e.intrinsic("floor", [b.fmul(k, _n(0.5))])
    return k, rest, _power_of_2(e, half), _power_of_2(e, b.fsub(k, half))


def _exp(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
    b = e.b
    _, rest, one, two = _reduced_exp(e, _clamped(e, x, -746.0, 710.0))
    return b.fmul(b.fmul(b.fadd(rest, _n(1.0)), one), two)


def _expm1(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
    b = e.b
    k, rest, one, two = _reduced_exp(e, _clamped(e, x, -746.0, 710.0))
    large = b.fsub(b.fmul(b.fmul(b.fadd(rest, _n(1.0)), one), two), _n(1.0))
    power = b.fmul(one, two)
    small = _fma(e, rest, power, b.fsub(power, _n(1.0)))
    found = b.select(b.fcmp_ordered(">", e.intrinsic("fabs", [k]), _n(50.0)), large, small)
    return b.select(b.fcmp_ordered("==", x, _n(0.0)), x, found)


def _log(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
    b = e.b
    tiny = b.fcmp_ordered("<", x, _n(2.0**-1022))
    bits = b.bitcast(b.select(tiny, b.fmul(x, _n(2.0**54)), x), _INTEGERS)
    # x = 2**k · m with m between √½ and √2
    shift = b.ashr(b.sub(bits, _i(0x3FE6A09E667F3BCD)), _i(52))
    m = b.bitcast(b.sub(bits, b.shl(shift, _i(52))), vector())
    k = b.fadd(b.sitofp(shift, vector()), b.select(tiny, _n(-54.0), _n(0.0)))
    f = b.fsub(m, _n(1.0))
    s = b.fdiv(f, b.fadd(_n(2.0), f))
    z = b.fmul(s, s)
    half = b.fmul(_n(0.5), b.fmul(f, f))
    tail = b.fadd(b.fmul(s, b.fadd(half, b.fmul(z, _polynomial(e, z, _LOG)))), b.fmul(k, _n(_LOG2[1])))
    found = b.fsub(b.fmul(k, _n(_LOG2[0])), b.fsub(b.fsub(half, tail), f))
    found = b.select(b.fcmp_ordered("==", x, _n(math.inf)), x, found)
    found = b.select(b.fcmp_ordered("==", x, _n(0.0)), _n(-math.inf), found)
    return b.select(b.fcmp_unordered("<", x, _n(0.0)), _n(math.nan), found)


def _log1p(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
    b = e.b
    whole = b.fadd(_n(1.0), x)
    rounded = _log(e, shared, whole)
    lost = b.fdiv(b.fsub(x, b.fsub(whole, _n(1.0))), whole)  # what the addition rounded off
    found = b.select(b.fcmp_ordered("==", whole, _n(1.0)), x, b.fadd(rounded, lost))
    edge = b.or_(b.fcmp_ordered("==", whole, _n(math.inf)), b.fcmp_ordered("<=", whole, _n(0.0)))
    return b.select(edge, rounded, found)


def _tanh(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
    b = e.b
    a = _clamped(e, e.intrinsic("fabs", [x]), 0.0, 22.0)
    twice = _expm1(e, shared, b.fmul(_n(2.0), a))
    return e.intrinsic("copysign", [b.fdiv(twice, b.fadd(twice, _n(2.0))), x])


def _sine_and_cosine(e: Emitter, x: Any) -> tuple[Any, Any, Any, Any]:
    """Sine and cosine of x less a multiple k of π/2, k, and whether a number is too far out."""
    b = e.b
    k = e.intrinsic("rint", [b.fmul(x, _n(2.0 / math.pi))])
    t = _fma(e, k, _n(-_HALF_PI[0]), x)
    y = _fma(e, k, _n(-_HALF_PI[1]), t)
    low = _fma(e, k, _n(-_HALF_PI[1]), b.fsub(t, y))  # what rounding took from y
    z = b.fmul(y, y)
    sine = b.fadd(y, _fma(e, b.fmul(y, z), _polynomial(e, z, _SIN), low))
    half = b.fmul(_n(0.5), z)
    head = b.fsub(_n(1.0), half)
    tail = b.fsub(b.fmul(b.fmul(z, z), _polynomial(e, z, _COS)), b.fmul(y, low))
    cosine = b.fadd(head, b.fadd(b.fsub(b.fsub(_n(1.0), head), half), tail))
    any_of = e.declared(f"llvm.vector.reduce.or.v{WIDTH}i1", I1, [ir.VectorType(I1, WIDTH)])
    far = b.call(any_of, [b.fcmp_unordered(">", e.intrinsic("fabs", [x]), _n(_FAR))])
    return sine, cosine, b.fptosi(k, _INTEGERS), far


def _circular(name: str, shift: int) -> Callable[..., Any]:
    def emit(e: Emitter, shared: dict[Any, Any], x: Any) -> Any:
        b = e.b
        if x not in shared:
            shared[x] = _sine_and_cosine(e, x)
        sine, cosine, k, far = shared[x]
        quadrant = b.add(k, _i(shift))
        odd = b.icmp_signed("!=", b.and_(quadrant, _i(1)), _i(0))
        sign = b.shl(b.and_(quadrant, _i(2)), _i(62))
        found = b.bitcast(b.xor(b.bitcast(b.select(odd, cosine, sine), _INTEGERS), sign), vector())
        if not shift:
            found = b.select(b.fcmp_ordered("==", x, _n(0.0)), x, found)  # keeps the sign of a zero
        near = b.block
        with b.if_then(far, likely=False):
            exact = e.each(e.declared(name, DOUBLE, [DOUBLE]), [x], WIDTH)
            away = b.block
        result = b.phi(vector())
        result.add_incoming(found, near)
        result.add_incoming(exact, away)
        return result

    return emit


#: By the name that they have in Python's ``math``.
VECTOR_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
    "sin": _circular("sin", 0),
    "cos": _circular("cos", 1),
}
