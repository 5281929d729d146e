"""Pieces of labels: escapes, directions of writing, names that are cut."""

import pytest

from autograd_lite.show.picture.labels import escape, printable, tooltip


def test_escapes() -> None:
    assert escape("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    assert printable("a\\N\n\t\x00\x7f") == "a\u2216N␊␉␀␡"
    assert printable("\u202edlrow\u2066") == "�dlrow�"
    assert printable("\ud800 \ufffe") == "? �"
    assert printable("🦊 é") == "🦊 é"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("∂y/∂שלום = 2", "∂y/∂<שלום> = 2"),
        ("שלום·שלום", "<שלום>·<שלום>"),
        ("שלום עולם", "<שלום עולם>"),
        ("مرحبا = 3", "<مرحبا> = 3"),
        ("x = 1", "x = 1"),
    ],
)
def test_names_from_right_to_left_stay_in_their_place(text: str, marked: str) -> None:
    marked = marked.replace("<", "\u200e").replace(">", "\u200e")
    assert printable(text) == marked
    assert printable(marked) == marked  # twice is once
    assert tooltip('a "b" \\N') == '"a &quot;b&quot; \u2216N"'
