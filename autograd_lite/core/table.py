"""The table: every operation that the engine knows, one row each.

The free functions, the methods of ``Value``, all derivatives, drawings, derivation tables, the
parser's names and the tests come from here; an operation is named elsewhere only where it has a
notation or a fast path of its own. Rules are given operand by operand as ``rule(*operands, z)`` with
``z`` the result; they work on floats and on Values (see :mod:`autograd_lite.core.registration`).
Operations of any number of operands follow in :mod:`autograd_lite.core.gathered`.

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
from typing import Any

from .. import special
from ..support.ieee import inf, nan
from .primitive import TABLE
from .registration import primitive

#: The array template of a function that NumPy lacks: value by value.
EACH = "EACH"
_POSITIVE = (0.02, 8.0)
_OPEN_UNIT = (-0.98, 0.98)
_AWAY = ((-8.0, 8.0), (0.3, 8.0))


def _at_0(x: float) -> float:
    return x


def _whole_order(n: float) -> int:
    if not n.is_integer():
        raise ValueError(f"the order of a derivative is a whole number, not {n!r}")
    return int(n)


# Arithmetic

add = primitive("add", operator.add, [lambda x, y, z: 1.0, lambda x, y, z: 1.0], "the sum x + y",
    symbol="+", text="{0} + {1}", latex="{0} + {1}", precedence=10, binds=(10, 11))
sub = primitive("sub", operator.sub, [lambda x, y, z: 1.0, lambda x, y, z: -1.0],
    "the difference x − y", symbol="-", glyph="a−b", text="{0} − {1}", latex="{0} - {1}", precedence=10,
    binds=(10, 11), aliases=("subtract",))
mul = primitive("mul", operator.mul, [lambda x, y, z: y, lambda x, y, z: x], "the product x·y",
    symbol="*", glyph="×", text="{0}·{1}", latex=r"{0} \cdot {1}", precedence=20, binds=(20, 21),
    aliases=("multiply",))
div = primitive("div", operator.truediv, [lambda x, y, z: 1.0 / y, lambda x, y, z: -z / y],
    "the quotient x/y", symbol="/", glyph="a÷b", text="{0}/{1}", latex=r"\frac{{{0}}}{{{1}}}",
    precedence=20, binds=(20, 21), latex_binds=(0, 0), domain=_AWAY, edge=special.divide,
    shown=[None, lambda x, y, z: -x / y**2], aliases=("divide", "truediv",))


def _power_of_base(x: Any, y: Any, z: Any) -> Any:
    # An exponent that is a plain number belongs to the operation, as the 3 in x³ does. One that can
    # vary must keep its derivative at every order, so only base 0 is a case of its own.
    if isinstance(y, float):
        return 0.0 if y == 0 else 1.0 if y == 1 else y * (x if y == 2 else pow(x, y - 1.0))
    slope = y * pow(x, y - 1.0)
    return where(x, slope, where(y, slope, 0.0))


pow = primitive("pow", math.pow, [_power_of_base,
    lambda x, y, z: where(x, z * log(x), where(step(-y), -inf, 0.0))], "x to the power y", symbol="**",
    glyph="xʸ", text="{0}^{1}", latex="{0}^{{{1}}}", precedence=40, binds=(41, 40), latex_binds=(41, 0),
    python="math.pow({0}, {1})", array="np.power({0}, {1})", domain=(_POSITIVE, (-3.0, 3.0)),
    edge=special.power, shown=[lambda x, y, z: y * x ** (y - 1.0), lambda x, y, z: z * log(x)],
    aliases=("power",))
neg = primitive("neg", operator.neg, [lambda x, z: -1.0], "the number −x", symbol="-", glyph="−(·)",
    text="−{0}", latex="-{0}", precedence=15, binds=(20,), aliases=("negative",), exact=True)
pos = primitive("pos", operator.pos, [lambda x, z: 1.0], "x itself, as a node of its own", symbol="+",
    glyph="=", text="{0}", latex="{0}", precedence=100, binds=(0,), aliases=("positive",), exact=True)
abs = primitive("abs", math.fabs, [lambda x, z: sign(x)], "the absolute value |x|", glyph="|·|",
    text="|{0}|", latex=r"\left|{0}\right|", aliases=("absolute", "fabs"), kink=_at_0, exact=True)
mod = primitive("mod", operator.mod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "x modulo y, with the sign of y", symbol="%", glyph="mod", text="{0} mod {1}",
    latex=r"{0} \bmod {1}", precedence=20, binds=(20, 21), domain=_AWAY,
    kink=math.remainder)
floor_divide = primitive("floor_divide", operator.floordiv, [lambda x, y, z: 0.0, lambda x, y, z: 0.0],
    "the quotient x/y rounded down", symbol="//", text="⌊{0}/{1}⌋",
    latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", binds=(0, 21), latex_binds=(0, 0),
    domain=_AWAY, kink=math.remainder, piecewise=True,
    edge=lambda x, y: special.divide(x, y))
fmod = primitive("fmod", math.fmod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "the remainder of x/y, with the sign of x", domain=_AWAY,
    kink=math.remainder, exact=True)
square = primitive("square", lambda x: x * x, [lambda x, z: 2.0 * x], "the square x²", glyph="(·)²",
    text="{0}²", latex="{0}^{{2}}", precedence=40, binds=(41,), python="{0} * {0}")
reciprocal = primitive("reciprocal", lambda x: 1.0 / x, [lambda x, z: -z / x], "the reciprocal 1/x",
    glyph="1/·", text="1/{0}", latex=r"\frac{{1}}{{{0}}}", precedence=20, binds=(21,), latex_binds=(0,),
    python="1.0 / {0}", domain=(0.2, 8.0), edge=lambda x: special.divide(1.0, x),
    shown=[lambda x, z: -1.0 / x**2])
sqrt = primitive("sqrt", math.sqrt, [lambda x, z: 0.5 / z], "the square root", glyph="√", text="√({0})",
    latex=r"\sqrt{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    shown=[lambda x, z: 1.0 / (2.0 * sqrt(x))])
cbrt = primitive("cbrt", special.cbrt, [lambda x, z: 1.0 / (3.0 * z * z)], "the cube root", glyph="∛",
    text="∛({0})", latex=r"\sqrt[3]{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    shown=[lambda x, z: 1.0 / (3.0 * cbrt(x) ** 2)])

# Exponentials and logarithms

exp = primitive("exp", math.exp, [lambda x, z: z], "e to the power x")
exp2 = primitive("exp2", special.exp2, [lambda x, z: math.log(2.0) * z], "2 to the power x",
    shown=[lambda x, z: log(2.0) * z])
expm1 = primitive("expm1", math.expm1, [lambda x, z: exp(x)], "e to the power x, less 1, exact near 0")
log = primitive("log", math.log, [lambda x, z: 1.0 / x], "the natural logarithm", domain=_POSITIVE,
    edge=lambda x: -inf if x == 0 else nan)
xlogy = primitive("xlogy", lambda x, y: x * math.log(y) if x else 0.0 * y,
    [lambda x, y, z: where(y, log(y), where(x, -inf, 0.0)), lambda x, y, z: where(x, x / y, 0.0)],
    "x·log y, and 0 where x is 0", text="{0}·log({1})", latex=r"{0} \cdot \log\left({1}\right)",
    precedence=20, binds=(20, 0), domain=((-8.0, 8.0), (0.02, 8.0)),
    edge=lambda x, y: x * -inf if y == 0 else nan, python="({0} * math.log({1}) if {0} else 0.0 * {1})",
    array="np.where({0}, {0} * np.log(np.where({0}, {1}, 1.0)), 0.0 * {1})",
    shown=[lambda x, y, z: log(y), lambda x, y, z: x / y])
log2 = primitive("log2", math.log2, [lambda x, z: 1.0 / math.log(2.0) / x], "the logarithm to base 2",
    glyph="log₂", latex=r"\log_2\left({}\right)", domain=_POSITIVE,
    edge=lambda x: -inf if x == 0 else nan)
log10 = primitive("log10", math.log10, [lambda x, z: 1.0 / math.log(10.0) / x],
    "the logarithm to base 10", glyph="log₁₀", latex=r"\log_{{10}}\left({}\right)", domain=_POSITIVE,
    edge=lambda x: -inf if x == 0 else nan)
log1p = primitive("log1p", math.log1p, [lambda x, z: 1.0 / (1.0 + x)], "log(1 + x), exact near 0",
    domain=(-0.9, 8.0), edge=lambda x: -inf if x == -1 else nan)

# Trigonometric and hyperbolic functions

sin = primitive("sin", math.sin, [lambda x, z: cos(x)], "the sine")
cos = primitive("cos", math.cos, [lambda x, z: -sin(x)], "the cosine")
tan = primitive("tan", math.tan, [lambda x, z: 1.0 + z * z], "the tangent", domain=(-1.5, 1.5),
    shown=[lambda x, z: 1.0 / cos(x) ** 2])
asin = primitive("asin", math.asin, [lambda x, z: 1.0 / sqrt((1.0 - x) * (1.0 + x))], "the arc sine",
    latex=r"\arcsin\left({}\right)", domain=_OPEN_UNIT, aliases=("arcsin",),
    shown=[lambda x, z: 1.0 / sqrt(1.0 - x**2)])
acos = primitive("acos", math.acos, [lambda x, z: -1.0 / sqrt((1.0 - x) * (1.0 + x))], "the arc cosine",
    latex=r"\arccos\left({}\right)", domain=_OPEN_UNIT, aliases=("arccos",),
    shown=[lambda x, z: -1.0 / sqrt(1.0 - x**2)])
atan = primitive("atan", math.atan, [lambda x, z: 1.0 / (1.0 + x * x)], "the arc tangent",
    latex=r"\arctan\left({}\right)", aliases=("arctan",), shown=[lambda x, z: 1.0 / (1.0 + x**2)])
hypot = primitive("hypot", math.hypot, [lambda x, y, z: where(z, x / z, 0.0),
    lambda x, y, z: where(z, y / z, 0.0)], "the distance √(x² + y²)", text="√({0}² + {1}²)",
    binds=(41, 41), latex=r"\sqrt{{{0}^{{2}} + {1}^{{2}}}}", domain=((0.2, 8.0), (-8.0, 8.0)),
    kink=math.hypot, shown=[lambda x, y, z: x / z, lambda x, y, z: y / z])
atan2 = primitive("atan2", math.atan2, [lambda y, x, z: x / hypot(x, y) / hypot(x, y),
    lambda y, x, z: -y / hypot(x, y) / hypot(x, y)],
    "the angle of the point (x, y), from its ordinate y and abscissa x",
    domain=((-8.0, 8.0), (0.2, 8.0)), aliases=("arctan2",), shown=[lambda y, x, z: x / (x**2 + y**2),
    lambda y, x, z: -y / (x**2 + y**2)])
sinh = primitive("sinh", math.sinh, [lambda x, z: cosh(x)], "the hyperbolic sine",
    edge=lambda x: math.copysign(inf, x))
cosh = primitive("cosh", math.cosh, [lambda x, z: sinh(x)], "the hyperbolic cosine")
tanh = primitive("tanh", math.tanh, [lambda x, z: sech(x) ** 2.0], "the hyperbolic tangent",
    shown=[lambda x, z: 1.0 - tanh(x) ** 2])
sech = primitive("sech", special.sech, [lambda x, z: -z * tanh(x)], "the hyperbolic secant 1/cosh(x)",
    array="1 / np.cosh({0})")
asinh = primitive("asinh", math.asinh, [lambda x, z: 1.0 / hypot(1.0, x)],
    "the inverse hyperbolic sine", aliases=("arcsinh",), shown=[lambda x, z: 1.0 / sqrt(1.0 + x**2)])
acosh = primitive("acosh", math.acosh, [lambda x, z: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))],
    "the inverse hyperbolic cosine", domain=(1.05, 8.0), aliases=("arccosh",),
    shown=[lambda x, z: 1.0 / sqrt(x**2 - 1.0)])
atanh = primitive("atanh", math.atanh, [lambda x, z: 1.0 / ((1.0 - x) * (1.0 + x))],
    "the inverse hyperbolic tangent", domain=_OPEN_UNIT, aliases=("arctanh",),
    edge=lambda x: x * inf if math.fabs(x) == 1 else nan, shown=[lambda x, z: 1.0 / (1.0 - x**2)])
sinc = primitive("sinc", lambda x: special.sinc_derivative(0, x),
    [lambda x, z: sinc_derivative(1.0, x)], "sin(πx)/(πx), 1 at 0",
    python="special.sinc_derivative(0, {0})",
    array="np.where({0} == np.round({0}), np.where({0}, 0.0, 1.0), np.sinc({0}))")
sinc_derivative = primitive("sinc_derivative", lambda n, x: special.sinc_derivative(_whole_order(n), x),
    [lambda n, x, z: nan, lambda n, x, z: sinc_derivative(n + 1.0, x)],
    "the n-th derivative of sinc at x; n is a constant", text="sinc⁽{0}⁾({1})", binds=(0, 0),
    latex=r"\operatorname{{sinc}}^{{({0})}}\left({1}\right)", domain=((1.0, 1.0), (-8.0, 8.0)),
    python="special.sinc_derivative(int({0}), {1})",
    array="np.vectorize(special.sinc_derivative, otypes=[float])(np.intp({0}), {1})")

# Activations

sigmoid = primitive("sigmoid", special.sigmoid, [lambda x, z: z * sigmoid(-x)],
    "the logistic function 1/(1 + e⁻ˣ)", glyph="σ", latex=r"\sigma\left({}\right)",
    aliases=("logistic",), array="np.exp(-np.logaddexp(0, -{0}))",
    shown=[lambda x, z: sigmoid(x) * (1.0 - sigmoid(x))])
log_sigmoid = primitive("log_sigmoid", special.log_sigmoid, [lambda x, z: sigmoid(-x)],
    "the logarithm of the logistic function", text="log σ({})", glyph="log σ",
    latex=r"\log\sigma\left({}\right)", array="-np.logaddexp(0, -{0})")
softplus = primitive("softplus", special.softplus, [lambda x, z: sigmoid(x)],
    "log(1 + eˣ), never overflowing", array="np.logaddexp(0, {0})")
step = primitive("step", lambda x: 1.0 if x > 0 else 0.0 if x <= 0 else nan, [lambda x, z: 0.0],
    "1 where x > 0, else 0", text="[{0} > 0]", latex=r"[{0} > 0]", binds=(11,), kink=_at_0,
    piecewise=True, python="(1.0 if {0} > 0 else 0.0 if {0} <= 0 else math.nan)",
    array="np.heaviside({0}, 0.0)")
relu = primitive("relu", lambda x: x if x > 0 or x != x else 0.0, [lambda x, z: step(x)],
    "the rectifier: x where x > 0, else 0", glyph="ReLU", text="relu({})", kink=_at_0, piecewise=True,
    python="({0} if {0} > 0 or {0} != {0} else 0.0)", array="np.maximum({0}, 0.0)")
leaky_relu = primitive("leaky_relu", lambda x, slope: x if x > 0 else slope * x,
    [lambda x, slope, z: where(step(x), step(x), slope), lambda x, slope, z: where(step(x), 0.0, x)],
    "x where x > 0, else slope·x", defaults=(0.01,), domain=((-8.0, 8.0), (0.02, 0.9)),
    kink=lambda x, slope: x, python="({0} if {0} > 0 else {1} * {0})",
    array="np.where({0} > 0, {0}, {1} * {0})")
elu = primitive("elu", lambda x, alpha: x if x > 0 else alpha * math.expm1(x),
    [lambda x, alpha, z: where(step(x), step(x), alpha * exp(minimum(x, 0.0))),
    lambda x, alpha, z: where(step(x), 0.0, expm1(minimum(x, 0.0)))],
    "x where x > 0, else alpha·(eˣ − 1)", defaults=(1.0,), domain=((-8.0, 8.0), (0.3, 3.0)),
    kink=lambda x, alpha: x, python="({0} if {0} > 0 else {1} * math.expm1({0}))",
    array="np.where({0} > 0, {0}, {1} * np.expm1(np.minimum({0}, 0.0)))",
    shown=[lambda x, alpha, z: where(step(x), 1.0, alpha * exp(x)), None])
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
selu = primitive("selu", lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x)),
    [lambda x, z: _SELU_SCALE * where(step(x), step(x), _SELU_ALPHA * exp(minimum(x, 0.0)))],
    "the self-normalizing exponential linear unit (Klambauer et al. 2017)", kink=_at_0,
    python="1.0507009873554805 * ({0} if {0} > 0 else 1.6732632423543772 * math.expm1({0}))",
    array="1.0507009873554805*np.where({0} > 0, {0}, 1.6732632423543772*np.expm1(np.minimum({0}, 0.0)))")
gelu = primitive("gelu", lambda x: x * special.norm_cdf(x) if x != -inf else -0.0,
    [lambda x, z: norm_cdf(x) + clip(x, -40.0, 40.0) * norm_pdf(x)],
    "x·Φ(x), with Φ the normal distribution function", glyph="GELU", text="gelu({})",
    python="({0} * special.norm_cdf({0}) if {0} != -math.inf else -0.0)",
    array="{0} * np.vectorize(special.norm_cdf, otypes=[float])({0})",
    shown=[lambda x, z: norm_cdf(x) + x * norm_pdf(x)])
silu = primitive("silu", lambda x: x * special.sigmoid(x) if x != -inf else -0.0,
    [lambda x, z: sigmoid(x) * (1.0 + clip(x, -750.0, 750.0) * sigmoid(-x))], "x·σ(x)", glyph="SiLU",
    text="silu({})", aliases=("swish",),
    python="({0} * special.sigmoid({0}) if {0} != -math.inf else -0.0)",
    array="{0} * np.exp(-np.logaddexp(0, -{0}))",
    shown=[lambda x, z: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))])
softsign = primitive("softsign",
    lambda x: x / (1.0 + math.fabs(x)) if math.fabs(x) != inf else math.copysign(1.0, x),
    [lambda x, z: (1.0 / (1.0 + abs(x))) ** 2.0], "x/(1 + |x|); its second derivative jumps at 0",
    kink=_at_0, python="({0} / (1.0 + abs({0})) if abs({0}) != math.inf else math.copysign(1.0, {0}))",
    array="{0} / (1 + np.abs({0}))", shown=[lambda x, z: 1.0 / (1.0 + abs(x)) ** 2])
hardtanh = primitive("hardtanh", lambda x: _min(_max(x, -1.0), 1.0), [lambda x, z: step(1.0 - abs(x))],
    "x cut to the interval from −1 to 1", kink=lambda x: 1.0 - math.fabs(x), piecewise=True,
    python="min(max({0}, -1.0), 1.0)", array="np.clip({0}, -1.0, 1.0)")

# The gamma function, the error function and their kin

erf = primitive("erf", math.erf, [lambda x, z: 2.0 / math.sqrt(math.pi) * gaussian(x)],
    "the error function", array=EACH, domain=(-4.0, 4.0),
    shown=[lambda x, z: 2.0 / sqrt(math.pi) * exp(-(x**2))])
erfc = primitive("erfc", math.erfc, [lambda x, z: -2.0 / math.sqrt(math.pi) * gaussian(x)],
    "the complement 1 − erf(x), exact where it is small", array=EACH, domain=(-4.0, 4.0),
    shown=[lambda x, z: -2.0 / sqrt(math.pi) * exp(-(x**2))])
gaussian = primitive("gaussian", special.gaussian, [lambda x, z: -2.0 * clip(x, -40.0, 40.0) * z],
    "exp(−x²), to the last places also where it is small", glyph="e^−x²", text="exp(-{0}²)",
    latex=r"e^{{-{0}^{{2}}}}", binds=(41,), array="np.exp(-{0} * {0})",
    shown=[lambda x, z: -2.0 * x * z])
norm_cdf = primitive("norm_cdf", special.norm_cdf, [lambda x, z: norm_pdf(x)],
    "the distribution function of the standard normal law", glyph="Φ", latex=r"\Phi\left({}\right)",
    array=EACH)
norm_pdf = primitive("norm_pdf", special.norm_pdf, [lambda x, z: -clip(x, -40.0, 40.0) * z],
    "the density of the standard normal law", shown=[lambda x, z: -x * z], glyph="φ",
    latex=r"\varphi\left({}\right)", array="np.exp(-0.5 * {0} * {0}) / np.sqrt(2 * np.pi)")
gamma = primitive("gamma", math.gamma, [lambda x, z: z * digamma(x)], "the gamma function", glyph="Γ",
    latex=r"\Gamma\left({}\right)", domain=(0.2, 8.0), array=EACH,
    edge=lambda x: math.copysign(inf, x) if x == 0 else inf if x > 0 else nan)
lgamma = primitive("lgamma", special.lgamma, [lambda x, z: digamma(x)], "the logarithm of |Γ(x)|",
    glyph="log Γ", text="log|Γ({})|", latex=r"\log\left|\Gamma\left({}\right)\right|",
    domain=(0.2, 8.0), array=EACH)
digamma = primitive("digamma", lambda x: special.polygamma(0, x), [lambda x, z: polygamma(1.0, x)],
    "the logarithmic derivative of the gamma function", glyph="ψ", latex=r"\psi\left({}\right)",
    domain=(0.2, 8.0), python="special.polygamma(0, {0})",
    array="np.vectorize(special.polygamma, otypes=[float])(0, {0})")
polygamma = primitive("polygamma", lambda n, x: special.polygamma(_whole_order(n), x),
    [lambda n, x, z: nan, lambda n, x, z: polygamma(n + 1.0, x)],
    "the n-th derivative of digamma at x; n is a constant", text="ψ⁽{0}⁾({1})", binds=(0, 0),
    latex=r"\psi^{{({0})}}\left({1}\right)", domain=((1.0, 1.0), (0.2, 8.0)),
    python="special.polygamma(int({0}), {1})",
    array="np.vectorize(special.polygamma, otypes=[float])(np.intp({0}), {1})")

# Choices and jumps

compare = primitive("compare", lambda x, y: nan if x != x or y != y else float((x > y) - (x < y)),
    [lambda x, y, z: 0.0, lambda x, y, z: 0.0], "1 where x > y, −1 where x < y, 0 where they are equal",
    piecewise=True, text="sign({0} − {1})", binds=(10, 11), kink=lambda x, y: x - y,
    python="(math.nan if {0} != {0} or {1} != {1} else float(({0} > {1}) - ({0} < {1})))",
    array="np.where(({0} != {0}) | ({1} != {1}), np.nan, ({0} > {1}) * 1.0 - ({0} < {1}))")
maximum = primitive("maximum", lambda x, y: x if x >= y or x != x else y,
    [lambda x, y, z: 0.5 + 0.5 * compare(x, y), lambda x, y, z: 0.5 - 0.5 * compare(x, y)],
    "the larger of x and y; nan if either is", glyph="max", piecewise=True, kink=lambda x, y: x - y,
    latex=r"\max\left({}\right)", python="({0} if {0} >= {1} or {0} != {0} else {1})",
    shown=[lambda x, y, z: step(x - y), lambda x, y, z: step(y - x)])
minimum = primitive("minimum", lambda x, y: x if x <= y or x != x else y,
    [lambda x, y, z: 0.5 - 0.5 * compare(x, y), lambda x, y, z: 0.5 + 0.5 * compare(x, y)],
    "the smaller of x and y; nan if either is", glyph="min", piecewise=True, kink=lambda x, y: x - y,
    latex=r"\min\left({}\right)", python="({0} if {0} <= {1} or {0} != {0} else {1})",
    shown=[lambda x, y, z: step(y - x), lambda x, y, z: step(x - y)])
where = primitive("where", lambda condition, x, y: x if condition else y,
    [lambda condition, x, y, z: 0.0, lambda condition, x, y, z: where(condition, 1.0, 0.0),
    lambda condition, x, y, z: where(condition, 0.0, 1.0)], "x where the condition is not 0, else y",
    piecewise=True, kink=lambda condition, x, y: condition, python="({1} if {0} else {2})")
# At a bound the bound is taken, as relu takes 0 at 0: the three derivatives always add up to 1.
clip = primitive("clip",
    lambda x, low, high: _min(_max(x, low), high) if low == low and high == high else nan,
    [lambda x, low, high, z: step(compare(x, low)) * step(compare(high, x)),
    lambda x, low, high, z: (1.0 - step(compare(x, low))) * step(compare(high, low)),
    lambda x, low, high, z: 1.0 - step(compare(high, maximum(x, low)))],
    "x cut to the interval from low to high; high where low is above it", piecewise=True,
    domain=((-8.0, 8.0), (-6.0, -1.0), (1.0, 6.0)), kink=lambda x, low, high: _min(x - low, high - x),
    python="(min(max({0}, {1}), {2}) if {1} == {1} and {2} == {2} else math.nan)")
sign = primitive("sign", lambda x: nan if x != x else float((x > 0) - (x < 0)), [lambda x, z: 0.0],
    "the sign of x: −1, 0 or 1", piecewise=True, kink=_at_0,
    python="(math.nan if {0} != {0} else float(({0} > 0) - ({0} < 0)))")
floor = primitive("floor", lambda x: math.copysign(math.floor(x), x), [lambda x, z: 0.0],
    "x rounded down", glyph="⌊·⌋", text="⌊{0}⌋", latex=r"\left\lfloor {0} \right\rfloor",
    piecewise=True, edge=lambda x: x, kink=lambda x: math.remainder(x, 1.0),
    python="math.copysign(math.floor({0}), {0})")
ceil = primitive("ceil", lambda x: math.copysign(math.ceil(x), x), [lambda x, z: 0.0], "x rounded up",
    glyph="⌈·⌉", text="⌈{0}⌉", latex=r"\left\lceil {0} \right\rceil", piecewise=True, edge=lambda x: x,
    kink=lambda x: math.remainder(x, 1.0), python="math.copysign(math.ceil({0}), {0})")
round = primitive("round", lambda x: math.copysign(x.__round__(), x), [lambda x, z: 0.0],
    "x rounded to the nearest integer, ties to even", piecewise=True, edge=lambda x: x,
    aliases=("rint",), array="np.round({})", kink=lambda x: math.remainder(x - 0.5, 1.0),
    python="math.copysign({0}.__round__(), {0})")

# Not as a plain assignment: type checkers then take every public name, and so see the rows.
globals()["__all__"] = list(TABLE)
