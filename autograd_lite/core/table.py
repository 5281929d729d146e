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
import re
from typing import Any

from .. import special
from ..support.ieee import inf, nan
from .primitive import TABLE, Primitive
from .registration import primitive

#: The array template of a function that NumPy lacks: value by value.
EACH = "EACH"
_POSITIVE = (0.02, 8.0)
_OPEN_UNIT = (-0.98, 0.98)
_AWAY = ((-8.0, 8.0), (0.3, 8.0))


def _at_0(x: float) -> float:
    return x


def _at_whole(x: float, y: float = 1.0) -> float:
    return math.remainder(x, y)


def _log_edge(x: float) -> float:
    return -inf if x == 0 else nan


def _row(name: str, expression: str, rules: list[Any], doc: str, **fields: Any) -> Primitive:
    """A row whose value is given as a Python expression of its operands, which engines read too."""
    names = rules[0].__code__.co_varnames[: len(rules)]
    value = eval(f"lambda {', '.join(names)}: {expression}", {"math": math, "special": special})
    python = re.sub(r"(?<![.\w])[a-z]+\b(?![.(])|\b[a-z](?=\.)",
        lambda found: f"{{{names.index(found[0])}}}" if found[0] in names else found[0], expression)
    return primitive(name, value, rules, doc, python=python, **fields)


# Arithmetic

add = primitive("add", operator.add, [lambda x, y, z: 1.0, lambda x, y, z: 1.0], "the sum x + y",
    symbol="+", text="{0} + {1}", latex="{0} + {1}", precedence=10, binds=(10, 11))
sub = primitive("sub", operator.sub, [lambda x, y, z: 1.0, lambda x, y, z: -1.0], "the difference x − y",
    symbol="-", glyph="a−b", text="{0} − {1}", latex="{0} - {1}", precedence=10, binds=(10, 11),
    aliases=("subtract",))
mul = primitive("mul", operator.mul, [lambda x, y, z: y, lambda x, y, z: x], "the product x·y", symbol="*",
    glyph="×", text="{0}·{1}", latex=r"{0} \cdot {1}", precedence=20, binds=(20, 21), aliases=("multiply",))
div = primitive("div", operator.truediv, [lambda x, y, z: 1.0 / y, lambda x, y, z: -z / y],
    "the quotient x/y", symbol="/", glyph="a÷b", text="{0}/{1}", latex=r"\frac{{{0}}}{{{1}}}",
    precedence=20, binds=(20, 21), latex_binds=(0, 0), domain=_AWAY, edge=special.divide,
    shown=[None, lambda x, y, z: -x / y**2], aliases=("divide", "truediv"))


def _power_of_base(x: Any, y: Any, z: Any) -> Any:
    # An exponent that is a plain number belongs to the operation, as the 3 in x³ does. One that can
    # vary must keep its derivative at every order, so only base 0 is a case of its own.
    if isinstance(y, float):
        return 0.0 if y == 0 else 1.0 if y == 1 else y * (x if y == 2 else pow(x, y - 1.0))
    slope = y * pow(x, y - 1.0)
    return where(x, slope, where(y, slope, 0.0))


pow = primitive("pow", math.pow, [_power_of_base,
    lambda x, y, z: where(x, z * log(x),  # at 0 the limit, whose derivative by x is −inf up to x¹
        where(step(y - 1.0), 0.0, where(step(y), -sqrt(x), -inf)))],
    "x to the power y", symbol="**", glyph="xʸ", text="{0}^{1}", latex="{0}^{{{1}}}", precedence=40,
    binds=(41, 40), latex_binds=(41, 0), python="math.pow({0}, {1})", array="np.power({0}, {1})",
    domain=(_POSITIVE, (-3.0, 3.0)), edge=special.power, aliases=("power",), digits="y − 1 is rounded",
    shown=[lambda x, y, z: y * x ** (y - 1.0), lambda x, y, z: z * log(x)])
neg = primitive("neg", operator.neg, [lambda x, z: -1.0], "the number −x", symbol="-", glyph="−(·)",
    text="−{0}", latex="-{0}", precedence=15, binds=(20,), aliases=("negative",), exact=True)
pos = primitive("pos", operator.pos, [lambda x, z: 1.0], "x itself, as a node of its own", symbol="+",
    glyph="=", text="{0}", latex="{0}", precedence=100, binds=(0,), aliases=("positive",), exact=True)
abs = primitive("abs", math.fabs, [lambda x, z: direction(x)], "the absolute value |x|", glyph="|·|",
    text="|{0}|", latex=r"\left|{0}\right|", aliases=("absolute", "fabs"), kink=_at_0, exact=True)
mod = primitive("mod", operator.mod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "x modulo y, with the sign of y", symbol="%", glyph="mod", text="{0} mod {1}", latex=r"{0} \bmod {1}",
    precedence=20, binds=(20, 21), domain=_AWAY, kink=_at_whole)
floor_divide = primitive("floor_divide", operator.floordiv, [lambda x, y, z: 0.0, lambda x, y, z: 0.0],
    "the quotient x/y rounded down", symbol="//", text="⌊{0}/{1}⌋",
    latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", binds=(0, 21), latex_binds=(0, 0), domain=_AWAY,
    kink=_at_whole, piecewise=True, edge=special.divide)
fmod = primitive("fmod", math.fmod, [lambda x, y, z: 1.0, lambda x, y, z: -round((x - z) / y)],
    "the remainder of x/y, with the sign of x", domain=_AWAY, kink=_at_whole, exact=True)
square = _row("square", "x * x", [lambda x, z: 2.0 * x], "the square x²", glyph="(·)²", text="{0}²",
    latex="{0}^{{2}}", precedence=40, binds=(41,))
reciprocal = _row("reciprocal", "1.0 / x", [lambda x, z: -z / x], "the reciprocal 1/x", glyph="1/·",
    text="1/{0}", latex=r"\frac{{1}}{{{0}}}", precedence=20, binds=(21,), latex_binds=(0,),
    domain=(0.2, 8.0), edge=lambda x: special.divide(1.0, x), shown=[lambda x, z: -1.0 / x**2])
# By adding 0.0, the slope at −0 is that at 0.
sqrt = primitive("sqrt", math.sqrt, [lambda x, z: 0.5 / (z + 0.0)], "the square root", glyph="√",
    text="√({0})", latex=r"\sqrt{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    shown=[lambda x, z: 1.0 / (2.0 * sqrt(x))])
cbrt = primitive("cbrt", special.cbrt, [lambda x, z: 1.0 / (3.0 * z * z)], "the cube root", glyph="∛",
    text="∛({0})", latex=r"\sqrt[3]{{{0}}}", latex_binds=(0,), domain=_POSITIVE,
    shown=[lambda x, z: 1.0 / (3.0 * cbrt(x) ** 2)])

# Exponentials and logarithms

exp = primitive("exp", math.exp, [lambda x, z: z], "e to the power x")
exp2 = primitive("exp2", special.exp2, [lambda x, z: 2.0 * math.log(2.0) * exp2(x - 1.0)],
    "2 to the power x", shown=[lambda x, z: log(2.0) * z])
expm1 = primitive("expm1", math.expm1, [lambda x, z: exp(x)], "e to the power x, less 1, exact near 0")
log = primitive("log", math.log, [lambda x, z: 1.0 / x],
    "the natural logarithm; log(x, base) is that to another base", domain=_POSITIVE, edge=_log_edge)
xlogy = _row("xlogy", "x * math.log(y) if x else 0.0 * y",
    [lambda x, y, z: where(y, log(y), where(x, -inf, 0.0)), lambda x, y, z: where(x, x / y, 0.0)],
    "x·log y, and 0 where x is 0", text="{0}·log({1})", latex=r"{0} \cdot \log\left({1}\right)",
    precedence=20, binds=(20, 0), domain=((-8.0, 8.0), (0.02, 8.0)),
    edge=lambda x, y: x * -inf if y == 0 else nan,
    array="np.where({0}, {0} * np.log(np.where({0}, {1}, 1.0)), 0.0 * {1})",
    shown=[lambda x, y, z: log(y), lambda x, y, z: x / y])
log2 = primitive("log2", math.log2, [lambda x, z: 1.0 / math.log(2.0) / x], "the logarithm to base 2",
    glyph="log₂", latex=r"\log_2\left({}\right)", domain=_POSITIVE, edge=_log_edge)
log10 = primitive("log10", math.log10, [lambda x, z: 1.0 / math.log(10.0) / x], "the logarithm to base 10",
    glyph="log₁₀", latex=r"\log_{{10}}\left({}\right)", domain=_POSITIVE, edge=_log_edge)
log1p = primitive("log1p", math.log1p, [lambda x, z: 1.0 / (1.0 + x)], "log(1 + x), exact near 0",
    domain=(-0.9, 8.0), edge=lambda x: -inf if x == -1 else nan)
log1mexp = primitive("log1mexp", special.log1mexp, [lambda x, z: exp(-x) / -expm1(-x)],
    "log(1 − e⁻ˣ) for x > 0, to the last places also where e⁻ˣ is near 1 or 0", text="log(1 − exp(−{0}))",
    binds=(20,), latex=r"\log\left(1 - e^{{-{0}}}\right)", domain=_POSITIVE, edge=_log_edge,
    array="np.where({0} < 0.7, np.log(-np.expm1(-{0})), np.log1p(-np.exp(-{0})))",
    shown=[lambda x, z: 1.0 / (exp(x) - 1.0)])
logaddexp = primitive("logaddexp", special.logaddexp, [lambda x, y, z: sigmoid(x - y),
    lambda x, y, z: sigmoid(y - x)], "log(eˣ + eʸ), never overflowing", glyph="LAE",
    shown=[lambda x, y, z: exp(x - z), lambda x, y, z: exp(y - z)])

# Trigonometric and hyperbolic functions

sin = primitive("sin", math.sin, [lambda x, z: cos(x)], "the sine")
cos = primitive("cos", math.cos, [lambda x, z: -sin(x)], "the cosine")
tan = primitive("tan", math.tan, [lambda x, z: 1.0 + z * z], "the tangent", domain=(-1.5, 1.5),
    shown=[lambda x, z: 1.0 / cos(x) ** 2])
asin = primitive("asin", math.asin, [lambda x, z: 1.0 / sqrt(one_minus_square(x))], "the arc sine",
    latex=r"\arcsin\left({}\right)", domain=_OPEN_UNIT, aliases=("arcsin",),
    shown=[lambda x, z: 1.0 / sqrt(1.0 - x**2)])
acos = primitive("acos", math.acos, [lambda x, z: -1.0 / sqrt(one_minus_square(x))], "the arc cosine",
    latex=r"\arccos\left({}\right)", domain=_OPEN_UNIT, aliases=("arccos",),
    shown=[lambda x, z: -1.0 / sqrt(1.0 - x**2)])
atan = primitive("atan", math.atan, [lambda x, z: (1.0 / hypot(1.0, x)) ** 2.0], "the arc tangent",
    latex=r"\arctan\left({}\right)", aliases=("arctan",), shown=[lambda x, z: 1.0 / (1.0 + x**2)])
one_minus_square = _row("one_minus_square", "(1.0 - x) * (1.0 + x)", [lambda x, z: -2.0 * x],
    "1 − x², to the last places also near ±1", text="1 − {0}²", latex="1 - {0}^{{2}}", precedence=10,
    binds=(41,), array="(1.0 - {0}) * (1.0 + {0})", glyph="1−x²")
hypot = primitive("hypot", math.hypot, [lambda x, y, z: unit(x, y), lambda x, y, z: unit(y, x)],
    "the distance √(x² + y²); of more operands, their norm", text="√({0}² + {1}²)", binds=(41, 41),
    latex=r"\sqrt{{{0}^{{2}} + {1}^{{2}}}}", domain=((0.2, 8.0), (-8.0, 8.0)), kink=math.hypot,
    shown=[lambda x, y, z: x / z, lambda x, y, z: y / z])
unit = primitive("unit", special.unit, [lambda x, y, z: unit(y, x) * (unit(y, x) / hypot(x, y)),
    lambda x, y, z: -z * (unit(y, x) / hypot(x, y))],
    "x/√(x² + y²), the slope of hypot: 0 at the point 0, where it has no derivative", kink=math.hypot,
    array="np.where(({0} == 0) & ({1} == 0), 0.0, {0} / np.hypot({0}, {1}))",
    domain=((-8.0, 8.0), (0.2, 8.0)))
atan2 = primitive("atan2", math.atan2, [lambda y, x, z: x / hypot(x, y) / hypot(x, y),
    lambda y, x, z: -y / hypot(x, y) / hypot(x, y)],
    "the angle of the point (x, y), from its ordinate y and abscissa x", domain=((-8.0, 8.0), (0.2, 8.0)),
    aliases=("arctan2",), shown=[lambda y, x, z: x / (x**2 + y**2), lambda y, x, z: -y / (x**2 + y**2)])
sinh = primitive("sinh", math.sinh, [lambda x, z: cosh(x)], "the hyperbolic sine",
    edge=lambda x: math.copysign(inf, x))
cosh = primitive("cosh", math.cosh, [lambda x, z: sinh(x)], "the hyperbolic cosine")
tanh = primitive("tanh", math.tanh, [lambda x, z: sech(x) ** 2.0], "the hyperbolic tangent",
    shown=[lambda x, z: 1.0 - tanh(x) ** 2])
sech = primitive("sech", special.sech, [lambda x, z: -z * tanh(x)], "the hyperbolic secant 1/cosh(x)",
    array="1 / np.cosh({0})")
asinh = primitive("asinh", math.asinh, [lambda x, z: 1.0 / hypot(1.0, x)], "the inverse hyperbolic sine",
    aliases=("arcsinh",), shown=[lambda x, z: 1.0 / sqrt(1.0 + x**2)])
acosh = primitive("acosh", math.acosh, [lambda x, z: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))],
    "the inverse hyperbolic cosine", domain=(1.05, 8.0), aliases=("arccosh",),
    shown=[lambda x, z: 1.0 / sqrt(x**2 - 1.0)])
atanh = primitive("atanh", math.atanh, [lambda x, z: 1.0 / one_minus_square(x)],
    "the inverse hyperbolic tangent", domain=_OPEN_UNIT, aliases=("arctanh",),
    edge=lambda x: x * inf if math.fabs(x) == 1 else nan, shown=[lambda x, z: 1.0 / (1.0 - x**2)])
_NEAR = "np.minimum(np.abs({0}), 20.0)"
log_cosh = primitive("log_cosh", special.log_cosh, [lambda x, z: tanh(x)],
    "log(cosh x), exact near 0 and never overflowing", text="log(cosh({0}))",
    latex=r"\log\left(\cosh\left({0}\right)\right)",
    array=f"np.log1p(2.0 * np.square(np.sinh(0.5 * {_NEAR}))) + np.maximum(np.abs({{0}}) - 20.0, 0.0)")
sinc = primitive("sinc", special.sinc, [lambda x, z: sinc_derivative(1.0, x)], "sin(πx)/(πx), 1 at 0",
    array="np.where({0} == np.round({0}), np.where({0}, 0.0, 1.0), np.sinc({0}))")
sinc_derivative = primitive("sinc_derivative", special.sinc_derivative, [lambda n, x, z: nan,
    lambda n, x, z: sinc_derivative(n + 1.0, x)], "the n-th derivative of sinc at x; n is a constant",
    text="sinc⁽{0}⁾({1})", binds=(0, 0), latex=r"\operatorname{{sinc}}^{{({0})}}\left({1}\right)",
    domain=((1.0, 1.0), (-8.0, 8.0)), array=EACH)
degrees = primitive("degrees", math.degrees, [lambda x, z: 180.0 / math.pi], "x radians in degrees")
radians = primitive("radians", math.radians, [lambda x, z: math.pi / 180.0], "x degrees in radians")

# Activations

sigmoid = primitive("sigmoid", special.sigmoid, [lambda x, z: 0.25 * sech(0.5 * x) ** 2.0],
    "the logistic function 1/(1 + e⁻ˣ)", glyph="σ", latex=r"\sigma\left({}\right)", aliases=("logistic",),
    array="np.exp(-np.logaddexp(0, -{0}))", shown=[lambda x, z: sigmoid(x) * (1.0 - sigmoid(x))])
log_sigmoid = primitive("log_sigmoid", special.log_sigmoid, [lambda x, z: sigmoid(-x)],
    "the logarithm of the logistic function", text="log σ({})", glyph="log σ",
    latex=r"\log\sigma\left({}\right)", array="-np.logaddexp(0, -{0})")
softplus = primitive("softplus", special.softplus, [lambda x, z: sigmoid(x)],
    "log(1 + eˣ), never overflowing", array="np.logaddexp(0, {0})")
step = _row("step", "1.0 if x > 0 else 0.0 if x <= 0 else math.nan", [lambda x, z: 0.0],
    "1 where x > 0, else 0", text="[{0} > 0]", latex=r"[{0} > 0]", binds=(11,), kink=_at_0, piecewise=True,
    array="np.heaviside({0}, 0.0)")
relu = _row("relu", "x if x > 0 or x != x else 0.0", [lambda x, z: step(x)],
    "the rectifier: x where x > 0, else 0", kink=_at_0, piecewise=True, array="np.maximum({0}, 0.0)")
leaky_relu = _row("leaky_relu", "x if x > 0 else slope * x",
    [lambda x, slope, z: where(step(x), step(x), slope), lambda x, slope, z: where(step(x), 0.0, x)],
    "x where x > 0, else slope·x", defaults=(0.01,), domain=((-8.0, 8.0), (0.02, 0.9)),
    kink=lambda x, slope: x, array="np.where({0} > 0, {0}, {1} * {0})")
elu = _row("elu", "x if x > 0 else alpha * math.expm1(x)",
    [lambda x, alpha, z: where(step(x), step(x), alpha * exp(minimum(x, 0.0))),
    lambda x, alpha, z: where(step(x), 0.0, expm1(minimum(x, 0.0)))], "x where x > 0, else alpha·(eˣ − 1)",
    defaults=(1.0,), domain=((-8.0, 8.0), (0.3, 3.0)), kink=lambda x, alpha: x,
    array="np.where({0} > 0, {0}, {1} * np.expm1(np.minimum({0}, 0.0)))",
    shown=[lambda x, alpha, z: where(step(x), 1.0, alpha * exp(x)), None])
_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772
selu = _row("selu", f"{_SCALE} * (x if x > 0 else {_ALPHA} * math.expm1(x))",
    [lambda x, z: _SCALE * where(step(x), step(x), _ALPHA * exp(minimum(x, 0.0)))], kink=_at_0,
    doc="the self-normalizing exponential linear unit (Klambauer et al. 2017)",
    array=f"{_SCALE} * np.where({{0}} > 0, {{0}}, {_ALPHA} * np.expm1(np.minimum({{0}}, 0.0)))")
# Beyond the bounds of clip the density is 0, and an infinite x would make the product nan.
gelu = primitive("gelu", special.gelu, [lambda x, z: norm_cdf(x) + clip(x, -40.0, 40.0) * norm_pdf(x)],
    "x·Φ(x), with Φ the normal distribution function", glyph="GELU", text="gelu({})", array=EACH,
    shown=[lambda x, z: norm_cdf(x) + x * norm_pdf(x)])
silu = _row("silu", "x * special.sigmoid(x) if x != -math.inf else -0.0",
    [lambda x, z: sigmoid(x) + 0.25 * clip(x, -1500.0, 1500.0) * sech(0.5 * x) ** 2.0], "x·σ(x)",
    glyph="SiLU", text="silu({})", aliases=("swish",), array="{0} * np.exp(-np.logaddexp(0, -{0}))",
    shown=[lambda x, z: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))])
softsign = _row("softsign", "x / (1.0 + abs(x)) if abs(x) != math.inf else math.copysign(1.0, x)",
    [lambda x, z: (1.0 / (1.0 + abs(x))) ** 2.0], "x/(1 + |x|); its second derivative jumps at 0",
    kink=_at_0, array="{0} / (1 + np.abs({0}))", shown=[lambda x, z: 1.0 / (1.0 + abs(x)) ** 2])
hardtanh = _row("hardtanh", "min(max(x, -1.0), 1.0)", [lambda x, z: step(1.0 - abs(x))], piecewise=True,
    doc="x cut to the interval from −1 to 1", kink=lambda x: 1.0 - math.fabs(x),
    array="np.clip({0}, -1.0, 1.0)")

# The gamma function, the error function and their kin

erf = primitive("erf", math.erf, [lambda x, z: 2.0 / math.sqrt(math.pi) * gaussian(x)], array=EACH,
    doc="the error function", domain=(-4.0, 4.0), shown=[lambda x, z: 2.0 / sqrt(math.pi) * exp(-(x**2))])
erfc = primitive("erfc", math.erfc, [lambda x, z: -2.0 / math.sqrt(math.pi) * gaussian(x)],
    "the complement 1 − erf(x), exact where it is small", array=EACH, domain=(-4.0, 4.0),
    shown=[lambda x, z: -2.0 / sqrt(math.pi) * exp(-(x**2))])
erfinv = primitive("erfinv", special.erfinv, [lambda x, z: 0.5 * math.sqrt(math.pi) / gaussian(z)],
    "the inverse of the error function", array=EACH, domain=_OPEN_UNIT, text="erf⁻¹({0})",
    latex=r"\operatorname{{erf}}^{{-1}}\left({0}\right)", binds=(0,), digits="near ±1, those of 1 ∓ x")
gaussian = primitive("gaussian", special.gaussian, [lambda x, z: -2.0 * clip(x, -40.0, 40.0) * z],
    "exp(−x²), to the last places also where it is small", glyph="e^−x²", text="exp(-{0}²)",
    latex=r"e^{{-{0}^{{2}}}}", binds=(41,), array="np.exp(-{0} * {0})", shown=[lambda x, z: -2.0 * x * z])
norm_cdf = primitive("norm_cdf", special.norm_cdf, [lambda x, z: norm_pdf(x)], glyph="Φ", array=EACH,
    doc="the distribution function of the standard normal law", latex=r"\Phi\left({}\right)")
norm_pdf = primitive("norm_pdf", special.norm_pdf, [lambda x, z: -clip(x, -40.0, 40.0) * z],
    "the density of the standard normal law", shown=[lambda x, z: -x * z], glyph="φ",
    latex=r"\varphi\left({}\right)", array="np.exp(-0.5 * {0} * {0}) / np.sqrt(2 * np.pi)")
log_ndtr = primitive("log_ndtr", special.log_ndtr, [lambda x, z: log_ndtr_derivative(1.0, x)],
    "the logarithm of norm_cdf, also where that is 0 or rounds to 1", array=EACH, glyph="log Φ",
    text="log Φ({0})", latex=r"\log\Phi\left({0}\right)", shown=[lambda x, z: norm_pdf(x) / norm_cdf(x)])
log_ndtr_derivative = primitive("log_ndtr_derivative", special.log_ndtr_derivative, [lambda n, x, z: nan,
    lambda n, x, z: log_ndtr_derivative(n + 1.0, x)],
    "the n-th derivative of log_ndtr at x; n is a constant", text="(log Φ)⁽{0}⁾({1})", binds=(0, 0),
    latex=r"\left(\log\Phi\right)^{{({0})}}\left({1}\right)", domain=((1.0, 1.0), (-8.0, 8.0)), array=EACH)
gamma = primitive("gamma", math.gamma, [lambda x, z: z * digamma(x)], "the gamma function", glyph="Γ",
    latex=r"\Gamma\left({}\right)", domain=(0.2, 8.0), array=EACH,
    edge=lambda x: math.copysign(inf, x) if x > -0.5 else nan)
lgamma = primitive("lgamma", special.lgamma, [lambda x, z: digamma(x)], "the logarithm of |Γ(x)|",
    glyph="log Γ", text="log|Γ({})|", latex=r"\log\left|\Gamma\left({}\right)\right|", domain=(0.2, 8.0),
    array=EACH)
digamma = primitive("digamma", special.digamma, [lambda x, z: polygamma(1.0, x)],
    "the logarithmic derivative of the gamma function", glyph="ψ", latex=r"\psi\left({}\right)",
    domain=(0.2, 8.0), array=EACH)
polygamma = primitive("polygamma", special.polygamma, [lambda n, x, z: nan,
    lambda n, x, z: polygamma(n + 1.0, x)], "the n-th derivative of digamma at x; n is a constant",
    text="ψ⁽{0}⁾({1})", binds=(0, 0), latex=r"\psi^{{({0})}}\left({1}\right)",
    domain=((1.0, 1.0), (0.2, 8.0)), array=EACH)

# Choices and jumps

compare = _row("compare", "math.nan if x != x or y != y else float((x > y) - (x < y))",
    [lambda x, y, z: 0.0, lambda x, y, z: 0.0], "1 where x > y, −1 where x < y, 0 where they are equal",
    piecewise=True, text="sign({0} − {1})", binds=(10, 11), kink=lambda x, y: x - y,
    array="np.where(({0} != {0}) | ({1} != {1}), np.nan, ({0} > {1}) * 1.0 - ({0} < {1}))")
maximum = _row("maximum", "x if x >= y or x != x else y", [lambda x, y, z: 0.5 + 0.5 * compare(x, y),
    lambda x, y, z: 0.5 - 0.5 * compare(x, y)], "the larger of x and y; nan if either is", glyph="max",
    piecewise=True, kink=lambda x, y: x - y, latex=r"\max\left({}\right)",
    shown=[lambda x, y, z: step(x - y), lambda x, y, z: step(y - x)])
minimum = _row("minimum", "x if x <= y or x != x else y", [lambda x, y, z: 0.5 - 0.5 * compare(x, y),
    lambda x, y, z: 0.5 + 0.5 * compare(x, y)], "the smaller of x and y; nan if either is", glyph="min",
    piecewise=True, kink=lambda x, y: x - y, latex=r"\min\left({}\right)",
    shown=[lambda x, y, z: step(y - x), lambda x, y, z: step(x - y)])
where = _row("where", "x if condition else y", [lambda condition, x, y, z: 0.0,
    lambda condition, x, y, z: where(condition, 1.0, 0.0),
    lambda condition, x, y, z: where(condition, 0.0, 1.0)], "x where the condition is not 0, else y",
    piecewise=True, kink=lambda condition, x, y: condition)
# At a bound the bound is taken, as relu takes 0 at 0: the three derivatives always add up to 1.
clip = _row("clip", "min(max(x, low), high) if low == low and high == high else math.nan",
    [lambda x, low, high, z: step(compare(x, low)) * step(compare(high, x)),
    lambda x, low, high, z: (1.0 - step(compare(x, low))) * step(compare(high, low)),
    lambda x, low, high, z: 1.0 - step(compare(high, maximum(x, low)))],
    "x cut to the interval from low to high; high where low is above it", piecewise=True,
    domain=((-8.0, 8.0), (-6.0, -1.0), (1.0, 6.0)), kink=lambda x, low, high: min(x - low, high - x))
_SIGN = "math.nan if x != x else float((x > 0) - (x < 0))"
sign = _row("sign", _SIGN, [lambda x, z: 0.0], "the sign of x: −1, 0 or 1", piecewise=True, kink=_at_0)
direction = _row("direction", _SIGN, [lambda x, z: where(x, 0.0, nan)], piecewise=True, kink=_at_0,
    doc="the sign of x as the slope of |x|: it has no derivative at 0", array="np.sign({})")
copysign = primitive("copysign", math.copysign, [lambda x, y, z: direction(x) * copysign(1.0, y),
    lambda x, y, z: 0.0], "|x| with the sign of y, that of a zero too", exact=True,
    kink=lambda x, y: min(x, y, key=math.fabs))
floor = _row("floor", "math.copysign(math.floor(x), x)", [lambda x, z: 0.0], "x rounded down", glyph="⌊·⌋",
    text="⌊{0}⌋", latex=r"\left\lfloor {0} \right\rfloor", piecewise=True, edge=_at_0, kink=_at_whole)
ceil = _row("ceil", "math.copysign(math.ceil(x), x)", [lambda x, z: 0.0], "x rounded up", glyph="⌈·⌉",
    text="⌈{0}⌉", latex=r"\left\lceil {0} \right\rceil", piecewise=True, edge=_at_0, kink=_at_whole)
trunc = _row("trunc", "math.copysign(math.trunc(x), x)", [lambda x, z: 0.0], "x rounded toward 0",
    piecewise=True, edge=_at_0, kink=_at_whole)
round = _row("round", "math.copysign(x.__round__(), x)", [lambda x, z: 0.0],
    "x rounded to the nearest integer, ties to even", piecewise=True, edge=_at_0, aliases=("rint",),
    array="np.round({})", kink=lambda x: math.remainder(x - 0.5, 1.0))

# Not as a plain assignment: type checkers then take every public name, and so see the rows.
globals()["__all__"] = list(TABLE)
