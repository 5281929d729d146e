"""The table: every operation that the engine knows, one row each.

This is the only place where an operation's name appears. The free functions, the methods of
``Value``, all derivatives, drawings, derivation tables, the parser's names and the tests come from
here. Rules are given operand by operand as ``rule(*operands, z)`` with ``z`` the result; they work on
floats and on Values (see :mod:`autograd_lite.core.primitive`).

At a kink the derivative is the subgradient of least norm: 0 for ``abs``, ``relu`` and ``hypot`` at 0,
half to each side at a tie of ``maximum`` and ``minimum``. At the edge of a domain it is the limit:
``sqrt`` has the derivative inf at 0.
"""

# mypy: disable-error-code="has-type"
# A rule names rows that stand further down the table; mypy infers from top to bottom.

from __future__ import annotations

import math
import operator
from builtins import max as _max
from builtins import min as _min
from builtins import sum as _sum
from collections.abc import Sequence
from typing import Any

from .. import special
from . import ieee
from .ieee import inf, nan
from .primitive import ALIASES as ALIASES
from .primitive import NUMERIC, on_floats, several
from .primitive import TABLE as TABLE
from .primitive import Operand as Operand
from .primitive import Primitive as Primitive
from .primitive import lookup as lookup
from .primitive import primitive as primitive

_POSITIVE = (0.02, 8.0)
_UNIT = (-0.98, 0.98)
_AWAY = ((-8.0, 8.0), (0.3, 8.0))


def _join(separator: str) -> Any:
    return lambda operands: separator.join(operands)


def _order(n: float) -> int:
    if not n.is_integer():
        raise ValueError(f"the order of a derivative is a whole number, not {n!r}")
    return int(n)


# Arithmetic

add = primitive(
    "add", operator.add, [lambda x, y, z: 1.0, lambda x, y, z: 1.0], "the sum x + y",
    symbol="+", text="{0} + {1}", latex="{0} + {1}", precedence=10, binds=(10, 11),
    python="{0} + {1}", array="{0} + {1}",
)
sub = primitive(
    "sub", operator.sub, [lambda x, y, z: 1.0, lambda x, y, z: -1.0], "the difference x − y",
    symbol="-", glyph="−", text="{0} − {1}", latex="{0} - {1}", precedence=10, binds=(10, 11),
    python="{0} - {1}", array="{0} - {1}",
    aliases=("subtract",),
)
mul = primitive(
    "mul", operator.mul, [lambda x, y, z: y, lambda x, y, z: x], "the product x·y",
    symbol="*", glyph="×", text="{0}·{1}", latex=r"{0} \cdot {1}", precedence=20, binds=(20, 21),
    python="{0} * {1}", array="{0} * {1}",
    aliases=("multiply",),
)
div = primitive(
    "div", operator.truediv, [lambda x, y, z: 1.0 / y, lambda x, y, z: -z / y],
    "the quotient x/y",
    symbol="/", glyph="÷", text="{0}/{1}", latex=r"\frac{{{0}}}{{{1}}}", precedence=20,
    binds=(20, 21), latex_binds=(0, 0), python="{0} / {1}", array="{0} / {1}",
    domain=_AWAY, edge=ieee.divide, shown=[None, lambda x, y, z: -x / y**2],
    aliases=("divide", "truediv",),
)


def _power_of_base(x: Any, y: Any, z: Any) -> Any:
    # An exponent that is a plain number belongs to the operation, as the 3 in x³ does. One that can
    # vary must keep its derivative at every order, so only base 0 is a case of its own.
    if isinstance(y, float):
        return 0.0 if y == 0 else 1.0 if y == 1 else y * (x if y == 2 else pow(x, y - 1.0))
    slope = y * pow(x, y - 1.0)
    return where(x, slope, where(y, slope, 0.0))


pow = primitive(
    "pow", math.pow,
    [
        _power_of_base,
        lambda x, y, z: where(x, z * log(x), where(step(-y), -inf, 0.0)),
    ],
    "x to the power y",
    symbol="**", glyph="xʸ", text="{0}^{1}", latex="{0}^{{{1}}}", precedence=40, binds=(41, 40),
    latex_binds=(41, 0), python="math.pow({0}, {1})", array="np.power({0}, {1})",
    domain=(_POSITIVE, (-3.0, 3.0)), edge=ieee.power,
    shown=[lambda x, y, z: y * x ** (y - 1.0), lambda x, y, z: z * log(x)],
    aliases=("power",),
)
neg = primitive(
    "neg", operator.neg, [lambda x, z: -1.0], "the number −x",
    symbol="-", glyph="−", text="−{0}", latex="-{0}", precedence=15, binds=(20,), python="-{0}",
    array="-{0}",
    aliases=("negative",),
    exact=True,
)
pos = primitive(
    "pos", operator.pos, [lambda x, z: 1.0], "x itself, as a node of its own",
    symbol="+", glyph="=", text="{0}", latex="{0}", precedence=100, binds=(0,), python="+{0}",
    array="+{0}",
    aliases=("positive",),
    exact=True,
)
abs = primitive(
    "abs", math.fabs, [lambda x, z: sign(x)], "the absolute value |x|",
    glyph="|·|", text="|{0}|", latex=r"\left|{0}\right|", aliases=("absolute", "fabs"), kink=lambda x: x,
    exact=True,
)
mod = primitive(
    "mod", operator.mod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "x modulo y, with the sign of y",
    symbol="%", glyph="mod", text="{0} mod {1}", latex=r"{0} \bmod {1}", precedence=20,
    binds=(20, 21), python="{0} % {1}", array="np.mod({0}, {1})", domain=_AWAY,
    kink=lambda x, y: math.sin(math.pi * x / y),
)
floor_divide = primitive(
    "floor_divide", operator.floordiv, [lambda x, y, z: 0.0, lambda x, y, z: 0.0],
    "the quotient x/y rounded down",
    symbol="//", text="⌊{0}/{1}⌋", latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor",
    binds=(0, 21), latex_binds=(0, 0), python="{0} // {1}", array="{0} // {1}", domain=_AWAY,
    kink=lambda x, y: math.sin(math.pi * x / y), selects=True,
    edge=lambda x, y: ieee.divide(x, y),
)
fmod = primitive(
    "fmod", math.fmod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "the remainder of x/y, with the sign of x", domain=_AWAY,
    kink=lambda x, y: math.sin(math.pi * x / y),
    exact=True,
)
square = primitive(
    "square", lambda x: x * x, [lambda x, z: 2.0 * x], "the square x²",
    glyph="(·)²", text="{0}²", latex="{0}^{{2}}", precedence=40, binds=(41,), python="{0} * {0}",
)
reciprocal = primitive(
    "reciprocal", lambda x: 1.0 / x, [lambda x, z: -z / x], "the reciprocal 1/x",
    glyph="1/·", text="1/{0}", latex=r"\frac{{1}}{{{0}}}", precedence=20, binds=(21,),
    latex_binds=(0,), python="1.0 / {0}", domain=(0.2, 8.0), edge=lambda x: ieee.divide(1.0, x),
    shown=[lambda x, z: -1.0 / x**2],
)
sqrt = primitive(
    "sqrt", math.sqrt, [lambda x, z: 0.5 / z], "the square root",
    glyph="√", text="√({0})", latex=r"\sqrt{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    shown=[lambda x, z: 1.0 / (2.0 * sqrt(x))],
)
cbrt = primitive(
    "cbrt", special.cbrt, [lambda x, z: 1.0 / (3.0 * z * z)], "the cube root",
    glyph="∛", text="∛({0})", latex=r"\sqrt[3]{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    python="special.cbrt({0})", shown=[lambda x, z: 1.0 / (3.0 * cbrt(x) ** 2)],
)

# Exponentials and logarithms

exp = primitive(
    "exp", math.exp, [lambda x, z: z], "e to the power x", latex=r"\exp\left({}\right)",
)
exp2 = primitive(
    "exp2", special.exp2, [lambda x, z: math.log(2.0) * z], "2 to the power x",
    python="special.exp2({0})", shown=[lambda x, z: log(2.0) * z],
)
expm1 = primitive(
    "expm1", math.expm1, [lambda x, z: exp(x)], "e to the power x, less 1, exact near 0",
)
log = primitive(
    "log", math.log, [lambda x, z: 1.0 / x], "the natural logarithm",
    latex=r"\log\left({}\right)", domain=_POSITIVE, edge=lambda x: -inf if x == 0 else nan,
)
log2 = primitive(
    "log2", math.log2, [lambda x, z: 1.0 / math.log(2.0) / x], "the logarithm to base 2",
    glyph="log₂", latex=r"\log_2\left({}\right)", domain=_POSITIVE,
    edge=lambda x: -inf if x == 0 else nan,
)
log10 = primitive(
    "log10", math.log10, [lambda x, z: 1.0 / math.log(10.0) / x], "the logarithm to base 10",
    glyph="log₁₀", latex=r"\log_{{10}}\left({}\right)", domain=_POSITIVE,
    edge=lambda x: -inf if x == 0 else nan,
)
log1p = primitive(
    "log1p", math.log1p, [lambda x, z: 1.0 / (1.0 + x)], "log(1 + x), exact near 0",
    domain=(-0.9, 8.0), edge=lambda x: -inf if x == -1 else nan,
)

# Trigonometric and hyperbolic functions

sin = primitive("sin", math.sin, [lambda x, z: cos(x)], "the sine", latex=r"\sin\left({}\right)")
cos = primitive("cos", math.cos, [lambda x, z: -sin(x)], "the cosine", latex=r"\cos\left({}\right)")
tan = primitive(
    "tan", math.tan, [lambda x, z: 1.0 + z * z], "the tangent", latex=r"\tan\left({}\right)",
    domain=(-1.5, 1.5), shown=[lambda x, z: 1.0 / cos(x) ** 2],
)
asin = primitive(
    "asin", math.asin, [lambda x, z: 1.0 / sqrt((1.0 - x) * (1.0 + x))], "the arc sine",
    latex=r"\arcsin\left({}\right)", domain=_UNIT, aliases=("arcsin",), array="np.arcsin({})",
    shown=[lambda x, z: 1.0 / sqrt(1.0 - x**2)],
)
acos = primitive(
    "acos", math.acos, [lambda x, z: -1.0 / sqrt((1.0 - x) * (1.0 + x))], "the arc cosine",
    latex=r"\arccos\left({}\right)", domain=_UNIT, aliases=("arccos",), array="np.arccos({})",
    shown=[lambda x, z: -1.0 / sqrt(1.0 - x**2)],
)
atan = primitive(
    "atan", math.atan, [lambda x, z: 1.0 / (1.0 + x * x)], "the arc tangent",
    latex=r"\arctan\left({}\right)", aliases=("arctan",), array="np.arctan({})",
    shown=[lambda x, z: 1.0 / (1.0 + x**2)],
)
hypot = primitive(
    "hypot", math.hypot,
    [lambda x, y, z: where(z, x / z, 0.0), lambda x, y, z: where(z, y / z, 0.0)],
    "the distance √(x² + y²)", text="√({0}² + {1}²)", binds=(41, 41),
    latex=r"\sqrt{{{0}^{{2}} + {1}^{{2}}}}", domain=((0.2, 8.0), (-8.0, 8.0)),
    kink=math.hypot, shown=[lambda x, y, z: x / z, lambda x, y, z: y / z],
)
atan2 = primitive(
    "atan2", math.atan2,
    [
        lambda y, x, z: x / hypot(x, y) / hypot(x, y),
        lambda y, x, z: -y / hypot(x, y) / hypot(x, y),
    ],
    "the angle of the point (x, y), from its ordinate y and abscissa x",
    domain=((-8.0, 8.0), (0.2, 8.0)), aliases=("arctan2",), array="np.arctan2({})",
    shown=[lambda y, x, z: x / (x**2 + y**2), lambda y, x, z: -y / (x**2 + y**2)],
)
sinh = primitive(
    "sinh", math.sinh, [lambda x, z: cosh(x)], "the hyperbolic sine",
    latex=r"\sinh\left({}\right)", edge=lambda x: math.copysign(inf, x),
)
cosh = primitive(
    "cosh", math.cosh, [lambda x, z: sinh(x)], "the hyperbolic cosine",
    latex=r"\cosh\left({}\right)",
)
tanh = primitive(
    "tanh", math.tanh, [lambda x, z: sech(x) ** 2.0], "the hyperbolic tangent",
    latex=r"\tanh\left({}\right)", shown=[lambda x, z: 1.0 - tanh(x) ** 2],
)
sech = primitive(
    "sech", special.sech, [lambda x, z: -z * tanh(x)], "the hyperbolic secant 1/cosh(x)",
    array="1 / np.cosh({0})",
)
asinh = primitive(
    "asinh", math.asinh, [lambda x, z: 1.0 / hypot(1.0, x)], "the inverse hyperbolic sine",
    aliases=("arcsinh",), array="np.arcsinh({})", shown=[lambda x, z: 1.0 / sqrt(1.0 + x**2)],
)
acosh = primitive(
    "acosh", math.acosh, [lambda x, z: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))],
    "the inverse hyperbolic cosine", domain=(1.05, 8.0), aliases=("arccosh",),
    array="np.arccosh({})", shown=[lambda x, z: 1.0 / sqrt(x**2 - 1.0)],
)
atanh = primitive(
    "atanh", math.atanh, [lambda x, z: 1.0 / ((1.0 - x) * (1.0 + x))],
    "the inverse hyperbolic tangent", domain=_UNIT, aliases=("arctanh",), array="np.arctanh({})",
    edge=lambda x: x * inf if math.fabs(x) == 1 else nan, shown=[lambda x, z: 1.0 / (1.0 - x**2)],
)
sinc = primitive(
    "sinc", lambda x: special.sinc_derivative(0, x), [lambda x, z: sinc_derivative(1.0, x)],
    "sin(πx)/(πx), 1 at 0", python="special.sinc_derivative(0, {0})",
)
sinc_derivative = primitive(
    "sinc_derivative", lambda n, x: special.sinc_derivative(_order(n), x),
    [lambda n, x, z: nan, lambda n, x, z: sinc_derivative(n + 1.0, x)],
    "the n-th derivative of sinc at x; n is a constant", text="sinc⁽{0}⁾({1})", binds=(0, 0),
    latex=r"\operatorname{{sinc}}^{{({0})}}\left({1}\right)", domain=((1.0, 1.0), (-8.0, 8.0)),
    python="special.sinc_derivative(int({0}), {1})",
    array="np.vectorize(special.sinc_derivative, otypes=[float])(np.intp({0}), {1})",
)

# Activations

sigmoid = primitive(
    "sigmoid", special.sigmoid, [lambda x, z: z * sigmoid(-x)], "the logistic function 1/(1 + e⁻ˣ)",
    glyph="σ", latex=r"\sigma\left({}\right)", aliases=("logistic",),
    array="np.exp(-np.logaddexp(0, -{0}))",
    shown=[lambda x, z: sigmoid(x) * (1.0 - sigmoid(x))],
)
log_sigmoid = primitive(
    "log_sigmoid", special.log_sigmoid, [lambda x, z: sigmoid(-x)],
    "the logarithm of the logistic function", text="log σ({})", glyph="log σ",
    latex=r"\log\sigma\left({}\right)", array="-np.logaddexp(0, -{0})",
)
softplus = primitive(
    "softplus", special.softplus, [lambda x, z: sigmoid(x)], "log(1 + eˣ), never overflowing",
    array="np.logaddexp(0, {0})",
)
step = primitive(
    "step", lambda x: 1.0 if x > 0 else 0.0 if x <= 0 else nan, [lambda x, z: 0.0],
    "1 where x > 0, else 0", text="[{0} > 0]", latex=r"[{0} > 0]", binds=(11,), kink=lambda x: x,
    selects=True, python="(1.0 if {0} > 0 else 0.0 if {0} <= 0 else math.nan)",
    array="np.heaviside({0}, 0.0)",
)
relu = primitive(
    "relu", lambda x: x if x > 0 or x != x else 0.0, [lambda x, z: step(x)],
    "the rectifier: x where x > 0, else 0", glyph="ReLU", text="relu({})", kink=lambda x: x,
    selects=True, python="({0} if {0} > 0 or {0} != {0} else 0.0)", array="np.maximum({0}, 0.0)",
)
leaky_relu = primitive(
    "leaky_relu", lambda x, slope: x if x > 0 else slope * x,
    [lambda x, slope, z: where(step(x), step(x), slope), lambda x, slope, z: where(step(x), 0.0, x)],
    "x where x > 0, else slope·x", defaults=(0.01,), domain=((-8.0, 8.0), (0.02, 0.9)),
    kink=lambda x, slope: x, python="({0} if {0} > 0 else {1} * {0})",
    array="np.where({0} > 0, {0}, {1} * {0})",
)
elu = primitive(
    "elu", lambda x, alpha: x if x > 0 else alpha * math.expm1(x),
    [
        lambda x, alpha, z: where(step(x), step(x), alpha * exp(minimum(x, 0.0))),
        lambda x, alpha, z: where(step(x), 0.0, expm1(minimum(x, 0.0))),
    ],
    "x where x > 0, else alpha·(eˣ − 1)", defaults=(1.0,), domain=((-8.0, 8.0), (0.3, 3.0)),
    kink=lambda x, alpha: x,
    python="({0} if {0} > 0 else {1} * math.expm1({0}))",
    array="np.where({0} > 0, {0}, {1} * np.expm1(np.minimum({0}, 0.0)))",
    shown=[lambda x, alpha, z: where(step(x), 1.0, alpha * exp(x)), None],
)
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
NUMERIC.update(_SELU_SCALE=_SELU_SCALE, _SELU_ALPHA=_SELU_ALPHA)
selu = primitive(
    "selu", lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x)),
    [
        lambda x, z: _SELU_SCALE
        * where(step(x), step(x), _SELU_ALPHA * exp(minimum(x, 0.0)))
    ],
    "the self-normalising exponential linear unit (Klambauer et al. 2017)", kink=lambda x: x,
    python="1.0507009873554805 * ({0} if {0} > 0 else 1.6732632423543772 * math.expm1({0}))",
    array="1.0507009873554805 * np.where({0} > 0, {0}, "
    "1.6732632423543772 * np.expm1(np.minimum({0}, 0.0)))",
)
gelu = primitive(
    "gelu", lambda x: x * special.norm_cdf(x) if x != -inf else -0.0,
    [lambda x, z: norm_cdf(x) + clip(x, -40.0, 40.0) * norm_pdf(x)],
    "x·Φ(x), with Φ the normal distribution function", glyph="GELU", text="gelu({})",
    python="({0} * special.norm_cdf({0}) if {0} != -math.inf else -0.0)",
    array="{0} * np.vectorize(special.norm_cdf, otypes=[float])({0})",
    shown=[lambda x, z: norm_cdf(x) + x * norm_pdf(x)],
)
silu = primitive(
    "silu", lambda x: x * special.sigmoid(x) if x != -inf else -0.0,
    [lambda x, z: sigmoid(x) * (1.0 + clip(x, -750.0, 750.0) * sigmoid(-x))],
    "x·σ(x)", glyph="SiLU", text="silu({})", aliases=("swish",),
    python="({0} * special.sigmoid({0}) if {0} != -math.inf else -0.0)",
    array="{0} * np.exp(-np.logaddexp(0, -{0}))",
    shown=[lambda x, z: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))],
)
softsign = primitive(
    "softsign", lambda x: x / (1.0 + math.fabs(x)) if math.fabs(x) != inf else math.copysign(1.0, x),
    [lambda x, z: (1.0 / (1.0 + abs(x))) ** 2.0], "x/(1 + |x|); its second derivative jumps at 0",
    kink=lambda x: x,
    python="({0} / (1.0 + abs({0})) if abs({0}) != math.inf else math.copysign(1.0, {0}))",
    array="{0} / (1 + np.abs({0}))", shown=[lambda x, z: 1.0 / (1.0 + abs(x)) ** 2],
)
hardtanh = primitive(
    "hardtanh", lambda x: _min(_max(x, -1.0), 1.0), [lambda x, z: step(1.0 - abs(x))],
    "x cut to the interval from −1 to 1", kink=lambda x: x * x - 1.0, selects=True,
    python="min(max({0}, -1.0), 1.0)", array="np.clip({0}, -1.0, 1.0)",
)

# The gamma function, the error function and their kin

erf = primitive(
    "erf", math.erf, [lambda x, z: 2.0 / math.sqrt(math.pi) * gaussian(x)], "the error function",
    array="np.vectorize(math.erf, otypes=[float])({0})", domain=(-4.0, 4.0),
    shown=[lambda x, z: 2.0 / sqrt(math.pi) * exp(-(x**2))],
)
erfc = primitive(
    "erfc", math.erfc, [lambda x, z: -2.0 / math.sqrt(math.pi) * gaussian(x)],
    "the complement 1 − erf(x), exact where it is small",
    array="np.vectorize(math.erfc, otypes=[float])({0})", domain=(-4.0, 4.0),
    shown=[lambda x, z: -2.0 / sqrt(math.pi) * exp(-(x**2))],
)
gaussian = primitive(
    "gaussian", special.gaussian, [lambda x, z: -2.0 * clip(x, -40.0, 40.0) * z],
    "exp(−x²), to the last places also where it is small", glyph="e^−x²", text="exp(-{0}²)",
    latex=r"e^{{-{0}^{{2}}}}", binds=(41,), array="np.exp(-{0} * {0})", shown=[lambda x, z: -2.0 * x * z],
)
norm_cdf = primitive(
    "norm_cdf", special.norm_cdf, [lambda x, z: norm_pdf(x)],
    "the distribution function of the standard normal law", glyph="Φ",
    latex=r"\Phi\left({}\right)", array="np.vectorize(special.norm_cdf, otypes=[float])({0})",
)
norm_pdf = primitive(
    "norm_pdf", special.norm_pdf, [lambda x, z: -clip(x, -40.0, 40.0) * z],
    "the density of the standard normal law", shown=[lambda x, z: -x * z], glyph="φ",
    latex=r"\varphi\left({}\right)", array="np.exp(-0.5 * {0} * {0}) / np.sqrt(2 * np.pi)",
)
gamma = primitive(
    "gamma", math.gamma, [lambda x, z: z * digamma(x)], "the gamma function",
    glyph="Γ", latex=r"\Gamma\left({}\right)", domain=(0.2, 8.0),
    array="np.vectorize(math.gamma, otypes=[float])({0})",
    edge=lambda x: math.copysign(inf, x) if x == 0 else inf if x > 0 else nan,
)
lgamma = primitive(
    "lgamma", special.lgamma, [lambda x, z: digamma(x)], "the logarithm of |Γ(x)|",
    glyph="log Γ", text="log|Γ({})|", latex=r"\log\left|\Gamma\left({}\right)\right|",
    domain=(0.2, 8.0), python="special.lgamma({0})",
    array="np.vectorize(special.lgamma, otypes=[float])({0})",
)
digamma = primitive(
    "digamma", lambda x: special.polygamma(0, x), [lambda x, z: polygamma(1.0, x)],
    "the logarithmic derivative of the gamma function", glyph="ψ", latex=r"\psi\left({}\right)",
    domain=(0.2, 8.0), python="special.polygamma(0, {0})",
    array="np.vectorize(special.polygamma, otypes=[float])(0, {0})",
)
polygamma = primitive(
    "polygamma", lambda n, x: special.polygamma(_order(n), x),
    [lambda n, x, z: nan, lambda n, x, z: polygamma(n + 1.0, x)],
    "the n-th derivative of digamma at x; n is a constant", text="ψ⁽{0}⁾({1})", binds=(0, 0),
    latex=r"\psi^{{({0})}}\left({1}\right)", domain=((1.0, 1.0), (0.2, 8.0)),
    python="special.polygamma(int({0}), {1})",
    array="np.vectorize(special.polygamma, otypes=[float])(np.intp({0}), {1})",
)

# Choices and jumps

compare = primitive(
    "compare", lambda x, y: nan if x != x or y != y else float((x > y) - (x < y)),
    [lambda x, y, z: 0.0, lambda x, y, z: 0.0],
    "1 where x > y, −1 where x < y, 0 where they are equal", selects=True,
    text="sign({0} − {1})", binds=(10, 11), kink=lambda x, y: x - y,
    python="(math.nan if {0} != {0} or {1} != {1} else float(({0} > {1}) - ({0} < {1})))",
    array="np.where(np.isnan({0}) | np.isnan({1}), np.nan, "
    "np.greater({0}, {1}) * 1.0 - np.less({0}, {1}))",
)
maximum = primitive(
    "maximum", lambda x, y: x if x >= y or x != x else y,
    [lambda x, y, z: 0.5 + 0.5 * compare(x, y), lambda x, y, z: 0.5 - 0.5 * compare(x, y)],
    "the larger of x and y; nan if either is", glyph="max", selects=True, kink=lambda x, y: x - y,
    latex=r"\max\left({}\right)", python="({0} if {0} >= {1} or {0} != {0} else {1})",
    shown=[lambda x, y, z: step(x - y), lambda x, y, z: step(y - x)],
)
minimum = primitive(
    "minimum", lambda x, y: x if x <= y or x != x else y,
    [lambda x, y, z: 0.5 - 0.5 * compare(x, y), lambda x, y, z: 0.5 + 0.5 * compare(x, y)],
    "the smaller of x and y; nan if either is", glyph="min", selects=True, kink=lambda x, y: x - y,
    latex=r"\min\left({}\right)", python="({0} if {0} <= {1} or {0} != {0} else {1})",
    shown=[lambda x, y, z: step(y - x), lambda x, y, z: step(x - y)],
)
where = primitive(
    "where", lambda condition, x, y: x if condition else y,
    [
        lambda condition, x, y, z: 0.0,
        lambda condition, x, y, z: where(condition, 1.0, 0.0),
        lambda condition, x, y, z: where(condition, 0.0, 1.0),
    ],
    "x where the condition is not 0, else y", selects=True, kink=lambda condition, x, y: condition,
    python="({1} if {0} else {2})",
)
# At a bound the bound is taken, as relu takes 0 at 0: the three derivatives always add up to 1.
clip = primitive(
    "clip",
    lambda x, low, high: _min(_max(x, low), high) if low == low and high == high else nan,
    [
        lambda x, low, high, z: step(compare(x, low)) * step(compare(high, x)),
        lambda x, low, high, z: (1.0 - step(compare(x, low))) * step(compare(high, low)),
        lambda x, low, high, z: 1.0 - step(compare(high, maximum(x, low))),
    ],
    "x cut to the interval from low to high; high where low is above it", selects=True,
    domain=((-8.0, 8.0), (-6.0, -1.0), (1.0, 6.0)),
    kink=lambda x, low, high: (x - low) * (x - high),
    python="(min(max({0}, {1}), {2}) if {1} == {1} and {2} == {2} else math.nan)",
)
sign = primitive(
    "sign", lambda x: nan if x != x else float((x > 0) - (x < 0)), [lambda x, z: 0.0],
    "the sign of x: −1, 0 or 1", selects=True, kink=lambda x: x,
    python="(math.nan if {0} != {0} else float(({0} > 0) - ({0} < 0)))",
)
floor = primitive(
    "floor", lambda x: math.copysign(math.floor(x), x), [lambda x, z: 0.0], "x rounded down", glyph="⌊·⌋",
    text="⌊{0}⌋", latex=r"\left\lfloor {0} \right\rfloor", selects=True, edge=lambda x: x,
    kink=lambda x: math.sin(math.pi * x), python="math.copysign(math.floor({0}), {0})",
)
ceil = primitive(
    "ceil", lambda x: math.copysign(math.ceil(x), x), [lambda x, z: 0.0], "x rounded up", glyph="⌈·⌉",
    text="⌈{0}⌉", latex=r"\left\lceil {0} \right\rceil", selects=True, edge=lambda x: x,
    kink=lambda x: math.sin(math.pi * x), python="math.copysign(math.ceil({0}), {0})",
)
round = primitive(
    "round", lambda x: math.copysign(x.__round__(), x), [lambda x, z: 0.0],
    "x rounded to the nearest integer, ties to even", selects=True, edge=lambda x: x,
    aliases=("rint",), array="np.round({})",
    kink=lambda x: math.cos(math.pi * x), python="math.copysign({0}.__round__(), {0})",
)

# Operations of any number of operands, one node each


def _products_of_the_others(xs: Sequence[Any], z: Any) -> list[Any]:
    # Running products from either end: no division, so an operand of 0 is like any other.
    before: list[Any] = [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    after: Any = 1.0
    others = []
    for x, ahead in zip(reversed(xs), reversed(before), strict=True):
        others.append(ahead * after)
        after = after * x
    return others[::-1]


def _dot_operands(ws: Sequence[Any], xs: Sequence[Any], bias: Any = None) -> tuple[Any, ...]:
    if not (isinstance(ws, list | tuple) and isinstance(xs, list | tuple) and ws):
        ws, xs = several("dot", (ws,)), several("dot", (xs,))
    if len(ws) != len(xs):
        raise ValueError(f"dot takes two sequences of one length, not {len(ws)} and {len(xs)}")
    return (*ws, *xs) if bias is None else (*ws, *xs, bias)


def _dot(*operands: float) -> float:
    n = len(operands) // 2
    products = map(operator.mul, operands[:n], operands[n:])
    total: float = _sum(products)
    return total + operands[-1] if len(operands) % 2 else total


def _dot_partials(operands: Sequence[Any], z: Any) -> list[Any]:
    n = len(operands) // 2
    return [*operands[n : 2 * n], *operands[:n], *[1.0] * (len(operands) % 2)]


def _dot_formula(sign: str) -> Any:
    def formula(operands: Sequence[str]) -> str:
        n = len(operands) // 2
        pairs = [f"{w}{sign}{x}" for w, x in zip(operands[:n], operands[n:], strict=False)]
        return " + ".join([*pairs, *operands[2 * n :]])

    return formula


def _ties(xs: Sequence[Any], z: Any) -> list[Any]:
    equal = [1.0 - abs(compare(x, z)) for x in xs]
    count = sum(equal)
    return [each / count for each in equal]


def _indexed(name: str) -> Any:
    """How the operands of softmax or log_softmax are gathered: the index is the last of them."""

    def operands(xs: Sequence[Any], index: int | None = None) -> Any:
        xs = several(name, (xs,))
        if index is None:
            return [(*xs, float(i)) for i in range(len(xs))]
        if index != int(index):
            raise TypeError(f"the index of {name} is a whole number, not {index!r}")
        index = int(index)
        if not -len(xs) <= index < len(xs):
            raise IndexError(f"{name} of {len(xs)} operands has no output {index}")
        return (*xs, float(index % len(xs)))

    return operands


def _softmax(*operands: float) -> float:
    *xs, index = operands
    peak = _max(xs)
    return math.exp(xs[int(index)] - peak) / math.fsum(math.exp(x - peak) for x in xs)


def _shares(xs: Sequence[Any], z: Any = None) -> list[Any]:
    # Less the largest, as a number: a common offset changes no share, so that the derivatives of the
    # shares are right as well, and no digits are lost to an offset.
    peak = _max(getattr(x, "data", x) for x in xs)
    parts = [exp(x - peak) for x in xs]
    total = sum(parts)
    return [part / total for part in parts]


def _others(shares: Sequence[Any], chosen: int) -> Any:
    # 1 less the chosen share is the sum of the others: positive terms, nothing cancels.
    others = [*shares[:chosen], *shares[chosen + 1 :]]
    return sum(others) if others else 0.0


def _softmax_partials(operands: Sequence[Any], z: Any) -> list[Any]:
    *xs, index = operands
    shares = _shares(xs)
    partials = [-z * share for share in shares]
    partials[int(index)] = z * _others(shares, int(index))
    return [*partials, nan]


def _log_softmax_partials(operands: Sequence[Any], z: Any) -> list[Any]:
    *xs, index = operands
    shares = _shares(xs)
    partials = [-share for share in shares]
    partials[int(index)] = _others(shares, int(index))
    return [*partials, nan]


NUMERIC.update(_max=_max, _shares=on_floats(_shares), _others=on_floats(_others))


def _extreme(choose: Any) -> Any:
    return lambda *xs: nan if any(x != x for x in xs) else choose(xs)


def _lead(*xs: float) -> float:
    """By how much the largest is ahead of the next: 0 at a tie."""
    ordered = sorted(xs)
    return ordered[-1] - ordered[-2] if len(xs) > 1 else inf


sum = primitive(
    "sum", lambda *xs: float(_sum(xs)), lambda xs, z: [1.0] * len(xs), "the sum of all operands",
    glyph="Σ", text=_join(" + "), latex=_join(" + "), precedence=10, binds=(11,),
    python="sum(({},))", array="_reduce(np.add, {})",
)
prod = primitive(
    "prod", lambda *xs: float(math.prod(xs)), _products_of_the_others, "the product of all operands",
    glyph="Π", text=_join("·"), latex=_join(r" \cdot "), precedence=20, binds=(21,),
    python="math.prod(({},))", array="_reduce(np.multiply, {})",
)
dot = primitive(
    "dot", _dot, _dot_partials, "w₁·x₁ + w₂·x₂ + … + bias, from ws, xs and an optional bias",
    glyph="w·x", text=_dot_formula("·"), latex=_dot_formula(r" \cdot "), precedence=10, binds=(21,),
    gather=_dot_operands, python="dot({})", array="dot({})",
)
sum_of_squares = primitive(
    "sum_of_squares", lambda *xs: float(_sum(map(operator.mul, xs, xs))),
    lambda xs, z: [2.0 * x for x in xs], "the sum of the squares of all operands", glyph="Σ²",
    text=lambda xs: " + ".join(f"{x}²" for x in xs), latex=lambda xs: " + ".join(f"{x}^{{2}}" for x in xs),
    precedence=10, binds=(41,), python="sum(x * x for x in ({},))",
    array="_reduce(np.add, *map(np.square, ({},)))",
)
mean = primitive(
    "mean", lambda *xs: _sum(xs) / len(xs), lambda xs, z: [1.0 / len(xs)] * len(xs),
    "the arithmetic mean", python="sum(({},)) / len(({},))", array="_reduce(np.add, {}) / len(({},))",
)
norm = primitive(
    "norm", math.hypot, lambda xs, z: [where(z, x / z, 0.0) for x in xs],
    "the Euclidean norm; its derivative at 0 is 0", text="‖{}‖",
    latex=r"\left\lVert {} \right\rVert", python="math.hypot({})", array="_reduce(np.hypot, 0.0, {})",
    kink=math.hypot, shown=[lambda xs, z: [x / z for x in xs]],
)
logsumexp = primitive(
    "logsumexp", lambda *xs: special.logsumexp(xs), _shares,
    "the logarithm of the sum of the exponentials, never overflowing", glyph="LSE",
    shown=[lambda xs, z: [exp(x - z) for x in xs]], python="special.logsumexp(({},))",
    array="_reduce(np.logaddexp, {})",
)
softmax = primitive(
    "softmax", _softmax, _softmax_partials,
    "exp(xᵢ)/Σ exp(xⱼ): a list, one per operand, or the one at ``index``", gather=_indexed("softmax"),
    text=lambda xs: f"softmax_{xs[-1]}({', '.join(xs[:-1])})",
    latex=lambda xs: rf"\operatorname{{softmax}}_{{{xs[-1]}}}\left({', '.join(xs[:-1])}\right)",
    array="softmax({})", python="softmax({})",
)
log_softmax = primitive(
    "log_softmax", special.log_softmax, _log_softmax_partials,
    "the logarithms of softmax, exact where it is near 1 or underflows: a list, or the one at ``index``",
    gather=_indexed("log_softmax"), text=lambda xs: f"log_softmax_{xs[-1]}({', '.join(xs[:-1])})",
    latex=lambda xs: rf"\log\operatorname{{softmax}}_{{{xs[-1]}}}\left({', '.join(xs[:-1])}\right)",
    array="np.vectorize(special.log_softmax, otypes=[float])({})", python="special.log_softmax({})",
)
max = primitive(
    "max", _extreme(_max), _ties, "the largest operand; ties share the derivative evenly",
    selects=True, latex=r"\max\left({}\right)", array="_reduce(np.maximum, {})",
    python="(math.nan if any(x != x for x in ({},)) else max(({},)))", kink=_lead,
)
min = primitive(
    "min", _extreme(_min), _ties, "the smallest operand; ties share the derivative evenly",
    selects=True, latex=r"\min\left({}\right)", array="_reduce(np.minimum, {})",
    python="(math.nan if any(x != x for x in ({},)) else min(({},)))",
    kink=lambda *xs: _lead(*(-x for x in xs)),
)

# Not as a plain assignment: type checkers then take every public name, and so see the rows.
globals()["__all__"] = ["ALIASES", "TABLE", "Operand", "Primitive", "lookup", "primitive", *TABLE]
