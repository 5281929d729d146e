"""The colors of a drawing, by the role that they play.

Value, gradient and local derivative differ for every kind of color vision, and every text is readable
on every fill behind it; tests/show/picture/test_palette.py computes both. Color never carries a
meaning alone: values stand above a wire and gradients below it, rows are labelled, and the kinds of
nodes differ in their outlines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: What each role paints.
ROLES: dict[str, str] = {
    "paper": "the background",
    "ink": "names and expressions",
    "muted": "row labels, signs and captions",
    "wire": "wires and outlines",
    "value": "numbers of the forward pass",
    "grad": "gradients and contributions",
    "local": "local derivatives",
    "leaf": "the fill of an input",
    "param": "the fill of a parameter",
    "op": "the fill of an operation",
    "out": "the header of the root",
    "const": "the fill of a constant",
    "cluster": "the fill of a scope around cards",
    "rule": "the outline of a scope, and stubs",
    "scope": "the header of a collapsed scope",
    "alert": "the halo of a highlighted path",
}

LIGHT: dict[str, str] = {
    "paper": "#fefefe",
    "ink": "#1a1a1a",
    "muted": "#5a5a5a",
    "wire": "#4d4d4e",
    "value": "#1d7373",
    "grad": "#a61b00",
    "local": "#7830bf",
    "leaf": "#e3eef9",
    "param": "#fcf0cf",
    "op": "#fdfdfd",
    "out": "#f0e5f4",
    "const": "#f1f1f1",
    "cluster": "#f7f7f6",
    "rule": "#c0c0bf",
    "scope": "#e9eef0",
    "alert": "#e8480c",
}

DARK: dict[str, str] = {
    "paper": "#16191d",
    "ink": "#f2f2f2",
    "muted": "#b3b3b4",
    "wire": "#a6a6a7",
    "value": "#59e0d0",
    "grad": "#ff9e5e",
    "local": "#b98cff",
    "leaf": "#1d2c3b",
    "param": "#3a3018",
    "op": "#17191d",
    "out": "#33243b",
    "const": "#2a2d31",
    "cluster": "#1d2126",
    "rule": "#4d5258",
    "scope": "#232a30",
    "alert": "#ff5c33",
}

#: For print: black on white; roles differ by place, weight and outline.
MONO: dict[str, str] = {
    "paper": "#ffffff",
    "ink": "#000000",
    "muted": "#4a4a4a",
    "wire": "#000001",
    "value": "#000002",
    "grad": "#000003",
    "local": "#444444",
    "leaf": "#fefefe",
    "param": "#f4f4f4",
    "op": "#fffffe",
    "out": "#e9e9e9",
    "const": "#fffeff",
    "cluster": "#fafafa",
    "rule": "#8c8c8c",
    "scope": "#ececec",
    "alert": "#000004",
}

THEMES: dict[str, dict[str, str]] = {"light": LIGHT, "dark": DARK, "mono": MONO}

_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")


def palette(theme: str | Mapping[str, str] = "light") -> dict[str, str]:
    """The color of every role.

    :param theme: ``"light"``, ``"dark"``, ``"mono"``, or a mapping of roles to ``#rrggbb`` that
        overrides the light theme; its key ``"base"`` names another theme to start from, and its
        ``"paper": "none"`` lets what is behind a picture be seen.
    :raises ValueError: for an unknown theme or role, or a color in another notation.

    No two roles have the same color, because :mod:`autograd_lite.show.picture.svg` finds the role of a
    shape by its color. A role that would have the same color as an overriding one is moved by one
    step of blue.

    >>> palette("dark")["value"]
    '#59e0d0'
    >>> palette({"value": "#000080"})["value"], palette({"value": "#a61b00"})["grad"]
    ('#000080', '#a61b01')
    """
    if isinstance(theme, str):
        if theme not in THEMES:
            raise ValueError(
                f"theme must be one of {', '.join(map(repr, THEMES))} or a mapping, not {theme!r}"
            )
        return dict(THEMES[theme])
    if not isinstance(theme, Mapping):
        raise TypeError(f"theme must be a name or a mapping, not {type(theme).__name__} ({theme!r:.60})")
    given = {role: color for role, color in theme.items() if (role, color) != ("paper", "none")}
    colors = palette(given.pop("base", "light"))
    for role, color in given.items():
        if role not in ROLES:
            raise ValueError(f"theme has no role {role!r}: it has {', '.join(ROLES)}")
        if not isinstance(color, str) or not _COLOR.match(color):
            raise ValueError(f"theme[{role!r}] = {color!r} is not a color like '#1d7373'")
        colors[role] = color.lower()
    taken: set[str] = set()
    for role in (*given, *(role for role in ROLES if role not in given)):
        colors[role] = _free(colors[role], taken)
    return colors


def without_background(theme: str | Mapping[str, str]) -> bool:
    """Whether a picture in a theme has no paper.

    >>> without_background({"base": "dark", "paper": "none"}), without_background("light")
    (True, False)
    """
    return isinstance(theme, Mapping) and theme.get("paper") == "none"


def _free(color: str, taken: set[str]) -> str:
    number = int(color[1:], 16)
    step = -1 if number & 0xFF == 0xFF else 1
    while f"#{number:06x}" in taken:
        number += step
    found = f"#{number:06x}"
    taken.add(found)
    return found


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors, 1 to 21 (WCAG 2.2, 1.4.3).

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
