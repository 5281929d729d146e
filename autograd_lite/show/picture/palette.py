"""The colours of a drawing, by the role that they play.

Value, gradient and local derivative stay apart for every kind of colour vision, and every text
is readable on every fill that it is set on; tests/test_palette.py computes both. No meaning hangs on
colour alone: values stand above a wire and gradients below it, rows are labelled, and the kinds of
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

#: For print: black on white, told apart by place, weight and outline.
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

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


def palette(theme: str | Mapping[str, str] = "light") -> dict[str, str]:
    """The colour of every role.

    :param theme: ``"light"``, ``"dark"``, ``"mono"``, or a mapping of roles to ``#rrggbb`` that
        overrides the light theme; its key ``"base"`` names another theme to start from.
    :raises ValueError: for an unknown theme or role, or a colour in another notation.

    No two roles have the same colour, so that a finished picture still tells what each colour means:
    a role that would repeat an overriding colour
    is moved by one step of blue.

    >>> palette("dark")["value"]
    '#59e0d0'
    >>> palette({"value": "#000080"})["value"], palette({"value": "#a61b00"})["grad"]
    ('#000080', '#a61b01')
    """
    if isinstance(theme, str):
        if theme not in THEMES:
            raise ValueError(f"theme={theme!r} is none of {', '.join(THEMES)}; or give a mapping")
        return dict(THEMES[theme])
    if not isinstance(theme, Mapping):
        raise TypeError(
            f"a theme is a name or a mapping, not {type(theme).__name__} ({theme!r:.60})"
        )
    given = dict(theme)
    colours = palette(given.pop("base", "light"))
    for role, colour in given.items():
        if role not in ROLES:
            raise ValueError(f"theme has no role {role!r}: it has {', '.join(ROLES)}")
        if not isinstance(colour, str) or not _COLOUR.match(colour):
            raise ValueError(f"theme[{role!r}] = {colour!r} is not a colour like '#1d7373'")
        colours[role] = colour.lower()
    taken: set[str] = set()
    for role in (*given, *(role for role in ROLES if role not in given)):
        colours[role] = _free(colours[role], taken)
    return colours


def _free(colour: str, taken: set[str]) -> str:
    number = int(colour[1:], 16)
    step = -1 if number & 0xFF == 0xFF else 1
    while f"#{number:06x}" in taken:
        number += step
    found = f"#{number:06x}"
    taken.add(found)
    return found
