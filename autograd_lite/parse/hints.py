"""What to write instead of what people type or paste."""

from __future__ import annotations

import difflib
import re

from ..core.primitive import ALIASES, TABLE

#: Hints for what people type or paste and a formula does not have.
FORMULA_HINTS = {
    "^": "a power is written **, as in x**2",
    ":": "a formula has no slices, annotations or blocks",
    ":=": "name a result in a statement of its own, t = x**2; sin(t)",
    ".": "a formula has no attributes; write sin(x), not math.sin(x) or x.sin()",
    "!": "a factorial is gamma(n + 1)",
    "@": "a product is written *, a scalar product dot([a, b], [x, y])",
    "√": "a square root is written sqrt(x)",
    "≤": "write <=",
    "≥": "write >=",
    **dict.fromkeys("·×⋅∙", "a product is written *"),
    **dict.fromkeys("÷∕", "a quotient is written /"),
    **dict.fromkeys("−–—", "a minus sign is written -"),
    **dict.fromkeys("{}", "group with round brackets"),
    **dict.fromkeys("\"'`“”", "a formula has no text in quotes"),
    **dict.fromkeys(("if", "else"), "a choice is written where(x > 0, a, b)"),
    "|": "an absolute value is written abs(x), and conditions are combined by nesting where(...)",
    **dict.fromkeys(("and", "or", "not", "&", "~"), "nest where(...) to combine conditions"),
    **dict.fromkeys(("**=", "//=", "+=", "-=", "*=", "/=", "%="), "name the result with = alone"),
}


#: Functions by the names that other tools and languages have for them, and how they are written here.
_OTHER_NAMES = {
    "ln": "log(x)",
    "lg": "log10(x)",
    "ld": "log2(x)",
    "tg": "tan(x)",
    "ctg": "1/tan(x)",
    "cot": "1/tan(x)",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "arctg": "atan(x)",
    "sh": "sinh(x)",
    "ch": "cosh(x)",
    "th": "tanh(x)",
    "sgn": "sign(x)",
    "fact": "gamma(n + 1)",
    "factorial": "gamma(n + 1)",
}


def function_hint(name: str, is_number: bool) -> str:
    """What to write where ``name`` is called and is no function.

    :param is_number: whether the formula has a variable or a result of this name.
    """
    if name in _OTHER_NAMES:
        return f"write {_OTHER_NAMES[name]}"
    near = difflib.get_close_matches(name, [*TABLE, *ALIASES], n=2)
    if near and not is_number:
        return f"did you mean {' or '.join(near)}?"
    return f"for a product write {name:.40}*(...)"


def list_hint(text: str, at: int) -> str:
    """Why a list cannot stand at this place of ``text``."""
    comma = re.compile(r"(\d+),(\d+)").match(text, at)
    if comma:
        return f"a number has a decimal point, not a comma: {comma[1]}.{comma[2]}"
    return "a list stands here: only sum([a, b]) and its like take one"
