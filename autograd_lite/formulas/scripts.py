"""Names and formulas in pieces: on the line, below it and above it, for media that can set them so.

Texts for people are written in Unicode, as far as that goes: u₁, w₂₁⁽¹⁾, x², y^*, 5.528e−4. Fonts lack
many of its small letters, or have them from another hand. So what can set type, a picture or a page, asks
:func:`scripts` what a text means and sets plain letters.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from .names import ABOVE, BELOW

#: The size of what stands below or above the line, and how far its base line is off, in ems of the line.
SCRIPT_SIZE, LOWERED, RAISED = 0.72, 0.2, 0.36

#: Small letters of Unicode as letters on the line; in print a minus is no hyphen.
ON_THE_LINE = {
    small: "−" if plain == ord("-") else chr(plain)
    for each in (BELOW, ABOVE)
    for plain, small in each.items()
}

_LOW, _HIGH = ("".join(map(chr, each.values())) for each in (BELOW, ABOVE))
_ALPHABET = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff"
_ACCENT = "\u0300-\u036f\u20d7"
_VARIABLE = f"[{_ALPHABET}][{_ALPHABET}{_ACCENT}{_LOW}0-9]*"

#: What stands below or above, in the part of regular expressions that Python and JavaScript share. The
#: groups: a number and its power of ten; what is small in Unicode, below and above; a letter and the
#: letters below it; what is below and above in braces; what is above in parentheses; what is above.
SCRIPTS = "|".join(
    [
        r"(?<![\w.])(\d+(?:\.\d+)?)e([−-]?\d+)(?!\w)",
        rf"(?<=\S)([{_LOW}]+(?:,[{_LOW}]+)*)",
        rf"(?<=\S)([{_HIGH}]+)",
        rf"(?<![{_ALPHABET}_])([{_ALPHABET}][{_ACCENT}]*)_([{_ALPHABET}0-9]{{1,3}})(?![{_ALPHABET}0-9_])",
        r"(?<=\S)_\{([^{}]+)\}",
        r"(?<=\S)\^\{([^{}]+)\}",
        r"(?<=\S)\^\(((?:[^()]|\([^()]*\))+)\)",
        rf"(?<=\S)\^(\*+|[−-]?(?:\d+(?:\.\d+)?|∞|{_VARIABLE}))",
    ]
)
_RAISED_OR_LOWERED = re.compile(SCRIPTS)

#: The number of a layer keeps its parentheses: z⁽¹⁾.
_LAYER = re.compile(r"\w{1,3}\Z")


class Letters(NamedTuple):
    """Letters on the line (``level`` 0), below it (−1) or above it (1)."""

    text: str
    level: int = 0


def scripts(text: str) -> list[Letters]:
    """``text`` in pieces, those below and above the line in plain letters.

    >>> [(piece.text, piece.level) for piece in scripts("w₂₁⁽¹⁾ = 5.5e−4·x_f^2")]
    [('w', 0), ('21', -1), ('(1)', 1), (' = 5.5·10', 0), ('−4', 1), ('·x', 0), ('f', -1), ('2', 1)]
    """
    found: list[Letters] = []
    line, end = "", 0
    for match in _RAISED_OR_LOWERED.finditer(text):
        line += text[end : match.start()]
        end = match.end()
        number, power, low, high, letter, letters, below, above, inside, raised = match.groups()
        level = 1
        if number:
            line += "10" if number == "1" else f"{number}·10"
            small = power.replace("-", "−")
        elif high:
            small = high.translate(ON_THE_LINE)
        elif inside is not None:
            small = f"({inside})" if _LAYER.match(inside) else inside
        elif above is not None or raised:
            small = (above or raised or "").replace("-", "−")
        else:
            line += letter or ""
            small, level = letters or below or low.translate(ON_THE_LINE), -1
        if line:
            found.append(Letters(line))
        if small:
            found.append(Letters(small, level))
        line = ""
    if line or text[end:] or not found:
        found.append(Letters(line + text[end:]))
    return found


def html_scripts(text: str) -> str:
    """``text`` as HTML.

    >>> html_scripts("u₁ < x^y")
    'u<sub>1</sub> &lt; x<sup>y</sup>'
    """
    tags = {0: "{}", -1: "<sub>{}</sub>", 1: "<sup>{}</sup>"}
    return "".join(tags[level].format(html.escape(letters)) for letters, level in scripts(text))
