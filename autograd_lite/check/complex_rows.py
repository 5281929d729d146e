"""The value function of a built-in row on complex numbers, derived from the row itself.

The Python that computes the row is run with :mod:`cmath` in place of :mod:`math`, and with the analytic
forms below in place of functions that only have real ones. A comparison is one of real parts: beside a
kink, which the row declares, a branch is analytic on its own. So a row says by its own code whether the
complex step is allowed. A user's row is never run on numbers that it was not written for.
"""

from __future__ import annotations

import builtins
import cmath
import math
import operator
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from ..core.primitive import BUILT_IN, TABLE, Primitive

Complex = complex | float
_Function = Callable[..., Any]


# ruff: noqa: D102 - each method is the function of its name


class NearReal(complex):
    """A complex number with a tiny imaginary part, which is compared by its real part.

    Arithmetic gives such numbers again.
    """

    def __lt__(self, other: Complex) -> bool:
        return self.real < other.real

    def __le__(self, other: Complex) -> bool:
        return self.real <= other.real

    def __gt__(self, other: Complex) -> bool:
        return self.real > other.real

    def __ge__(self, other: Complex) -> bool:
        return self.real >= other.real

    def __neg__(self) -> NearReal:
        return NearReal(-self.real, -self.imag)

    def __abs__(self) -> NearReal:  # type: ignore[override]  # the analytic form, not the modulus
        return self if self.real >= 0.0 else -self

    def __round__(self) -> float:
        return float(round(self.real))


def _closed(name: str) -> _Function:
    """The operator of complex numbers with this name, with its result a NearReal."""
    plain = getattr(complex, name)

    def operate(self: NearReal, other: Complex) -> Any:
        found = plain(self, other)
        return found if found is NotImplemented else NearReal(found)

    return operate


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(NearReal, f"__{_name}__", _closed(f"__{_name}__"))
    setattr(NearReal, f"__r{_name}__", _closed(f"__r{_name}__"))


def _absolute(z: Complex) -> Complex:
    """``|z|`` as the analytic function that it is on either side of 0."""
    return z if z.real >= 0.0 else -z


class AnalyticForms:
    """Functions of ``math`` and ``special`` that cmath lacks, each on complex numbers near the real axis.

    They are written so that a tiny imaginary part keeps its digits.
    """

    pi, e, tau, inf, nan = math.pi, math.e, math.tau, math.inf, math.nan
    prod = staticmethod(math.prod)
    fsum = staticmethod(sum)
    fabs = staticmethod(_absolute)

    @staticmethod
    def floor(z: Complex) -> int:
        return math.floor(z.real)

    @staticmethod
    def ceil(z: Complex) -> int:
        return math.ceil(z.real)

    @staticmethod
    def trunc(z: Complex) -> int:
        return math.trunc(z.real)

    @staticmethod
    def copysign(z: Complex, w: Complex) -> Complex:
        return _absolute(z) if math.copysign(1.0, w.real) > 0 else -_absolute(z)

    @staticmethod
    def pow(z: Complex, w: Complex) -> Complex:
        z, w = complex(z), complex(w)
        whole = w.imag == 0.0 and w.real.is_integer()
        if z.real > 0.0:
            return z**w
        if not whole:
            raise ValueError("a power of a base that is not positive is not analytic")
        return (-1.0) ** w.real * (-z) ** w.real if z.real else z**w.real

    @staticmethod
    def exp2(z: Complex) -> Complex:
        return cmath.exp(math.log(2.0) * z)

    @staticmethod
    def expm1(z: Complex) -> Complex:
        z = complex(z)
        half = math.sin(z.imag / 2)
        real = math.expm1(z.real) * math.cos(z.imag) - 2 * half * half
        return complex(real, math.exp(z.real) * math.sin(z.imag))

    @staticmethod
    def log1p(z: Complex) -> Complex:
        z = complex(z)
        return complex(math.log1p(z.real), math.atan2(z.imag, 1.0 + z.real))  # |z.imag| is tiny

    @staticmethod
    def log2(z: Complex) -> Complex:
        return cmath.log(z) / math.log(2.0)

    @staticmethod
    def hypot(*zs: Complex) -> Complex:
        size = max(abs(z) for z in zs)
        return size * cmath.sqrt(sum((z / size) ** 2 for z in zs))

    @staticmethod
    def fmod(z: Complex, w: Complex) -> Complex:
        return z - w * math.trunc(z.real / w.real)

    @staticmethod
    def degrees(z: Complex) -> Complex:
        return 180.0 / math.pi * z

    @staticmethod
    def radians(z: Complex) -> Complex:
        return math.pi / 180.0 * z

    @staticmethod
    def erf(z: Complex) -> Complex:
        return complex(math.erf(z.real), 2.0 / math.sqrt(math.pi) * math.exp(-z.real * z.real) * z.imag)

    @staticmethod
    def erfc(z: Complex) -> Complex:
        return complex(math.erfc(z.real), -AnalyticForms.erf(z).imag)

    @staticmethod
    def atan2(y: Complex, x: Complex) -> Complex:
        y, x = complex(y), complex(x)
        square = x.real * x.real + y.real * y.real
        turn = (x.real * y.imag - y.real * x.imag) / square  # the angle of (x.real, y.real) turned a little
        return complex(math.atan2(y.real, x.real), turn)

    @staticmethod
    def cbrt(z: Complex) -> Complex:
        z = complex(z)
        return cmath.exp(cmath.log(z) / 3) if z.real > 0 else -cmath.exp(cmath.log(-z) / 3)

    @staticmethod
    def sigmoid(z: Complex) -> Complex:
        if complex(z).real >= 0:
            return 1.0 / (1.0 + cmath.exp(-z))
        e = cmath.exp(z)
        return e / (1.0 + e)

    @staticmethod
    def softplus(z: Complex) -> Complex:
        if complex(z).real > 0:
            return z + AnalyticForms.log1p(cmath.exp(-z))
        return AnalyticForms.log1p(cmath.exp(z))

    @staticmethod
    def log_sigmoid(z: Complex) -> Complex:
        return -AnalyticForms.softplus(-z)

    @staticmethod
    def sech(z: Complex) -> Complex:
        if abs(complex(z).real) < 20:
            return 1.0 / cmath.cosh(z)
        e = cmath.exp(-z if complex(z).real > 0 else z)
        return 2.0 * e / (1.0 + e * e)

    @staticmethod
    def sinc(z: Complex) -> Complex:
        return AnalyticForms.sinc_derivative(0.0, z)

    @staticmethod
    def sinc_derivative(order: Complex, z: Complex) -> Complex:
        n, x = AnalyticForms.place(order, 1), abs(z.real)
        if math.pi * x <= n + 1:  # the power series
            sizes = (
                (-1) ** k
                * math.pi ** (2 * k)
                / ((2 * k + 1) * math.factorial(2 * k - n))
                * z ** (2 * k - n)
                for k in range((n + 1) // 2, (n + 1) // 2 + 20 + n)
            )
            return complex(sum(sizes))
        h = 1e-155 * x  # so small that its square is nothing beside x²
        s, c = math.sin(math.pi * math.remainder(x, 2.0)), math.cos(math.pi * math.remainder(x, 2.0))
        sine, cosine = complex(s, c * math.pi * h), complex(c, -s * math.pi * h)
        value = sine / (math.pi * complex(x, h))
        for k in range(1, n + 1):
            turned = (sine, cosine, -sine, -cosine)[k % 4]
            value = (math.pi ** (k - 1) * turned - k * value) / complex(x, h)
        slope = math.copysign(1.0, z.real) ** (n + 1) * value.imag / h
        return complex(TABLE["sinc_derivative"].value(n, z.real), slope * z.imag)

    @staticmethod
    def gaussian(z: Complex) -> Complex:
        return cmath.exp(-z * z)

    @staticmethod
    def norm_pdf(z: Complex) -> Complex:
        return cmath.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)

    @staticmethod
    def logsumexp(zs: Any) -> Complex:
        rest = list(map(complex, zs))
        largest = max(rest, key=lambda z: z.real)
        rest.remove(largest)
        return largest + AnalyticForms.log1p(sum(cmath.exp(z - largest) for z in rest))

    @staticmethod
    def place(index: Complex, count: int) -> int:
        if isinstance(index, complex):
            raise TypeError("an index is no complex number")
        return int(index)

    @staticmethod
    def log_softmax(*operands: Complex) -> Complex:
        *zs, index = operands
        chosen = zs.pop(AnalyticForms.place(index, len(zs)))
        return -AnalyticForms.log1p(sum(cmath.exp(z - chosen) for z in zs))


def _analytic_softmax(*operands: Complex) -> Complex:
    return cmath.exp(AnalyticForms.log_softmax(*operands))


def _analytic_softsign(z: Complex) -> Complex:
    side = _absolute(z)
    size = (
        side / (1.0 + side) if side.real < 1.0 else 1.0 - 1.0 / (1.0 + side)
    )  # the slope keeps its digits
    return size if z.real >= 0.0 else -size


def _analytic_one_minus_square(z: Complex) -> Complex:
    return 1.0 - z * z if abs(z.real) < 0.5 else (1.0 - z) * (1.0 + z)


def _analytic_unit(z: Complex, w: Complex) -> Complex:
    if abs(z.real) > abs(w.real):
        return math.copysign(1.0, z.real) / cmath.sqrt(1.0 + (w / z) ** 2)
    return math.copysign(1.0, w.real) * (z / w) / cmath.sqrt(1.0 + (z / w) ** 2)


#: Rows whose slope by the value function would cancel.
_BY_NAME: dict[str, _Function] = {
    "softmax": _analytic_softmax,
    "softsign": _analytic_softsign,
    "one_minus_square": _analytic_one_minus_square,
    "unit": _analytic_unit,
}
#: Of Python's own functions, those that hand complex numbers on.
_HARMLESS = {
    name: getattr(builtins, name)
    for name in (
        "all", "any", "enumerate", "len", "list", "map", "max", "min", "range", "reversed", "sum", "tuple",
        "zip",
    )
}  # fmt: skip
_ARITHMETIC = SimpleNamespace(
    **{name: getattr(operator, name) for name in ("add", "mul", "neg", "pos", "pow", "sub", "truediv")},
    mod=lambda z, w: z - w * math.floor(z.real / w.real),
    floordiv=lambda z, w: math.floor(z.real / w.real),
)
_PARTS = {"conjugate", "imag", "real"}


class _NotAnalyticError(Exception):
    """The function cannot be run on complex numbers, or should not be."""


@cache
def on_complex(row: Primitive) -> _Function | None:
    """The value function of ``row`` on complex numbers; None where the row does not allow it.

    It takes floats and :class:`NearReal` numbers, away from the kinks that the row declares. It may still
    raise where it is called, as other complex numbers do when they are compared.
    """
    try:
        return _of_row(row, {})
    except _NotAnalyticError:
        return None


def _of_row(row: Primitive, made: dict[int, Any]) -> _Function:
    if row.name in _BY_NAME:
        return _BY_NAME[row.name]
    if id(row) in made or row.name not in BUILT_IN:
        raise _NotAnalyticError
    made[id(row)] = row
    found: _Function = _analytic(row.value, made)
    return found


def _analytic(thing: Any, made: dict[int, Any]) -> Any:
    """``thing``, a name that a value function uses, on complex numbers.

    ``made`` keeps the functions that were made, so that one may call itself.
    """
    if isinstance(thing, int | float | complex | str | type(None)):
        return thing
    if isinstance(thing, Primitive):
        return _of_row(thing, made)
    if id(thing) in made:
        return made[id(thing)]
    if isinstance(thing, ModuleType):
        if thing.__name__ in ("math", "cmath") or thing.__name__.endswith(".special"):
            return _Namespace()
        if thing is operator:
            return _ARITHMETIC
        raise _NotAnalyticError
    if isinstance(thing, BuiltinFunctionType):
        if thing in (operator.mod, operator.floordiv):
            return getattr(_ARITHMETIC, thing.__name__)
        if thing.__module__ in ("math", "cmath"):
            return getattr(_Namespace(), thing.__name__)
        if thing.__module__ == "_operator" or thing.__name__ in _HARMLESS:
            return thing
        raise _NotAnalyticError
    if isinstance(thing, FunctionType):
        if (thing.__module__ or "").partition(".special")[1] and hasattr(AnalyticForms, thing.__name__):
            return getattr(AnalyticForms, thing.__name__)
        return _rebound(thing, made)
    raise _NotAnalyticError


class _Namespace:
    """What stands in place of ``math``, ``cmath`` and ``special``."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(AnalyticForms, name):
            return getattr(AnalyticForms, name)
        found = getattr(cmath, name, None)
        if found is None or name in ("phase", "polar", "rect"):
            raise _NotAnalyticError
        return found


def _rebound(function: FunctionType, made: dict[int, Any]) -> FunctionType:
    code = function.__code__
    names = _names_in(code)
    if names & _PARTS or function.__closure__:
        raise _NotAnalyticError
    own: dict[str, Any] = {"__builtins__": {**_HARMLESS, "abs": _absolute, "float": complex}}
    bound = FunctionType(code, own, function.__name__, function.__defaults__)
    made[id(function)] = bound
    for name in names & function.__globals__.keys():
        with suppress(_NotAnalyticError):  # the name of an attribute, perhaps; else the call will miss it
            own[name] = _analytic(function.__globals__[name], made)
    return bound


def _names_in(code: CodeType) -> set[str]:
    inner = [_names_in(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)
