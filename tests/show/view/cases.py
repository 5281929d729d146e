"""Circuits with names, and the texts of a DOT text, for the tests of views."""

import html

from autograd_lite import Value, sin
from autograd_lite.show.view.view import View

from ...support.written import runs_of_dot


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


def shared() -> Value:
    """x leads to y at once and by a longer way."""
    x = Value(3.0, "x")
    c = named(named(sin(named(x * x, "a")), "b") ** 2, "c")
    y = named(c + x, "y")
    y.backward()
    return y


def runs_of(dot: str) -> list[str]:
    return [html.unescape(run).replace("\u00a0", " ").strip() for _, run in runs_of_dot(dot)]


def glyphs(view: View) -> list[str]:
    return [node.glyph for node in view.nodes if node.glyph]
