"""How numbers and names are written for people, in text and in LaTeX."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..core.value import Value
from .names import ABOVE, BELOW, NAME_LIMIT, display, latex_letters, latex_name

#: The largest numerator and the largest denominator of a fraction that is written as one.
SMALL_FRACTIONS = 99_999, 9_999

#: The scope of a part of a network, as ``nn`` names them.
_UNIT = re.compile(r"(?:.*/)?layer(\d+)(?:/neuron(\d+))?\Z")
_INDEXED = re.compile(r"([^\W\d_]+)_?([0-9]{1,12})\Z")


class OrFraction(int):
    """So many digits, for what is not a fraction of small whole numbers; that is written as 3/8."""


def fmt(x: float, digits: int = 4, ascii: bool = False) -> str:
    """``x`` as people write it, in ``digits`` significant digits but with its whole integer part.

    Trailing zeros are left out. The notation is scientific where the rounded number is below 0.001,
    and from a million on. With ``ascii`` the minus sign and the sign of infinity are ASCII. With
    :class:`OrFraction` as ``digits`` a fraction of small whole numbers is written as one.

    >>> fmt(-4.0), fmt(1 / 3), fmt(12345.6), fmt(123456789.0), fmt(0.00099)
    ('−4', '0.3333', '12346', '1.235e8', '9.9e−4')
    >>> fmt(-0.375, OrFraction(4)), fmt(2 / 3, OrFraction(4)), fmt(math.pi, OrFraction(4))
    ('−3/8', '2/3', '3.142')
    """
    if x != x:
        return "nan"
    minus = "-" if ascii else "−"
    sign, x = (minus, -x) if x < 0 else ("", x)
    if math.isinf(x):
        return sign + ("inf" if ascii else "∞")
    if x == 0:
        return "0"
    if x < 1e6 and x == int(x):
        return f"{sign}{int(x)}"
    if isinstance(digits, OrFraction) and (fraction := _small_fraction(x)) is not None:
        return f"{sign}{fraction}"
    exponent = Decimal(x).adjusted()
    if -5 < exponent < 6:
        fixed = f"{x:.{max(digits - 1 - exponent, 0)}f}"
        if 1e-3 <= float(fixed) < 1e6:
            return sign + (fixed.rstrip("0").rstrip(".") if "." in fixed else fixed)
    mantissa, _, power = f"{x:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{sign}{mantissa}e{minus if power[0] == '-' else ''}{int(power[1:])}"


def _small_fraction(x: float) -> Fraction | None:
    """The fraction that ``x`` is, but for the rounding of a few operations; None for a long one."""
    largest, denominator = SMALL_FRACTIONS
    if not 1e-6 < x <= largest:
        return None
    fraction = Fraction(x).limit_denominator(denominator)
    near = abs(float(fraction) - x) <= 4 * math.ulp(x)
    return fraction if near and fraction.numerator <= largest else None


def latex_number(x: float, digits: int = 4) -> str:
    r"""``x`` in LaTeX, otherwise as :func:`fmt` writes it.

    >>> print(latex_number(-2.5e-9), latex_number(float("inf")))
    -2.5 \cdot 10^{-9} \infty
    """
    text = fmt(x, digits, ascii=True)
    mantissa, power, exponent = text.partition("e")
    if power:
        return rf"{mantissa} \cdot 10^{{{exponent}}}"
    above, bar, below = text.lstrip("-").partition("/")
    if bar:
        return rf"{'-' * text.startswith('-')}\frac{{{above}}}{{{below}}}"
    return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")


def factor(text: str) -> str:
    """A printed number as the right operand of a product or a sum: in parentheses if negative.

    >>> factor("−4"), factor("3")
    ('(−4)', '3')
    """
    return f"({text})" if text[:1] in ("−", "-") else text


def superscript(n: int) -> str:
    """A whole number as an exponent.

    >>> "x" + superscript(-12)
    'x⁻¹²'
    """
    return str(n).translate(ABOVE)


@dataclass(frozen=True)
class DisplayName:
    """What one node is called, in text and in LaTeX.

    ``named`` is False for v₁ and for the number of a constant, and for that ``is_number`` is true.
    ``whole`` is the complete name where ``text`` is cut, else empty.
    """

    text: str
    latex: str
    named: bool
    whole: str = ""
    is_number: bool = False


def given_names(names: Mapping[str, Any] | None) -> dict[Value, str]:
    """The names that a mapping such as ``locals()`` gives to Values, by identity.

    Keys that start with an underscore are ignored. Where several keys hold one Value, its own name
    has priority, then the first key.

    :raises TypeError: when ``names`` is not a mapping.
    """
    if names is None:
        return {}
    if not isinstance(names, Mapping):
        raise TypeError(
            "names must be a mapping from names to Values, such as locals(), not "
            f"{type(names).__name__} ({names!r:.60})"
        )
    found: dict[Value, str] = {}
    for key, value in names.items():
        if (
            isinstance(value, Value)
            and isinstance(key, str)
            and not key.startswith("_")
            and (value not in found or key == value.name)
        ):
            found[value] = key
    return found


def display_names(
    nodes: Iterable[Value],
    names: Mapping[Value, str],
    digits: int = 4,
    ascii: bool = False,
    scoped: bool = True,
    written: Set[Value] = frozenset(),
) -> dict[Value, DisplayName]:
    """What each of ``nodes`` is called: its given name, its own, or v₁, v₂, … in their order.

    An unnamed constant is called by its number, unless it is in ``written``, constants that are computed
    from named ones. Where two nodes of one scope have the same name, the
    second is ``x#2``. With ``scoped``, where scopes are shown, nodes of different scopes may share a
    name. Without it they may not: the parts of a network are then called as in the lecture notes,
    w₂₁⁽¹⁾ for weight 1 of unit 2 in layer 1.
    """
    wanted = [(node, names.get(node, node.name)) for node in nodes]
    own = {node: name for node, name in wanted if name is not None}
    shown = {name: display(name, ascii) for name in own.values()}
    reserved = set(shown.values())
    scopes: dict[str, set[str]] = {}
    for node, called in () if scoped else own.items():
        scopes.setdefault(called, set()).add(node.scope)
    shared = {name for name, where in scopes.items() if len(where) > 1}
    weights = {node for node in own if node.op is None and is_unit(node.scope)}
    if not any(own[node] in shared for node in weights):  # either all weights are called so or none
        weights.clear()
    seen: dict[tuple[str, str], int] = {}
    found: dict[Value, DisplayName] = {}
    count = 0
    for node, name in wanted:
        if name is not None:
            text, latex = shown[name], latex_name(name)
            if name in shared or node in weights:
                text, latex = _name_in_network(node, name, ascii) or (text, latex)
            place = (node.scope if scoped else "", without_marks(text) if ascii else text)
            seen[place] = seen.get(place, 0) + 1
            if seen[place] > 1:
                text, latex = f"{text}#{seen[place]}", rf"{{{latex}}}_{{\#{seen[place]}}}"
            cut = len(text) >= NAME_LIMIT and len(name) > NAME_LIMIT
            found[node] = DisplayName(text, latex, True, display(name, ascii, None) if cut else "")
        elif node.is_constant and node not in written:
            number = fmt(node.data, digits, ascii), latex_number(node.data, digits)
            found[node] = DisplayName(*number, False, is_number=True)
        else:
            count += 1
            while (text := display(f"v{count}", ascii)) in reserved:
                count += 1
            found[node] = DisplayName(text, f"v_{{{count}}}", False)
    return found


def without_marks(text: str) -> str:
    """Letters without accents, and the words of Greek ones: what names that differ may share in ASCII.

    >>> without_marks("ü"), without_marks("α₁"), without_marks("Ω")
    ('u', 'alpha1', 'Omega')
    """
    return "".join(
        _greek_word(char) or char
        for char in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(char)
    )


def _greek_word(char: str) -> str:
    words = unicodedata.name(char, "").split()
    if words[:1] != ["GREEK"] or "LETTER" not in words:
        return ""
    name = words[words.index("LETTER") + 1].lower()
    return name.capitalize() if "CAPITAL" in words else name


def is_unit(scope: str) -> bool:
    """Whether a scope is that of a unit in a layer of a network.

    >>> is_unit("layer1/neuron2"), is_unit("layer1"), is_unit("loss")
    (True, False, False)
    """
    match = _UNIT.match(scope)
    return match is not None and match[2] is not None


def _name_in_network(node: Value, name: str, ascii: bool) -> tuple[str, str] | None:
    """What a part of a network is called, in text and in LaTeX; None for another node."""
    unit, match = _UNIT.match(node.scope), _INDEXED.match(name)
    if unit is None:
        return None
    letters, index = (match[1], match[2]) if match else (name, "")
    if unit[2] is not None and (node.op is None or not index):  # a result is numbered by its unit
        joint = "," if index and len(unit[2] + index) > 2 else ""
        index = unit[2] + joint + index
    latex = f"{latex_letters(letters)}_{{{index}}}" if index else latex_name(name)
    if ascii:
        return f"{letters}{index}^({unit[1]})", rf"{latex}^{{({unit[1]})}}"
    below, above = index.translate(BELOW), f"({unit[1]})".translate(ABOVE)
    return f"{display(letters)}{below}{above}", rf"{latex}^{{({unit[1]})}}"
